//! Types as written, made into types.

use std::collections::BTreeMap;
use std::sync::Arc;

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::block::report_duplicate;
use super::checker::Checker;
use super::form::report_literal;
use super::typed::ExprId;
use crate::ast::{self, ExprKind, ItemKind, Param, TypeId, TypeKind, TypeLiteral};
use crate::diagnostic::{Finding, nearest};
use crate::resolve::{DeclarationId, Namespace};
use crate::source::Span;
use crate::types::{Field, Literal, Record, Type};
use crate::value::Value;

/// What can be wrong with a type.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this is the text `\"{name}\"`, not the type")]
    #[diagnostic(code(quoted_type), help("write `{name}` without quotes"))]
    Quoted { name: EcoString },
    #[error("there is no type `{name}`")]
    #[diagnostic(code(unknown_type), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it: `type {name} {{ … }}`"),
    }))]
    Unknown { name: EcoString, suggestion: Option<String> },
    #[error("`{name}` takes {}", match wanted { 0 => "no types in `<…>`", 1 => "one type in `<…>`", _ => "two types in `<…>`" })]
    #[diagnostic(code(type_arguments), help("write `{pattern}`"))]
    Arguments { name: EcoString, wanted: usize, pattern: String },
    #[error("a map can't have keys of the type `{key}`")]
    #[diagnostic(code(map_key_type), help("keys are `string`, `int`, `uint` or `bool`"))]
    MapKey { key: Type },
    #[error("this is optional already")]
    #[diagnostic(code(nested_optional), help("write one `?`: optionals don't nest"))]
    NestedOptional,
    #[error("a secret can't cross this border")]
    #[diagnostic(
        code(secret_in_input),
        help("declare it at the top level with `secret`, and name it where it is needed")
    )]
    Secret,
}

/// The types that need no declaration.
const BUILT_IN: [(&str, Type); 11] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::String),
    ("bytes", Type::Bytes),
    ("duration", Type::Duration),
    ("timestamp", Type::Timestamp),
    ("json", Type::Json),
    ("secret", Type::Secret),
    ("null", Type::Null),
];

const APPLIED: [(&str, usize, &str); 2] = [("list", 1, "list<T>"), ("map", 2, "map<string, T>")];

impl<'a> Checker<'a> {
    /// What a type stands for; `Unknown` where it is in error, which is reported.
    pub(super) fn type_of(&mut self, file: &'a ast::File, id: TypeId) -> Type {
        let written = &file.types[id];
        match &written.kind {
            TypeKind::Bad => Type::Unknown,
            TypeKind::Named(name) => self.named_type(file, name, written.span),
            TypeKind::Applied { name, args } => self.applied_type(file, name, args),
            TypeKind::Record(params) => {
                let fields = self.params(file, params);
                record(None, fields)
            }
            TypeKind::Literals(members) => {
                self.quoted_type(file, members, written.span).unwrap_or_else(|| literals(file, members))
            }
            TypeKind::Optional(inner) => {
                let inner = self.type_of(file, *inner);
                if matches!(inner, Type::Optional(_)) {
                    self.problems.report(Finding::new(written.span, Error::NestedOptional));
                }
                Type::optional(inner)
            }
        }
    }

    /// A lone text that is the name of a type: the type was meant, which is reported.
    fn quoted_type(&mut self, file: &'a ast::File, members: &[TypeLiteral], span: Span) -> Option<Type> {
        let [TypeLiteral { value, .. }] = members else { return None };
        let ExprKind::String { value: name, .. } = &file.exprs[*value].kind else { return None };
        let ty = match BUILT_IN.iter().find(|(known, _)| known == name) {
            Some((_, ty)) => ty.clone(),
            None => self.declared_type(file, name)?,
        };
        let finding = Finding::new(span, Error::Quoted { name: name.clone() });
        self.problems.report(finding.fix(format!("write `{name}`"), span, name.as_str()));
        Some(ty)
    }

