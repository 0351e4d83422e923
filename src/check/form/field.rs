use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::join::join;
use super::known::report_range;
use super::status::statuses;
use super::word::{self, lone_name};
use crate::ast::{self, FieldValue};
use crate::catalog::{Default, Field, Form, Meaning, Secrecy};
use crate::check::block::{Expected, Known, is_guess};
use crate::check::checker::{Checker, Site};
use crate::check::program::{Argument, Config};
use crate::diagnostic::Finding;
use crate::value::Value;

/// A field whose value has the wrong shape altogether.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{field}` is a block")]
    #[diagnostic(code(block_expected), help("write `{field} {{ … }}`, without a colon"))]
    Block { field: EcoString },
    #[error("`{field}` takes a value")]
    #[diagnostic(code(value_expected), help("write `{field}: …`"))]
    Value { field: EcoString },
    #[error("`{field}` takes a type")]
    #[diagnostic(code(type_expected), help("write `{field}: T`"))]
    Type { field: EcoString },
}

impl<'a> Checker<'a> {
    /// The checked fields of a block. Those of `later` are given back: their scope isn't known yet.
    pub(in crate::check) fn config(
        &mut self,
        site: &Site<'_, 'a>,
        expected: &Expected<'a>,
        fields: &[&'a ast::Field],
        later: &[&str],
    ) -> (Config, Vec<Known<'a>>) {
        let word = |field: &ast::Field| match &field.value {
            FieldValue::Expr(expr) => lone_name(site.file, *expr).cloned(),
            _ => None,
        };
        let known = expected.matched(fields, &word, &mut self.problems);
        let (mut postponed, now): (Vec<Known<'a>>, Vec<Known<'a>>) =
            known.iter().copied().partition(|(_, spec)| later.contains(&spec.name.as_str()));
        let (input, now): (Vec<Known<'a>>, Vec<Known<'a>>) =
            now.into_iter().partition(|(_, spec)| matches!(spec.form, Form::InputOf(_)));
        let mut config = defaults(expected, &known);
        let bad = |field: &&ast::Field| matches!(field.value, FieldValue::Bad);
        if expected.incomplete || fields.iter().any(bad) || fields.iter().any(|field| !expected.knows(field))
        {
            config.doubt();
        }
        for field in now.into_iter().chain(input) {
            self.set(site, &mut config, field);
        }
        postponed.sort_by_key(|(_, spec)| later.iter().position(|name| *name == spec.name));
        (config, postponed)
    }

    /// Checks one field and puts it into a configuration.
    pub(in crate::check) fn set(&mut self, site: &Site<'_, 'a>, config: &mut Config, known: Known<'a>) {
        let (field, spec) = known;
        let before = self.problems.len();
        let argument = if is_guess(&known) {
            self.quietly(|checker| checker.argument(site, config, field, spec))
        } else {
            self.argument(site, config, field, spec)
        };
        if self.problems.len() > before && matches!(spec.form, Form::Choice(_) | Form::Reference(_)) {
            // What was probably meant is no ground to find fault with the other fields.
            config.doubt();
        }
        match argument {
            Some(argument) => {
                self.set_text_of_file(site, config, known);
                config.set(spec.name.clone(), argument, field.span);
            }
            None => config.mark(spec.name.clone(), field.span),
        }
    }

    /// What a file holds that a field names becomes another field.
    fn set_text_of_file(&self, site: &Site<'_, 'a>, config: &mut Config, (field, spec): Known<'a>) {
        let (Meaning::FileOf(other), FieldValue::Expr(expr)) = (spec.meaning, &field.value) else { return };
        if let Some(text) = self.input.included.get(&site.file.exprs[*expr].span) {
            config.set(other, Argument::Text(text.clone()), field.span);
        }
    }

    fn argument(
        &mut self,
        site: &Site<'_, 'a>,
        config: &Config,
        field: &'a ast::Field,
        spec: &'a Field,
    ) -> Option<Argument> {
        match (&spec.form, &field.value) {
            (_, FieldValue::Bad) => None,
            (Form::Type, FieldValue::Type(ty)) => Some(Argument::Type(self.type_of(site.file, *ty))),
            (Form::Block(block), FieldValue::Block(fields)) => {
                let of = format!("`{}`", spec.name);
                let (blocks, incomplete) = (vec![block], fields.incomplete);
                let expected = Expected { blocks, of, head: field.name.span, incomplete };
                let fields: Vec<&ast::Field> = fields.fields.iter().collect();
                let site = &Site { given: &block.gives, ..*site };
                Some(Argument::Fields(self.config(site, &expected, &fields, &[]).0))
            }
            (Form::Cases(value), FieldValue::Block(fields)) => Some(self.cases(site, value, fields)),
            (form, FieldValue::Expr(expr)) if !is_block(form) && !matches!(form, Form::Type) => {
                let argument = self.expr_argument(site, config, spec, *expr)?;
                self.check_least(spec, &argument)?;
                self.check_plain(site, &spec.name, spec.secrecy, *expr);
                self.check_meaning(site, spec.meaning, *expr);
                Some(match (spec.meaning, argument) {
                    (Meaning::Url, Argument::Expr(address)) => Argument::Address(address),
                    (_, other) => other,
                })
            }
            (form, _) => {
                self.report_shape(form, field);
                None
            }
        }
    }

    /// Refuses a number that is known and below the least that makes sense.
    fn check_least(&mut self, spec: &Field, argument: &Argument) -> Option<()> {
        let (Some(least), Argument::Expr(expr)) = (spec.least, argument) else { return Some(()) };
        let (is_less, bound) = match self.constant(*expr) {
            Some(Value::Int(number)) => (number < least, format!("at least {least}")),
            Some(Value::Duration(span)) => {
                (span.as_nanos() < i128::from(least), "no negative duration".into())
            }
            _ => (false, String::new()),
        };
        if is_less {
            report_range(&spec.name, bound, self.exprs[*expr].span, &mut self.problems);
        }
        (!is_less).then_some(())
    }

    fn expr_argument(
        &mut self,
        site: &Site<'_, 'a>,
        config: &Config,
        spec: &'a Field,
        expr: ast::ExprId,
    ) -> Option<Argument> {
        let name = &spec.name;
        match &spec.form {
            Form::Choice(words) => {
                word::choice(site.file, name, expr, words, &mut self.problems).map(Argument::Word)
            }
            Form::Word => word::free(site.file, name, expr, &mut self.problems).map(Argument::Word),
            Form::Statuses => statuses(site.file, expr, &mut self.problems),
            Form::Known(known) => self.known(site, name, expr, *known),
            Form::TimeLimit => self.time_limit(site, name, expr),
            Form::Reference(to) => self.reference(site, name, expr, *to),
            Form::ErrorNames => self.error_names(site, name, expr),
            Form::ErrorValue => self.error_value(site, name, expr),
            Form::NodeError => self.node_error(site, name, expr),
            Form::Call(signatures) => self.form(site, name, expr, signatures),
            Form::Tools => self.tools(site, name, expr),
            Form::Literal(reason) => {
                let text = self.literal(site, name, expr, reason)?;
                self.check_text(spec.meaning, &text)
            }
            Form::InputOf(callee) => self.input_of(site, config.get(callee), expr),
            Form::Join => join(site.file, expr, &mut self.problems),
            form => self.expression(site, form, spec.secrecy != Secrecy::Refused, expr).map(Argument::Expr),
        }
    }

    /// Reports a value where a block is taken, or the reverse.
    pub(in crate::check) fn report_shape(&mut self, form: &Form, field: &ast::Field) {
        let name = field.name.text.clone();
        let error = match form {
            form if is_block(form) => Error::Block { field: name },
            Form::Type => Error::Type { field: name },
            _ => Error::Value { field: name },
        };
        self.problems.report(Finding::new(field.name.span, error));
    }
}

fn is_block(form: &Form) -> bool {
    matches!(form, Form::Block(_) | Form::Cases(_) | Form::Params | Form::Body)
}

/// The defaults of the fields that aren't written.
fn defaults(expected: &Expected<'_>, known: &[Known<'_>]) -> Config {
    let mut config = Config::default();
    let fields = expected.blocks.iter().flat_map(|block| &block.fields);
    for field in fields.filter(|field| !known.iter().any(|(_, written)| written.name == field.name)) {
        if let Some(default) = &field.default {
            config.set_default(field.name.clone(), default_argument(default));
        }
    }
    config
}

fn default_argument(default: &Default) -> Argument {
    match default {
        Default::Word(word) => Argument::Word(word.clone()),
        Default::Int(number) => Argument::Int(*number),
        Default::Bool(yes) => Argument::Bool(*yes),
        Default::Texts(texts) => Argument::List(texts.iter().cloned().map(Argument::Text).collect()),
    }
}
