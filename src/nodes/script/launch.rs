use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use rustix::process::Pid;

use super::bounds::Bounds;
use super::cage::{Cage, Frame};
use super::filter::Filter;
use super::guard::detached;
use super::sandbox::Sandbox;
use super::tools::Tools;

/// Waits for a line, so that the limits of the process are set before anything of the author's begins. What follows the
/// line is the program's.
pub(super) const GATE: &str = r#"read -r go && exec "$@""#;

/// How a program is started.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) tools: Tools,
    pub(super) sandbox: Sandbox,
    /// None where this machine has none.
    pub(super) filter: Option<Filter>,
    pub(super) is_caged: bool,
    pub(super) file: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// The whole environment.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) folder: PathBuf,
}

/// What was started; it waits for its line.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) child: Child,
    pub(super) cage: Option<Cage>,
}

impl Launch {
    /// Starts it.
    ///
    /// # Errors
    /// Where the system can't start one more process, or doesn't let this one hold it.
    pub(super) fn start(self, bounds: &Bounds, mark: u64) -> io::Result<Launched> {
        let (show, shown) = mpsc::channel::<Frame>();
        let (answer, answered) = mpsc::channel::<Pid>();
        // What a thread is held by holds for all that it starts, and for no other thread.
        let starter = std::thread::Builder::new().name("citadel-launch".to_owned());
        let starter = starter.spawn(move || self.start_here(&show, &answered))?;
        let cage = match shown.recv() {
            Ok(frame) => {
                let cage = frame.settle(bounds, mark);
                if let Ok(cage) = &cage {
                    // One that has given up hears nothing.
                    let _ = answer.send(cage.first());
                }
                Some(cage)
            }
            Err(_) => None,
        };
        drop(answer);
        let child = starter.join().unwrap_or_else(|_| Err(io::Error::other("its thread ended")));
        match (cage.transpose(), child) {
            (Ok(cage), Ok(child)) => Ok(Launched { child, cage }),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    fn start_here(self, show: &mpsc::Sender<Frame>, answered: &mpsc::Receiver<Pid>) -> io::Result<Child> {
        self.sandbox.enter().map_err(io::Error::other)?;
        let first = match self.is_caged {
            true => Some(framed(&self.tools, show, answered)?),
            false => None,
        };
        if self.filter.as_ref().is_some_and(|filter| !filter.enter()) {
            return Err(io::Error::other("the kernel takes no filter of calls"));
        }
        self.command(first).spawn()
    }

    fn command(&self, first: Option<Pid>) -> Command {
        let mut command = detached(&self.tools, &self.tools.sh);
        command.args(["-c", GATE, "citadel-gate"]);
        if let (Some(first), Some(nsenter)) = (first, &self.tools.nsenter) {
            command.arg(nsenter).args(["--target", &first.to_string()]);
            command.args(["--user", "--pid", "--ipc", "--preserve-credentials", "--"]);
            // Signals to its own group stay among its own.
            command.args(&self.tools.setsid);
        }
        command.arg(&self.file).args(&self.arguments).env_clear().envs(self.environment.iter().cloned());
        command.current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn framed(tools: &Tools, show: &mpsc::Sender<Frame>, answered: &mpsc::Receiver<Pid>) -> io::Result<Pid> {
    let gone = || io::Error::other("nobody holds it");
    show.send(Frame::start(tools)?).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())
}
