//! Compile time from text to plans at 100, 1,000, 10,000 and 100,000 nodes in one workflow.
//!
//! `cargo bench --bench compile` prints a table: the median of several runs, the time per node, and the growth
//! over the size before, which is 10 where the compiler is linear.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints times")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// As in the `citadel` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

fn main() {
    // `cargo test --benches` runs this binary too; there is nothing to assert about time.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "{:>8} {:>8} {:>12} {:>14} {:>12} {:>8}",
        "nodes", "KiB", "check", "check + plan", "per node", "growth"
    );
    let mut before: Option<Duration> = None;
    for nodes in SIZES {
        let text = workflow(nodes);
        let runs = if nodes > 10_000 { 3 } else { 11 };
        let check = median(runs, || drop(citadel::compile::check_text(&text)));
        let plan = median(runs, || drop(citadel::compile::plan_text(&text)));
        let growth =
            before.map_or("-".to_owned(), |known| format!("{:.1}", plan.as_secs_f64() / known.as_secs_f64()));
        println!(
            "{nodes:>8} {:>8} {check:>12.2?} {plan:>14.2?} {:>12.2?} {growth:>8}",
            text.len() / 1024,
            plan / u32::try_from(nodes).unwrap_or(u32::MAX),
        );
        before = Some(plan);
    }
}

fn median(runs: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// A workflow of about `nodes` nodes: stages of five, each a request, a choice, two ways and where they meet.
fn workflow(nodes: usize) -> String {
    let mut text = String::from(
        "const api = \"https://api.example.com\"\n\nworkflow large {\n  input { id: string }\n\n",
    );
    for stage in 0..nodes.div_ceil(5) {
        write_stage(&mut text, stage);
    }
    text.push_str("}\n");
    text
}

fn write_stage(text: &mut String, stage: usize) {
    let _ = write!(
        text,
        "  node get{stage}: http_request {{ url: \"${{api}}/a/${{input.id}}\", response: {{ n: int }} }}\n  \
         node big{stage}: condition {{ when: get{stage}.body.n > {stage} }}\n  \
         node a{stage}: data_transformer {{ value: get{stage}.body.n * 2 }}\n  \
         node b{stage}: data_transformer {{ value: \"no ${{get{stage}.status}}\" }}\n  \
         node end{stage}: data_transformer {{ value: a{stage}.?value.orValue(0) + get{stage}.body.n }}\n  \
         get{stage} -> big{stage}\n  big{stage}.true -> a{stage} -> end{stage}\n  \
         big{stage}.false -> b{stage} -> end{stage}\n"
    );
    if stage > 0 {
        let _ = writeln!(text, "  end{} -> get{stage}", stage - 1);
    }
}
