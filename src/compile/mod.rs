//! From files to findings and plans: the only place that knows the order of the stages.
//!
//! In: a [`World`](crate::source::World) and the files to begin with. Out: sorted findings and, where no error is
//! among them, plans. Never sees: terminals, the file system, engines.

mod check;
mod error;
mod eval;
mod load;
mod named;
mod plan;
mod project;
mod settle;

pub use check::{Compilation, check, check_text, check_with};
pub use error::Error;
pub use eval::{Expression, expression};
pub use load::{LoadError, Unreadable};
pub use plan::{PlanError, plan_text};
