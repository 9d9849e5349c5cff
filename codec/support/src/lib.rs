//! Code that the tests, fuzz targets and benchmarks of `sio-codec` share.
//!
//! | module | contents | used by |
//! |---|---|---|
//! | [`lives`] | random lives of single machines, and the laws that hold in each | `*_laws.rs`, fuzz |
//! | [`eio_world`], [`sio_world`] | a client, a server and the network between them, on a virtual clock | `*_pair.rs`, fuzz |
//! | [`shared_world`] | a server, clients and WebSockets that tasks share, whose turns and time the test chooses | `shared_laws.rs`, fuzz |
//! | [`node_world`] | servers of a cluster, their clients and the bus between them | `cluster/`, fuzz |
//! | [`hub_model`], [`sessions_model`] | naive models to compare a hub with, and a table of sessions | `hub_model.rs`, `sessions_model.rs`, fuzz |
//! | [`fuzz`] | the fuzz targets: bodies, seeds, regressions | `fuzz_targets.rs`, fuzz |
//! | [`vectors`] | the recorded test vectors, and packets in their notation | `*_vectors.rs` |
//! | [`bus`] | what servers of a cluster said to each other | `cluster/` |
//! | [`streams`] | WebTransport streams that arrive in pieces | `eio_webtransport.rs`, fuzz |
//! | [`hostile`], [`loads`] | inputs and situations that try to cause too much work | `linear.rs`, benches |
//! | [`crowd`] | many idle sessions | `memory.rs`, benches |
//! | [`allocator`] | counts allocations | `*_allocations.rs`, `*memory.rs`, benches |
//! | [`cases`] | the number of random cases, and random bytes | `*_laws.rs`, `hub_model.rs` |
//!
//! Helpers panic like tests: a broken law or an unreadable file ends the test with a message.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these are parts of tests, which fail by panicking")]

pub mod allocator;
pub mod bus;
pub mod cases;
pub mod crowd;
pub mod eio_world;
pub mod fuzz;
pub mod hostile;
pub mod hub_model;
pub mod lives;
pub mod loads;
pub mod node_world;
pub mod sessions_model;
pub mod shared_world;
pub mod sio_world;
pub mod streams;
pub mod vectors;
