//! Every format over hand-made scans: the output is the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod json;
mod osv;
mod release;
mod rescore;
mod samples;
mod sarif;
mod text;
