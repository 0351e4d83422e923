//! What the checker says of single expressions: the type of right ones, the code of what is wrong with others.

use citadel::ast::{File, Name};
use citadel::check::expr::{Elaborator, Lookup, Scope};
use citadel::check::typed::{Exprs, Marks, Variable};
use citadel::diagnostic::{Finding, Problems};
use citadel::lower;
use citadel::source::{FileId, Span};
use citadel::syntax::parse_expression;
use citadel::types::{Field, Record, Type};
use citadel::value::{EcoString, Value};

/// A scope with one value of each kind.
struct Everything;

fn money() -> Type {
    let currency = Field { default: Some(Value::from("EUR")), ..Field::new("currency", Type::String) };
    Type::Record(Record::new(Some("Money".into()), vec![Field::new("cents", Type::Int), currency]).into())
}

fn input() -> Type {
    let row =
        Type::record([("id", Type::String), ("ok", Type::Bool), ("note", Type::optional(Type::String))]);
    Type::record([
        ("s", Type::String),
        ("n", Type::Int),
        ("u", Type::Uint),
        ("x", Type::Double),
        ("b", Type::Bool),
        ("raw", Type::Bytes),
        ("t", Type::Timestamp),
        ("d", Type::Duration),
        ("xs", Type::list(Type::Int)),
        ("ys", Type::list(Type::Double)),
        ("ss", Type::list(Type::String)),
        ("m", Type::map(Type::String, Type::Int)),
        ("rows", Type::list(row.clone())),
        ("row", row.clone()),
        ("tier", Type::one_of(&["gold", "silver"])),
        ("opt", Type::optional(Type::String)),
        ("optn", Type::optional(Type::Int)),
        ("optx", Type::optional(Type::Double)),
        ("optrow", Type::optional(row)),
        ("opttier", Type::optional(Type::one_of(&["gold", "silver"]))),
        ("optxs", Type::list(Type::optional(Type::Int))),
        ("money", money()),
        ("j", Type::Json),
    ])
}

impl Scope for Everything {
    fn lookup(&mut self, name: &str, _: Span) -> Lookup {
        match name {
            "input" => Lookup::Value(Variable::Input, input()),
            "token" => Lookup::Value(Variable::Secret(0), Type::Secret),
            "now" => Lookup::Value(Variable::Now, Type::Timestamp),
            "lost" => Lookup::Silent,
            "fetch" | "other" => Lookup::Node {
                index: usize::from(name == "other"),
                output: Type::record([
                    ("status", Type::Int),
                    ("body", money()),
                    ("next", Type::optional(Type::String)),
                ]),
                error: Type::record([("type", Type::String), ("message", Type::String)]),
            },
            _ => Lookup::Unknown,
        }
    }

    fn names(&self) -> Vec<EcoString> {
        ["input", "token", "now", "fetch", "other"].map(EcoString::from).into()
    }

    fn record_type(&mut self, _: &[Name]) -> Result<Type, Box<Finding>> {
        Ok(money())
    }
}

/// The type of an expression where `wanted` is taken, or the codes of what is wrong with it. What is right also has to compile.
fn judged(text: &str, wanted: Option<&Type>) -> String {
    let parsed = parse_expression(FileId::default(), text);
    assert!(parsed.problems.is_empty(), "{text}: {:?}", parsed.problems);
    let file = File { exprs: parsed.exprs, ..File::default() };
    let (mut exprs, mut problems, mut scope) = (Exprs::default(), Problems::default(), Everything);
    let mut elaborator = Elaborator::new(&file, &mut scope, &mut exprs, &mut problems);
    let typed = match wanted {
        Some(wanted) => elaborator.check(parsed.root, wanted),
        None => elaborator.infer(parsed.root),
    };
    let codes: Vec<String> = problems.iter().map(|found| found.code.clone()).collect();
    if !codes.is_empty() {
        return codes.join(" ");
    }
    if exprs.ty(typed).is_unknown() {
        return "silent".into();
    }
    let code = lower::compile(&exprs, typed);
    assert!(!format!("{:?}", code.code).contains("Fail("), "{text}: {:?}", code.code);
    let is_proven = exprs.proofs_since(Marks::default()).iter().all(|proof| proof.asks.is_empty());
    format!("{}{}", exprs.ty(typed), if is_proven { "" } else { " unproven" })
}

fn inferred(text: &str) -> String {
    judged(text, None)
}

