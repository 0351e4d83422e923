use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::file::{MAX_SECRET, text, whole};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether a command that has said all has ended.
const LOOK: Duration = Duration::from_millis(5);

/// What a command prints, without the line end at its end. It is run as it stands, by no shell, with the environment of
/// this process and nothing to read; what it says on standard error is nobody's to see.
///
/// # Errors
/// Why not, in a few words, in which nothing is that it printed.
pub(super) fn run(words: &[String]) -> Result<String, String> {
    run_within(words, PATIENCE)
}

fn run_within(words: &[String], patience: Duration) -> Result<String, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("there is no command".to_owned());
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("it doesn't start: {error}"))?;
    let said = listen(&mut child);
    let ended = hear(&mut child, &said, Instant::now() + patience);
    // Whatever it left behind ends with it.
    end(&mut child);
    let text = text(ended?)?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() { Err("it printed nothing".to_owned()) } else { Ok(text.to_owned()) }
}

/// Reads what it prints, on a thread of its own: a grandchild may hold the pipe open for ever.
fn listen(child: &mut Child) -> Receiver<Result<Vec<u8>, String>> {
    let (sender, said) = channel();
    if let Some(output) = child.stdout.take() {
        // Who doesn't listen any more has given the command up.
        std::thread::spawn(move || sender.send(whole(output, MAX_SECRET)));
    }
    said
}

fn hear(
    child: &mut Child,
    said: &Receiver<Result<Vec<u8>, String>>,
    until: Instant,
) -> Result<Vec<u8>, String> {
    let late = || "it took too long".to_owned();
    let left = until.saturating_duration_since(Instant::now());
    let said = said.recv_timeout(left).map_err(|_| late())??;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) if status.success() => return Ok(said),
            Some(status) => {
                return Err(match status.code() {
                    Some(code) => format!("it ended with the exit code {code}"),
                    None => "it was ended by a signal".to_owned(),
                });
            }
            None if Instant::now() >= until => return Err(late()),
            None => std::thread::sleep(LOOK),
        }
    }
}

fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // There may be nobody left in it.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{run, run_within};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn shell(script: &str) -> Vec<String> {
        words(&["sh", "-c", script])
    }

    #[test]
    fn one_line_end_is_taken_away_and_no_shell_reads_the_words() {
        assert_eq!(run(&words(&["printf", "%s", "a $(id) ; b\n\n"])), Ok("a $(id) ; b\n".to_owned()));
        assert_eq!(run(&words(&["printf", "a\\r\\n"])), Ok("a".to_owned()));
        assert_eq!(run(&words(&["printf", "a"])), Ok("a".to_owned()));
    }

    #[test]
    fn a_failure_says_nothing_that_was_printed() {
        for (command, reason) in [
            (shell("echo hunter2; echo hunter2 >&2; exit 3"), "it ended with the exit code 3"),
            (shell("printf 'hunter2\\377'"), "it is not UTF-8"),
            (shell("yes hunter2"), "it is larger than 65536 bytes"),
            (shell("echo hunter2; kill -9 $$"), "it was ended by a signal"),
            (shell("true"), "it printed nothing"),
            (words(&[]), "there is no command"),
        ] {
            assert_eq!(run(&command), Err(reason.to_owned()), "{command:?}");
        }
        assert!(
            run(&words(&["/no/such/program"])).is_err_and(|reason| reason.starts_with("it doesn't start"))
        );
    }

    #[test]
    fn a_command_that_does_not_end_is_ended_with_all_that_it_started() {
        for script in ["sleep 1000", "echo a; exec >&-; sleep 1000", "sleep 1000 & sleep 1000"] {
            let ended = run_within(&shell(script), Duration::from_millis(200));
            assert_eq!(ended, Err("it took too long".to_owned()), "{script}");
        }
    }
}
