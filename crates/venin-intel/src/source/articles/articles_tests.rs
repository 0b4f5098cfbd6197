//! Pages built as research blogs build them; every name and address is made up.

use std::sync::Mutex;

use super::*;
use crate::http::{Fetch, FetchError, Fetched};
use crate::source::{SourceError, SourceProblem};

fn said(html: &str) -> Vec<String> {
    let article = parse_article(html.as_bytes());
    article
        .packages
        .iter()
        .map(|p| format!("{} [{}] {} {}", p.name, p.versions.join(" "), p.place, p.class))
        .collect()
}

#[test]
fn a_report_in_prose_names_its_package_and_not_those_around_it() {
    let html = "<html><head><title>Infostealer found on PyPI</title>
        <meta property='article:published_time' content='2026-05-12T08:00:00+00:00'></head><body>
        <nav><ul><li>requests</li></ul></nav><article><h1>Infostealer found on PyPI</h1>
        <p>On May 11 we found a malicious package named <code>colour-helperx</code> on PyPI. It poses as the legitimate
        package requests, and imitates the popular <code>coloramax</code> library.</p>
        <p>Its <code>setup.py</code> calls <code>exec</code> and <code>os.system</code>, and installs the
        <code>demo-crypto</code> dependency. The malware uses the <code>psutil</code> library to list processes.</p>
        <p>Stolen data goes to hxxps://drop[.]bad[.]example/in. See <a href='https://docs.example/'>https://docs.example/</a>.
        The archive has the SHA-256 digest aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.</p></article>";
    assert_eq!(said(html), ["colour-helperx [] sentence malware"]);
    let article = parse_article(html.as_bytes());
    assert_eq!(article.date.unwrap().to_string(), "2026-05-12T08:00:00Z");
    let indicators: Vec<&str> = article.indicators.iter().map(|i| i.value.as_str()).collect();
    assert_eq!(indicators, ["https://drop.bad.example/in", &"a".repeat(64)]);
}

#[test]
fn lists_are_taken_by_their_introduction_and_ecosystem() {
    let html = "<title>Malicious npm and PyPI packages steal wallets</title>
        <h2>Malicious PyPI packages</h2><ul><li><code>wallet-synq</code></li><li>btc_keyz (0.1, 0.2)</li>
        <li><b>ledger-utilx</b> – steals seeds</li></ul>
        <h2>Malicious npm packages</h2><ul><li>wallet-js-synq</li><li>btc-node-keyz</li></ul>
        <h2>Legitimate packages that were imitated</h2><ul><li>bitcoinlibx</li></ul>
        <h2>Network indicators</h2><ul><li>wallet.bad.example</li><li>198.51.100.7</li></ul>
        <h2>Recommendations</h2><ul><li>requests</li><li>Rotate credentials</li></ul>";
    let expected =
        ["btc-keyz [0.1 0.2] list malware", "ledger-utilx [] list malware", "wallet-synq [] list malware"];
    assert_eq!(said(html), expected);
    let article = parse_article(html.as_bytes());
    let indicators: Vec<&str> = article.indicators.iter().map(|i| i.value.as_str()).collect();
    assert_eq!(indicators, ["wallet.bad.example", "198.51.100.7"]);
}

#[test]
fn tables_are_taken_by_their_heads() {
    let digest = "b".repeat(64);
    let html = format!(
        "<title>Campaign against PyPI and npm users</title><h2>Indicators of Compromise</h2>
        <table><thead><tr><th>Package name</th><th>Version</th><th>Ecosystem</th><th>Typosquats the</th><th>SHA-256</th></tr></thead>
        <tbody><tr><td>reqestsx</td><td>1.0.1, 1.0.2</td><td>PyPI</td><td>demoreq</td><td>{digest}</td></tr>
        <tr><td>reqestsx-js</td><td>1.0.0</td><td>npm</td><td>demoreq-js</td><td></td></tr></tbody></table>
        <h3>Hosts</h3><table><tr><td>Domain</td><td>Use</td></tr><tr><td>bad.example</td><td>drop</td></tr></table>
        <h2>Benchmark</h2><p>The libraries that we compared:</p>
        <table><tr><th>Library</th><th>Version</th></tr><tr><td>fastbenchx</td><td>2.0</td></tr></table>"
    );
    assert_eq!(said(&html), ["reqestsx [1.0.1 1.0.2] table malware"]);
    let package = &parse_article(html.as_bytes()).packages[0];
    assert_eq!(package.indicators[0].value, digest);
    assert!(package.quote.starts_with("reqestsx | 1.0.1"));
}

