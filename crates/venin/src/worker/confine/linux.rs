//! The barriers of Linux.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use rustix::time::{ClockId, clock_gettime};

use super::filter::apply_filter;
use crate::worker::protocol::Barriers;

/// Address space of a worker in bytes: several of the largest inputs, the stack of the scanning thread, and what the
/// allocator reserves without using.
const MAX_ADDRESS_SPACE: u64 = 6 << 30;
/// Standard input, output and error are open; nothing else can be.
const MAX_FILES: u64 = 3;

/// Raises every barrier and says which are in force.
pub(in crate::worker) fn raise_barriers() -> Barriers {
    let mut barriers = Barriers::default();
    let mut note = |name: &str, result: Result<(), String>| match result {
        Ok(()) => barriers.raised.push(name.to_owned()),
        Err(reason) => barriers.missing.push(reason),
    };
    note("no-new-privileges", seal_process());
    note("landlock", restrict_files());
    note("limits", limit_resources());
    note("seccomp", apply_filter());
    barriers
}

/// Ends with the parent, cannot be traced, gains no privileges.
fn seal_process() -> Result<(), String> {
    let sealed = set_parent_process_death_signal(Some(Signal::KILL))
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
        .and_then(|()| rustix::thread::set_no_new_privs(true));
    sealed.map_err(|error| format!("privileges cannot be given up: {error}"))
}

/// No file, no TCP, no signals and no abstract sockets outside of the process, as far as the kernel knows them.
fn restrict_files() -> Result<(), String> {
    let restricted: Result<_, RulesetError> = (|| {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V5))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    })();
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Ok(()),
        Ok(RulesetStatus::NotEnforced) => Err("the kernel has no Landlock".to_owned()),
        Err(error) => Err(format!("Landlock cannot be used: {error}")),
    }
}

fn limit_resources() -> Result<(), String> {
    let limits = [(Resource::Core, 0), (Resource::Nofile, MAX_FILES), (Resource::As, MAX_ADDRESS_SPACE)];
    for (resource, limit) in limits {
        // A limit that somebody set lower stays.
        let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
        let limits = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, limits).map_err(|error| format!("{resource:?} cannot be limited: {error}"))?;
    }
    Ok(())
}

/// Allows so many further seconds of processor time; after that the kernel ends the process.
pub(in crate::worker) fn grant_cpu(seconds: u64) {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let maximum = getrlimit(Resource::Cpu).maximum;
    let wanted = u64::try_from(used).unwrap_or(0).saturating_add(seconds);
    let current = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    // A last resort: where it cannot be set, the parent's patience ends as well.
    let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(current), maximum });
}

/// Processor time of this process in milliseconds.
pub(in crate::worker) fn process_cpu_ms() -> Option<f64> {
    Some(milliseconds(ClockId::ProcessCPUTime))
}

/// Processor time of this thread in milliseconds.
pub(in crate::worker) fn thread_cpu_ms() -> Option<f64> {
    Some(milliseconds(ClockId::ThreadCPUTime))
}

#[allow(clippy::cast_precision_loss, reason = "processor times are far below 2^52 nanoseconds")]
fn milliseconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
