//! Claims about what of a setup script an installation runs, and what only its developers do.

#[allow(dead_code, reason = "shared with other tests")]
mod common;

use common::analysis_of;
use venin_model::Trigger;

/// The earliest trigger of the call in a setup script, beside other members.
fn trigger_beside(script: &str, members: &[(&str, &str)]) -> Option<Trigger> {
    let mut files = vec![("setup.py", script, Trigger::Install)];
    files.extend(members.iter().map(|(path, text)| (*path, *text, Trigger::Run)));
    let analysis = analysis_of(&files);
    analysis.events.iter().filter(|e| &*e.name == "os.remove").map(|e| e.trigger).min()
}

/// A script whose own command acts.
fn with_command(before: &str, registered: &str) -> String {
    format!(
        "import os, subprocess, sys\nimport distutils.core\nfrom setuptools import Command, Distribution, setup\n\
         from setuptools.command.build import build\nfrom setuptools.command.build_py import build_py\n\
         from setuptools.command.egg_info import egg_info\n\
         class Deploy(Command):\n    user_options = []\n    def run(self):\n        os.remove('a')\n{before}\n{registered}\n"
    )
}

#[track_caller]
fn assert_command_runs(trigger: Trigger, before: &str, registered: &str) {
    let found = trigger_beside(&with_command(before, registered), &[]);
    assert_eq!(found, Some(trigger), "{before}\n{registered}");
}

#[test]
fn a_command_under_a_name_of_its_own_is_run_by_developers() {
    for name in
        ["bdist_appimage", "build_docs", "install_hooks", "develop_all", "publish", "test", "docs", "upload"]
    {
        let registered = format!("setup(name='x', cmdclass={{'{name}': Deploy}})");
        assert_command_runs(Trigger::Run, "", &registered);
    }
    for before in [
        "class Other(Command):\n    def run(self):\n        self.run_command('deploy')",
        "class B(build_py):\n    def run(self):\n        self.run_command('build_ext')\n        \
         for name in self.get_sub_commands():\n            self.run_command(name)\n        subprocess.check_call(['git', 'describe'])",
    ] {
        let registered = match before.contains("Other") {
            true => "setup(cmdclass={'deploy': Deploy, 'other': Other})",
            false => "setup(cmdclass={'deploy': Deploy, 'build_py': B})",
        };
        assert_command_runs(Trigger::Run, before, registered);
    }
}

#[test]
fn a_command_under_a_name_that_builds_run_or_that_is_not_known_runs_with_them() {
    for registered in [
        "setup(cmdclass={'install': Deploy, 'deploy': Deploy})",
        "setup(cmdclass={'deploy': Deploy, 'egg_info': Deploy})",
        "setup(cmdclass=dict(install=Deploy))",
        "setup(cmdclass={**{'bdist_wheel': Deploy}})",
        "setup(**{'cmdclass': {'sdist': Deploy}})",
        "commands = {}\ncommands.update({'build_ext': Deploy})\nsetup(cmdclass=commands)",
        "commands = {'deploy': Deploy}\ncommands.update(install=Deploy)\nsetup(cmdclass=commands)",
        "commands = {}\nfor name in ('deploy', 'develop'):\n    commands[name] = Deploy\nsetup(cmdclass=commands)",
        "setup(cmdclass={'ins' + 'tall': Deploy})",
        "setup(cmdclass={name: Deploy for name in ['dist_info', 'deploy']})",
        "setup(cmdclass={os.environ['A']: Deploy})",
        "commands = {'deploy': Deploy}\nif os.path.exists('a'):\n    commands['install'] = Deploy\nsetup(cmdclass=commands)",
        "Deploy(Distribution()).run()\nsetup(cmdclass={'deploy': Deploy})",
    ] {
        assert_command_runs(Trigger::Install, "", registered);
    }
}

