//! What a release says of itself, and which member runs at which trigger.
//!
//! Three readers, all pure:
//!
//! - [`read_package`] takes the member list of an artifact and the bytes of its [descriptive](is_descriptive)
//!   members, and gives a [`Package`]: kind, core metadata, dependencies, entry points, the [`ModuleMap`], the
//!   trigger [`Root`]s and [`Fact`](venin_model::Fact)s.  [`member_triggers`] follows imports from the roots.
//! - [`parse_command_line`] and [`read_operations`] read command lines of sh, cmd and PowerShell;
//!   [`read_script`] does so for script members, and [`read_program_source`] for sources in C, C++ and Rust.
//! - [`is_run_by_builds`] says which commands of a setup script run by themselves.
//! - [`read_native`] reads the headers of ELF, PE and Mach-O members.
//! - [`read_pickle`] reads what unpickling a member would call.
//! - [`is_known_format`] tells media, fonts, archives and tables from bytes that may be anything.
//! - [`payload_facts`] finds data behind the end of pictures, and files that are one encoded constant.
//!
//! This crate never executes, imports or evaluates anything, never touches a file, a clock or a network, never
//! fails as a whole and never decides whether something is malicious: it states facts, and rules judge them.
//! The kinds of facts are listed in the crate's `facts.md`.

mod appended;
mod declared;
mod entry_points;
mod filename;
mod importable;
mod ini;
mod known_format;
mod layout;
mod layout_facts;
mod metadata;
mod metadata_facts;
mod modules;
mod name_facts;
mod names;
mod native;
mod native_facts;
mod native_strings;
mod occupied_module;
mod package;
mod path;
mod pickle;
mod pth;
mod pyproject;
mod pyproject_build;
mod record;
mod requirement;
mod requirement_facts;
mod requirement_name_facts;
mod script;
mod setup_cfg;
mod setup_commands;
mod setup_script;
mod shadowed_command;
mod startup;
mod trigger;

pub use appended::payload_facts;
pub use entry_points::EntryPoint;
pub use filename::{DistributionName, FileForm, has_archive_suffix, parse_file_name, same_version};
pub use known_format::is_known_format;
pub use metadata::{CoreMetadata, parse_metadata};
pub use modules::ModuleMap;
pub use name_facts::internal_name_fact;
pub use names::{Confusion, Corpus, Likeness, compare_names, is_popular, popular_names};
pub use native::{NativeForm, NativeFormat, NativeReport, Section, read_native};
pub use package::{MemberEntry, MemberText, Package, PackageKind, is_descriptive, read_package};
pub use pickle::{PickleReading, parse_pickle, read_pickle};
pub use pth::{PthLine, parse_pth};
pub use requirement::{Requirement, Scope, normalize_name, parse_requirement};
pub use script::{
    Command, Dialect, Operation, Placement, ProgramPart, ProgramReading, Redirect, RedirectKind, RunBy,
    ScriptReading, Span, is_host_script, is_program_source, parse_command_line, parse_script,
    read_operations, read_program_source, read_script,
};
pub use setup_commands::{is_run_by_builds, renames_build_commands};
pub use trigger::{Root, member_triggers};
