//! Constants, settings, secrets and declared errors.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::checker::{Checker, Site};
use super::form::report_literal;
use super::program::{Constant, ErrorDeclaration, Secret, SecretSource, Setting};
use super::type_expr::record;
use crate::ast::{self, ExprKind, ItemKind};
use crate::diagnostic::{Finding, nearest};
use crate::resolve::{DeclarationId, Namespace};

/// What can be wrong with such a declaration.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this is no place that a secret comes from")]
    #[diagnostic(code(secret_source), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `env(\"NAME\")`, `file(\"path\")`, `command(\"program\", \"argument\")` or `age(\"path\")`".into(),
    }))]
    Source { suggestion: Option<String> },
}

/// Makes a source of its texts; `None` where they are too few.
type Make = fn(Vec<EcoString>) -> Option<SecretSource>;

/// The places that secrets come from, each with how many texts it takes at most.
const SOURCES: [(&str, usize, Make); 4] = [
    ("env", 1, |texts| texts.into_iter().next().map(SecretSource::Env)),
    ("file", 1, |texts| texts.into_iter().next().map(SecretSource::File)),
    ("age", 1, |texts| texts.into_iter().next().map(SecretSource::Age)),
    ("command", 64, |texts| (!texts.is_empty()).then_some(SecretSource::Command(texts))),
];

const SOURCE_REASON: &str = "where a secret is found is a part of the plan";

impl<'a> Checker<'a> {
    /// A constant, whose own constants have been checked.
    pub(super) fn constant_declaration(&mut self, file: &'a ast::File, declared: &'a ast::Const) -> Constant {
        let site = self.constant_site(file);
        let value = self.inferred(&site, declared.value, false);
        let value = value.unwrap_or_else(|| self.exprs.bad(file.exprs[declared.value].span));
        Constant { name: declared.name.text.clone(), value, ty: self.exprs.ty(value).clone() }
    }

    /// Checks a constant after those that it reads.
    pub(super) fn constant_first(&mut self, id: DeclarationId) {
        let declaration = self.resolved.declaration(id);
        let file = &self.resolved.files[declaration.file.0 as usize];
        let ItemKind::Const(declared) = &file.items[declaration.item].kind else { return };
        if self.places.contains_key(&id) || !self.open.insert(id) {
            return;
        }
        self.prepare(file, declared.value);
        let constant = self.constant_declaration(file, declared);
        let place = self.program.constants.len();
        self.exprs.define(place, constant.value);
        self.program.constants.push(constant);
        self.places.insert(id, place);
    }

    /// Checks the constants and types that an expression names.
    pub(super) fn prepare(&mut self, file: &'a ast::File, expr: ast::ExprId) {
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            match &file.exprs[expr].kind {
                ExprKind::Name { name, .. } => {
                    if let Some(id) = self.resolved.lookup(file.id, Namespace::Value, name) {
                        self.constant_first(id);
                    }
                }
                ExprKind::Record { path, .. } => {
                    let name = path.first().map(|name| name.text.as_str()).unwrap_or_default();
                    if let Some(id) = self.resolved.lookup(file.id, Namespace::Type, name) {
                        self.type_first(id);
                    }
                }
                _ => {}
            }
            file.exprs[expr].operands(|operand| open.push(operand));
        }
    }

    /// A setting.
    pub(super) fn setting(&mut self, file: &'a ast::File, declared: &'a ast::Setting) -> Setting {
        let ty = self.type_of(file, declared.ty);
        let site = self.constant_site(file);
        let default = declared.default.and_then(|default| self.value(&site, default, &ty, false));
        Setting { name: declared.name.text.clone(), ty, default }
    }

    /// A secret.
    pub(super) fn secret(&mut self, file: &'a ast::File, declared: &'a ast::SecretDecl) -> Secret {
        let site = self.constant_site(file);
        let source = self.secret_source(&site, declared.value).unwrap_or(SecretSource::Env(EcoString::new()));
        Secret { name: declared.name.text.clone(), source }
    }

    /// A declared error.
    pub(super) fn error_declaration(
        &mut self,
        id: DeclarationId,
        file: &'a ast::File,
        declared: &'a ast::ErrorDecl,
    ) {
        let name = declared.name.text.clone();
        let details = record(Some(name.clone()), self.params(file, &declared.params));
        self.errors.declare(id, name.clone(), details.clone());
        self.program.errors.push(ErrorDeclaration { name, details });
    }

    fn secret_source(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId) -> Option<SecretSource> {
        let whole = &site.file.exprs[expr];
        let call = match &whole.kind {
            ExprKind::Bad => return None,
            ExprKind::Call { function, args } => Some((function, args)),
            _ => None,
        };
        let known = call.and_then(|(function, args)| {
            let fits = |(name, most, _): &&(&str, usize, Make)| {
                function.text == *name && (1..=*most).contains(&args.len())
            };
            SOURCES.iter().find(fits).zip(Some(args))
        });
        let Some(((name, _, make), args)) = known else {
            let written = call.map(|(function, _)| function.text.as_str()).unwrap_or_default();
            let suggestion = nearest(written, SOURCES.map(|(name, ..)| name)).map(str::to_owned);
            self.problems.report(Finding::new(whole.span, Error::Source { suggestion }));
            return None;
        };
        let texts: Vec<Option<EcoString>> =
            args.iter().map(|arg| self.literal_text(site, name, *arg)).collect();
        make(texts.into_iter().collect::<Option<Vec<_>>>()?)
    }

    fn literal_text(&mut self, site: &Site<'_, 'a>, name: &str, arg: ast::ExprId) -> Option<EcoString> {
        match &site.file.exprs[arg].kind {
            ExprKind::String { value, .. } => Some(value.clone()),
            ExprKind::Bad => None,
            _ => {
                report_literal(name, SOURCE_REASON, site.file.exprs[arg].span, &mut self.problems);
                None
            }
        }
    }
}
