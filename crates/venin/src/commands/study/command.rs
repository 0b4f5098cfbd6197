//! Running the user's other scanners: one process a file, with an end after a time, and its output from a file.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use venin_study::tools::mapping::MAX_OUTPUT;
use venin_study::tools::{Outcome, Run, Tool};

/// How often a running tool is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a tool over a file.  Never fails: what goes wrong is the outcome.
pub(super) fn run_tool(tool: &Tool, file: &str) -> Run {
    let begun = Instant::now();
    let outcome = answer_of(tool, file).unwrap_or_else(|error| Outcome::Failed { reason: error.to_string() });
    let millis = u64::try_from(begun.elapsed().as_millis()).ok();
    Run { tool: tool.name.clone(), outcome, millis }
}

fn answer_of(tool: &Tool, file: &str) -> std::io::Result<Outcome> {
    let words = tool.command_for(file);
    let Some((program, arguments)) = words.split_first() else {
        return Ok(Outcome::Failed { reason: "the command is empty".to_owned() });
    };
    // A file takes any amount at once; a pipe would stop a tool that says much.
    let mut output = tempfile::tempfile()?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| std::io::Error::new(error.kind(), format!("cannot start `{program}`: {error}")))?;
    let status = wait(&mut child, Duration::from_secs(tool.timeout))?;
    // Whatever it has left behind ends with it.
    end_group(&child);
    let Some(status) = status else {
        child.wait()?;
        return Ok(Outcome::TimedOut);
    };
    Ok(tool.mapping.read(status.code(), &read_output(&mut output)?))
}

/// Waits for the end; `None` when the time is over.
fn wait(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

/// Ends the process and those that it started.
fn end_group(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // That the group is gone already is the usual case.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// The output from its start, with one byte more than is read, so that the mapping can tell that there was more.
fn read_output(output: &mut File) -> std::io::Result<Vec<u8>> {
    use std::io::{Seek, SeekFrom};
    output.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    output.take(MAX_OUTPUT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use venin_study::tools::parse_tools;

    fn outcome(command: &str, more: &str) -> Outcome {
        let text = format!(
            "[[tool]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", {command:?}, \"sh\", \"{{file}}\"]\n{more}\n"
        );
        run_tool(&parse_tools(&text).unwrap()[0], "some file").outcome
    }

    #[test]
    fn exit_code_and_output_are_read_and_the_file_is_one_argument() {
        assert_eq!(outcome("exit 1", "exit = [1]"), Outcome::Detected);
        assert_eq!(outcome("exit 0", "exit = [1]"), Outcome::Silent);
        assert!(matches!(outcome("exit 7", "exit = [1]"), Outcome::Failed { .. }));
        assert_eq!(outcome("echo \"<$1>\"", "pattern = \"(?m)^<some file>$\""), Outcome::Detected);
    }

    #[test]
    fn a_tool_that_does_not_end_is_ended_with_what_it_started() {
        assert_eq!(outcome("sleep 600 & sleep 600", "exit = [1]\ntimeout = 1"), Outcome::TimedOut);
    }

    #[test]
    fn a_tool_that_is_not_there_is_a_failure_with_its_name() {
        let text = "[[tool]]\nname = \"t\"\ncommand = [\"no-such-program-here\", \"{file}\"]\nexit = [1]\n";
        let run = run_tool(&parse_tools(text).unwrap()[0], "x");
        let Outcome::Failed { reason } = run.outcome else { panic!("{:?}", run.outcome) };
        assert!(reason.contains("no-such-program-here"), "{reason}");
    }
}
