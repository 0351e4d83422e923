use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use landlock::{ABI, LandlockStatus};

use super::bounds::Bounds;
use super::filter::Filter;
use super::launch::Launch;
use super::process::Process;
use super::room;
use super::sandbox::Sandbox;
use super::tools::Tools;
use rustix::process::Pid;

/// How well this machine holds scripts.
#[derive(Debug, Clone)]
pub struct Confinement {
    pub(super) tools: Option<Tools>,
    pub(super) is_caged: bool,
    abi: ABI,
    is_filtered: bool,
}

/// What this machine can't keep a script from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcoming {
    /// There is no shell, without which no script is started.
    NoShell,
    /// The kernel doesn't keep it from files.
    Files,
    /// The kernel doesn't keep it from the network.
    Network,
    /// It sees the numbers of all processes.
    Processes,
    /// It can send signals to other processes of its user.
    Signals,
}

impl Shortcoming {
    /// What would help.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoShell => "install a shell as `/bin/sh`",
            Self::Files => "use a kernel of version 5.13 or newer with landlock among its security modules",
            Self::Network => "use x86-64 or 64-bit ARM with a kernel that has seccomp filters",
            Self::Processes => {
                "install `unshare` and `nsenter` (util-linux), and allow user namespaces where the worker runs"
            }
            Self::Signals => "use a kernel of version 6.12 or newer, or allow user namespaces",
        }
    }
}

impl fmt::Display for Shortcoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoShell => "there is no shell, so that no script runs",
            Self::Files => "scripts can read and write what the worker's user can",
            Self::Network => "scripts reach the network whether or not they may",
            Self::Processes => "scripts see all processes, and what they started is found by its mark alone",
            Self::Signals => "scripts can send signals to other processes of the worker's user",
        })
    }
}

impl Confinement {
    /// That of this machine, found out once.
    pub fn here() -> &'static Self {
        static HERE: OnceLock<Confinement> = OnceLock::new();
        HERE.get_or_init(Self::probe)
    }

    /// What is missing.
    #[must_use]
    pub fn shortcomings(&self) -> Vec<Shortcoming> {
        let all = [
            (Shortcoming::NoShell, self.tools.is_none()),
            (Shortcoming::Files, self.abi < ABI::V1),
            (Shortcoming::Network, !self.is_filtered),
            (Shortcoming::Processes, !self.is_caged),
            (Shortcoming::Signals, !self.is_caged && self.abi < ABI::V6),
        ];
        all.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what).collect()
    }

    fn probe() -> Self {
        let (tools, abi) = (Tools::find(), abi());
        let is_filtered = is_filtered();
        let is_caged = tools.as_ref().is_some_and(is_caged);
        Self { tools, is_caged, abi, is_filtered }
    }

    /// The filter of calls; none where the machine has none.
    pub(super) fn filter(&self, network: bool) -> Option<Filter> {
        self.is_filtered.then(|| Filter::new(network)).flatten()
    }

    /// Whether a script can look into this process, where the worker's secrets are.
    pub(super) fn is_open(&self) -> bool {
        self.abi < ABI::V1 && !self.is_caged
    }
}

fn within_a_thread<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    std::thread::Builder::new().spawn(what).ok()?.join().ok()
}

fn abi() -> ABI {
    let sandbox = Sandbox { readable: Vec::new(), writable: "/".into(), network: false };
    match within_a_thread(move || sandbox.enter()) {
        Some(Ok(LandlockStatus::Available { effective_abi, .. })) => effective_abi,
        _ => ABI::Unsupported,
    }
}

fn is_filtered() -> bool {
    within_a_thread(|| Filter::new(false).is_some_and(|filter| filter.enter())).unwrap_or(false)
}

/// Whether something can be started in a cage, which is known by trying.
fn is_caged(tools: &Tools) -> bool {
    if tools.nsenter.is_none() {
        return false;
    }
    let readable = tools.all().cloned().collect();
    let launch = Launch {
        tools: tools.clone(),
        sandbox: Sandbox { readable, writable: std::env::temp_dir(), network: false },
        filter: Filter::new(false),
        is_caged: true,
        file: tools.sh.clone(),
        arguments: vec!["-c".into(), "exit 42".into()],
        environment: Vec::new(),
        folder: "/".into(),
    };
    let bounds = Bounds { memory: 1 << 30, cpu_time: Duration::from_secs(10), output: 0 };
    let Ok(mut launched) = launch.start(&bounds, u64::MAX >> 3) else { return false };
    if let Some(mut stdin) = launched.child.stdin.take() {
        // One that has ended can't hear it.
        let _ = std::io::Write::write_all(&mut stdin, b"go\n");
    }
    let process = i32::try_from(launched.child.id()).ok().and_then(Pid::from_raw).and_then(Process::open);
    let is_over = process.is_some_and(|process| process.ends_within(Duration::from_secs(10)));
    if !is_over {
        // It may end in this moment.
        let _ = launched.child.kill();
    }
    launched.child.wait().is_ok_and(|status| status.code() == Some(42))
}

/// What has to be done once before the first script: what others left is swept, and what is missing is said.
pub(super) fn prepare() -> &'static Confinement {
    static PREPARED: OnceLock<()> = OnceLock::new();
    let here = Confinement::here();
    PREPARED.get_or_init(|| {
        if let Some(tools) = &here.tools {
            room::sweep(tools);
        }
        if here.is_open() {
            // The last resort: nobody but the superuser can then look into this process.
            let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        }
        for shortcoming in here.shortcomings() {
            let remedy = shortcoming.remedy();
            tracing::warn!(target: "citadel", remedy, "{shortcoming}");
        }
    });
    here
}
