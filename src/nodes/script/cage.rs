use std::fs;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, getegid, geteuid};

use super::bounds::Bounds;
use super::census::children;
use super::guard::detached;
use super::launch::GATE;
use super::process::{Process, timespec};
use super::tools::Tools;

/// The first process of a cage: it takes over those whose parents have ended and lives as long as its worker has its
/// standard input open. When it ends, the kernel ends all others.
const FIRST: &str = "trap '' CHLD; echo ready; exec cat > /dev/null";

/// How long it may take until it is ready.
const BEGINNING: Duration = Duration::from_secs(10);
/// How long it may take until all are gone.
const END: Duration = Duration::from_secs(2);

/// Processes that see only each other and that end together: a namespace of their numbers (pid_namespaces(7)).
#[derive(Debug)]
pub(super) struct Cage {
    holder: Child,
    /// While it is open, they live.
    life: Option<ChildStdin>,
    holding: Process,
    first: Process,
}

/// A cage that isn't ready yet.
pub(super) struct Frame(Child);

impl Frame {
    /// Starts what makes a cage, from the thread whose bounds hold for it.
    pub(super) fn start(tools: &Tools) -> io::Result<Self> {
        let missing = || io::Error::other("`unshare` is missing");
        let unshare = tools.unshare.as_ref().ok_or_else(missing)?;
        let mut command: Command = detached(tools, &tools.sh);
        command.args(["-c", GATE, "citadel-cage"]).arg(unshare);
        command.args(["--user", "--pid", "--ipc", "--fork", "--kill-child", "--"]);
        command.arg(&tools.sh).args(["-c", FIRST, "citadel-cage"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().map(Self)
    }

    /// Has it made.
    pub(super) fn settle(self, bounds: &Bounds, mark: u64) -> io::Result<Cage> {
        let Self(mut holder) = self;
        let settled = settle(&mut holder, bounds, mark);
        match settled {
            Ok((life, holding, first)) => Ok(Cage { holder, life: Some(life), holding, first }),
            Err(error) => {
                // It may have ended by itself.
                let _ = holder.kill();
                let _ = holder.wait();
                Err(error)
            }
        }
    }
}

fn settle(holder: &mut Child, bounds: &Bounds, mark: u64) -> io::Result<(ChildStdin, Process, Process)> {
    let gone = || io::Error::other("it ended");
    let pid = i32::try_from(holder.id()).ok().and_then(Pid::from_raw).ok_or_else(gone)?;
    bounds.apply(pid, mark)?;
    let (mut life, mut voice) =
        (holder.stdin.take().ok_or_else(gone)?, holder.stdout.take().ok_or_else(gone)?);
    life.write_all(b"go\n")?;
    let mut spoken = [PollFd::new(&voice, PollFlags::IN)];
    if poll(&mut spoken, Some(&timespec(BEGINNING)))? == 0 {
        return Err(io::Error::other("it is silent"));
    }
    voice.read_exact(&mut [0; b"ready\n".len()])?;
    let first = *children(&pid).first().ok_or_else(gone)?;
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    // Its users and groups are ours; it has no rights over others.
    fs::write(format!("/proc/{first}/setgroups"), "deny")?;
    fs::write(format!("/proc/{first}/uid_map"), format!("{user} {user} 1\n"))?;
    fs::write(format!("/proc/{first}/gid_map"), format!("{group} {group} 1\n"))?;
    let (holding, first) = (Process::open(pid).ok_or_else(gone)?, Process::open(first).ok_or_else(gone)?);
    Ok((life, holding, first))
}

impl Cage {
    /// Its first process.
    pub(super) fn first(&self) -> Pid {
        self.first.pid
    }

    /// Ends all that is in it; whether that is sure.
    pub(super) fn close(&mut self) -> bool {
        drop(self.life.take());
        if !self.holding.ends_within(END) {
            self.first.signal(Signal::KILL);
            self.holding.signal(Signal::KILL);
        }
        let is_over = self.holding.ends_within(END) && self.first.ends_within(END);
        if is_over {
            // Asked a second time, it says the same.
            let _ = self.holder.wait();
        }
        is_over
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        self.close();
    }
}
