//! Texts and bytes: their escapes, what is interpolated, and the indent of those over several lines.

use ecow::EcoString;
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use super::scan::Dialect;
use crate::ast::{ExprId, ExprKind, Part, StringStyle, Text};
use crate::source::Span;

impl Builder<'_> {
    /// Any form of string.
    pub fn string(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let start = pair.as_span().start();
        let text = pair.as_str();
        let kind = match pair.as_rule() {
            Rule::raw => ExprKind::String { value: inside(&text[1..]).1.into(), style: StringStyle::Raw },
            Rule::bytes => self.bytes(text, start),
            Rule::double_quoted => self.template(pair, false),
            Rule::triple_double => self.template(pair, true),
            rule => {
                let (quotes, inner) = inside(text);
                self.check_escapes(inner, start + quotes);
                let inner = vec![inner.to_owned()];
                let value = unescape(&self.dedented(inner, rule == Rule::triple_single).concat());
                ExprKind::String { value, style: StringStyle::Single }
            }
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

    /// A text that interpolates: its parts alternate, and begin and end with one of text.
    fn template(&mut self, pair: Pair<'_, Rule>, triple: bool) -> ExprKind {
        let mut texts: Vec<String> = Vec::new();
        let mut values: Vec<ExprId> = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::interpolation => values.push(self.interpolation(part)),
                _ => {
                    self.check_escapes(part.as_str(), part.as_span().start());
                    texts.push(part.as_str().to_owned());
                }
            }
        }
        let mut texts = self.dedented(texts, triple).into_iter().map(|text| unescape(&text));
        let first = texts.next().unwrap_or_default();
        if values.is_empty() {
            return ExprKind::String { value: first, style: StringStyle::Double };
        }
        let mut parts = vec![Part::Text(first)];
        for (value, text) in values.into_iter().zip(texts) {
            parts.push(Part::Expr(value));
            parts.push(Part::Text(text));
        }
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        ExprKind::Template(parts)
    }

    fn interpolation(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let mut parts = Parts::of(pair);
        let value = self.expression_or_missing(&mut parts);
        self.stray(&mut parts, "an operator or `}`");
        value
    }

    /// The parts of a text between three quotes, without their common indent. CEL has no such thing.
    fn dedented(&self, texts: Vec<String>, triple: bool) -> Vec<String> {
        if triple && self.dialect == Dialect::Citadel { dedent(texts) } else { texts }
    }

    fn bytes(&mut self, text: &str, start: usize) -> ExprKind {
        let raw = text[1..].starts_with(['r', 'R']);
        let mark = if raw { 2 } else { 1 };
        let (quotes, inner) = inside(&text[mark..]);
        if raw {
            return ExprKind::Bytes(inner.as_bytes().into());
        }
        let mut bytes = Vec::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            bytes.extend_from_slice(&rest.as_bytes()[..at]);
            rest = &rest[at..];
            let Some(escape) =
                escape(rest).filter(|escape| escape.code <= 0xff && !rest[1..].starts_with(['u', 'U']))
            else {
                let at = start + mark + quotes + (inner.len() - rest.len());
                self.report(self.place(at, at + 2), Error::UnknownEscape);
                return ExprKind::Bad;
            };
            bytes.push(escape.code as u8);
            rest = &rest[escape.length..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        ExprKind::Bytes(bytes.into())
    }

    /// Reports the escapes that mean nothing; `start` is where the text begins.
    fn check_escapes(&mut self, text: &str, start: usize) {
        let mut at = 0;
        while let Some(next) = text[at..].find('\\') {
            at += next;
            match escape(&text[at..]).filter(|escape| char::from_u32(escape.code).is_some()) {
                Some(escape) => at += escape.length,
                None => {
                    let length = 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
                    let span: Span = self.place(start + at, start + at + length);
                    self.report(span, Error::UnknownEscape);
                    at += length;
                }
            }
        }
    }
}

/// How many bytes the opening quotes take, and what stands between them and the closing ones.
fn inside(text: &str) -> (usize, &str) {
    let quotes =
        if text.len() >= 6 && (text.starts_with("\"\"\"") || text.starts_with("'''")) { 3 } else { 1 };
    (quotes, text.get(quotes..text.len() - quotes).unwrap_or_default())
}

