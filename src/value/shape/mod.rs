//! The shapes of borders, which travel in the plan: what JSON is taken there and what value it becomes.

mod decode;
mod default;
mod table;

pub use decode::{Mismatch, Mismatches};
pub use table::{Field, KeyShape, Shape, ShapeError, ShapeId, Shapes};
