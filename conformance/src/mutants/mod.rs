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
//!   says ──▶ the other servers of a cluster
//!   hears, counts ◀── the other servers, and how many Redis counts
//!   keeps ──▶ what Redis stores of clients
//! ```
//!
//! So a mutant is a row of a table: a name, the requirements that it breaks, a sentence, and one or two short functions.
//! `siospec serve --mutant NAME` runs one, and the memory party plays all of them in a test.
//!
//! A mutant breaks either what a server does alone, or what it does in a cluster. Its messages are read and written again, so
//! that it is the same with every adapter.

mod bus;
mod chapters;
mod clusters;
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

pub use bus::BusTap;
pub use lapses::Lapses;
pub use mutant::{Mutant, Settings};
pub use past::{Beginning, Past};
pub use request::Request;
pub use shared::Shared;
pub use tap::Tap;

/// Every mutant of a server that is alone, in the order of chapters.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    chapters::ALL.iter().copied().flatten()
}

/// Every mutant of a server in a cluster, in the same order.
pub fn of_clusters() -> impl Iterator<Item = &'static Mutant> {
    clusters::ALL.iter().copied().flatten()
}

/// The mutant of a name, of a server that is alone.
#[must_use]
pub fn named(name: &str) -> Option<&'static Mutant> {
    all().find(|mutant| mutant.name == name)
}

/// The mutant of a name, of a server in a cluster.
#[must_use]
pub fn named_of_clusters(name: &str) -> Option<&'static Mutant> {
    of_clusters().find(|mutant| mutant.name == name)
}
