//! `database_query` on SQLite.

use serde_json::{Value as Json, json};

use crate::sql_desk::{Desk, quoted};

fn desk(name: &str) -> Desk {
    Desk::new(&format!("sqlite-{name}"), "sqlite:data.db")
}

#[test]
fn modes_give_what_they_say() {
    let desk = desk("modes");
    desk.execute("create table t (id integer primary key, name text)");
    let put = "query: \"insert into t (name) values (:name) returning id\" params: { \"name\": \"a\" } mode: one rows: { id: int }";
    assert_eq!(desk.ask(put), Ok(json!({ "row": { "id": 1 }, "affected": 1 })));
    assert_eq!(
        desk.ask("query: \"insert into t (name) values (:n)\" batch: [{ \"n\": \"b\" }, { \"n\": \"c\" }] mode: execute effect: once"),
        Ok(json!({ "affected": 2 }))
    );
    assert_eq!(
        desk.rows("select id from t order by id", "{ id: int }"),
        Ok(json!([{ "id": 1 }, { "id": 2 }, { "id": 3 }]))
    );
    assert_eq!(
        desk.rows("select id, name from t where id = 1", "json"),
        Ok(json!([{ "id": 1, "name": "a" }]))
    );
    let none = "query: \"select id from t where id = 99\" rows: { id: int }";
    assert_eq!(desk.ask(&format!("{none} mode: optional")), Ok(json!({ "affected": 0 })));
    let error = |fields: &str| desk.ask(fields).expect_err(fields)["type"].clone();
    assert_eq!(error(&format!("{none} mode: one")), "NoRow");
    let many = "query: \"select id from t\" rows: { id: int }";
    assert_eq!(error(&format!("{many} mode: one")), "TooManyRows");
    assert_eq!(error(&format!("{many} mode: optional")), "TooManyRows");
    assert_eq!(error(&format!("{many} max_rows: 2")), "TooManyRows");
    assert_eq!(desk.execute("update t set name = 'x'"), json!({ "affected": 3 }));
    assert_eq!(desk.execute("create table u (id)"), json!({ "affected": 0 }));
    // An empty batch asks nobody.
    let nobody = Desk::new("sqlite-nobody", "sqlite:/there/is/no/such/file?mode=ro");
    let empty = "query: \"delete from t where id = :n\" batch: input.ns.map(n, { \"n\": n }) mode: execute effect: idempotent";
    assert_eq!(nobody.ask_with(empty, "ns: list<int>", &json!({ "ns": [] })), Ok(json!({ "affected": 0 })));
}

#[test]
fn rows_are_what_they_are_declared_to_be() {
    let desk = desk("types");
    let query = "select 1 as i, 1.5 as d, 2.0 as whole, 'x' as s, x'00ff' as b, true as t, 'ä€😀' as u, null as n, \
         '2024-02-29 12:30:00.5' as at, '2024-02-29' as day, '1h30m' as span, '[1,2]' as list, \
         '{\"a\":1}' as record, '[null]' as any, 9223372036854775807 as big";
    let ty = "{ i: int, d: double, whole: int, s: string, b: bytes, t: bool, u: string, n: string?, at: timestamp, \
         day: timestamp, span: duration, list: list<int>, record: { a: int }, any: json, big: int }";
    assert_eq!(
        desk.rows(query, ty),
        Ok(json!([{
            "i": 1, "d": 1.5, "whole": 2, "s": "x", "b": "AP8=", "t": true, "u": "ä€😀",
            "at": "2024-02-29T12:30:00.5Z", "day": "2024-02-29T00:00:00Z", "span": "1h30m",
            "list": [1, 2], "record": { "a": 1 }, "any": [null], "big": i64::MAX,
        }]))
    );
    for (query, ty, part) in [
        ("select 1.5 as n", "{ n: int }", "column `n`: expected int, found a fraction"),
        ("select 'seven' as n", "{ n: int }", "column `n`: expected int, found string"),
        ("select null as n", "{ n: int }", "column `n`: expected int, found null"),
        ("select 1 as m", "{ n: int }", "the rows have no column `n`"),
        ("select 1 as n, 2 as n", "{ n: int }", "two columns are called `n`"),
        (
            "select 9e999 as n",
            "{ n: double }",
            "column `n` (no declared type) holds a number that is not finite",
        ),
        ("select cast(x'ff' as text) as n", "{ n: string }", "column `n` (no declared type) can't be read"),
        ("select x'ff' as n", "{ n: string }", "holds bytes that are not UTF-8"),
        ("select 'gold' as n", "{ n: \"silver\" | \"bronze\" }", "found another string"),
    ] {
        let error = desk.error(query, ty);
        assert!(error.contains(part), "{query}: {error}");
    }
    assert_eq!(
        desk.rows("select 1 as n, 2 as other", "{ n: int }"),
        Ok(json!([{ "n": 1 }])),
        "what nobody asked for"
    );
}

