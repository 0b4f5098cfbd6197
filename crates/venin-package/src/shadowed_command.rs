//! Commands that take the place of others: in a virtual environment a script comes before the program of the same name.
//!
//! A command's name alone is looked at here, never what it does.

use venin_model::Fact;

/// Programs that are on most hosts, or on those of developers.
const PROGRAMS: &[&str] = &[
    "apt",
    "aws",
    "az",
    "bash",
    "brew",
    "cat",
    "cd",
    "cmd",
    "cp",
    "curl",
    "docker",
    "find",
    "gcloud",
    "gh",
    "git",
    "go",
    "grep",
    "kill",
    "kubectl",
    "less",
    "ls",
    "make",
    "mv",
    "node",
    "npm",
    "npx",
    "powershell",
    "ps",
    "python",
    "python3",
    "rm",
    "sh",
    "ssh",
    "sudo",
    "tar",
    "terraform",
    "vi",
    "vim",
    "wget",
    "which",
    "zsh",
];

/// The fact that a script is named as a program, told with what declares it: a module, or the member itself.
pub(crate) fn shadowed_command(name: &str, declared_by: &str) -> Option<Fact> {
    let is_shadow = PROGRAMS.binary_search(&name).is_ok();
    is_shadow.then(|| {
        Fact::new("entry.shadows-command", format!("a script is named as the program {name}"))
            .with("module", declared_by)
            .with("name", name)
    })
}

#[cfg(test)]
mod tests {
    use super::{PROGRAMS, shadowed_command};

    #[test]
    fn the_programs_are_in_ascending_order_without_repetition() {
        assert!(PROGRAMS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_command_of_its_own_takes_the_place_of_none() {
        assert!(shadowed_command("sudo", "pkg.cli").is_some());
        assert!(shadowed_command("sudoku", "pkg.cli").is_none());
    }
}
