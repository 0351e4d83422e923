use ecow::{EcoString, EcoVec};

use super::{Entry, ExprId, ExprKind, Exprs, Variable};
use crate::ast::BinaryOp;
use crate::check::program::ConstantIx;
use crate::value::{Duration, Key, Map, Timestamp, Value, compare, equal};

/// How deep constants may refer to constants.
const DEPTH: usize = 64;

impl Exprs {
    /// What an expression is in every run, where that can be told without one: literals, constants, and operators and
    /// literals of them.
    #[must_use]
    pub fn constant(&self, id: ExprId) -> Option<Value> {
        Fold { exprs: self, depth: 0 }.value(id)
    }
}

struct Fold<'a> {
    exprs: &'a Exprs,
    depth: usize,
}

impl Fold<'_> {
    fn value(&mut self, id: ExprId) -> Option<Value> {
        match &self.exprs[id].kind {
            ExprKind::Literal(value) => Some(value.clone()),
            ExprKind::Variable(Variable::Constant(index)) => self.constant(*index),
            ExprKind::Not(of) => Some(Value::Bool(!truth(&self.value(*of)?)?)),
            ExprKind::Negate(of) => negate(&self.value(*of)?),
            ExprKind::ToDouble(of) => match self.value(*of)? {
                Value::Int(number) => Some(Value::Double(number as f64)),
                other => Some(other),
            },
            ExprKind::And(operands) => self.connect(operands, false),
            ExprKind::Or(operands) => self.connect(operands, true),
            ExprKind::Binary { op, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                binary(*op, &left, &right)
            }
            ExprKind::Conditional { condition, then, otherwise } => {
                let chosen = if truth(&self.value(*condition)?)? { then } else { otherwise };
                self.value(*chosen)
            }
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Select { of, field, .. } => self.value(*of)?.field(field).cloned(),
            ExprKind::List(elements) => {
                let values =
                    elements.iter().map(|element| self.value(element.value).filter(|_| !element.optional));
                values.collect::<Option<EcoVec<_>>>().map(Value::List)
            }
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Call { function, arguments } => {
                let arguments: Option<Vec<Value>> =
                    arguments.iter().map(|argument| self.value(*argument)).collect();
                called(function.name(), &arguments?)
            }
            _ => None,
        }
    }

    fn constant(&mut self, index: ConstantIx) -> Option<Value> {
        let value = self.exprs.value_of(index).filter(|_| self.depth < DEPTH)?;
        self.depth += 1;
        let folded = self.value(value);
        self.depth -= 1;
        folded
    }

    /// One operand that is `decisive` settles it; otherwise all have to be known.
    fn connect(&mut self, operands: &[ExprId], decisive: bool) -> Option<Value> {
        let values: Vec<Option<bool>> =
            operands.iter().map(|operand| self.value(*operand).as_ref().and_then(truth)).collect();
        if values.contains(&Some(decisive)) {
            return Some(Value::Bool(decisive));
        }
        values.iter().all(Option::is_some).then_some(Value::Bool(!decisive))
    }

    fn template(&mut self, parts: &[ExprId]) -> Option<Value> {
        let mut text = EcoString::new();
        for part in parts {
            text.push_str(&self.value(*part)?.print()?);
        }
        Some(Value::String(text))
    }

    fn map(&mut self, entries: &[Entry]) -> Option<Value> {
        let mut pairs = EcoVec::new();
        for entry in entries {
            let key = Key::of(&self.value(entry.key)?)?;
            pairs.push((key, self.value(entry.value).filter(|_| !entry.optional)?));
        }
        Map::from_entries(pairs).ok().map(Value::Map)
    }
}

/// The functions that make values which have no literals.
fn called(name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("optional.none", []) => Some(Value::NONE),
        ("optional.of", [value]) => Some(Value::some(value.clone())),
        ("duration", [Value::String(text)]) => Duration::parse_cel(text).ok().map(Value::Duration),
        ("timestamp", [Value::String(text)]) => Timestamp::parse(text).ok().map(Value::Timestamp),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

fn negate(value: &Value) -> Option<Value> {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int),
        Value::Double(number) => Some(Value::Double(-number)),
        _ => None,
    }
}

fn binary(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    use std::cmp::Ordering;
    let ordered =
        |holds: fn(Ordering) -> bool| compare(left, right).ok()?.map(|order| Value::Bool(holds(order)));
    let same = || equal::<()>(left, right, &mut |_| Ok(())).ok();
    match op {
        BinaryOp::Equal => same().map(Value::Bool),
        BinaryOp::NotEqual => same().map(|same| Value::Bool(!same)),
        BinaryOp::Less => ordered(Ordering::is_lt),
        BinaryOp::LessEqual => ordered(Ordering::is_le),
        BinaryOp::Greater => ordered(Ordering::is_gt),
        BinaryOp::GreaterEqual => ordered(Ordering::is_ge),
        BinaryOp::In => contains(left, right),
        BinaryOp::And | BinaryOp::Or => None,
        _ => arithmetic(op, left, right),
    }
}

fn contains(element: &Value, container: &Value) -> Option<Value> {
    match container {
        Value::List(list) => Some(Value::Bool(list.iter().any(|member| member == element))),
        Value::Map(map) => {
            Some(Value::Bool(Key::finding(element).is_some_and(|key| map.get(&key).is_some())))
        }
        _ => None,
    }
}

fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => match op {
            BinaryOp::Add => a.checked_add(*b),
            BinaryOp::Subtract => a.checked_sub(*b),
            BinaryOp::Multiply => a.checked_mul(*b),
            BinaryOp::Divide => a.checked_div(*b),
            BinaryOp::Remainder => a.checked_rem(*b),
            _ => None,
        }
        .map(Value::Int),
        (Value::Double(a), Value::Double(b)) => match op {
            BinaryOp::Add => Some(a + b),
            BinaryOp::Subtract => Some(a - b),
            BinaryOp::Multiply => Some(a * b),
            BinaryOp::Divide => Some(a / b),
            _ => None,
        }
        .map(Value::Double),
        (Value::Duration(a), Value::Duration(b)) => match op {
            BinaryOp::Add => a.checked_add(*b),
            BinaryOp::Subtract => a.checked_sub(*b),
            _ => None::<Duration>,
        }
        .map(Value::Duration),
        (Value::String(a), Value::String(b)) if op == BinaryOp::Add => {
            Some(Value::String(a.clone() + b.as_str()))
        }
        _ => None,
    }
}
