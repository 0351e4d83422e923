use super::Type;

impl Type {
    /// The one type that values of both may stand for: of the branches of `?:`, of the elements of a list. `None`
    /// where there is none. A secret in one of them isn't lost.
    #[must_use]
    pub fn join(&self, other: &Self) -> Option<Self> {
        let joined = self.join_plain(other)?;
        let is_secret = self.has_secret() || other.has_secret();
        Some(if is_secret && !joined.has_secret() { Self::Secret } else { joined })
    }

    fn join_plain(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Unknown, other) => return Some(other.clone()),
            (_, Self::Unknown) => return Some(self.clone()),
            (Self::Dyn, _) | (_, Self::Dyn) => return Some(Self::Dyn),
            (Self::List(a), Self::List(b)) => return a.join(b).map(Self::list),
            (Self::Optional(a), b) | (b, Self::Optional(a)) => {
                return a.join(b.unwrapped()).map(Self::optional);
            }
            (Self::Map(k1, v1), Self::Map(k2, v2)) => return Some(Self::map(k1.join(k2)?, v1.join(v2)?)),
            (Self::Literals(a), Self::Literals(b)) => {
                let mut members = a.to_vec();
                members.extend(b.iter().filter(|member| !a.contains(member)).cloned());
                return Some(Self::Literals(members.into()));
            }
            _ => {}
        }
        if self.fits(other) {
            Some(other.clone())
        } else if other.fits(self) {
            Some(self.clone())
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Type;

    #[test]
    fn the_wider_of_two_types() {
        let list = |inner| Type::list(inner);
        assert_eq!(list(Type::Unknown).join(&list(Type::Int)), Some(list(Type::Int)));
        assert_eq!(Type::one_of(&["a"]).join(&Type::String), Some(Type::String));
        assert_eq!(Type::one_of(&["a"]).join(&Type::one_of(&["b"])), Some(Type::one_of(&["a", "b"])));
        assert_eq!(Type::Int.join(&Type::optional(Type::Int)), Some(Type::optional(Type::Int)));
        assert_eq!(Type::String.join(&Type::Secret), Some(Type::Secret));
        assert_eq!(Type::Int.join(&Type::Json), Some(Type::Json));
        assert_eq!(Type::Json.join(&Type::Secret), Some(Type::Secret));
        assert_eq!(Type::Int.join(&Type::String), None);
    }
}
