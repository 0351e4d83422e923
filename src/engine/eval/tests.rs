//! What the conformance suite doesn't show: budgets, secrets, long chains and deep trees.

use super::{EvalError, Evaluator, Exhausted, Failure, Variables};
use crate::plan::expr::{
    Access, BinaryOperator, Code, Comprehension, Element, ExprId, Function, Gather, MAX_DEPTH, Op, Slot,
    Variable,
};
use crate::value::{Duration, Kind, Map, Part, Template, Timestamp, Value};

struct Bindings(Vec<Value>);

impl Variables for Bindings {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Binding(index) => self.0.get(index as usize),
            _ => None,
        }
    }
}

fn evaluate(ops: Vec<Op>, bindings: Vec<Value>) -> Result<Value, EvalError> {
    let code = Code::new(ops).expect("the test's code is right");
    Evaluator::new().evaluate(&code, &Bindings(bindings))
}

fn int(value: i64) -> Op {
    Op::Literal(Value::Int(value))
}

fn text(text: &str) -> Op {
    Op::Literal(Value::from(text))
}

fn id(index: usize) -> ExprId {
    ExprId(index.try_into().expect("tests are small"))
}

fn binary(operator: BinaryOperator, left: usize, right: usize) -> Op {
    Op::Binary { operator, left: id(left), right: id(right) }
}

fn macro_over(gather: Gather, range: usize, slot: u8, body: usize) -> Op {
    let (range, body) = (id(range), id(body));
    Op::Comprehension(Comprehension { gather, range, first: Slot(slot), second: None, filter: None, body })
}

fn numbers(count: i64) -> Value {
    (0..count).map(Value::Int).collect()
}

#[test]
fn a_long_chain_needs_no_deep_stack() {
    let mut ops = vec![int(0)];
    for _ in 0..100_000 {
        let left = ops.len() - 1;
        ops.extend([int(1), binary(BinaryOperator::Add, left, left + 1)]);
    }
    assert_eq!(evaluate(ops, vec![]), Ok(Value::Int(100_000)));
}

#[test]
fn the_deepest_trees_fit_a_threads_stack() {
    let wrap: [fn(ExprId) -> Op; 5] = [
        |inner| Op::Call { function: Function::OptionalOf, arguments: vec![inner] },
        |inner| Op::List(vec![Element { value: inner, optional: false }]),
        |inner| Op::Template(vec![inner]),
        |inner| Op::Select { of: inner, field: "f".into(), access: Access::Optional },
        Op::Negate,
    ];
    for wrap in wrap {
        let mut ops = vec![int(1)];
        while ops.len() < MAX_DEPTH as usize {
            ops.push(wrap(id(ops.len() - 1)));
        }
        let _ = evaluate(ops, vec![]);
    }
}

#[test]
fn a_result_nests_only_so_deep() {
    let mut ops = vec![int(0)];
    for index in 0..200 {
        ops.push(Op::List(vec![Element { value: id(index), optional: false }]));
    }
    assert_eq!(evaluate(ops, vec![]), Err(Failure::Budget(Exhausted::Depth).into()));
}

#[test]
fn nested_macros_end_with_their_budget() {
    let range = || Op::Variable(Variable::Binding(0));
    let ops = vec![
        range(),
        range(),
        Op::Literal(Value::Bool(true)),
        macro_over(Gather::All, 1, 1, 2),
        macro_over(Gather::All, 0, 0, 3),
    ];
    let steps = Failure::Budget(Exhausted::Steps).into();
    assert_eq!(evaluate(ops, vec![numbers(2000)]), Err(steps));
}

#[test]
fn no_operator_absorbs_an_exhausted_budget() {
    let long = Value::from("x".repeat(100));
    let ops = vec![
        Op::Variable(Variable::Binding(0)),
        text(""),
        Op::Variable(Variable::Binding(1)),
        Op::Call { function: Function::Replace, arguments: vec![id(0), id(1), id(2)] },
        text(""),
        binary(BinaryOperator::Equal, 3, 4),
        Op::Literal(Value::Bool(true)),
        Op::Or(vec![id(5), id(6)]),
    ];
    let many = Value::from("x".repeat(1_000_000));
    let error = evaluate(ops, vec![many, long]).expect_err("it takes too many steps");
    assert!(error.is_budget(), "{error}");
}

#[test]
fn a_result_has_a_largest_size() {
    let range = Op::Variable(Variable::Binding(0));
    let ops = vec![range, Op::Variable(Variable::Binding(1)), macro_over(Gather::List, 0, 0, 1)];
    let bindings = vec![numbers(2000), Value::from("x".repeat(1000))];
    assert_eq!(evaluate(ops, bindings), Err(Failure::Budget(Exhausted::Output).into()));
}

