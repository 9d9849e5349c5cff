//! Defects of our client, to test the cases for clients.
//!
//! A mutant is our client with one defect. Cases that all pass against it have a hole. The defects are invented from the
//! requirements, not from the cases.
//!
//! The client's machines have no defects. A mutant changes what reaches them and what leaves them, in a thin layer around
//! the client:
//!
//! ```text
//!   application ── call ──▶ client ── output, body, sent ──▶ network
//!   application ◀── told ── client ◀── input, answer, received ── network
//! ```
//!
//! So a mutant is a row of a table: a name, the requirements that it breaks, a sentence, and one or two short functions.
//! The example `drive` runs one on sockets with `--mutant NAME`, and a test plays all of them in memory.

mod chapters;
mod mutant;
mod past;
mod tap;

pub use mutant::{Mutant, Settings};
pub(super) use tap::Tap;

/// Every mutant, in the order of chapters.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    chapters::ALL.iter().copied().flatten()
}

/// The mutant of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Mutant> {
    all().find(|mutant| mutant.name == name)
}
