//! What `citadel eval` makes of CEL: answers, static types, and what is refused before or while it is evaluated.

use citadel::compile::expression;
use citadel::engine::{Evaluator, Variables};
use citadel::plan::expr::Variable;
use citadel::value::Value;

struct Nothing;

impl Variables for Nothing {
    fn get(&self, _: Variable) -> Option<&Value> {
        None
    }
}

/// The static type of an expression, and its value as JSON or what went wrong.
fn answer(text: &str) -> Result<(String, String), String> {
    let compiled = expression(text, &[], true).map_err(|findings| {
        findings.iter().map(|finding| finding.code.clone()).collect::<Vec<_>>().join(" ")
    })?;
    let value = Evaluator::new().evaluate(&compiled.code, &Nothing);
    let value =
        value.map_or_else(|error| error.to_string(), |value| serde_json::to_string(&value).expect("JSON"));
    Ok((compiled.ty.cel_text(), value))
}

fn hold(expressions: &[&str]) {
    for text in expressions {
        let truth = Ok(("bool".to_owned(), r#"{"bool":true}"#.to_owned()));
        assert_eq!(answer(text), truth, "{text}");
    }
}

fn are_refused(expressions: &[(&str, &str)]) {
    for (text, code) in expressions {
        assert_eq!(answer(text), Err((*code).to_owned()), "{text}");
    }
}

fn fail(expressions: &[(&str, &str)]) {
    for (text, reason) in expressions {
        let (_, value) = answer(text).expect(text);
        assert_eq!(value, *reason, "{text}");
    }
}

#[test]
fn a_format_writes_doubles_without_an_exponent() {
    hold(&[
        "'%s'.format([0.00000004]) == '0.00000004'",
        "'%s, %d'.format([3e21, -7e-8]) == '3000000000000000000000, -0.00000007'",
        "'%s'.format([[6e22, {'k': 5e-7}]]) == '[60000000000000000000000, {k: 0.0000005}]'",
        "'%s %d'.format([2.50, double('-Infinity')]) == '2.5 -Infinity'",
        "'100%%, %d%%'.format([7]) == '100%, 7%'",
    ]);
    fail(&[("'%.1%'.format([])", "the format clause `%%` can't be filled")]);
}

#[test]
fn an_optional_element_stays_one_inside_the_optional_of_its_access() {
    hold(&[
        "{'k': optional.of(4)}[?'k'].value().value() == 4",
        "{'k': optional.of(4)}.?k.value().value() == 4",
        "[optional.none()][?0].hasValue() && ![optional.none()][?0].value().hasValue()",
        "!{'k': optional.of(4)}.?j.hasValue()",
        "optional.of([optional.of(4)])[0].value().value() == 4",
        "optional.of({'k': optional.of(4)}).k == optional.of(optional.of(4))",
        "dyn({'k': {'j': 4}}).?k.?j.value() == 4",
        "{'k': {'j': 4}}.?k.j.value() == 4",
    ]);
    for text in ["{'k': optional.of(4)}.?k", "{'k': optional.of(4)}[?'k']", "[optional.of(4)][?0]"] {
        let (ty, _) = answer(text).expect(text);
        assert_eq!(ty, "optional_type(optional_type(int))", "{text}");
    }
}

#[test]
fn a_call_has_as_many_arguments_as_are_written() {
    let many = vec!["2"; 700].join(", ");
    hold(&[&format!("math.greatest({many}, 3) == 3 && math.least({many}) == 2")]);
}

#[test]
fn patterns_are_those_of_re2() {
    hold(&[
        r"!'٧'.matches(r'\d') && '7'.matches(r'^\d$')",
        r"!'ü'.matches(r'\w') && 'ü'.matches(r'^.$')",
        r"'üx'.matches(r'\bx')",
        r"'(x)'.matches(r'\Q(x)\E')",
    ]);
    for pattern in ["x+*", "(?x)x", "x{2000}", r"\y"] {
        fail(&[(&format!("'x'.matches(r'{pattern}')"), "the pattern is not a regular expression")]);
    }
}

#[test]
fn durations_of_days_are_literals_only() {
    hold(&["duration('36h') == 1d12h", "duration('1500us') == duration('1.5ms')"]);
    fail(&[("duration('2d')", "the string can't become duration")]);
}

#[test]
fn words_of_the_language_select_no_fields() {
    hold(&["{'in': 1}.`in` == 1", "{'if': 1}.if == 1", "{'a-b/c d.e': 1}.`a-b/c d.e` == 1"]);
    are_refused(&[
        ("{'in': 1}.in", "expected"),
        ("{'true': 1}.true", "expected"),
        ("{'a': {'null': 1}}.a.?null", "expected"),
        ("[1].false()", "expected"),
        ("dyn({}).a.in.b", "expected"),
        ("{'$x': 1}.`$x`", "expected"),
        ("{'': 1}.``", "expected"),
        ("'x'.`size`()", "expected"),
    ]);
}

#[test]
fn a_macro_names_each_variable_once_and_asks_for_a_plain_field() {
    hold(&["[7].all(i, x, i < x)", "has({'k': {'j': 1}}.?k.j)"]);
    are_refused(&[
        ("[7].all(x, x, true)", "macro_arguments"),
        ("{'k': 7}.transformMap(x, x, x)", "macro_arguments"),
        ("has({'k': 7}.?k)", "macro_arguments"),
    ]);
}

#[test]
fn numbers_and_clocks_at_their_ends() {
    hold(&[
        "string(math.sign(-0.0)) == '0'",
        "timestamp('9999-12-31T22:30:00Z').getFullYear('+02:00') == 10000",
        "timestamp('9999-12-31T22:30:00Z').getDayOfYear('+02:00') == 0",
    ]);
}
