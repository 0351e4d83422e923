use super::elaborator::Elaborator;
use super::error::Error;
use crate::catalog::function::Function;
use crate::check::typed::{ExprId, ExprKind};
use crate::diagnostic::{Finding, nearest};
use crate::types::{Literal, Type};
use crate::value::{Duration, Value};

impl Elaborator<'_> {
    /// Lets an expression stand where `wanted` is taken: literals become what they may stand for, a plain value becomes an
    /// optional. What doesn't fit is reported.
    pub(super) fn fit(&mut self, typed: ExprId, wanted: &Type) -> ExprId {
        let found = self.exprs.ty(typed);
        if found.is_unknown() {
            return typed;
        }
        if found.fits(wanted) {
            return if needs_lift(found, wanted) { self.lifted(typed) } else { typed };
        }
        match (wanted.unwrapped(), &self.exprs[typed].kind) {
            (union @ Type::Literals(members), ExprKind::Literal(value))
                if Literal::of(value).is_some_and(|literal| members.contains(&literal)) =>
            {
                let union = union.clone();
                self.exprs.retype(typed, union);
                self.fit(typed, wanted)
            }
            (union @ Type::Literals(members), ExprKind::Variable(_)) if self.is_member(typed, members) => {
                let union = union.clone();
                self.exprs.retype(typed, union);
                self.fit(typed, wanted)
            }
            _ => {
                let doubled = self.doubled(typed, wanted);
                if self.exprs.ty(doubled).fits(wanted) {
                    self.fit(doubled, wanted)
                } else {
                    self.refuse_type(typed, wanted)
                }
            }
        }
    }

    /// A constant whose value is a member.
    fn is_member(&self, typed: ExprId, members: &[Literal]) -> bool {
        let value = self.exprs.constant(typed);
        value.and_then(|value| Literal::of(&value)).is_some_and(|literal| members.contains(&literal))
    }

    /// `optional.of(x)`
    pub(super) fn lifted(&mut self, typed: ExprId) -> ExprId {
        let function = Function::named("optional.of").expect("the table has it");
        let (ty, span) = (Type::optional(self.exprs.ty(typed).clone()), self.exprs[typed].span);
        self.exprs.add(ExprKind::Call { function, arguments: vec![typed] }, ty, span)
    }

    fn refuse_type(&mut self, typed: ExprId, wanted: &Type) -> ExprId {
        let found = self.exprs.ty(typed).clone();
        let span = self.exprs[typed].span;
        if let Type::Optional(inner) = &found
            && inner.fits(wanted)
        {
            return self.refuse_optional(typed);
        }
        let literal = match &self.exprs[typed].kind {
            ExprKind::Literal(value) => Some(value.clone()),
            _ => None,
        };
        let finding = match (wanted.unwrapped(), literal) {
            (Type::Duration, Some(Value::Int(number))) => {
                let finding = Finding::new(span, Error::NumberForDuration { seconds: number.to_string() });
                finding.fix(format!("write `{number}s`"), span, format!("{number}s"))
            }
            (Type::Uint, Some(Value::Int(number))) if number >= 0 => {
                let help = Some(format!("write `{number}u`"));
                let finding = Finding::new(span, mismatch(&found, wanted, help));
                finding.fix(format!("write `{number}u`"), span, format!("{number}u"))
            }
            (Type::Duration, Some(Value::String(text))) if is_literal_duration(&text) => {
                let finding = Finding::new(
                    span,
                    mismatch(&found, wanted, Some(format!("write `{text}` without quotes"))),
                );
                finding.fix(format!("write `{text}`"), span, text.as_str())
            }
            (Type::Literals(members), Some(value)) => {
                let help = nearest_member(members, &value).map(|near| format!("did you mean `{near}`?"));
                let found = Literal::of(&value).map_or(found.to_string(), |literal| literal.to_string());
                Finding::new(span, Error::TypeMismatch { expected: wanted.to_string(), found, help })
            }
            (expected, _) => Finding::new(span, mismatch(&found, wanted, conversion(&found, expected))),
        };
        self.report_finding(finding, span)
    }

    /// Where none of several types fits.
    pub(super) fn refuse_all(&mut self, typed: ExprId, wanted: &[Type]) -> ExprId {
        let found = self.exprs.ty(typed);
        if found.is_unknown() {
            return typed;
        }
        if let [only] = wanted {
            return self.refuse_type(typed, only);
        }
        if let Type::Optional(inner) = found
            && wanted.iter().any(|ty| inner.fits(ty))
        {
            return self.refuse_optional(typed);
        }
        let names: Vec<String> = wanted.iter().map(Type::to_string).collect();
        let expected = names.join("` or `");
        let error = Error::TypeMismatch { expected, found: found.to_string(), help: None };
        self.refuse(typed, error)
    }

    /// An optional where its value is needed.
    pub(super) fn refuse_optional(&mut self, typed: ExprId) -> ExprId {
        let ty = self.exprs.ty(typed);
        let default = default_text(ty.unwrapped());
        let help = format!("say what holds where it is missing: `.orValue({default})`");
        let error = Error::OptionalUsed { ty: ty.to_string(), help: Some(help) };
        self.refuse(typed, error)
    }
}