fn expect(rows: &[(&str, &str)]) {
    let failures: Vec<String> = rows
        .iter()
        .map(|(text, wanted)| (text, inferred(text), wanted))
        .filter(|(_, found, wanted)| found != *wanted)
        .map(|(text, found, wanted)| format!("{text}\n    found:  {found}\n    wanted: {wanted}"))
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn expect_where(wanted: &Type, rows: &[(&str, &str)]) {
    for (text, answer) in rows {
        assert_eq!(judged(text, Some(wanted)), *answer, "{text}");
    }
}

#[test]
fn operators_have_the_types_of_their_operands() {
    expect(&[
        ("1 + 2 * 3", "int"),
        ("input.x * 2", "double"),
        ("2 * 1.5", "double"),
        ("-input.x", "double"),
        ("input.s + 'x'", "string"),
        ("[1] + input.xs", "list<int>"),
        ("[] + input.ss", "list<string>"),
        ("input.t - input.t < 1h", "bool"),
        ("input.t + 1d", "timestamp"),
        ("input.n < input.x", "bool"),
        ("input.tier + '!'", "string"),
        ("!input.b && input.n > 3 || false", "bool"),
        ("input.b ? 1 : 2.5", "double"),
        ("input.b ? input.opt : 'x'", "string?"),
        ("input.b ? [] : input.xs", "list<int>"),
        ("input.x * input.n", "no_such_overload"),
        ("'n' + input.n", "no_such_overload"),
        ("input.s < 9", "no_such_overload"),
        ("input.s && true", "no_such_overload"),
        ("-input.s", "no_such_overload"),
        ("input.n / 0", "division_by_zero"),
        ("9223372036854775807 + 1", "number_overflow"),
        ("input.b ? 1 : 'x'", "mixed_types"),
        ("input.n ? 1 : 2", "type_mismatch"),
        ("input.opt + 'x'", "optional_used"),
        ("input.j + 1", "untyped_operand"),
        ("!input.j.ok", "untyped_operand"),
    ]);
}

#[test]
fn comparisons_that_are_always_the_same_are_refused() {
    expect(&[
        ("input.tier == 'gold'", "bool"),
        ("input.tier == input.s", "bool"),
        ("input.tier in ['gold']", "bool"),
        ("input.x == 1", "bool"),
        ("input.j == 'x' && input.j.a != 3", "bool"),
        ("input.j == null", "bool"),
        ("type(input.j) == int || string != type(input.n)", "bool"),
        ("input.n == int", "unknown_name"),
        ("input.opt == input.opt", "bool"),
        ("'k' in input.m && 3 in input.xs && 'a' in {'a': 1}", "bool"),
        ("input.tier == 'golden'", "impossible_comparison"),
        ("input.tier in ['gold', 'platin']", "impossible_comparison"),
        ("input.n == 'x'", "no_such_overload"),
        ("input.n == input.x", "no_such_overload"),
        ("input.d == '5m'", "no_such_overload"),
        ("input.opt == 'x'", "optional_used"),
        ("input.opt == null", "compared_with_null"),
        ("input.s != null", "compared_with_null"),
        ("input.s in 'text'", "no_such_overload"),
        ("input.n in input.ss", "no_such_overload"),
        ("input.j in input.ss", "untyped_operand"),
    ]);
}

#[test]
fn fields_and_indexes() {
    expect(&[
        ("input.row.id", "string"),
        ("input.row.note", "string?"),
        ("input.?row.?note", "string?"),
        ("input.?n", "int?"),
        ("input.optrow.?id.orValue('')", "string"),
        ("input.rows[?0].id", "string?"),
        ("input.rows[0].id", "string"),
        ("input.m.a + input.m['b']", "int"),
        ("input.m[?'a'].orValue(0)", "int"),
        ("{'a': 1}.a", "int"),
        ("{'a': 1, 'b': 2}[input.s]", "int"),
        ("input.j.a[0].b", "json"),
        ("input.j.?a", "json?"),
        ("has(input.opt) && has(input.m.x) && has(input.j.x) && has(input.n)", "bool"),
        ("input.row.idd", "unknown_field"),
        ("input.n.x", "unknown_field"),
        ("input.optrow.id", "optional_used"),
        ("input.xs['a']", "no_such_overload"),
        ("input.xs[-1]", "invalid_conversion"),
        ("input.s[0]", "no_such_overload"),
        ("inptu.x", "unknown_name"),
        ("lost.x.y + 1", "silent"),
        ("has(input)", "macro_arguments"),
    ]);
}

#[test]
fn literals_are_records_and_lists_of_one_type() {
    expect(&[
        ("[1, 2.5, 3]", "list<double>"),
        ("[1, input.opt]", "list<json>"),
        ("['a', ?input.opt]", "list<string>"),
        ("{'a': 1, ?'b': input.opt}", "{ a: int, b: string? }"),
        ("{input.s: 3}", "map<string, int>"),
        ("Money {cents: 1}", "Money"),
        ("[1, 'a']", "list<json>"),
        ("[1, 'a'].map(x, x + 1)", "untyped_operand"),
        ("{input.s: 1, 'a': 'b'}", "map<string, json>"),
        ("{input.n: 1, 'a': 2}", "mixed_types"),
        ("{a: 3}", "bare_key"),
        ("{'a': 1, 'a': 2}", "duplicate_key"),
        ("{1: 1, 1: 2}", "duplicate_key"),
        ("{input.x: 1}", "type_mismatch"),
        ("Money {cents: 1, curency: 'x'}", "unknown_field"),
        ("Money {}", "missing_field"),
        ("Money {cents: '1'}", "type_mismatch"),
        ("'a ${input.n} ${input.t} ${input.tier}'", "string"),
        ("\"a ${input.n} ${input.t} ${input.tier}\"", "string"),
        ("\"${input.xs}\"", "not_interpolatable"),
        ("\"${input.opt}\"", "optional_used"),
        ("\"${input.j}\"", "untyped_operand"),
    ]);
}

#[test]
fn functions_take_what_they_declare() {
    expect(&[
        ("input.s.split(',').map(p, p.trim()).join('-')", "string"),
        ("size(input.s) + input.xs.size() + size({'a': 1, 'b': 'x'})", "int"),
        ("int(input.j.count) + int('3')", "int"),
        ("string(input.j)", "string"),
        ("math.greatest(1, 2, 3) + math.least([4, 5])", "int"),
        ("math.greatest(1, 2.5)", "double"),
        ("math.round(input.x) + math.ceil(1)", "double"),
        ("json.encode({'a': [1, 2.5, true, null]})", "string"),
        ("json.decode('[1]')", "json"),
        ("'%s is %d'.format(['x', 3])", "string"),
        ("optional.of(1)", "int?"),
        ("input.opt.orValue('x')", "string"),
        ("input.optx.orValue(0)", "double"),
        ("input.opttier.orValue('gold')", "\"gold\" | \"silver\""),
        ("input.opttier.orValue('none')", "string"),
        ("input.opttier.or(optional.of('gold')).value()", "\"gold\" | \"silver\""),
        ("input.opt.or(input.s)", "string?"),
        ("input.opt.optMap(n, n.size()).orValue(0)", "int"),
        ("optional.unwrap(input.optxs)", "list<int>"),
        ("type(input.n)", "type"),
        ("format_time(input.t, '%Y', 'UTC')", "string"),
        ("input.t.getHours('Europe/Berlin')", "int"),
        ("input.s.toUpper()", "unknown_function"),
        ("lenght(input.s)", "unknown_function"),
        ("input.s.substring()", "no_such_overload"),
        ("size(input.s, 1)", "no_such_overload"),
        ("input.s.contains(1)", "no_such_overload"),
        ("contains(input.s, 'x')", "no_such_overload"),
        ("input.n.contains('x')", "no_such_overload"),
        ("input.s.orValue('x')", "no_such_overload"),
        ("input.opt.size()", "optional_used"),
        ("size(input.opt)", "optional_used"),
        ("size(input.j)", "untyped_operand"),
        ("input.j.xs.map(x, x)", "untyped_operand"),
        ("duration('abc')", "invalid_conversion"),
        ("timestamp('x')", "invalid_conversion"),
        ("int('x')", "invalid_conversion"),
        ("input.s.matches('(')", "invalid_regex"),
        ("'%d'.format(['x'])", "invalid_format"),
        ("'%d %d'.format([1])", "invalid_format"),
        ("'%y'.format([1])", "invalid_format"),
        ("input.t.getHours('Mars')", "unknown_timezone"),
        ("format_time(input.t, '%!', 'UTC')", "invalid_conversion"),
    ]);
}

#[test]
fn macros_bring_variables() {
    expect(&[
        ("input.rows.filter(r, r.ok).map(r, {'id': r.id})", "list<{ id: string }>"),
        ("input.m.all(k, k != '') && input.m.exists(k, v, v > 3 && k != 'z')", "bool"),
        ("input.m.transformMap(k, v, v + 1)", "map<string, int>"),
        ("input.xs.transformMapEntry(i, x, {i: x})", "map<int, int>"),
        ("input.xs.map(x, x > 3, x * x)", "list<int>"),
        ("input.optxs.filter(x, x.hasValue()).map(x, x.value())", "list<int>"),
        ("{'a': 1}.map(k, k)", "list<string>"),
        ("input.xs.map(input, input + 1)", "list<int>"),
        ("input.xs.map(x)", "macro_arguments"),
        ("input.xs.all(1, true)", "macro_arguments"),
        ("input.xs.filter(x, x + 1)", "type_mismatch"),
        ("input.n.map(x, x)", "no_such_overload"),
        ("input.xs.find(x, x > 1)", "unknown_function"),
        ("input.xs.map(x, y)", "unknown_name"),
    ]);
}

#[test]
fn nodes_are_read_and_values_proven() {
    expect(&[
        ("fetch.body.cents", "int"),
        ("fetch.?body.?cents", "int?"),
        ("fetch.hasValue() ? fetch.body.cents : 0", "int"),
        ("fetch.error.message + fetch.?error.?message.orValue('')", "string"),
        ("fetch.?status.or(other.?status).value()", "int"),
        ("fetch.?next.value()", "string unproven"),
        ("fetch.next.hasValue() ? fetch.next.value() : ''", "string"),
        ("input.opt.value()", "string unproven"),
        ("has(input.opt) && input.opt.value() != ''", "bool"),
        ("!input.opt.hasValue() || input.opt.value() != ''", "bool"),
        ("input.opt.hasValue() || input.opt.value() != ''", "bool unproven"),
        ("fetch.bdy", "unknown_field"),
        ("fetch.status.x", "unknown_field"),
    ]);
}

#[test]
fn secrets_only_go_into_texts() {
    expect(&[
        ("\"Bearer ${token}\"", "secret"),
        ("'Bearer ' + token", "secret"),
        ("input.b ? token : 'x'", "secret"),
        ("{'a': token}", "{ a: secret }"),
        ("[token, 'x']", "list<secret>"),
        ("token == 'x'", "secret_operation"),
        ("token in ['x']", "secret_operation"),
        ("size(token)", "secret_operation"),
        ("token.upperAscii()", "secret_operation"),
        ("base64.encode(bytes(token))", "secret_operation"),
        ("{token: 'x'}", "secret_operation"),
        ("token + 1", "no_such_overload"),
        ("token < 'x'", "secret_operation"),
        ("size([token])", "secret_operation"),
        ("input.opt.orValue(token)", "secret_operation"),
    ]);
}

#[test]
fn a_place_says_what_literals_stand_for() {
    expect_where(&Type::Double, &[("1", "double"), ("-1", "double"), ("input.n", "type_mismatch")]);
    expect_where(
        &Type::Duration,
        &[("10s", "duration"), ("10", "number_for_duration"), ("'10s'", "type_mismatch")],
    );
    expect_where(
        &Type::optional(Type::Int),
        &[("1", "int?"), ("optional.none()", "T?"), ("null", "type_mismatch")],
    );
    expect_where(
        &Type::one_of(&["x", "y"]),
        &[("'x'", "\"x\" | \"y\""), ("'z'", "type_mismatch"), ("input.s", "type_mismatch")],
    );
    expect_where(
        &money(),
        &[
            ("{'cents': 1}", "Money"),
            ("{}", "missing_field"),
            ("{'cent': 1}", "unknown_field"),
            ("input.money", "Money"),
        ],
    );
    expect_where(
        &Type::map(Type::String, Type::Int),
        &[("{'a': 1}", "{ a: int }"), ("{'a': 'x'}", "type_mismatch"), ("{}", "{ }")],
    );
    expect_where(
        &Type::list(Type::String),
        &[("['a']", "list<string>"), ("[1]", "type_mismatch"), ("[]", "list<string>")],
    );
    expect_where(
        &Type::Json,
        &[
            ("{'a': [1, 'x', {'b': null}]}", "{ a: list<json> }"),
            ("{'t': [token, 1]}", "{ t: list<secret> }"),
        ],
    );
    expect_where(&Type::Uint, &[("1u", "uint"), ("1", "type_mismatch")]);
    expect_where(&Type::list(Type::Json), &[("input.b ? [1] : ['x']", "list<json>")]);
    expect_where(&Type::Int, &[("input.j.n", "type_mismatch"), ("input.optn", "optional_used")]);
    expect_where(&Type::String, &[("input.opt.orValue(input.j.x)", "type_mismatch")]);
}
