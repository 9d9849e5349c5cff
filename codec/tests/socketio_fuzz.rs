//! The bodies of the fuzz targets, run over the recorded vectors, seeds by hand, and what fuzzing found.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

#[cfg(feature = "msgpack")]
#[path = "fuzz_bodies/msgpack.rs"]
mod msgpack;
#[path = "fuzz_bodies/sio_args.rs"]
mod sio_args;
#[path = "fuzz_bodies/sio_packet.rs"]
mod sio_packet;
mod support;

use sio_codec::Frame;
use support::{frame, list, load};

#[test]
fn packets() {
    for name in ["sio5_packet_decode", "sio4_packet_decode"] {
        for vector in load(name) {
            let messages = list(&vector, "frames").iter().enumerate().map(|(index, message)| match frame(message) {
                Frame::Text(text) if index == 0 => text.as_bytes().to_vec(),
                Frame::Text(text) => [&[0xfe], text.as_bytes()].concat(),
                Frame::Binary(bytes) if index == 0 => [&[0xff], &bytes[..]].concat(),
                Frame::Binary(bytes) => bytes.to_vec(),
            });
            sio_packet::run(&messages.collect::<Vec<_>>().join(&0xff));
        }
    }
    let seeds: [&[u8]; 9] = [
        b"53-[\"e\",{\"_placeholder\":true,\"num\":2},{\"num\":0,\"_placeholder\":true,\"x\":[]}]\xff1\xff2\xff3",
        b"52-[\"e\",{\"_placeholder\":true,\"num\":9}]\xffa\xffb",
        b"51-\xff",
        b"2[\"a\"]\xff\xfe2[\"\\u0063onnect\"]",
        b"2[\"\\ud800\",1e999,-0]",
        b"2[\"a\",1e999,-0,\"\\ud800\"]",
        b"2[1e2,{\"a\":1,\"a\":2}]",
        b"2[\"a\", ]",
        b"3/a,7[[[[[[{}]]]]]]",
    ];
    for seed in seeds {
        sio_packet::run(seed);
    }
}

#[test]
fn arguments() {
    for vector in load("sio5_packet_decode") {
        let Frame::Text(text) = frame(&list(&vector, "frames")[0]) else { continue };
        let Some(start) = text.as_bytes().iter().position(|byte| b"[{".contains(byte)) else { continue };
        for count in 0..3 {
            sio_args::run(&[&[count], &text.as_bytes()[start..]].concat());
        }
    }
    let deep = [&[0][..], &b"[".repeat(200)].concat();
    let seeds: [&[u8]; 8] = [
        b"\x02[{\"x\":{\"_placeholder\":true},\"_placeholder\":true,\"num\":1}]",
        b"\x01[{\"_placeholder\":true,\"num\":0e0},{\"_placeholder\":true,\"num\":0}]",
        b"\x00[\"\\ud83d\\ude00\\ud83d\",1e400,-0.0e-0,123456789012345678901234567890]",
        b"\x00[{\"\\u0061\":1,\"a\":2,\"b\":[]}]",
        b"\x00 [ ] ",
        b"\x00[1.7976931348623157e308,5e-324,0.1e1]",
        b"\x03[]",
        &deep,
    ];
    for seed in seeds {
        sio_args::run(seed);
    }
}

#[cfg(feature = "msgpack")]
#[test]
fn messages() {
    for (name, key) in [("sio5_msgpack_decode", "input"), ("sio5_msgpack_encode", "output")] {
        for vector in load(name) {
            let Frame::Binary(bytes) = frame(vector.get(key).unwrap()) else { panic!("text") };
            msgpack::run(&bytes);
            for at in 0..bytes.len() {
                for spoiled in [0xc1, 0x00, 0xff, bytes[at] ^ 1] {
                    let mut bytes = bytes.to_vec();
                    bytes[at] = spoiled;
                    msgpack::run(&bytes);
                }
            }
        }
    }
}
