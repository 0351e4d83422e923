//! Names to declarations, over all files of a compilation.
//!
//! In: the syntax trees of all files, and which file each import leads to. Out: [`Resolved`]: declarations by
//! namespace, imports followed, what is used by nothing. Never sees: types, node kinds, values.

mod built_in;
mod cycle;
mod declaration;
mod error;
mod imports;
mod mention;
mod resolved;
mod uses;

pub use declaration::{Declaration, DeclarationId, Namespace};
pub use error::Error;
pub use resolved::{ImportTarget, Input, Resolved, resolve};
pub use uses::{Meant, Uses};
