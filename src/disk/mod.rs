//! The files of a project on disk, as the compiler asks for them.
//!
//! *In*: a folder. *Out*: a [`World`](crate::source::World) that reads below it and nowhere else. *Never sees*: what a
//! file says.

mod folder;
mod reason;

pub use folder::Folder;
pub use reason::reason;
