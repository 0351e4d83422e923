use ecow::EcoString;
use pest::iterators::Pair;

use super::error::Error;
use super::grammar::Rule;
use super::limits::{MAX_INTERPOLATIONS, MAX_NESTING, TooDeep};
use crate::ast::{Arena, Expr, ExprId, ExprKind, Name, TypeExpr, TypeId, TypeKind};
use crate::diagnostic::{Finding, Problems};
use crate::source::{FileId, Span};

/// The tree of a file as it grows.
pub(super) struct Builder<'t> {
    pub file: FileId,
    pub text: &'t str,
    pub exprs: Arena<Expr>,
    pub types: Arena<TypeExpr>,
    pub problems: Problems,
    /// What was just reported has a bracket too many or too few, so the next one that doesn't fit follows from it.
    pub unbalanced: bool,
    /// Up to here, what doesn't parse is the rest of what was just reported without knowing more.
    pub explained: usize,
}

impl<'t> Builder<'t> {
    pub fn new(file: FileId, text: &'t str) -> Self {
        Self {
            file,
            text,
            exprs: Arena::default(),
            types: Arena::default(),
            problems: Problems::default(),
            unbalanced: false,
            explained: 0,
        }
    }

    pub fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.file, span.start(), span.end())
    }

    pub fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    pub fn report(&mut self, span: Span, error: Error) {
        self.problems.report(Finding::new(span, error));
    }

    /// Reports what a limit forbids.
    pub fn too_deep(&mut self, limit: TooDeep) {
        let (at, error) = match limit {
            TooDeep::Brackets(at) => (at, Error::TooDeep { limit: MAX_NESTING }),
            TooDeep::Interpolations(at) => (at, Error::InterpolatedTooDeep { limit: MAX_INTERPOLATIONS }),
        };
        let place = self.place(at, at + 1);
        self.report(place, error);
    }

    pub fn expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.exprs.add(Expr { kind, span })
    }

    pub fn ty(&mut self, kind: TypeKind, span: Span) -> TypeId {
        self.types.add(TypeExpr { kind, span })
    }

    pub fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        Name { text: EcoString::from(pair.as_str()), span: self.span(pair) }
    }
}
