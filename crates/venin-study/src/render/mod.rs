//! A study as files: JSON for programs, CSV for tables.

mod tables;

pub use tables::{render_artifacts_csv, render_behind_csv, render_table_csv};
