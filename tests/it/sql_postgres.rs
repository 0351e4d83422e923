//! `database_query` on a real PostgreSQL.

use std::thread;

use serde_json::{Value as Json, json};

use crate::sql_desk::{Desk, quoted};
use crate::sql_server::{Database, PASSWORD};

fn desk(server: &Database, name: &str) -> Desk {
    Desk::new(&format!("postgres-{name}"), server.url())
}

#[test]
fn statements_do_what_they_say() {
    let server = Database::postgres("statements");
    let scenes: [fn(&Database); 8] = [
        rows_are_what_they_are_declared_to_be,
        rows_without_a_type_are_json,
        what_does_not_fit_is_named,
        values_are_bound_as_the_server_wants_them,
        a_value_that_cannot_be_bound_is_named_and_not_shown,
        errors_name_what_is_wrong_and_no_value,
        more_than_is_wanted_is_cut_off,
        a_statement_stands_in_a_transaction_or_alone,
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
    desk.execute("create type mood as enum ('sad', 'happy')");
    desk.execute("create domain cents as numeric(10, 2)");
    let query = "select 1::int2 as i2, -2::int4 as i4, 9223372036854775807::int8 as i8, 4000000000::oid as o,
        0.1::float4 as f4, 1.5::float8 as f8, 12345678901234567890.123::numeric as num, 7.00::numeric as whole,
        2.50::cents as cents, true as t, 'ä€😀' as s, 'ab'::char(4) as c, 'x'::\"char\" as ch, 'n'::name as name,
        '{\"b\": [1, null]}'::jsonb as jb, '{\"a\": 1}'::json as j, 'a1b2c3d4-0000-4000-8000-00000000000f'::uuid as id,
        '2024-02-29'::date as day, '2024-02-29'::date as day_text, '12:30:00.5'::time as clock, '12:30+02'::timetz as zoned,
        '2024-02-29 12:30'::timestamp as local, '2024-02-29 12:30'::timestamp as local_text,
        '2024-02-29 12:30+02'::timestamptz as at, '2024-02-29 12:30+02'::timestamptz as at_text,
        '1 day 02:00'::interval as span, '1 mon'::interval as months, '\\x00ff'::bytea as bytes,
        array[1, null, 3] as ints, array[['a', 'b'], ['c', 'd']] as texts, '{}'::text[] as empty,
        'happy'::mood as mood, array['sad']::mood[] as moods, '10.1.2.3'::inet as ip, '10.0.0.0/8'::cidr as net,
        '08:00:2b:01:02:03'::macaddr as mac, B'101' as bits, null::int as none, 'NaN'::numeric as nan,
        'infinity'::timestamptz as forever, '10000-01-01'::date as later, '0044-03-15 BC'::date as earlier";
    let ty = "{ i2: int, i4: int, i8: int, o: int, f4: double, f8: double, num: string, whole: int, cents: double,
        t: bool, s: string, c: string, ch: string, name: string, jb: { b: list<int?> }, j: json, id: string,
        day: timestamp, day_text: string, clock: string, zoned: string, local: timestamp, local_text: string,
        at: timestamp, at_text: string, span: duration, months: string, bytes: bytes, ints: list<int?>,
        texts: list<list<string>>, empty: list<string>, mood: \"sad\" | \"happy\", moods: list<string>, ip: string,
        net: string, mac: string, bits: string, none: int?, nan: string, forever: string, later: string, earlier: string }";
    let expected = json!({
        "i2": 1, "i4": -2, "i8": i64::MAX, "o": 4_000_000_000_u64, "f4": 0.1, "f8": 1.5,
        "num": "12345678901234567890.123", "whole": 7, "cents": 2.5, "t": true, "s": "ä€😀", "c": "ab  ", "ch": "x",
        "name": "n", "jb": { "b": [1, null] }, "j": { "a": 1 }, "id": "a1b2c3d4-0000-4000-8000-00000000000f",
        "day": "2024-02-29T00:00:00Z", "day_text": "2024-02-29", "clock": "12:30:00.5", "zoned": "12:30:00+02:00",
        "local": "2024-02-29T12:30:00Z", "local_text": "2024-02-29T12:30:00", "at": "2024-02-29T10:30:00Z",
        "at_text": "2024-02-29T10:30:00Z", "span": "1d2h", "months": "P1M", "bytes": "AP8=", "ints": [1, null, 3],
        "texts": [["a", "b"], ["c", "d"]], "empty": [], "mood": "happy", "moods": ["sad"], "ip": "10.1.2.3",
        "net": "10.0.0.0/8", "mac": "08:00:2b:01:02:03", "bits": "101", "nan": "NaN", "forever": "infinity",
        "later": "10000-01-01", "earlier": "0044-03-15 BC",
    });
    assert_eq!(desk.rows(query, &ty.replace('\n', " ")), Ok(json!([expected])));
}

