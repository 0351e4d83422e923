use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use crate::engine::machine::{Command, Event, Moment, Ticket};

/// What a run has commanded and what has not been answered, with what its attempts came to so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outstanding {
    commands: BTreeMap<Ticket, Command>,
    attempts: BTreeMap<Ticket, Attempts>,
}

/// What the attempts of an execution came to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempts {
    /// How many failed.
    pub(super) failed: u32,
    /// When the next may begin.
    pub(super) next: Option<Moment>,
    /// The number of the one that has begun and must not be repeated.
    pub(super) begun: Option<u32>,
    /// How many were lost in a row after they had run for long.
    pub(super) lost: u32,
    /// The number of the one that has run for long.
    pub(super) alive: Option<u32>,
    /// Whether the next waits for its breaker or limit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) waits: bool,
}

impl Outstanding {
    /// Takes in what the machine commanded. What is taken back is not outstanding.
    pub(super) fn command(&mut self, command: &Command) {
        match command {
            Command::Run(execution) => self.insert(execution.ticket, command),
            Command::StartChild(child) => self.insert(child.ticket, command),
            Command::SetTimer { ticket, .. } => self.insert(*ticket, command),
            Command::Unset { ticket } => self.close(*ticket),
            // An activity that was cancelled in a process that is gone is gone with it; a child is another run.
            Command::Cancel { ticket } => match self.commands.get(ticket) {
                Some(Command::StartChild(_)) | None => {}
                Some(_) => self.insert(*ticket, command),
            },
        }
    }

    fn insert(&mut self, ticket: Ticket, command: &Command) {
        self.commands.insert(ticket, command.clone());
    }

    fn close(&mut self, ticket: Ticket) {
        self.commands.remove(&ticket);
        self.attempts.remove(&ticket);
    }

    /// Takes in what happened.
    pub(super) fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Event(event) => self.event(event),
            Entry::Attempted { ticket, attempt, next, .. } => {
                *self.of(*ticket) = Attempts { failed: *attempt, next: Some(*next), ..Attempts::default() };
            }
            Entry::Begun { ticket, attempt } => self.of(*ticket).begun = Some(*attempt),
            Entry::Alive { ticket, attempt } => {
                let attempts = self.of(*ticket);
                attempts.lost += u32::from(attempts.alive.is_some());
                attempts.alive = Some(*attempt);
            }
            Entry::Waits { ticket, .. } => self.of(*ticket).waits = true,
            Entry::Passed { ticket } => self.of(*ticket).waits = false,
            Entry::Ignored { .. } => {}
        }
    }

    fn of(&mut self, ticket: Ticket) -> &mut Attempts {
        self.attempts.entry(ticket).or_default()
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Completed { ticket, .. }
            | Event::Failed { ticket, .. }
            | Event::ChildEnded { ticket, .. }
            | Event::Released { ticket }
            | Event::Fired { ticket } => self.close(*ticket),
            Event::Started(_) | Event::Signalled(_) | Event::Cancelled => {}
        }
    }

    /// What the attempts of an execution came to.
    pub(super) fn attempts(&self, ticket: Ticket) -> Attempts {
        self.attempts.get(&ticket).copied().unwrap_or_default()
    }

    /// When the next timer is due.
    pub(super) fn next_timer(&self) -> Option<Moment> {
        let at = |command: &Command| match command {
            Command::SetTimer { at, .. } => Some(*at),
            _ => None,
        };
        self.commands.values().filter_map(at).min()
    }

    /// All that was commanded and not answered, in the order in which it was.
    pub(super) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.commands.values()
    }
}
