//! Shutting a worker in, before it reads anything.
//!
//! What the kernel offers is used, and what it does not offer is said: no new privileges, no file system and no TCP
//! (Landlock), no system calls but those that computing and talking over open pipes need (seccomp), no new files,
//! no dumps and bounded memory (resource limits).  Nothing here can be undone by the process itself.

#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub(super) use linux::{grant_cpu, process_cpu_ms, raise_barriers, thread_cpu_ms};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::worker::protocol::Barriers;

    /// Raises nothing and says so.
    pub(in crate::worker) fn raise_barriers() -> Barriers {
        let missing = vec!["this platform has no barriers that the scanner knows".to_owned()];
        Barriers { raised: vec!["process".to_owned()], missing }
    }

    /// Does nothing.
    pub(in crate::worker) fn grant_cpu(_seconds: u64) {}

    /// Not known.
    pub(in crate::worker) fn process_cpu_ms() -> Option<f64> {
        None
    }

    /// Not known.
    pub(in crate::worker) fn thread_cpu_ms() -> Option<f64> {
        None
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{grant_cpu, process_cpu_ms, raise_barriers, thread_cpu_ms};
