//! The network party against servers that misbehave.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod access;
mod bounds;
mod early;
mod hostile;
mod play;
mod round_trip;
mod tls;
