//! The time of one evaluation, beside the `cel` crate with the same expression and values in the same run.
//!
//! `cargo bench --bench eval`. Both are compiled beforehand. The bars: a simple comparison under 200 ns, ten operations
//! under 1 µs.

use std::collections::BTreeMap;
use std::hint::black_box;

use citadel::check::expr::cel::Declaration;
use citadel::compile::{Expression, expression};
use citadel::engine::{Evaluator, Variables};
use citadel::plan::expr::Variable;
use citadel::types::Type;
use citadel::value::{Map, Value};
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};

const CASES: [(&str, &str); 6] = [
    ("simple comparison", "a < b"),
    ("ten operations", "a + b * 2 - a / 2 + b % 3 < 100 && a != b || b == 0"),
    ("nested field", "order.total.cents == 4200"),
    ("all of 100 elements", "items.all(i, i >= 0)"),
    ("filter and map of 100 elements", "items.filter(i, i % 2 == 0).map(i, i * 2)"),
    ("three string functions", "name.startsWith('order-') && name.contains('123') && name.endsWith('h')"),
];

const NAME: &str = "order-12345-abcdefgh";

fn expressions(criterion: &mut Criterion) {
    for (name, text) in CASES {
        let mut group = criterion.benchmark_group(name);
        ours(&mut group, text);
        theirs(&mut group, text);
        group.finish();
    }
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, text: &str) {
    let values = Values::new();
    let Expression { code, .. } = expression(text, &values.declarations(), true).expect("a right expression");
    let mut evaluator = Evaluator::new();
    evaluator.evaluate(&code, &values).expect("the expression has a value");
    group.bench_function("citadel", |bencher| bencher.iter(|| evaluator.evaluate(black_box(&code), &values)));
}

fn theirs(group: &mut BenchmarkGroup<'_, WallTime>, text: &str) {
    let program = cel::Program::compile(text).expect("a right expression");
    let mut context = cel::Context::default();
    let order = BTreeMap::from([("total", BTreeMap::from([("cents", 4200_i64)]))]);
    context.add_variable("a", 3_i64).expect("a value");
    context.add_variable("b", 4_i64).expect("a value");
    context.add_variable("name", NAME).expect("a value");
    context.add_variable("items", (0..100).collect::<Vec<i64>>()).expect("a value");
    context.add_variable("order", order).expect("a value");
    program.execute(&context).expect("the expression has a value");
    group.bench_function("cel", |bencher| bencher.iter(|| program.execute(black_box(&context))));
}

/// The names with their types and values.
struct Values(Vec<(&'static str, Type, Value)>);

impl Values {
    fn new() -> Self {
        let total = Value::Map(Map::record([("cents", Value::Int(4200))]));
        let order = Value::Map(Map::record([("total", total)]));
        Self(vec![
            ("a", Type::Int, Value::Int(3)),
            ("b", Type::Int, Value::Int(4)),
            ("name", Type::String, Value::from(NAME)),
            ("items", Type::list(Type::Int), (0..100).map(Value::Int).collect()),
            ("order", Type::Dyn, order),
        ])
    }

    fn declarations(&self) -> Vec<Declaration> {
        self.0.iter().map(|(name, ty, _)| Declaration { name: (*name).into(), ty: ty.clone() }).collect()
    }
}

impl Variables for Values {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Binding(index) => self.0.get(index as usize).map(|(_, _, value)| value),
            _ => None,
        }
    }
}

criterion_group!(benches, expressions);
criterion_main!(benches);
