use std::fmt;

use super::{Literal, Record, Type};

/// How deep a type is written out; what lies deeper is an ellipsis.
const DEPTH: usize = 3;
/// How many fields of a record and members of a union are written out.
const BREADTH: usize = 6;

/// As an author writes it. Declared records stand as their names.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self, f, 0)
    }
}

fn print(ty: &Type, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    match ty {
        Type::List(inner) => {
            f.write_str("list<")?;
            print(inner, f, depth + 1)?;
            f.write_str(">")
        }
        Type::Map(key, value) => {
            f.write_str("map<")?;
            print(key, f, depth + 1)?;
            f.write_str(", ")?;
            print(value, f, depth + 1)?;
            f.write_str(">")
        }
        Type::Record(record) => print_record(record, f, depth),
        Type::Literals(members) => print_members(members, f),
        Type::Optional(inner) => match inner.as_ref() {
            Type::Literals(members) if members.len() > 1 => write!(f, "({inner})?"),
            inner => {
                print(inner, f, depth)?;
                f.write_str("?")
            }
        },
        _ => f.write_str(word(ty)),
    }
}

fn word(ty: &Type) -> &'static str {
    match ty {
        Type::Null => "null",
        Type::Bool => "bool",
        Type::Int => "int",
        Type::Uint => "uint",
        Type::Double => "double",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Duration => "duration",
        Type::Timestamp => "timestamp",
        Type::Json => "json",
        Type::Secret => "secret",
        Type::Kind(_) => "type",
        Type::Dyn => "dyn",
        _ => "T",
    }
}

fn print_record(record: &Record, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    if let Some(name) = record.name() {
        return f.write_str(name);
    }
    if record.fields().is_empty() {
        return f.write_str("{ }");
    }
    if depth >= DEPTH {
        return f.write_str("{ … }");
    }
    f.write_str("{ ")?;
    for (index, field) in record.fields().iter().take(BREADTH).enumerate() {
        let name = &field.name;
        let separator = if index == 0 { "" } else { ", " };
        if is_word(name) {
            write!(f, "{separator}{name}: ")?;
        } else {
            write!(f, "{separator}{:?}: ", name.as_str())?;
        }
        print(&field.ty, f, depth + 1)?;
    }
    f.write_str(if record.fields().len() > BREADTH { ", … }" } else { " }" })
}

fn print_members(members: &[Literal], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, member) in members.iter().take(BREADTH).enumerate() {
        let separator = if index == 0 { "" } else { " | " };
        write!(f, "{separator}{member}")?;
    }
    f.write_str(if members.len() > BREADTH { " | …" } else { "" })
}

fn is_word(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::Type;

    #[test]
    fn types_are_printed_as_they_are_written() {
        let person = Type::record([
            ("id", Type::String),
            ("e-mail", Type::optional(Type::String)),
            ("tier", Type::optional(Type::one_of(&["gold", "silver"]))),
        ]);
        let printed = r#"{ id: string, "e-mail": string?, tier: ("gold" | "silver")? }"#;
        assert_eq!(person.to_string(), printed);
        assert_eq!(Type::map(Type::String, Type::list(Type::Json)).to_string(), "map<string, list<json>>");
    }

    #[test]
    fn deep_and_broad_types_are_cut_short() {
        let deep = (0..100).fold(Type::Int, |inner, _| Type::record([("x", inner.clone()), ("y", inner)]));
        assert!(deep.to_string().len() < 500);
    }
}
