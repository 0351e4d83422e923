use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::oneshot;

use super::answer;
use super::confinement::{Confinement, prepare};
use super::guard::Guard;
use super::launch::Launch;
use super::lookup::path_with;
use super::order::Order;
use super::program::{Program, missing, not_started};
use super::room::Room;
use super::sandbox::Sandbox;
use super::stop::{Stop, StopWithMe};
use super::supervision::{End, Supervision};
use super::tools::Tools;
use crate::nodes::{Call, Context, Executor, Future, NodeError, Progress, crash};
use crate::value::Value;

/// How long a script that is no longer wanted may take until nothing is left of it: it has some time to end by itself,
/// and the kernel to end it.
const WIND_DOWN: Duration = Duration::from_secs(12);

/// The executor of the kind.
#[derive(Debug, Default)]
pub(in crate::nodes) struct ScriptExecution {
    /// What paths of programs count from; the working folder where it is empty.
    folder: PathBuf,
}

impl ScriptExecution {
    /// One for which paths of programs count from a folder.
    pub(in crate::nodes) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    async fn script(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let filled = Call { input: context.secrets().fill(&call.input)?, ..call.clone() };
        let order = Order::new(&filled)?;
        let unstarted = |error: std::io::Error| not_started(format!("the script can't be started: {error}"));
        let stop = Stop::new().map_err(unstarted)?;
        // Whatever becomes of this future, its thread ends the script and clears away what is left of it.
        let _stop_with_me = StopWithMe(stop.clone());
        let (send, ended) = oneshot::channel();
        let (folder, told, progress) = (self.folder.clone(), stop.clone(), call.progress.clone());
        let thread = std::thread::Builder::new().name("citadel-script".to_owned());
        let thread = thread.spawn(move || {
            let end = execute(order, &folder, &told, &progress);
            // Where nobody waits any more, nobody wants it.
            let _ = send.send(end);
        });
        thread.map_err(unstarted)?;
        tokio::pin!(ended);
        let end = tokio::select! {
            end = &mut ended => end,
            () = call.progress.stopped() => {
                stop.tell();
                ended.await
            }
        };
        let end = end.unwrap_or_else(|_| Err(NodeError::new("ScriptKilled", "its thread ended")))?;
        answer::read(call, context.scrubber(), end)
    }
}

impl Executor for ScriptExecution {
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a> {
        Box::pin(self.script(call, context))
    }

    fn wind_down(&self) -> Duration {
        WIND_DOWN
    }
}

/// Runs a script from its folder's making to its removal.
fn execute(order: Order, folder: &Path, stop: &Stop, progress: &Progress) -> Result<End, NodeError> {
    let here = prepare();
    let unstarted = |error: std::io::Error| not_started(format!("the script can't be started: {error}"));
    let Some(tools) = &here.tools else { return Err(missing("there is no shell on this worker".to_owned())) };
    let room = Room::open().map_err(|error| not_started(format!("there is no temporary folder: {error}")))?;
    // From here on something looks after the room, whatever becomes of this process.
    let guard = Guard::start(tools, &room.path, room.mark).map_err(|error| {
        // Nothing has been put into it but its own two.
        let _ = std::fs::remove_dir_all(&room.path);
        unstarted(error)
    })?;
    let program = Program::of(&order, folder, &room)?;
    let launch = launch(here, tools, &order, program, &room);
    let launched = launch.start(&order.bounds, room.mark).map_err(unstarted)?;
    let supervision = Supervision::begin(launched, &order.input, &order.bounds, &room, stop, progress);
    crash::point("script_begins");
    let end = supervision.map_err(unstarted)?.run();
    crash::point("script_ended");
    let end = end.map_err(|error| NodeError::new("ScriptKilled", format!("the script was lost: {error}")))?;
    if end.is_clean {
        guard.dismiss();
    }
    Ok(end)
}

fn launch(here: &Confinement, tools: &Tools, order: &Order, program: Program, room: &Room) -> Launch {
    let environment = environment(order, &program, room);
    let readable = tools.all().cloned().chain(program.needs).collect();
    Launch {
        tools: tools.clone(),
        sandbox: Sandbox { readable, writable: room.work(), network: order.network },
        filter: here.filter(order.network),
        is_caged: here.is_caged,
        file: program.file,
        arguments: program.arguments,
        environment,
        folder: room.work(),
    }
}

/// A script's environment: nothing of the worker's.
fn environment(order: &Order, program: &Program, room: &Room) -> Vec<(OsString, OsString)> {
    let own = [
        ("PATH", path_with(&program.file)),
        ("HOME", room.work().into()),
        ("TMPDIR", room.work().into()),
        ("LANG", "C.UTF-8".into()),
    ];
    let own = own.into_iter().map(|(name, value)| (OsString::from(name), value));
    own.chain(order.variables.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}