#[test]
fn a_command_that_something_asks_for_runs_with_it() {
    let registered = "setup(cmdclass={'deploy': Deploy, 'build_py': B})";
    for before in [
        "class B(build_py):\n    def run(self):\n        self.run_command('deploy')",
        "class B(build_py):\n    def run(self):\n        self.run_command('dep' + 'loy')",
        "class B(build_py):\n    def run(self):\n        getattr(self, 'run_' + 'command')('deploy')",
        "class B(build_py):\n    def run(self):\n        self.distribution.run_command('deploy')",
        "class B(build_py):\n    def run(self):\n        self.run_command(os.environ['A'])",
        "class B(build_py):\n    def run(self):\n        self.get_finalized_command('deploy').run()",
        "class B(build_py):\n    def finalize_options(self):\n        self.distribution.commands.append('deploy')",
        "class B(build_py):\n    sub_commands = [('deploy', None)]",
        "class B(build_py):\n    sub_commands = [('dep' + 'loy', None)] + build.sub_commands",
        "class B(build_py):\n    def run(self):\n        self.sub_commands.append(('deploy', None))",
        "class A(build_py):\n    def run(self):\n        self.run_command('deploy')\nclass B(A):\n    pass",
        "class B(build_py):\n    def run(self):\n        subprocess.call([sys.executable, 'setup.py', 'deploy'])",
        "class B(build_py):\n    pass\nbuild.sub_commands.insert(0, ('deploy', None))",
        "class B(build_py):\n    pass\ndef ask(self):\n    self.run_command('deploy')\negg_info.run = ask",
        "class B(build_py):\n    pass\nsys.argv = ['setup.py', 'deploy']",
        "class B(build_py):\n    pass\nsys.argv.insert(1, 'deploy')",
    ] {
        assert_command_runs(Trigger::Install, before, registered);
    }
    for registered in [
        "setup(cmdclass={'deploy': Deploy}, script_args=['deploy'])",
        "setup(**{'script' + '_args': ['deploy'], 'cmdclass': {'deploy': Deploy}})",
        "setup(cmdclass={'deploy': Deploy}, options={'aliases': {'egg_info': ('setup.py', 'deploy egg_info')}})",
        "d = setup(cmdclass={'deploy': Deploy})\nd.run_command('deploy')",
        "setup(cmdclass={'deploy': Deploy})\nos.system(sys.executable + ' setup.py deploy')",
        "setup(cmdclass={'deploy': Deploy})\ndistutils.core.run_setup('setup.py', ['deploy'])",
        "class D(Distribution):\n    def parse_command_line(self):\n        self.commands = ['deploy']\n        self.commands.append('deploy')\n\
         setup(cmdclass={'deploy': Deploy}, distclass=D)",
    ] {
        assert_command_runs(Trigger::Install, "", registered);
    }
}

#[test]
fn a_distribution_that_only_says_that_it_is_not_pure_asks_for_no_command() {
    let before = "class D(Distribution):\n    def has_ext_modules(self):\n        return True";
    assert_command_runs(Trigger::Run, before, "setup(cmdclass={'deploy': Deploy}, distclass=D)");
}

#[test]
fn options_of_other_commands_ask_for_none() {
    assert_command_runs(
        Trigger::Run,
        "",
        "setup(cmdclass={'deploy': Deploy}, command_options={'build_sphinx': {'version': ('setup.py', '1')}})",
    );
}

#[test]
fn a_configuration_that_puts_a_command_in_the_place_of_one_that_builds_run_asks_for_it() {
    let script = with_command("", "setup(cmdclass={'deploy': Deploy})");
    for (path, text, trigger) in [
        ("setup.cfg", "[aliases]\negg_info = deploy egg_info\n", Trigger::Install),
        ("setup.cfg", "[aliases]\nbdist-wheel = dep\"\"loy bdist_wheel\n", Trigger::Install),
        ("setup.cfg", "[aliases]\nrelease = deploy sdist\n", Trigger::Run),
        ("pyproject.toml", "[tool.distutils.aliases]\ndist_info = 'deploy dist_info'\n", Trigger::Install),
    ] {
        assert_eq!(trigger_beside(&script, &[(path, text)]), Some(trigger), "{text}");
    }
}

#[test]
fn a_function_in_the_place_of_what_a_build_runs_runs_with_it() {
    let script = "import os\nfrom setuptools import setup\nfrom setuptools.command.build_py import build_py\n\
                  def acts(self):\n    os.remove('a')\nbuild_py.run = acts\nsetup(name='x')\n";
    assert_eq!(trigger_beside(script, &[]), Some(Trigger::Install));
}

/// The trigger of the call below a test in a setup script.
fn trigger_below(before: &str, test: &str) -> Option<Trigger> {
    let script = format!(
        "import os, subprocess, sys\nfrom sys import argv\nfrom setuptools import setup\n{before}\n\
         if {test}:\n    os.remove('a')\n    sys.exit()\nsetup(name='x')\n"
    );
    trigger_beside(&script, &[("helper.py", "import sys\nsys.argv.append('publish')\n")])
}

#[test]
fn what_stands_below_a_word_of_developers_is_run_by_them() {
    for test in [
        "sys.argv[-1] == 'publish'",
        "'publish' == sys.argv[1]",
        "sys.argv[1] == \"release\"",
        "'publish' in sys.argv",
        "'publish' in sys.argv[1:]",
        "argv[1] == 'tag'",
        "len(sys.argv) > 1 and sys.argv[1] == 'publish'",
        "sys.argv[-1] in ('publish', 'release')",
        "sys.argv[-1] == 'publish' or sys.argv[-1] == 'release'",
        "sys.argv[-1] == 'pub' + 'lish'",
        "sys.argv[1] == 'test'",
    ] {
        assert_eq!(trigger_below("", test), Some(Trigger::Run), "{test}");
    }
    let taken = "sys.argv.remove('--fast')\nversion = subprocess.check_output(['git', 'describe'])";
    assert_eq!(trigger_below(taken, "sys.argv[-1] == 'publish'"), Some(Trigger::Run));
}

