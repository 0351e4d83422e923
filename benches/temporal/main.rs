//! The Temporal driver beside a workflow written by hand in Rust, on the same real server in the same run: latency,
//! throughput, events and bytes of histories, and CPU of workers and server.
//!
//! `cargo bench --bench temporal` prints a table, `-- chain` (`fan-out`, `runs`, `pure`, `naive`) a part of it; `-- large`
//! prints what runs of many histories take. The server is started by it (`tests/run` installs one; else that on the path), in memory, with its speed limits lifted;
//! each worker is a process of its own. A measurement is the median of ten alternating pairs.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark starts processes and prints times"
)]

mod bench;
mod hand;
mod ours;
mod processes;
mod workload;

use bench::Bench;
use processes::{Server, WORKER};
use workload::{LARGE, Side, WORKLOADS};

/// As in the `citadel` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this binary too; there is nothing to assert about time.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    if let [role, side, address] = arguments.as_slice()
        && role == WORKER
    {
        processes::end_with_parent();
        return runtime.block_on(work(side, address));
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.starts_with(part.as_str()));
    let server = Server::start();
    runtime.block_on(async {
        let mut bench = Bench::open(&server).await;
        println!("{}", bench::HEAD);
        for workload in WORKLOADS.iter().filter(|workload| is_wanted(workload.name)) {
            println!("{}", bench.pairs(workload, Side::Hand).await);
        }
        for workload in WORKLOADS.iter().filter(|workload| workload.has_naive && is_wanted("naive")) {
            println!("{}", bench.pairs(workload, Side::Naive).await);
        }
        for workload in LARGE.iter().filter(|_| wanted.iter().any(|part| *part == "large")) {
            println!("{}", bench.alone(workload).await);
        }
    });
}

/// What a worker's process does.
async fn work(side: &str, address: &str) {
    match side.parse().expect("a side") {
        Side::Ours => ours::work(address).await,
        Side::Hand => hand::work(address).await,
        Side::Naive => hand::work_naively(address).await,
    }
}
