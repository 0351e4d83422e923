//! `database_query` gives the same on both engines.

use serde_json::{Value as Json, json};

use crate::both_engines::on_each;
use crate::sql_server::{Database, PASSWORD};

const TEXT: &str = r#"
secret db = env("DB")

workflow orders {
  input { name: string }
  node make: database_query {
    connection: db
    query: "create table if not exists orders (id bigserial primary key, name text not null, total numeric(10, 2), at timestamptz, tags text[])"
    mode: execute
    effect: idempotent
  }
  node put: database_query {
    connection: db
    query: "insert into orders (name, total, at, tags) values (:name, :total, :at, :tags) returning id"
    batch: [{ "total": "1.50" }, { "total": "2.25" }]
    params: { "name": input.name, "at": timestamp("2024-02-29T12:30:00.123456Z"), "tags": ["a", "it's"] }
    rows: { id: int }
    effect: idempotent
    transactional: true
  }
  node found: database_query {
    connection: db
    query: "select id, name, total, at, tags from orders where name = :name order by id"
    params: { "name": input.name }
    rows: { id: int, name: string, total: double, at: timestamp, tags: list<string> }
  }
  node nobody: database_query {
    connection: db
    query: "select id from orders where name = :name"
    params: { "name": "nobody" }
    mode: optional
    rows: { id: int }
  }
  make -> put -> found -> nobody
  output {
    totals: found.rows.map(r, r.total),
    first: found.rows[0].at,
    tags: found.rows[1].tags,
    put: put.affected,
    nobody: nobody.row.hasValue()
  }
}

workflow broken {
  node bad: database_query { connection: db, query: "select 1 / (:n - 1) as n", params: { "n": 1 }, mode: one, rows: { n: int } }
  output { n: bad.row.n }
}
"#;

#[test]
fn a_workflow_does_the_same_on_each() {
    let server = Database::postgres("engines");
    let variables = [("DB", server.url())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    server.ask("create table citadel_effects (key text primary key, output text, at timestamptz not null default now())");
    on_each(
        "sql-engines",
        TEXT,
        &variables,
        |folder| folder,
        |engine| {
            let input = json!({ "name": engine.name }).to_string();
            let ended = engine.run("orders", &["--input", &input]).ends_with(0);
            let output: Json = serde_json::from_str(&ended.stdout).expect("JSON");
            let expected = json!({
                "totals": [1.5, 2.25], "first": "2024-02-29T12:30:00.123456Z", "tags": ["a", "it's"], "put": 2, "nobody": false,
            });
            assert_eq!(output, expected, "{}", engine.name);
            let ended = engine.run("broken", &[]).ends_with(1);
            assert!(ended.stderr.contains("error[QueryFailed]"), "{}", ended.stderr);
            assert!(ended.stderr.contains("a division by zero (22012)"), "{}", ended.stderr);
            assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
        },
    );
}

/// A worker that is killed around the commit of an effect: another one finds that it has happened, or makes it.
#[cfg(feature = "temporal")]
#[test]
fn an_effect_happens_once_when_a_worker_is_killed() {
    use crate::beside::Beside;
    use crate::temporal_server::Server;
    use crate::temporal_town::Town;

    let database = Database::postgres("killed");
    for text in [
        "create table stock (id int primary key, count int)",
        "insert into stock values (7, 100)",
        "create table citadel_effects (key text primary key, output text, at timestamptz not null default now())",
    ] {
        database.ask(text);
    }
    let text = "secret db = env(\"DB\")
         workflow take {
           node taken: database_query {
             connection: db
             query: \"update stock set count = count - :n where id = 7\"
             params: { \"n\": 1 }
             mode: execute
             effect: idempotent
             transactional: true
           }
           output { affected: taken.affected }
         }";
    let server = Server::own("sql-killed");
    std::thread::scope(|scope| {
        for place in ["before_sql_commit", "after_sql_commit"] {
            let (server, database, text) = (&server, &database, &text);
            scope.spawn(move || {
                let town = Town::new(&server.address(), place).with("w.citadel", text);
                let variables = [
                    ("CITADEL_TEMPORAL_ADDRESS", server.address()),
                    ("CITADEL_TEMPORAL_TASK_QUEUE", place.to_owned()),
                    ("DB", database.url()),
                ];
                let worker = |crash: Option<&str>| {
                    let crash = crash.map(|place| format!("{place}:1"));
                    let mut variables: Vec<(&str, &str)> =
                        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    variables.extend(crash.as_deref().map(|crash| ("CITADEL_CRASH", crash)));
                    Beside::start_with(
                        &town.folder,
                        &variables,
                        &["worker", "w.citadel", "--allow-private-network"],
                    )
                };
                let killed = worker(Some(place));
                let waiting = town.beside(&["start", "take", "--id", place, "--wait"]);
                assert_eq!(killed.end().code, -1, "{place}");
                let _other = worker(None);
                assert_eq!(waiting.end().ends_with(0).stdout, "{\n  \"affected\": 1\n}\n", "{place}");
            });
        }
    });
    assert_eq!(database.ask("select count from stock"), ["98"]);
    assert_eq!(database.ask("select count(*) from citadel_effects"), ["2"]);
}
