//! The machine alone, without a driver: the time of an event in runs of growing size, and the memory of an idle run.
//!
//! `cargo bench --bench machine` prints a table, with words after `--` only the rows that have them; of each row the
//! median of several runs. The bars: at most 1 µs an
//! event, the same from 10 nodes to 100,000; at most 8 KB for an idle run of 20 nodes.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints what it found"
)]

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use citadel::compile::plan_text;
use citadel::engine::machine::{Command, Event, Machine, Moment, Start, Ticket, Wired};
use citadel::plan::WorkflowId;
use citadel::value::{Map, Value};

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

fn main() {
    memory();
    println!("{:<44}{:>9}{:>12}{:>14}", "", "events", "ns/event", "events/s");
    for size in SIZES {
        row(&format!("chain of {size}"), &chain(size));
    }
    for size in SIZES {
        row(&format!("fan-out of {size}"), &fan(size));
    }
    for size in SIZES {
        row(
            &format!("loop of {size}, an activity each"),
            &repeated("node a: http_request { url: \"https://example.com/${item}\", retry: none }", size),
        );
    }
    for size in SIZES {
        row(
            &format!("loop of {size}, pure"),
            &repeated("node a: data_transformer { value: item + 1 }", size),
        );
    }
}

fn chain(size: usize) -> String {
    let mut text = String::from("workflow w {\n");
    for at in 0..size {
        let _ = writeln!(text, "node n{at}: http_request {{ url: \"https://example.com\", retry: none }}");
    }
    (1..size).for_each(|at| {
        let _ = writeln!(text, "n{} -> n{at}", at - 1);
    });
    text + "}"
}

fn fan(size: usize) -> String {
    let mut text = String::from(
        "workflow w {\nnode first: http_request { url: \"https://example.com\", retry: none }\n",
    );
    for at in 0..size {
        let _ = writeln!(
            text,
            "node n{at}: http_request {{ url: \"https://example.com\", retry: none }}\nfirst -> n{at} -> last"
        );
    }
    text + "node last: data_transformer { value: 1 }\n}"
}

fn repeated(node: &str, size: usize) -> String {
    format!(
        "workflow w {{ node l: loop {{ times: {size}, max_iterations: {size}, parallelism: 50, body {{ {node} }} }} }}"
    )
}

fn wired(text: &str) -> Arc<Wired> {
    let plans = plan_text(text).expect("a right program");
    Arc::new(Wired::new(Arc::new(plans.into_iter().next().expect("a workflow"))))
}

fn start() -> Event {
    let (input, settings) = (serde_json::json!({}), BTreeMap::new());
    Event::Started(Box::new(Start { run: "r".into(), input, settings, scheduled_at: None }))
}

fn output() -> Value {
    let fields = [("status", Value::Int(200)), ("headers", Value::Map(Map::new())), ("body", Value::Null)];
    Value::Map(Map::record(fields))
}

/// Answers everything in the order in which it was asked for, up to so many answers; the number of events.
fn drive(machine: &mut Machine, most: usize) -> usize {
    let (output, mut open, mut events) = (output(), VecDeque::<Ticket>::new(), 1);
    machine.handle(Moment(0), start());
    loop {
        let batch = machine.poll();
        open.extend(batch.commands.iter().filter_map(|command| match command {
            Command::Run(execution) => Some(execution.ticket),
            _ => None,
        }));
        let Some(ticket) = open.pop_front().filter(|_| events <= most) else { return events };
        machine.handle(Moment(0), Event::Completed { ticket, output: output.clone(), attempts: 1 });
        events += 1;
    }
}

/// A row of the table, where the arguments don't ask for others.
fn row(name: &str, text: &str) {
    if std::env::args().skip(1).any(|wanted| !wanted.starts_with('-') && !name.contains(&wanted)) {
        return;
    }
    let wired = wired(text);
    let mut events = 0;
    let mut times: Vec<Duration> = Vec::new();
    let began = Instant::now();
    while times.len() < 5 || (began.elapsed() < Duration::from_millis(300) && times.len() < 1_001) {
        let mut machine = Machine::new(Arc::clone(&wired), WorkflowId(0));
        let before = Instant::now();
        events = drive(&mut machine, usize::MAX);
        times.push(before.elapsed());
        assert!(machine.outcome().is_some(), "{name} is over");
    }
    times.sort();
    // A pure iteration is no event: what is counted is what happens.
    let counted = if events == 1 {
        name.split(' ').find_map(|word| word.trim_end_matches(',').parse().ok()).unwrap_or(1)
    } else {
        events
    };
    let each = times[times.len() / 2].as_nanos() as f64 / counted as f64;
    println!("{name:<44}{counted:>9}{each:>12.0}{:>14.0}", 1e9 / each);
}

/// Ten thousand runs of 20 nodes, each in the middle.
fn memory() {
    const RUNS: usize = 10_000;
    let wired = wired(&chain(20));
    let mut runs = Vec::with_capacity(RUNS);
    let before = resident();
    for _ in 0..RUNS {
        let mut machine = Machine::new(Arc::clone(&wired), WorkflowId(0));
        drive(&mut machine, 10);
        runs.push(machine);
    }
    let bytes = resident().saturating_sub(before) / RUNS;
    println!("an idle run of 20 nodes: {bytes} bytes, its snapshot {} bytes\n", runs[0].snapshot().len());
}

/// The memory that the process has, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}
