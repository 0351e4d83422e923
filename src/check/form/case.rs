//! Blocks whose names the author chooses.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, Block, Field, FieldValue};
use crate::catalog::CaseValue;
use crate::check::block::{Expected, report_duplicate};
use crate::check::checker::{Checker, Site};
use crate::check::program::{Argument, Config};
use crate::diagnostic::Finding;

/// What can be wrong with a case.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("every condition has the port `{name}` already")]
    #[diagnostic(code(case_name), help("give the case another name"))]
    Name { name: EcoString },
    #[error("a case takes {what}")]
    #[diagnostic(code(case_form), help("write `{pattern}`"))]
    Form { what: &'static str, pattern: String },
}

/// Ports that a condition with cases has anyway.
const TAKEN: [&str; 2] = ["otherwise", "error"];

impl<'a> Checker<'a> {
    /// The cases of a block, in order, each name once.
    pub(super) fn cases(&mut self, site: &Site<'_, 'a>, value: &'a CaseValue, block: &'a Block) -> Argument {
        let mut cases: Vec<(EcoString, Argument)> = Vec::new();
        for field in self.each_once(&block.fields) {
            let mut name = field.name.text.clone();
            let argument = match value {
                CaseValue::Condition => self.condition_case(site, field),
                CaseValue::Error(block) => {
                    name = self.use_error(site.file.id, &field.name).map_or(name, |known| known.text);
                    self.error_case(site, field, block)
                }
                CaseValue::Value => self.case_value(site, field),
            };
            cases.push((name, argument.unwrap_or_else(|| self.bad_case(value, field))));
        }
        Argument::Cases(cases)
    }

    /// What stands for a case in error, so that its name is known and its type fits everything.
    fn bad_case(&mut self, value: &CaseValue, field: &Field) -> Argument {
        match value {
            CaseValue::Error(_) => Argument::Fields(Config::default()),
            CaseValue::Condition | CaseValue::Value => Argument::Expr(self.exprs.bad(field.span)),
        }
    }

    /// The fields of a block, without repetitions, which are reported.
    pub(in crate::check) fn each_once(&mut self, fields: &'a [Field]) -> Vec<&'a Field> {
        let mut once: Vec<&'a Field> = Vec::new();
        let mut seen = std::collections::BTreeMap::new();
        for field in fields {
            match seen.get(&field.name.text) {
                Some(first) => report_duplicate(&field.name, *first, &mut self.problems),
                None => {
                    seen.insert(&field.name.text, field.name.span);
                    once.push(field);
                }
            }
        }
        once
    }

    fn condition_case(&mut self, site: &Site<'_, 'a>, field: &'a Field) -> Option<Argument> {
        let name = &field.name;
        if TAKEN.contains(&name.text.as_str()) {
            self.problems.report(Finding::new(name.span, Error::Name { name: name.text.clone() }));
        }
        let expr = self.case_expr(field, "a condition")?;
        self.condition(site, expr).map(Argument::Expr)
    }

    fn error_case(
        &mut self,
        site: &Site<'_, 'a>,
        field: &'a Field,
        block: &'a crate::catalog::Block,
    ) -> Option<Argument> {
        let FieldValue::Block(written) = &field.value else {
            if !matches!(field.value, FieldValue::Bad) {
                let pattern = format!("{} {{ action: continue }}", field.name.text);
                self.problems.report(Finding::new(field.name.span, Error::Form { what: "a block", pattern }));
            }
            return None;
        };
        let of = format!("the case `{}`", field.name.text);
        let expected =
            Expected { blocks: vec![block], of, head: field.name.span, incomplete: written.incomplete };
        let fields: Vec<&Field> = written.fields.iter().collect();
        Some(Argument::Fields(self.config(site, &expected, &fields, &[]).0))
    }

    fn case_value(&mut self, site: &Site<'_, 'a>, field: &'a Field) -> Option<Argument> {
        let expr = self.case_expr(field, "a value")?;
        self.inferred(site, expr, false).map(Argument::Expr)
    }

    /// The expression that a case is set to.
    pub(in crate::check) fn case_expr(
        &mut self,
        field: &'a Field,
        what: &'static str,
    ) -> Option<ast::ExprId> {
        match &field.value {
            FieldValue::Expr(expr) => Some(*expr),
            FieldValue::Bad => None,
            _ => {
                let pattern = format!("{}: …", field.name.text);
                self.problems.report(Finding::new(field.name.span, Error::Form { what, pattern }));
                None
            }
        }
    }
}
