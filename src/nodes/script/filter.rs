use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

/// The calls that a script must not make, as the kernel holds it (seccomp(2)).
#[derive(Debug, Clone)]
pub(super) struct Filter(Vec<BpfProgram>);

/// The calls of the other interface that some kernels of this architecture have have the same numbers and this bit.
#[cfg(target_arch = "x86_64")]
const OTHER_INTERFACE: Option<i64> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const OTHER_INTERFACE: Option<i64> = None;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

impl Filter {
    /// With the network or without; none on an architecture that this isn't known for.
    pub(super) fn new(network: bool) -> Option<Self> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let compiled = |rules: Rules, errno: i32| {
            let refuse = SeccompAction::Errno(errno.unsigned_abs());
            let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).ok()?;
            BpfProgram::try_from(filter).ok()
        };
        Some(Self(vec![
            compiled(refused(network)?, libc::EACCES)?,
            // As on a kernel that doesn't have them: programs then do without.
            compiled(
                always(&[libc::SYS_io_uring_setup, libc::SYS_memfd_create, libc::SYS_clone3]),
                libc::ENOSYS,
            )?,
        ]))
    }

    /// Holds this thread, with all that it starts from now on.
    pub(super) fn enter(&self) -> bool {
        self.0.iter().all(|program| apply_filter(program).is_ok())
    }
}

fn refused(network: bool) -> Option<Rules> {
    let mut rules = always(&[
        // Reaches into other processes.
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        // Memory that no process has, and that stays.
        libc::SYS_shmget,
        // Keys that the worker's session holds.
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        // The kernel's own.
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_sethostname,
        // Other views of the machine.
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
    ]);
    insert(&mut rules, libc::SYS_clone, vec![namespaces()?]);
    // The mark that its processes are known by.
    insert(&mut rules, libc::SYS_setrlimit, vec![rule(0, Is::Eq, RLIMIT_LOCKS)?]);
    insert(&mut rules, libc::SYS_prlimit64, vec![rule(1, Is::Eq, RLIMIT_LOCKS)?]);
    insert(&mut rules, libc::SYS_socket, sockets(network)?);
    Some(rules)
}

const RLIMIT_LOCKS: u64 = 10;

/// Which sockets are refused: those of the network where it is off, and always those by which programs of this machine
/// speak to its services. Pairs of them, which only lead to oneself, are another call.
fn sockets(network: bool) -> Option<Vec<SeccompRule>> {
    let allowed = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let families = match network {
        true => allowed.as_slice(),
        false => &[],
    };
    let conditions: Option<Vec<SeccompCondition>> =
        families.iter().map(|family| condition(0, Is::Ne, u64::from(family.unsigned_abs()))).collect();
    match conditions? {
        // No rule at all is every call.
        none if none.is_empty() => Some(Vec::new()),
        conditions => Some(vec![SeccompRule::new(conditions).ok()?]),
    }
}

/// A new process with rights of its own over a view of the machine of its own. Other views need rights already.
fn namespaces() -> Option<SeccompRule> {
    let wanted = u64::from(libc::CLONE_NEWUSER.unsigned_abs());
    rule(0, Is::MaskedEq(wanted), wanted)
}

fn rule(argument: u8, is: Is, value: u64) -> Option<SeccompRule> {
    SeccompRule::new(vec![condition(argument, is, value)?]).ok()
}

fn condition(argument: u8, is: Is, value: u64) -> Option<SeccompCondition> {
    SeccompCondition::new(argument, Width::Dword, is, value).ok()
}

fn always(calls: &[i64]) -> Rules {
    let mut rules = Rules::new();
    calls.iter().for_each(|call| insert(&mut rules, *call, Vec::new()));
    rules
}

fn insert(rules: &mut Rules, call: i64, conditions: Vec<SeccompRule>) {
    if let Some(bit) = OTHER_INTERFACE {
        rules.insert(call | bit, conditions.clone());
    }
    rules.insert(call, conditions);
}
