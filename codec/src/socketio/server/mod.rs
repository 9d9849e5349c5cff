//! The server's side: connections, and the hub that knows all their clients.

pub(super) mod connection;
pub mod hub;
