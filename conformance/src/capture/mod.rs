//! What passes between a client and a server, read without taking part.
//!
//! A [`Relay`] carries bytes between the two, unchanged. What it carries is read a second time by a [`Tap`], which knows
//! HTTP and WebSockets. The [`Log`] puts together what belongs to one session, and [`draft`] writes it as a trace.
//!
//! ```text
//! client ◀──────▶ Relay ◀──────▶ server
//!                   │ bytes, with the time
//!                   ▼
//!                  Tap         one per connection
//!                   │ Sighting: a request, an answer, a message of a WebSocket
//!                   ▼
//!                  Log ──▶ Conversation, one per sid ──▶ draft ──▶ Trace
//! ```
//!
//! Recordings of other tools become sightings too: [`read`] tells their form. [`archive`] writes a session for such tools.
//!
//! # Floors
//!
//! A file imports only files on the lines below it:
//!
//! ```text
//! relay     form
//! refusal   pcap       draft      har     text    archive
//! tap       stream     polls
//! http      packets    log
//! frames
//! payloads  recording
//! sighting
//! ```

mod archive;
mod draft;
mod form;
mod frames;
mod har;
mod http;
mod log;
mod packets;
mod payloads;
mod pcap;
mod polls;
mod recording;
mod refusal;
mod relay;
mod sighting;
mod stream;
mod tap;
mod text;

pub use archive::archive;
pub use draft::{Labels, draft};
pub use form::{LARGEST, NotRead, read};
pub use har::{HarError, har};
pub use log::{Conversation, Log};
pub(crate) use log::{MOST, sid, size};
pub(crate) use payloads::{Payloads, query};
pub use pcap::{PcapError, Wire, is_pcap, pcap};
pub use recording::{Fact, Lack, Recording};
pub use relay::{Dial, Duplex, Relay, Told};
pub use sighting::{Body, Clock, Exchange, Joined, Sighting, Way, What};
pub use tap::Tap;
