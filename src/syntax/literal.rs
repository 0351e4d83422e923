//! Literals: numbers, durations, sizes, and the forms of strings.

use ecow::EcoString;
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use crate::ast::{ExprId, ExprKind, Part, StringStyle, Text};
use crate::source::Span;

/// Units of a duration, largest first, in nanoseconds.
const UNITS: [(&str, i64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

impl Builder<'_> {
    /// A number; `span` holds its sign too.
    pub fn number(&mut self, pair: &Pair<'_, Rule>, negative: bool, span: Span) -> ExprId {
        let text = pair.as_str();
        let sign = if negative { "-" } else { "" };
        let kind = match pair.as_rule() {
            Rule::int => format!("{sign}{text}").parse().ok().map(ExprKind::Int),
            Rule::uint => text[..text.len() - 1].parse().ok().map(ExprKind::Uint),
            Rule::hex => hexadecimal(text, sign),
            Rule::double => format!("{sign}{text}").parse().ok().map(ExprKind::Double),
            Rule::size => size(text).map(ExprKind::Int),
            _ => return self.duration(text, negative, span),
        };
        if kind.is_none() {
            self.report(span, Error::NumberTooLarge);
        }
        self.expr(kind.unwrap_or(ExprKind::Bad), span)
    }

    fn duration(&mut self, text: &str, negative: bool, span: Span) -> ExprId {
        let kind = match nanoseconds(text) {
            Ok(total) => ExprKind::Duration(if negative { -total } else { total }),
            Err(error) => {
                self.report(span, error);
                ExprKind::Bad
            }
        };
        self.expr(kind, span)
    }

    /// Any form of string.
    pub fn string(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::raw_or_bytes => self.raw_or_bytes(pair.as_str(), span),
            Rule::single_quoted => {
                let inner = &pair.as_str()[1..pair.as_str().len() - 1];
                ExprKind::String {
                    value: self.unescape(inner, span.start as usize + 1),
                    style: StringStyle::Single,
                }
            }
            Rule::triple_single => {
                let inner = &pair.as_str()[3..pair.as_str().len() - 3];
                let text = dedent(&[inner.into()]).concat();
                ExprKind::String {
                    value: self.unescape(&text, span.start as usize),
                    style: StringStyle::Single,
                }
            }
            Rule::double_quoted => self.template(pair, false),
            _ => self.template(pair, true),
        };
        self.expr(kind, span)
    }

    /// A string that must be literal.
    pub fn literal_text(&mut self, pair: Pair<'_, Rule>) -> Text {
        let span = self.span(&pair);
        let id = self.string(pair);
        let value = match &self.exprs[id].kind {
            ExprKind::String { value, .. } => value.clone(),
            _ => {
                self.report(span, Error::TextNotLiteral);
                EcoString::new()
            }
        };
        Text { value, span }
    }

    fn template(&mut self, pair: Pair<'_, Rule>, triple: bool) -> ExprKind {
        let mut texts: Vec<(String, usize)> = vec![(String::new(), 0)];
        let mut values: Vec<ExprId> = Vec::new();
        for part in pair.into_inner() {
            let start = part.as_span().start();
            match part.as_rule() {
                Rule::interpolation => {
                    if let Some(inner) = part.into_inner().next() {
                        values.push(self.expression(inner));
                        texts.push((String::new(), 0));
                    }
                }
                _ => {
                    if let Some(last) = texts.last_mut() {
                        *last = (part.as_str().to_owned(), start);
                    }
                }
            }
        }
        if triple {
            let dedented = dedent(&texts.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>());
            for (text, new) in texts.iter_mut().zip(dedented) {
                text.0 = new;
            }
        }
        let mut unescaped = texts
            .into_iter()
            .map(|(text, start)| self.unescape(&text, start))
            .collect::<Vec<_>>()
            .into_iter();
        let first = unescaped.next().unwrap_or_default();
        if values.is_empty() {
            return ExprKind::String { value: first, style: StringStyle::Double };
        }
        let mut parts = vec![Part::Text(first)];
        for (value, text) in values.into_iter().zip(unescaped) {
            parts.push(Part::Expr(value));
            parts.push(Part::Text(text));
        }
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        ExprKind::Template(parts)
    }

    fn raw_or_bytes(&mut self, text: &str, span: Span) -> ExprKind {
        let quote = text.find(['"', '\'']).unwrap_or(0);
        let mark = text[..quote].to_ascii_lowercase();
        let quotes =
            if text[quote..].starts_with("\"\"\"") || text[quote..].starts_with("'''") { 3 } else { 1 };
        let inner = &text[quote + quotes..text.len() - quotes];
        if mark.contains('b') {
            return match bytes(inner, mark.contains('r')) {
                Some(bytes) => ExprKind::Bytes(bytes.into()),
                None => {
                    self.report(span, Error::UnknownEscape);
                    ExprKind::Bad
                }
            };
        }
        ExprKind::String { value: inner.into(), style: StringStyle::Raw }
    }

    fn unescape(&mut self, text: &str, start: usize) -> EcoString {
        if !text.contains(['\\', '$']) {
            return text.into();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("$${") {
                out.push_str("${");
                rest = after;
            } else if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else if let Some((character, length)) =
                escape(rest).and_then(|(code, length)| Some((char::from_u32(code)?, length)))
            {
                out.push(character);
                rest = &rest[length..];
            } else {
                let at = start + (text.len() - rest.len());
                let span = self.place(at, at + 2);
                self.report(span, Error::UnknownEscape);
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        out.into()
    }
}

fn hexadecimal(text: &str, sign: &str) -> Option<ExprKind> {
    let digits = &text[2..];
    match digits.strip_suffix(['u', 'U']) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(ExprKind::Uint),
        None => i64::from_str_radix(&format!("{sign}{digits}"), 16).ok().map(ExprKind::Int),
    }
}

fn size(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit: i64 = match &text[digits..] {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 1,
    };
    text[..digits].parse::<i64>().ok()?.checked_mul(unit)
}

/// A duration's nanoseconds: units each once, descending.
fn nanoseconds(text: &str) -> Result<i64, Error> {
    let mut total: i64 = 0;
    let mut smallest = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let at = UNITS.iter().position(|(name, _)| *name == unit).ok_or(Error::DurationUnits)?;
        if at < smallest {
            return Err(Error::DurationUnits);
        }
        smallest = at + 1;
        let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(UNITS[at].1));
        total = part.and_then(|part| total.checked_add(part)).ok_or(Error::NumberTooLarge)?;
        rest = after;
    }
    Ok(total)
}