#[test]
fn a_secret_stays_a_reference() {
    let secret = Value::Template(Template::secret("key").into());
    let ops = vec![
        text("Bearer "),
        Op::Variable(Variable::Binding(0)),
        text("!"),
        Op::Template(vec![id(0), id(1), id(2)]),
    ];
    let value = evaluate(ops, vec![secret.clone()]).expect("templates take secrets");
    let Value::Template(template) = value else { panic!("a template") };
    assert_eq!(
        template.parts(),
        [Part::Text("Bearer ".into()), Part::Secret("key".into()), Part::Text("!".into())]
    );

    let ops = vec![Op::Variable(Variable::Binding(0)), text("x"), binary(BinaryOperator::Less, 0, 1)];
    assert!(evaluate(ops, vec![secret]).is_err());
}

#[test]
fn a_segment_of_a_url_cannot_lead_elsewhere() {
    let encode = |value: &str| {
        let ops = vec![text(value), Op::Call { function: Function::UrlEncode, arguments: vec![id(0)] }];
        evaluate(ops, vec![])
    };
    assert_eq!(encode("a b/../c?é"), Ok(Value::from("a%20b%2F..%2Fc%3F%C3%A9")));
    assert_eq!(encode(".."), Err(Failure::DotSegment.into()));
}

#[test]
fn what_is_not_there_is_an_error() {
    let error = evaluate(vec![Op::Variable(Variable::Now)], vec![]);
    assert_eq!(error, Err(Failure::Unavailable(Variable::Now).into()));
}

/// One value of each kind, and those at the ends of their ranges.
fn samples() -> Vec<Value> {
    let texts =
        ["", "é€\u{10ffff}x", "%.9999999f%s", "%.1000e%", "-1h", "9999-12-31T23:59:59Z", "(", "%q%Y%!"];
    let mut samples: Vec<Value> = texts.into_iter().map(Value::from).collect();
    samples.extend([i64::MIN, -1, 1, i64::MAX].map(Value::Int));
    samples.extend([u64::MAX].map(Value::Uint));
    samples.extend([f64::NAN, -0.5, f64::MAX].map(Value::Double));
    samples.extend([Value::Null, Value::Bool(true), Value::NONE, Value::some(Value::Int(1))]);
    samples.push(Value::Duration(Duration::from_nanos(-315_576_000_000_000_000_000).expect("the shortest")));
    samples.push(Value::Timestamp(Timestamp::parse("0001-01-01T00:00:00Z").expect("the first")));
    samples.push(Value::Bytes([0xff, 0xfe, b'a'].into()));
    samples.push([Value::from("a"), Value::Int(2)].into_iter().collect());
    samples.push(Value::Map(Map::record([("a", Value::Double(f64::INFINITY))])));
    samples.push(Value::Template(Template::secret("key").into()));
    samples.push(Value::Type(Kind::Int));
    samples
}

#[test]
fn no_function_panics_whatever_it_is_given() {
    let samples = samples();
    for function in Function::all() {
        for arguments in (0..=2).filter(|count| function.takes(*count)) {
            for index in 0..samples.len().pow(arguments.try_into().expect("few")) {
                let picked: Vec<_> = (0..arguments)
                    .map(|place| {
                        &samples[index / samples.len().pow(place.try_into().expect("few")) % samples.len()]
                    })
                    .collect();
                let mut ops: Vec<_> = picked.into_iter().cloned().map(Op::Literal).collect();
                ops.push(Op::Call { function, arguments: (0..arguments).map(id).collect() });
                let _ = evaluate(ops, vec![]);
            }
        }
        for first in samples.iter().filter(|_| function.takes(3)) {
            for (second, third) in samples.iter().zip(samples.iter().rev()) {
                let mut ops =
                    vec![Op::Literal(first.clone()), Op::Literal(second.clone()), Op::Literal(third.clone())];
                ops.push(Op::Call { function, arguments: (0..3).map(id).collect() });
                let _ = evaluate(ops, vec![]);
            }
        }
    }
}

#[test]
fn no_operator_panics_whatever_it_is_given() {
    use BinaryOperator::{Add, Divide, Equal, In, Less, Multiply, Remainder, Subtract};
    let samples = samples();
    for operator in [Add, Subtract, Multiply, Divide, Remainder, Equal, Less, In] {
        for left in &samples {
            for right in &samples {
                let ops = vec![Op::Literal(left.clone()), Op::Literal(right.clone()), binary(operator, 0, 1)];
                let _ = evaluate(ops, vec![]);
            }
        }
    }
}