fn rows_without_a_type_are_json(server: &Database) {
    let desk = desk(server, "untyped");
    let query = "select 1 as i, 1.50 as num, 'x' as s, null as n, '{\"a\":[1]}'::jsonb as j, array[1, 2] as l, now() > '2000-01-01' as t, '\\xff'::bytea as b";
    let fields = format!("query: {} mode: one", quoted(query));
    let row = json!({ "i": 1, "num": "1.50", "s": "x", "n": null, "j": { "a": [1] }, "l": [1, 2], "t": true, "b": "/w==" });
    assert_eq!(desk.ask(&fields), Ok(json!({ "row": row, "affected": 1 })));
}

fn what_does_not_fit_is_named(server: &Database) {
    let desk = desk(server, "unfit");
    for (query, ty, part) in [
        ("select 'c4n4ry' as n", "{ n: int }", "TypeMismatch: column `n`: expected int, found string (text)"),
        ("select 1.5::numeric as n", "{ n: int }", "column `n` (numeric) holds a fraction"),
        ("select 1e30::numeric as n", "{ n: int }", "column `n` (numeric) holds a number out of range"),
        (
            "select 'NaN'::float8 as n",
            "{ n: double }",
            "column `n` (float8) holds a number that is not finite",
        ),
        ("select 'infinity'::timestamptz as n", "{ n: timestamp }", "no timestamp of the years 1 to 9999"),
        ("select '10000-01-01'::date as n", "{ n: timestamp }", "no timestamp of the years 1 to 9999"),
        ("select '1 mon'::interval as n", "{ n: duration }", "column `n` (interval) holds a span of months"),
        ("select null::int as n", "{ n: int }", "column `n`: expected int, found null (int4)"),
        ("select array[1, null] as n", "{ n: list<int> }", "column `n[1]`: expected int, found null"),
        (
            "select '{\"a\": \"c4n4ry\"}'::jsonb as n",
            "{ n: { a: int } }",
            "column `n.a`: expected int, found string",
        ),
        ("select 1 as m where false", "{ n: int }", "TypeMismatch: the rows have no column `n`"),
        ("select 1 as n, 2 as n", "{ n: int }", "QueryFailed: two columns are called `n`"),
        ("select 'a b'::tsvector as n", "{ n: string }", "column `n` (tsvector) can't be read"),
        ("select int4range(1, 2) as n", "json", "column `n` (int4range) can't be read"),
    ] {
        let error = desk.error(query, ty);
        assert!(error.contains(part) && !error.contains("c4n4ry"), "{query}: {error}");
    }
}

