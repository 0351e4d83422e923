use super::fault::Fault;
use super::reports::Reports;
use crate::diagnostic::Finding;
use crate::engine::{EvalError, Evaluator};
use crate::plan::Formula;
use crate::plan::expr::{Access, Comprehension, ExprId, Op, OptionalMap};
use crate::source::Span;
use crate::value::Value;

/// No more values than these are shown of one expectation.
const MOST: usize = 8;

/// A value's text is cut off beyond so many characters.
const LONGEST: usize = 60;

/// Why an expectation doesn't hold; nothing where it does.
pub(super) fn disappointment(expected: &Formula, reports: &Reports<'_>) -> Option<Finding> {
    let mut witness = Witness { expected, reports, evaluator: Evaluator::new(), seen: Vec::new() };
    match witness.evaluator.evaluate(&expected.code, reports) {
        Ok(Value::Bool(true)) => None,
        Ok(_) => Some(witness.values()),
        Err(error) => Some(witness.culprit(&error)),
    }
}

/// Looks into an expectation.
struct Witness<'a> {
    expected: &'a Formula,
    reports: &'a Reports<'a>,
    evaluator: Evaluator,
    /// The operations whose values explain the whole.
    seen: Vec<ExprId>,
}

impl Witness<'_> {
    /// An expectation that is false, with the values that make it so. One that stands in another can't be drawn beside
    /// that, and is told below.
    fn values(&mut self) -> Finding {
        self.visit(self.expected.code.root());
        let (mut drawn, mut told): (Vec<(Span, String)>, Vec<String>) = (Vec::new(), Vec::new());
        for id in std::mem::take(&mut self.seen).into_iter().take(MOST) {
            let (Some(span), Some(value)) = (self.span(id), self.value(id)) else { continue };
            let value = shown(&value);
            let is_inside = drawn.iter().any(|(outer, _)| outer.contains(span) || span.contains(*outer));
            if !is_inside {
                drawn.push((span, format!("is {value}")));
            } else if let Some(name) = self.name(id) {
                told.push(format!("`{name}` is {value}"));
            }
        }
        let mut drawn = drawn.into_iter();
        let mut finding = match drawn.next() {
            Some((span, text)) => Finding::new(span, Fault::Expectation).here(text),
            None => Finding::new(self.expected.span, Fault::Expectation),
        };
        finding.help = (!told.is_empty()).then(|| told.join(", "));
        drawn.fold(finding, |finding, (span, text)| finding.label(span, text))
    }

    /// An expectation without a value, at the part that has none.
    fn culprit(&mut self, error: &EvalError) -> Finding {
        let mut parts = Vec::new();
        self.parts(self.expected.code.root(), &mut parts);
        parts.sort();
        let code = &self.expected.code;
        let first = parts.into_iter().find_map(|part| {
            let error = self.evaluator.evaluate_part(code, part, self.reports).err()?;
            Some((part, error))
        });
        let Some((part, error)) = first else {
            return Finding::new(self.expected.span, Fault::Unevaluated { reason: error.to_string() });
        };
        let span = self.span(part).unwrap_or(self.expected.span);
        if let Op::Select { of, field, access: Access::Required } = code.op(part)
            && let Op::Variable(variable) = code.op(*of)
            && let Some(why) = self.reports.why(*variable, field)
        {
            return Finding::new(span, Fault::NothingToRead { why, field: field.clone() });
        }
        Finding::new(span, Fault::Unevaluated { reason: error.to_string() })
    }

    /// The operations that are evaluated, those of the bodies of macros apart.
    fn parts(&mut self, id: ExprId, parts: &mut Vec<ExprId>) {
        parts.push(id);
        match self.expected.code.op(id) {
            Op::Comprehension(Comprehension { range, .. }) => self.parts(*range, parts),
            Op::OptionalMap(OptionalMap { of, .. }) => self.parts(*of, parts),
            Op::Conditional { condition, then, otherwise } => {
                self.parts(*condition, parts);
                let chosen = if self.holds(*condition, true) { then } else { otherwise };
                self.parts(*chosen, parts);
            }
            _ => self.operands(id).into_iter().for_each(|operand| self.parts(operand, parts)),
        }
    }

    /// Finds the operations whose values explain that of this one.
    fn visit(&mut self, id: ExprId) {
        match self.expected.code.op(id) {
            Op::Literal(_) | Op::Fail(_) => {}
            Op::Variable(_) | Op::Select { .. } => self.seen.push(id),
            Op::Index { key, .. } => {
                self.seen.push(id);
                self.visit(*key);
            }
            Op::And(operands) => self.visit_decisive(operands, false),
            Op::Or(operands) => self.visit_decisive(operands, true),
            Op::Conditional { condition, then, otherwise } => {
                self.visit(*condition);
                let chosen = if self.holds(*condition, true) { then } else { otherwise };
                self.visit(*chosen);
            }
            // The values in a macro's body are many.
            Op::Comprehension(Comprehension { range: of, .. }) => {
                self.see_unless_root(id);
                self.visit(*of);
            }
            Op::OptionalMap(OptionalMap { of, .. }) => self.visit(*of),
            Op::Call { .. } => {
                self.see_unless_root(id);
                self.operands(id).into_iter().for_each(|operand| self.visit(operand));
            }
            _ => self.operands(id).into_iter().for_each(|operand| self.visit(operand)),
        }
    }

    /// Only the operands that settle `&&` and `||`; all of them where none does.
    fn visit_decisive(&mut self, operands: &[ExprId], decisive: bool) {
        let settling: Vec<ExprId> =
            operands.iter().copied().filter(|operand| self.holds(*operand, decisive)).collect();
        let shown = if settling.is_empty() { operands } else { &settling };
        shown.iter().for_each(|operand| self.visit(*operand));
    }

    /// That the whole is false is said already.
    fn see_unless_root(&mut self, id: ExprId) {
        if id != self.expected.code.root() {
            self.seen.push(id);
        }
    }

    fn operands(&self, id: ExprId) -> Vec<ExprId> {
        let mut operands = Vec::new();
        self.expected.code.op(id).operands(|operand| operands.push(operand));
        operands
    }

    fn holds(&mut self, id: ExprId, value: bool) -> bool {
        self.value(id) == Some(Value::Bool(value))
    }

    fn value(&mut self, id: ExprId) -> Option<Value> {
        self.evaluator.evaluate_part(&self.expected.code, id, self.reports).ok()
    }

    fn span(&self, id: ExprId) -> Option<Span> {
        self.expected.steps.get(id.0 as usize).copied()
    }

    /// How an operation is written, where it is a plain selection.
    fn name(&self, id: ExprId) -> Option<String> {
        match self.expected.code.op(id) {
            Op::Variable(variable) => self.reports.name(*variable).map(str::to_owned),
            Op::Select { of, field, .. } => Some(format!("{}.{field}", self.name(*of)?)),
            _ => None,
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
