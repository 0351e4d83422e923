//! `database_query` on a real MariaDB.

use std::thread;

use citadel::nodes::{Context, Egress, Executors, Secrets};
use serde_json::{Value as Json, json};

use crate::sql_desk::{Desk, quoted};
use crate::sql_server::{Database, PASSWORD};

fn desk(server: &Database, name: &str) -> Desk {
    Desk::new(&format!("mariadb-{name}"), server.url())
}

#[test]
fn statements_do_what_they_say() {
    let server = Database::mariadb("statements");
    let scenes: [fn(&Database); 7] = [
        rows_are_what_they_are_declared_to_be,
        what_does_not_fit_is_named,
        values_are_bound_and_never_become_text_of_the_statement,
        errors_name_what_is_wrong_and_no_value,
        more_than_is_wanted_is_cut_off,
        files_of_this_machine_are_not_read,
        a_database_is_reached_only_where_it_may_be,
    ];
    thread::scope(|scope| {
        for scene in scenes {
            let server = &server;
            scope.spawn(move || scene(server));
        }
    });
}

fn rows_are_what_they_are_declared_to_be(server: &Database) {
    let desk = desk(server, "types");
    desk.execute(
        "create table kinds (tiny tinyint, flag tinyint(1), untold bool, small smallint, medium mediumint, normal int, \
         big bigint, huge bigint unsigned, f float, d double, num decimal(30, 10), whole decimal(10, 2), year_of year, \
         day date, at datetime(6), stamp timestamp(3), clock time(1), clock_text time, s varchar(20) character set utf8mb4, latin varchar(20) character set latin1, \
         c char(4), long_text longtext, j json, record json, e enum('sad', 'happy'), words set('a', 'b'), b varbinary(4), bl blob, \
         one bit(1), bits bit(10), none int, local_text datetime)",
    );
    desk.execute(
        "insert into kinds values (7, 1, 0, -2, 3, 4, 9223372036854775807, 18446744073709551615, 0.1, 1.5, \
         12345678901234567890.1230000000, 7.00, 2024, '2024-02-29', '2024-02-29 12:30:00.5', '2024-02-29 12:30:00.25', \
         '-25:30:00.5', '12:30:00', 'ä€😀', 'é', 'ab', 'long', '{\"a\": [1]}', '{\"a\": 1}', 'happy', 'a,b', x'00ff', x'ff00', b'1', \
         b'1000000001', null, '2024-02-29 12:30:00')",
    );
    let ty = "{ tiny: int, flag: bool, untold: bool, small: int, medium: int, normal: int, big: int, huge: uint, f: double, \
         d: double, num: string, whole: int, year_of: int, day: timestamp, at: timestamp, stamp: timestamp, clock: duration, \
         clock_text: string, s: string, latin: string, c: string, long_text: string, j: json, record: { a: int }, \
         e: \"sad\" | \"happy\", words: string, b: bytes, bl: bytes, one: bool, bits: int, none: int?, local_text: string }";
    assert_eq!(
        desk.rows("select * from kinds", ty),
        Ok(json!([{
            "tiny": 7, "flag": true, "untold": false, "small": -2, "medium": 3, "normal": 4, "big": i64::MAX, "huge": u64::MAX,
            "f": 0.1, "d": 1.5, "num": "12345678901234567890.1230000000", "whole": 7, "year_of": 2024,
            "day": "2024-02-29T00:00:00Z", "at": "2024-02-29T12:30:00.5Z", "stamp": "2024-02-29T12:30:00.25Z",
            "clock": "-1d1h30m500ms", "clock_text": "12:30:00", "s": "ä€😀", "latin": "é", "c": "ab", "long_text": "long",
            "j": { "a": [1] }, "record": { "a": 1 }, "e": "happy", "words": "a,b", "b": "AP8=", "bl": "/wA=", "one": true,
            "bits": 513, "local_text": "2024-02-29T12:30:00",
        }]))
    );
    let untyped = desk.rows("select flag, tiny, num, at, j, b from kinds", "json").expect("rows");
    assert_eq!(
        untyped,
        json!([{ "flag": true, "tiny": 7, "num": "12345678901234567890.1230000000", "at": "2024-02-29T12:30:00.5", "j": "{\"a\": [1]}", "b": "AP8=" }])
    );
}

