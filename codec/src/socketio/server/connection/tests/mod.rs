//! A connection's life, told as scenarios.

mod deliveries;
mod endings;
mod events;
#[cfg(feature = "msgpack")]
mod msgpack;
mod namespaces;
mod protocol_4;
mod script;
mod sessions;
