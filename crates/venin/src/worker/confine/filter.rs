//! The system calls that a worker may make; every other one fails with "operation not permitted".
//!
//! The list holds what computing, threads and talking over open descriptors need.  Nothing on it opens, creates,
//! connects, runs or signals anything, and memory never becomes executable.

use std::collections::BTreeMap;

use libc::{
    CLONE_THREAD, EPERM, PR_SET_NAME, PROT_EXEC, SYS_brk, SYS_clock_getres, SYS_clock_gettime,
    SYS_clock_nanosleep, SYS_clone, SYS_clone3, SYS_close, SYS_exit, SYS_exit_group, SYS_futex, SYS_getcpu,
    SYS_getpid, SYS_getrandom, SYS_getrusage, SYS_gettid, SYS_gettimeofday, SYS_madvise, SYS_mmap,
    SYS_mprotect, SYS_mremap, SYS_munmap, SYS_nanosleep, SYS_prctl, SYS_prlimit64, SYS_read, SYS_readv,
    SYS_restart_syscall, SYS_rseq, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sched_getaffinity, SYS_sched_yield, SYS_set_robust_list, SYS_sigaltstack, SYS_tgkill, SYS_write,
    SYS_writev,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// Calls that are harmless whatever their arguments.
const ALWAYS: &[i64] = &[
    SYS_brk,
    SYS_clock_getres,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    // Only the other filter lets it fail in the way that makes the C library use `clone` instead.
    SYS_clone3,
    SYS_close,
    SYS_exit,
    SYS_exit_group,
    SYS_futex,
    SYS_getcpu,
    SYS_getpid,
    SYS_getrandom,
    SYS_getrusage,
    SYS_gettid,
    SYS_gettimeofday,
    SYS_madvise,
    SYS_mremap,
    SYS_munmap,
    SYS_nanosleep,
    SYS_read,
    SYS_readv,
    SYS_restart_syscall,
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sched_getaffinity,
    SYS_sched_yield,
    SYS_set_robust_list,
    SYS_sigaltstack,
    SYS_write,
    SYS_writev,
];

/// Puts the filters in force for this thread and all that it starts.
pub(super) fn apply_filter() -> Result<(), String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)
        .map_err(|_| format!("no system call filter for {}", std::env::consts::ARCH))?;
    let programs =
        compile_filters(architecture).map_err(|error| format!("no system call filter: {error}"))?;
    for program in &programs {
        seccompiler::apply_filter(program)
            .map_err(|error| format!("the kernel takes no system call filter: {error}"))?;
    }
    Ok(())
}

fn compile_filters(architecture: TargetArch) -> Result<[BpfProgram; 2], BackendError> {
    // `clone3` hides its flags behind a pointer, so it must look as if the kernel had none.
    let without_clone3 = SeccompFilter::new(
        BTreeMap::from([(SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        architecture,
    )?;
    let allowed = SeccompFilter::new(
        allowed_calls()?,
        SeccompAction::Errno(EPERM.unsigned_abs()),
        SeccompAction::Allow,
        architecture,
    )?;
    Ok([without_clone3.try_into()?, allowed.try_into()?])
}

fn allowed_calls() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> = ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    let executable = u64::from(PROT_EXEC.unsigned_abs());
    let thread = u64::from(CLONE_THREAD.unsigned_abs());
    calls.insert(SYS_mmap, vec![when(2, SeccompCmpOp::MaskedEq(executable), 0)?]);
    calls.insert(SYS_mprotect, vec![when(2, SeccompCmpOp::MaskedEq(executable), 0)?]);
    calls.insert(SYS_clone, vec![when(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    calls.insert(SYS_prctl, vec![when(0, SeccompCmpOp::Eq, u64::from(PR_SET_NAME.unsigned_abs()))?]);
    calls.insert(SYS_tgkill, vec![when(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?]);
    calls.insert(SYS_prlimit64, vec![own_cpu_limit()?]);
    Ok(calls)
}

/// A rule with one condition on the low half of an argument.
fn when(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?])
}

/// `prlimit64(0, RLIMIT_CPU, ..)`: the limit is moved on for every artifact.
fn own_cpu_limit() -> Result<SeccompRule, BackendError> {
    let equal =
        |argument, value| SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    SeccompRule::new(vec![equal(0, 0)?, equal(1, u64::from(libc::RLIMIT_CPU))?])
}
