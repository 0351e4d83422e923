use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Kind, Value};

/// The index of a shape in its [`Shapes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ShapeId(pub u32);

/// What JSON a border takes. Inner shapes are indexes of the same table, smaller than the own one: a declared type
/// that stands in many places is held once, however its uses multiply.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    /// Any JSON.
    Json,
    /// `true` or `false`.
    Bool,
    /// An integral number of 64 bits with a sign.
    Int,
    /// An integral number of 64 bits without a sign.
    Uint,
    /// Any number.
    Double,
    /// Text.
    String,
    /// Base64.
    Bytes,
    /// `"1h30m"`, or CEL's `"5400s"`.
    Duration,
    /// RFC 3339.
    Timestamp,
    /// An array.
    List(ShapeId),
    /// An object whose members are alike.
    Map {
        /// What the members' names are.
        key: KeyShape,
        /// What the members' values are.
        value: ShapeId,
    },
    /// An object with fields of their own.
    Record {
        /// The fields, by name.
        fields: Vec<Field>,
        /// Whether unknown fields are dropped; else they are mismatches.
        open: bool,
    },
    /// One of these texts, numbers or bools.
    Literals(Vec<Value>),
    /// Absent, null, or the inner shape.
    Optional(ShapeId),
}

/// What the keys of a map are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyShape {
    /// `"true"` or `"false"`.
    Bool,
    /// Decimal text.
    Int,
    /// Decimal text without a sign.
    Uint,
    /// Any text.
    String,
}

impl KeyShape {
    /// The type's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::String => "string",
        }
    }
}

/// A field of a record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    #[schemars(with = "String")]
    pub name: EcoString,
    /// What it takes.
    pub shape: ShapeId,
    /// Its value when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
}

/// A table of shapes, part of a plan.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Shapes {
    table: Vec<Shape>,
}

/// What is wrong with a table that was loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShapeError {
    /// A shape refers to itself, to a later one or to none.
    #[error("shape {} refers to a shape that does not come before it", .0.0)]
    Order(ShapeId),
    /// A record's fields are not in the order of their names, or two share one.
    #[error("the fields of shape {} are not in order", .0.0)]
    Fields(ShapeId),
    /// A choice of nothing, or of what is no text, number or bool.
    #[error("shape {} has no literals to choose from", .0.0)]
    Literals(ShapeId),
    /// Shapes nest deeper than JSON may.
    #[error("shape {} nests too deep", .0.0)]
    Depth(ShapeId),
    /// An optional of an optional, which JSON can't tell apart.
    #[error("shape {} is an optional of an optional", .0.0)]
    Optional(ShapeId),
}

/// As deep as JSON text may nest.
const MAX_DEPTH: u32 = 128;

impl Shapes {
    /// Puts `shape`, whose inner shapes are in the table already, at the end. A record's fields are sorted.
    pub fn add(&mut self, mut shape: Shape) -> ShapeId {
        if let Shape::Record { fields, .. } = &mut shape {
            fields.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let id = ShapeId(u32::try_from(self.table.len()).unwrap_or(u32::MAX));
        self.table.push(shape);
        id
    }

    /// The shape at `id`; `json` where there is none, which [`Self::verify`] refuses.
    #[must_use]
    pub fn get(&self, id: ShapeId) -> &Shape {
        self.table.get(id.0 as usize).unwrap_or(&Shape::Json)
    }

    /// The number of shapes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Whether `id` is in the table.
    #[must_use]
    pub fn contains(&self, id: ShapeId) -> bool {
        (id.0 as usize) < self.table.len()
    }

    /// The shapes that `wanted` rest on as a table of their own, and where each of `wanted` is in it.
    #[must_use]
    pub fn part(&self, wanted: &[ShapeId]) -> (Self, Vec<ShapeId>) {
        let mut needed: BTreeSet<ShapeId> = wanted.iter().copied().filter(|id| self.contains(*id)).collect();
        let mut open: Vec<ShapeId> = needed.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(self.get(id).inner().into_iter().filter(|inner| needed.insert(*inner)));
        }
        let mut part = Self::default();
        // Inner shapes come first in the old table, so they have a place in the new one.
        let mut places = BTreeMap::new();
        for id in needed {
            let mut shape = self.get(id).clone();
            shape.each_inner(|inner| *inner = places.get(inner).copied().unwrap_or(*inner));
            places.insert(id, part.add(shape));
        }
        let wanted = wanted.iter().map(|id| places.get(id).copied().unwrap_or(*id)).collect();
        (part, wanted)
    }

