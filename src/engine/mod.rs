//! Evaluates a plan's expressions: code and variables in, a value or a typed error out.
//!
//! *In*: [`Code`](crate::plan::expr::Code) and [`Variables`]. *Out*: a [`Value`](crate::value::Value), or an [`EvalError`] that
//! says whether the expression is wrong or went beyond its budget. The same on every machine and on every replay.
//! *Never sees*: a clock, a file, types, the text of an expression.

mod eval;

pub use eval::{Budget, EvalError, Evaluator, Exhausted, Failure, MAX_OUTPUT, MAX_STEPS, Variables};
