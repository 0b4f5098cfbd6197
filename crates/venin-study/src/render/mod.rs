//! A study as files: a page for readers, JSON for programs, CSV and Parquet for tables, a few lines for a terminal.
//!
//! Everything is rendered to memory; nothing is written, and the same study gives the same bytes.

mod chart;
mod files;
mod html;
mod json;
mod parquet;
mod tables;
mod text;

pub use files::{render_each_file, render_files};
pub use html::render_study_html;
pub use json::render_study_json;
pub use parquet::{render_artifacts_parquet, render_behind_parquet, render_table_parquet};
pub use tables::{render_artifacts_csv, render_behind_csv, render_table_csv};
pub use text::render_study_text;
