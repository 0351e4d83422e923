use ecow::EcoString;

use crate::ast::Name;
use crate::check::program::NodeIx;
use crate::check::typed::Variable;
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::Type;

/// What an expression may name where it stands. Variables of macros are not asked for: they come first.
pub trait Scope {
    /// What a name stands for.
    fn lookup(&mut self, name: &str, span: Span) -> Lookup;

    /// All names that [`Self::lookup`] finds, for suggestions.
    fn names(&self) -> Vec<EcoString>;

    /// The declared type that `Order { … }` builds.
    ///
    /// # Errors
    /// What is to be reported where there is none.
    fn record_type(&mut self, path: &[Name]) -> Result<Type, Box<Finding>>;
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// A value.
    Value(Variable, Type),
    /// A node, whose output may be there or not.
    Node {
        /// Which.
        index: NodeIx,
        /// What its output is, a record.
        output: Type,
        /// What `s.error` is, a record.
        error: Type,
    },
    /// There is such a name, but it can't be used here, and this says why.
    Refused(Box<Finding>),
    /// It has been reported already, or what it names is in error.
    Silent,
    /// There is no such name.
    Unknown,
}
