//! What a trace is played against.
//!
//! | module | what is tested | where |
//! |---|---|---|
//! | [`network`] | any server | behind a URL |
//! | [`memory`] | our own server's machines, with the contract application | in memory |
//! | [`client`] | our own client's machines, with the roles swapped | in memory |
//!
//! `tongue.rs` translates packets for servers with another parser.

pub mod client;
pub mod driver;
pub mod memory;
pub mod network;
pub mod noise;
mod tongue;
