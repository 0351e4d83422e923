//! Literal texts, and what the texts of some fields mean.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::known::report_literal;
use crate::ast::{self, ExprKind, Part};
use crate::catalog::Meaning;
use crate::check::checker::{Checker, Site};
use crate::check::literal::{Literal, UrlPart, check_cron, check_header, check_sql, check_url, check_zone};
use crate::check::program::Argument;
use crate::diagnostic::Finding;
use crate::resolve::Namespace;
use crate::source::Span;

/// What can be wrong with a text.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("a path begins with `/`")]
    #[diagnostic(code(invalid_path), help("write `/{path}`"))]
    Path { path: EcoString },
    #[error("this takes the path of a file, not its text")]
    #[diagnostic(code(invalid_path), help("write the path alone, or `{field}: include(\"path\")`"))]
    PathOfFile { field: &'static str },
}

/// A literal, or the text of an included file.
pub(super) struct Text<'a> {
    pub(super) value: &'a EcoString,
    pub(super) span: Span,
    /// As written; empty for an included file.
    pub(super) written: &'a str,
}

impl<'a> Checker<'a> {
    /// A text that must be literal.
    pub(super) fn literal(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
        reason: &str,
    ) -> Option<Text<'a>> {
        let whole = &site.file.exprs[expr];
        match &whole.kind {
            ExprKind::Bad => None,
            ExprKind::String { value, .. } => {
                Some(Text { value, span: whole.span, written: self.text(whole.span) })
            }
            ExprKind::Call { function, args } if function.text == "include" => {
                self.check_included(site, field, whole.span, args)?;
                let value = self.input.included.get(&whole.span)?;
                Some(Text { value, span: whole.span, written: "" })
            }
            ExprKind::Template(parts) => {
                let inside = parts.iter().find_map(|part| match part {
                    Part::Expr(expr) => Some(site.file.exprs[*expr].span),
                    Part::Text(_) => None,
                });
                report_literal(field, reason, inside.unwrap_or(whole.span), &mut self.problems);
                None
            }
            _ => {
                report_literal(field, reason, whole.span, &mut self.problems);
                None
            }
        }
    }

    /// Refuses an `include` of something other than one literal path; what is wrong with the path is said elsewhere.
    fn check_included(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        whole: Span,
        args: &[ast::ExprId],
    ) -> Option<()> {
        let wrong = match args {
            [path] => match site.file.exprs[*path].kind {
                ExprKind::String { .. } => return Some(()),
                _ => site.file.exprs[*path].span,
            },
            _ => whole,
        };
        report_literal(field, "write `include(\"path\")` with one literal path", wrong, &mut self.problems);
        None
    }

    /// Checks what a field's text means.
    pub(super) fn check_meaning(&mut self, site: &Site<'_, 'a>, meaning: Meaning, expr: ast::ExprId) {
        match meaning {
            Meaning::Url => self.check_address(site, expr),
            Meaning::Headers => self.check_headers(site, expr),
            // The others are literal, and checked as such.
            _ => {}
        }
    }

    /// Checks what a literal means.
    pub(super) fn check_text(&mut self, meaning: Meaning, text: &Text<'a>) -> Option<Argument> {
        let literal = Literal { value: text.value, span: text.span, written: text.written };
        match meaning {
            Meaning::Cron => check_cron(literal, &mut self.problems),
            Meaning::Zone => check_zone(literal, &mut self.problems),
            Meaning::Path if !text.value.starts_with('/') => {
                self.problems.report(Finding::new(text.span, Error::Path { path: text.value.clone() }));
            }
            Meaning::FileOf(field) if text.written.is_empty() => {
                self.problems.report(Finding::new(text.span, Error::PathOfFile { field }));
                return None;
            }
            _ => {}
        }
        Some(Argument::Text(text.value.clone()))
    }

    /// Checks a statement; `given` are the names of its parameters with their places, where they can be told.
    pub(in crate::check) fn check_statement(
        &mut self,
        file: &'a ast::File,
        expr: ast::ExprId,
        given: Option<&[(EcoString, Span)]>,
    ) {
        let span = file.exprs[expr].span;
        let (value, written) = match &file.exprs[expr].kind {
            ExprKind::String { value, .. } => (value, self.text(span)),
            _ => match self.input.included.get(&span) {
                Some(value) => (value, ""),
                None => return,
            },
        };
        let given: Option<Vec<(&str, Span)>> =
            given.map(|given| given.iter().map(|(name, span)| (name.as_str(), *span)).collect());
        check_sql(Literal { value, span, written }, given.as_deref(), &mut self.problems);
    }

    fn check_address(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId) {
        let whole = &site.file.exprs[expr];
        let parts = match &whole.kind {
            ExprKind::String { value, .. } => vec![UrlPart::Text(value)],
            ExprKind::Template(parts) => parts.iter().map(|part| self.url_part(site, part)).collect(),
            _ => return,
        };
        check_url(&parts, whole.span, &mut self.problems);
    }

    fn url_part(&self, site: &Site<'_, 'a>, part: &'a Part) -> UrlPart<'a> {
        match part {
            Part::Text(text) => UrlPart::Text(text),
            Part::Expr(expr) => {
                let value = &site.file.exprs[*expr];
                let trusted =
                    matches!(&value.kind, ExprKind::Name { name, .. } if self.is_trusted(site, name));
                UrlPart::Value { span: value.span, trusted }
            }
        }
    }

    /// Whether a name's value is the author's own: a constant or a setting.
    fn is_trusted(&self, site: &Site<'_, 'a>, name: &str) -> bool {
        let declaration = self.resolved.lookup(site.file.id, Namespace::Value, name);
        let item = declaration.map(|declaration| &self.resolved.item(declaration).kind);
        matches!(item, Some(ast::ItemKind::Const(_) | ast::ItemKind::Setting(_)))
    }

    fn check_headers(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId) {
        let ExprKind::Map(entries) = &site.file.exprs[expr].kind else { return };
        for text in entries.iter().flat_map(|entry| [entry.key, entry.value]) {
            self.check_header_text(site, text);
        }
    }

    fn check_header_text(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId) {
        let whole = &site.file.exprs[expr];
        let texts: Vec<&EcoString> = match &whole.kind {
            ExprKind::String { value, .. } => vec![value],
            ExprKind::Template(parts) => parts.iter().filter_map(literal_part).collect(),
            _ => return,
        };
        if let Some(text) = texts.into_iter().find(|text| text.contains(['\r', '\n'])) {
            check_header(text, whole.span, &mut self.problems);
        }
    }
}

fn literal_part(part: &Part) -> Option<&EcoString> {
    match part {
        Part::Text(text) => Some(text),
        Part::Expr(_) => None,
    }
}
