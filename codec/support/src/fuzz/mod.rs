//! The fuzz targets.
//!
//! Each has a body that takes any bytes and panics if a law is broken. `fuzz/fuzz_targets` runs it under libFuzzer;
//! `codec/tests/fuzz_targets.rs` runs it over its seeds, its corpus, and the files in `fuzz/regressions`.

pub mod cluster_message;
pub mod corpora;
pub mod eio_packet;
pub mod eio_payload;
pub mod msgpack;
pub mod operations;
pub mod regressions;
pub mod request_head;
mod seeds;
pub mod sio_args;
pub mod sio_packet;
pub mod webtransport;

/// One fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its file in `fuzz/fuzz_targets`, without `.rs`.
    pub name: &'static str,
    /// Its body.
    pub run: fn(&[u8]),
    /// The initial inputs.
    pub start: Start,
}

/// The initial inputs of a fuzz target.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// None: the bytes are operations.
    Nothing,
    /// Recorded vectors and inputs made by hand: the bytes are data from a peer.
    Seeds(fn() -> Vec<Vec<u8>>),
}

impl Target {
    /// A target that begins with data as a peer sends it.
    pub const fn of_wire(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Self {
        Self { name, run, start: Start::Seeds(seeds) }
    }

    /// A target whose bytes are operations.
    pub const fn of_operations(name: &'static str, run: fn(&[u8])) -> Self {
        Self { name, run, start: Start::Nothing }
    }

    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|target| target.name == name)
    }

    /// The initial inputs.
    #[must_use]
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        match self.start {
            Start::Nothing => Vec::new(),
            Start::Seeds(seeds) => seeds(),
        }
    }

    /// What fuzzing found worth keeping, and what broke a law once: each with its name.
    ///
    /// # Panics
    ///
    /// Panics if a file cannot be read.
    #[must_use]
    pub fn kept(&self) -> Vec<(String, Vec<u8>)> {
        let corpus = corpora::of(self.name).into_iter().enumerate();
        let corpus = corpus.map(|(number, input)| (format!("corpus-{number:04}"), input));
        corpus.chain(regressions::of(self.name)).collect()
    }
}

/// All fuzz targets.
pub const ALL: [Target; 16] = [
    Target::of_wire("eio_packet", eio_packet::run, seeds::eio_packet),
    Target::of_wire("eio_payload", eio_payload::run, seeds::eio_payload),
    Target::of_wire("webtransport", webtransport::run, seeds::webtransport),
    Target::of_wire("request_head", request_head::run, seeds::request_head),
    Target::of_wire("sio_packet", sio_packet::run, seeds::sio_packet),
    Target::of_wire("sio_args", sio_args::run, seeds::sio_args),
    Target::of_wire("msgpack", msgpack::run, seeds::msgpack),
    Target::of_wire("cluster_message", cluster_message::run, seeds::cluster_message),
    Target::of_operations("server_ops", operations::server),
    Target::of_operations("client_ops", operations::client),
    Target::of_operations("pair_ops", operations::pair),
    Target::of_operations("hub_ops", operations::hub),
    Target::of_operations("sio_client_ops", operations::sio_client),
    Target::of_operations("sessions_ops", operations::sessions),
    Target::of_operations("shared_ops", operations::shared),
    Target::of_operations("node_ops", operations::node),
];
