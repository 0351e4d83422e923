//! Which outputs may be read: the flow of one graph, a workflow or the body of a loop.
//!
//! *In*: [`Graph`], nodes and connections by index, reduced to what decides when a node runs and how it ends.
//! *Out*: [`Flow`], which answers whether an output or an error may be read and shows the way that breaks it, and
//! lists what can never happen. *Never sees*: names, spans, types, expressions; the caller puts the answers into
//! words.
//!
//! Most questions are answered by the form of the graph (`certain`). The others need two things: that the source is
//! decided before the reader starts (`decided`), and that the reader runs only in ways in which the source has
//! succeeded (`outcome`, over the decision diagrams of `bdd`).

mod bdd;
mod cancel;
mod certain;
mod dead;
mod decided;
mod early;
mod graph;
mod ground;
mod order;
mod outcome;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod random;
mod readable;
#[cfg(test)]
mod reference;
mod shape;
mod tree;
mod vantage;
mod way;

pub use dead::{Defect, NeverTaken};
pub use graph::{
    Class, ClassIx, Connection, ConnectionIx, Decision, ErrorType, Graph, Guard, Handling, Join, Node,
    NodeIx, Port, Ports, Role, Unrouted,
};
pub use order::Cycle;
pub use readable::{ErrorSource, Flow, Readability, Way};
pub use vantage::Reader;
pub use way::{End, Step};
