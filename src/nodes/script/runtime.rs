use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::lookup;
use super::order::Language;
use super::process::Process;
use super::program::missing;
use crate::nodes::NodeError;

/// An interpreter.
#[derive(Debug, Clone)]
pub(super) struct Runtime {
    /// The executable itself, not what stands for it in `PATH`.
    pub(super) file: PathBuf,
    /// What it reads of its own: files and folders.
    pub(super) needs: Vec<PathBuf>,
}

/// How long an interpreter may take to tell where it is.
const ANSWER: Duration = Duration::from_secs(10);

/// The folders of an installation that its programs read.
const PARTS: [&str; 4] = ["bin", "lib", "lib64", "pyvenv.cfg"];

/// Those that were found. One that is missing is looked for again, as it may have been installed meanwhile.
static FOUND: LazyLock<Mutex<BTreeMap<Language, Runtime>>> = LazyLock::new(Mutex::default);

/// The interpreter of a language.
///
/// # Errors
/// `InterpreterMissing`, with what to install.
pub(super) fn of(language: Language) -> Result<Runtime, NodeError> {
    let mut found = FOUND.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(known) = found.get(&language).filter(|known| lookup::is_program(&known.file)) {
        return Ok(known.clone());
    }
    let runtime = language.programs().iter().find_map(|name| examined(language, &lookup::find(name)?));
    let runtime = runtime.ok_or_else(|| {
        let (name, remedy) = (language.programs()[0], language.remedy());
        missing(format!("there is no `{name}` on this worker: {remedy}"))
    })?;
    found.insert(language, runtime.clone());
    Ok(runtime)
}

/// What is found in `PATH` may be a stand-in that chooses among several versions: it is asked.
fn examined(language: Language, program: &Path) -> Option<Runtime> {
    let places = match language.question() {
        Some(question) => answer(program, question)?,
        None => vec![program.to_owned()],
    };
    let (file, homes) = places.split_first()?;
    let file = std::fs::canonicalize(file).ok().filter(|file| lookup::is_program(file))?;
    let own_home = file.parent().and_then(Path::parent).map(Path::to_owned);
    let homes = homes.iter().cloned().chain(own_home);
    let needs = homes.flat_map(|home| PARTS.map(|part| home.join(part))).chain([file.clone()]).collect();
    let file = places.first().cloned().unwrap_or(file);
    Some(Runtime { file, needs })
}

/// The lines that a program answers a question with. It is the operator's choice, so it may know this environment.
fn answer(program: &Path, question: [&str; 2]) -> Option<Vec<PathBuf>> {
    let mut command = Command::new(program);
    command.args(question).current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw).and_then(Process::open);
    if let Some(process) = process.filter(|process| !process.ends_within(ANSWER)) {
        process.signal(Signal::KILL);
    }
    let status = child.wait().ok()?;
    let mut text = String::new();
    // The answer fits a pipe.
    child.stdout.take()?.take(1 << 14).read_to_string(&mut text).ok()?;
    let lines: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
    (status.success() && lines.iter().all(|line| line.is_absolute())).then_some(lines)
}
