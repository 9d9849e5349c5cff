#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| siospec_support::fuzz::config_file::run(data));