    fn named_type(&mut self, file: &'a ast::File, name: &EcoString, span: Span) -> Type {
        if let Some((_, ty)) = BUILT_IN.iter().find(|(known, _)| known == name) {
            if *ty == Type::Secret {
                self.problems.report(Finding::new(span, Error::Secret));
                return Type::Unknown;
            }
            return ty.clone();
        }
        if let Some((_, wanted, pattern)) = APPLIED.iter().find(|(known, ..)| known == name) {
            let error = Error::Arguments { name: name.clone(), wanted: *wanted, pattern: (*pattern).into() };
            self.problems.report(Finding::new(span, error));
            return Type::Unknown;
        }
        match self.declared_type(file, name) {
            Some(ty) => ty,
            None => self.report_unknown_type(file, name, span),
        }
    }

    fn report_unknown_type(&mut self, file: &'a ast::File, name: &EcoString, span: Span) -> Type {
        if !self.is_missing(file.id, name) {
            let known = self.resolved.known(file.id, Namespace::Type);
            self.problems.report(unknown_type(name, span, known));
        }
        Type::Unknown
    }

    /// A declared type; `Unknown` where it contains itself, which is reported.
    pub(super) fn type_first(&mut self, id: DeclarationId) -> Type {
        if let Some(known) = self.types.get(&id) {
            return known.clone();
        }
        let declaration = self.resolved.declaration(id);
        let file = &self.resolved.files[declaration.file.0 as usize];
        let ItemKind::Type(declared) = &file.items[declaration.item].kind else { return Type::Unknown };
        if !self.open.insert(id) {
            return Type::Unknown;
        }
        let ty = match &file.types[declared.ty].kind {
            TypeKind::Record(params) => {
                let fields = self.params(file, params);
                record(Some(declared.name.text.clone()), fields)
            }
            _ => self.type_of(file, declared.ty),
        };
        self.types.insert(id, ty.clone());
        ty
    }

    fn declared_type(&mut self, file: &'a ast::File, name: &str) -> Option<Type> {
        let id = self.resolved.lookup(file.id, Namespace::Type, name)?;
        Some(self.type_first(id))
    }

    fn applied_type(&mut self, file: &'a ast::File, name: &ast::Name, args: &[TypeId]) -> Type {
        let types: Vec<Type> = args.iter().map(|arg| self.type_of(file, *arg)).collect();
        match (name.text.as_str(), types.as_slice()) {
            ("list", [element]) => Type::list(element.clone()),
            ("map", [key, value]) => {
                let spans: Vec<Span> = args.iter().map(|arg| file.types[*arg].span).collect();
                if !is_key(key) {
                    let at = spans.first().copied().unwrap_or(name.span);
                    self.problems.report(Finding::new(at, Error::MapKey { key: key.clone() }));
                    return Type::Unknown;
                }
                Type::map(key.clone(), value.clone())
            }
            _ => self.report_arguments(file, name),
        }
    }

    fn report_arguments(&mut self, file: &'a ast::File, name: &ast::Name) -> Type {
        let applied = APPLIED.iter().find(|(known, ..)| *known == name.text);
        let is_built_in = BUILT_IN.iter().any(|(known, _)| *known == name.text);
        if applied.is_none() && !is_built_in && self.declared_type(file, &name.text).is_none() {
            return self.report_unknown_type(file, &name.text, name.span);
        }
        let (wanted, pattern) =
            applied.map_or((0, name.text.as_str()), |(_, wanted, pattern)| (*wanted, *pattern));
        let error = Error::Arguments { name: name.text.clone(), wanted, pattern: pattern.into() };
        self.problems.report(Finding::new(name.span, error));
        Type::Unknown
    }

    /// The fields of a record, each once, with their defaults.
    pub(super) fn params(&mut self, file: &'a ast::File, params: &'a [Param]) -> Vec<Parameter> {
        let once = self.params_once(params);
        once.into_iter().map(|param| self.param(file, param)).collect()
    }

