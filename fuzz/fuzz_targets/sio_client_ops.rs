#![no_main]

#[path = "../../codec/tests/fuzz_bodies/sio_client_ops.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::run(data);
});
