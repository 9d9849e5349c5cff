//! Judges a session that was watched, and not taken part in.
//!
//! A [`Witness`] is told what passed between a client and a server, and says which requirements that fulfils, which
//! it violates, and by which side. It does no I/O and never waits: the times are those of the recording.
//!
//! ```text
//! Sighting ──▶ Witness ──▶ packets of Engine.IO ──▶ packets of Socket.IO
//!                │               │                        │
//!                ▼               ▼                        ▼
//!             polling    opening, heartbeat, upgrade   namespaces, acks
//!                └───────────────┴───── Book ─────────────┘──▶ Testimony
//!                                        │
//!                                     closing: who has to end the session, and goes on
//! ```
//!
//! A recording can begin late, end early, or lack bodies and WebSockets. So a requirement is violated only by what is
//! in the recording, or by what is missing from a part of it that is whole. Times in recordings are inexact, and those of
//! two connections cannot be compared to the millisecond; a judgement on times has a margin, which stands where it is made.

mod acks;
mod bodies;
mod book;
mod closing;
mod heartbeat;
mod namespaces;
mod opening;
mod order;
mod polling;
mod requests;
mod session;
mod speech;
mod upgrade;

#[cfg(test)]
mod tests;

pub use book::{Fulfilled, Testimony, Violation};
pub use session::{Witness, judge};
