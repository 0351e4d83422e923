//! Forms that look like calls: `auth: bearer(token)`.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;
use url::Url;

use crate::ast::{self, ExprKind};
use crate::catalog::{Parameter, Secrecy, Signature};
use crate::check::checker::{Checker, Site};
use crate::check::program::Argument;
use crate::diagnostic::{Finding, nearest};

/// What can be wrong with such a form.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{field}` takes one of its own forms")]
    #[diagnostic(code(unknown_form), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {forms}"),
    }))]
    Unknown { field: EcoString, suggestion: Option<String>, forms: String },
    #[error("`{name}` takes {}, not {given}", count(*wanted))]
    #[diagnostic(code(form_arguments), help("write `{pattern}`"))]
    Arguments { name: EcoString, wanted: usize, given: usize, pattern: String },
    #[error("this secret stands in the file")]
    #[diagnostic(
        code(plain_secret),
        severity(Warning),
        help(
            "declare it: `secret {name} = env(\"…\")`; whoever reads the file or its history reads this text too"
        )
    )]
    Plain { name: EcoString },
}

fn count(wanted: usize) -> String {
    if wanted == 1 { "1 argument".into() } else { format!("{wanted} arguments") }
}

impl<'a> Checker<'a> {
    /// A form with its arguments.
    pub(super) fn form(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
        signatures: &[Signature],
    ) -> Option<Argument> {
        let whole = &site.file.exprs[expr];
        let call = match &whole.kind {
            ExprKind::Bad => return None,
            ExprKind::Call { function, args } => Some((function, args)),
            _ => None,
        };
        let signature =
            call.and_then(|(function, _)| signatures.iter().find(|known| known.name == function.text));
        let (Some((function, args)), Some(signature)) = (call, signature) else {
            let written = call.map(|(function, _)| function.text.as_str());
            let names = signatures.iter().map(|signature| signature.name.as_str());
            let suggestion = written.and_then(|written| nearest(written, names)).map(str::to_owned);
            let error = Error::Unknown { field: field.clone(), suggestion, forms: patterns(signatures) };
            self.problems.report(Finding::new(whole.span, error));
            return None;
        };
        if args.len() < signature.required || args.len() > signature.parameters.len() {
            let error = Error::Arguments {
                name: signature.name.clone(),
                wanted: signature.required,
                given: args.len(),
                pattern: signature.pattern(),
            };
            self.problems.report(Finding::new(function.span.to(whole.span), error));
            return None;
        }
        let pairs = args.iter().zip(&signature.parameters);
        let arguments: Vec<Option<Argument>> =
            pairs.map(|(arg, parameter)| self.form_argument(site, *arg, parameter)).collect();
        let arguments = arguments.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Argument::Form { name: signature.name.clone(), arguments })
    }

    /// Warns of a literal where a secret is expected.
    pub(super) fn check_plain(
        &mut self,
        site: &Site<'_, 'a>,
        name: &EcoString,
        secrecy: Secrecy,
        expr: ast::ExprId,
    ) {
        let written = &site.file.exprs[expr];
        let is_plain = match (&written.kind, secrecy) {
            (ExprKind::String { .. }, Secrecy::Expected) => true,
            (ExprKind::String { value, .. }, Secrecy::ExpectedInAddress) => has_password(value),
            _ => false,
        };
        if is_plain {
            self.problems.report(Finding::new(written.span, Error::Plain { name: name.clone() }));
        }
    }

    fn form_argument(
        &mut self,
        site: &Site<'_, 'a>,
        arg: ast::ExprId,
        parameter: &Parameter,
    ) -> Option<Argument> {
        self.check_plain(site, &parameter.name, parameter.secrecy, arg);
        let secret = parameter.secrecy != Secrecy::Refused;
        self.value(site, arg, &parameter.ty, secret).map(Argument::Expr)
    }
}

/// Whether a password stands in an address.
fn has_password(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.password().is_some())
}

fn patterns(signatures: &[Signature]) -> String {
    let patterns: Vec<String> =
        signatures.iter().map(|signature| format!("`{}`", signature.pattern())).collect();
    match patterns.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
