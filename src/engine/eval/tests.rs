//! What the conformance suite doesn't show: budgets, secrets, long chains and deep trees.

use super::{EvalError, Evaluator, Exhausted, Failure, Variables};
use crate::plan::expr::{
    BinaryOperator, Code, Comprehension, ExprId, Function, Gather, MAX_DEPTH, Op, Slot, Variable,
};
use crate::value::{Part, Template, Value};

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
fn the_deepest_tree_fits_a_threads_stack() {
    let mut ops = vec![int(0)];
    for _ in 1..MAX_DEPTH {
        let arguments = vec![id(ops.len() - 1)];
        ops.push(Op::Call { function: Function::OptionalOf, arguments });
    }
    let depth = Failure::Budget(Exhausted::Depth).into();
    assert_eq!(evaluate(ops, vec![]), Err(depth));
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
