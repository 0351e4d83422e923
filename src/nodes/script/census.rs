use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::time::Duration;

use rustix::process::Pid;

use super::process::Process;

/// Whom a script has started.
#[derive(Debug)]
pub(super) enum Census {
    /// All below these; nobody leaves.
    Below(Vec<Pid>),
    /// All who carry a mark: a limit that is inherited and that nobody else has.
    Marked(u64),
}

/// One process, as it is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) pid: Pid,
    pub(super) tasks: usize,
    /// It has not ended; one that has is there until its parent hears of it.
    is_alive: bool,
    /// Memory that is in use, shared parts too, in pages.
    pages: u64,
    /// Its own time of the processor, in ticks.
    own: u64,
    /// That of the processes that it has waited for.
    awaited: u64,
}

impl Census {
    /// Everybody, or as many as are needed to have more than `most` tasks.
    pub(super) fn members(&self, most: usize) -> Vec<Member> {
        let all: Box<dyn Iterator<Item = Pid>> = match self {
            Self::Below(roots) => Box::new(Descendants { found: roots.iter().flat_map(children).collect() }),
            Self::Marked(mark) => Box::new(marked(*mark)),
        };
        let mut tasks = 0;
        let counted = all.filter_map(Member::read).take_while(|member| {
            let go_on = tasks <= most;
            tasks += member.tasks;
            go_on
        });
        counted.collect()
    }

    /// Handles of all of them that have not ended, as they are now.
    pub(super) fn processes(&self) -> Vec<Process> {
        let alive = self.members(usize::MAX).into_iter().filter(|member| member.is_alive);
        alive.filter_map(|member| Process::open(member.pid)).collect()
    }
}

/// Those below some, nearest first, none of them twice as long as they don't move.
struct Descendants {
    found: VecDeque<Pid>,
}

impl Iterator for Descendants {
    type Item = Pid;

    fn next(&mut self) -> Option<Pid> {
        let next = self.found.pop_front()?;
        self.found.extend(children(&next));
        Some(next)
    }
}

/// The children of a process.
pub(super) fn children(of: &Pid) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    let lists: Option<Vec<String>> =
        tasks.map(|task| fs::read_to_string(task.path().join("children")).ok()).collect();
    match lists {
        Some(lists) if !lists.is_empty() => {
            lists.iter().flat_map(|list| list.split_whitespace()).filter_map(pid).collect()
        }
        // Not every kernel keeps these lists.
        _ => pids()
            .filter(|child| Stat::read(*child).is_some_and(|stat| stat.parent == of.as_raw_pid()))
            .collect(),
    }
}

/// All who carry a mark.
pub(super) fn marked(mark: u64) -> impl Iterator<Item = Pid> {
    pids().filter(move |pid| carries(*pid, mark))
}

fn carries(pid: Pid, mark: u64) -> bool {
    let Ok(limits) = fs::read_to_string(format!("/proc/{pid}/limits")) else { return false };
    let held = limits.lines().find_map(|line| line.strip_prefix("Max file locks"));
    let soft = held.and_then(|held| held.split_whitespace().next());
    soft.and_then(|soft| soft.parse().ok()) == Some(mark)
}

fn pids() -> impl Iterator<Item = Pid> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| pid(name.to_str()?))
}

fn pid(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}

/// Some fields of `/proc/PID/stat` (proc_pid_stat(5)).
struct Stat {
    state: char,
    parent: i32,
    times: [u64; 4],
    tasks: usize,
    pages: u64,
}

impl Stat {
    fn read(pid: Pid) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may hold anything, parentheses too.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            times: [number(11)?, number(12)?, number(13)?, number(14)?],
            tasks: usize::try_from(number(17)?).ok()?,
            pages: number(21)?,
        })
    }
}

impl Member {
    /// None for one that is gone.
    fn read(pid: Pid) -> Option<Self> {
        let Stat { state, times: [user, system, awaited_user, awaited_system], tasks, pages, .. } =
            Stat::read(pid)?;
        let (own, awaited) = (user + system, awaited_user + awaited_system);
        Some(Self { pid, tasks, is_alive: !matches!(state, 'Z' | 'X'), pages, own, awaited })
    }

    fn memory(&self) -> u64 {
        self.pages.saturating_mul(rustix::param::page_size() as u64)
    }
}

/// How much of the processor's time has gone, that of those who are gone counted too as far as it was seen.
#[derive(Debug, Default)]
pub(super) struct Clock {
    seen: BTreeMap<i32, u64>,
    /// Of those whose numbers others have now.
    past: u64,
}

impl Clock {
    /// What has gone up to this look at everybody.
    pub(super) fn gone(&mut self, members: &[Member]) -> Duration {
        for member in members {
            let before = self.seen.insert(member.pid.as_raw_pid(), member.own);
            self.past += before.filter(|before| *before > member.own).unwrap_or(0);
        }
        let seen = self.past + self.seen.values().sum::<u64>();
        let alive: u64 = members.iter().map(|member| member.own + member.awaited).sum();
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        Duration::from_millis(seen.max(alive).saturating_mul(1_000) / ticks)
    }
}

/// How much memory they have at most, in bytes: what several share is counted for each.
pub(super) fn memory(members: &[Member]) -> u64 {
    members.iter().map(Member::memory).sum()
}

/// How much memory they have, in bytes: what several share is counted once where the kernel tells. That takes longer.
pub(super) fn shared_memory(members: &[Member]) -> u64 {
    members.iter().map(|member| proportional(member.pid).unwrap_or_else(|| member.memory())).sum()
}

/// Memory of which each that shares it has its part.
fn proportional(pid: Pid) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let held = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    held.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}
