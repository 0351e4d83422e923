//! The embedded engine with its journal at `synchronous=FULL`: latency and throughput of nodes that do nothing, beside
//! what the machine's disk and SQLite give, and recovery of open runs.
//!
//! `cargo bench --bench engine` prints tables, `-- recovery` (`disk`, `sequential`, `at_once`) one of them. The journals lie under `target/`, so the disk is that of the project.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints times")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use citadel::catalog::{Class, Kind, Output};
use citadel::host::Citadel;
use citadel::value::{Map, Value};
use serde_json::json;

/// As in the `citadel` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // `cargo test --benches` runs this binary too; there is nothing to assert about time.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| part == name);
    runtime.block_on(async {
        // First, as what the others leave in memory would be counted.
        if is_wanted("recovery") {
            recovery().await;
        }
        if is_wanted("disk") {
            disk();
        }
        if is_wanted("sequential") {
            sequential().await;
        }
        if is_wanted("at_once") {
            at_once().await;
        }
    });
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-engine").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder under target/");
    path
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times[(times.len() - 1) * percent / 100]
}

/// What one fdatasync of 200 new bytes takes, and how many rows SQLite commits with a commit for each, for each ten and
/// for each hundred.
fn disk() {
    use std::io::Write;
    let folder = folder("disk");
    let mut file =
        std::fs::OpenOptions::new().append(true).create(true).open(folder.join("file")).expect("a file");
    let mut times: Vec<Duration> = (0..1_000)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&[0; 200]).expect("room");
            file.sync_data().expect("a disk");
            start.elapsed()
        })
        .collect();
    println!(
        "fdatasync             p50 {:>8.1?}  p99 {:>8.1?}",
        percentile(&mut times, 50),
        percentile(&mut times, 99)
    );
    for group in [1, 10, 100] {
        println!("SQLite, {group:>3} rows a commit: {:>8.0} rows/s", rows(&folder, group));
    }
}

fn rows(folder: &Path, group: u32) -> f64 {
    let db = rusqlite::Connection::open(folder.join(format!("{group}.db"))).expect("a file");
    db.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)",
    )
    .expect("SQLite");
    let commits = 2_000 / group.max(4);
    let start = Instant::now();
    for _ in 0..commits {
        db.execute_batch("BEGIN IMMEDIATE").expect("SQLite");
        let mut insert = db.prepare_cached("INSERT INTO t (v) VALUES (?)").expect("SQLite");
        for _ in 0..group {
            insert.execute([[0_u8; 200].as_slice()]).expect("SQLite");
        }
        drop(insert);
        db.execute_batch("COMMIT").expect("SQLite");
    }
    f64::from(commits * group) / start.elapsed().as_secs_f64()
}

async fn open(name: &str) -> Citadel {
    let kind = Kind::new("nothing", Class::Activity { progress: false }, "Does nothing.")
        .output(Output::Record(Vec::new()));
    let citadel = Citadel::at(folder(name)).kind(kind, |_| async { Ok(Value::Map(Map::new())) }).open().await;
    citadel.expect("a journal")
}

fn chain(nodes: usize) -> String {
    let declared: String = (0..nodes).map(|n| format!("  node n{n}: nothing {{ }}\n")).collect();
    let names: Vec<String> = (0..nodes).map(|n| format!("n{n}")).collect();
    format!("workflow chain {{\n{declared}  {}\n}}", names.join(" -> "))
}

/// One run after the other, each a chain: every node waits for its predecessor's commit.
async fn sequential() {
    println!("\nsequential nodes, one run");
    for nodes in [10, 100, 1_000, 10_000] {
        let citadel = open(&format!("chain-{nodes}")).await;
        citadel.register_text(&chain(nodes)).expect("it is right");
        let mut times = Vec::new();
        for _ in 0..(2_000 / nodes).clamp(1, 50) {
            let start = Instant::now();
            let run = citadel.execute("chain", json!({})).await.expect("accepted");
            citadel.result(&run).await.expect("over");
            times.push(start.elapsed() / u32::try_from(nodes).unwrap_or(1));
        }
        println!("  chain of {nodes:>6}: {:>9.1?} a node", percentile(&mut times, 50));
        citadel.shut_down().await;
    }
}

/// Many runs at once share their commits.
async fn at_once() {
    println!("\nnodes of chains of 100, runs at once");
    for runs in [1, 8, 64] {
        let citadel = open(&format!("at-once-{runs}")).await;
        citadel.register_text(&chain(100)).expect("it is right");
        let start = Instant::now();
        let mut ids = Vec::new();
        for _ in 0..runs {
            ids.push(citadel.execute("chain", json!({})).await.expect("accepted"));
        }
        for id in &ids {
            citadel.result(id).await.expect("over");
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("  {runs:>3} runs: {:>8.0} nodes/s", f64::from(runs) * 100.0 / seconds);
        citadel.shut_down().await;
    }
}

/// Open runs that wait for a signal are taken up by the next process.
async fn recovery() {
    /// A little more than 10,000.
    const RUNS: usize = 10_048;
    let folder = folder("recovery");
    let text = "workflow w { node a: data_transformer { value: 1 }\n node go: wait_signal { signal: go }\n a -> go }";
    let first = Citadel::at(&folder).open().await.expect("a journal");
    first.register_text(text).expect("it is right");
    let before = memory();
    // Some at once, as what starts weighs more than what waits.
    for _ in 0..RUNS / 64 {
        let starting: Vec<_> = (0..64)
            .map(|_| {
                let citadel = first.clone();
                tokio::spawn(async move { citadel.execute("w", json!({})).await.expect("accepted") })
            })
            .collect();
        for start in starting {
            start.await.expect("it started");
        }
    }
    let each = memory().saturating_sub(before) as f64 / 1_000.0 / RUNS as f64;
    println!("{RUNS} idle runs: {each:.1} KB of memory each, with what the journal keeps of them in memory");
    first.shut_down().await;
    drop(first);
    let start = Instant::now();
    let second = Citadel::at(&folder).open().await.expect("a journal");
    println!("{RUNS} open runs are taken up in {:.2?}", start.elapsed());
    second.shut_down().await;
}

/// The resident memory of this process, in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}
