//! Any line as a request to our own adapter: no panic. An answer is JSON with the id of the request, on one line. What was
//! decoded and can be encoded is decoded again, and then encoded as the same. The description of a packet of Engine.IO lacks
//! nothing: what is encoded of it is what the codec writes of the packet.

use serde_json::{Value, json};
use sio_codec::Frame;
use sio_codec::engineio::{Packet, Revision};
use siospec::adapter::answer;

/// The input is a line.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Ok(line) = core::str::from_utf8(data) else { return };
    let Ok(answered) = answer(line) else { return };
    assert!(!answered.contains('\n'), "{answered}");
    // Half a character, escaped, is JSON where nobody looks at it, and no value.
    let Ok(request) = serde_json::from_str::<Value>(line) else { return };
    let read = json(&answered);
    assert!(request["op"] == "hello" || read["id"] == request["id"], "{line} got {answered}");
    if request["op"] == "decode" && read["ok"] == true && read["pending"] == 0 {
        returns(&request["format"], &read["packets"]);
        lacks_nothing(&request["format"], &request["frames"], &read["packets"]);
    }
}

/// Encodes packets and decodes them again. Of payloads and streams all packets are one request, of others each is one.
fn returns(format: &Value, packets: &Value) {
    let all = packets.as_array().expect("a list");
    let requests: Vec<&[Value]> = match format.as_str() {
        Some("eio3-payload" | "eio4-payload" | "eio4-webtransport") => vec![all],
        _ => all.chunks(1).collect(),
    };
    for packets in requests {
        let written = encode(format, packets);
        if written["ok"] != true || packets.is_empty() {
            continue;
        }
        let frames = &written["frames"];
        let read = ask(&json!({"id": 2, "op": "decode", "format": format, "frames": frames, "max_payload": 1 << 20}));
        let again = encode(format, read["packets"].as_array().unwrap_or_else(|| panic!("{read} of {written}")));
        // By what is written: JSON has no infinite numbers, so they are null from then on.
        assert_eq!(&again["frames"], frames, "{read}");
    }
}

fn lacks_nothing(format: &Value, frames: &Value, packets: &Value) {
    let revision = match format.as_str() {
        Some("eio3-packet") => Revision::V3,
        Some("eio4-packet") => Revision::V4,
        _ => return,
    };
    // A request without frames has an answer without packets.
    let [Some(frames), Some(packets)] = [frames, packets].map(Value::as_array) else { return };
    for (frame, packet) in frames.iter().zip(packets) {
        let Some(text) = frame["text"].as_str() else { continue };
        let read = Packet::parse(revision, Frame::from(text.to_owned())).expect("the adapter read it");
        if let Frame::Text(written) = read.to_frame(revision) {
            let again = encode(format, std::slice::from_ref(packet));
            assert_eq!(again["frames"], json!([{"text": written.as_str()}]), "{packet}");
        }
    }
}

fn encode(format: &Value, packets: &[Value]) -> Value {
    ask(&json!({"id": 1, "op": "encode", "format": format, "packets": packets}))
}

fn ask(request: &Value) -> Value {
    json(&answer(&request.to_string()).expect("a request"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
