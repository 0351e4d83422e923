//! Names of policies, nodes, workflows and activities.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{ExprId, ExprKind, Field, Name};
use crate::catalog::Reference;
use crate::check::checker::{Checker, Site};
use crate::check::program::Argument;
use crate::check::scope::Place;
use crate::diagnostic::{Finding, nearest};
use crate::source::Span;
use crate::types::Type;

/// What can be wrong with such a name.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("there is no {what} `{name}`")]
    #[diagnostic(code(unknown_policy), help("{}", found.help()))]
    Policy { what: &'static str, name: EcoString, found: Found },
    #[error("there is no workflow `{name}`")]
    #[diagnostic(code(unknown_workflow), help("{}", found.help()))]
    Workflow { name: EcoString, found: Found },
    #[error("there is no activity `{name}`")]
    #[diagnostic(code(unknown_activity), help("{}", found.help()))]
    Activity { name: EcoString, found: Found },
    #[error("`{field}` takes the name of a {what}")]
    #[diagnostic(code(name_expected), help("write its name alone"))]
    NameExpected { field: EcoString, what: &'static str },
    #[error("`{name}` takes one key")]
    #[diagnostic(code(policy_key), help("write `{name}` or `{name}(key)`"))]
    Key { name: EcoString },
}

/// What there is instead.
#[derive(Debug)]
enum Found {
    Near(String),
    OtherKind(&'static str),
    Nothing(&'static str),
}

impl Found {
    fn help(&self) -> String {
        match self {
            Self::Near(name) => format!("did you mean `{name}`?"),
            Self::OtherKind(kind) => format!("that is the name of a {kind}"),
            Self::Nothing(keyword) => format!("declare it with `{keyword}`"),
        }
    }
}

/// What a reference is called, which is its declaration's keyword except for policies.
fn keyword(reference: Reference) -> &'static str {
    match reference {
        Reference::Retry => "retry",
        Reference::Breaker => "breaker",
        Reference::Limit => "limit",
        Reference::Node => "node",
        Reference::Workflow => "workflow",
        Reference::Activity => "activity",
    }
}

fn description(reference: Reference) -> &'static str {
    match reference {
        Reference::Retry => "retry policy",
        Reference::Breaker => "circuit breaker",
        other => keyword(other),
    }
}

impl<'a> Checker<'a> {
    /// What a name refers to.
    pub(super) fn reference(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ExprId,
        to: Reference,
    ) -> Option<Argument> {
        let whole = &site.file.exprs[expr];
        match &whole.kind {
            ExprKind::Bad => None,
            ExprKind::Name { name, .. } if to == Reference::Retry && name == "none" => {
                Some(Argument::Word(name.clone()))
            }
            ExprKind::Name { name, .. } => {
                self.named(site, to, &Name { text: name.clone(), span: whole.span }, None)
            }
            ExprKind::Call { function, args } if matches!(to, Reference::Breaker | Reference::Limit) => {
                let [key] = args.as_slice() else {
                    let error = Error::Key { name: function.text.clone() };
                    self.problems.report(Finding::new(whole.span, error));
                    return None;
                };
                let key = self.value(site, *key, &Type::String, false);
                self.named(site, to, function, key)
            }
            _ => {
                let error = Error::NameExpected { field: field.clone(), what: description(to) };
                self.problems.report(Finding::new(whole.span, error));
                None
            }
        }
    }

    fn named(
        &mut self,
        site: &Site<'_, 'a>,
        to: Reference,
        name: &Name,
        key: Option<crate::check::typed::ExprId>,
    ) -> Option<Argument> {
        if to == Reference::Node {
            let Place::Graph(draft, reader) = site.place else { return None };
            let plot = draft.plot.clone();
            return self.node_of(&plot, draft.graph_of(reader), name).map(Argument::Node);
        }
        let index = match self.declared(site.file.id, to, &name.text) {
            Some(index) => index,
            None if self.is_missing(site.file.id, &name.text) => return None,
            None => {
                let meant = self.report_unknown_reference(site, to, name)?;
                self.declared(site.file.id, to, &meant)?
            }
        };
        Some(match to {
            Reference::Workflow => Argument::Workflow(index),
            Reference::Activity => Argument::Activity(index),
            _ => Argument::Policy { index, key },
        })
    }

    /// Reports that something else stands where a name is taken.
    pub(in crate::check) fn report_name_expected(&mut self, field: &Field) {
        let error =
            Error::NameExpected { field: field.name.text.clone(), what: description(Reference::Node) };
        self.problems.report(Finding::new(field.span, error));
    }

    /// Gives the name that was probably meant.
    fn report_unknown_reference(
        &mut self,
        site: &Site<'_, 'a>,
        to: Reference,
        name: &Name,
    ) -> Option<String> {
        let names = self.names_of(site.file.id, to);
        let near = nearest(&name.text, names.iter().map(EcoString::as_str)).map(str::to_owned);
        let others = [
            Reference::Retry,
            Reference::Breaker,
            Reference::Limit,
            Reference::Workflow,
            Reference::Activity,
        ];
        let other = others.into_iter().find(|other| self.names_of(site.file.id, *other).contains(&name.text));
        let found = match (other, near.clone()) {
            (Some(other), _) => Found::OtherKind(description(other)),
            (None, Some(near)) => Found::Near(near),
            (None, None) => Found::Nothing(keyword(to)),
        };
        let text = name.text.clone();
        let error = match to {
            Reference::Workflow => Error::Workflow { name: text, found },
            Reference::Activity => Error::Activity { name: text, found },
            policy => Error::Policy { what: description(policy), name: text, found },
        };
        let meant = near.filter(|_| other.is_none());
        self.problems.report(suggest(Finding::new(name.span, error), name.span, meant.clone()));
        meant
    }
}

fn suggest(finding: Finding, span: Span, near: Option<String>) -> Finding {
    match near {
        Some(near) => finding.fix(format!("write `{near}`"), span, near),
        None => finding,
    }
}
