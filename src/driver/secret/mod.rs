//! Where the values of secrets come from: variables, files, what commands print, files encrypted with age.
//!
//! *In*: the secrets of a workflow, by reference. *Out*: their values, or why one can't be had, which never holds what
//! was read. *Never sees*: what they are used for.

mod command;
mod file;
mod kept;
mod sealed;
#[cfg(feature = "temporal")]
mod supplies;
mod supply;

pub(super) use file::read as read_file;
pub use kept::Kept;
pub(super) use sealed::open as open_sealed;
#[cfg(feature = "temporal")]
pub(super) use supplies::Supplies;
pub(super) use supply::Supply;
