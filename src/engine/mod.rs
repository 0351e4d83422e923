//! Runs plans, as pure functions: expressions are evaluated here, and the machine decides what a run does next.
//!
//! *In*: a [`Plan`](crate::plan::Plan), and the events of a run with their times. *Out*: commands for whoever performs
//! them, and the run's outcome; of an expression its value, or why it has none. The same on every machine and on every
//! replay.
//! *Never sees*: a clock, a file, types, the text of an expression, what a kind of node does.

pub mod breaker;
mod constants;
mod eval;
pub mod limit;
pub mod machine;
pub mod retry;

pub use constants::Constants;
pub use eval::{Budget, EvalError, Evaluator, Exhausted, Failure, MAX_OUTPUT, MAX_STEPS, Variables};
