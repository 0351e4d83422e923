//! Typed expressions: every name resolved, macros taken apart, coercions written out, so that lowering them is
//! mechanical.
//!
//! *In*: made by `check::expr`. *Out*: [`Exprs`], an arena; what was read of which node ([`NodeRead`]) and what has
//! to be proven ([`Proof`]), for the analysis of the flow. *Never sees*: how it was written, beyond spans.

mod arena;
mod expr;
mod fold;
mod read;
mod same;

pub use arena::Exprs;
pub use expr::{
    Access, Comprehension, Defect, Element, Entry, Expr, ExprId, ExprKind, Gather, OptionalBody, OptionalMap,
    Slot, Variable,
};
pub use read::{Assumption, AssumptionId, Marks, NodeBehind, NodeRead, Proof, ReadForm};
