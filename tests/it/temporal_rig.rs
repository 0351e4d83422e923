//! A worker of a real Temporal server for tests that look into histories: with a kind that reaches nothing outside.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use citadel::catalog::{Catalog, Class, ErrorInfo, Field, Form, Kind, Output, Part};
use citadel::compile::check_with;
use citadel::driver::Environment;
use citadel::driver::temporal::{Client, Connection, Ending, Options, Plans, TemporalError, Worker};
use citadel::engine::machine::{Outcome, Signal};
use citadel::nodes::{self, Call, Context, Egress, Executor, Executors, NodeError};
use citadel::plan::Plan;
use citadel::source::MemoryWorld;
use citadel::types::Type;
use citadel::value::{Map, Value};
use serde_json::{Value as Json, json};
use temporalio_client::ConnectionOptions;
use temporalio_client::grpc::WorkflowService;
use temporalio_protos::temporal::api::common::v1::{Payload, Payloads, WorkflowExecution};
use temporalio_protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage;
use temporalio_protos::temporal::api::history::v1::HistoryEvent;
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_protos::temporal::api::update::v1::{Input, Meta, Request as Update, WaitPolicy};
use temporalio_protos::temporal::api::workflowservice::v1 as rpc;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::temporal_server::Server;

/// How long a run may take that must end: one that takes longer doesn't.
const PATIENCE: Duration = Duration::from_secs(100);

/// What the kind `double` does, and how often it was asked to.
struct Double(watch::Sender<usize>);

impl Executor for Double {
    fn execute<'a>(&'a self, call: &'a Call, _: &'a Context) -> nodes::Future<'a> {
        Box::pin(async {
            self.0.send_modify(|count| *count += 1);
            let (n, failures) = (call.count("n").unwrap_or(0), call.count("failures").unwrap_or(0));
            if call.attempt as usize <= failures {
                return Err(NodeError::new("Stuck", "it is stuck"));
            }
            let twice = i64::try_from(n * 2).map_err(|_| NodeError::new("Stuck", "it is too much"))?;
            Ok(Value::Map(Map::record([("twice", Value::Int(twice))])))
        })
    }
}

/// A number, doubled; after as many failures as wanted.
fn double() -> Kind {
    Kind::new("double", Class::Activity { progress: false }, "Doubles a number.")
        .field(Field::new("n", Form::Value(Type::Int), "The number."))
        .field(Field::new("failures", Form::Value(Type::Int), "How many attempts fail."))
        .output(Output::Record(vec![("twice".into(), Part::Is(Type::Int))]))
        .errors([ErrorInfo::retryable("Stuck")])
}

/// A worker of a server, with a client and what looks into histories.
pub(crate) struct Rig {
    client: Client,
    service: Box<dyn WorkflowService>,
    plan: Arc<Plan>,
    /// How often `double` was asked for.
    pub(crate) asked: watch::Receiver<usize>,
    stop: oneshot::Sender<()>,
    working: JoinHandle<Result<(), TemporalError>>,
}

impl Rig {
    /// Serves the workflows of a text; runs are of the first.
    pub(crate) async fn open(server: &Server, text: &str) -> Self {
        let path = PathBuf::from("events.citadel");
        let world = MemoryWorld::default().with(&path, text);
        let catalog = Catalog::standard().with(double());
        let compiled = check_with(&world, &[path], &catalog);
        assert!(compiled.findings.is_empty(), "{text}\n{:?}", compiled.findings);
        let plan = Arc::new(compiled.plans().expect("plans").swap_remove(0));
        let (count, asked) = watch::channel(0);
        let mut executors = Executors::standard();
        executors.register("double", Arc::new(Double(count)));
        let environment = Environment::of_process();
        let plans = Arc::new(Plans::default());
        plans.serve([Arc::clone(&plan)], &environment, &executors).expect("it can be served");
        let connection = Connection::open(&server.endpoint()).await.expect("the server is there");
        let queue = plan.hash().to_owned();
        let options = Options {
            environment,
            egress: Egress::deny_private(),
            grace: Duration::ZERO,
            ..Options::of(queue.as_str())
        };
        let worker = Worker::new(&connection, plans, executors, options).expect("a worker");
        let (stop, stopped) = oneshot::channel();
        let working = tokio::spawn(worker.run(async { drop(stopped.await) }));
        let service = service(server).await;
        Self { client: Client::new(connection, queue), service, plan, asked, stop, working }
    }

