//! The standard kinds of nodes, a file for each family.

mod agent;
mod call;
mod control;
mod database;
mod http;
mod notification;
mod repeat;
mod script;
mod standard;
mod wait;

pub use call::tool;
pub use standard::standard;
