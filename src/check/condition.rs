//! Conditions that say nothing: the same in every run, or covered by an earlier case.

use std::collections::BTreeMap;

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::checker::Checker;
use super::program::{Argument, Config};
use super::typed::ExprId;
use crate::diagnostic::Finding;
use crate::value::Value;

/// What a condition may say in vain.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this condition is always {value}")]
    #[diagnostic(
        code(constant_condition),
        severity(Warning),
        help("remove it, or let it depend on a setting or an input")
    )]
    Constant { value: bool },
    #[error("`{case}` never fires: `{earlier}` holds whenever it does")]
    #[diagnostic(code(dead_case), severity(Warning), help("remove it, or put it before the other"))]
    Dead { case: EcoString, earlier: EcoString },
}

impl Checker<'_> {
    /// Warns of the conditions of a node that say nothing.
    pub(super) fn check_conditions(&mut self, config: &Config) {
        if let Some(when) = config.expr("when") {
            self.check_constant(when);
        }
        let mut seen: BTreeMap<String, EcoString> = BTreeMap::new();
        for (name, argument) in config.cases("cases").unwrap_or_default() {
            let Argument::Expr(condition) = argument else { continue };
            if self.check_constant(*condition) {
                continue;
            }
            let Some(identity) = self.exprs.identity(*condition) else { continue };
            match seen.get(&identity) {
                Some(earlier) => {
                    let error = Error::Dead { case: name.clone(), earlier: earlier.clone() };
                    self.problems.report(Finding::new(self.exprs[*condition].span, error));
                }
                None => {
                    seen.insert(identity, name.clone());
                }
            }
        }
    }

    fn check_constant(&mut self, condition: ExprId) -> bool {
        let Some(Value::Bool(value)) = self.constant(condition) else { return false };
        let span = self.exprs[condition].span;
        self.problems.report(Finding::new(span, Error::Constant { value }));
        true
    }
}
