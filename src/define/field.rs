use std::time::Duration;

/// What a field holds, as it stands in a file.
///
/// Texts become text literals in which `${…}` is an expression; numbers, truths and times become their literals. For
/// all else there are [`expr`], [`word`] and [`literal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(pub(super) String);

/// An expression, a type, or anything else that is written as it is.
#[must_use]
pub fn expr(text: impl Into<String>) -> Field {
    Field(text.into())
}

/// One of the words that a field knows, or the name of a policy, a node or a workflow.
#[must_use]
pub fn word(text: impl Into<String>) -> Field {
    Field(text.into())
}

/// A text in which nothing is an expression.
#[must_use]
pub fn literal(text: &str) -> Field {
    Field(format!("\"{}\"", escaped(text).replace("${", "$${")))
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        let mut written = String::from("\"");
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            written.push_str(&escaped(&rest[..at]));
            let end = interpolation(&rest[at..]).map_or(rest.len(), |length| at + length);
            written.push_str(&rest[at..end]);
            rest = &rest[end..];
        }
        written.push_str(&escaped(rest));
        written.push('"');
        Self(written)
    }
}

/// The length of an interpolation, from `${` to its `}`.
fn interpolation(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at + 1),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() => escaped.push_str(&format!("\\u{:04x}", c as u32)),
            c => escaped.push(c),
        }
    }
    escaped
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<bool> for Field {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<f64> for Field {
    fn from(value: f64) -> Self {
        Self(format!("{value:?}"))
    }
}

impl From<Duration> for Field {
    fn from(time: Duration) -> Self {
        let millis = time.as_millis();
        if millis.is_multiple_of(1_000) {
            Self(format!("{}s", millis / 1_000))
        } else {
            Self(format!("{millis}ms"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Field, literal};

    #[test]
    fn texts_keep_their_expressions_and_nothing_else() {
        assert_eq!(Field::from("a \"b\" ${x[\"k\"]} \\").0, r#""a \"b\" ${x["k"]} \\""#);
        assert_eq!(Field::from("${ {\"a\": 1}.a } $x").0, r#""${ {"a": 1}.a } $x""#);
        assert_eq!(literal("${x}").0, r#""$${x}""#);
        assert_eq!(Field::from(Duration::from_millis(1_500)).0, "1500ms");
        assert_eq!(Field::from(Duration::from_secs(90)).0, "90s");
    }
}
