//! A statement beside the values of its parameters.

use ecow::EcoString;

use super::checker::Checker;
use super::draft::Draft;
use super::program::{Argument, Config, NodeIx};
use super::typed::{ExprId, ExprKind};
use crate::ast::FieldValue;
use crate::catalog::Meaning;
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

/// Names of parameters, with their places.
type Given = Vec<(EcoString, Span)>;

impl<'a> Checker<'a> {
    /// Checks the statement of a node whose kind has one.
    pub(super) fn check_sql(&mut self, draft: &Draft<'a>, ix: NodeIx, config: &Config) {
        let place = &draft.plot.nodes[ix];
        let fields = place.kind.map(|kind| kind.block.fields.as_slice()).unwrap_or_default();
        for field in fields {
            let Meaning::Sql { params, batch, .. } = field.meaning else { continue };
            let Some(FieldValue::Expr(expr)) = place.field(&field.name).map(|field| &field.value) else {
                continue;
            };
            if config.get(&field.name).is_none() {
                continue;
            }
            let given = self.given(config, params, batch);
            self.check_statement(draft.plot.file, *expr, given.as_deref());
        }
    }

    /// The names that a node gives; `None` where they can't be told from the file.
    fn given(&self, config: &Config, params: &str, batch: &str) -> Option<Given> {
        if config.is_doubtful() {
            return None;
        }
        let mut given = Vec::new();
        for field in [params, batch] {
            match (config.get(field), config.span(field)) {
                (Some(Argument::Expr(value)), _) => given.extend(self.names_in(*value)?),
                (None, None) => {}
                _ => return None,
            }
        }
        Some(given)
    }

    fn names_in(&self, value: ExprId) -> Option<Given> {
        let typed = &self.exprs[value];
        if let ExprKind::Map(entries) = &typed.kind {
            let key = |key: ExprId| match &self.exprs[key].kind {
                ExprKind::Literal(Value::String(name)) => Some((name.clone(), self.exprs[key].span)),
                _ => None,
            };
            return entries.iter().map(|entry| key(entry.key)).collect();
        }
        let record = match &typed.ty {
            Type::List(element) => element.as_ref(),
            other => other,
        };
        match record {
            Type::Record(record) => Some(record.names().map(|name| (name.into(), typed.span)).collect()),
            _ => None,
        }
    }
}
