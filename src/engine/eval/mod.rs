//! The evaluator of expressions, and what CEL's functions do.
//!
//! *In*: verified code. *Out*: values. *Never sees*: how the code came about.

mod access;
mod arithmetic;
mod budget;
mod comprehension;
mod construct;
mod error;
mod evaluator;
mod function;
mod operator;
mod patterns;
#[cfg(test)]
mod tests;

pub use budget::{Budget, Exhausted, MAX_OUTPUT, MAX_STEPS};
pub use error::{EvalError, Failure};
pub use evaluator::{Evaluator, Variables};
