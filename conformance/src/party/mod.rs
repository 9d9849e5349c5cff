//! Whom a trace is played against.

pub mod client;
pub mod memory;
pub mod network;
pub mod noise;
