//! Defects of the embedded server, to test the cases.
//!
//! A mutant is the embedded server with one defect. A suite that plays green against it has a hole. The defects are
//! invented from the requirements, not from the cases.
//!
//! The protocol machines have no defects. A mutant changes what reaches them and what they send, in a thin layer around
//! each session:
//!
//! ```text
//!   wire ── request ──▶ router
//!   wire ── input, body, received ──▶ session with its application
//!   wire ◀── output, answer, payload, framed, sent ── session with its application
//!   entered, leaving, reason, recovered ── the rooms of the application
//! ```
//!
//! So a mutant is a row of a table: a name, the requirements that it breaks, a sentence, and one or two short functions.
//! `siospec serve --mutant NAME` runs one, and the memory party plays all of them in a test.

mod chapters;
pub(crate) mod framing;
mod json;
mod lapses;
mod mutant;
mod past;
pub(crate) mod payload;
mod request;
mod shared;
pub(crate) mod socketio;
mod tap;

pub use lapses::Lapses;
pub use mutant::{Mutant, Settings};
pub use past::{Beginning, Past};
pub use request::Request;
pub use shared::Shared;
pub use tap::Tap;

/// Every mutant, in the order of chapters.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    chapters::ALL.iter().copied().flatten()
}

/// The mutant of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Mutant> {
    all().find(|mutant| mutant.name == name)
}
