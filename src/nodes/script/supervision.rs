use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use super::bounds::{Bounds, MOST_TASKS};
use super::cage::Cage;
use super::census::{Census, Clock, memory, shared_memory};
use super::launch::Launched;
use super::pipes::Pipes;
use super::process::{Process, timespec};
use super::room::{Room, hunt};
use super::stop::Stop;
use crate::nodes::Progress;

/// How long a script may take to end once it is asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How long what it started may go on writing once it has ended.
const DRAIN: Duration = Duration::from_millis(300);
/// How long what leads into the cage may take to let go.
const RELEASE: Duration = Duration::from_millis(200);
/// How long all that is killed may take to be gone.
const HUNT: Duration = Duration::from_secs(5);
/// How often a look is taken: at first, and where nothing seems to grow.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(80));
/// How often the size of its folder is measured.
const MEASURES: Duration = Duration::from_millis(500);

/// Why a script was ended by force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It used more than it may of this.
    Limit(&'static str),
    /// It wrote more than it may.
    Output,
    /// Nobody wants it any more.
    Stopped,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) status: ExitStatus,
    pub(super) cause: Option<Cause>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// Nothing is left of it.
    pub(super) is_clean: bool,
}

/// Watches over a script until nothing of it is left.
pub(super) struct Supervision<'a> {
    child: Child,
    process: Process,
    cage: Option<Cage>,
    census: Census,
    pipes: Pipes,
    clock: Clock,
    bounds: &'a Bounds,
    room: &'a Room,
    stop: &'a Stop,
    progress: &'a Progress,
    next_look: Instant,
    pause: Duration,
    next_measure: Instant,
}

impl<'a> Supervision<'a> {
    /// Lets a script begin.
    pub(super) fn begin(
        launched: Launched,
        input: &[u8],
        bounds: &'a Bounds,
        room: &'a Room,
        stop: &'a Stop,
        progress: &'a Progress,
    ) -> io::Result<Self> {
        let Launched { mut child, cage } = launched;
        let gone = || io::Error::other("it ended before it began");
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(gone)?;
        let process = Process::open(pid).ok_or_else(gone)?;
        bounds.apply(pid, room.mark)?;
        let census = match &cage {
            Some(cage) => Census::Below(vec![cage.first(), pid]),
            None => Census::Marked(room.mark),
        };
        let pipes = Pipes::of(&mut child, [b"go\n", input].concat())?;
        let now = Instant::now();
        let (clock, pause) = (Clock::default(), LOOKS.0);
        let (next_look, next_measure) = (now + pause, now + MEASURES);
        Ok(Self {
            child,
            process,
            cage,
            census,
            pipes,
            clock,
            bounds,
            room,
            stop,
            progress,
            next_look,
            pause,
            next_measure,
        })
    }

    /// Follows it to its end, or brings that about.
    pub(super) fn run(mut self) -> io::Result<End> {
        let cause = self.follow(None);
        if cause == Some(Cause::Stopped) {
            for process in self.census.processes() {
                process.signal(Signal::TERM);
                // Who stands still doesn't hear it.
                process.signal(Signal::CONT);
            }
            self.process.signal(Signal::CONT);
            self.follow(Some(Instant::now() + GRACE));
        }
        if cause.is_none() {
            self.drain(Instant::now() + DRAIN);
        }
        let is_clean = self.clear();
        let status = self.child.wait()?;
        // Nobody is left who could write: what is in the pipes is all.
        self.pipes.turn(self.bounds.output);
        let cause = cause.or_else(|| (self.pipes.size() > self.bounds.output).then_some(Cause::Output));
        let cause = cause.or_else(|| limit_of(status));
        let Pipes { stdout, stderr, .. } = self.pipes;
        Ok(End { status, cause, stdout: stdout.bytes, stderr: stderr.bytes, is_clean })
    }

