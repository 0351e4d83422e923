//! What a node's output is, from the catalogue's description and the node's fields.

use ecow::EcoString;

use super::program::{Argument, Config};
use super::typed::{ExprId, Exprs};
use crate::catalog::{Kind, Output, Part};
use crate::types::Type;

/// The parts of an output that stand outside the node's own fields.
#[derive(Debug, Clone)]
pub(super) enum Elsewhere {
    /// There are none.
    Nothing,
    /// The output of a callee or of a remote activity.
    Callee(Type),
    /// What an iteration gives, and the loop's state.
    Loop {
        /// The type of `collect`.
        collected: Option<Type>,
        /// The loop variable.
        item: Type,
        /// The state's record, where one is declared.
        state: Option<Type>,
        /// Failed iterations leave gaps; `None` where what says so is in error.
        gaps: Option<bool>,
        /// A field is unknown or did not parse: parts that seem to be missing may be there.
        is_doubtful: bool,
    },
    /// The errors that reach a handler, and the type of its cases' values.
    Handler {
        /// What `error` is.
        error: Type,
        /// What `value` is.
        value: Type,
    },
}

/// The type of a node's output.
pub(super) fn output(kind: &Kind, config: &Config, elsewhere: Elsewhere, exprs: &Exprs) -> Type {
    match (&kind.output, elsewhere) {
        (Output::None, _) => Type::record(Vec::<(EcoString, Type)>::new()),
        (Output::Is(ty), _) => ty.clone(),
        (Output::Record(parts), _) => record(parts, config, exprs),
        (Output::ByWord { field, records }, _) => {
            let word = config.word(field);
            let chosen = records.iter().find(|(of, _)| Some(of) == word);
            chosen.map_or(Type::Unknown, |(_, parts)| record(parts, config, exprs))
        }
        (Output::Callee, _) if config.is_open("detached") && config.span("detached").is_some() => {
            Type::Unknown
        }
        (Output::Callee, _) if config.flag("detached") => Type::record([("run_id", Type::String)]),
        (_, Elsewhere::Callee(ty)) => ty,
        (_, Elsewhere::Loop { collected, item, state, gaps, is_doubtful }) => {
            let perhaps = is_doubtful.then_some(Type::Unknown);
            repeated(collected.or_else(|| perhaps.clone()), item, state.or(perhaps), gaps)
        }
        (_, Elsewhere::Handler { error, value }) => {
            Type::record([("errors", Type::list(error.clone())), ("error", error), ("value", value)])
        }
        (Output::Callee | Output::Activity | Output::Loop | Output::Handler, Elsewhere::Nothing) => {
            Type::Unknown
        }
    }
}

fn record(parts: &[(EcoString, Part)], config: &Config, exprs: &Exprs) -> Type {
    Type::record(parts.iter().map(|(name, part)| (name.clone(), part_type(part, config, exprs))))
}

fn part_type(part: &Part, config: &Config, exprs: &Exprs) -> Type {
    let declared = |field: &str, otherwise: &Type| match config.get(field) {
        Some(Argument::Type(ty)) => ty.clone(),
        _ if config.is_open(field) => Type::Unknown,
        _ => otherwise.clone(),
    };
    match part {
        Part::Is(ty) => ty.clone(),
        Part::Declared(field, otherwise) => declared(field, otherwise),
        Part::ListOf(field, otherwise) => Type::list(declared(field, otherwise)),
        Part::OptionalOf(field, otherwise) => Type::optional(declared(field, otherwise)),
        Part::ValueOf(field) => config.expr(field).map_or(Type::Unknown, |expr| type_of(exprs, expr)),
    }
}

fn type_of(exprs: &Exprs, expr: ExprId) -> Type {
    exprs[expr].ty.clone()
}

fn repeated(collected: Option<Type>, item: Type, state: Option<Type>, gaps: Option<bool>) -> Type {
    let result = collected.map(|ty| match gaps {
        Some(true) => Type::optional(ty),
        Some(false) => ty,
        None => Type::Unknown,
    });
    let error = Type::record([("type", Type::String), ("message", Type::String)]);
    let failure = Type::record([("index", Type::Int), ("item", item), ("error", error)]);
    let fields = [
        result.map(|ty| ("results", Type::list(ty))),
        Some(("count", Type::Int)),
        (gaps != Some(false)).then(|| ("failures", Type::list(failure))),
        state.map(|ty| ("state", ty)),
    ];
    Type::record(fields.into_iter().flatten())
}
