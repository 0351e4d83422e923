//! Well-typed programs by construction, for the property tests.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;

/// One stage of a generated workflow, after the one before it.
#[derive(Debug, Clone)]
enum Stage {
    /// A value computed from the one before.
    Compute(u8),
    /// A request whose body carries the number on.
    Request { timeout: u8, fallback: bool },
    /// Two ways that meet again; `join` is how.
    Choice { limit: i8, join: &'static str },
    /// Several requests at once.
    Fan(u8),
    /// A loop over a list.
    Loop { parallelism: u8, tolerant: bool },
    /// A pause.
    Pause(u8),
}

/// The text of a program that the compiler must accept.
pub(crate) fn programs() -> impl Strategy<Value = String> {
    vec(stages(), 1..12).prop_map(|stages| {
        let mut text = String::from("workflow generated {\n  input { n: int, xs: list<int> }\n");
        let mut value = "input.n".to_owned();
        let mut last: Option<String> = None;
        for (number, stage) in stages.iter().enumerate() {
            let (entry, exit) = stage.write(&mut text, number, &mut value);
            let _ = match last {
                Some(last) => writeln!(text, "  {last} -> {entry}"),
                None => writeln!(text, "  start -> {entry}"),
            };
            last = Some(exit);
        }
        let _ = writeln!(text, "  output {{ n: {value} }}\n}}");
        text
    })
}

fn stages() -> impl Strategy<Value = Stage> {
    prop_oneof![
        any::<u8>().prop_map(Stage::Compute),
        (1u8..60, any::<bool>()).prop_map(|(timeout, fallback)| Stage::Request { timeout, fallback }),
        (any::<i8>(), prop_oneof![Just("all"), Just("any"), Just("first")])
            .prop_map(|(limit, join)| Stage::Choice { limit, join }),
        (2u8..6).prop_map(Stage::Fan),
        (1u8..9, any::<bool>()).prop_map(|(parallelism, tolerant)| Stage::Loop { parallelism, tolerant }),
        (1u8..60).prop_map(Stage::Pause),
    ]
}

impl Stage {
    /// Writes its nodes; gives the stop that the stage before leads to, and the one that leads on. `value` is the
    /// number that may be read before, and then the one that may be read after.
    fn write(&self, text: &mut String, number: usize, value: &mut String) -> (String, String) {
        let name = format!("s{number}");
        let _ = match self {
            Self::Compute(add) => {
                writeln!(text, "  node {name}: data_transformer {{ value: {value} % 7 + {add} }}")
            }
            Self::Pause(seconds) => writeln!(text, "  node {name}: delay {{ for: {seconds}s }}"),
            Self::Request { timeout, fallback } => write_request(text, &name, value, *timeout, *fallback),
            Self::Fan(width) => return write_fan(text, &name, value, *width),
            Self::Choice { limit, join } => return write_choice(text, &name, value, *limit, join),
            Self::Loop { parallelism, tolerant } => write_loop(text, &name, value, *parallelism, *tolerant),
        };
        match self {
            Self::Compute(_) => *value = format!("{name}.value"),
            Self::Request { .. } => *value = format!("{name}.body.n"),
            Self::Loop { .. } => *value = format!("{name}.count"),
            _ => {}
        }
        (name.clone(), name)
    }
}

fn write_request(
    text: &mut String,
    name: &str,
    value: &str,
    timeout: u8,
    fallback: bool,
) -> std::fmt::Result {
    let fallback = if fallback { ", fallback: { \"body\": { \"n\": 1 } }" } else { "" };
    writeln!(
        text,
        "  node {name}: http_request {{ url: \"https://example.com/${{{value}}}\", response: {{ n: int }}, timeout: {timeout}s{fallback} }}"
    )
}

fn write_fan(text: &mut String, name: &str, value: &mut String, width: u8) -> (String, String) {
    let members: Vec<String> = (0..width).map(|member| format!("{name}_{member}")).collect();
    for member in &members {
        let _ = writeln!(text, "  node {member}: data_transformer {{ value: {value} % 100 + 1 }}");
    }
    let sum: Vec<String> = members.iter().map(|member| format!("{member}.value")).collect();
    let _ = writeln!(text, "  node {name}: data_transformer {{ value: {} }}", sum.join(" + "));
    let group = format!("[{}]", members.join(", "));
    let _ = writeln!(text, "  {group} -> {name}");
    *value = format!("{name}.value");
    (group, name.to_owned())
}

fn write_choice(
    text: &mut String,
    name: &str,
    value: &mut String,
    limit: i8,
    join: &str,
) -> (String, String) {
    let _ = writeln!(
        text,
        "  node {name}: condition {{ when: {value} > {limit} }}\n  \
         node {name}_yes: data_transformer {{ value: {value} + 1 }}\n  \
         node {name}_no: data_transformer {{ value: {value} + 2 }}\n  \
         node {name}_end: data_transformer {{ join: {join}, value: {name}_yes.?value.or({name}_no.?value).value() }}\n  \
         {name}.true -> {name}_yes -> {name}_end\n  \
         {name}.false -> {name}_no -> {name}_end"
    );
    *value = format!("{name}_end.value");
    (name.to_owned(), format!("{name}_end"))
}

fn write_loop(
    text: &mut String,
    name: &str,
    value: &str,
    parallelism: u8,
    tolerant: bool,
) -> std::fmt::Result {
    let on_error = if tolerant { "on_iteration_error: continue, tolerate: true, " } else { "" };
    writeln!(
        text,
        "  node {name}: loop {{ over: input.xs, as: x{name}, parallelism: {parallelism}, {on_error}\n    \
         body {{ node {name}_step: data_transformer {{ value: x{name} + {value} + index }} }}\n    \
         collect: {name}_step.value\n  }}"
    )
}
