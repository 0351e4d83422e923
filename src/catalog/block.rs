use ecow::EcoString;

use super::Field;
use crate::types::Type;

/// A block of fields: of a node's kind, of another declaration, or nested.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// In the order in which the docs show them.
    pub fields: Vec<Field>,
    /// Fields that exclude each other.
    pub groups: Vec<Group>,
    /// Names that stand in its values besides those of the place where it stands.
    pub gives: Vec<Given>,
}

/// A name that a block gives to its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// `link`: where a person answers an approval.
    Link,
}

impl Given {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
        }
    }

    /// What it is.
    #[must_use]
    pub fn ty(self) -> Type {
        match self {
            Self::Link => Type::String,
        }
    }
}

/// Fields of which one is chosen.
#[derive(Debug, Clone)]
pub struct Group {
    /// The ways to choose; the fields of one way go together.
    pub ways: Vec<Vec<EcoString>>,
    /// When one must be chosen.
    pub required: Choice,
}

/// When a field of a group must be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It may be none.
    Free,
    /// Always.
    Required,
    /// Where this field is written.
    RequiredWith(EcoString),
}

impl Group {
    /// All its fields.
    pub fn names(&self) -> impl Iterator<Item = &EcoString> {
        self.ways.iter().flatten()
    }

    /// Which way a field belongs to.
    #[must_use]
    pub fn way_of(&self, field: &str) -> Option<usize> {
        self.ways.iter().position(|way| way.iter().any(|name| name == field))
    }
}

impl Block {
    /// An empty block.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds several.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Exactly one of these is written. Names with a space between them go together.
    #[must_use]
    pub fn one_of(self, ways: &[&str]) -> Self {
        self.group(ways, Choice::Required)
    }

    /// At most one of these is written, and one where `field` is.
    #[must_use]
    pub fn one_of_with(self, field: &str, ways: &[&str]) -> Self {
        self.group(ways, Choice::RequiredWith(field.into()))
    }

    /// At most one of these is written.
    #[must_use]
    pub fn at_most_one_of(self, ways: &[&str]) -> Self {
        self.group(ways, Choice::Free)
    }

    /// Its values may read this.
    #[must_use]
    pub fn gives(mut self, given: Given) -> Self {
        self.gives.push(given);
        self
    }

    /// The field of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn group(mut self, ways: &[&str], required: Choice) -> Self {
        let ways = ways.iter().map(|way| way.split(' ').map(EcoString::from).collect()).collect();
        self.groups.push(Group { ways, required });
        self
    }
}
