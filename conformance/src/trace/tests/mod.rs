//! The laws of the language: what is printed can be read again, what is read can be printed, and nothing panics.

mod arbitrary;
mod faults;
mod generalising;
mod laws;
mod matching;
mod numbers;
mod samples;

/// A header that every test can use.
const HEADER: &str = "title     A title\ncovers    EIO4-HB-01\nlevel     must\n";
