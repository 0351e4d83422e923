use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::nodes::Call;
use crate::value::Value;

const MEBIBYTE: u64 = 1 << 20;

/// How much memory all processes together may have, where the author says nothing, in bytes.
const MEMORY: u64 = 512 * MEBIBYTE;
/// How long they may compute together, where the author says nothing.
const CPU_TIME: Duration = Duration::from_secs(300);
/// How much they may write to standard output and error, where the author says nothing, in bytes.
const OUTPUT: usize = 1 << 20;

/// How many processes and threads there may be at a time.
pub(super) const MOST_TASKS: usize = 512;
/// How large the temporary folder may become, in bytes.
pub(super) const MOST_FOLDER: u64 = 1_024 * MEBIBYTE;
/// How many files it may hold.
pub(super) const MOST_FILES: usize = 100_000;
/// How large a file may become, in bytes.
const LARGEST_FILE: u64 = 256 * MEBIBYTE;
/// How many files a process may have open.
const OPEN_FILES: u64 = 1_024;
/// What a process may allocate beyond the memory of all: the kernel's own bound, which counts what is not used yet,
/// only has to hold until the next look.
const MEMORY_MARGIN: u64 = 256 * MEBIBYTE;

/// What a script may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Of all its processes together, in bytes.
    pub(super) memory: u64,
    /// Of all its processes together.
    pub(super) cpu_time: Duration,
    /// Of standard output and error together, in bytes.
    pub(super) output: usize,
}

impl Bounds {
    /// Those of a call.
    pub(super) fn of(call: &Call) -> Self {
        let limits = call.field("limits");
        let field = |name: &str| match limits?.field(name)? {
            Value::Optional(inner) => inner.as_deref(),
            value => Some(value),
        };
        let bytes = |name: &str| match field(name) {
            Some(Value::Int(bytes)) => u64::try_from(*bytes).ok(),
            _ => None,
        };
        let cpu_time = match field("cpu_time") {
            Some(Value::Duration(time)) => u64::try_from(time.as_nanos()).ok().map(Duration::from_nanos),
            _ => None,
        };
        Self {
            memory: bytes("memory").unwrap_or(MEMORY),
            cpu_time: cpu_time.unwrap_or(CPU_TIME),
            output: bytes("output").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(OUTPUT),
        }
    }

    /// Sets the kernel's limits of a process, which those that it starts inherit.
    pub(super) fn apply(&self, process: Pid, mark: u64) -> std::io::Result<()> {
        let cpu = self.cpu_time.as_secs().saturating_add(1);
        let data = self.memory.saturating_mul(2).saturating_add(MEMORY_MARGIN);
        let limits = [
            (Resource::Cpu, cpu, cpu.saturating_add(1)),
            (Resource::Data, data, data),
            (Resource::Fsize, LARGEST_FILE, LARGEST_FILE),
            (Resource::Nofile, OPEN_FILES, OPEN_FILES),
            (Resource::Core, 0, 0),
            (Resource::Locks, mark, mark),
        ];
        limits.into_iter().try_for_each(|(resource, soft, hard)| lower(process, resource, soft, hard))
    }
}

/// Lowers a limit; one that is lower already stays.
fn lower(process: Pid, resource: Resource, soft: u64, hard: u64) -> std::io::Result<()> {
    let held = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit { current: Some(soft.min(held)), maximum: Some(hard.min(held)) };
    prlimit(Some(process), resource, limit)?;
    Ok(())
}
