//! Random lives of the machines, and the laws that hold in each: here those of a server, in [`client`] those of a client.
//!
//! An [`Op`] is made from four bytes, so that property tests and fuzz targets share it:
//!
//! ```text
//! bytes ──Op::life──▶ [Op] ──Play──▶ machine ──▶ outputs ──▶ Laws (checked after every step)
//! ```
//!
//! | law | statement |
//! |---|---|
//! | L1 answered once | every request is answered once, or was aborted; none is left when the session is over |
//! | L2 closed is quiet | the end is told once, and nothing follows but refusals of late requests |
//! | L3 total | no sequence of inputs, timeouts and verbs panics, or takes more memory than [`Limits`](sio_codec::Limits) says |
//! | L4 progress | after `handle_timeout(t)` the next deadline is later than `t`, or none |
//! | L5 spurious-safe | `handle_timeout` before the deadline changes nothing |
//! | L6 monotone | a clock that jumps back is a clock that stands still |
//! | L7 batching | inputs of one moment that the machine wants cause the same events, taken out in between or not |
//! | L8 round trip | what is written can be read, and is what was written |
//! | L9 route independence | a message arrives once and in order over polling, a WebSocket, and from one to the other |
//! | L10 mirror | what a client's session sends a server's receives, and the other way round |
//! | L11 nothing vanishes | what was accepted, from a peer or from the application, arrives in its order, or the session ends with the reason; what was not is refused to whom it concerns |
//! | L12 slow is not wrong | who sends faster than it reads is slowed down, and not cut off as long as it reads; memory stays as in L3 |
//!
//! L9 to L12 are shown by the worlds of `pair.rs` and `sio_pair.rs`, in which both sides and the network between them are
//! there; L11 here as well, by programs that take outputs out rarely or never.
//!
//! What an operation refers to follows from the operations before it, never from the machine's outputs: the same
//! operations are the same inputs, however the outputs are taken out. They name packets; the [`Dialect`](dialect::Dialect)
//! of the life writes them.

#![allow(dead_code, reason = "each test crate, and each fuzz target, uses a part of this")]

pub(crate) mod client;
pub(crate) mod dialect;
pub(crate) mod laws;
pub(crate) mod moves;
pub(crate) mod ops;
pub(crate) mod play;
pub(crate) mod player;
pub(crate) mod subject;