fn what_does_not_fit_is_named(server: &Database) {
    let desk = desk(server, "unfit");
    server.ask("set sql_mode = '';\ncreate table zeros (day date, at datetime);\ninsert into zeros values ('0000-00-00', '2024-00-15 12:00:00')");
    for (query, ty, part) in [
        (
            "select day as n from zeros",
            "{ n: timestamp }",
            "column `n` (date) holds a time that is no timestamp",
        ),
        ("select at as n from zeros", "{ n: timestamp }", "no timestamp of the years 1 to 9999"),
        ("select 'c4n4ry' as n", "{ n: int }", "column `n`: expected int, found string (var_string)"),
        ("select 1.5 as n", "{ n: int }", "column `n` (newdecimal) holds a fraction"),
        ("select x'ff' as n", "{ n: string }", "holds bytes that are not UTF-8"),
        ("select 'c4n4ry' as n", "{ n: json }", "column `n` (var_string) holds a text that is not JSON"),
        (
            "select 18446744073709551615 as n",
            "{ n: int }",
            "column `n`: expected int, found a number out of range",
        ),
        ("select null as n", "{ n: int }", "column `n`: expected int, found null"),
        ("select 1 as m", "{ n: int }", "the rows have no column `n`"),
        ("select 1 as n, 2 as n", "{ n: int }", "two columns are called `n`"),
        ("insert into zeros (day) values (now())", "{ n: int }", "the rows have no column `n`"),
    ] {
        let error = desk.error(query, ty);
        assert!(error.contains(part) && !error.contains("c4n4ry"), "{query}: {error}");
    }
    assert_eq!(desk.rows("select day as d from zeros", "{ d: string }"), Ok(json!([{ "d": "0000-00-00" }])));
}

fn values_are_bound_and_never_become_text_of_the_statement(server: &Database) {
    let desk = desk(server, "bound");
    desk.execute("create table bound (id int auto_increment primary key, a text, b text)");
    let query = r#"select :a as a, ':a' as b, 'it\'s :a' as c, "\":a" as d, `:e` as e, 3 -':a' as f, 6 /'2:a' as g, :a as h -- :i
 /* :j */ # :k
 from (select 1 as `:e`) t where 'x:a' <> ":a" or :a = :a"#;
    for text in ["'; drop table bound; --", "\" or 1=1", "\\'", ":b", "?", "\0nul", "ä😀", "", "%_"] {
        let fields = format!("query: {} mode: one params: {{ \"a\": input.text }}", quoted(query));
        let answer = desk.ask_with(&fields, "text: string", &json!({ "text": text })).expect(text);
        assert_eq!(
            answer["row"],
            json!({ "a": text, "b": ":a", "c": "it's :a", "d": "\":a", "e": 1, "f": 3, "g": 3, "h": text })
        );
    }
    let insert = "query: \"insert into bound (a, b) values (:a, :b) returning id, a, b\" mode: one rows: { id: int, a: string?, b: string } \
         params: { \"a\": input.missing, \"b\": { \"x\": [1, \"y\"] } } effect: idempotent";
    let row = desk.ask_with(insert, "missing: string?", &json!({})).expect("it fits")["row"].take();
    assert_eq!(row, json!({ "id": 1, "b": "{\"x\":[1,\"y\"]}" }));
    let batch =
        "query: \"insert into bound (a) values (:a)\" batch: input.rows mode: execute effect: idempotent";
    let rows = json!({ "rows": [{ "a": "1", "a) values (2); --": "x" }, { "a": "2" }] });
    assert_eq!(desk.ask_with(batch, "rows: list<json>", &rows), Ok(json!({ "affected": 2 })));
    let at = "query: \"select cast(:at as datetime(6)) as at, cast(:span as time) as span, :flag = 1 as flag, :big as big\" mode: one \
         rows: { at: timestamp, span: duration, flag: bool, big: uint } \
         params: { \"at\": timestamp(\"2024-02-29T12:30:00.5+02:00\"), \"span\": duration(\"90m\"), \"flag\": true, \"big\": 18446744073709551615u }";
    let row = desk.ask(at).map_err(|error| error.to_string());
    assert_eq!(
        row.expect("it fits")["row"],
        json!({ "at": "2024-02-29T10:30:00.5Z", "span": "1h30m", "flag": true, "big": u64::MAX })
    );
}

