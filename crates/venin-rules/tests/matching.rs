//! Hand-made event lists and what patterns make of them.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::{Change, Events, evidence_lines, find, from, is_found, rules};
use venin_model::OriginKind::{Decoded, Env, Host, Network};
use venin_model::{Fact, Role, Trigger};
use venin_rules::{Observations, RuleSet, match_all, match_rules};

const FORMULAS: [&str; 5] = [
    "S -> Cr(IP,Port) -> Cr -> [Ce] -> Cs -> E",
    "S -> [Cf(Path)] -> [Ch] -> [Ce] -> Cn(URL) -> E",
    "S -> [Cn(URL)] -> [Ce] -> [Compile] -> Cc -> E",
    "S -> [Ce] -> Cs -> [Ce] -> [Cn(URL)] -> E",
    "S -> [Cn(URL)] -> Cf -> Cs -> [Cf] -> E",
];

const DROPPER: &str = "S -> Cn.fetch(url):dropper -> Cf.write(data from dropper):file -> Cs(path is file):run -> [Cf.delete(path is file)] -> E";

fn dropper(path: &str, command: &str) -> Events {
    let mut events = Events::default();
    events.add("Cn.fetch", "requests.get").text(Role::Url, "http://files.example/a.exe");
    events.add("Cf.write", "open().write").carries(Role::Data, from(&[Network], &[0])).text(Role::Path, path);
    events.add("Cs.spawn", "subprocess.Popen").text(Role::Command, command);
    events
}

#[test]
fn the_five_formulas_of_the_study_match_as_printed() {
    let mut remote = Events::default();
    remote.add("Cr.connect", "socket.socket().connect").text(Role::Host, "('192.0.2.1', 4444)");
    remote.add("Cr.receive", "socket.socket().recv");
    remote.add("Cs.shell", "os.system");
    assert!(is_found(FORMULAS[0], &remote));
    let mut stealing = Events::default();
    stealing.add("Ch.env", "os.environ");
    stealing.add("Cn.send", "requests.post").text(Role::Url, "https://collect.example/");
    assert!(is_found(FORMULAS[1], &stealing));
    let mut code = Events::default();
    code.add("Cc.exec", "exec");
    assert!(is_found(FORMULAS[2], &code));
    let mut command = Events::default();
    command.add("Cs.shell", "os.system");
    assert!(is_found(FORMULAS[3], &command));
    assert!(is_found(FORMULAS[4], &dropper("a", "b")));
}

#[test]
fn order_inside_a_root_decides() {
    let mut events = Events::default();
    events.add("Cs.shell", "os.system");
    events.add("Cf.write", "open().write");
    assert!(!is_found("Cf -> Cs", &events));
    assert!(is_found("Cs -> Cf", &events));
    assert!(is_found("Cf & Cs", &events));
}

#[test]
fn steps_of_different_roots_are_joined_only_by_an_ampersand() {
    let mut events = Events::default();
    events.add("Cf.write", "open().write");
    events.add("Cs.shell", "os.system").root(1, Trigger::Run);
    assert!(!is_found("Cf -> Cs", &events));
    assert!(is_found("Cf & Cs", &events));
}

#[test]
fn two_steps_never_take_the_same_event() {
    let mut events = Events::default();
    events.add("Cr.connect", "socket.socket().connect");
    assert!(!is_found("Cr -> Cr", &events));
    events.add("Cr.receive", "socket.socket().recv");
    assert!(is_found("Cr -> Cr", &events));
}

#[test]
fn events_of_the_same_place_are_later_than_each_other() {
    let mut events = Events::default();
    events.add("Cs.shell", "os.system").line(7);
    events.add("Cn.fetch", "sh:curl").line(7);
    assert!(is_found("Cn.fetch -> Cs.shell", &events));
    events.0[1].site.line = 8;
    assert!(!is_found("Cn.fetch -> Cs.shell", &events));
}

