//! Groups of artifacts that are alike: the paper's clusters of call sequences, and campaigns.
//!
//! - [`tokens`] is what an artifact's calls are as words, [`words`] makes vectors of them;
//! - [`spectral`] is the paper's method: pooled vectors, spectral clustering, k groups, whatever the data are like;
//! - [`nearness`] is how far two artifacts are apart, [`minhash`] finds the pairs worth comparing, and [`campaigns`] are
//!   the dense groups, as many as there are, with everything else left over as noise;
//! - [`quality`] says how good either is;
//! - [`place`] finds the campaign of one further artifact in a file of campaigns.
//!
//! Nothing here reads a clock or depends on the order of arrival; what is random has a fixed seed.

pub mod campaigns;
pub mod kmeans;
pub mod minhash;
pub mod nearness;
pub mod place;
pub mod quality;
pub mod spectral;
pub mod tokens;
pub mod words;

mod naming;
