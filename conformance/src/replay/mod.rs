//! The engine that plays a trace; does no I/O itself.
//!
//! It plays the client's half and checks the server's. It emits [`Command`]s, receives [`Happening`]s, and is given the
//! time as a number. So the same engine judges a server behind a URL, and our own machines on a virtual clock. It uses
//! neither sockets nor a terminal.
//!
//! ```text
//!            ┌─ C step: play it ────────────────┐
//!            ▼                                  │
//!  ─────▶  Ready ── C wait ──▶ Waiting ─────────┤
//!            │ ▲                                │
//!            │ └── every S step was seen ─────┐ │
//!            ▼                                │ │
//!        Expecting: the S steps up to the next C step
//!            │ a difference, or a deadline
//!            ▼
//!          Done: an Outcome
//! ```
//!
//! The order of the lines defines the meaning: a C step is played when every S step above it was seen. Neighbouring S
//! steps of different channels are seen in any order, those of one channel in the written order.
//!
//! Heartbeats are answered, or sent in sessions of Engine.IO 3, and set aside unless the trace mentions them. A noop that comes with other packets is also
//! set aside.
//!
//! # Floors
//!
//! A file imports only files on the lines below it:
//!
//! ```text
//! engine
//! client     receive    expect
//! probe      posts      pings
//! body
//! judge      record
//! timing
//! stage
//! recording  compare
//! reading    wire
//! sessions
//! timer
//! outcome    aside      refusal
//! timeline   plays      pongs
//! framing    command
//! excerpt
//! ```

mod aside;
mod body;
mod client;
mod command;
mod compare;
mod engine;
mod excerpt;
mod expect;
mod framing;
mod judge;
mod outcome;
mod pings;
mod plays;
mod pongs;
mod posts;
mod probe;
mod reading;
mod receive;
mod record;
mod recording;
mod refusal;
mod sessions;
mod stage;
mod timeline;
mod timer;
mod timing;
mod wire;

#[cfg(test)]
mod tests;

pub use command::{Answer, Command, Happening, Id, Outgoing, Seen};
pub(crate) use compare::same_media_type;
pub(crate) use excerpt::{hex, is_invisible, plural, shorten, visible};
pub(crate) use framing::{Framing, Packet, Wrapping};
pub use outcome::{Conditions, Difference, Evidence, Offsets, Outcome, Rule, Unjoined, Verdict};
pub(crate) use plays::{Play, plays};
pub use recording::Recording;
pub use stage::Replay;
pub use timeline::{Entry, Mark, Timeline};
pub(crate) use timer::known_timers;
