use std::borrow::Cow;
use std::cmp::Ordering;

use super::arithmetic;
use super::error::{Answer, Fault};
use super::evaluator::{Machine, Outcome};
use super::{Budget, EvalError, Failure};
use crate::plan::expr::{BinaryOperator, ExprId};
use crate::value::{Key, Value, compare, equal};

/// The value of `left operator right`.
pub(super) fn apply(operator: BinaryOperator, left: &Value, right: &Value, budget: &mut Budget) -> Answer {
    match operator {
        BinaryOperator::Add => arithmetic::add(left, right, budget),
        BinaryOperator::Subtract => arithmetic::subtract(left, right),
        BinaryOperator::Multiply => arithmetic::multiply(left, right),
        BinaryOperator::Divide => arithmetic::divide(left, right),
        BinaryOperator::Remainder => arithmetic::remainder(left, right),
        BinaryOperator::Equal => Ok(Value::Bool(same(left, right, budget)?)),
        BinaryOperator::NotEqual => Ok(Value::Bool(!same(left, right, budget)?)),
        BinaryOperator::Less => ordered(left, right, budget, Ordering::is_lt),
        BinaryOperator::LessEqual => ordered(left, right, budget, Ordering::is_le),
        BinaryOperator::Greater => ordered(left, right, budget, Ordering::is_gt),
        BinaryOperator::GreaterEqual => ordered(left, right, budget, Ordering::is_ge),
        BinaryOperator::In => contains(right, left, budget),
    }
}

fn same(a: &Value, b: &Value, budget: &mut Budget) -> Result<bool, EvalError> {
    equal(a, b, &mut |work| budget.work(work))
}

fn ordered(a: &Value, b: &Value, budget: &mut Budget, holds: fn(Ordering) -> bool) -> Answer {
    if let (Value::String(a), Value::String(b)) = (a, b) {
        budget.octets(a.len().min(b.len()))?;
    }
    let order = compare(a, b).map_err(|_| Fault::Overload)?;
    Ok(Value::Bool(order.is_some_and(holds)))
}

fn contains(container: &Value, value: &Value, budget: &mut Budget) -> Answer {
    match container {
        Value::Map(map) => Ok(Value::Bool(Key::finding(value).is_some_and(|key| map.get(&key).is_some()))),
        Value::List(list) => {
            budget.elements(list.len())?;
            for element in list {
                if same(element, value, budget)? {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        _ => Err(Fault::Overload),
    }
}

impl<'a> Machine<'a, '_> {
    pub(super) fn not(&mut self, of: ExprId) -> Outcome<'a> {
        match self.eval(of)?.as_ref() {
            Value::Bool(value) => Ok(Cow::Owned(Value::Bool(!value))),
            other => Err(EvalError::overload("!", [other])),
        }
    }

    pub(super) fn negate(&mut self, of: ExprId) -> Outcome<'a> {
        match self.eval(of)?.as_ref() {
            Value::Int(value) => {
                let negated = value.checked_neg().ok_or(Failure::Overflow)?;
                Ok(Cow::Owned(Value::Int(negated)))
            }
            Value::Double(value) => Ok(Cow::Owned(Value::Double(-value))),
            other => Err(EvalError::overload("-", [other])),
        }
    }

    pub(super) fn widen(&mut self, of: ExprId) -> Outcome<'a> {
        let value = self.eval(of)?;
        Ok(match value.as_ref() {
            Value::Int(int) => Cow::Owned(Value::Double(*int as f64)),
            Value::Uint(uint) => Cow::Owned(Value::Double(*uint as f64)),
            _ => value,
        })
    }
}