#[test]
fn values_are_bound_and_never_become_text_of_the_statement() {
    let desk = desk("bound");
    desk.execute("create table t (a text, b text)");
    let hostile = ["'; drop table t; --", "\" or 1=1", "\\'", ":b", "?1", "$x", "\0nul", "ä😀", ""];
    for text in hostile {
        let fields = format!(
            "query: {} params: {{ \"a\": input.text, \"b\": input.text }} rows: {{ a: string, b: string }}",
            quoted("select :a as a, :b as b, ':a' as c -- :c\n /* :d */ where 'x:a' <> \":a\" or :a = :a")
        );
        let answer = desk.ask_with(&fields, "text: string", &json!({ "text": text }));
        assert_eq!(answer.expect(text)["rows"], json!([{ "a": text, "b": text }]));
    }
    // A key that is no parameter's name is never read.
    let batch = "query: \"insert into t (a) values (:a)\" batch: input.rows mode: execute effect: idempotent";
    let rows = json!({ "rows": [{ "a": "1", "a) values (2); --": "x" }, { "a": "2", "b": "y" }] });
    assert_eq!(desk.ask_with(batch, "rows: list<json>", &rows), Ok(json!({ "affected": 2 })));
    let missing = json!({ "rows": [{ "a": "3" }, { "b": "4" }] });
    assert_eq!(
        desk.ask_with(batch, "rows: list<json>", &missing).expect_err("`a` is missing")["type"],
        "QueryFailed"
    );
    assert_eq!(
        desk.rows("select a from t order by a", "{ a: string }"),
        Ok(json!([{ "a": "1" }, { "a": "2" }]))
    );
}

