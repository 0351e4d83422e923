use std::collections::BTreeSet;
use std::sync::Arc;

use ecow::EcoString;

use super::elaborator::Elaborator;
use super::error::Error;
use crate::ast::{self, ExprKind as Written, Name};
use crate::check::typed::{Element, Entry, ExprId, ExprKind};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::{Field, Literal, Record, Type};
use crate::value::Value;

impl Elaborator<'_> {
    /// `{ "a": 1, ?"b": x }`
    pub(super) fn map(&mut self, entries: &[ast::Entry], wanted: Option<&Type>, span: Span) -> ExprId {
        if self.has_bare_key(entries) {
            return self.exprs.bad(span);
        }
        let names: Option<Vec<Name>> = entries.iter().map(|entry| self.literal_key(entry.key)).collect();
        let Some(names) = names else { return self.computed_map(entries, wanted, span) };
        let wanted = wanted.map(Type::unwrapped);
        if let Some(repeated) = repeated(&names) {
            let (text, at) = (format!("`{:?}`", repeated.text.as_str()), repeated.span);
            return self.report(at, Error::DuplicateKey { key: text });
        }
        let given: Vec<Given> = names
            .into_iter()
            .zip(entries)
            .map(|(name, entry)| Given { name, value: entry.value, optional: entry.optional })
            .collect();
        match wanted {
            Some(Type::Record(record)) => self.build(record, given, span),
            Some(Type::Map(key, _)) if !Type::String.fits(key) => self.computed_map(entries, wanted, span),
            Some(Type::Map(_, value)) => self.anonymous(given, Some(value), span),
            Some(ty @ (Type::Json | Type::Dyn)) => self.anonymous(given, Some(ty), span),
            _ => self.anonymous(given, None, span),
        }
    }

    /// Reports the keys that are names without a meaning; the values are looked at all the same.
    fn has_bare_key(&mut self, entries: &[ast::Entry]) -> bool {
        let mut is_bare = false;
        for entry in entries {
            if let Some((key, first)) = self.bare_key(entry.key)
                && !self.is_name(&first.text, first.span)
            {
                let span = self.file.exprs[entry.key].span;
                let finding = Finding::new(span, Error::BareKey { key: key.clone() });
                self.problems.report(finding.fix(format!("write `\"{key}\"`"), span, format!("\"{key}\"")));
                is_bare = true;
            }
        }
        if is_bare {
            entries.iter().for_each(|entry| {
                self.expr(entry.value, None);
            });
        }
        is_bare
    }

    fn literal_key(&self, id: ast::ExprId) -> Option<Name> {
        match &self.file.exprs[id] {
            ast::Expr { kind: Written::String { value, .. }, span } => {
                Some(Name { text: value.clone(), span: *span })
            }
            _ => None,
        }
    }

    /// A record without a declared type; `value` is what all its fields may stand for.
    fn anonymous(&mut self, given: Vec<Given>, value: Option<&Type>, span: Span) -> ExprId {
        let mut entries = Vec::with_capacity(given.len());
        let mut fields = Vec::with_capacity(given.len());
        for field in given {
            let typed = self.element(field.value, field.optional, value);
            let ty = self.exprs.ty(typed).clone();
            fields.push(Field { left_out: field.optional, ..Field::new(field.name.text.clone(), ty) });
            entries.push(self.entry(field.name.text, typed, field.optional, field.name.span));
        }
        let ty = Type::Record(Arc::new(Record::new(None, fields)));
        self.exprs.add(ExprKind::Map(entries), ty, span)
    }

    fn entry(&mut self, name: EcoString, value: ExprId, optional: bool, span: Span) -> Entry {
        let key = self.literal(Value::String(name), Type::String, span);
        Entry { key, value, optional }
    }

    /// A map whose keys are not all literal texts.
    fn computed_map(&mut self, entries: &[ast::Entry], wanted: Option<&Type>, span: Span) -> ExprId {
        let (key_type, value_type) = match wanted.map(Type::unwrapped) {
            Some(Type::Map(key, value)) => (Some(key.as_ref().clone()), Some(value.as_ref().clone())),
            Some(ty @ (Type::Json | Type::Dyn)) => (None, Some(ty.clone())),
            _ => (None, None),
        };
        let (mut keys, mut values, mut literals) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_sound = true;
        for entry in entries {
            let key = self.key(entry.key, key_type.as_ref());
            is_sound &= !self.is_silent(key) && self.is_new_key(key, &mut literals);
            keys.push(Element { value: key, optional: false });
            let value = self.element(entry.value, entry.optional, value_type.as_ref());
            values.push(Element { value, optional: entry.optional });
        }
        if !is_sound {
            return self.exprs.bad(span);
        }
        let key = self.unify(&mut keys, "the keys of a map");
        let value = match value_type {
            Some(ty @ (Type::Json | Type::Dyn)) => self.untyped_elements(&values, &ty),
            Some(ty) => self.secret_or(&values, &ty),
            None => self.common_or_json(&mut values),
        };
        let Some(key) = key else { return self.exprs.bad(span) };
        let entries = keys.into_iter().zip(values);
        let entries = entries.map(|(key, value)| Entry {
            key: key.value,
            value: value.value,
            optional: value.optional,
        });
        self.exprs.add(ExprKind::Map(entries.collect()), Type::map(key.widened(), value), span)
    }

    fn key(&mut self, id: ast::ExprId, wanted: Option<&Type>) -> ExprId {
        let key = match wanted {
            Some(wanted) => self.check(id, wanted),
            None => self.expr(id, None),
        };
        match self.exprs.ty(key).widened() {
            ty if ty.has_secret() => self.refuse(key, Error::SecretOperation { operation: "a key".into() }),
            Type::Bool | Type::Int | Type::Uint | Type::String | Type::Unknown | Type::Dyn => key,
            Type::Optional(_) => self.refuse_optional(key),
            found => {
                let help = Some("a key is a `string`, an `int`, a `uint` or a `bool`".into());
                let expected = "string` or `int".to_owned();
                self.refuse(key, Error::TypeMismatch { expected, found: found.to_string(), help })
            }
        }
    }

    fn is_new_key(&mut self, key: ExprId, known: &mut Vec<Literal>) -> bool {
        let ExprKind::Literal(value) = &self.exprs[key].kind else { return true };
        let Some(literal) = Literal::of(value) else { return true };
        if known.contains(&literal) {
            self.refuse(key, Error::DuplicateKey { key: format!("`{literal}`") });
            return false;
        }
        known.push(literal);
        true
    }

    /// `Order { id: "x" }`
    pub(super) fn record(&mut self, path: &[Name], fields: &[ast::RecordField], span: Span) -> ExprId {
        let ty = match self.scope.record_type(path) {
            Ok(ty) => ty,
            Err(finding) => {
                self.problems.report(*finding);
                Type::Unknown
            }
        };
        let Type::Record(record) = &ty else {
            for field in fields {
                self.expr(field.value, None);
            }
            return if ty.is_unknown() { self.exprs.bad(span) } else { self.refuse_build(&ty, path, span) };
        };
        let names: Vec<Name> = fields.iter().map(|field| field.name.clone()).collect();
        if let Some(repeated) = repeated(&names) {
            let (key, at) = (format!("`{}`", repeated.text), repeated.span);
            return self.report(at, Error::DuplicateKey { key });
        }
        let given = fields
            .iter()
            .map(|field| Given { name: field.name.clone(), value: field.value, optional: field.optional })
            .collect();
        let is_partial = std::mem::take(&mut self.is_partial);
        let typed = self.build(record, given, span);
        self.is_partial = is_partial;
        typed
    }

    fn refuse_build(&mut self, ty: &Type, path: &[Name], span: Span) -> ExprId {
        let name = path.last().map_or_else(Default::default, |name| name.text.clone());
        let help = Some(format!("only a record is built with `{name} {{ … }}`; write the value itself"));
        let at = path.first().map_or(span, |name| name.span);
        self.report(at, Error::TypeMismatch { expected: "record".into(), found: ty.to_string(), help })
    }

    /// A record of a declared type: its fields are checked, and what is left out is filled in.
    fn build(&mut self, record: &Arc<Record>, given: Vec<Given>, span: Span) -> ExprId {
        let ty = Type::Record(Arc::clone(record));
        let mut entries = Vec::with_capacity(record.fields().len());
        let mut is_sound = true;
        let mut seen = BTreeSet::new();
        for field in given {
            let Some(declared) = record.field(&field.name.text) else {
                self.unknown_field(&ty, &field.name, []);
                self.expr(field.value, None);
                is_sound = false;
                continue;
            };
            seen.insert(field.name.text.clone());
            let wanted =
                if field.optional { Type::optional(declared.ty.clone()) } else { declared.ty.clone() };
            let value = self.check(field.value, &wanted);
            if field.optional && declared.is_required() {
                self.refuse_optional(value);
            }
            entries.push(self.entry(field.name.text, value, field.optional, field.name.span));
        }
        let missing: Vec<&Field> =
            record.fields().iter().filter(|field| !seen.contains(&field.name)).collect();
        if is_sound && !self.is_partial {
            self.report_missing(&ty, &missing, span);
        }
        for field in missing {
            if let Some(value) = filled_in(field) {
                let value = self.literal(value, field.ty.clone(), span);
                entries.push(self.entry(field.name.clone(), value, false, span));
            }
        }
        let ty = if entries.iter().any(|entry| self.exprs.ty(entry.value).has_secret()) {
            let fields = entries.iter().filter_map(|entry| self.as_field(*entry));
            Type::Record(Arc::new(Record::new(record.name().cloned(), fields.collect())))
        } else {
            ty
        };
        self.exprs.add(ExprKind::Map(entries), ty, span)
    }

    fn as_field(&self, entry: Entry) -> Option<Field> {
        match &self.exprs[entry.key].kind {
            ExprKind::Literal(Value::String(name)) => {
                Some(Field::new(name.clone(), self.exprs.ty(entry.value).clone()))
            }
            _ => None,
        }
    }

    fn report_missing(&mut self, ty: &Type, missing: &[&Field], span: Span) {
        let names: Vec<String> = missing
            .iter()
            .filter(|field| field.is_required())
            .map(|field| format!("`{}`", field.name))
            .collect();
        if !names.is_empty() {
            let fields = names.join(", ");
            self.report(span.head(), Error::MissingField { ty: ty.to_string(), fields });
        }
    }
}

/// A field as it was written.
struct Given {
    name: Name,
    value: ast::ExprId,
    optional: bool,
}

/// What a field is that isn't given: its default, or none.
fn filled_in(field: &Field) -> Option<Value> {
    match (&field.default, &field.ty) {
        (Some(default), _) => Some(default.clone()),
        (None, Type::Optional(_)) => Some(Value::NONE),
        _ => None,
    }
}

/// The first name that stands there again.
fn repeated(names: &[Name]) -> Option<&Name> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(&name.text))
}
