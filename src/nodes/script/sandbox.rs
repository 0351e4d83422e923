use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};

/// The newest of the kernel's interfaces that is used; an older kernel does what it can.
const NEWEST: ABI = ABI::V6;

/// What all programs may read and execute.
const SYSTEM: [&str; 12] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/run/current-system/sw",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// What of `/etc` and `/proc` programs need and nobody minds: no keys, nothing of other processes.
const FACTS: [&str; 36] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/terminfo",
    "/etc/timezone",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
];

/// What all programs may write to.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// What a script can reach of this machine, as the kernel holds it (landlock(7)).
#[derive(Debug, Clone)]
pub(super) struct Sandbox {
    /// What it may read beside the system's programs.
    pub(super) readable: Vec<PathBuf>,
    /// The folder that is its own.
    pub(super) writable: PathBuf,
    /// Whether it may use the network.
    pub(super) network: bool,
}

impl Sandbox {
    /// Shuts this thread in, with all that it starts from now on. It stays so until it ends.
    pub(super) fn enter(&self) -> Result<LandlockStatus, RulesetError> {
        let ruleset = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?;
        let ruleset = match self.network {
            true => ruleset,
            false => ruleset.handle_access(AccessNet::from_all(NEWEST))?,
        };
        // Nobody outside can be signalled or spoken to.
        let ruleset = ruleset.scope(Scope::from_all(NEWEST))?.create()?;
        let read = AccessFs::from_read(NEWEST);
        let ruleset = allow(ruleset, SYSTEM, read)?;
        let ruleset = allow(ruleset, &self.readable, read)?;
        let ruleset = allow(ruleset, FACTS, AccessFs::ReadFile | AccessFs::ReadDir)?;
        let ruleset = allow(ruleset, DEVICES, AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate)?;
        let ruleset = allow(ruleset, [&self.writable], own())?;
        Ok(ruleset.restrict_self()?.landlock)
    }
}

/// What is allowed in a script's own folder: all but devices.
fn own() -> BitFlags<AccessFs> {
    AccessFs::from_all(NEWEST) & !(AccessFs::MakeBlock | AccessFs::MakeChar)
}

fn allow<P: AsRef<Path>>(
    ruleset: RulesetCreated,
    paths: impl IntoIterator<Item = P>,
    access: impl Into<BitFlags<AccessFs>>,
) -> Result<RulesetCreated, RulesetError> {
    // What isn't there needs no rule.
    ruleset.add_rules(path_beneath_rules(paths, access))
}
