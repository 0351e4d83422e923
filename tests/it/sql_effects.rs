//! Effects in databases that happen exactly once, whatever happens to the process, on both engines.

use std::thread;

use serde_json::json;

use crate::sql_desk::Desk;
use crate::sql_server::Database;

/// What a workflow does: it takes one from a stock, and tells how many are left.
fn workflow(returning: bool) -> String {
    let (tail, mode) = if returning {
        (" returning count", "mode: one\n rows: { count: int }")
    } else {
        ("", "mode: execute")
    };
    format!(
        "secret db = env(\"DB\")
         workflow take {{
           node taken: database_query {{
             connection: db
             query: \"update stock set count = count - :n where id = :id{tail}\"
             params: {{ \"n\": 1, \"id\": 7 }}
             {mode}
             effect: idempotent
             transactional: true
           }}
           output {{ affected: taken.affected }}
         }}"
    )
}

const STOCK: [&str; 2] =
    ["create table stock (id integer primary key, count integer)", "insert into stock values (7, 100)"];

/// Kills the process at a place of the node's attempt, goes on with the run, and looks at what it did.
fn is_killed_at(desk: &Desk, place: &str, count: impl Fn() -> String) {
    let before: i64 = count().parse().expect("a number");
    let id = format!("run-{place}");
    let run = ["run", "take.citadel", "--id", &id, "--allow-private-network"];
    let crash = format!("{place}:1");
    let variables = [desk.variables()[0], ("CITADEL_CRASH", crash.as_str())];
    let cut = desk.folder.citadel_with(&variables, &run);
    assert_eq!(cut.code, -1, "{place}: {}", cut.stderr);
    let resumed = desk.folder.citadel_with(&desk.variables(), &["resume", &id, "--allow-private-network"]);
    assert_eq!(resumed.ends_with(0).stdout, "{\n  \"affected\": 1\n}\n", "{place}");
    assert_eq!(count().parse::<i64>().expect("a number"), before - 1, "{place}");
}

const PLACES: [&str; 5] =
    ["before_intent", "after_intent", "before_sql_commit", "after_sql_commit", "after_effect"];

#[test]
fn an_effect_in_a_file_happens_once_wherever_the_process_is_killed() {
    let desk = Desk::new("effects-sqlite", "sqlite:data.db");
    let folder = &desk.folder;
    std::fs::write(folder.path().join("take.citadel"), workflow(true)).expect("a file");
    STOCK.iter().for_each(|statement| drop(desk.execute(statement)));
    let run = ["run", "take.citadel"];
    let refused = folder.citadel_with(&desk.variables(), &run).ends_with(1);
    assert!(refused.stderr.contains("no table `citadel_effects`"), "{}", refused.stderr);
    // As often as one likes.
    for connection in ["sqlite:data.db", "DB"] {
        folder.citadel_with(&desk.variables(), &["db", "init", connection]).ends_with(0);
    }
    let count =
        || desk.rows("select count from stock", "{ count: int }").expect("a row")[0]["count"].to_string();
    for place in PLACES {
        is_killed_at(&desk, place, count);
    }
    let kept = desk.rows(
        "select key, output from citadel_effects order by at limit 1",
        "{ key: string, output: { affected: int } }",
    );
    assert_eq!(kept.expect("rows")[0]["output"], json!({ "affected": 1 }));
    desk.execute("update citadel_effects set at = datetime('now', '-91 days')");
    folder.citadel_with(&desk.variables(), &["db", "init", "DB"]).ends_with(0);
    assert_eq!(desk.rows("select count(*) as n from citadel_effects", "{ n: int }"), Ok(json!([{ "n": 0 }])));
}

#[test]
fn an_effect_on_a_server_happens_once_wherever_the_process_is_killed() {
    thread::scope(|scope| {
        scope.spawn(|| on_server("effects-postgres", &Database::postgres("effects")));
        scope.spawn(|| on_server("effects-mariadb", &Database::mariadb("effects")));
    });
}

fn on_server(name: &str, server: &Database) {
    let desk = Desk::new(name, server.url());
    std::fs::write(desk.folder.path().join("take.citadel"), workflow(name.ends_with("postgres")))
        .expect("a file");
    STOCK.iter().for_each(|statement| drop(server.ask(statement)));
    let init = ["db", "init", "DB", "--allow-private-network"];
    let run = ["run", "take.citadel", "--allow-private-network"];
    let refused = desk.folder.citadel_with(&desk.variables(), &run).ends_with(1);
    assert!(refused.stderr.contains("no table `citadel_effects`"), "{}", refused.stderr);
    let denied = desk.folder.citadel_with(&desk.variables(), &init[..3]).ends_with(2);
    assert!(!denied.stderr.contains("127.0.0.1"), "{}", denied.stderr);
    for _ in 0..2 {
        desk.folder.citadel_with(&desk.variables(), &init).ends_with(0);
    }
    let count = || server.ask("select count from stock").remove(0);
    for place in PLACES {
        is_killed_at(&desk, place, count);
    }
    assert_eq!(server.ask("select count(*) from citadel_effects"), ["5"]);
    attempts_at_the_same_time_are_one(server);
}

/// Two processes at the same key: the second waits for the first, and gives what it gave.
fn attempts_at_the_same_time_are_one(server: &Database) {
    use citadel::nodes::{Context, Egress, Executors, Secrets};
    let before = server.ask("select count from stock").remove(0);
    let call = crate::sql_call::transactional(
        &server.url(),
        "update stock set count = count - 1 where id = :id",
        "the-same-key",
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outputs = runtime.block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let call = call.clone();
                // Executors of their own, as different processes have them.
                tokio::spawn(async move {
                    let context = Context::new(Secrets::default(), Egress::allow_private());
                    loop {
                        match Executors::standard().run(&call, &context).await {
                            Err(error) if error.name == "Deadlock" => {}
                            result => return result,
                        }
                    }
                })
            })
            .collect();
        let mut outputs = Vec::new();
        for task in tasks {
            outputs.push(task.await.expect("no panic").expect("an output"));
        }
        outputs
    });
    assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "{outputs:?}");
    let after = server.ask("select count from stock").remove(0);
    assert_eq!(before.parse::<i64>().expect("a number") - 1, after.parse::<i64>().expect("a number"));
}
