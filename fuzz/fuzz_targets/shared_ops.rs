#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_support::fuzz::operations::shared(data));
