use super::{Shape, ShapeId, Shapes};
use crate::value::{Duration, EcoVec, Key, List, Map, Timestamp, Value};

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

    /// A value of this shape of which parts may have been left out: the fields that its records lack get what
    /// [`Self::default_value`] gives, at any depth.
    #[must_use]
    pub fn completed(&self, id: ShapeId, value: Value) -> Value {
        match (self.get(id), value) {
            (Shape::Record { fields, .. }, Value::Map(mut map)) => {
                for field in fields {
                    let value = match map.field(&field.name) {
                        Some(given) => self.completed(field.shape, given.clone()),
                        None => field.default.clone().unwrap_or_else(|| self.default_value(field.shape)),
                    };
                    map.insert(Key::String(field.name.clone()), value);
                }
                Value::Map(map)
            }
            (Shape::List(inner), Value::List(list)) => {
                Value::List(list.iter().map(|item| self.completed(*inner, item.clone())).collect())
            }
            (Shape::Map { value: inner, .. }, Value::Map(map)) => {
                let mut completed = Map::new();
                for (key, value) in map.iter() {
                    completed.insert(key.clone(), self.completed(*inner, value.clone()));
                }
                Value::Map(completed)
            }
            (Shape::Optional(inner), Value::Optional(Some(value))) => {
                Value::some(self.completed(*inner, value.as_ref().clone()))
            }
            (_, value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Map, Shape, Shapes, Value};
    use crate::value::Field;

    #[test]
    fn what_was_left_out_is_filled_in_at_any_depth() {
        let mut shapes = Shapes::default();
        let int = shapes.add(Shape::Int);
        let optional = shapes.add(Shape::Optional(int));
        let field = |name: &str, shape| Field { name: name.into(), shape, default: None };
        let fields = vec![field("n", int), field("o", optional)];
        let inner = shapes.add(Shape::Record { fields, open: true });
        let list = shapes.add(Shape::List(inner));
        let fields = vec![field("list", list), field("other", inner)];
        let outer = shapes.add(Shape::Record { fields, open: true });

        let part = Value::Map(Map::record([("n", Value::Int(3))]));
        let given = Value::Map(Map::record([("list", [part].into_iter().collect::<Value>())]));
        let whole = |n| Value::Map(Map::record([("n", Value::Int(n)), ("o", Value::NONE)]));
        let list: Value = [whole(3)].into_iter().collect();
        let expected = Value::Map(Map::record([("list", list), ("other", whole(0))]));
        assert_eq!(shapes.completed(outer, given), expected);
    }
}
