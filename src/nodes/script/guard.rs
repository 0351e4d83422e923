use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use rustix::process::Pid;

use super::process::Process;
use super::tools::Tools;

/// What looks after a script: it reads a word of its worker. Where that never comes, because the worker was killed, it
/// kills all who carry the mark, time and again until none is left. Then it removes the folder.
const TEXT: &str = r#"
read -r word
rounds=0
while [ "$word" != done ] && [ "$rounds" -lt 200 ]; do
  word=done
  rounds=$((rounds + 1))
  for folder in /proc/[0-9]*; do
    while read -r a b c soft rest; do
      case "$a $b $c" in
        "Max file locks")
          if [ "$soft" = "$1" ]; then kill -KILL "${folder#/proc/}"; word=; fi
          break ;;
      esac
    done < "$folder/limits"
  done
done
rm -rf -- "$2" || { chmod -R u+rwx -- "$2"; rm -rf -- "$2"; }
"#;

/// How long it may take to remove a folder.
const REMOVAL: Duration = Duration::from_secs(30);

/// A process that outlives this one for as long as it takes to end the script and to remove its folder.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    word: Option<ChildStdin>,
}

impl Guard {
    /// Begins to look after a room and all who carry its mark.
    pub(super) fn start(tools: &Tools, room: &Path, mark: u64) -> std::io::Result<Self> {
        let mut command = detached(tools, &tools.sh);
        command.args(["-c", TEXT, "citadel-guard", &mark.to_string()]).arg(room);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let word = child.stdin.take();
        Ok(Self { child, word })
    }

    /// All are gone that it looked after: has the folder removed and waits for that.
    pub(super) fn dismiss(mut self) {
        if let Some(mut word) = self.word.take() {
            // One that was killed leaves the folder to the next sweep.
            let _ = word.write_all(b"done\n");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.word.take());
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).and_then(Process::open);
        if process.is_none_or(|process| process.ends_within(REMOVAL)) {
            let _ = self.child.wait();
        }
    }
}

/// A command in a session of its own, with nothing of the worker's environment.
pub(super) fn detached(tools: &Tools, program: &Path) -> Command {
    let mut command = match &tools.setsid {
        Some(setsid) => {
            let mut command = Command::new(setsid);
            command.arg(program);
            command
        }
        None => {
            let mut command = Command::new(program);
            command.process_group(0);
            command
        }
    };
    command.env_clear().env("PATH", super::lookup::STANDARD_PATH).env("LANG", "C.UTF-8").current_dir("/");
    command
}
