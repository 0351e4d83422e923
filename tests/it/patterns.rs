//! The control-flow patterns of van der Aalst et al. that have a meaning here: each fixture is run, and its trace stands
//! in it.
//!
//! The address of a request says what comes of it: `/5s` a number after five seconds, `/5s-fail` a failure then. A
//! comment `// at 3s: …` says what happens from outside.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use citadel::compile::plan_text;
use citadel::driver::sim::{Attempt, Entry, Reply, Script, Simulation};
use citadel::engine::machine::{Event, Failure, Signal, Start, Wired};
use citadel::value::{Duration, Value};
use serde_json::json;

use crate::tree::{self, expect_none, shown};

/// Where the trace begins.
const RUN: &str = "// run: ";

/// What the addresses say.
struct Addresses;

impl Script for Addresses {
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply {
        let Some(Value::String(url)) = attempt.input.field("url") else { panic!("no address: {attempt:?}") };
        let mut words = url.trim_start_matches("https://example.com/").split('-');
        let after = words.next().map_or(0, millis);
        let default = attempt.workflow.shapes.default_value(attempt.node.output);
        let reply = match words.next() {
            None => Reply::output(default),
            Some(_) => Reply::failure(Failure::new("HttpServerError", "it failed")),
        };
        reply.after(after)
    }
}

fn millis(text: &str) -> u64 {
    let duration = Duration::parse(text).unwrap_or_else(|_| panic!("`{text}` is no duration"));
    u64::try_from(duration.as_nanos() / 1_000_000).expect("a time to come")
}

/// What a comment says happens from outside, and when.
fn outside(line: &str) -> Option<(u64, Event)> {
    let (at, what) = line.strip_prefix("// at ")?.split_once(": ")?;
    let event = match what.strip_prefix("signal ").and_then(|signal| signal.split_once(' ')) {
        Some((name, payload)) => {
            let payload = serde_json::from_str(payload).expect("json");
            Event::Signalled(Signal { name: name.into(), payload, correlation: None })
        }
        None => Event::Cancelled,
    };
    Some((millis(at), event))
}

/// A line for each execution path.
fn trace(text: &str) -> String {
    let plan = plan_text(text).expect("a right program").into_iter().next().expect("a workflow");
    let wired = Arc::new(Wired::new(Arc::new(plan)));
    let start = Start { run: "r".into(), input: json!({}), settings: BTreeMap::new(), scheduled_at: None };
    let mut script = Addresses;
    let mut simulation = Simulation::new(wired, start, &mut script);
    for (after, event) in text.lines().filter_map(outside) {
        simulation.plan(after, event);
    }
    while simulation.step() {}
    let report = simulation.report();
    let status = report.outcome.as_ref().expect("the run is over").status().word();
    let after = report.closed_at.unwrap_or(report.ended_at).since(report.started_at);
    let mut trace = format!("{RUN}{status} after {after} ms\n");
    for (path, entry) in &report.trace.entries {
        let _ = writeln!(trace, "//   {path}: {}", described(entry));
    }
    trace
}

pub(crate) fn described(entry: &Entry) -> String {
    let mut text = entry.state.to_string();
    for (word, what) in [("on", &entry.port), ("with", &entry.error)] {
        let _ =
            what.iter().filter(|what| !what.is_empty()).try_for_each(|what| write!(text, " {word} {what}"));
    }
    if !entry.by.is_empty() {
        let _ = write!(text, ", by {}", entry.by.join(" and "));
    }
    let _ = entry.signals.iter().try_for_each(|(name, number)| write!(text, ", took {name} {number}"));
    text
}

/// `CITADEL_BLESS` writes the traces anew, for a person to read.
#[test]
fn patterns_have_their_traces() {
    let mut failures = Vec::new();
    // What a pattern without a meaning is told stands in its fixture.
    for file in tree::files("tests/fixtures/patterns", ".citadel") {
        let text = tree::read(&file);
        if text.contains("// error: [") || text.contains("// warning: [") {
            continue;
        }
        let (program, expected) = text.split_at(text.find(RUN).unwrap_or(text.len()));
        let trace = trace(program);
        if std::env::var_os("CITADEL_BLESS").is_some() {
            std::fs::write(&file, format!("{program}{trace}")).expect("a writable fixture");
        } else if trace != expected {
            failures.push(format!("{}:\n{trace}", shown(&file)));
        }
    }
    expect_none("traces that differ", &failures);
}
