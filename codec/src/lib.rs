//! Engine.IO and Socket.IO without I/O.
//!
//! The crate turns bytes into events and wishes into bytes. It opens no socket, reads no clock, draws no random number and
//! knows no runtime, so it can be embedded in any: threads, tokio, a browser, a microcontroller, a test on a virtual clock.
//!
//! # The loop
//!
//! Every state machine here has the same four functions, the trait [`Machine`], and is driven in the same way:
//!
//! 1. wait until something happens: bytes arrive, a connection breaks, a deadline passes, the application wants something;
//! 2. tell the machine, once: [`handle`](Machine::handle), [`handle_timeout`](Machine::handle_timeout), or a verb;
//! 3. take everything out with [`poll_output`](Machine::poll_output) until there is nothing left;
//! 4. do what the outputs say, look at [`next_deadline`](Machine::next_deadline), and start again at 1.
//!
//! Three rules keep an embedding right. *Register before you feed*: put a request where its answer will be looked for
//! before telling the machine about it, because the answer may be the very next output. *Drain after every feed*.
//! *Someone must call `handle_timeout`* when the deadline passes.
//!
//! # The layers
//!
//! | layer | turns | into |
//! |---|---|---|
//! | [`engineio::server::Router`] | the head of a request | a refusal, a handshake, or a request of a session |
//! | [`engineio::Packet`], [`engineio::payload`] | frames, polling bodies | Engine.IO packets |
//! | [`engineio::server::ServerSession`] | requests and frames | messages, in order, over polling, WebSocket, or both |
//! | [`engineio::client::ClientSession`] | answers and frames | the same on the other side |
//! | [`socketio::Decoder`], [`socketio::Packet`] | messages | Socket.IO packets with their attachments |
//! | [`socketio::Connection`] | packets | namespaces, events and acknowledgements |
//! | [`socketio::Peer`] | requests and frames | the same, as one machine |
//!
//! Each can be used alone. The event of a layer is the input of the one above it, and what that one wants to transmit is a
//! verb of the one below.
//!
//! # Faults
//!
//! What a peer does is never an `Err`: it becomes an answer or a close frame, and an event that carries the reason. A
//! `Result` is for the caller's own mistakes. The tables of reasons are in [`engineio::server`] and [`socketio`], and
//! [`Limits`] says what one peer may cost.
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod engineio;
mod frame;
mod limits;
mod machine;
mod outputs;
pub mod socketio;
mod text;
mod time;
mod timers;
#[cfg(test)]
mod vectors;

pub use frame::{Frame, FrameRef};
pub use limits::Limits;
pub use machine::{Machine, Output};
pub use text::{InvalidUtf8, Text};
#[cfg(feature = "std")]
pub use time::Clock;
pub use time::Timestamp;
