//! CEL's inference of types, after the algorithm of its reference implementations: type variables are bound as they meet
//! types, and a variable takes the more general of two that fit each other.

use crate::types::Type;

/// What type variables stand for.
#[derive(Debug, Default)]
pub(super) struct Inference {
    bound: Vec<Option<Type>>,
    /// What has been bound since, for going back: the variable, and what it stood for before.
    trail: Vec<(u32, Option<Type>)>,
}

impl Inference {
    /// A new type variable.
    pub(super) fn fresh(&mut self) -> Type {
        let index = u32::try_from(self.bound.len()).unwrap_or(u32::MAX);
        self.bound.push(None);
        Type::Parameter(index)
    }

    /// Whether each of `from` may stand where its counterpart is taken. Nothing is bound where not.
    pub(super) fn assign_all(&mut self, from: &[Type], to: &[Type]) -> bool {
        let mark = self.trail.len();
        let is_assignable =
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| self.fits(from, to));
        if !is_assignable {
            self.undo(mark);
        }
        is_assignable
    }

    /// Whether `from` may stand where `to` is taken.
    pub(super) fn assign(&mut self, from: &Type, to: &Type) -> bool {
        let mark = self.trail.len();
        let is_assignable = self.fits(from, to);
        if !is_assignable {
            self.undo(mark);
        }
        is_assignable
    }

    /// The type of what may be either: the more general one, `dyn` where they don't fit each other.
    pub(super) fn join(&mut self, before: Option<Type>, next: Type) -> Type {
        match before {
            None => next,
            Some(before) if self.assign(&before, &next) => most_general(before, next),
            Some(_) => Type::Dyn,
        }
    }

    /// A type with what its variables stand for.
    pub(super) fn resolved(&self, ty: &Type) -> Type {
        match ty {
            Type::Parameter(index) => match self.find(*index) {
                Some(bound) => self.resolved(bound),
                None => ty.clone(),
            },
            Type::List(inner) => Type::list(self.resolved(inner)),
            Type::Map(key, value) => Type::map(self.resolved(key), self.resolved(value)),
            Type::Optional(inner) => Type::Optional(self.resolved(inner).into()),
            Type::Kind(inner) => Type::Kind(self.resolved(inner).into()),
            other => other.clone(),
        }
    }

    fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            if let Some((index, before)) = self.trail.pop() {
                self.bound[index as usize] = before;
            }
        }
    }

    fn find(&self, index: u32) -> Option<&Type> {
        self.bound.get(index as usize)?.as_ref()
    }

    fn bind(&mut self, index: u32, ty: Type) {
        if let Some(place) = self.bound.get_mut(index as usize) {
            self.trail.push((index, place.replace(ty)));
        }
    }

    fn fits(&mut self, from: &Type, to: &Type) -> bool {
        if let Type::Parameter(index) = to {
            match self.substitutes(from, *index) {
                Substitution::Fits => return true,
                Substitution::BoundToOther => return false,
                Substitution::Circular => {}
            }
        }
        if let Type::Parameter(index) = from {
            return matches!(self.substitutes(to, *index), Substitution::Fits);
        }
        match (from, to) {
            (Type::Dyn | Type::Unknown, _) | (_, Type::Dyn | Type::Unknown) => true,
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::List(from), Type::List(to)) | (Type::Optional(from), Type::Optional(to)) => {
                self.fits(from, to)
            }
            (Type::Map(key, value), Type::Map(to_key, to_value)) => {
                self.fits(key, to_key) && self.fits(value, to_value)
            }
            (Type::Kind(_), Type::Kind(_)) => true,
            (from, to) => from == to,
        }
    }

    /// Whether the variable `index` may stand for `ty`.
    fn substitutes(&mut self, ty: &Type, index: u32) -> Substitution {
        if *ty == Type::Parameter(index) {
            return Substitution::Fits;
        }
        if let Some(bound) = self.find(index).cloned() {
            if *ty == bound {
                return Substitution::Fits;
            }
            if !self.fits(ty, &bound) {
                return Substitution::BoundToOther;
            }
            let general = most_general(ty.clone(), bound);
            if !self.mentions(&general, index) {
                self.bind(index, general);
            }
            return Substitution::Fits;
        }
        if self.mentions(ty, index) {
            return Substitution::Circular;
        }
        self.bind(index, ty.clone());
        Substitution::Fits
    }

    fn mentions(&self, ty: &Type, index: u32) -> bool {
        match ty {
            Type::Parameter(other) if *other == index => true,
            Type::Parameter(other) => self.find(*other).is_some_and(|bound| self.mentions(bound, index)),
            Type::List(inner) | Type::Optional(inner) | Type::Kind(inner) => self.mentions(inner, index),
            Type::Map(key, value) => self.mentions(key, index) || self.mentions(value, index),
            _ => false,
        }
    }
}

enum Substitution {
    Fits,
    BoundToOther,
    Circular,
}

fn is_nullable(ty: &Type) -> bool {
    matches!(ty, Type::Null | Type::Optional(_) | Type::Duration | Type::Timestamp)
}

fn most_general(a: Type, b: Type) -> Type {
    if is_as_general(&a, &b) { a } else { b }
}

fn is_as_general(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn | Type::Parameter(_), _) => true,
        (_, Type::Dyn | Type::Parameter(_)) => false,
        // What may be null is no more than what it otherwise is.
        (a, Type::Null) => is_nullable(a),
        (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => is_as_general(a, b),
        (Type::Map(k1, v1), Type::Map(k2, v2)) => is_as_general(k1, k2) && is_as_general(v1, v2),
        (Type::Kind(_), Type::Kind(_)) => true,
        (a, b) => a == b,
    }
}
