#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| siospec_support::fuzz::witness::run(data));
