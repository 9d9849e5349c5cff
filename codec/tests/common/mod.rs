//! Random lives of the machines, and the laws that hold in each: here those of a server, in [`client`] those of a client.
//!
//! An [`Op`] is made from four bytes, so that property tests and fuzz targets share it:
//!
//! ```text
//! bytes ──Op::from_bytes──▶ [Op] ──Play──▶ machine ──▶ outputs ──▶ Laws (checked after every step)
//! ```
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
