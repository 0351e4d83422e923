//! The kind `script_execution`: one program, held by the kernel as far as it can, its output decoded.
//!
//! *In*: a call. *Out*: `{ result, stdout, stderr, exit_code }`, or one of the kind's errors. *Never sees*: other
//! attempts. Nothing that a program started is left when its attempt is over, nor when this process is killed.

mod answer;
mod bounds;
mod cage;
mod census;
mod confinement;
mod executor;
mod filter;
mod guard;
mod launch;
mod lookup;
mod order;
mod pipes;
mod process;
mod program;
mod room;
mod runtime;
mod sandbox;
mod stop;
mod supervision;
mod tools;

pub use confinement::{Confinement, Shortcoming};
pub(super) use executor::ScriptExecution;