#[test]
fn a_download_that_is_run_is_found_and_a_harmless_neighbor_is_not() {
    assert!(is_found(DROPPER, &dropper("C:\\Temp\\a.exe", "start /b c:/temp/a.exe")));
    assert!(is_found(DROPPER, &dropper("⟨os.environ[TEMP]⟩\\a.exe", "⟨os.environ[TEMP]⟩\\a.exe")));
    assert!(!is_found(DROPPER, &dropper("/data/words.txt", "git rev-parse HEAD")));
    let mut other = dropper("/tmp/a", "/tmp/a -x");
    other.0[1].arguments[0].origins = from(&[Network], &[]);
    assert!(!is_found(DROPPER, &other), "the data came from another request");
}

#[test]
fn optional_steps_are_evidence_and_never_conditions() {
    let mut events = dropper("/tmp/a", "/tmp/a -x");
    assert_eq!(evidence_lines(&find(DROPPER, &events, &[])), [1, 2, 3]);
    events.add("Cf.delete", "os.remove").text(Role::Path, "/tmp/b");
    assert_eq!(evidence_lines(&find(DROPPER, &events, &[])), [1, 2, 3]);
    events.add("Cf.delete", "os.remove").text(Role::Path, "/tmp/./a");
    assert_eq!(evidence_lines(&find(DROPPER, &events, &[])), [1, 2, 3, 5]);
}

#[test]
fn an_optional_step_that_a_required_one_asks_for_is_required() {
    let pattern = "[Cn.fetch:page] -> Cc.exec(code from page)";
    let mut events = Events::default();
    events.add("Cn.fetch", "requests.get");
    events.add("Cc.exec", "exec").carries(Role::Code, from(&[Network], &[0]));
    assert!(is_found(pattern, &events));
    events.0[1].arguments[0].origins = from(&[Decoded], &[]);
    assert!(!is_found(pattern, &events));
    assert!(is_found("[Cn.fetch:page] -> Cc.exec(code from page or code from decoded)", &events));
}

#[test]
fn an_optional_pair_is_matched_together_or_not_at_all() {
    let mut events = Events::default();
    events.add("Ce.decode", "base64.b64decode");
    events.add("Cc.exec", "exec");
    let findings = find("[Ce.decode -> Ce.decompress] -> Cc", &events, &[]);
    assert_eq!(evidence_lines(&findings), [2]);
    let findings = find("[Ce.decode] -> [Ce.decompress] -> Cc", &events, &[]);
    assert_eq!(evidence_lines(&findings), [1, 2]);
}

#[test]
fn repetition_counts_distinct_events_that_flow_into_one_argument() {
    let pattern = "Ch{3, distinct name}:info -> Cn.send(data from info)";
    let mut events = Events::default();
    for name in ["socket.gethostname", "getpass.getuser", "getpass.getuser", "os.getcwd"] {
        events.add("Ch.host", name);
    }
    events.add("Cn.send", "requests.post").carries(Role::Data, from(&[Host], &[0, 1, 2]));
    assert!(!is_found(pattern, &events), "only two different names flow in");
    events.0[4].arguments[0].origins = from(&[Host], &[0, 1, 3]);
    let findings = find(pattern, &events, &[]);
    assert_eq!(evidence_lines(&findings), [1, 2, 4, 5]);
    assert!(is_found("Ch{4} -> Cn", &events) && !is_found("Ch{5} -> Cn", &events));
}

#[test]
fn distinct_works_on_the_text_of_a_role() {
    let mut events = Events::default();
    for key in ["A_TOKEN", "A_TOKEN", "B_KEY"] {
        events.add("Ch.env", "os.getenv").text(Role::Key, key);
    }
    assert!(is_found("Ch.env{2, distinct key}", &events));
    assert!(!is_found("Ch.env{3, distinct key}", &events));
    assert!(is_found("Ch.env{3}", &events));
}

#[test]
fn unless_looks_in_the_roots_of_the_match() {
    let pattern = "Cn.fetch:d -> Cc.exec(code from d) unless Ce.hash(data from d)";
    let mut events = Events::default();
    events.add("Cn.fetch", "requests.get");
    events.add("Ce.hash", "hashlib.sha256").carries(Role::Data, from(&[Network], &[0]));
    events.add("Cc.exec", "exec").carries(Role::Code, from(&[Network], &[0]));
    assert!(!is_found(pattern, &events));
    events.0[1].arguments[0].origins = from(&[], &[]);
    assert!(is_found(pattern, &events));
    events.0[1].arguments[0].origins = from(&[], &[0]);
    events.0[1].root(1, Trigger::Run);
    assert!(is_found(pattern, &events));
}