#[test]
fn a_table_of_indicators_of_all_kinds_gives_its_packages() {
    let html = "<title>PyPI malware</title><h2>IOCs</h2><table><tr><th>Type</th><th>Value</th></tr>
        <tr><td>PyPI package</td><td>demo-stealz</td></tr><tr><td>npm package</td><td>demo-stealz-js</td></tr>
        <tr><td>Domain</td><td>bad.example</td></tr><tr><td>File name</td><td>loader</td></tr></table>";
    assert_eq!(said(html), ["demo-stealz [] table malware"]);
}

#[test]
fn code_blocks_are_taken_as_lists_or_commands_and_not_as_code() {
    let html = "<title>PyPI campaign</title><p>The following malicious PyPI packages were removed:</p>
        <pre><code>demo-onez\ndemo-twoz==0.3\n</code></pre>
        <p>The first stage of the malware looks like this:</p><pre>import os\nexec(code)\ndemo</pre>
        <p>Developers who followed the fake guide installed the malicious package:</p>
        <pre>$ pip install demo-threez --quiet\n</pre>
        <p>Install our scanner package:</p><pre>pip install labscannerx</pre>";
    let expected =
        ["demo-onez [] code malware", "demo-threez [] command malware", "demo-twoz [0.3] code malware"];
    assert_eq!(said(html), expected);
}

#[test]
fn a_poisoned_real_project_is_accused_by_its_releases_only() {
    let html = "<title>Supply chain attack on PyPI</title>
        <p>Versions 8.3.41 and 8.3.42 of the popular package <code>requests</code> were compromised on PyPI.</p>
        <p>The compromised package <code>numpy</code> was cleaned up.</p>";
    assert_eq!(said(html), ["requests [8.3.41 8.3.42] sentence compromised"]);
}

#[test]
fn legitimate_packages_are_never_accused() {
    let pages = [
        "<title>Malicious PyPI packages</title><p>The malware hides behind the legitimate package requests.</p>",
        "<title>Malicious PyPI packages</title><p>These fake packages target users of the popular <b>requests</b> package.</p>",
        "<title>PyPI malware</title><p>Malicious packages often copy the README of popular packages such as <code>democlick</code> and <code>demojinja</code>.</p>",
        "<title>PyPI malware</title><p>The malware imitates these legitimate packages:</p><ul><li>demoflask</li><li>demodjango</li></ul>",
        "<title>PyPI malware</title><h2>Protect yourself</h2><p>Use our package <code>labguardx</code>.</p><pre>pip install labguardx</pre>",
        "<title>PyPI malware</title><p>The npm package <code>demo-jsz</code> is malicious.</p>",
        "<title>PyPI malware</title><p>The package <code>demofinez</code> is not malicious.</p>",
    ];
    for page in pages {
        assert_eq!(said(page), Vec::<String>::new(), "{page}");
    }
}

#[test]
fn hostile_pages_say_nothing_and_harm_nobody() {
    let long = "x".repeat(10 << 20);
    let pages = [
        format!(
            "<title>PyPI malware</title><h2>Malicious packages</h2><ul><li>../../etc/passwd<li>{long}<li>\u{1b}[31m</ul>"
        ),
        "<li>".repeat(200_000),
        "\u{0}\u{ffff}".repeat(1000),
        "<table><tr>".repeat(50_000),
        String::from_utf8_lossy(&[0xff; 1000]).into_owned(),
    ];
    for page in pages {
        assert!(said(&page).is_empty());
    }
}

#[test]
fn a_claim_has_its_place_its_quotation_and_no_date_from_the_future() {
    let html = "<title>T</title><time datetime='2999-01-01'></time><p>The malicious PyPI package <code>demo-onez</code> (1.0) steals.</p>";
    let claims =
        parse_article(html.as_bytes()).claims("https://lab.example/a", None, "lab", Moment::from_seconds(9));
    assert_eq!(claims.len(), 1);
    let claim = &claims[0];
    assert_eq!((claim.subject.to_string(), claim.confidence), ("demo-onez==1.0".to_owned(), Some(70)));
    assert_eq!((claim.happened, claim.kind), (Interval::UNKNOWN, ClaimKind::Reported));
    assert!(
        claim.detail.contains("\"quote\":\"The malicious PyPI package demo-onez (1.0) steals.\""),
        "{}",
        claim.detail
    );
}

