//! The number of an acknowledgement.

pub use super::packet::AckId;
