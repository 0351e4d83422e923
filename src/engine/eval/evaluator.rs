use std::borrow::Cow;

use super::budget::{self, Budget, MAX_STEPS};
use super::function::Context;
use super::patterns::Patterns;
use super::{EvalError, Failure, operator};
use crate::plan::expr::{BinaryOperator, Code, ExprId, Op, Slot, Variable};
use crate::value::Value;

/// What the names of an expression stand for. Locals of macros are the evaluator's own.
pub trait Variables {
    /// The value of `variable`; `None` where it has none.
    fn get(&self, variable: Variable) -> Option<&Value>;
}

/// Evaluates expressions, one after the other, and keeps what can be used again.
#[derive(Debug, Default)]
pub struct Evaluator {
    scratch: Scratch,
}

#[derive(Debug, Default)]
struct Scratch {
    locals: Vec<Value>,
    /// Binary operators whose left operand is being evaluated.
    spine: Vec<ExprId>,
    patterns: Patterns,
}

impl Evaluator {
    /// An evaluator that has seen no expression.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `code`.
    ///
    /// # Errors
    /// Why it has none: what its author has to answer for, or its budget.
    pub fn evaluate(&mut self, code: &Code, variables: &dyn Variables) -> Result<Value, EvalError> {
        self.evaluate_part(code, code.root(), variables)
    }

    /// The value of an operation of `code` that doesn't stand in a macro's body, for whoever explains the whole.
    ///
    /// # Errors
    /// As those of [`Self::evaluate`].
    pub fn evaluate_part(
        &mut self,
        code: &Code,
        part: ExprId,
        variables: &dyn Variables,
    ) -> Result<Value, EvalError> {
        let budget = Budget::new(MAX_STEPS);
        let mut machine = Machine { code, variables, scratch: &mut self.scratch, budget };
        let value = machine.eval(part).map(Cow::into_owned);
        self.scratch.locals.clear();
        let value = value?;
        budget::check_output(&value)?;
        Ok(value)
    }
}

/// One evaluation.
pub(super) struct Machine<'a, 's> {
    code: &'a Code,
    variables: &'a dyn Variables,
    scratch: &'s mut Scratch,
    pub(super) budget: Budget,
}

/// The value of an operation, borrowed where it stands already.
pub(super) type Outcome<'a> = Result<Cow<'a, Value>, EvalError>;

impl<'a> Machine<'a, '_> {
    /// The value of the operation at `id`.
    pub(super) fn eval(&mut self, mut id: ExprId) -> Outcome<'a> {
        loop {
            self.budget.step()?;
            match self.code.op(id) {
                Op::Conditional { condition, then, otherwise } => {
                    id = if self.truth(*condition)? { *then } else { *otherwise };
                }
                Op::Binary { .. } => return self.binary(id),
                op => return self.operate(op),
            }
        }
    }

    fn operate(&mut self, op: &'a Op) -> Outcome<'a> {
        match op {
            Op::Literal(value) => Ok(Cow::Borrowed(value)),
            Op::Variable(variable) => self.variable(*variable),
            Op::Select { of, field, access } => self.select(*of, field, *access),
            Op::Index { of, key, access } => self.index(*of, *key, *access),
            Op::Not(of) => self.not(*of),
            Op::Negate(of) => self.negate(*of),
            Op::ToDouble(of) => self.widen(*of),
            Op::And(operands) => self.decide(operands, false),
            Op::Or(operands) => self.decide(operands, true),
            Op::Call { function, arguments } => self.call(*function, arguments),
            Op::List(elements) => self.list(elements),
            Op::Map(entries) => self.map(entries),
            Op::Template(parts) => self.template(parts),
            Op::Comprehension(comprehension) => self.comprehension(comprehension),
            Op::OptionalMap(map) => self.optional_map(map),
            Op::Fail(defect) => Err(Failure::Defect(defect.clone()).into()),
            // These two are `eval`'s own, so that their chains don't recurse.
            Op::Conditional { .. } | Op::Binary { .. } => Ok(Cow::Owned(Value::Null)),
        }
    }

    fn variable(&self, variable: Variable) -> Outcome<'a> {
        if let Variable::Local(slot) = variable {
            let local = self.scratch.locals.get(usize::from(slot.0));
            return Ok(Cow::Owned(local.cloned().unwrap_or(Value::Null)));
        }
        self.variables.get(variable).map(Cow::Borrowed).ok_or_else(|| Failure::Unavailable(variable).into())
    }

    /// Sets the variable of a macro.
    pub(super) fn set_local(&mut self, slot: Slot, value: Value) {
        let index = usize::from(slot.0);
        if self.scratch.locals.len() <= index {
            self.scratch.locals.resize(index + 1, Value::Null);
        }
        self.scratch.locals[index] = value;
    }

    /// What functions may use.
    pub(super) fn context(&mut self) -> Context<'_> {
        Context::new(&mut self.budget, &mut self.scratch.patterns)
    }

    /// The value of a condition.
    pub(super) fn truth(&mut self, id: ExprId) -> Result<bool, EvalError> {
        match self.eval(id)?.as_ref() {
            Value::Bool(value) => Ok(*value),
            other => Err(Failure::Condition(other.kind()).into()),
        }
    }

    /// `&&` for `decisive` false, `||` for true. An operand that decides outweighs the errors of all others, on
    /// either side.
    fn decide(&mut self, operands: &[ExprId], decisive: bool) -> Outcome<'a> {
        let mut error = None;
        for operand in operands {
            match self.truth(*operand) {
                Ok(value) if value == decisive => return Ok(Cow::Owned(Value::Bool(decisive))),
                Ok(_) => {}
                Err(budget) if budget.is_budget() => return Err(budget),
                Err(other) => error = error.or(Some(other)),
            }
        }
        error.map_or(Ok(Cow::Owned(Value::Bool(!decisive))), Err)
    }

    /// A binary operator. A chain of them to the left, as long as it may be, is walked and not recursed into.
    fn binary(&mut self, id: ExprId) -> Outcome<'a> {
        let base = self.scratch.spine.len();
        let value = self.climb(id, base);
        self.scratch.spine.truncate(base);
        value
    }

    fn climb(&mut self, mut id: ExprId, base: usize) -> Outcome<'a> {
        while let Op::Binary { left, .. } = self.code.op(id) {
            if self.scratch.spine.len() > base {
                self.budget.step()?;
            }
            self.scratch.spine.push(id);
            id = *left;
        }
        let mut value = self.eval(id)?;
        while self.scratch.spine.len() > base {
            let Some(id) = self.scratch.spine.pop() else { break };
            if let Op::Binary { operator, right, .. } = self.code.op(id) {
                value = self.apply(*operator, value, *right)?;
            }
        }
        Ok(value)
    }

    fn apply(&mut self, operator: BinaryOperator, left: Cow<'a, Value>, right: ExprId) -> Outcome<'a> {
        let right = self.eval(right)?;
        let answer = operator::apply(operator, left.as_ref(), right.as_ref(), &mut self.budget);
        match answer {
            Ok(value) => Ok(Cow::Owned(value)),
            Err(fault) => Err(fault.of(operator.symbol(), [left.as_ref(), right.as_ref()])),
        }
    }
}