/// The code of the escape that the text begins with, and how many bytes it takes.
fn escape(text: &str) -> Option<(u32, usize)> {
    let kind = text[1..].chars().next()?;
    let digits = |from: usize, count: usize, radix| {
        let code = u32::from_str_radix(text.get(from..from + count)?, radix).ok()?;
        Some((code, from + count))
    };
    match kind {
        'a' => Some((7, 2)),
        'b' => Some((8, 2)),
        'f' => Some((12, 2)),
        'n' => Some((10, 2)),
        'r' => Some((13, 2)),
        't' => Some((9, 2)),
        'v' => Some((11, 2)),
        '\\' | '\'' | '"' | '`' | '?' => Some((kind as u32, 2)),
        'x' | 'X' => digits(2, 2, 16),
        'u' => digits(2, 4, 16),
        'U' => digits(2, 8, 16),
        '0'..='3' => digits(1, 3, 8),
        _ => None,
    }
}

fn bytes(text: &str, raw: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\').filter(|_| !raw) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let (code, length) = escape(rest)?;
        match rest.as_bytes()[1] {
            b'u' | b'U' => out.extend(char::from_u32(code)?.encode_utf8(&mut [0; 4]).bytes()),
            _ => out.push(u8::try_from(code).ok()?),
        }
        rest = &rest[length..];
    }
    out.extend_from_slice(rest.as_bytes());
    Some(out)
}

/// Takes the common indent from triple-quoted text whose opening quotes end their line; `texts` are the parts
/// between interpolations, the last one reaching to the closing quotes.
fn dedent(texts: &[String]) -> Vec<String> {
    let mut texts = texts.to_vec();
    let Some(body) = texts[0].strip_prefix("\r\n").or_else(|| texts[0].strip_prefix('\n')) else {
        return texts;
    };
    texts[0] = body.to_owned();
    let indent = common_indent(&texts);
    let last = texts.len() - 1;
    let ends_blank =
        texts[last].rfind('\n').map(|at| (at, texts[last][at + 1..].chars().all(|c| c == ' ' || c == '\t')));
    let only_blank = last == 0 && texts[0].chars().all(|c| c == ' ' || c == '\t');
    if let Some((at, true)) = ends_blank {
        let keep = texts[last][..at].trim_end_matches('\r').len();
        texts[last].truncate(keep);
    } else if only_blank {
        texts[0].clear();
    }
    texts.iter().enumerate().map(|(part, text)| cut_indent(text, indent, part == 0)).collect()
}

/// The smallest indent of the lines that hold something, and of the closing quotes.
fn common_indent(texts: &[String]) -> usize {
    let mut smallest = usize::MAX;
    for (part, text) in texts.iter().enumerate() {
        for (number, line) in text.split('\n').enumerate() {
            if number == 0 && part > 0 {
                continue;
            }
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let closes = part == texts.len() - 1 && number == text.matches('\n').count();
            let interpolates = part < texts.len() - 1 && number == text.matches('\n').count();
            if closes || interpolates || !line.trim().is_empty() {
                smallest = smallest.min(indent);
            }
        }
    }
    if smallest == usize::MAX { 0 } else { smallest }
}

fn cut_indent(text: &str, indent: usize, from_line_start: bool) -> String {
    let mut lines = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let cut = if number == 0 && !from_line_start {
            0
        } else {
            indent.min(line.len() - line.trim_start_matches([' ', '\t']).len())
        };
        lines.push(&line[cut..]);
    }
    lines.join("\n")
}
