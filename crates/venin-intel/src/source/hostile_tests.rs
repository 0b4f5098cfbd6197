//! Whatever bytes come, every parser answers; and true pages with a few bytes changed are still read.

use proptest::prelude::*;

use super::*;

const PAGES: &[&str] = &[
    "<rss><channel><item><title>a 1</title><link>https://index.example/project/a/1/</link><pubDate>Tue, 12 May 2026 \
     10:00:00 GMT</pubDate></item></channel></rss>",
    "<?xml version='1.0'?><methodResponse><params><param><value><array><data><value><array><data><value><string>a\
     </string></value><value><nil/></value><value><int>1</int></value><value><string>remove project</string></value>\
     <value><int>7</int></value></data></array></value></data></array></value></param></params></methodResponse>",
    "{\"meta\":{\"_last-serial\":1},\"projects\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
    "{\"name\":\"a\",\"files\":[{\"filename\":\"a-1.tar.gz\",\"upload-time\":\"2026-05-12T00:00:00Z\",\"yanked\":true}],\
     \"project-status\":{\"status\":\"quarantined\"}}",
    "<title>PyPI malware</title><h2>Malicious packages</h2><ul><li><code>demo</code> (1.0)</li></ul><table><tr><th>\
     Package</th><th>Version</th></tr><tr><td>demo-two</td><td>2</td></tr></table><p>The malicious PyPI package \
     “demo-three”, hxxp://bad[.]example, and the legitimate package requests.</p><pre>pip install demo</pre>",
];

fn read_all(bytes: &[u8]) {
    let base = HttpUrl::parse("https://index.example/blog/").unwrap();
    let now = Moment::from_seconds(1_800_000_000);
    let _ =
        (parse_feed(bytes), parse_release_feed(bytes, "s", now), parse_changelog(bytes), parse_list(bytes));
    if let Ok(page) = parse_project(bytes, "https://index.example/simple/a/") {
        let _ = page.claims("u", "s", now);
    }
    let _ = parse_listing(&base, bytes);
    for claim in parse_article(bytes).claims("u", None, "s", now) {
        assert!(!claim.detail.chars().any(char::is_control));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_make_a_parser_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn no_change_of_a_true_page_makes_a_parser_fail(
        page in 0..PAGES.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "\\PC{0,3}|[<>&\"'{}()=@.,: ]{1,3}"), 0..8),
    ) {
        let mut text: Vec<char> = PAGES[page].chars().collect();
        for (place, with) in changes {
            let at = place.index(text.len());
            let end = (at + 2).min(text.len());
            text.splice(at..end, with.chars());
            prop_assume!(!text.is_empty());
        }
        read_all(text.into_iter().collect::<String>().as_bytes());
    }
}
