use std::collections::BTreeMap;

use crate::plan::canonical;
use crate::types::{Literal, Record, Type};
use crate::value::{Field, KeyShape, Shape, ShapeId, Shapes};

/// Whether records drop the fields that they don't know; otherwise they refuse them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Border {
    /// What comes from others: responses, rows, results.
    Open,
    /// What comes from whoever starts or signals a run.
    Closed,
}

/// The shapes of a workflow's borders, each once: what tells them apart is their canonical text.
#[derive(Debug, Default)]
pub(super) struct Table {
    known: BTreeMap<Vec<u8>, ShapeId>,
    shapes: Shapes,
}

impl Table {
    /// The shape of a type at a border.
    pub(super) fn shape(&mut self, ty: &Type, border: Border) -> ShapeId {
        let shape = match ty {
            Type::Bool => Shape::Bool,
            Type::Int => Shape::Int,
            Type::Uint => Shape::Uint,
            Type::Double => Shape::Double,
            Type::String => Shape::String,
            Type::Bytes => Shape::Bytes,
            Type::Duration => Shape::Duration,
            Type::Timestamp => Shape::Timestamp,
            Type::List(element) => Shape::List(self.shape(element, border)),
            Type::Map(key, value) => Shape::Map { key: key_shape(key), value: self.shape(value, border) },
            Type::Record(record) => self.record(record, border),
            Type::Literals(members) => Shape::Literals(members.iter().map(Literal::value).collect()),
            Type::Optional(inner) => Shape::Optional(self.shape(inner, border)),
            Type::Json
            | Type::Unknown
            | Type::Dyn
            | Type::Null
            | Type::Secret
            | Type::Kind(_)
            | Type::Parameter(_) => Shape::Json,
        };
        self.once(shape)
    }

    fn record(&mut self, record: &Record, border: Border) -> Shape {
        let mut fields: Vec<_> = record.fields().iter().collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let field = |field: &crate::types::Field| Field {
            name: field.name.clone(),
            shape: self.shape(&field.ty, border),
            default: field.default.clone(),
        };
        Shape::Record { fields: fields.into_iter().map(field).collect(), open: border == Border::Open }
    }

    fn once(&mut self, shape: Shape) -> ShapeId {
        let key = canonical(&shape);
        *self.known.entry(key).or_insert_with(|| self.shapes.add(shape))
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
