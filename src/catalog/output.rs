use ecow::EcoString;

use crate::types::Type;

/// What a node's output is, as a function of its configuration.
#[derive(Debug, Clone)]
pub enum Output {
    /// It has none.
    None,
    /// Always this.
    Is(Type),
    /// A record of these.
    Record(Vec<(EcoString, Part)>),
    /// By the word of a field.
    ByWord {
        /// The field.
        field: EcoString,
        /// A record for each word.
        records: Vec<(EcoString, Vec<(EcoString, Part)>)>,
    },
    /// What the callee gives, or `{ run_id }` of a detached one.
    Callee,
    /// What the remote activity returns.
    Activity,
    /// `results`, `count`, `failures`, `state` of a loop.
    Loop,
    /// `errors`, `error`, `value` of an error handler.
    Handler,
}

/// What a field of an output is.
#[derive(Debug, Clone)]
pub enum Part {
    /// Always this.
    Is(Type),
    /// The type that a field declares, else the other.
    Declared(EcoString, Type),
    /// A list of it.
    ListOf(EcoString, Type),
    /// An optional of it.
    OptionalOf(EcoString, Type),
    /// The type of a field's value.
    ValueOf(EcoString),
}
