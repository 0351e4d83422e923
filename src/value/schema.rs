//! The tagged form of values as JSON Schema says it, for the published schema of plans.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Value;

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Tagged::json_schema(generator)
    }
}

/// A value under the name of its type.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is the shape of what `tagged` writes, never a value")]
enum Tagged {
    /// The one null.
    Null(()),
    /// A bool.
    Bool(bool),
    /// Decimal digits, with a sign or without.
    Int(String),
    /// Decimal digits.
    Uint(String),
    /// Decimal, `NaN`, `Infinity` or `-Infinity`.
    Double(String),
    /// Text.
    String(String),
    /// Base64.
    Bytes(String),
    /// The elements.
    List(Vec<Value>),
    /// The entries, each a key and a value.
    Map(Vec<(Value, Value)>),
    /// Seconds, such as `5400s`.
    Duration(String),
    /// RFC 3339, in UTC.
    Timestamp(String),
    /// The name of a type.
    Type(String),
    /// The value, or null for none.
    Optional(Option<Box<Value>>),
    /// Text that holds secrets.
    Template(Vec<TaggedPart>),
}

/// A piece of a text that holds secrets.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is the shape of what `tagged` writes, never a value")]
enum TaggedPart {
    /// Text as it is.
    Text(String),
    /// The name of a secret.
    Secret(String),
}
