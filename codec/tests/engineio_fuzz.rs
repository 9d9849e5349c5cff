//! The bodies of the fuzz targets, run over the recorded vectors, seeds by hand, and what fuzzing found.

#[path = "fuzz_bodies/eio_packet.rs"]
mod eio_packet;
#[path = "fuzz_bodies/eio_payload.rs"]
mod eio_payload;
#[path = "fuzz_bodies/request_head.rs"]
mod request_head;
#[path = "fuzz_bodies/webtransport.rs"]
mod webtransport;

use serde_json::Value;

#[test]
fn packets() {
    over(&["eio4_packet_decode", "eio3_packet_decode"], eio_packet::run);
    for seed in [b"b4".as_slice(), b"b44", b"\x04", b"4\xf0\x9f\x98\x80", b"bAQIDBB", b"b====", b"2probe\0"] {
        eio_packet::run(seed);
    }
}

#[test]
fn payloads() {
    over(&["eio4_payload_decode", "eio3_payload_decode"], eio_payload::run);
    let seeds: [&[u8]; 9] = [
        &b"1:3".repeat(1000),
        &b"0:".repeat(1000),
        &b"2\x1e".repeat(1000),
        &b"\x00\x01\xff3".repeat(1000),
        &b"9".repeat(1000),
        &[0; 1000],
        "3:4😀4:4😀€2:4€".as_bytes(),
        b"4\\\\n\\\\\\n\n\\\r",
        "4\u{2028}\u{2029}".as_bytes(),
    ];
    for seed in seeds {
        eio_payload::run(seed);
    }
}

#[test]
fn streams() {
    over(&["eio4_webtransport_decode"], |stream| webtransport::run(&[&[2], stream].concat()));
    for seed in
        [b"\x00\xff\x00\x1f\xff\xff\xff\xff\xff\xff".as_slice(), b"\x02\x7e\x01\x2c4", b"\x09\x7f\0\0\0\0\0\0\0\x012"]
    {
        webtransport::run(seed);
    }
}

#[test]
fn request_heads() {
    let seeds = [
        "GET\nEIO=4&transport=polling",
        "POST\nEIO=4&transport=polling&sid=a\napplication/octet-stream\nhttp://a",
        "GET\nEIO=4&transport=websocket&sid=%00\n\n\x01\n",
        "GET\nEIO=3&EIO=4&transport=__proto__&sid=a&&=&%&%zz&+=%F0%9F",
        "\n",
    ];
    for seed in seeds {
        request_head::run(seed.as_bytes());
    }
}

/// Runs a body over the input of every vector.
fn over(suites: &[&str], run: impl Fn(&[u8])) {
    for suite in suites {
        let path = format!("{}/../fixtures/vectors/{suite}.json", env!("CARGO_MANIFEST_DIR"));
        let suite: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        for vector in suite["vectors"].as_array().expect("a list") {
            let chunks = vector["chunks"].as_array().map_or_else(Vec::new, |chunks| chunks.iter().collect());
            let inputs = if chunks.is_empty() { vec![&vector["input"]] } else { chunks };
            run(&inputs.into_iter().flat_map(bytes).collect::<Vec<_>>());
        }
    }
}

fn bytes(input: &Value) -> Vec<u8> {
    let Some(hex) = input["hex"].as_str() else { return input["text"].as_str().expect("text").into() };
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(byte).collect()
}