#[test]
fn what_stands_below_another_test_of_the_words_runs_with_the_installation() {
    for test in [
        "'install' in sys.argv",
        "sys.argv[1] == 'egg_info'",
        "sys.argv[1] == 'ins' + 'tall'",
        "sys.argv[1] in ('publish', 'bdist_wheel')",
        "'publish' not in sys.argv",
        "sys.argv[-1] != 'publish'",
        "not sys.argv[-1] == 'publish'",
        "len(sys.argv) > 1",
        "sys.argv[-1] == 'publish' or os.path.exists('a')",
        "sys.argv[-1] == os.environ['A']",
        "sys.argv[0] == 'setup'",
        "'--quiet' in sys.argv",
        "'gztar' in sys.argv",
        "'pip-egg-info' in sys.argv",
        "sys.argv[1][:3] == 'egg'",
        "sys.argv[-1] in 'publish install'",
        "sys.argv[1].startswith('b')",
    ] {
        assert_eq!(trigger_below("", test), Some(Trigger::Install), "{test}");
    }
    let otherwise = "import os, sys\nif sys.argv[-1] == 'publish':\n    pass\nelse:\n    os.remove('a')\n";
    assert_eq!(trigger_beside(otherwise, &[]), Some(Trigger::Install));
    let behind = "import os, sys\nif sys.argv[-1] == 'publish':\n    f = os.remove\nos.remove('a')\n";
    assert_eq!(trigger_beside(behind, &[]), Some(Trigger::Install));
}

#[test]
fn who_changes_the_words_opens_what_stands_below_them() {
    for before in [
        "sys.argv = ['setup.py', 'publish']",
        "sys.argv.append('publish')",
        "sys.argv += ['publish']",
        "sys.argv[1:] = ['publish']",
        "words = sys.argv\nwords.append('publish')",
        "list.append(sys.argv, 'publish')",
        "getattr(sys, 'ar' + 'gv').append('publish')",
        "setattr(sys, 'argv', ['setup.py', 'publish'])",
        "vars(sys)['argv'] = ['setup.py', 'publish']",
        "sys.__dict__.update(argv=['setup.py', 'publish'])",
        "sys.modules['sys'].argv.append('publish')",
        "def more(words):\n    words.append('publish')\nmore(sys.argv)",
        "exec('import sys; sys.argv.append(\"publish\")')",
        "from unittest import mock\nmock.patch('sys.argv', ['setup.py', 'publish']).start()",
        "from unittest import mock\nmock.patch.object(sys, 'argv', ['setup.py', 'publish']).start()",
        "for sys.argv[1] in ['publish']:\n    pass",
        "import helper",
        "class sys:\n    argv = ['setup.py', 'publish']",
        "if 'again' not in os.environ:\n    os.environ['again'] = '1'\n    subprocess.call([sys.executable, 'setup.py', 'publish'])",
        "os.system('python set\"\"up.py publish')",
        "os.execv(sys.executable, [sys.executable] + sys.argv + ['publish'])",
        "subprocess.call(['make', 'publish'])",
    ] {
        assert_eq!(trigger_below(before, "sys.argv[-1] == 'publish'"), Some(Trigger::Install), "{before}");
    }
}

#[test]
fn who_changes_the_words_later_opens_what_stood_below_them_before() {
    for later in
        ["sys.argv.append('publish')\nact()", "subprocess.call([sys.executable, __file__, 'publish'])"]
    {
        let script = format!(
            "import os, subprocess, sys\ndef act():\n    if sys.argv[-1] == 'publish':\n        os.remove('a')\nact()\n{later}\n"
        );
        assert_eq!(trigger_beside(&script, &[]), Some(Trigger::Install), "{later}");
    }
}

#[test]
fn a_module_that_a_branch_of_developers_imports_runs_where_it_is_imported() {
    let script = "import sys\nfrom setuptools import setup\nif sys.argv[-1] == 'publish':\n    import stage\nimport stage\nsetup()\n";
    let stage = ("stage.py", "import os\nos.remove('a')\n");
    assert_eq!(trigger_beside(script, &[stage]), Some(Trigger::Install));
    let text = "import sys\nfrom setuptools import setup\ncode = 'import os; os.remove(\"a\")'\n\
                if sys.argv[-1] == 'publish':\n    exec(code)\nexec(code)\nsetup()\n";
    assert_eq!(trigger_beside(text, &[]), Some(Trigger::Install));
}
