//! Literal arguments that a function can't take: what would fail in every run.

use super::elaborator::Elaborator;
use super::error::Error;
use crate::catalog::function::Function;
use crate::check::literal::{Literal, check_zone};
use crate::check::typed::{ExprId, ExprKind};
use crate::types::Type;
use crate::value::{Duration, Timestamp, Value, Zone, compile_pattern};

impl Elaborator<'_> {
    /// Looks at the literals among a function's arguments.
    pub(super) fn check_arguments(&mut self, function: Function, arguments: &[ExprId]) {
        match (function.name(), arguments) {
            ("matches", [_, pattern]) => self.check_pattern(*pattern),
            ("format", [text, values]) => self.check_format(*text, *values),
            ("format_time", [_, pattern, zone]) => {
                self.check_time_pattern(*pattern);
                self.check_zone_name(*zone);
            }
            (name, [_, zone]) if name.starts_with("get") => self.check_zone_name(*zone),
            (_, [only]) => self.check_conversion(function, *only),
            _ => {}
        }
    }

    fn literal_text(&self, id: ExprId) -> Option<String> {
        match self.exprs.constant(id)? {
            Value::String(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn check_pattern(&mut self, pattern: ExprId) {
        let Some(text) = self.literal_text(pattern) else { return };
        if let Err(error) = compile_pattern(&text) {
            self.refuse(pattern, Error::InvalidRegex { reason: error.to_string() });
        }
    }

    fn check_time_pattern(&mut self, pattern: ExprId) {
        let (Some(text), Ok(utc)) = (self.literal_text(pattern), Zone::named("UTC")) else { return };
        if Timestamp::EPOCH.format(&text, &utc).is_none() {
            let help = Some("write it as for `strftime`: `%Y-%m-%d %H:%M`".into());
            let error =
                Error::InvalidConversion { text: format!("`{text}`"), wanted: "pattern of a time", help };
            self.refuse(pattern, error);
        }
    }

    fn check_zone_name(&mut self, zone: ExprId) {
        let Some(text) = self.literal_text(zone) else { return };
        let is_offset = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b':'));
        if !is_offset || text.is_empty() {
            check_zone(Literal { value: &text, span: self.exprs[zone].span, written: "" }, self.problems);
        }
    }

    fn check_conversion(&mut self, function: Function, argument: ExprId) {
        let Some(value) = self.exprs.constant(argument) else { return };
        let Some((wanted, help)) = failing(function.name(), &value) else { return };
        let text = match &value {
            Value::String(text) => format!("`{:?}`", text.as_str()),
            other => other.print().map_or_else(|| "this".to_owned(), |text| format!("`{text}`")),
        };
        self.refuse(argument, Error::InvalidConversion { text, wanted, help: help.map(str::to_owned) });
    }

    /// The clauses of a literal text against the values of a literal list.
    fn check_format(&mut self, text: ExprId, values: ExprId) {
        let (Some(format), ExprKind::List(elements)) = (self.literal_text(text), &self.exprs[values].kind)
        else {
            return;
        };
        let values: Vec<ExprId> = elements.iter().map(|element| element.value).collect();
        let clauses = match clauses(&format) {
            Ok(clauses) => clauses,
            Err(problem) => {
                self.refuse(text, Error::InvalidFormat { problem });
                return;
            }
        };
        if clauses.len() > values.len() {
            let problem = format!("the text has {} clauses, the list {} values", clauses.len(), values.len());
            self.refuse(text, Error::InvalidFormat { problem });
            return;
        }
        for (clause, value) in clauses.into_iter().zip(values) {
            let ty = self.exprs.ty(value).widened();
            if !takes(clause, &ty) {
                let problem = format!("`%{clause}` doesn't take `{ty}`");
                self.refuse(value, Error::InvalidFormat { problem });
            }
        }
    }
}

/// What a conversion of a literal can't make, and how it would be written.
fn failing(function: &str, value: &Value) -> Option<(&'static str, Option<&'static str>)> {
    let is_word = |text: &str, words: &[&str]| words.contains(&text);
    match (function, value) {
        ("duration", Value::String(text)) if Duration::parse_cel(text).is_err() => {
            Some(("duration", Some("its units are `h`, `m`, `s`, `ms`, `us` and `ns`, as in `36h30m`")))
        }
        ("timestamp", Value::String(text)) if Timestamp::parse(text).is_err() => {
            Some(("timestamp", Some("timestamps are written as in `2026-01-31T12:00:00Z`")))
        }
        ("timestamp", Value::Int(seconds)) if Timestamp::from_seconds(*seconds).is_none() => {
            Some(("timestamp", Some("it goes from the year 1 to the year 9999")))
        }
        ("int", Value::String(text)) if text.parse::<i64>().is_err() => Some(("int", None)),
        ("int", Value::Double(number)) if number.abs() >= 9.3e18 || number.is_nan() => Some(("int", None)),
        ("int", Value::Uint(number)) if i64::try_from(*number).is_err() => Some(("int", None)),
        ("uint", Value::String(text)) if text.parse::<u64>().is_err() => Some(("uint", None)),
        ("uint", Value::Int(number)) if *number < 0 => Some(("uint", None)),
        ("uint", Value::Double(number)) if *number < 0.0 => Some(("uint", None)),
        ("double", Value::String(text)) if text.parse::<f64>().is_err() => Some(("double", None)),
        ("bool", Value::String(text))
            if !is_word(text, &["1", "t", "true", "TRUE", "True", "0", "f", "false", "FALSE", "False"]) =>
        {
            Some(("bool", Some("it is `\"true\"` or `\"false\"`")))
        }
        ("json.decode", Value::String(text))
            if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() =>
        {
            Some(("JSON", None))
        }
        _ => None,
    }
}

/// The letters of a format's clauses.
fn clauses(format: &str) -> Result<Vec<char>, String> {
    let mut found = Vec::new();
    let mut letters = format.chars();
    while letters.by_ref().any(|letter| letter == '%') {
        let mut clause = letters.next();
        if clause == Some('%') {
            continue;
        }
        if clause == Some('.') {
            clause = letters.by_ref().find(|letter| !letter.is_ascii_digit());
        }
        match clause {
            Some('%') => return Err("a percent sign is written `%%`".into()),
            Some(letter @ ('s' | 'd' | 'f' | 'e' | 'b' | 'o' | 'x' | 'X')) => found.push(letter),
            Some(letter) => return Err(format!("`%{letter}` is no clause of a format")),
            None => return Err("a format ends in the middle of a clause".into()),
        }
    }
    Ok(found)
}

fn takes(clause: char, ty: &Type) -> bool {
    let is_free = matches!(ty, Type::Unknown | Type::Dyn | Type::Json);
    is_free
        || match clause {
            'd' => ty.is_number(),
            'f' | 'e' => ty.is_number(),
            'b' => matches!(ty, Type::Int | Type::Uint | Type::Bool),
            'o' => matches!(ty, Type::Int | Type::Uint),
            'x' | 'X' => matches!(ty, Type::Int | Type::Uint | Type::String | Type::Bytes),
            _ => !matches!(ty, Type::Optional(_)),
        }
}
