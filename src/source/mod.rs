//! Files, places in them, and the outside world as the compiler sees it.
//!
//! In: bytes, through [`World`]. Out: [`Source`]s in a [`Sources`] table, [`Span`]s that point into them.
//! Never sees: anything of the language.

mod line_index;
mod sources;
mod span;
mod world;

pub use line_index::{LineColumn, LineIndex};
pub use sources::{MAX_FILE_SIZE, Source, SourceError, Sources};
pub use span::{FileId, Span};
pub use world::{MemoryWorld, ReadError, World};
