use std::fmt::Write as _;

use citadel::driver::Trace;
use citadel::engine::machine::{Listed, Outcome, RunFailure};

use super::{Ran, Stage};
use crate::patterns::described;

/// Where what came of a run begins.
pub(super) const RUN: &str = "// run: ";

/// What came of a run, as a fixture has it.
#[derive(Clone)]
pub(super) struct Account {
    head: String,
    pub(super) trace: Trace,
}

impl Account {
    /// The address of the outside is written as its name.
    pub(super) fn of(ran: Ran, stage: &Stage, outside: &str) -> Self {
        let mut head = format!("{RUN}{}\n", ran.outcome.status().word());
        match &ran.outcome {
            Outcome::Completed { output, .. } => {
                let output = output.to_json().map_or_else(|error| error.to_string(), |json| json.to_string());
                if output != "{}" {
                    let _ = writeln!(head, "// output: {output}");
                }
            }
            Outcome::Failed(failure) => failed(&mut head, failure),
            Outcome::Cancelled { .. } => {}
        }
        for Listed { node, error, message } in ran.outcome.failures() {
            let _ = writeln!(head, "// also failed: {error} at {node}: {message}");
        }
        let _ = writeln!(head, "// {}", stage.asked());
        Self { head: head.replace(outside, "http://outside"), trace: ran.trace }
    }

    /// One line for each thing, and each path.
    pub(super) fn text(&self) -> String {
        let lines = self.trace.entries.iter();
        let lines: String =
            lines.map(|(path, entry)| format!("//   {path}: {}\n", described(entry))).collect();
        format!("{}{lines}", self.head)
    }

    /// Where its trace is not another's, outputs included.
    pub(super) fn beside(&self, other: &Self) -> String {
        let lines = |account: &Self| -> String {
            account.trace.entries.iter().map(|(path, entry)| format!("{path}: {entry:?}\n")).collect()
        };
        difference(&lines(other), &lines(self))
    }
}

fn failed(head: &mut String, failure: &RunFailure) {
    let RunFailure { cause, unknown_effects, .. } = failure;
    // The run itself may be what failed.
    let place = if cause.node.is_empty() { String::new() } else { format!(" at {}", cause.node) };
    let _ = writeln!(head, "// failure: {}{place}: {}", cause.error, cause.message);
    if cause.details != citadel::value::Value::Null {
        let details = cause.details.to_json().map_or_else(|error| error.to_string(), |json| json.to_string());
        let _ = writeln!(head, "// details: {details}");
    }
    if !unknown_effects.is_empty() {
        let _ = writeln!(head, "// unknown effects: {}", unknown_effects.join(", "));
    }
}

/// The lines that only one of two texts has; the whole of the second where they have the same in another order.
pub(super) fn difference(wanted: &str, found: &str) -> String {
    let only = |these: &str, others: &str, mark: char| -> String {
        let lines = these.lines().filter(|line| !others.lines().any(|other| other == *line));
        lines.map(|line| format!("    {mark} {line}\n")).collect()
    };
    match format!("{}{}", only(wanted, found, '-'), only(found, wanted, '+')) {
        lines if lines.is_empty() => format!("the order is another:\n{found}"),
        lines => lines,
    }
}
