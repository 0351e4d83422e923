//! Static types: what they are, when one fits where another is wanted, how an author writes them.
//!
//! *In*: types as declared, and those that the checker infers. *Out*: [`Type`], cheap to clone.
//! *Never sees*: names that are not resolved, the text of a file, how a value came about.

mod cel;
mod fit;
mod join;
mod literal;
mod plain;
mod print;
mod record;
mod ty;

pub use cel::CelTypeError;
pub use literal::Literal;
pub use record::{Field, Record};
pub use ty::Type;
