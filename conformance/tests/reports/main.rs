//! Commands that work with reports of runs against the embedded server.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod baseline;
mod diff;
mod folder;
