//! What a run may cost at worst: history events, and attempts where two policies multiply.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::program::{Execution, GraphIx, Millis, Node, OnError, Retry, Workflow};
use super::typed::ExprId;
use crate::diagnostic::{Finding, Problems};
use crate::value::Value;

/// Where a server of Temporal ends a run, in history events.
const HISTORY_LIMIT: u64 = 51_200;

/// What a run may cost at worst.
#[derive(Debug, Error, Diagnostic)]
enum Note {
    #[error(
        "a run may need {events} history events, more than the {HISTORY_LIMIT} that one of Temporal holds"
    )]
    #[diagnostic(
        code(history_events),
        severity(Advice),
        help(
            "near the limit it goes on in a fresh history; a child workflow for each part keeps them short"
        )
    )]
    HistoryEvents { events: u64 },
    #[error("`{node}` may be tried {attempts} times{}", duration(*time))]
    #[diagnostic(
        code(worst_case_attempts),
        severity(Advice),
        help("its own policy and `on_error: retry` multiply; a `total_timeout` bounds both")
    )]
    Attempts { node: EcoString, attempts: u64, time: Option<Millis> },
}

/// Notes what a workflow's runs may cost where that is more than its text lets one expect.
/// `known` gives the value of a count that the file fixes.
pub(super) fn check_cost(
    workflow: &Workflow,
    known: &dyn Fn(ExprId) -> Option<Value>,
    problems: &mut Problems,
) {
    let events = Events { workflow, known }.of_graph(0).saturating_add(3);
    if events > HISTORY_LIMIT {
        problems.report(Finding::new(workflow.span, Note::HistoryEvents { events }));
    }
    for node in &workflow.nodes {
        if let Some(note) = multiplied_attempts(node) {
            problems.report(Finding::new(node.span, note));
        }
    }
}

/// The formula of a Temporal history: three events for an activity or a child, two for a timer, one for a signal,
/// and at worst a workflow task of three behind each. Pure nodes cost none.
struct Events<'w> {
    workflow: &'w Workflow,
    known: &'w dyn Fn(ExprId) -> Option<Value>,
}

impl Events<'_> {
    fn of_graph(&self, graph: GraphIx) -> u64 {
        let nodes = self.workflow.graphs.get(graph).map_or(&[][..], |graph| &graph.nodes);
        nodes.iter().map(|node| self.of_node(&self.workflow.nodes[*node])).fold(0, u64::saturating_add)
    }

    fn of_node(&self, node: &Node) -> u64 {
        if let Some(body) = &node.body {
            return self.of_graph(body.graph).saturating_mul(self.iterations(node));
        }
        match node.kind.as_str() {
            "delay" => 5,
            "workflow" | "wait_signal" | "approval" => 6,
            _ if node.execution.is_some() => 6,
            _ => 0,
        }
    }

    /// How often a loop's body may run, where its author says so.
    fn iterations(&self, node: &Node) -> u64 {
        let bounds = ["times", "max_iterations"].map(|field| node.config.expr(field).and_then(self.known));
        let known = bounds.into_iter().flatten().find_map(|bound| match bound {
            Value::Int(count) => u64::try_from(count).ok(),
            _ => None,
        });
        known.unwrap_or(1)
    }
}

fn multiplied_attempts(node: &Node) -> Option<Note> {
    let (Some(execution), OnError::Retry(again)) = (&node.execution, &node.on_error) else { return None };
    let (tries, executions) = (execution.retry.maximum_attempts?, again.maximum_attempts?);
    if execution.total_timeout.is_some() || tries <= 1 || executions <= 1 {
        return None;
    }
    let attempts = u64::from(tries) * u64::from(executions);
    Some(Note::Attempts { node: node.name.clone(), attempts, time: worst_time(execution, again) })
}

/// All attempts at their time-outs, and all delays between them.
fn worst_time(execution: &Execution, again: &Retry) -> Option<Millis> {
    let tries = execution.retry.maximum_attempts?;
    let once =
        execution.timeout.millis()?.checked_mul(u64::from(tries))?.checked_add(delays(&execution.retry)?)?;
    once.checked_mul(u64::from(again.maximum_attempts?))?.checked_add(delays(again)?)
}

fn delays(retry: &Retry) -> Option<Millis> {
    let mut delay = retry.initial_interval as f64;
    let mut sum: Millis = 0;
    for done in 1..retry.maximum_attempts? {
        if delay >= retry.maximum_interval as f64 {
            let left = u64::from(retry.maximum_attempts? - done);
            return sum.checked_add(left.checked_mul(retry.maximum_interval)?);
        }
        sum = sum.checked_add(delay as Millis)?;
        delay *= retry.backoff_coefficient;
        if retry.backoff_coefficient <= 1.0 {
            let left = u64::from(retry.maximum_attempts? - done - 1);
            return sum.checked_add(left.checked_mul(delay as Millis)?);
        }
    }
    Some(sum)
}

/// `, over 3h20m at worst`, to the two largest units.
fn duration(time: Option<Millis>) -> String {
    let Some(time) = time else { return String::new() };
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let mut left = time;
    let parts: Vec<String> = units
        .iter()
        .filter_map(|(name, size)| {
            let count = left / size;
            left %= size;
            (count > 0).then(|| format!("{count}{name}"))
        })
        .take(2)
        .collect();
    if parts.is_empty() { String::new() } else { format!(", over {} at worst", parts.concat()) }
}

#[cfg(test)]
mod tests {
    use super::{delays, duration};
    use crate::check::program::Retry;

    #[test]
    fn delays_grow_up_to_the_longest() {
        let retry = |attempts| Retry { maximum_attempts: Some(attempts), ..Retry::standard() };
        assert_eq!(delays(&retry(1)), Some(0));
        assert_eq!(delays(&retry(4)), Some(7_000));
        assert_eq!(delays(&retry(10)), Some(63_000 + 3 * 60_000));
        assert_eq!(delays(&Retry { backoff_coefficient: 1.0, ..retry(1_000_000) }), Some(999_999_000));
    }

    #[test]
    fn times_are_told_in_two_units() {
        assert_eq!(duration(Some(12_000_500)), ", over 3h20m at worst");
        assert_eq!(duration(None), "");
    }
}
