use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::EngineError;
use super::entry::Entry;
use super::journal::{Record, Recovered};
use super::outstanding::Outstanding;
use crate::driver::Waiting;
use crate::driver::story::Seen;
use crate::engine::machine::{Machine, Moment, Wired};
use crate::plan::WorkflowId;

/// A machine's state with what it had commanded.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    machine: Box<serde_json::value::RawValue>,
    outstanding: Outstanding,
}

/// What the header of a run says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// The version of this form.
    pub(super) version: u32,
    /// The program that started the run.
    pub(super) engine: String,
    /// Numbered behaviours that the run relies on.
    pub(super) flags: Vec<u32>,
    /// Which workflow of the plan it runs.
    pub(super) workflow: WorkflowId,
    /// The `traceparent` that it was started under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
}

impl Header {
    /// What this program writes.
    pub(super) const VERSION: u32 = 1;

    pub(super) fn new(workflow: WorkflowId, trace: Option<String>) -> Self {
        let engine = env!("CARGO_PKG_VERSION").to_owned();
        Self { version: Self::VERSION, engine, flags: Vec::new(), workflow, trace }
    }

    /// Whether this program behaves as the run relies on.
    pub(super) fn is_known(&self) -> bool {
        self.version == Self::VERSION && self.flags.is_empty()
    }
}

/// A state for [`replay`] to begin from.
pub(super) fn snapshot(machine: &Machine, outstanding: &Outstanding) -> Vec<u8> {
    let machine = String::from_utf8_lossy(&machine.snapshot()).into_owned();
    let Ok(machine) = serde_json::value::RawValue::from_string(machine) else { return Vec::new() };
    serde_json::to_vec(&Snapshot { machine, outstanding: outstanding.clone() }).unwrap_or_default()
}

/// What the records of a run come to.
pub(super) struct Replayed {
    pub(super) machine: Machine,
    pub(super) outstanding: Outstanding,
    /// How many records there are.
    pub(super) written: u64,
}

/// Plays what the journal holds of a run: the machine is then where it was. None where what is recorded begins with a
/// snapshot that this program can't read, which is only a cache.
pub(super) fn replay(
    run: &str,
    wired: &Arc<Wired>,
    workflow: WorkflowId,
    recovered: &Recovered,
) -> Result<Option<Replayed>, EngineError> {
    let start = match &recovered.snapshot {
        Some((seq, bytes)) => restore(wired, *seq, bytes),
        None => Some(Replayed {
            machine: Machine::new(Arc::clone(wired), workflow),
            outstanding: Outstanding::default(),
            written: 0,
        }),
    };
    let Some(mut replayed) = start else { return Ok(None) };
    for record in &recovered.records {
        replayed.take(run, record, &mut |_, _| {})?;
    }
    Ok(Some(replayed))
}

fn restore(wired: &Arc<Wired>, seq: u64, bytes: &[u8]) -> Option<Replayed> {
    let Snapshot { machine, outstanding } = serde_json::from_slice(bytes).ok()?;
    let machine = Machine::restore(Arc::clone(wired), machine.get().as_bytes()).ok()?;
    Some(Replayed { machine, outstanding, written: seq })
}

/// Plays all records of a run for whoever watches.
pub(super) fn watch(
    run: &str,
    wired: &Arc<Wired>,
    workflow: WorkflowId,
    records: &[Record],
    see: &mut dyn FnMut(Moment, Seen<'_>),
) -> Result<Replayed, EngineError> {
    let machine = Machine::new(Arc::clone(wired), workflow).observed();
    let mut replayed = Replayed { machine, outstanding: Outstanding::default(), written: 0 };
    for record in records {
        replayed.take(run, record, see)?;
    }
    Ok(replayed)
}

impl Replayed {
    fn take(
        &mut self,
        run: &str,
        record: &Record,
        see: &mut dyn FnMut(Moment, Seen<'_>),
    ) -> Result<(), EngineError> {
        let (at, entry) = Entry::read(record)
            .map_err(|error| EngineError::Unreadable { run: run.to_owned(), reason: error.to_string() })?;
        self.written += 1;
        self.outstanding.entry(&entry);
        let event = match entry {
            Entry::Event(event) => event,
            Entry::Attempted { ticket, attempt, .. } | Entry::Begun { ticket, attempt } => {
                see(at, Seen::Attempts(ticket, attempt));
                return Ok(());
            }
            Entry::Waits { ticket, gate, until } => {
                see(at, Seen::Waits(ticket, Some(Waiting { gate, until })));
                return Ok(());
            }
            Entry::Passed { ticket } => {
                see(at, Seen::Waits(ticket, None));
                return Ok(());
            }
            Entry::Alive { .. } | Entry::Ignored { .. } => return Ok(()),
        };
        see(at, Seen::Event(&event));
        self.machine.handle(at, event);
        let batch = self.machine.poll();
        batch.notices.iter().for_each(|notice| see(at, Seen::Notice(notice)));
        for command in &batch.commands {
            self.outstanding.command(command);
            see(at, Seen::Command(command));
        }
        Ok(())
    }
}