#[test]
fn unless_and_ampersand_reach_named_events_and_facts() {
    let mut events = Events::default();
    events.add("Cs.shell", "os.system").text(Role::Command, "tool --version");
    assert!(!is_found("Cs:run unless run(command ~ /--version/)", &events));
    assert!(is_found("Cs:run & run(command ~ /--version/)", &events));
    assert!(!is_found("Cs:run & run(command ~ /--help/)", &events));
    let facts = [Fact::new("metadata.no-description", "No description").with("length", "0")];
    assert_eq!(find("Cs & fact(metadata.*)", &events, &facts).len(), 1);
    assert_eq!(find("Cs & fact(metadata.*)(length = 0)", &events, &facts).len(), 1);
    assert_eq!(find("Cs & fact(metadata.*)(length > 0)", &events, &facts).len(), 0);
    assert_eq!(find("Cs unless fact(metadata.*)", &events, &facts).len(), 0);
    assert_eq!(find("Cs unless fact(archive.*)", &events, &facts).len(), 1);
    assert_eq!(find("Cs & [fact(metadata.*)]", &events, &facts)[0].evidence.len(), 2);
    assert_eq!(find("Cs & [fact(archive.*)]", &events, &facts)[0].evidence.len(), 1);
}

#[test]
fn a_fact_alone_makes_a_finding_of_data() {
    let facts = [Fact::new("yara.match", "YARA rule `a` matches").with("rule", "loader-a").with("tags", "x")];
    let findings = find("fact(yara.match)(rule ~ /^loader/, tags)", &Events::default(), &facts);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].trigger, findings[0].site.is_none()), (Trigger::Data, true));
    assert_eq!(&*findings[0].evidence[0].step, "yara.match");
}

#[test]
fn every_test_on_an_event_says_what_the_page_of_the_language_says() {
    let mut events = Events::default();
    let event = events.add("Cs.spawn", "subprocess.Popen");
    event
        .text(Role::Command, "powershell -w hidden -enc SQBFAFgAIAAoAE4A")
        .text(Role::Url, "http://203.0.113.9/a.exe");
    event
        .keyword(Role::Option, "shell", "True")
        .carries(Role::Data, from(&[Env, Decoded], &[]))
        .text(Role::Port, "4444");
    event.text(Role::Path, "C:\\Users\\x\\AppData\\Local\\Temp\\a.exe").text(Role::Name, "⟨sys.argv⟩");
    event.when("sys.platform", "win32");
    event.function = Some("Install.run".into());
    event.decoding = vec!["base64.b64decode".into()];
    event.site.layer = 1;
    event.trigger = Trigger::Install;
    event.input = from(&[Host], &[]);
    for test in [
        "command ~ /POWERSHELL/i",
        "command ~ /hidden/",
        "url",
        "URL",
        "option[shell] = \"True\"",
        "option[shell]",
        "url is raw-ip",
        "url is paste | executable-download",
        "path is temp",
        "path ~ /AppData\\/Local/",
        "path is executable",
        "command is hidden-window",
        "command is encoded",
        "port = 4444",
        "port >= 1024",
        "data from env",
        "data from (network, decoded)",
        "any from env",
        "input from host",
        "trigger in (install, build)",
        "trigger = install",
        "automatic",
        "not unused",
        "site = \"203.0.113.9\"",
        "layer > 0",
        "layer = 1",
        "function ~ /\\.run$/",
        "function",
        "decoded by ~ /base64/",
        "decoded by",
        "when platform",
        "when subject ~ /sys.platform/",
        "when value = \"win32\"",
        "when ~ /sys\\.platform = win/",
        "call = \"subprocess.Popen\"",
        "member ~ /__init__/",
        "command.size > 20",
        "any ~ /203\\.0/",
        "any is raw-ip",
        "any is temp",
        "not url is paste",
        "url is paste or url is plain-http",
        "not (url is paste, url is raw-ip)",
        "url is plain-http",
        "option is shell",
        "name is dynamic",
        "data is dynamic",
        "command is hidden-window, url, not layer = 0",
    ] {
        assert!(is_found(&format!("Cs.spawn({test})"), &events), "{test}");
    }
    for test in [
        "command ~ /POWERSHELL/",
        "host",
        "name",
        "data",
        "option[timeout]",
        "url is private | loopback",
        "path is startup",
        "port > 5000",
        "data from network",
        "input from env",
        "trigger in (run, startup)",
        "layer = 0",
        "function ~ /setup/",
        "decoded by ~ /zlib/",
        "when date",
        "when value ~ /linux/",
        "call ~ /os.system/",
        "command.size > 2000",
        "any is wallet",
        "not automatic",
        "unused",
        "site = \"203.0\"",
        "url is paste, url",
        "data ~ /./",
        "not (url or host)",
    ] {
        assert!(!is_found(&format!("Cs.spawn({test})"), &events), "{test}");
    }
}

