//! The network party against servers that do what they should not.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod bounds;
mod hostile;
mod play;