fn values_are_bound_as_the_server_wants_them(server: &Database) {
    let desk = desk(server, "bound");
    desk.execute("create table bound (id uuid, at timestamptz, day date, num numeric, doc jsonb, ip inet, small int2, real4 float4, \
        flag bool, bytes bytea, span interval, texts text[], ints int8[], docs jsonb[], code varchar(5), clock time, big numeric)");
    let insert = "insert into bound values (:id, :at, :day, :num, :doc, :ip, :small, :real, :flag, :bytes, :span, :texts, :ints, :docs, :code, :clock, :big) \
        returning id::text, at::text, day::text, num::text, doc::text, ip::text, small, real4, flag, encode(bytes, 'hex') as bytes, \
        extract(epoch from span)::int as span, texts, ints, array_to_string(docs, '|') as docs, code, clock::text, big::text";
    let fields = format!(
        "query: {} params: {{ \"id\": \"A1B2C3D4-0000-4000-8000-00000000000F\", \"at\": timestamp(\"2024-02-29T12:30:00+02:00\"), \
         \"day\": \"2024-02-29\", \"num\": \"123.450\", \"doc\": {{ \"a\": [1, \"it's\"] }}, \"ip\": \"10.0.0.1/8\", \"small\": 7, \
         \"real\": 0.5, \"flag\": true, \"bytes\": b\"\\x00\\xff\", \"span\": duration(\"90m\"), \"texts\": input.texts, \
         \"ints\": [1, 2], \"docs\": [{{ \"a\": 1 }}, {{ \"a\": 2 }}], \"code\": input.missing, \"clock\": \"12:30\", \"big\": 18446744073709551615u }} \
         mode: one effect: idempotent",
        quoted(insert)
    );
    let texts = json!(["a,b", "\"quoted\"", "{}", "\\", "NULL", "", "'; drop table bound; --"]);
    let row = desk.ask_with(&fields, "texts: list<string>, missing: string?", &json!({ "texts": texts }));
    assert_eq!(
        row.expect("all fit")["row"],
        json!({
            "id": "a1b2c3d4-0000-4000-8000-00000000000f", "at": "2024-02-29 10:30:00+00", "day": "2024-02-29", "num": "123.450",
            "doc": "{\"a\": [1, \"it's\"]}", "ip": "10.0.0.1/8", "small": 7, "real4": 0.5, "flag": true, "bytes": "00ff", "span": 5400,
            "texts": texts, "ints": [1, 2], "docs": "{\"a\": 1}|{\"a\": 2}", "code": null, "clock": "12:30:00", "big": "18446744073709551615",
        })
    );
    let any = "query: \"select n from generate_series(1, 9) as t(n) where n = any(:ns) and :x::text is null order by n limit :most\" rows: { n: int } params: { \"ns\": [9, 3, 5], \"x\": null, \"most\": 2 }";
    assert_eq!(desk.ask(any).expect("it fits")["rows"], json!([{ "n": 3 }, { "n": 5 }]));
    let text = "select :a as a, ':a' as b, $$:a$$ as c, E'\\':a' as d, \":e\" as e, (array[1,2,3])[1:2] as f, 'x'::text as g, '{\"k\": 1}'::jsonb ? 'k' as h -- :i\n from (select 1 as \":e\") t /* :j /* :k */ */";
    let hostile = "'; drop table bound; select '$1";
    let fields = format!("query: {} mode: one params: {{ \"a\": input.a }}", quoted(text));
    assert_eq!(
        desk.ask_with(&fields, "a: string", &json!({ "a": hostile })).expect("it is text")["row"],
        json!({ "a": hostile, "b": ":a", "c": ":a", "d": "':a", "e": 1, "f": [1, 2], "g": "x", "h": true })
    );
}

