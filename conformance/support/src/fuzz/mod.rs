//! The fuzz targets: bodies, and where their first inputs come from.
//!
//! As those of the codec, each has a body that takes any bytes and panics if a law is broken. `fuzz/fuzz_targets` runs it
//! under libFuzzer; `tests/fuzz_targets.rs` runs it over its seeds, its corpus, and the files in `fuzz/regressions`.

pub mod adapter_line;
pub mod capture;
pub mod config_file;
mod seeds;
pub mod server_requests;
pub mod session;
pub mod trace_file;
pub mod witness;

use sio_support::fuzz::Target;

/// All fuzz targets of this crate.
pub const OWN: [Target; 6] = [
    Target::of_wire("adapter_line", adapter_line::run, seeds::adapter_line),
    Target::of_wire("capture", capture::run, seeds::capture),
    Target::of_wire("config_file", config_file::run, seeds::config_file),
    Target::of_wire("server_requests", server_requests::run, seeds::server_requests),
    Target::of_wire("trace_file", trace_file::run, seeds::trace_file),
    Target::of_wire("witness", witness::run, seeds::witness),
];

/// All fuzz targets, those of the codec among them.
pub fn all() -> impl Iterator<Item = Target> {
    sio_support::fuzz::ALL.into_iter().chain(OWN)
}
