use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use citadel::driver::temporal::{Client, Connection, Ending};
use citadel::engine::machine::Outcome;
use citadel::plan::Plan;
use serde_json::json;
use temporalio_client::ConnectionOptions;
use temporalio_client::grpc::WorkflowService;
use temporalio_protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, GetWorkflowExecutionHistoryRequest,
};

use crate::hand;
use crate::ours;
use crate::processes::{Process, Server};
use crate::workload::{Side, Workload};

/// How many pairs there are of each workload.
const PAIRS: usize = 10;

/// What the columns of the table are.
pub(crate) const HEAD: &str = "\
                                  latency, ms             per second     events        bytes       worker ms   server ms
workload                 beside    ours  other  ratio     ours  other   ours other   ours other   ours other   ours other";

/// A server with a worker of each side.
pub(crate) struct Bench<'a> {
    server: &'a Server,
    workers: Vec<(Side, Process, Client)>,
    plans: BTreeMap<String, Arc<Plan>>,
    service: Box<dyn WorkflowService>,
    runs: usize,
}

/// What one side has shown.
#[derive(Default)]
struct Shown {
    /// Latencies in milliseconds, one of each pair.
    times: Vec<f64>,
    worker_cpu: f64,
    server_cpu: f64,
    events: i64,
    bytes: i64,
}

impl<'a> Bench<'a> {
    pub(crate) async fn open(server: &'a Server) -> Self {
        // The port is open before the namespace is there.
        let endpoint = ours::endpoint(&server.address);
        let connection = loop {
            match Connection::open(&endpoint).await {
                Ok(connection) => break connection,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            }
        };
        let worker = |side: Side| {
            (side, Process::worker(side, server), Client::new(connection.clone(), side.to_string()))
        };
        let workers = Side::ALL.map(worker).into();
        let name = |plan: &Arc<Plan>| plan.program().workflows[0].name.clone();
        let plans = ours::plans().into_iter().map(|plan| (name(&plan), plan)).collect();
        let options = ConnectionOptions::new(hand::url(&server.address)).dns_load_balancing(None).build();
        let raw = temporalio_client::Connection::connect(options).await.expect("the server is there");
        Self { server, workers, plans, service: raw.workflow_service(), runs: 0 }
    }

    /// Measures a workload in alternating pairs, and gives a row of the table.
    pub(crate) async fn pairs(&mut self, workload: &Workload, other: Side) -> String {
        let sides = [Side::Ours, other];
        let mut shown = [Shown::default(), Shown::default()];
        for side in sides {
            self.run(workload, side).await;
            self.run(workload, side).await;
        }
        for pair in 0..PAIRS {
            // Each goes first as often as the other.
            for at in [pair % 2, 1 - pair % 2] {
                self.measure(workload, sides[at], &mut shown[at]).await;
            }
        }
        row(workload, other, &shown)
    }

    async fn measure(&mut self, workload: &Workload, side: Side, shown: &mut Shown) {
        let (worker_before, server_before) = self.cpu(side);
        let start = Instant::now();
        let mut last = String::new();
        for _ in 0..workload.rounds {
            last = self.run(workload, side).await;
        }
        let rounds = workload.rounds as f64;
        shown.times.push(start.elapsed().as_secs_f64() * 1e3 / rounds);
        let (worker, server) = self.cpu(side);
        let runs = rounds * workload.at_once as f64 * PAIRS as f64;
        shown.worker_cpu += (worker - worker_before) / runs;
        shown.server_cpu += (server - server_before) / runs;
        (shown.events, shown.bytes) = self.size(&last, "").await;
    }

    fn worker(&self, side: Side) -> &(Side, Process, Client) {
        self.workers.iter().find(|(of, ..)| *of == side).expect("each side has one")
    }

    fn cpu(&self, side: Side) -> (f64, f64) {
        (self.worker(side).1.cpu(), self.server.process.cpu())
    }

    /// Starts the runs of a workload and waits for all; gives the id of one.
    async fn run(&mut self, workload: &Workload, side: Side) -> String {
        let ids: Vec<String> = (0..workload.at_once).map(|n| format!("{side}-{}", self.runs + n)).collect();
        self.runs += ids.len();
        let client = &self.worker(side).2;
        let runs = ids.iter().map(|id| self.one(client, workload, side, id));
        futures::future::join_all(runs).await;
        ids.into_iter().next().expect("there is one")
    }

