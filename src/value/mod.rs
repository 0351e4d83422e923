//! Run-time values, and the shapes that decide what may cross a border.
//!
//! *In*: JSON from outside, decoded once by [`Shapes::decode`]; the results of expressions.
//! *Out*: [`Value`], JSON again, and the texts that CEL prescribes for durations, timestamps and doubles.
//! *Never sees*: types of the checker, the text of a file, a clock. A time zone comes from the bundled database.

mod compare;
mod datum;
mod duration;
mod json;
mod key;
mod kind;
mod map;
mod number;
mod pattern;
mod plain;
mod print;
mod schema;
mod shape;
mod tagged;
mod template;
mod timestamp;

pub use compare::{Incomparable, Work, compare, equal};
pub use datum::{List, Value};
pub use duration::{Duration, DurationError};
pub use ecow::{EcoString, EcoVec, eco_format};
pub use json::{EncodeError, Unencodable};
pub use key::Key;
pub use kind::Kind;
pub use map::Map;
pub use number::{print_double, print_plain};
pub use pattern::{PatternError, compile_pattern};
pub use shape::{Field, KeyShape, Mismatch, Mismatches, Shape, ShapeError, ShapeId, Shapes};
pub use template::{Part, Template};
pub use timestamp::{Civil, Timestamp, TimestampError, Zone, ZoneError};
