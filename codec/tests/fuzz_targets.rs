//! The bodies of the fuzz targets, run over what fuzzing starts from: see `fuzz_bodies/seeds.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

#[path = "fuzz_bodies/eio_packet.rs"]
mod eio_packet;
#[path = "fuzz_bodies/eio_payload.rs"]
mod eio_payload;
#[cfg(feature = "msgpack")]
#[path = "fuzz_bodies/msgpack.rs"]
mod msgpack;
#[path = "fuzz_bodies/request_head.rs"]
mod request_head;
#[path = "fuzz_bodies/seeds.rs"]
mod seeds;
#[path = "fuzz_bodies/sio_args.rs"]
mod sio_args;
#[path = "fuzz_bodies/sio_packet.rs"]
mod sio_packet;
#[path = "fuzz_bodies/webtransport.rs"]
mod webtransport;

/// Runs a body over its seeds, as they are and with each byte spoiled in some ways.
fn over(seeds: &[Vec<u8>], run: impl Fn(&[u8])) {
    assert!(seeds.len() > 4);
    for seed in seeds {
        run(seed);
        for at in 0..seed.len().min(100) {
            let mut spoiled = seed.clone();
            for byte in [0xc1, 0x00, 0xff, b'9', seed[at] ^ 1] {
                spoiled[at] = byte;
                run(&spoiled);
            }
        }
    }
}

#[test]
fn engine_packets() {
    over(&seeds::eio_packet(), eio_packet::run);
}

#[test]
fn payloads() {
    let (long, short): (Vec<_>, Vec<_>) = seeds::eio_payload().into_iter().partition(|seed| seed.len() >= 1000);
    over(&short, eio_payload::run);
    for seed in long {
        eio_payload::run(&seed);
    }
}

#[test]
fn streams() {
    over(&seeds::webtransport(), webtransport::run);
}

#[test]
fn request_heads() {
    over(&seeds::request_head(), request_head::run);
}

#[test]
fn packets() {
    over(&seeds::sio_packet(), sio_packet::run);
}

#[test]
fn arguments() {
    over(&seeds::sio_args(), sio_args::run);
}

#[cfg(feature = "msgpack")]
#[test]
fn messages() {
    over(&seeds::msgpack(), msgpack::run);
}

/// Every target is seeded, but for those that take operations instead of bytes of the wire.
#[test]
fn all_targets() {
    let seeded = seeds::all().map(|(target, _)| target);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/fuzz_targets");
    for file in std::fs::read_dir(folder).expect("a folder") {
        let name = file.expect("a file").file_name().into_string().expect("text");
        let target = name.trim_end_matches(".rs");
        assert!(target.ends_with("_ops") || seeded.contains(&target), "{target} has no seeds");
    }
}