    async fn one(&self, client: &Client, workload: &Workload, side: Side, id: &str) {
        let started = if side == Side::Ours {
            let plan = &self.plans[&workload.our_name()];
            client.start(plan, json!({}), Some(id.to_owned()), BTreeMap::new()).await
        } else {
            let name = workload.type_of(side);
            client.start_by_name(name, &json!(workload.count), Some(id.to_owned())).await
        };
        started.expect("it starts");
        let ending = client.result(id).await.expect("it ends");
        assert!(matches!(ending, Ending::Outcome(Outcome::Completed { .. })), "{id}: {ending:?}");
    }

    /// Events and bytes of a history of a run, the last where `run` is empty.
    async fn size(&mut self, id: &str, run: &str) -> (i64, i64) {
        let request = DescribeWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            execution: Some(execution(id, run)),
        };
        let described = self.service.describe_workflow_execution(tonic::Request::new(request)).await;
        let info = described.expect("it is known").into_inner().workflow_execution_info.unwrap_or_default();
        (info.history_length, info.history_size_bytes)
    }

    /// Runs a workload once on our side, and says what that took.
    pub(crate) async fn alone(&mut self, workload: &Workload) -> String {
        let (worker_before, server_before) = self.cpu(Side::Ours);
        let start = Instant::now();
        let id = self.run(workload, Side::Ours).await;
        let seconds = start.elapsed().as_secs_f64();
        let (worker, server) = self.cpu(Side::Ours);
        let mut sizes = Vec::new();
        let mut run = Some(String::new());
        while let Some(of) = run {
            sizes.push(self.size(&id, &of).await);
            run = self.before(&id, &of).await;
        }
        format!(
            "{:<24} {seconds:.1} s, {:.0}/s; {} histories, the largest of {} events and {} bytes; CPU of worker {:.1} s, of server {:.1} s",
            workload.name,
            workload.count as f64 / seconds,
            sizes.len(),
            sizes.iter().map(|(events, _)| *events).max().unwrap_or(0),
            sizes.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0),
            (worker - worker_before) / 1e3,
            (server - server_before) / 1e3,
        )
    }

    /// The history that a history goes on from.
    async fn before(&mut self, id: &str, run: &str) -> Option<String> {
        let request = GetWorkflowExecutionHistoryRequest {
            namespace: "default".to_owned(),
            execution: Some(execution(id, run)),
            maximum_page_size: 1,
            ..Default::default()
        };
        let page = self.service.get_workflow_execution_history(tonic::Request::new(request)).await;
        let first = page.expect("it is known").into_inner().history?.events.into_iter().next()?;
        match first.attributes? {
            Attributes::WorkflowExecutionStartedEventAttributes(started) => {
                Some(started.continued_execution_run_id).filter(|run| !run.is_empty())
            }
            _ => None,
        }
    }
}

fn execution(id: &str, run: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: id.to_owned(), run_id: run.to_owned() }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    f64::midpoint(numbers[middle - 1], numbers[middle])
}

fn row(workload: &Workload, other: Side, [ours, others]: &[Shown; 2]) -> String {
    let (our_time, other_time) = (median(ours.times.clone()), median(others.times.clone()));
    // What disturbs the machine for a while disturbs both of a pair.
    let ratio = median(ours.times.iter().zip(&others.times).map(|(ours, other)| ours / other).collect());
    let per_second = |time: f64| (workload.count * workload.at_once) as f64 / time * 1e3;
    format!(
        "{:<24} {:<6} {:>7.1} {:>6.1} {:>6.2} {:>8.0} {:>6.0} {:>6} {:>5} {:>6} {:>5} {:>6.1} {:>5.1} {:>6.1} {:>5.1}",
        workload.name,
        other.to_string(),
        our_time,
        other_time,
        ratio,
        per_second(our_time),
        per_second(other_time),
        ours.events,
        others.events,
        ours.bytes,
        others.bytes,
        ours.worker_cpu,
        others.worker_cpu,
        ours.server_cpu,
        others.server_cpu,
    )
}