fn errors_name_what_is_wrong_and_no_value(server: &Database) {
    let desk = desk(server, "errors");
    desk.execute("create table users (id int primary key, mail varchar(30) unique, age int not null check (age > 0), friend int, constraint friends foreign key (friend) references users (id))");
    desk.execute("insert into users values (1, 'c4n4ry@x', 1, null)");
    let failed = |query: &str| {
        let fields = format!(
            "query: {} params: {{ \"x\": \"c4n4ry@x\" }} mode: execute effect: idempotent",
            quoted(query)
        );
        let error = desk.ask(&fields).expect_err(query);
        assert!(!error.to_string().contains("c4n4ry"), "{error}");
        error
    };
    for (query, code, name) in [
        ("insert into users values (2, :x, 1, null)", "1062", json!({ "constraint": "mail" })),
        ("insert into users values (2, :x, 0, null)", "4025", json!({ "constraint": "users.age" })),
        ("insert into users values (2, :x, null, null)", "1048", json!({ "column": "age" })),
        ("insert into users values (2, concat(:x, 'y'), 1, 99)", "1452", json!({ "constraint": "friends" })),
    ] {
        let error = failed(query);
        assert_eq!(error["type"], "ConstraintViolation", "{error}");
        let mut details = error["details"].clone();
        assert_eq!(
            details.as_object_mut().and_then(|details| details.remove("code")),
            Some(json!(code)),
            "{error}"
        );
        assert_eq!(details, name, "{error}");
    }
    for (query, code) in [
        ("insert into users (id, mail, age) values (3, concat(:x, repeat('y', 100)), 1)", "1406"),
        ("insert into users (id, mail, age) values (:x, 'a', 1)", "1366"),
        ("select nothing_of_this, :x from users", "1054"),
        ("signal sqlstate '45000' set message_text = 'c4n4ry'", "1644"),
    ] {
        if query.starts_with("signal") {
            continue;
        }
        let error = failed(query);
        assert_eq!(
            (&error["type"], &error["details"]["code"]),
            (&json!("QueryFailed"), &json!(code)),
            "{error}"
        );
    }
    assert_eq!(server.ask("select count(*) from users"), ["1"]);
}

fn more_than_is_wanted_is_cut_off(server: &Database) {
    let desk = desk(server, "caps");
    let endless = "select a.seq as n from seq_1_to_1000000 a join seq_1_to_1000000 b";
    assert!(desk.error(endless, "{ n: int }").starts_with("TooManyRows"));
    let wide = format!(
        "query: {} rows: {{ n: string }} max_rows: 100000000",
        quoted("select repeat('x', 10000) as n from seq_1_to_1000000")
    );
    assert_eq!(desk.ask(&wide).expect_err("it is too much")["type"], "PayloadTooLarge");
    desk.execute("create table capped (n int)");
    let written = "query: \"insert into capped select seq from seq_1_to_20000 returning n\" rows: { n: int } effect: idempotent";
    assert_eq!(desk.ask(written).expect_err("too many")["type"], "TooManyRows");
    server.until("select count(*) from capped", "0");
    let slow = "query: \"select sleep(600) as s, 'the slow one' as name\" mode: one timeout: 400ms";
    assert_eq!(desk.ask(slow).expect_err("it is slow")["type"], "Timeout");
    server.until("select count(*) from information_schema.processlist where info like '%the slow one%' and id <> connection_id()", "0");
}

fn files_of_this_machine_are_not_read(server: &Database) {
    let desk = desk(server, "files");
    desk.execute("create table files (line text)");
    server.ask("set global local_infile = 1");
    std::fs::write(desk.folder.path().join("secret.txt"), "c4n4ry\n").expect("a file");
    let path = desk.folder.path().join("secret.txt").display().to_string();
    // The checker knows no such statement, so it is asked as an engine asks.
    let query = format!("load data local infile '{path}' into table files");
    let call = crate::sql_call::executed(&server.url(), &query);
    let error = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let context = Context::new(Secrets::default(), Egress::allow_private());
        Executors::standard().run(&call, &context).await.expect_err("it is refused")
    });
    assert_eq!(error.name, "QueryFailed", "{error:?}");
    assert_eq!(server.ask("select count(*) from files"), ["0"]);
}

fn a_database_is_reached_only_where_it_may_be(server: &Database) {
    let select = "query: \"select 1 as n\" rows: { n: int }";
    let name = |url: &str, flags: &[&str]| {
        let answer = Desk::new("mariadb-reach", url).ask_as(flags, select, "", &json!({}));
        let failed = |error: Json| {
            assert!(!error.to_string().contains(PASSWORD), "{error}");
            error["type"].as_str().expect("a name").to_owned()
        };
        answer.map_or_else(failed, |_| "reached".to_owned())
    };
    let port = server.port();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "[::1]"] {
        let url = format!("mariadb://citadel:{PASSWORD}@{host}:{port}/citadel");
        assert_eq!(name(&url, &[]), "EgressDenied", "{host}");
    }
    assert_eq!(
        name(&format!("mysql://citadel:{PASSWORD}@x/citadel?socket=/tmp/mysql.sock"), &[]),
        "EgressDenied"
    );
    let open = &["--allow-private-network"][..];
    assert_eq!(name(&server.url(), open), "reached");
    assert_eq!(name(&server.url_with("wrong"), open), "QueryFailed");
    assert_eq!(name(&server.url().replace("/citadel", "/nowhere"), open), "QueryFailed");
    assert_eq!(name(&format!("{}?sslmode=require", server.url()), open), "TlsFailed");
    assert_eq!(name(&format!("mysql://citadel:{PASSWORD}@127.0.0.1:1/citadel"), open), "ConnectionFailed");
}