#[test]
fn a_step_may_ask_for_the_place_or_site_of_another() {
    let mut events = Events::default();
    events.add("Cn.fetch", "requests.get").text(Role::Url, "https://api.service.example/a");
    let second = events.add("Cn.send", "requests.post");
    second.text(Role::Url, "https://other.invalid/b");
    second.is_unused = true;
    let third = events.add("Cn.send", "requests.post");
    third.text(Role::Url, "https://login.service.example/c");
    third.site.member = "elsewhere.py".into();
    for (test, is_there) in [
        ("unused, site, not site is a", true),
        ("not unused, site is a", true),
        ("unused, site is a", false),
        ("unused, member is a", true),
        ("not unused, member is a", false),
        ("call is a", false),
        ("not function is a", true),
    ] {
        let pattern = format!("Cn.fetch(url):a -> Cn.send({test})");
        assert_eq!(is_found(&pattern, &events), is_there, "{test}");
    }
}

#[test]
fn an_event_may_be_asked_to_stand_where_a_fact_is() {
    let mut events = Events::default();
    let place = events.add("Cc.exec", "exec").site.clone();
    let here = Fact::new("source.long-line", "a long line").at(place);
    let nowhere = Fact::new("source.long-line", "a long line");
    let pattern = "fact(source.long-line):line & Cc.exec(member is line)";
    assert_eq!(find(pattern, &events, &[nowhere.clone(), here]).len(), 1);
    assert_eq!(find(pattern, &events, &[nowhere]).len(), 0);
}

#[test]
fn selectors_take_classes_names_and_alternatives() {
    let mut events = Events::default();
    events.add("Cc.load", "ctypes.windll.kernel32.VirtualAlloc").text(Role::Name, "x");
    for selector in [
        "Cc",
        "Cc.load",
        "`ctypes.windll.*`",
        "`*.VirtualAlloc`",
        "(Cs | `ctypes.*`)",
        "(Cs | Cc(name))",
        "(Cs | Cc)(name)",
    ] {
        assert!(is_found(selector, &events), "{selector}");
    }
    for selector in
        ["Cs", "Cc.exec", "`ctypes`", "(Cs | Cf)", "(Cs | Cc(url))", "(Cs | Cc)(url)", "(Cs(name) | Cc(url))"]
    {
        assert!(!is_found(selector, &events), "{selector}");
    }
}

#[test]
fn the_message_quotes_texts_masks_secrets_and_drops_what_is_unknown() {
    let set = rules(
        "Cf.read:a -> Cn.send:b",
        "message = \"sends {a.path}[ to {b.url}][ with {b.header}] by {b.call}, {a.key}\"",
    );
    let mut events = Events::default();
    events.add("Cf.read", "open().read").text(Role::Path, "~/.ssh/id_rsa\n");
    events
        .add("Cn.send", "requests.post")
        .text(Role::Url, "https://hooks.example/T0/aB3dEfGhIjKlMnOpQrStUvWx");
    let findings = match_rules(&set, &Observations { events: &events.0, facts: &[] });
    assert_eq!(
        &*findings[0].message,
        "sends ~/.ssh/id_rsa to https://hooks.example/T0/aB3d… by requests.post, an unknown key"
    );
    assert_eq!(&*findings[0].evidence[1].step, "Cn.send requests.post");
    assert_eq!(&*findings[0].evidence[1].detail, "url = \"https://hooks.example/T0/aB3d…\"");
}