    /// Goes along until it has ended, or until there is a cause to end it. One that is asked to end already goes on
    /// until a moment.
    fn follow(&mut self, until: Option<Instant>) -> Option<Cause> {
        loop {
            let (is_stopped, has_ended) = self.wait(until);
            if self.pipes.turn(self.bounds.output) {
                self.progress.made();
            }
            if self.pipes.size() > self.bounds.output {
                return Some(Cause::Output);
            }
            if has_ended || until.is_some_and(|until| Instant::now() >= until) {
                return None;
            }
            if is_stopped && until.is_none() {
                return Some(Cause::Stopped);
            }
            if let Some(limit) = self.look() {
                return Some(Cause::Limit(limit));
            }
        }
    }

    /// Waits for something to happen, at most until the next look; whether it is to end, and whether it has.
    fn wait(&self, until: Option<Instant>) -> (bool, bool) {
        let next = until.map_or(self.next_look, |until| until.min(self.next_look));
        let mut all = vec![PollFd::new(&self.process, PollFlags::IN)];
        // What is told once stays so, and would end each wait.
        if until.is_none() {
            all.push(PollFd::new(self.stop, PollFlags::IN));
        }
        all.extend(self.outputs().map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)));
        all.extend(self.pipes.stdin.waits_for().map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::OUT)));
        let left = timespec(next.saturating_duration_since(Instant::now()));
        // An interrupted wait is a short one.
        let _ = poll(&mut all, Some(&left));
        let is_up = |at: usize| all.get(at).is_some_and(|fd| !fd.revents().is_empty());
        (until.is_none() && is_up(1), is_up(0))
    }

    fn outputs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.pipes.stdout.waits_for().into_iter().chain(self.pipes.stderr.waits_for())
    }

    /// What it uses too much of, where it is time for a look.
    fn look(&mut self) -> Option<&'static str> {
        let now = Instant::now();
        if now < self.next_look {
            return None;
        }
        let members = self.census.members(MOST_TASKS);
        let memory = memory(&members);
        let is_quiet = members.len() < 32 && memory < self.bounds.memory / 2;
        self.pause = if is_quiet { (self.pause * 2).min(LOOKS.1) } else { LOOKS.0 * 2 };
        if members.iter().map(|member| member.tasks).sum::<usize>() > MOST_TASKS {
            return Some("processes");
        }
        if memory > self.bounds.memory && shared_memory(&members) > self.bounds.memory {
            return Some("memory");
        }
        if self.clock.gone(&members) > self.bounds.cpu_time {
            return Some("cpu_time");
        }
        if now >= self.next_measure {
            self.next_measure = now + MEASURES;
            if self.room.is_overfull() {
                return Some("files");
            }
        }
        self.next_look = Instant::now() + self.pause;
        None
    }

    /// Takes what still comes from those that it left behind.
    fn drain(&mut self, until: Instant) {
        while !self.pipes.are_closed() && self.pipes.size() <= self.bounds.output {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let mut all: Vec<PollFd<'_>> =
                self.outputs().map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)).collect();
            // An interrupted wait is a short one.
            let _ = poll(&mut all, Some(&timespec(left)));
            self.pipes.turn(self.bounds.output);
        }
    }

    /// Ends all that is left of it; whether that is sure.
    fn clear(&mut self) -> bool {
        self.census.processes().iter().for_each(|process| process.signal(Signal::KILL));
        // What leads into the cage is not in it. It stands still when they do, and they are gone when it has let go.
        self.process.signal(Signal::CONT);
        if !self.process.ends_within(RELEASE) {
            self.process.signal(Signal::KILL);
        }
        let is_shut = self.cage.as_mut().is_some_and(Cage::close);
        if !is_shut {
            // All of a group at once, so that none starts another in between.
            let _ = kill_process_group(self.process.pid, Signal::KILL);
            self.census = Census::Marked(self.room.mark);
        }
        is_shut || hunt(&self.census, HUNT)
    }
}

/// The limit that a signal of the kernel's stands for.
fn limit_of(status: ExitStatus) -> Option<Cause> {
    match status.signal() {
        Some(signal) if signal == Signal::XCPU.as_raw() => Some(Cause::Limit("cpu_time")),
        Some(signal) if signal == Signal::XFSZ.as_raw() => Some(Cause::Limit("file_size")),
        _ => None,
    }
}