    pub(crate) async fn start(&self, id: &str, input: Json) {
        let started = self.client.start(&self.plan, input, Some(id.to_owned()), Default::default()).await;
        started.expect("it starts");
    }

    /// The output of a run.
    pub(crate) async fn output(&self, id: &str) -> Json {
        let ending = tokio::time::timeout(PATIENCE, self.client.result(id)).await;
        match ending.expect("it ends in time").expect("it ends") {
            Ending::Outcome(Outcome::Completed { output, .. }) => output.to_json().expect("JSON"),
            other => panic!("`{id}` doesn't complete: {other:?}"),
        }
    }

    pub(crate) async fn signal(&self, id: &str, name: &str, payload: Json) {
        let signal = Signal { name: name.into(), payload, correlation: None };
        self.client.signal(id, &signal).await.expect("it is open");
    }

    /// Sends a signal as an update, which is answered once the run has it.
    pub(crate) async fn update(&mut self, id: &str, name: &str, payload: Json) {
        let data = serde_json::to_vec(&json!({ "name": name, "payload": payload })).expect("JSON");
        let metadata = [("encoding".to_owned(), b"json/plain".to_vec())].into();
        let input = Payload { metadata, data, ..Payload::default() };
        let request = rpc::UpdateWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            workflow_execution: Some(execution(id, "")),
            wait_policy: Some(WaitPolicy {
                lifecycle_stage: UpdateWorkflowExecutionLifecycleStage::Completed.into(),
            }),
            request: Some(Update {
                meta: Some(Meta { update_id: format!("{name}-{payload}"), identity: "a test".to_owned() }),
                input: Some(Input {
                    name: "citadel_signal".to_owned(),
                    args: Some(Payloads { payloads: vec![input] }),
                    ..Input::default()
                }),
                ..Update::default()
            }),
            ..Default::default()
        };
        let answer = self.service.update_workflow_execution(tonic::Request::new(request)).await;
        assert!(answer.expect("the run takes it").into_inner().outcome.is_some(), "it is not answered");
    }

    /// The histories of a run, the last first.
    pub(crate) async fn histories(&mut self, id: &str) -> Vec<Vec<HistoryEvent>> {
        let (mut histories, mut run) = (Vec::new(), Some(String::new()));
        while let Some(of) = run {
            let history = self.history(id, &of).await;
            run = match history.first().and_then(|event| event.attributes.as_ref()) {
                Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                    Some(started.continued_execution_run_id.clone()).filter(|run| !run.is_empty())
                }
                _ => None,
            };
            histories.push(history);
        }
        histories
    }

    async fn history(&mut self, id: &str, run: &str) -> Vec<HistoryEvent> {
        let (mut events, mut token) = (Vec::new(), Vec::new());
        loop {
            let request = rpc::GetWorkflowExecutionHistoryRequest {
                namespace: "default".to_owned(),
                execution: Some(execution(id, run)),
                next_page_token: token,
                ..Default::default()
            };
            let page = self.service.get_workflow_execution_history(tonic::Request::new(request)).await;
            let page = page.expect("it is known").into_inner();
            events.extend(page.history.unwrap_or_default().events);
            token = page.next_page_token;
            if token.is_empty() {
                return events;
            }
        }
    }

    pub(crate) async fn close(self) {
        drop(self.stop);
        self.working.await.expect("it doesn't panic").expect("it ends well");
    }
}

/// A server of its own for a test.
pub(crate) fn on_a_server(name: &str, test: impl AsyncFnOnce(&Server)) {
    let server = Server::own(name);
    Runtime::new().expect("a runtime").block_on(test(&server));
}

async fn service(server: &Server) -> Box<dyn WorkflowService> {
    let url: temporalio_client::Url = format!("http://{}", server.address()).parse().expect("a URL");
    let options = ConnectionOptions::new(url).dns_load_balancing(None).build();
    let connection = temporalio_client::Connection::connect(options).await.expect("the server is there");
    connection.workflow_service()
}

fn execution(id: &str, run: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: id.to_owned(), run_id: run.to_owned() }
}
