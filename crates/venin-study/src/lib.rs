//! The study as one command: what many scanned artifacts, and the claims about them, say together.
//!
//! - [`artifact`] is what a study keeps of one scan, [`cache`] remembers it, so that nothing is scanned twice;
//! - [`sample`] is an artifact with where it came from, [`history`] what others say and saw of releases;
//! - [`chapters`] count, each question of the paper a file, and give [`table`]s and [`chart`]s;
//! - [`sentence`]s cite cells of tables, and say which;
//! - [`portrait`] and [`mitigations`] are drawn from the tables, [`compare`] sets a study beside the paper or another one;
//! - [`tools`] reads and scores what other scanners said of the same files;
//! - [`report`] is the whole, [`render`] writes it for readers and programs.
//!
//! A number stands in a table first; text and pictures take it from there.  Measures that the paper blends are kept
//! apart.  The same input gives the same bytes: no clock is read here, nothing depends on the order of arrival.
//!
//! This crate scans nothing, starts nothing, and asks no server.

pub mod artifact;
pub mod cache;
pub mod chapters;
pub mod chart;
pub mod cluster;
pub mod compare;
pub mod history;
mod lookup;
pub mod mitigations;
mod number;
pub mod portrait;
pub mod render;
pub mod report;
pub mod sample;
pub mod sentence;
pub mod table;
pub mod tools;