// The connector.

/// Answers from a table; asks nobody.
#[derive(Default)]
struct Pages {
    pages: BTreeMap<&'static str, (u16, String)>,
    asked: Mutex<Vec<String>>,
}

impl Fetch for Pages {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let url = request.url.to_string();
        self.asked.lock().unwrap().push(url.clone());
        let (status, body) = self.pages.get(url.as_str()).cloned().unwrap_or((404, String::new()));
        Ok(Fetched { status, body: body.into_bytes(), ..Fetched::default() })
    }
}

#[derive(Default)]
struct Taken {
    claims: Vec<Claim>,
    problems: Vec<SourceProblem>,
    cursor: Option<String>,
}

impl Sink for Taken {
    fn claim(&mut self, claim: Claim) -> Result<(), SourceError> {
        self.claims.push(claim);
        Ok(())
    }
    fn problem(&mut self, problem: SourceProblem) {
        self.problems.push(problem);
    }
    fn advance(&mut self, cursor: &str) -> Result<(), SourceError> {
        self.cursor = Some(cursor.to_owned());
        Ok(())
    }
}

fn collect(http: &Pages, cursor: Option<&str>) -> Taken {
    let input = Input::Url(HttpUrl::parse("https://lab.example/blog/").unwrap());
    let now = Moment::parse("2026-11-21T00:00:00Z").unwrap();
    let request = Request { input: &input, source: "lab", since: None, cursor, now, http };
    let mut taken = Taken::default();
    Articles.collect(&request, &mut taken).unwrap();
    taken
}

#[test]
fn a_blog_is_read_once_and_from_then_on_only_what_is_new() {
    let article = |name: &str| {
        (200, format!("<title>PyPI</title><p>The malicious PyPI package <code>{name}</code> steals.</p>"))
    };
    let mut http = Pages::default();
    http.pages.insert(
        "https://lab.example/blog/",
        (200, "<a href='/blog/third-bad-one'>3</a><a href='/blog/second-bad-one'>2</a><a rel=next href='?page=2'>older</a>".into()),
    );
    http.pages
        .insert("https://lab.example/blog/?page=2", (200, "<a href='/blog/first-bad-one'>1</a>".into()));
    http.pages.insert("https://lab.example/blog/first-bad-one", article("demo-onez"));
    http.pages.insert("https://lab.example/blog/second-bad-one", (503, String::new()));
    http.pages.insert("https://lab.example/blog/third-bad-one", article("demo-threez"));
    let first = collect(&http, None);
    let names: Vec<&str> = first.claims.iter().map(|claim| claim.subject.name()).collect();
    assert_eq!((names.as_slice(), first.problems.len()), (&["demo-threez", "demo-onez"][..], 1));

    http.pages.insert("https://lab.example/blog/second-bad-one", article("demo-twoz"));
    http.asked.lock().unwrap().clear();
    let second = collect(&http, first.cursor.as_deref());
    let names: Vec<&str> = second.claims.iter().map(|claim| claim.subject.name()).collect();
    assert_eq!(names, ["demo-twoz"]);
    assert_eq!(http.asked.lock().unwrap().len(), 2);
}

#[test]
fn a_page_made_to_be_slow_is_not() {
    let pages = [
        format!(
            "<h2>Malicious PyPI packages</h2><p>{}</p>{}",
            "packages malicious ".repeat(3000),
            "<li>a-b".repeat(20_000)
        ),
        format!("<p>{}</p>", "malicious package <b>a1</b> ".repeat(20_000)),
        format!("<p>{}</p>", "malicious package <b>a1</b>. npm pypi. ".repeat(1500)),
        format!("<p>{}x</p>", "<b>".repeat(300_000)),
        format!("<p>The malicious PyPI package {}</p>", "\"a1\" (1.0), ".repeat(10_000)),
    ];
    for page in pages {
        assert!(parse_article(page.as_bytes()).packages.len() <= 2);
    }
}
