//! `siospec run` against servers that are flaky, that crash, or that do not answer.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod crash;
mod ending;
mod flaky;
mod gate;
mod launched;
mod order;
mod output;
mod peers;
mod proxy;
mod repeat;
mod reports;
mod suite;