fn a_value_that_cannot_be_bound_is_named_and_not_shown(server: &Database) {
    let desk = desk(server, "unbindable");
    for (query, value, part) in [
        ("select :x::uuid as n", "\"c4n4ry\"", "the parameter `:x` is no uuid"),
        ("select :x::int as n", "\"c4n4ry\"", "the parameter `:x` is no int4"),
        ("select :x::int2 as n", "4242424242", "the parameter `:x` is no int2"),
        ("select :x::timestamptz as n", "\"c4n4ry\"", "the parameter `:x` is no timestamptz"),
        (
            "select :x::text as n",
            "\"c4n4ry\\u0000\"",
            "the parameter `:x` can't be bound: the text holds a NUL",
        ),
        (
            "select :x::int as n",
            "[\"c4n4ry\"]",
            "the parameter `:x` can't be bound: list where the database takes int4",
        ),
        (
            "select :x::bytea as n",
            "\"c4n4ry\"",
            "the parameter `:x` can't be bound: string where the database takes bytea",
        ),
        ("select :x::bool as n", "1", "the parameter `:x` can't be bound: int where the database takes bool"),
        ("select :x::jsonb as n", "\"c4n4ry\"", "the parameter `:x` is no jsonb"),
    ] {
        let fields = format!("query: {} params: {{ \"x\": {value} }}", quoted(query));
        let error = desk.ask(&fields).expect_err(query).to_string();
        assert!(
            error.contains("TypeMismatch") && error.contains(part) && !error.contains("4n4ry"),
            "{query}: {error}"
        );
        assert!(!error.contains("4242"), "{error}");
    }
}

fn errors_name_what_is_wrong_and_no_value(server: &Database) {
    let desk = desk(server, "errors");
    desk.execute("create table users (id int primary key, mail text unique, age int not null check (age > 0), friend int references users)");
    desk.execute("create function angry(t text) returns text language plpgsql as $f$ begin raise exception 'no % here', t; end $f$");
    desk.execute("insert into users values (1, 'c4n4ry@x', 1, null)");
    let failed = |query: &str, value: &str| {
        let fields =
            format!("query: {} params: {{ \"x\": {value} }} mode: execute effect: idempotent", quoted(query));
        let error = desk.ask(&fields).expect_err(query);
        assert!(!error.to_string().contains("c4n4ry"), "{error}");
        error
    };
    for (query, value, code, constraint) in [
        ("insert into users values (2, :x, 1, null)", "\"c4n4ry@x\"", "23505", Some("users_mail_key")),
        ("insert into users values (2, :x, 0, null)", "\"c4n4ry\"", "23514", Some("users_age_check")),
        ("insert into users values (2, :x, null, null)", "\"c4n4ry\"", "23502", None),
        ("insert into users values (2, :x, 1, 99)", "\"c4n4ry\"", "23503", Some("users_friend_fkey")),
    ] {
        let error = failed(query, value);
        assert_eq!(error["type"], "ConstraintViolation", "{error}");
        assert_eq!(
            (&error["details"]["code"], &error["details"]["table"]),
            (&json!(code), &json!("users")),
            "{error}"
        );
        assert_eq!(error["details"].get("constraint").and_then(Json::as_str), constraint, "{error}");
    }
    for (query, value, code) in [
        ("select (:x || 'x')::int", "\"c4n4ry\"", "22P02"),
        ("select angry(:x)", "\"c4n4ry\"", "P0001"),
        ("select 1 / (length(:x::text) - 6)", "\"c4n4ry\"", "22012"),
        ("update users set mail = :x where id = (select generate_series(1, 2))", "\"c4n4ry\"", "21000"),
    ] {
        let error = failed(query, value);
        assert_eq!(
            (&error["type"], &error["details"]["code"]),
            (&json!("QueryFailed"), &json!(code)),
            "{error}"
        );
    }
    let query = "select :x,\n nothing_of_this from users";
    let error = failed(query, "\"c4n4ry\"");
    assert_eq!(error["message"], "column \"nothing_of_this\" does not exist");
    assert_eq!(
        error["details"],
        json!({ "code": "42703", "position": query.find("nothing").expect("it is there") + 1 })
    );
    let error = failed("select :x is null", "\"c4n4ry\"");
    assert_eq!(error["message"], "could not determine data type of parameter :x");
    // More than one statement can't be sent, whatever the checker thinks of a text.
    assert_eq!(server.ask("select count(*) from users"), ["1"]);
}