#[test]
fn origins_of_the_decisive_argument_are_told() {
    let mut events = Events::default();
    events.add("Cn.fetch", "requests.get").line(12);
    events.add("Cc.exec", "exec").carries(Role::Code, from(&[Network, Decoded], &[0]));
    let findings = find("Cc.exec(code from network)", &events, &[]);
    let told: Vec<&str> = findings[0].origins.iter().map(|o| &**o).collect();
    assert_eq!(told, ["network (requests.get, line 12)", "decoded"]);
}

#[test]
fn one_finding_a_place_and_five_a_rule() {
    let mut events = Events::default();
    for _ in 0..9 {
        events.add("Cs.shell", "os.system");
    }
    // The same line again, reached at run time by another root.
    events.add("Cs.shell", "os.system").root(1, Trigger::Run).line(1);
    let findings = find("Cs", &events, &[]);
    assert_eq!(findings.len(), 5);
    assert_eq!((findings[0].further, findings[1].further), (4, 0));
    assert_eq!(findings[0].trigger, Trigger::Import);
    assert_eq!(findings[0].site.as_ref().unwrap().line, 1);
}

#[test]
fn the_earliest_trigger_comes_first_and_is_kept() {
    let mut events = Events::default();
    events.add("Cs.shell", "os.system").root(0, Trigger::Run).line(5);
    events.add("Cs.shell", "os.system").root(1, Trigger::Install).line(5);
    events.add("Cs.shell", "os.system").root(1, Trigger::Install).line(9);
    let triggers: Vec<_> =
        find("Cs", &events, &[]).iter().map(|f| (f.trigger, f.site.as_ref().unwrap().line)).collect();
    assert_eq!(triggers, [(Trigger::Install, 5), (Trigger::Install, 9)]);
}

#[test]
fn the_primary_step_can_be_named() {
    let set = rules("Cf:a -> Cs:b", "primary = \"a\"");
    let events = dropper("/tmp/a", "/tmp/a");
    let findings = match_rules(&set, &Observations { events: &events.0, facts: &[] });
    assert_eq!(findings[0].site.as_ref().unwrap().line, 2);
}

#[test]
fn the_nearest_steps_are_chosen() {
    let mut events = Events::default();
    for class in ["Cn.fetch", "Cn.fetch", "Ce.decode", "Cc.exec", "Cn.fetch"] {
        events.add(class, class);
    }
    assert_eq!(evidence_lines(&find("[Cn] -> [Ce] -> Cc", &events, &[])), [2, 3, 4]);
}

#[test]
fn a_budget_bounds_hopeless_searches_and_says_so() {
    let mut events = Events::default();
    for _ in 0..1_500 {
        events.add("Ch.host", "socket.gethostname").text(Role::Name, "a");
    }
    events.add("Cn.send", "requests.post").text(Role::Url, "https://x.example/");
    let set = rules("Ch:a -> Ch:b -> Ch:c -> Cn.send(url is a)", "");
    let matches = match_all(&set, &Observations { events: &events.0, facts: &[] });
    assert_eq!(matches.findings, []);
    assert_eq!(matches.unfinished.len(), 1);
}

#[test]
fn built_in_rules_are_sound_and_speak_for_all_five_behaviors() {
    let problems: Vec<String> = RuleSet::builtin_problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    let set = RuleSet::builtin();
    for behavior in venin_model::Behavior::ALL {
        assert!(set.rules().any(|r| r.behavior == Some(*behavior)), "{behavior}");
    }
    for page in set.pages() {
        if let Err(error) = page.parse_examples() {
            panic!("{error}");
        }
    }
}
