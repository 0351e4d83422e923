use super::elaborator::Elaborator;
use crate::check::typed::{Assumption, ExprId, ExprKind};

/// What is known of an optional.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// What the optional is.
    optional: String,
    /// Whether it has a value.
    has_value: bool,
}

impl Elaborator<'_> {
    /// Does `work` where a condition is known to hold, or not to.
    pub(super) fn assuming<T>(
        &mut self,
        condition: ExprId,
        holds: bool,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let (known, given) = (self.facts.len(), self.given);
        self.learn(condition, holds);
        self.given = Some(self.exprs.assume(Assumption { condition, holds, outer: given }));
        let result = work(self);
        self.facts.truncate(known);
        self.given = given;
        result
    }

    fn learn(&mut self, condition: ExprId, holds: bool) {
        match &self.exprs[condition].kind {
            ExprKind::Not(inner) => self.learn(*inner, !holds),
            ExprKind::And(operands) if holds => {
                operands.clone().into_iter().for_each(|part| self.learn(part, true));
            }
            ExprKind::Or(operands) if !holds => {
                operands.clone().into_iter().for_each(|part| self.learn(part, false));
            }
            ExprKind::Call { function, arguments } if function.name() == "hasValue" => {
                let optional = arguments.first().and_then(|optional| self.exprs.identity_within(*optional));
                self.facts.extend(optional.map(|optional| Fact { optional, has_value: holds }));
            }
            _ => {}
        }
    }

    /// Whether a condition around says that an optional has a value.
    pub(super) fn is_known_to_have_value(&self, optional: ExprId) -> bool {
        if self.facts.is_empty() {
            return false;
        }
        let identity = self.exprs.identity_within(optional);
        identity.is_some_and(|identity| {
            self.facts.iter().rev().find(|fact| fact.optional == identity).is_some_and(|fact| fact.has_value)
        })
    }
}