#[test]
fn an_error_names_what_is_wrong_and_no_value() {
    let desk = desk("errors");
    desk.execute(
        "create table t (id integer primary key, mail text unique, age integer check (age > 0) not null)",
    );
    let insert = "query: \"insert into t (mail, age) values (:mail, :age)\" mode: execute effect: idempotent params: { \"mail\": input.mail, \"age\": input.age }";
    let put = |mail: &str, age: Json| {
        desk.ask_with(insert, "mail: string, age: int?", &json!({ "mail": mail, "age": age }))
    };
    put("c4n4ry@x", json!(1)).expect("it is the first");
    let details = |error: &Json| {
        assert!(!error.to_string().contains("c4n4ry"), "{error}");
        assert_eq!(error["type"], "ConstraintViolation", "{error}");
        error["details"].clone()
    };
    let error = put("c4n4ry@x", json!(1)).expect_err("it is there");
    assert_eq!(details(&error), json!({ "code": "2067", "table": "t", "column": "mail" }));
    let error = put("c4n4ry@y", json!(-1)).expect_err("it is checked");
    assert_eq!(details(&error)["code"], "275");
    let error = put("c4n4ry@y", Json::Null).expect_err("it is needed");
    assert_eq!(details(&error), json!({ "code": "1299", "table": "t", "column": "age" }));
    let query = "select id,\n  nothing_of_this from t";
    let fields = format!("query: {} rows: {{ id: int }}", quoted(query));
    let error = desk.ask(&fields).expect_err("there is no such column");
    assert_eq!(error["type"], "QueryFailed");
    assert_eq!(error["message"], "no such column: nothing_of_this");
    assert_eq!(error["details"]["position"], query.find("nothing").expect("it is there") + 1);
    assert_eq!(
        Desk::new("sqlite-none", "sqlite:/no/such/folder/x.db")
            .error("select 1 as n", "{ n: int }")
            .split(':')
            .next(),
        Some("ConnectionFailed")
    );
    for broken in ["hunter2", "postgres://u:hunter2@h/x?unknown=hunter2", "mysql://u:hunter2@"] {
        let error = Desk::new("sqlite-broken", broken).error("select 1 as n", "{ n: int }");
        assert!(error.starts_with("InvalidUrl") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let desk = desk("undone");
    desk.execute("create table t (id integer primary key)");
    let batch = "query: \"insert into t values (:n)\" batch: [{ \"n\": 1 }, { \"n\": 2 }, { \"n\": 1 }] mode: execute effect: idempotent";
    assert_eq!(desk.ask(batch).expect_err("a key is there already")["type"], "ConstraintViolation");
    let too_many = "query: \"insert into t values (:n) returning id\" batch: [{ \"n\": 1 }, { \"n\": 2 }] mode: one rows: { id: int } effect: idempotent";
    assert_eq!(desk.ask(too_many).expect_err("two rows")["type"], "TooManyRows");
    let mistyped = "query: \"insert into t values (1) returning 'x' as id\" mode: one rows: { id: int } effect: idempotent";
    assert_eq!(desk.ask(mistyped).expect_err("a text")["type"], "TypeMismatch");
    assert_eq!(desk.rows("select count(*) as n from t", "{ n: int }"), Ok(json!([{ "n": 0 }])));
    // What can't stand in a transaction stands alone.
    assert_eq!(desk.execute("vacuum"), json!({ "affected": 0 }));
}

#[test]
fn rows_without_end_are_cut_off() {
    let desk = desk("endless");
    let endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r";
    assert!(desk.error(endless, "{ n: int }").starts_with("TooManyRows"));
    let wide = format!(
        "query: {} rows: {{ n: string }} max_rows: 1000000",
        quoted(
            "with recursive r(n) as (select 1 union all select n + 1 from r) select printf('%.10000c', 'x') as n from r"
        )
    );
    assert_eq!(desk.ask(&wide).expect_err("it is endless")["type"], "PayloadTooLarge");
    // A statement that gives nothing is stopped with its attempt.
    let silent = format!(
        "query: {} rows: {{ n: int }} timeout: 300ms",
        quoted("with recursive r(n) as (select 1 union all select n + 1 from r) select n from r where n < 0")
    );
    assert_eq!(desk.ask(&silent).expect_err("it is endless")["type"], "Timeout");
}

#[test]
fn a_file_belongs_to_the_project() {
    let desk = Desk::new("sqlite-project", "sqlite:data.db");
    std::fs::write(desk.folder.path().join("citadel.toml"), "").expect("a file");
    desk.execute("create table t (id integer)");
    assert!(desk.folder.path().join("data.db").is_file());
    let below = desk.folder.path().join("below");
    std::fs::create_dir_all(&below).expect("a folder");
    std::fs::write(below.join("w.citadel"), "workflow w {\n  node n: database_query { connection: \"sqlite:data.db\", query: \"select count(*) as n from t\", mode: one, rows: { n: int } }\n  output { n: n.row.n }\n}\n").expect("a file");
    let ended = desk.folder.citadel_below("below", &["run", "w.citadel"]).ends_with(0);
    assert_eq!(ended.stdout, "{\n  \"n\": 0\n}\n");
    assert!(!below.join("data.db").exists());
}
