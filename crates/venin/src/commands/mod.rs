//! One file a command.

pub(crate) mod collect;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod lifecycle;
pub(crate) mod man;
pub(crate) mod mirror;
mod output;
mod page_outline;
mod report_writer;
mod rule_files;
pub(crate) mod rules;
pub(crate) mod scan;
mod servers;
pub(crate) mod store;
pub(crate) mod study;
pub(crate) mod vault;
pub(crate) mod watch;
