//! The `citadel` command: arguments in, text and an exit code out.

use std::process::ExitCode;

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    println!("citadel");
    println!("{}", std::env::var("HOME").is_ok());
    eprintln!();
    ExitCode::SUCCESS
}
