use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::lookup;
use super::order::{Language, Order, What};
use super::room::Room;
use super::runtime::{self, Runtime};
use crate::nodes::NodeError;

/// What is started.
#[derive(Debug)]
pub(super) struct Program {
    /// The executable.
    pub(super) file: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// What it must be able to read beside what all may read.
    pub(super) needs: Vec<PathBuf>,
}

impl Program {
    /// That of an order, whose script is put into a room. Paths count from a folder.
    ///
    /// # Errors
    /// `InterpreterMissing`, and `ScriptNotStarted` where the script can't be written.
    pub(super) fn of(order: &Order, folder: &Path, room: &Room) -> Result<Self, NodeError> {
        let mut program = match &order.what {
            What::Script { language, text, extension } => {
                let Runtime { file, needs } = runtime::of(*language)?;
                let script = room
                    .write(&format!("script.{extension}"), text)
                    .map_err(|error| not_started(format!("the script can't be written: {error}")))?;
                let needs = needs.into_iter().chain([script.clone()]).collect();
                Self { file, arguments: vec![script.into()], needs }
            }
            What::Command { program, arguments } => {
                let mut command = Self::command(program, folder)?;
                command.arguments = arguments.iter().map(OsString::from).collect();
                command
            }
        };
        program.arguments.extend(order.args.iter().map(OsString::from));
        Ok(program)
    }

    fn command(name: &str, folder: &Path) -> Result<Self, NodeError> {
        let known = Language::ALL.into_iter().find(|language| language.programs().contains(&name));
        if let Some(language) = known {
            let Runtime { file, needs } = runtime::of(language)?;
            return Ok(Self { file, arguments: Vec::new(), needs });
        }
        let file = match name.contains('/') {
            true => std::path::absolute(folder.join(name)).ok().filter(|file| lookup::is_program(file)),
            false => lookup::find(name),
        };
        let file = file.ok_or_else(|| missing(format!("there is no program `{name}` on this worker")))?;
        let needs = needed(&file);
        Ok(Self { file, arguments: Vec::new(), needs })
    }
}

/// A program's own file, and the interpreter that its first line names.
fn needed(file: &Path) -> Vec<PathBuf> {
    let mut needs = vec![file.to_owned()];
    let mut beginning = [0; 256];
    let read = std::fs::File::open(file).and_then(|mut file| std::io::Read::read(&mut file, &mut beginning));
    let beginning = beginning.get(..read.unwrap_or(0)).unwrap_or_default();
    let line = beginning.split(|byte| *byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok());
    let interpreter = line.and_then(|line| line.strip_prefix("#!")?.split_whitespace().next());
    needs.extend(interpreter.map(PathBuf::from));
    needs
}

/// The error of a program that isn't there.
pub(super) fn missing(message: String) -> NodeError {
    NodeError::new("InterpreterMissing", message).before_effect()
}

/// The error of a script that never began.
pub(super) fn not_started(message: String) -> NodeError {
    NodeError::new("ScriptNotStarted", message).before_effect()
}
