//! Random lives of single machines, and the laws that hold in each.
//!
//! Operations are made from bytes, four for each, so that property tests and fuzz targets share them:
//!
//! ```text
//! bytes ──moves──▶ [Op] ──play──▶ machine ──▶ outputs ──▶ Laws (checked after every step)
//! ```
//!
//! | law | statement |
//! |---|---|
//! | L1 answered once | every request is answered once, or was aborted; none is left when the session is over |
//! | L2 closed is quiet | the end is reported once, and nothing follows but refusals of late requests |
//! | L3 total | no sequence of inputs, timeouts and verbs panics, or takes more memory than [`Limits`](sio_codec::Limits) says |
//! | L4 progress | after `handle_timeout(t)` the next deadline is later than `t`, or there is none |
//! | L5 early is harmless | `handle_timeout` before the deadline changes nothing |
//! | L6 monotone | a clock that jumps back is like a clock that stands still |
//! | L7 batching | inputs of one moment cause the same events, whether or not outputs are taken in between |
//! | L8 round trip | what is written can be read, and is what was written |
//! | L9 route independence | a message arrives once and in order over polling, a WebSocket, and from one to the other |
//! | L10 mirror | what a client's session sends, a server's receives, and vice versa |
//! | L11 nothing vanishes | what was accepted, from a peer or from the application, arrives in its order, or the session ends with the reason; what was not accepted is refused to the caller |
//! | L12 slow is allowed | a side that sends faster than it reads is slowed down, and not disconnected while it reads;
//! memory stays as in L3 |
//!
//! The worlds of [`eio_world`](crate::eio_world) and [`sio_world`](crate::sio_world) check L9 to L12, because they have
//! both sides and the network. L11 is also checked here, by programs that take outputs rarely, one by one, or never.
//!
//! The meaning of an operation depends on the operations before it, but not on the machine's outputs: the same
//! operations are the same inputs, no matter when the outputs are taken.

pub mod eio_client;
pub(crate) mod moves;
mod player;
pub mod server;
pub mod sio_client;
