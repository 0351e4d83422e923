use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Literal, Record, Type};

impl Type {
    /// Whether a value of this type may stand where `wanted` is taken.
    ///
    /// Structural. A secret template fits where text does: where it may stand is another question
    /// ([`Type::has_secret`]). What only a literal may do (an integer for a double) is not said here.
    #[must_use]
    pub fn fits(&self, wanted: &Self) -> bool {
        Fit::default().fits(self, wanted)
    }
}

/// The pairs of records that have been found to fit. Declared types form graphs in which the same pair comes up
/// again and again.
#[derive(Default)]
struct Fit {
    proven: BTreeSet<(usize, usize)>,
}

impl Fit {
    fn fits(&mut self, from: &Type, to: &Type) -> bool {
        match (from, to) {
            (Type::Unknown | Type::Dyn, _) | (_, Type::Unknown | Type::Dyn) => true,
            (Type::Optional(from), Type::Optional(to)) => self.fits(from, to),
            (from, Type::Json) => self.fits_json(from),
            (from, Type::Optional(to)) => self.fits(from, to),
            (Type::List(from), Type::List(to)) | (Type::Kind(from), Type::Kind(to)) => self.fits(from, to),
            (Type::Map(key, value), Type::Map(to_key, to_value)) => {
                self.fits(key, to_key) && self.fits(value, to_value)
            }
            (Type::Record(from), Type::Record(to)) => self.record_fits(from, to),
            (Type::Record(from), Type::Map(key, value)) => {
                self.fits(&Type::String, key)
                    && from.fields().iter().all(|field| self.fits(field.value_type(), value))
            }
            (Type::Literals(from), Type::Literals(to)) => from.iter().all(|member| to.contains(member)),
            (Type::Literals(from), to) => from.iter().map(Literal::ty).all(|ty| ty == *to),
            (Type::Secret, Type::String) => true,
            (from, to) => from == to,
        }
    }

    /// What can be written as JSON. Optionals are left out or null.
    fn fits_json(&mut self, from: &Type) -> bool {
        match from {
            Type::List(inner) | Type::Optional(inner) => self.fits_json(inner),
            Type::Map(_, value) => self.fits_json(value),
            Type::Kind(_) | Type::Parameter(_) => false,
            // The fields of a record are looked at where it is written.
            _ => true,
        }
    }

    /// The same fields, of which those with a default and the optional ones may be missing.
    fn record_fits(&mut self, from: &Arc<Record>, to: &Arc<Record>) -> bool {
        if Arc::ptr_eq(from, to) || !self.proven.insert((address(from), address(to))) {
            return true;
        }
        from.fields().iter().all(|field| {
            let wanted = to.field(&field.name);
            wanted.is_some_and(|wanted| self.fits(&field.ty, &wanted.ty))
        }) && to.fields().iter().all(|field| !field.is_required() || from.field(&field.name).is_some())
    }
}

fn address(record: &Arc<Record>) -> usize {
    Arc::as_ptr(record).addr()
}

#[cfg(test)]
mod tests {
    use super::super::{Literal, Type};

    #[test]
    fn what_is_accepted_where() {
        let gold = Type::one_of(&["gold", "silver"]);
        assert!(gold.fits(&Type::String));
        assert!(!Type::String.fits(&gold));
        assert!(Type::one_of(&["gold"]).fits(&gold));
        assert!(!Type::Literals([Literal::Int(1)].into()).fits(&Type::String));
        assert!(Type::Int.fits(&Type::optional(Type::Int)));
        assert!(!Type::optional(Type::Int).fits(&Type::Int));
        assert!(!Type::Int.fits(&Type::Double));
        assert!(Type::list(Type::Unknown).fits(&Type::list(Type::Int)));
        assert!(Type::Int.fits(&Type::Json));
        assert!(!Type::Json.fits(&Type::Int));
        assert!(Type::Secret.fits(&Type::String));
    }

    #[test]
    fn records_need_the_same_fields() {
        let small = Type::record([("a", Type::Int)]);
        let large = Type::record([("a", Type::Int), ("b", Type::optional(Type::String))]);
        assert!(small.fits(&large));
        assert!(!large.fits(&small));
        assert!(small.fits(&Type::map(Type::String, Type::Int)));
        assert!(!large.fits(&Type::map(Type::String, Type::Int)));
        assert!(large.fits(&Type::Json));
    }

    #[test]
    fn a_graph_of_types_is_compared_in_linear_time() {
        let doubled =
            |leaf: Type| (0..100).fold(leaf, |inner, _| Type::record([("x", inner.clone()), ("y", inner)]));
        assert!(doubled(Type::Int).fits(&doubled(Type::Int)));
        assert!(!doubled(Type::Int).fits(&doubled(Type::String)));
    }
}
