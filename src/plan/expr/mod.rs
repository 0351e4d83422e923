//! Compiled expressions: flat code in post-order, the form in which a plan holds every expression.
//!
//! *In*: operations from `lower`, or the JSON of a plan. *Out*: [`Code`], which is verified by construction, also when it
//! is loaded: an engine may rely on its indexes, its depth and its local variables.
//! *Never sees*: types, names that were not resolved, the text of a file.

mod code;
mod function;
mod variable;
mod verify;

pub use code::{
    Access, BinaryOperator, Code, Comprehension, Defect, Element, Entry, ExprId, Gather, Op, OptionalBody,
    OptionalMap,
};
pub use function::Function;
pub use variable::{Slot, Variable};
pub use verify::{CodeError, MAX_DEPTH};
