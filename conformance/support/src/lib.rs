//! The fuzz targets of `siospec`. Those of `sio-codec` are in `sio-support`.
//!
//! Helpers panic like tests: a broken law or an unreadable file ends the run with a message.

#![allow(clippy::panic, clippy::unwrap_used, reason = "these are parts of tests, which fail by panicking")]

pub mod fuzz;
