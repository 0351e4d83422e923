use std::collections::BTreeMap;

use crate::plan::canonical;
use crate::types::{self, Literal, Record, Type};
use crate::value::{EcoString, Field, KeyShape, Shape, ShapeId, Shapes};

/// Whether records drop the fields that they don't know; otherwise they refuse them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Border {
    /// What comes from others: responses, rows, results.
    Open,
    /// What comes from whoever starts or signals a run.
    Closed,
}

/// What tells shapes apart.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// By its name.
    Simple(&'static str),
    List(ShapeId),
    Map(&'static str, ShapeId),
    Optional(ShapeId),
    /// By the names, shapes and defaults of the fields.
    Record(Border, Vec<(EcoString, ShapeId, Option<Vec<u8>>)>),
    /// By the canonical text of the members.
    Literals(Vec<u8>),
}

/// The shapes of a workflow's borders, each once.
#[derive(Debug, Default)]
pub(super) struct Table {
    known: BTreeMap<Key, ShapeId>,
    shapes: Shapes,
}

impl Table {
    /// The shape of a type at a border.
    pub(super) fn shape(&mut self, ty: &Type, border: Border) -> ShapeId {
        match ty {
            Type::Bool => self.simple("bool", Shape::Bool),
            Type::Int => self.simple("int", Shape::Int),
            Type::Uint => self.simple("uint", Shape::Uint),
            Type::Double => self.simple("double", Shape::Double),
            Type::String => self.simple("string", Shape::String),
            Type::Bytes => self.simple("bytes", Shape::Bytes),
            Type::Duration => self.simple("duration", Shape::Duration),
            Type::Timestamp => self.simple("timestamp", Shape::Timestamp),
            Type::List(element) => {
                let element = self.shape(element, border);
                self.once(Key::List(element), || Shape::List(element))
            }
            Type::Map(key, value) => {
                let (key, value) = (key_shape(key), self.shape(value, border));
                self.once(Key::Map(key.name(), value), || Shape::Map { key, value })
            }
            Type::Optional(inner) => {
                let inner = self.shape(inner, border);
                self.once(Key::Optional(inner), || Shape::Optional(inner))
            }
            Type::Record(record) => self.record(record, border),
            Type::Literals(members) => self.literals(members),
            Type::Json
            | Type::Unknown
            | Type::Dyn
            | Type::Null
            | Type::Secret
            | Type::Kind(_)
            | Type::Parameter(_) => self.simple("json", Shape::Json),
        }
    }

    fn simple(&mut self, name: &'static str, shape: Shape) -> ShapeId {
        self.once(Key::Simple(name), || shape)
    }

    fn literals(&mut self, members: &[Literal]) -> ShapeId {
        let members: Vec<_> = members.iter().map(Literal::value).collect();
        self.once(Key::Literals(canonical(&members)), || Shape::Literals(members))
    }

    fn record(&mut self, record: &Record, border: Border) -> ShapeId {
        let mut fields: Vec<&types::Field> = record.fields().iter().collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let shapes: Vec<_> = fields.iter().map(|field| self.shape(&field.ty, border)).collect();
        let key = fields.iter().zip(&shapes);
        let key =
            key.map(|(field, shape)| (field.name.clone(), *shape, field.default.as_ref().map(canonical)));
        self.once(Key::Record(border, key.collect()), || Shape::Record {
            fields: fields
                .iter()
                .zip(shapes)
                .map(|(field, shape)| Field {
                    name: field.name.clone(),
                    shape,
                    default: field.default.clone(),
                })
                .collect(),
            open: border == Border::Open,
        })
    }

    fn once(&mut self, key: Key, make: impl FnOnce() -> Shape) -> ShapeId {
        *self.known.entry(key).or_insert_with(|| self.shapes.add(make()))
    }

    /// All shapes.
    pub(super) fn finish(self) -> Shapes {
        self.shapes
    }
}

/// What the keys of a map are; in JSON they are texts.
fn key_shape(key: &Type) -> KeyShape {
    match key.widened() {
        Type::Bool => KeyShape::Bool,
        Type::Int => KeyShape::Int,
        Type::Uint => KeyShape::Uint,
        _ => KeyShape::String,
    }
}
