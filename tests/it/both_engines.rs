//! The same workflow as a user runs it: by `citadel run` on the embedded engine, and on Temporal with a worker.

use std::fs::File;
use std::process::{Child, Command, Stdio};

use crate::command::{Ended, Folder};
#[cfg(feature = "temporal")]
use crate::temporal_server::Server;

/// The file that is run.
const FILE: &str = "w.citadel";

/// Where the logs of runs and workers are, in the folder.
const LOG: &str = "log.txt";

/// An engine with a folder of its own, and all that runs are given.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) folder: Folder,
    variables: Vec<(String, String)>,
    #[cfg(feature = "temporal")]
    temporal: Option<(Server, Child)>,
}

/// Does something on each engine. `test` names the folders; `prepare` puts more into one than the file.
pub(crate) fn on_each(
    test: &str,
    text: &str,
    variables: &[(&str, &str)],
    prepare: impl Fn(Folder) -> Folder,
    check: impl Fn(&Engine),
) {
    let folder = |name: &str| prepare(Folder::new(&format!("{test}-{name}")).with(FILE, text));
    check(&Engine::embedded(folder("embedded"), variables));
    #[cfg(feature = "temporal")]
    check(&Engine::temporal(test, folder("temporal"), variables));
}

impl Engine {
    fn embedded(folder: Folder, variables: &[(&str, &str)]) -> Self {
        Self {
            name: "embedded",
            folder,
            variables: owned(variables),
            #[cfg(feature = "temporal")]
            temporal: None,
        }
    }

    #[cfg(feature = "temporal")]
    fn temporal(test: &str, folder: Folder, variables: &[(&str, &str)]) -> Self {
        let server = Server::own(test);
        let mut variables = owned(variables);
        let own = [
            ("CITADEL_TEMPORAL_ADDRESS", server.address()),
            ("CITADEL_TEMPORAL_TASK_QUEUE", test.to_owned()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let worker = command(&folder, &variables)
            .args(["worker", FILE, "--allow-private-network", "--log", "json"])
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join(LOG)).expect("a log"))
            .spawn()
            .expect("citadel starts");
        Self { name: "temporal", folder, variables, temporal: Some((server, worker)) }
    }

    /// Runs a workflow to its end.
    pub(crate) fn run(&self, workflow: &str, arguments: &[&str]) -> Ended {
        ended(self.command().args(self.arguments(workflow)).args(arguments))
    }

    /// The same, beside the test.
    pub(crate) fn start(&self, workflow: &str, arguments: &[&str]) -> Child {
        let mut command = self.command();
        command.args(self.arguments(workflow)).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("citadel starts")
    }

    fn arguments<'a>(&self, workflow: &'a str) -> Vec<&'a str> {
        let engine = ["run", FILE, "--workflow", workflow, "--engine"];
        let place =
            if self.is_temporal() { &["temporal"][..] } else { &["embedded", "--allow-private-network"] };
        [&engine[..], place].concat()
    }

    /// Any other command.
    pub(crate) fn citadel(&self, arguments: &[&str]) -> Ended {
        ended(self.command().args(arguments))
    }

    /// What Temporal's own client says; none on the other engine.
    #[cfg(feature = "temporal")]
    pub(crate) fn temporal_client(&self, arguments: &[&str]) -> Option<Ended> {
        let (server, _) = self.temporal.as_ref()?;
        let program = crate::temporal_server::program();
        Some(ended(Command::new(program).args(arguments).args(["--address", &server.address()])))
    }

    pub(crate) fn is_temporal(&self) -> bool {
        self.name == "temporal"
    }

    fn command(&self) -> Command {
        command(&self.folder, &self.variables)
    }
}

#[cfg(feature = "temporal")]
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some((_, worker)) = &mut self.temporal {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn command(folder: &Folder, variables: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_citadel"));
    command.current_dir(folder.path()).envs(variables.iter().cloned()).stdin(Stdio::null());
    command
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
