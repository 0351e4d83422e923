use std::collections::BTreeMap;
use std::ops::Index;

use super::{Assumption, AssumptionId, Expr, ExprId, ExprKind, Marks, NodeBehind, NodeRead, Proof, Variable};
use crate::ast::Arena;
use crate::check::program::ConstantIx;
use crate::source::Span;
use crate::types::Type;

/// The typed expressions of all files, with what they read of nodes.
#[derive(Debug, Default)]
pub struct Exprs {
    exprs: Arena<Expr>,
    assumptions: Arena<Assumption>,
    reads: Vec<NodeRead>,
    proofs: Vec<Proof>,
    constants: BTreeMap<ConstantIx, ExprId>,
}

impl Exprs {
    /// Adds an expression, whose operands are there already.
    pub fn add(&mut self, kind: ExprKind, ty: Type, span: Span) -> ExprId {
        self.exprs.add(Expr { kind, ty, span })
    }

    /// An expression in error, which was reported.
    pub fn bad(&mut self, span: Span) -> ExprId {
        self.add(ExprKind::Bad, Type::Unknown, span)
    }

    /// Says what the value of a constant is.
    pub fn define(&mut self, constant: ConstantIx, value: ExprId) {
        self.constants.insert(constant, value);
    }

    /// The value of a constant, where it has been defined.
    #[must_use]
    pub fn value_of(&self, constant: ConstantIx) -> Option<ExprId> {
        self.constants.get(&constant).copied()
    }

    /// The type of an expression.
    #[must_use]
    pub fn ty(&self, id: ExprId) -> &Type {
        &self[id].ty
    }

    /// Gives an expression another type, which its value has as well.
    pub(in crate::check) fn retype(&mut self, id: ExprId, ty: Type) {
        self.exprs[id].ty = ty;
    }

    /// The node that an optional such as `s.?x.?y` hangs on; `None` where it hangs on something else.
    #[must_use]
    pub fn node_behind(&self, optional: ExprId) -> Option<NodeBehind> {
        let mut is_all = true;
        let mut next = optional;
        loop {
            match &self[next].kind {
                ExprKind::Variable(Variable::MaybeNode(index)) => {
                    return Some(NodeBehind { index: *index, is_all });
                }
                ExprKind::Select { of, field, .. } => {
                    let record = self.ty(*of).unwrapped();
                    is_all &= record.field(field).is_some_and(|field| !matches!(field.ty, Type::Optional(_)));
                    next = *of;
                }
                ExprKind::Index { of, .. } => {
                    is_all = false;
                    next = *of;
                }
                _ => return None,
            }
        }
    }

    /// What is read and has to be proven from here on.
    #[must_use]
    pub fn marks(&self) -> Marks {
        Marks { reads: self.reads.len(), proofs: self.proofs.len() }
    }

    /// What was read of nodes since.
    #[must_use]
    pub fn reads_since(&self, marks: Marks) -> &[NodeRead] {
        self.reads.get(marks.reads..).unwrap_or_default()
    }

    /// What has to be proven since.
    #[must_use]
    pub fn proofs_since(&self, marks: Marks) -> &[Proof] {
        self.proofs.get(marks.proofs..).unwrap_or_default()
    }

    /// Forgets what was read since: it was read in vain.
    pub(in crate::check) fn forget_since(&mut self, marks: Marks) {
        self.reads.truncate(marks.reads);
        self.proofs.truncate(marks.proofs);
    }

    pub(in crate::check) fn note_read(&mut self, read: NodeRead) {
        self.reads.push(read);
    }

    pub(in crate::check) fn note_proof(&mut self, proof: Proof) {
        self.proofs.push(proof);
    }

    pub(in crate::check) fn assume(&mut self, assumption: Assumption) -> AssumptionId {
        self.assumptions.add(assumption)
    }

    /// Whether something in error is among what is assumed.
    pub fn assumes_bad(&self, given: Option<AssumptionId>) -> bool {
        self.assumptions(given).any(|assumption| self.has_bad(assumption.condition))
    }

    /// Whether something of an expression is in error.
    pub fn has_bad(&self, of: ExprId) -> bool {
        let mut open = vec![of];
        while let Some(expr) = open.pop() {
            let kind = &self.exprs[expr].kind;
            if matches!(kind, ExprKind::Bad) {
                return true;
            }
            kind.operands(|operand| open.push(operand));
        }
        false
    }

    /// An assumption and all that it is added to, the innermost first.
    pub fn assumptions(&self, given: Option<AssumptionId>) -> impl Iterator<Item = &Assumption> {
        std::iter::successors(given, |id| self.assumptions[*id].outer).map(|id| &self.assumptions[id])
    }
}

impl Index<ExprId> for Exprs {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id]
    }
}
