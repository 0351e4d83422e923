use std::collections::{BTreeMap, BTreeSet};

use super::held::Held;
use crate::engine::machine::{Command, Moment, Ticket};

/// How many activities and children of a run are under way at once. Fewer answers are then worth a workflow task, and
/// the server's queues stay short: a wide fan-out is faster so than all at once.
const WINDOW: usize = 100;

/// What a run has commanded and not seen answered, by ticket, and where each is.
#[derive(Debug, Default)]
pub(super) struct Desk {
    items: BTreeMap<Ticket, Item>,
    /// By the number that the history knows it by.
    by_seq: BTreeMap<u32, Ticket>,
    last_seq: u32,
    /// What waits for room, in the order in which it was commanded.
    waiting: BTreeSet<Ticket>,
    under_way: usize,
}

/// A command that is not answered.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) command: Command,
    pub(super) at: At,
    /// Attempts that the server made and gave up.
    pub(super) attempts: u32,
    /// How many of them in a row were lost with their workers.
    pub(super) lost: u32,
    /// How often it was held back by its breaker or limit.
    pub(super) refusals: u32,
    /// What holds it back now.
    pub(super) held: Option<Held>,
}

impl Item {
    fn new(command: Command) -> Self {
        Self { command, at: At::Waiting, attempts: 0, lost: 0, refusals: 0, held: None }
    }
}

/// Where a command is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum At {
    /// It waits for room.
    Waiting,
    /// The server has it, under this number.
    Timer(u32),
    /// An activity.
    Activity(u32),
    /// An activity in the worker of the run.
    Local(u32),
    /// A timer before the next attempt of an activity.
    Pause(u32),
    /// A child.
    Child(u32),
}

impl At {
    fn seq(&self) -> Option<u32> {
        match self {
            Self::Waiting => None,
            Self::Timer(seq)
            | Self::Activity(seq)
            | Self::Local(seq)
            | Self::Pause(seq)
            | Self::Child(seq) => Some(*seq),
        }
    }

    /// Whether it takes up room.
    fn is_under_way(&self) -> bool {
        matches!(self, Self::Activity(_) | Self::Local(_) | Self::Child(_))
    }
}

impl Desk {
    /// Takes a command that waits for room.
    pub(super) fn wait(&mut self, ticket: Ticket, command: Command) {
        self.items.insert(ticket, Item::new(command));
        self.waiting.insert(ticket);
    }

    /// Takes a command that needs no room, and gives it a number.
    pub(super) fn set(&mut self, ticket: Ticket, command: Command) -> u32 {
        self.items.insert(ticket, Item::new(command));
        self.place(ticket, At::Timer)
    }

    /// Puts a command elsewhere, under a new number.
    pub(super) fn place(&mut self, ticket: Ticket, at: impl FnOnce(u32) -> At) -> u32 {
        self.last_seq += 1;
        let (seq, at) = (self.last_seq, at(self.last_seq));
        self.waiting.remove(&ticket);
        if let Some(item) = self.items.get_mut(&ticket) {
            let old = std::mem::replace(&mut item.at, at);
            self.under_way += usize::from(item.at.is_under_way());
            self.under_way -= usize::from(old.is_under_way());
            if let Some(old) = old.seq() {
                self.by_seq.remove(&old);
            }
            self.by_seq.insert(seq, ticket);
        }
        seq
    }

    /// Puts a command back among those that wait for room, as often as it was tried.
    pub(super) fn again(&mut self, ticket: Ticket) {
        let Some(item) = self.close(ticket) else { return };
        self.items.insert(ticket, Item { at: At::Waiting, ..item });
        self.waiting.insert(ticket);
    }

    pub(super) fn item(&self, ticket: Ticket) -> Option<&Item> {
        self.items.get(&ticket)
    }

    pub(super) fn item_mut(&mut self, ticket: Ticket) -> Option<&mut Item> {
        self.items.get_mut(&ticket)
    }

    /// What has a number.
    pub(super) fn ticket(&self, seq: u32) -> Option<Ticket> {
        self.by_seq.get(&seq).copied()
    }

    /// Forgets what is answered, or not wanted any more.
    pub(super) fn close(&mut self, ticket: Ticket) -> Option<Item> {
        let item = self.items.remove(&ticket)?;
        self.waiting.remove(&ticket);
        self.under_way -= usize::from(item.at.is_under_way());
        if let Some(seq) = item.at.seq() {
            self.by_seq.remove(&seq);
        }
        Some(item)
    }

    /// What waits and has room now.
    pub(super) fn next(&self) -> Option<Ticket> {
        self.waiting.first().copied().filter(|_| self.under_way < WINDOW)
    }

    /// Whether nothing is under way that would be lost.
    pub(super) fn is_quiet(&self) -> bool {
        self.under_way == 0 && !self.items.values().any(|item| matches!(item.at, At::Pause(_)))
    }

    /// Whether something is under way that began before a moment, or that may take any time.
    pub(super) fn has_long(&self, before: Moment) -> bool {
        self.items.values().any(|item| match (&item.at, &item.command) {
            (At::Child(_), _) => true,
            (At::Activity(_) | At::Pause(_), Command::Run(execution)) => execution.since < before,
            _ => false,
        })
    }

    /// All that was commanded and not answered, in the order in which it was.
    pub(super) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.items.values().map(|item| &item.command)
    }

    /// What is commanded and not answered, with where it is.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }
}
