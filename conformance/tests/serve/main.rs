//! `siospec serve` in its own process, and clients that may misbehave.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod bounds;
mod cluster;
mod cors;
mod listening;
mod proxy;
mod raw;
mod record;
mod replay;
mod served;
mod shut_down;
mod upgrade;
