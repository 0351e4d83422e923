//! `database_query` when connections, servers and other transactions get in its way.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Secrets};
use citadel::value::Value;

use crate::sql_call::{executed, within};
use crate::sql_server::Database;

/// Executors as one process has them.
#[derive(Clone)]
struct Process(Arc<Executors>);

impl Process {
    fn new() -> Self {
        Self(Arc::new(Executors::standard()))
    }

    async fn run(&self, call: &Call) -> Result<Value, NodeError> {
        self.0.run(call, &Context::new(Secrets::default(), Egress::allow_private())).await
    }

    fn begin(&self, call: Call) -> tokio::task::JoinHandle<Result<Value, NodeError>> {
        let process = self.clone();
        tokio::spawn(async move { process.run(&call).await })
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// Waits beside the runtime, whose tasks go on.
async fn until(server: &Arc<Database>, text: &'static str, answer: &'static str) {
    let server = server.clone();
    tokio::task::spawn_blocking(move || server.until(text, answer)).await.expect("no panic");
}

async fn ask(server: &Arc<Database>, text: &'static str) {
    let server = server.clone();
    tokio::task::spawn_blocking(move || server.ask(text)).await.expect("no panic");
}

const SETUP: [&str; 2] = [
    "create table faults (id integer primary key, n integer)",
    "insert into faults values (1, 0), (2, 0), (3, 0), (4, 0), (7, 0)",
];

const UPDATE: &str = "update faults set n = n + 1 where id = :id";

#[test]
fn postgres_gets_in_its_way() {
    let server = Arc::new(Database::postgres("faults"));
    SETUP.iter().for_each(|statement| drop(server.ask(statement)));
    let waiting = "select count(*)::text from pg_stat_activity where application_name = 'citadel' and wait_event_type = 'Lock'";
    let busy =
        "select count(*)::text from pg_stat_activity where application_name = 'citadel' and state <> 'idle'";
    runtime().block_on(async {
        let process = Process::new();
        let update = executed(&server.url(), UPDATE);
        process.run(&update).await.expect("it is there");
        // A connection that died in the pool is replaced, and nobody hears of it.
        ask(
            &server,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'citadel'",
        )
        .await;
        process.run(&update).await.expect("another connection is made");
        // An attempt that nobody waits for any more is ended on the server.
        let sleep = executed(&server.url(), "select pg_sleep(600) where :id = 7");
        let dropped = process.begin(sleep.clone());
        until(&server, busy, "1").await;
        dropped.abort();
        until(&server, busy, "0").await;
        // Connections are counted: who finds none in time is told so, and nothing has happened.
        let held: Vec<_> = (0..10).map(|_| process.begin(sleep.clone())).collect();
        until(&server, busy, "10").await;
        let error = process
            .run(&within(update.clone(), Duration::from_millis(500)))
            .await
            .expect_err("all are in use");
        assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true));
        assert!(error.message.contains("10 connections"), "{}", error.message);
        held.iter().for_each(|task| task.abort());
        until(&server, busy, "0").await;
        // A backend that ends in the middle of a statement undoes it.
        let ended = process.begin(sleep);
        until(&server, busy, "1").await;
        ask(
            &server,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'citadel'",
        )
        .await;
        let error = ended.await.expect("no panic").expect_err("it was ended");
        assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true));
        deadlock(&server, waiting).await;
    });
}

#[test]
fn mariadb_gets_in_its_way() {
    let server = Arc::new(Database::mariadb("faults"));
    SETUP.iter().for_each(|statement| drop(server.ask(statement)));
    let busy = "select count(*) from information_schema.processlist where command in ('Execute', 'Query') and id <> connection_id()";
    // `innodb_trx` is renewed only when nobody has read it for a tenth of a second, and so never for who asks on.
    let waiting = "select variable_value from information_schema.global_status where variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'";
    runtime().block_on(async {
        let process = Process::new();
        let update = executed(&server.url(), UPDATE);
        process.run(&update).await.expect("it is there");
        let kill = "begin not atomic declare done int default 0; declare i bigint; \
             declare c cursor for select id from information_schema.processlist where id <> connection_id() and user = 'citadel'; \
             declare continue handler for not found set done = 1; open c; \
             repeat fetch c into i; if done = 0 then kill i; end if; until done end repeat; end";
        ask(&server, kill).await;
        process.run(&update).await.expect("another connection is made");
        let sleep = executed(&server.url(), "select sleep(600) from faults where id = :id");
        let dropped = process.begin(sleep.clone());
        until(&server, busy, "1").await;
        dropped.abort();
        until(&server, busy, "0").await;
        let ended = process.begin(sleep);
        until(&server, busy, "1").await;
        ask(&server, kill).await;
        assert_eq!(ended.await.expect("no panic").expect_err("it was ended").name, "ConnectionFailed");
        deadlock(&server, waiting).await;
    });
}

/// Two transactions take the same rows in opposite orders while both wait for a third: one of them gives way.
async fn deadlock(server: &Arc<Database>, waiting: &'static str) {
    let batch = |ids: [i64; 3]| {
        let mut call = executed(&server.url(), UPDATE);
        let records = ids.map(|id| Value::Map(citadel::value::Map::record([("id", Value::Int(id))])));
        if let Value::Map(fields) = &mut call.input {
            fields.insert("batch".into(), records.into_iter().collect());
        }
        call
    };
    let (first, second) = (Process::new(), Process::new());
    let held = Gate::close(server).await;
    let one = first.begin(batch([1, 3, 2]));
    let other = second.begin(batch([2, 4, 1]));
    until(server, waiting, "2").await;
    held.open().await;
    let results = [one.await.expect("no panic"), other.await.expect("no panic")];
    let failed: Vec<&NodeError> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(failed.len(), 1, "{results:?}");
    assert_eq!((failed[0].name.as_str(), failed[0].before_effect), ("Deadlock", true));
}

/// A transaction of the test's own that holds the rows 3 and 4.
struct Gate(tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>);

impl Gate {
    async fn close(server: &Arc<Database>) -> Self {
        let (open, opened) = tokio::sync::oneshot::channel();
        let (closed, is_closed) = tokio::sync::oneshot::channel();
        let server = server.clone();
        let task = tokio::spawn(async move {
            server.hold("update faults set n = n where id in (3, 4)", closed, opened).await;
        });
        is_closed.await.expect("it is closed");
        Self(open, task)
    }

    async fn open(self) {
        self.0.send(()).expect("it is held");
        self.1.await.expect("no panic");
    }
}

#[test]
fn a_server_that_dies_and_comes_back_is_tried_again() {
    thread::scope(|scope| {
        scope.spawn(|| dies_and_comes_back(Database::postgres("power")));
        scope.spawn(|| dies_and_comes_back(Database::mariadb("power")));
    });
}

fn dies_and_comes_back(mut server: Database) {
    SETUP.iter().for_each(|statement| drop(server.ask(statement)));
    let url = server.url();
    let runtime = runtime();
    let process = Process::new();
    let update = executed(&url, UPDATE);
    runtime.block_on(process.run(&update)).expect("it is there");
    server.kill();
    let error = runtime.block_on(process.run(&update)).expect_err("it is gone");
    assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true), "{}", error.message);
    server.revive();
    runtime.block_on(process.run(&update)).expect("it is back");
    assert_eq!(server.ask("select n from faults where id = 7"), ["2"]);
}
