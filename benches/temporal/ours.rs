use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;

use citadel::catalog::{Catalog, Class, Field, Form, Kind, Output, Part};
use citadel::compile::check_with;
use citadel::driver::Environment;
use citadel::driver::temporal::{Connection, Endpoint, Options, Plans, Worker};
use citadel::nodes::{self, Call, Context, Executor, Executors};
use citadel::plan::Plan;
use citadel::source::MemoryWorld;
use citadel::types::Type;
use citadel::value::{Map, Value};

use crate::workload::{LARGE, Side, WORKLOADS};

/// Gives what it is given.
struct Echo;

impl Executor for Echo {
    fn execute<'a>(&'a self, call: &'a Call, _: &'a Context) -> nodes::Future<'a> {
        let n = call.field("n").cloned().unwrap_or(Value::Int(0));
        Box::pin(async { Ok(Value::Map(Map::record([("n", n)]))) })
    }
}

/// The plans of all workloads.
pub(crate) fn plans() -> Vec<Arc<Plan>> {
    let mut texts: Vec<String> = WORKLOADS.iter().chain(&LARGE).map(|workload| workload.text()).collect();
    texts.sort();
    texts.dedup();
    texts.iter().map(|text| Arc::new(plan(text))).collect()
}

fn plan(text: &str) -> Plan {
    let echo = Kind::new("echo", Class::Activity { progress: false }, "Gives what it is given.")
        .field(Field::new("n", Form::Value(Type::Int), "Anything."))
        .output(Output::Record(vec![("n".into(), Part::Is(Type::Int))]));
    let path = PathBuf::from("bench.citadel");
    let world = MemoryWorld::default().with(&path, text);
    let compiled = check_with(&world, &[path], &Catalog::standard().with(echo));
    compiled.plans().expect("it has no errors").swap_remove(0)
}

pub(crate) fn endpoint(address: &str) -> Endpoint {
    Endpoint { address: address.to_owned(), namespace: "default".to_owned(), tls: None, api_key: None }
}

/// Serves the workloads with the usual settings.
pub(crate) async fn work(address: &str) {
    let connection = Connection::open(&endpoint(address)).await.expect("the server is there");
    let mut executors = Executors::standard();
    executors.register("echo", Arc::new(Echo));
    let served = Arc::new(Plans::default());
    served.serve(plans(), &Environment::of_process(), &executors).expect("they can be served");
    let options = Options::of(Side::Ours.to_string());
    let worker = Worker::new(&connection, served, executors, options).expect("a worker");
    worker.run(pending()).await.expect("it works");
}
