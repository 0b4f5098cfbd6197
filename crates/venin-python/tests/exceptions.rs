//! Claims about exceptions: what they are raised with is what their handlers get.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::{calls, events_of};
use venin_model::{OriginKind, Role};

/// Whether what is executed in some source is `DATA`: by its origin if it was fetched, as a layer if it is known.
fn is_executed(how: &str) -> bool {
    let run =
        |data: &str| events_of(&format!("import sys, traceback, urllib.request\nDATA = {data}\n{how}\n"));
    let fetched = run("urllib.request.urlopen('https://a.invalid').read().decode()");
    let by_origin = fetched.iter().any(|e| {
        let is_code = |a: &venin_model::Argument| a.role == Role::Code;
        *e.name == *"exec"
            && e.arguments.iter().any(|a| is_code(a) && a.origins.kinds.contains(OriginKind::Network))
    });
    let known = run("'import os\\nos.system(\"echo\")'");
    by_origin && known.iter().any(|e| &*e.name == "os.system" && e.site.layer == 1)
}

#[test]
fn what_an_exception_was_raised_with_is_what_its_handler_gets() {
    for how in [
        "try:\n    raise ValueError(DATA)\nexcept ValueError as e:\n    exec(e.args[0])",
        "try:\n    raise ValueError(DATA)\nexcept ValueError as e:\n    exec(str(e))",
        "try:\n    raise ValueError(DATA)\nexcept ValueError as e:\n    exec(f'{e}')",
        "try:\n    raise KeyError('a', DATA)\nexcept LookupError as e:\n    exec(e.args[-1])",
        "try:\n    raise OSError(2, DATA)\nexcept (ValueError, OSError) as e:\n    exec(e.strerror)",
        "try:\n    raise StopIteration(DATA)\nexcept StopIteration as e:\n    exec(e.value)",
        "try:\n    raise SystemExit(DATA)\nexcept BaseException as e:\n    exec(e.code)",
        "def fail():\n    raise RuntimeError(DATA)\ntry:\n    fail()\nexcept Exception as e:\n    exec(e.args[0])",
        "class Own(Exception):\n    pass\ntry:\n    raise Own(DATA)\nexcept Own as e:\n    exec(e.args[0])",
        "class Own(Exception):\n    pass\nclass More(Own):\n    pass\ntry:\n    raise More(DATA)\nexcept Own as e:\n    exec(str(e))",
        "class Own(Exception):\n    def __init__(self, body):\n        super().__init__('failed')\n        self.body = body\n\
         try:\n    raise Own(DATA)\nexcept Own as e:\n    exec(e.body)",
        "class Own(Exception):\n    def __init__(self, body):\n        super().__init__('failed', body)\n\
         try:\n    raise Own(DATA)\nexcept Own as e:\n    exec(e.args[1])",
        "class Own(Exception):\n    def __init__(self, body):\n        self.body = body\n    def __str__(self):\n        \
         return self.body\ntry:\n    raise Own(DATA)\nexcept Own as e:\n    exec(str(e))",
        "try:\n    e = ValueError()\n    e.add_note(DATA)\n    raise e\nexcept ValueError as e:\n    exec(e.__notes__[0])",
        "try:\n    raise ExceptionGroup('all', [ValueError(DATA)])\nexcept* ValueError as g:\n    exec(str(g.exceptions[0]))",
        "try:\n    raise ExceptionGroup('all', [ValueError(DATA)])\nexcept ExceptionGroup as g:\n    \
         for e in g.exceptions:\n        exec(e.args[0])",
        "try:\n    try:\n        raise ValueError(DATA)\n    except ValueError as e:\n        raise RuntimeError('x') from e\n\
         except RuntimeError as e:\n    exec(e.__cause__.args[0])",
        "try:\n    try:\n        raise ValueError(DATA)\n    except KeyError:\n        pass\nexcept ValueError as e:\n    exec(e.args[0])",
        "try:\n    try:\n        raise ValueError(DATA)\n    except ValueError:\n        raise\nexcept Exception as e:\n    exec(e.args[0])",
        "try:\n    raise ValueError(DATA)\nexcept ValueError:\n    exec(sys.exc_info()[1].args[0])",
        "try:\n    raise ValueError(DATA)\nexcept ValueError:\n    exec(sys.exception().args[0])",
        "class Own(Exception):\n    def __init__(self, body):\n        self.body = body\n\
         try:\n    if unknown():\n        raise Own(DATA)\nexcept Own as e:\n    exec(e.body)",
        "try:\n    raise ValueError(DATA).with_traceback(None)\nexcept ValueError as e:\n    exec(e.args[0])",
    ] {
        assert!(is_executed(how), "{how}");
    }
}

#[test]
fn a_handler_of_another_kind_gets_nothing_of_it() {
    for how in [
        "try:\n    raise ValueError(DATA)\nexcept KeyError as e:\n    exec(e.args[0])\nexcept ValueError:\n    pass",
        "class A(Exception):\n    pass\nclass B(Exception):\n    pass\ntry:\n    raise A(DATA)\nexcept B as e:\n    \
         exec(e.args[0])\nexcept A:\n    pass",
        "try:\n    raise ValueError(DATA)\nexcept ValueError:\n    pass\ntry:\n    raise ValueError('x = 1')\n\
         except ValueError as e:\n    exec(e.args[0])",
        "try:\n    try:\n        raise ValueError(DATA)\n    except ValueError:\n        pass\nexcept Exception as e:\n    exec(e.args[0])",
    ] {
        assert!(!is_executed(how), "{how}");
        let source = format!(
            "import urllib.request\nDATA = urllib.request.urlopen('https://a.invalid').read()\n{how}\n"
        );
        let events = events_of(&source);
        let exec = events.iter().filter(|e| &*e.name == "exec");
        assert!(exec.into_iter().all(|e| !e.input.kinds.contains(OriginKind::Network)), "{how}");
    }
}

#[test]
fn an_exit_inside_a_try_is_still_an_event() {
    assert_eq!(calls("try:\n    raise SystemExit(1)\nexcept SystemExit:\n    pass\n"), ["SystemExit"]);
}
