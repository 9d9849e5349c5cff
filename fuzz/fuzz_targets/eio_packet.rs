#![no_main]

#[path = "../../codec/tests/fuzz_bodies/eio_packet.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
