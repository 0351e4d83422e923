//! Types and parameters.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use crate::ast::{Name, Param, TypeId, TypeKind, TypeLiteral};

/// What `{ name: type, … }` holds.
pub(super) struct Params {
    pub params: Vec<Param>,
    pub incomplete: bool,
}

impl Builder<'_> {
    /// A `type` pair.
    pub fn type_expr(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        match pair.into_inner().next() {
            Some(inner) if inner.as_rule() == Rule::type_literals => self.type_literals(inner),
            Some(inner) => self.type_single(inner),
            None => self.ty(TypeKind::Bad, span),
        }
    }

    fn type_literals(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        if pair.as_str().contains("||") && !pair.as_str().contains("\"||") {
            self.report(span, Error::UnionBars);
        }
        let mut literals = Vec::new();
        for literal in pair.into_inner() {
            let span = self.span(&literal);
            let negative = literal.as_str().starts_with('-');
            let word = literal.as_str().to_owned();
            let value = match literal.into_inner().next() {
                Some(inner)
                    if matches!(
                        inner.as_rule(),
                        Rule::int | Rule::uint | Rule::hex | Rule::double | Rule::duration | Rule::size
                    ) =>
                {
                    self.number(&inner, negative, span)
                }
                Some(inner) => self.string(inner),
                None => self.expr(crate::ast::ExprKind::Bool(word == "true"), span),
            };
            literals.push(TypeLiteral { value, span });
        }
        self.ty(TypeKind::Literals(literals), span)
    }

    fn type_single(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let whole = self.span(&pair);
        let mut inner = pair.into_inner();
        let Some(base) = inner.next() else { return self.ty(TypeKind::Bad, whole) };
        let ty = self.type_base(base);
        match inner.next() {
            Some(_) => self.ty(TypeKind::Optional(ty), whole),
            None => ty,
        }
    }

    fn type_base(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else { return self.ty(TypeKind::Bad, span) };
        match rule {
            Rule::type_group => self.type_expr(first),
            Rule::type_record => {
                let params = self.params(first).params;
                self.ty(TypeKind::Record(params), span)
            }
            Rule::type_applied => {
                let name = self.name(&first);
                let args = inner.map(|arg| self.type_expr(arg)).collect();
                self.ty(TypeKind::Applied { name, args }, span)
            }
            _ => self.ty(TypeKind::Named(first.as_str().into()), span),
        }
    }

    /// A `params` pair.
    pub fn params(&mut self, pair: Pair<'_, Rule>) -> Params {
        let opener = self.span(&pair).head();
        let mut found = Params { params: Vec::new(), incomplete: false };
        let mut after: Option<usize> = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::param => {
                    self.check_comma(&mut after, &inner);
                    found.params.extend(self.param(inner));
                }
                Rule::bad_field => {
                    found.incomplete = true;
                    self.explain_bad(&inner, Rule::param);
                    after = None;
                }
                Rule::missing_close => self.missing_close(&inner, opener),
                Rule::comma => after = None,
                _ => {}
            }
        }
        found
    }

    fn param(&mut self, pair: Pair<'_, Rule>) -> Option<Param> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = inner.next()?;
        let name_span = self.span(&name);
        let name = match name.as_rule() {
            Rule::param_quoted => {
                let text = self.literal_text(name.into_inner().next()?);
                Name { text: text.value, span: name_span }
            }
            _ => self.name(&name),
        };
        let ty = self.type_expr(inner.next()?);
        let default = inner.next().map(|default| self.expression(default));
        Some(Param { name, ty, default, span, doc: self.doc_above(span) })
    }
}
