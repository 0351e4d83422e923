//! What the journal costs beside the disk and SQLite themselves, all in one run on the disk of `target`.
//!
//! `cargo bench --bench journal`. Durable: a write-ahead log, `synchronous=FULL`, an fsync for each commit. The bars: a
//! sequential append at a p50 of 2.5 times the disk's fdatasync + 0.2 ms and a p99 of 10 times; 64 runs at once at 40 %
//! of SQLite's own rate of rows, 12,000 a second aimed at; 10,000 open runs listed and loaded in under a second.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark prints what the clock says"
)]

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use citadel::driver::embedded::journal::{Access, Created, Journal, NewRun, Record, RunChange};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1_500);
const PAYLOAD: usize = 200;
const OPEN_RUNS: usize = 10_000;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journal-bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    println!("durable: WAL, synchronous=FULL; payloads of {PAYLOAD} bytes; medians of {ROUNDS} rounds\n");
    println!("{:<44}{:>12}{:>12}{:>12}", "", "per second", "p50", "p99");
    let disk = measure("fdatasync of 4 KiB", &folder, fdatasync);
    let few = measure("SQLite, 10 rows a commit", &folder, |folder| sqlite(folder, 10));
    let many = measure("SQLite, 100 rows a commit", &folder, |folder| sqlite(folder, 100));
    let one = measure("journal, 1 run", &folder, |folder| runtime.block_on(appends(folder, 1)));
    let all = measure("journal, 64 runs at once", &folder, |folder| runtime.block_on(appends(folder, 64)));
    println!();
    println!(
        "1 run: p50 {:.1} times the disk's, p99 {:.1} times",
        ratio(one.p50, disk.p50),
        ratio(one.p99, disk.p99)
    );
    println!(
        "64 runs: {:.0} % of SQLite with 10 rows, {:.0} % with 100",
        share(&all, &few),
        share(&all, &many)
    );
    runtime.block_on(open_runs(&fresh(&folder)));
    let _ = fs::remove_dir_all(&folder);
}

/// What one way of writing came to.
struct Figures {
    /// Rows.
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl Figures {
    fn new(rows: usize, time: Duration, mut each: Vec<Duration>) -> Self {
        each.sort_unstable();
        let at = |share: usize| each[(each.len() - 1) * share / 100];
        Self { per_second: rows as f64 / time.as_secs_f64(), p50: at(50), p99: at(99) }
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn share(one: &Figures, other: &Figures) -> f64 {
    100.0 * one.per_second / other.per_second
}

fn measure(name: &str, folder: &Path, round: impl Fn(&Path) -> Figures) -> Figures {
    let mut rounds: Vec<Figures> = (0..ROUNDS).map(|_| round(&fresh(folder))).collect();
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let median = rounds.swap_remove(ROUNDS / 2);
    let Figures { per_second, p50, p99 } = &median;
    println!("{name:<44}{per_second:>12.0}{p50:>12.2?}{p99:>12.2?}");
    median
}

fn fresh(folder: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    folder.to_owned()
}

/// Over and over the same place of a file: the least that a durable write can cost.
fn fdatasync(folder: &Path) -> Figures {
    let file = fs::File::create(folder.join("plain")).expect("a file");
    let page = [7; 4096];
    repeat(1, || {
        file.write_all_at(&page, 0).expect("written");
        file.sync_data().expect("synced");
    })
}

fn sqlite(folder: &Path, rows: usize) -> Figures {
    let connection = rusqlite::Connection::open(folder.join("plain.db")).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE events (run INTEGER, seq INTEGER, payload BLOB, PRIMARY KEY (run, seq)) WITHOUT ROWID",
        )
        .expect("a table");
    let mut insert = connection.prepare("INSERT INTO events VALUES (?1, ?2, ?3)").expect("a statement");
    let (payload, mut number) = (vec![7_u8; PAYLOAD], 0_i64);
    repeat(rows, || {
        connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
        for _ in 0..rows {
            number += 1;
            insert.execute((number % rows as i64, number, &payload)).expect("inserted");
        }
        connection.execute_batch("COMMIT").expect("committed");
    })
}

fn repeat(rows: usize, mut commit: impl FnMut()) -> Figures {
    let (begin, mut each) = (Instant::now(), Vec::new());
    while begin.elapsed() < ROUND {
        let start = Instant::now();
        commit();
        each.push(start.elapsed());
    }
    Figures::new(rows * each.len(), begin.elapsed(), each)
}

/// Each run appends one record after the other, as one that waits for each of its nodes.
async fn appends(folder: &Path, runs: usize) -> Figures {
    let journal = Journal::open(&folder.join(".citadel"), Access::Write).expect("a journal");
    let begin = Instant::now();
    let tasks: Vec<_> = (0..runs).map(|run| tokio::spawn(append_on(journal.clone(), run))).collect();
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await.expect("appended"));
    }
    let figures = Figures::new(each.len(), begin.elapsed(), each);
    journal.close().await.expect("closed");
    figures
}

async fn append_on(journal: Journal, run: usize) -> Vec<Duration> {
    let id = create(&journal, run).await;
    let (begin, mut each) = (Instant::now(), Vec::new());
    while begin.elapsed() < ROUND {
        let record = Record { kind: 1, at: 0, payload: vec![7; PAYLOAD], consumes: None };
        let start = Instant::now();
        journal.append(&id, 1, vec![record], RunChange::default()).await.expect("appended");
        each.push(start.elapsed());
    }
    each
}

async fn create(journal: &Journal, run: usize) -> String {
    let id = format!("run-{run}");
    let new = NewRun {
        id: id.clone(),
        workflow: "order".to_owned(),
        plan_hash: "plan".to_owned(),
        plan: vec![7; 4_000].into(),
        header: vec![7; PAYLOAD],
        parent: None,
        started_at: run as i64,
        records: Vec::new(),
    };
    assert!(matches!(journal.create(new).await, Ok(Created::New(1))));
    id
}

/// What a process has to read before it can go on with the runs that another left.
async fn open_runs(folder: &Path) {
    let folder = folder.join(".citadel");
    let journal = Journal::open(&folder, Access::Write).expect("a journal");
    let begin = Instant::now();
    let creating: Vec<_> = (0..OPEN_RUNS)
        .map(|run| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let id = create(&journal, run).await;
                let records = vec![Record { kind: 1, at: 0, payload: vec![7; PAYLOAD], consumes: None }; 5];
                journal.append(&id, 1, records, RunChange::default()).await.expect("appended");
            })
        })
        .collect();
    for created in creating {
        created.await.expect("created");
    }
    println!("{OPEN_RUNS} runs begun, with 5 records each, in {:.0?}", begin.elapsed());
    journal.close().await.expect("closed");

    let begin = Instant::now();
    let journal = Journal::open(&folder, Access::Write).expect("a journal");
    let open = journal.open_runs().await.expect("read");
    let listed = begin.elapsed();
    let claims: Vec<_> = open
        .iter()
        .map(|run| {
            let (journal, id) = (journal.clone(), run.id.clone());
            tokio::spawn(async move {
                journal.claim(&id, false).await.expect("claimed");
                journal.load(&id, false).await.expect("loaded")
            })
        })
        .collect();
    for claim in claims {
        claim.await.expect("claimed");
    }
    println!(
        "{OPEN_RUNS} open runs listed in {listed:.0?}, all claimed and loaded in {:.0?}",
        begin.elapsed()
    );
}