fn more_than_is_wanted_is_cut_off(server: &Database) {
    let desk = desk(server, "caps");
    assert!(
        desk.error("select generate_series(1, 1000000000) as n", "{ n: int }")
            .starts_with("TooManyRows: more than 10000 rows")
    );
    let wide = format!(
        "query: {} rows: {{ n: string }} max_rows: 100000000",
        quoted("select repeat('x', 10000) as n, generate_series(1, 100000000) as m")
    );
    assert_eq!(desk.ask(&wide).expect_err("it is too much")["type"], "PayloadTooLarge");
    assert!(desk.error("select repeat('x', 200000000) as n", "{ n: string }").starts_with("PayloadTooLarge"));
    desk.execute("create table capped (n int)");
    let written = "query: \"insert into capped select generate_series(1, 100000) returning n\" rows: { n: int } effect: idempotent";
    assert_eq!(desk.ask(written).expect_err("too many")["type"], "TooManyRows");
    assert_eq!(server.ask("select count(*) from capped"), ["0"], "what fails leaves nothing");
    let slow = "query: \"select pg_sleep(600), 'the slow one' as name\" mode: one timeout: 400ms";
    assert_eq!(desk.ask(slow).expect_err("it is slow")["type"], "Timeout");
    server.until("select count(*)::text from pg_stat_activity where state = 'active' and query like '%the slow one%' and pid <> pg_backend_pid()", "0");
}

fn a_statement_stands_in_a_transaction_or_alone(server: &Database) {
    let desk = desk(server, "alone");
    desk.execute("create table alone (n int primary key)");
    assert_eq!(desk.execute("vacuum alone"), json!({ "affected": 0 }));
    let batch = "query: \"insert into alone values (:n)\" batch: [{ \"n\": 1 }, { \"n\": 2 }, { \"n\": 1 }] mode: execute effect: idempotent";
    assert_eq!(desk.ask(batch).expect_err("a key is there already")["type"], "ConstraintViolation");
    assert_eq!(server.ask("select count(*) from alone"), ["0"]);
    let batch = "query: \"insert into alone values (:n) returning n\" batch: [{ \"n\": 1 }, { \"n\": 2 }] rows: { n: int } effect: idempotent";
    assert_eq!(desk.ask(batch), Ok(json!({ "rows": [{ "n": 1 }, { "n": 2 }], "affected": 2 })));
    // What a statement sets is gone with it.
    let set = "query: \"select set_config('search_path', 'nowhere', false)\" mode: one";
    desk.ask(set).expect("it is set");
    assert_eq!(desk.execute("update alone set n = n"), json!({ "affected": 2 }));
}

#[test]
fn a_database_is_reached_only_where_it_may_be() {
    let server = Database::postgres("reach");
    let port = server.port();
    let select = "query: \"select 1 as n\" rows: { n: int }";
    let name = |url: &str, flags: &[&str]| {
        let answer = Desk::new("postgres-reach", url).ask_as(flags, select, "", &json!({}));
        answer.map_or_else(
            |error| {
                assert!(!error.to_string().contains(PASSWORD), "{error}");
                error["type"].as_str().expect("a name").to_owned()
            },
            |_| "reached".to_owned(),
        )
    };
    for host in
        ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "%2Ftmp"]
    {
        let url = format!("postgres://citadel:{PASSWORD}@{host}:{port}/citadel");
        assert_eq!(name(&url, &[]), "EgressDenied", "{host}");
    }
    assert_eq!(name("postgres:///citadel?host=/tmp&user=x", &[]), "InvalidUrl");
    let open = &["--allow-private-network"][..];
    assert_eq!(name(&server.url(), open), "reached");
    assert_eq!(name(&server.url_with("wrong"), open), "QueryFailed");
    assert_eq!(name(&server.url().replace("/citadel", "/nowhere"), open), "QueryFailed");
    assert_eq!(name(&format!("{}?sslmode=require", server.url()), open), "TlsFailed");
    assert_eq!(name(&format!("{}?sslmode=disable", server.url()), open), "reached");
    drop(server);
    assert_eq!(
        name(&format!("postgres://citadel:{PASSWORD}@127.0.0.1:{port}/citadel"), open),
        "ConnectionFailed"
    );
}
