use crate::catalog::function::Overload;
use crate::types::Type;

/// An overload whose parameters take some arguments, with what its type parameters stand for.
pub(super) struct Matching<'a> {
    overload: &'a Overload,
    bindings: Bindings,
}

/// What type parameters stand for so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings {
    types: [Option<Type>; Overload::TYPE_PARAMETERS as usize],
}

impl<'a> Matching<'a> {
    /// Whether arguments of these types are taken; operands of an operator and receivers are no optionals by themselves.
    pub(super) fn of(overload: &'a Overload, arguments: &[Type]) -> Option<Self> {
        let mut bindings = Bindings::default();
        let is_taken = overload.parameters.len() == arguments.len()
            && overload.parameters.iter().zip(arguments).all(|(parameter, ty)| bindings.bind(parameter, ty));
        is_taken.then_some(Self { overload, bindings })
    }

    /// What it gives.
    pub(super) fn result(&self) -> Type {
        self.bindings.apply(&self.overload.result)
    }
}

impl Bindings {
    /// Whether a value of type `ty` may stand for a parameter.
    pub(super) fn bind(&mut self, parameter: &Type, ty: &Type) -> bool {
        match (parameter, ty) {
            (Type::Parameter(index), ty) => self.bind_parameter(*index, ty),
            (_, Type::Unknown) => true,
            (Type::List(parameter), Type::List(ty)) => self.bind(parameter, ty),
            (Type::Map(key, value), Type::Map(key_type, value_type)) => {
                self.bind(key, key_type) && self.bind(value, value_type)
            }
            (Type::Map(key, value), Type::Record(record)) => {
                self.bind(key, &Type::String) && self.bind(value, &record.value_type().unwrap_or(Type::Json))
            }
            (Type::Optional(parameter), ty) => self.bind(parameter, ty.unwrapped()),
            (parameter, ty) => ty.fits(parameter),
        }
    }

    fn bind_parameter(&mut self, index: u32, ty: &Type) -> bool {
        let Some(bound) = self.types.get_mut(index as usize) else { return false };
        let joined = match bound {
            Some(bound) => bound.join(ty),
            None => Some(ty.clone()),
        };
        let is_bound = joined.is_some();
        *bound = joined.or_else(|| bound.take());
        is_bound
    }

    /// A type with what its parameters stand for; unknown for those that stand for nothing yet.
    pub(super) fn apply(&self, ty: &Type) -> Type {
        match ty {
            Type::Parameter(index) => self.types.get(*index as usize).cloned().flatten().unwrap_or_default(),
            Type::List(inner) => Type::list(self.apply(inner)),
            Type::Map(key, value) => Type::map(self.apply(key), self.apply(value)),
            Type::Optional(inner) => Type::optional(self.apply(inner)),
            Type::Kind(inner) => Type::Kind(self.apply(inner).into()),
            other => other.clone(),
        }
    }
}
