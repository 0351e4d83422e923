//! Types as CEL's own tools write them: `list(int)`, `map(string, dyn)`, `optional_type(int)`.

use std::sync::Arc;

use super::Type;

/// A text is no type of CEL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no type of CEL")]
pub struct CelTypeError(pub String);

/// How deep types may nest in a text.
const DEPTH: usize = 64;

impl Type {
    /// This type as CEL's conformance tests write it. Records are maps, what is not known is `dyn`.
    #[must_use]
    pub fn cel_text(&self) -> String {
        match self {
            Self::Null => "null_type".into(),
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Uint => "uint".into(),
            Self::Double => "double".into(),
            Self::String => "string".into(),
            Self::Bytes => "bytes".into(),
            Self::Duration => "duration".into(),
            Self::Timestamp => "timestamp".into(),
            Self::List(inner) => format!("list({})", inner.cel_text()),
            Self::Map(key, value) => format!("map({}, {})", key.cel_text(), value.cel_text()),
            Self::Optional(inner) => format!("optional_type({})", inner.cel_text()),
            Self::Kind(inner) => format!("type({})", inner.cel_text()),
            Self::Record(_) => "map(string, dyn)".into(),
            Self::Literals(_) => self.widened().cel_text(),
            Self::Secret => "secret".into(),
            Self::Unknown | Self::Dyn | Self::Json | Self::Parameter(_) => "dyn".into(),
        }
    }

    /// The type that CEL's conformance tests write as `text`.
    ///
    /// # Errors
    /// When it is no type.
    pub fn parse_cel(text: &str) -> Result<Self, CelTypeError> {
        parse(text.trim(), 0).ok_or_else(|| CelTypeError(text.to_owned()))
    }
}

fn parse(text: &str, depth: usize) -> Option<Type> {
    let Some(open) = text.find('(').filter(|_| depth < DEPTH) else { return simple(text) };
    let arguments = text[open + 1..].strip_suffix(')')?;
    let arguments: Option<Vec<Type>> =
        split(arguments).into_iter().map(|argument| parse(argument.trim(), depth + 1)).collect();
    match (text[..open].trim(), arguments?.as_slice()) {
        ("list", [element]) => Some(Type::list(element.clone())),
        ("map", [key, value]) => Some(Type::map(key.clone(), value.clone())),
        ("optional_type" | "optional", [inner]) => Some(Type::optional(inner.clone())),
        ("type", [inner]) => Some(Type::Kind(Arc::new(inner.clone()))),
        ("wrapper", [inner]) => Some(inner.clone()),
        _ => None,
    }
}

/// At the commas outside all parentheses.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn simple(text: &str) -> Option<Type> {
    Some(match text {
        "dyn" | "any" | "google.protobuf.Any" | "google.protobuf.Value" => Type::Dyn,
        "null" | "null_type" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "duration" | "google.protobuf.Duration" => Type::Duration,
        "timestamp" | "google.protobuf.Timestamp" => Type::Timestamp,
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "optional_type" | "optional" => Type::optional(Type::Dyn),
        "type" => Type::Kind(Arc::new(Type::Dyn)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Type;

    #[test]
    fn texts_of_types_read_back() {
        for text in
            ["int", "list(list(dyn))", "map(string, map(int, optional_type(bool)))", "type(int)", "duration"]
        {
            assert_eq!(Type::parse_cel(text).expect("a type").cel_text(), text);
        }
        assert!(Type::parse_cel("list(").is_err());
        assert!(Type::parse_cel("thing(int)").is_err());
    }
}
