//! `siospec serve`, a process of its own, and clients that need not behave.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod bounds;
mod cors;
mod listening;
mod raw;
mod served;
mod shut_down;
mod upgrade;