/// What escapes, `$${` among them, stand for.
fn unescape(text: &str) -> EcoString {
    if !text.contains(['\\', '$']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = escape(rest).and_then(|escape| Some((char::from_u32(escape.code)?, escape.length)));
        if let Some(after) = rest.strip_prefix("$${") {
            out.push_str("${");
            rest = after;
        } else if let Some((character, length)) = known {
            out.push(character);
            rest = &rest[length..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.into()
}

struct Escape {
    /// The character or byte that it stands for.
    code: u32,
    /// How many bytes it takes.
    length: usize,
}

/// The escape that the text begins with.
fn escape(text: &str) -> Option<Escape> {
    let kind = text.strip_prefix('\\')?.chars().next()?;
    let simple = |code| Some(Escape { code, length: 2 });
    let digits = |from: usize, count: usize, radix| {
        let digits =
            text.get(from..from + count).filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
        Some(Escape { code: u32::from_str_radix(digits, radix).ok()?, length: from + count })
    };
    match kind {
        'a' => simple(7),
        'b' => simple(8),
        'f' => simple(12),
        'n' => simple(10),
        'r' => simple(13),
        't' => simple(9),
        'v' => simple(11),
        '\\' | '\'' | '"' | '`' | '?' => simple(kind as u32),
        'x' | 'X' => digits(2, 2, 16),
        'u' => digits(2, 4, 16),
        'U' => digits(2, 8, 16),
        '0'..='3' => digits(1, 3, 8),
        _ => None,
    }
}

/// Takes the common indent from a text whose opening quotes end their line; `texts` are the parts between
/// interpolations, the last one reaching to the closing quotes.
fn dedent(mut texts: Vec<String>) -> Vec<String> {
    let Some(body) = texts.first().and_then(|first| first.strip_prefix("\r\n").or(first.strip_prefix('\n')))
    else {
        return texts;
    };
    texts[0] = body.to_owned();
    let indent = common_indent(&texts);
    drop_last_line(&mut texts);
    texts.iter().enumerate().map(|(part, text)| without_indent(text, &indent, part == 0)).collect()
}

/// What all lines that hold something begin with, and the line of the closing quotes.
fn common_indent(texts: &[String]) -> String {
    let mut common: Option<&str> = None;
    for (part, text) in texts.iter().enumerate() {
        let mut lines = text.split('\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let ends_part = lines.peek().is_none();
            let continues = number == 0 && part > 0;
            if continues || (line.trim().is_empty() && !ends_part) {
                continue;
            }
            let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            common = Some(common.map_or(indent, |common| shared(common, indent)));
        }
    }
    common.unwrap_or_default().to_owned()
}

fn shared<'t>(a: &'t str, b: &str) -> &'t str {
    let length = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    &a[..length]
}

/// A last line of white space before the closing quotes goes, with the line end before it.
fn drop_last_line(texts: &mut [String]) {
    let only = texts.len() == 1;
    let Some(last) = texts.last_mut() else { return };
    let blank = |line: &str| line.chars().all(|c| c == ' ' || c == '\t');
    match last.rfind('\n') {
        Some(end) if blank(&last[end + 1..]) => last.truncate(last[..end].trim_end_matches('\r').len()),
        None if only && blank(last) => last.clear(),
        _ => {}
    }
}

fn without_indent(text: &str, indent: &str, begins_line: bool) -> String {
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        if number == 0 && !begins_line {
            return line;
        }
        // A blank line may be shorter than the indent.
        line.strip_prefix(indent).unwrap_or_else(|| {
            if line.trim().is_empty() { line.trim_start_matches([' ', '\t']) } else { line }
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{dedent, unescape};

    fn dedented(text: &str) -> String {
        dedent(vec![text.to_owned()]).concat()
    }

    #[test]
    fn the_common_indent_goes() {
        assert_eq!(dedented("\n    a\n      b\n\n    c\n    "), "a\n  b\n\nc");
        assert_eq!(dedented("\n    a\n  "), "  a");
        assert_eq!(dedented("\n  a\n  b"), "a\nb");
        assert_eq!(dedented("\n  "), "");
        assert_eq!(dedented("a\n  b\n"), "a\n  b\n");
        assert_eq!(dedented("\r\n  a\r\n  b\r\n  "), "a\r\nb");
    }

    #[test]
    fn interpolations_hold_a_line() {
        let parts = dedent(vec!["\n    ".into(), "\n      x ".into(), " y\n    ".into()]);
        assert_eq!(parts, ["", "\n  x ", " y"]);
    }

    #[test]
    fn escapes_stand_for_characters() {
        assert_eq!(unescape(r"a\n\x41\u00e4\101 $${x} $5 $"), "a\nAäA ${x} $5 $");
    }
}
