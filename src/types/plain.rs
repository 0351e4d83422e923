use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Field, Record, Type};

impl Type {
    /// The type with everything in it that is optional taken as present: what a test's expectations read.
    #[must_use]
    pub fn plain(&self) -> Self {
        plain(self, &mut BTreeMap::new())
    }
}

/// Each record once, by its address: declared types stand in many places.
fn plain(ty: &Type, known: &mut BTreeMap<usize, Arc<Record>>) -> Type {
    match ty {
        Type::Optional(inner) => plain(inner, known),
        Type::List(inner) => Type::list(plain(inner, known)),
        Type::Map(key, value) => Type::map(key.as_ref().clone(), plain(value, known)),
        Type::Record(record) => {
            let address = Arc::as_ptr(record).addr();
            if let Some(found) = known.get(&address) {
                return Type::Record(Arc::clone(found));
            }
            let fields = record.fields().iter().map(|field| Field {
                name: field.name.clone(),
                ty: plain(&field.ty, known),
                default: field.default.clone(),
                left_out: field.left_out,
            });
            let found = Arc::new(Record::new(record.name().cloned(), fields.collect()));
            known.insert(address, Arc::clone(&found));
            Type::Record(found)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::Type;

    #[test]
    fn nothing_is_optional_in_a_plain_type() {
        let inner = Type::record([("a", Type::optional(Type::Int))]);
        let ty = Type::record([("x", Type::list(Type::optional(inner)))]);
        assert_eq!(ty.plain().to_string(), "{ x: list<{ a: int }> }");
    }
}