fn needs_lift(found: &Type, wanted: &Type) -> bool {
    matches!(wanted, Type::Optional(_)) && !matches!(found, Type::Optional(_) | Type::Dyn)
}

fn mismatch(found: &Type, wanted: &Type, help: Option<String>) -> Error {
    let (mut expected, mut shown) = (wanted.to_string(), found.to_string());
    if expected == shown {
        expected.push_str(" as declared");
        shown.push_str(" of another form");
    }
    Error::TypeMismatch { expected, found: shown, help }
}

/// How the one becomes the other.
fn conversion(found: &Type, expected: &Type) -> Option<String> {
    Some(match (found, expected) {
        (Type::Null, _) => "nothing is written `optional.none()`, where the type is optional".into(),
        (Type::Json, Type::List(_) | Type::Map(..) | Type::Record(_)) => {
            "declare its type where it comes in".into()
        }
        (Type::Json, Type::Bool | Type::Int | Type::Uint | Type::Double | Type::String | Type::Bytes) => {
            format!("convert it: `{expected}(…)`, or declare its type where it comes in")
        }
        (Type::Json, Type::Duration | Type::Timestamp) => format!("convert it: `{expected}(string(…))`"),
        (Type::Int | Type::Uint, Type::Double) | (Type::Double | Type::Uint, Type::Int) => {
            format!("convert it: `{expected}(…)`")
        }
        (
            Type::Int | Type::Uint | Type::Double | Type::Bool | Type::Duration | Type::Timestamp,
            Type::String,
        ) => "convert it: `string(…)`, or interpolate it".into(),
        (
            Type::String,
            Type::Int | Type::Uint | Type::Double | Type::Bool | Type::Timestamp | Type::Duration,
        ) => {
            format!("convert it: `{expected}(…)`")
        }
        (Type::Record(found), Type::Record(expected)) => return difference(found, expected),
        (Type::List(_) | Type::Map(..) | Type::Record(_), Type::String) => {
            "`json.encode(…)` makes a text of it".into()
        }
        (found, Type::List(element)) if found.fits(element) => "a list has brackets: `[…]`".into(),
        _ => return None,
    })
}

/// The first field in which two records differ.
fn difference(found: &crate::types::Record, expected: &crate::types::Record) -> Option<String> {
    if let Some(extra) = found.names().find(|name| expected.field(name).is_none()) {
        return Some(format!("it has a field `{extra}`, which isn't taken"));
    }
    let missing = |field: &&crate::types::Field| field.is_required() && found.field(&field.name).is_none();
    if let Some(missing) = expected.fields().iter().find(missing) {
        return Some(format!("its field `{}` is missing", missing.name));
    }
    let (has, wants) = expected.fields().iter().find_map(|wants| {
        let has = found.field(&wants.name)?;
        (!has.ty.fits(&wants.ty)).then_some((has, wants))
    })?;
    Some(format!("its field `{}` is `{}`, not `{}`", has.name, has.ty, wants.ty))
}

fn is_literal_duration(text: &str) -> bool {
    Duration::parse(text).is_ok()
        && text.bytes().next().is_some_and(|first| first.is_ascii_digit())
        && !text.contains('.')
}

pub(super) fn nearest_member(members: &[Literal], value: &Value) -> Option<Literal> {
    let Value::String(text) = value else { return None };
    let texts = members.iter().filter_map(|member| match member {
        Literal::String(text) => Some(text.as_str()),
        _ => None,
    });
    nearest(text, texts).map(|near| Literal::String(near.into()))
}

/// What an author may write for a value of a type.
pub(super) fn default_text(ty: &Type) -> String {
    match ty {
        Type::Bool => "false".into(),
        Type::Int => "0".into(),
        Type::Uint => "0u".into(),
        Type::Double => "0.0".into(),
        Type::String => "\"\"".into(),
        Type::List(_) => "[]".into(),
        Type::Map(..) => "{}".into(),
        Type::Duration => "0s".into(),
        Type::Literals(members) => members.first().map_or("…".into(), Literal::to_string),
        _ => "…".into(),
    }
}
