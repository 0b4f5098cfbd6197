//! The user's own package index: which one it is.
//!
//! No host is compiled in.  The index is, in this order: the option, `VENIN_INDEX_URL`, uv's and pip's environment,
//! uv's and pip's configuration files, and what the installed pip names as its default, read from its source text.
//! What the index says and holds is read by `venin_intel::index`.
//!
//! This module never runs pip, uv or Python.

mod configured;
mod ini;
mod installed_pip;
mod pip_config;
mod settings;
mod uv_config;

pub(crate) use configured::{IndexOptions, find_index, find_way};
pub(crate) use settings::Surroundings;
pub(crate) use venin_intel::index::{
    FileChoice, FileSink, IndexClient, IndexFile, IndexSettings, Limits, Wanted, mask_credentials,
    parse_sha256, select_release,
};
#[cfg(test)]
pub(crate) use venin_testkit::{Answer, TestServer};
