//! The messages of a cluster, beside what servers of Node.js say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests say what they expect by panicking")]

mod classic;
mod dialects;
mod identity;
mod malformed;
mod node_lives;
mod robustness;
mod sharded;
mod streams;
