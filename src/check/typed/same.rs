use std::fmt::{self, Write};

use super::{Comprehension, ExprId, ExprKind, Exprs, OptionalMap, Variable};

impl Exprs {
    /// A text that two expressions share if they give the same value wherever both are evaluated in one run. `None` for
    /// what is not the same everywhere (`now`, `error`) or is in error.
    #[must_use]
    pub fn identity(&self, id: ExprId) -> Option<String> {
        let mut writer = Writer { exprs: self, text: String::new(), is_fixed: true };
        writer.write(id).ok().filter(|()| writer.is_fixed)?;
        Some(writer.text)
    }

    /// As [`Self::identity`], within one expression, where also `now` and `error` stay what they are.
    pub(in crate::check) fn identity_within(&self, id: ExprId) -> Option<String> {
        let mut writer = Writer { exprs: self, text: String::new(), is_fixed: true };
        writer.write(id).ok()?;
        Some(writer.text)
    }
}

/// Writes what an expression is, its types and places left out.
struct Writer<'a> {
    exprs: &'a Exprs,
    text: String,
    is_fixed: bool,
}

impl Writer<'_> {
    fn write(&mut self, id: ExprId) -> fmt::Result {
        let kind = &self.exprs[id].kind;
        self.write_head(kind)?;
        self.text.push('(');
        let mut result = Ok(());
        kind.operands(|operand| {
            if result.is_ok() {
                result = self.write(operand);
                self.text.push(',');
            }
        });
        self.text.push(')');
        result
    }

    fn write_head(&mut self, kind: &ExprKind) -> fmt::Result {
        let text = &mut self.text;
        match kind {
            ExprKind::Bad | ExprKind::Fail(_) => Err(fmt::Error),
            ExprKind::Literal(value) => write!(text, "{value:?}"),
            ExprKind::Variable(variable) => {
                self.is_fixed &= !matches!(
                    variable,
                    Variable::Now | Variable::Error | Variable::Failure | Variable::Given(_)
                );
                write!(text, "{:?}", certainly(*variable))
            }
            ExprKind::Select { field, access, .. } => write!(text, "select {:?} {access:?}", field.as_str()),
            ExprKind::Index { access, .. } => write!(text, "index {access:?}"),
            ExprKind::Not(_) => text.write_str("!"),
            ExprKind::Negate(_) => text.write_str("-"),
            ExprKind::ToDouble(_) => text.write_str("double"),
            ExprKind::And(_) => text.write_str("&&"),
            ExprKind::Or(_) => text.write_str("||"),
            ExprKind::Binary { op, .. } => text.write_str(op.symbol()),
            ExprKind::Conditional { .. } => text.write_str("?:"),
            ExprKind::Call { function, .. } => text.write_str(function.name()),
            ExprKind::List(elements) => {
                text.write_str("list")?;
                elements.iter().try_for_each(|element| write!(text, " {}", u8::from(element.optional)))
            }
            ExprKind::Map(entries) => {
                text.write_str("map")?;
                entries.iter().try_for_each(|entry| write!(text, " {}", u8::from(entry.optional)))
            }
            ExprKind::Template(_) => text.write_str("template"),
            ExprKind::Comprehension(Comprehension { gather, first, second, filter, .. }) => {
                write!(text, "{gather:?} {first} {second:?} {}", filter.is_some())
            }
            ExprKind::OptionalMap(OptionalMap { slot, gives, .. }) => write!(text, "{gives:?} {slot}"),
        }
    }
}

/// A node's output is the same value whether it is read as certain or not.
fn certainly(variable: Variable) -> Variable {
    match variable {
        Variable::MaybeNode(node) => Variable::Node(node),
        Variable::MaybeNodeError(node) => Variable::NodeError(node),
        other => other,
    }
}