    /// Parameters without repetitions, which are reported.
    pub(super) fn params_once(&mut self, params: &'a [Param]) -> Vec<&'a Param> {
        let mut seen: BTreeMap<&EcoString, Span> = BTreeMap::new();
        let mut once = Vec::new();
        for param in params {
            match seen.get(&param.name.text) {
                Some(first) => report_duplicate(&param.name, *first, &mut self.problems),
                None => {
                    seen.insert(&param.name.text, param.name.span);
                    once.push(param);
                }
            }
        }
        once
    }

    fn param(&mut self, file: &'a ast::File, param: &'a Param) -> Parameter {
        let mut field = Field::new(param.name.text.clone(), self.type_of(file, param.ty));
        let Some(default) = param.default else { return (field, None) };
        let before = self.problems.len();
        let Some(typed) = self.default_value(file, default, &field.ty) else {
            // In error, which is reported: the field needn't be given.
            field.default = Some(Value::Null);
            return (field, None);
        };
        field.default = self.constant(typed);
        if self.problems.len() > before {
            field.default = Some(Value::Null);
        } else if field.default.is_none() {
            let reason = "a default is a part of the type; write a literal, or a constant that is one";
            report_literal(&param.name.text, reason, file.exprs[default].span, &mut self.problems);
        }
        (field, Some(typed))
    }

    /// Checks a default, which reads constants only.
    fn default_value(&mut self, file: &'a ast::File, default: ast::ExprId, ty: &Type) -> Option<ExprId> {
        self.prepare(file, default);
        let site = self.constant_site(file);
        self.value(&site, default, ty, false)
    }
}

/// A field of a record, and its default as an expression.
pub(super) type Parameter = (Field, Option<ExprId>);

/// The record of some parameters.
pub(super) fn record(name: Option<EcoString>, parameters: Vec<Parameter>) -> Type {
    let fields = parameters.into_iter().map(|(field, _)| field).collect();
    Type::Record(Arc::new(Record::new(name, fields)))
}

/// That there is no type of a name.
pub(super) fn unknown_type<'n>(
    name: &EcoString,
    span: Span,
    declared: impl Iterator<Item = &'n str>,
) -> Finding {
    let built_in = BUILT_IN.iter().map(|(name, _)| *name).chain(APPLIED.iter().map(|(name, ..)| *name));
    let near = nearest(name, declared.chain(built_in)).map(str::to_owned);
    let finding = Finding::new(span, Error::Unknown { name: name.clone(), suggestion: near.clone() });
    match near {
        Some(near) => finding.fix(format!("write `{near}`"), span, near),
        None => finding,
    }
}

fn is_key(ty: &Type) -> bool {
    matches!(ty.widened(), Type::Bool | Type::Int | Type::Uint | Type::String | Type::Unknown)
}

fn literals(file: &ast::File, members: &[TypeLiteral]) -> Type {
    let mut union: Vec<Literal> = Vec::new();
    for member in members {
        match literal(file, member.value) {
            Some(literal) if !union.contains(&literal) => union.push(literal),
            _ => {}
        }
    }
    if union.is_empty() { Type::Unknown } else { Type::Literals(union.into()) }
}

fn literal(file: &ast::File, expr: ast::ExprId) -> Option<Literal> {
    Some(match &file.exprs[expr].kind {
        ExprKind::String { value, .. } => Literal::String(value.clone()),
        ExprKind::Int(number) => Literal::Int(*number),
        ExprKind::Uint(number) => Literal::Uint(*number),
        ExprKind::Double(number) => Literal::Double(*number),
        ExprKind::Bool(yes) => Literal::Bool(*yes),
        ExprKind::Unary { op: ast::UnaryOp::Negate, operand } => match literal(file, *operand)? {
            Literal::Int(number) => Literal::Int(number.checked_neg()?),
            Literal::Double(number) => Literal::Double(-number),
            _ => return None,
        },
        _ => return None,
    })
}
