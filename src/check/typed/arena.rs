use std::ops::Index;

use super::{Assumption, AssumptionId, Expr, ExprId, ExprKind, Marks, NodeRead, Proof};
use crate::ast::Arena;
use crate::source::Span;
use crate::types::Type;

/// The typed expressions of all files, with what they read of nodes.
#[derive(Debug, Default)]
pub struct Exprs {
    exprs: Arena<Expr>,
    assumptions: Arena<Assumption>,
    reads: Vec<NodeRead>,
    proofs: Vec<Proof>,
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

    /// The type of an expression.
    #[must_use]
    pub fn ty(&self, id: ExprId) -> &Type {
        &self[id].ty
    }

    /// Gives an expression another type, which its value has as well.
    pub(in crate::check) fn retype(&mut self, id: ExprId, ty: Type) {
        self.exprs[id].ty = ty;
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

    pub(in crate::check) fn note_read(&mut self, read: NodeRead) {
        self.reads.push(read);
    }

    pub(in crate::check) fn note_proof(&mut self, proof: Proof) {
        self.proofs.push(proof);
    }

    pub(in crate::check) fn assume(&mut self, assumption: Assumption) -> AssumptionId {
        self.assumptions.add(assumption)
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
