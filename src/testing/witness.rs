use crate::engine::{Evaluator, Variables};
use crate::plan::Formula;
use crate::plan::expr::{Comprehension, ExprId, Op, OptionalMap};
use crate::source::Span;
use crate::value::Value;

/// No more values than these are shown of one expectation.
const MOST: usize = 8;

/// A value's text is cut off beyond so many characters.
const LONGEST: usize = 60;

/// The parts of an expectation whose values explain why it doesn't hold, with these values as text.
pub(super) fn witnesses(formula: &Formula, variables: &dyn Variables) -> Vec<(Span, String)> {
    let mut witness = Witness { formula, variables, evaluator: Evaluator::new(), seen: Vec::new() };
    witness.visit(formula.code.root());
    witness.seen.truncate(MOST);
    witness.seen
}

struct Witness<'a> {
    formula: &'a Formula,
    variables: &'a dyn Variables,
    evaluator: Evaluator,
    seen: Vec<(Span, String)>,
}

impl Witness<'_> {
    fn visit(&mut self, id: ExprId) {
        match self.formula.code.op(id) {
            Op::Literal(_) | Op::Fail(_) => {}
            Op::Variable(_) | Op::Select { .. } => self.show(id),
            Op::Index { key, .. } => {
                self.show(id);
                self.visit(*key);
            }
            Op::And(operands) => self.visit_decisive(operands, false),
            Op::Or(operands) => self.visit_decisive(operands, true),
            Op::Conditional { condition, then, otherwise } => {
                self.visit(*condition);
                let chosen = if self.value(*condition) == Some(Value::Bool(true)) { then } else { otherwise };
                self.visit(*chosen);
            }
            // The values in a macro's body are many.
            Op::Comprehension(Comprehension { range, .. }) => {
                self.show_unless_root(id);
                self.visit(*range);
            }
            Op::OptionalMap(OptionalMap { of, .. }) => self.visit(*of),
            Op::Call { .. } => {
                self.show_unless_root(id);
                self.visit_operands(id);
            }
            _ => self.visit_operands(id),
        }
    }

    fn visit_operands(&mut self, id: ExprId) {
        let mut operands = Vec::new();
        self.formula.code.op(id).operands(|operand| operands.push(operand));
        operands.into_iter().for_each(|operand| self.visit(operand));
    }

    /// Only the operands that settle `&&` and `||`; all of them where none does.
    fn visit_decisive(&mut self, operands: &[ExprId], decisive: bool) {
        let settles =
            |witness: &mut Self, operand: &ExprId| witness.value(*operand) == Some(Value::Bool(decisive));
        let decisive: Vec<ExprId> =
            operands.iter().copied().filter(|operand| settles(self, operand)).collect();
        let shown = if decisive.is_empty() { operands } else { &decisive };
        shown.iter().for_each(|operand| self.visit(*operand));
    }

    fn value(&mut self, id: ExprId) -> Option<Value> {
        self.evaluator.evaluate_part(&self.formula.code, id, self.variables).ok()
    }

    /// That the whole is false is said already.
    fn show_unless_root(&mut self, id: ExprId) {
        if id != self.formula.code.root() {
            self.show(id);
        }
    }

    fn show(&mut self, id: ExprId) {
        let Some(span) = self.formula.steps.get(id.0 as usize).copied() else { return };
        if self.seen.iter().any(|(seen, _)| *seen == span) {
            return;
        }
        if let Some(value) = self.value(id) {
            self.seen.push((span, format!("is {}", shown(&value))));
        }
    }
}

/// A value as a person reads it, in one line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Duration(_) | Value::Timestamp(_) => value.print().unwrap_or_default().to_string(),
        Value::Optional(None) => "none".to_owned(),
        other => other.to_json().map_or_else(|_| other.kind().to_string(), |json| json.to_string()),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
