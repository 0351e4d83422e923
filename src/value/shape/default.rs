use super::{Shape, ShapeId, Shapes};
use crate::value::{Duration, EcoVec, List, Map, Timestamp, Value};

impl Shapes {
    /// What is filled in for a value of this shape that was left out: false, 0, "", empty, none, 0s, the epoch,
    /// null, the first literal; records field by field, with the fields' own defaults.
    #[must_use]
    pub fn default_value(&self, id: ShapeId) -> Value {
        match self.get(id) {
            Shape::Json => Value::Null,
            Shape::Bool => Value::Bool(false),
            Shape::Int => Value::Int(0),
            Shape::Uint => Value::Uint(0),
            Shape::Double => Value::Double(0.0),
            Shape::String => Value::from(""),
            Shape::Bytes => Value::Bytes(EcoVec::new()),
            Shape::Duration => Value::Duration(Duration::ZERO),
            Shape::Timestamp => Value::Timestamp(Timestamp::EPOCH),
            Shape::List(_) => Value::List(List::new()),
            Shape::Map { .. } => Value::Map(Map::new()),
            Shape::Literals(literals) => literals.first().cloned().unwrap_or(Value::Null),
            Shape::Optional(_) => Value::NONE,
            Shape::Record { fields, .. } => Value::Map(Map::record(fields.iter().map(|field| {
                let default = field.default.clone();
                (field.name.clone(), default.unwrap_or_else(|| self.default_value(field.shape)))
            }))),
        }
    }
}
