//! The engine that interprets a trace, itself a machine that does no I/O.
//!
//! It plays the client's half and checks the server's. What has to be done comes out as [`Command`]s, what happened goes
//! in as [`Happening`]s, and time is a number, so the same engine judges a server behind a URL and our own machines on a
//! virtual clock. It knows no socket and no terminal.
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
//! Reading order is the whole semantics: a C step is played once every S step above it was seen; neighbouring S steps of
//! different channels are seen in any order, those of one channel in the order written.
//!
//! Heartbeats are set aside, and answered, unless the trace mentions them; a noop that comes along with other packets is
//! set aside likewise.
//!
//! # Floors
//!
//! A file imports what stands on the lines below it, and nothing else:
//!
//! ```text
//! engine
//! client     receive    expect
//! body       probe      posts
//! judge      record
//! timing
//! stage
//! recording  compare
//! reading    wire
//! sessions
//! timer
//! outcome    aside      refusal
//! timeline   plays      pongs
//! excerpt    command
//! ```

mod aside;
mod body;
mod client;
mod command;
mod compare;
mod engine;
mod excerpt;
mod expect;
mod judge;
mod outcome;
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
pub(crate) use excerpt::{hex, is_invisible, shorten, visible};
pub use outcome::{Conditions, Difference, Evidence, Outcome, Rule, Unjoined, Verdict};
pub(crate) use plays::{Play, plays};
pub use recording::Recording;
pub use stage::Replay;
pub use timeline::{Entry, Mark, Timeline};
pub(crate) use timer::known_timers;