    /// Checks a table that was loaded.
    ///
    /// # Errors
    /// The first thing that [`Self::add`] would never have made.
    pub fn verify(&self) -> Result<(), ShapeError> {
        let mut depths: Vec<u32> = Vec::with_capacity(self.table.len());
        for (shape, number) in self.table.iter().zip(0..) {
            let id = ShapeId(number);
            let mut depth = 0;
            for inner in shape.inner() {
                let below = depths.get(inner.0 as usize).ok_or(ShapeError::Order(id))?;
                depth = depth.max(below + 1);
            }
            if depth > MAX_DEPTH {
                return Err(ShapeError::Depth(id));
            }
            self.verify_shape(shape, id)?;
            depths.push(depth);
        }
        Ok(())
    }

    fn verify_shape(&self, shape: &Shape, id: ShapeId) -> Result<(), ShapeError> {
        let fits = |literal: &Value| {
            matches!(literal.kind(), Kind::Bool | Kind::Int | Kind::Uint | Kind::Double | Kind::String)
        };
        match shape {
            Shape::Record { fields, .. } if !fields.is_sorted_by(|a, b| a.name < b.name) => {
                Err(ShapeError::Fields(id))
            }
            Shape::Literals(literals) if literals.is_empty() || !literals.iter().all(fits) => {
                Err(ShapeError::Literals(id))
            }
            Shape::Optional(inner) if matches!(self.get(*inner), Shape::Optional(_)) => {
                Err(ShapeError::Optional(id))
            }
            _ => Ok(()),
        }
    }
}

impl Shape {
    fn each_inner(&mut self, mut change: impl FnMut(&mut ShapeId)) {
        match self {
            Self::List(inner) | Self::Optional(inner) | Self::Map { value: inner, .. } => change(inner),
            Self::Record { fields, .. } => fields.iter_mut().for_each(|field| change(&mut field.shape)),
            _ => {}
        }
    }

    fn inner(&self) -> Vec<ShapeId> {
        match self {
            Self::List(inner) | Self::Optional(inner) | Self::Map { value: inner, .. } => vec![*inner],
            Self::Record { fields, .. } => fields.iter().map(|field| field.shape).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Shape, ShapeError, ShapeId, Shapes};

    #[test]
    fn a_part_of_a_table_has_all_that_it_rests_on() {
        let mut shapes = Shapes::default();
        shapes.add(Shape::Bool);
        let int = shapes.add(Shape::Int);
        let list = shapes.add(Shape::List(int));
        shapes.add(Shape::String);
        let field = Field { name: "a".into(), shape: list, default: None };
        let record = shapes.add(Shape::Record { fields: vec![field], open: false });
        let (part, places) = shapes.part(&[record, int]);
        assert_eq!((part.len(), part.verify()), (3, Ok(())));
        assert_eq!(places, [ShapeId(2), ShapeId(0)]);
        let json = serde_json::json!({ "a": [1] });
        assert_eq!(part.decode(places[0], &json), shapes.decode(record, &json));
    }

    #[test]
    fn a_table_survives_serialisation_and_is_verified() {
        let mut shapes = Shapes::default();
        let int = shapes.add(Shape::Int);
        let field = |name: &str| Field { name: name.into(), shape: int, default: None };
        let record = shapes.add(Shape::Record { fields: vec![field("b"), field("a")], open: false });
        shapes.add(Shape::Optional(record));
        assert_eq!(shapes.verify(), Ok(()));

        let text = serde_json::to_string(&shapes).expect("shapes serialise");
        let expected = r#"["int",{"record":{"fields":[{"name":"a","shape":0},{"name":"b","shape":0}],"open":false}},{"optional":1}]"#;
        assert_eq!(text, expected);
        let loaded: Shapes = serde_json::from_str(&text).expect("the text was just written");
        assert_eq!(loaded, shapes);
    }

    #[test]
    fn a_shape_refers_backwards_only() {
        let loaded: Shapes = serde_json::from_str(r#"["int",{"list":1}]"#).expect("the form is right");
        assert_eq!(loaded.verify(), Err(ShapeError::Order(ShapeId(1))));
        assert!(serde_json::from_str::<Shapes>(r#"[{"record":{"fields":[],"open":true,"x":1}}]"#).is_err());
    }
}
