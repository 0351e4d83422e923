//! Runs the tests of files: workflows in virtual time, with mocks in place of all that leaves them.
//!
//! *In*: tests and the plans that they run. *Out*: a [`Verdict`] for each: what isn't as it was expected, as findings,
//! and what happened, as a [`Timeline`].
//! *Never sees*: a clock, a network, terminals, the checker.

mod cast;
mod fault;
mod place;
mod reports;
mod stage;
mod timeline;
mod trial;
mod values;
mod witness;

pub use stage::Stage;
pub use timeline::{Row, Timeline};
pub use trial::Verdict;
