//! The initial inputs of the fuzz targets: the recorded vectors, and inputs made by hand.

use serde_json::Value;
use sio_codec::cluster::streams::Entry;

use super::cluster_message::{PLACES, Place, line};
use crate::bus;
use crate::vectors::json::{bytes, load};

pub(super) fn eio_packet() -> Vec<Vec<u8>> {
    let by_hand: [&[u8]; 7] = [b"b4", b"b44", b"\x04", b"4\xf0\x9f\x98\x80", b"bAQIDBB", b"b====", b"2probe\0"];
    let vectors = ["eio4_packet_decode", "eio3_packet_decode"].map(|suite| vectors(suite, "input"));
    joined([vectors.concat(), vectors_of_output("eio4_packet_encode"), owned(&by_hand)])
}

pub(super) fn eio_payload() -> Vec<Vec<u8>> {
    let by_hand: [&[u8]; 9] = [
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
    let decode = ["eio4_payload_decode", "eio3_payload_decode"].map(|suite| vectors(suite, "input"));
    let encode = ["eio4_payload_encode", "eio3_payload_encode"].map(vectors_of_output);
    let posts = ["eio4_post_scenarios", "eio3_post_scenarios"].map(|suite| vectors(suite, "post_body"));
    joined([decode.concat(), encode.concat(), posts.concat(), owned(&by_hand)])
}

/// The length of the pieces, and the stream.
pub(super) fn webtransport() -> Vec<Vec<u8>> {
    let streams =
        joined([vectors("eio4_webtransport_decode", "chunks"), vectors_of_output("eio4_webtransport_encode")]);
    let by_hand: [&[u8]; 3] =
        [b"\x00\xff\x00\x1f\xff\xff\xff\xff\xff\xff", b"\x02\x7e\x01\x2c4", b"\x09\x7f\0\0\0\0\0\0\0\x012"];
    joined([streams.iter().map(|stream| [&[2], &stream[..]].concat()).collect(), owned(&by_hand)])
}

/// Lines: method, query, content type, origin, and whether a WebSocket is requested.
pub(super) fn request_head() -> Vec<Vec<u8>> {
    let exchanges = load("eio4_http_exchanges").into_iter().filter_map(|vector| {
        let query = vector["path"].as_str()?.split_once('?')?.1;
        let origin = vector["headers"]["Origin"].as_str().unwrap_or_default();
        let method = vector["method"].as_str()?;
        Some(format!("{method}\n{query}\n\n{origin}").into_bytes())
    });
    let by_hand = [
        "GET\nEIO=4&transport=polling",
        "POST\nEIO=4&transport=polling&sid=a\napplication/octet-stream\nhttp://a",
        "GET\nEIO=4&transport=websocket&sid=%00\n\n\x01\n",
        "GET\nEIO=3&EIO=4&transport=__proto__&sid=a&&=&%&%zz&+=%F0%9F",
        "\n",
    ];
    joined([exchanges.collect(), by_hand.map(|head| head.into()).to_vec()])
}

/// Messages separated by 0xff. Each text after the first starts with 0xfe. If the first message is binary it is empty.
pub(super) fn sio_packet() -> Vec<Vec<u8>> {
    let messages = |frames: &Value| {
        let frames = frames.as_array().expect("a list").iter().enumerate();
        let message = |(index, frame): (usize, &Value)| match (index, frame.get("hex")) {
            (0, None) | (1.., Some(_)) => bytes(frame).into(),
            (1.., None) => [&[0xfe], &bytes(frame)[..]].concat(),
            (0, Some(_)) => [&[0xff], &bytes(frame)[..]].concat(),
        };
        frames.map(message).collect::<Vec<_>>().join(&0xff)
    };
    let suites = ["sio5_packet_decode", "sio4_packet_decode", "sio5_packet_encode"];
    let vectors = suites.into_iter().flat_map(load).map(|vector| messages(&vector["frames"]));
    let by_hand: [&[u8]; 9] = [
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
    joined([vectors.collect(), owned(&by_hand)])
}

/// The number of attachments, and the text.
pub(super) fn sio_args() -> Vec<Vec<u8>> {
    let texts = load("sio5_packet_decode").into_iter().filter_map(|vector| {
        let text = vector["frames"][0]["text"].as_str()?.as_bytes().to_vec();
        let start = text.iter().position(|byte| b"[{".contains(byte))?;
        Some(text[start..].to_vec())
    });
    let texts: Vec<_> = texts.collect();
    let counted = (0..3).flat_map(|count| texts.iter().map(move |text| [&[count], &text[..]].concat()));
    let deep = [&[0][..], &b"[".repeat(200)].concat();
    let by_hand: [&[u8]; 8] = [
        b"\x02[{\"x\":{\"_placeholder\":true},\"_placeholder\":true,\"num\":1}]",
        b"\x01[{\"_placeholder\":true,\"num\":0e0},{\"_placeholder\":true,\"num\":0}]",
        b"\x00[\"\\ud83d\\ude00\\ud83d\",1e400,-0.0e-0,123456789012345678901234567890]",
        b"\x00[{\"\\u0061\":1,\"a\":2,\"b\":[]}]",
        b"\x00 [ ] ",
        b"\x00[1.7976931348623157e308,5e-324,0.1e1]",
        b"\x03[]",
        &deep,
    ];
    joined([counted.collect(), owned(&by_hand)])
}

pub(super) fn msgpack() -> Vec<Vec<u8>> {
    joined([vectors("sio5_msgpack_decode", "input"), vectors_of_output("sio5_msgpack_encode")])
}

/// The place, and the message: what servers of Node.js said, and what they end at.
pub(super) fn cluster_message() -> Vec<Vec<u8>> {
    let at = |place: Place, message: &[u8]| {
        let place = PLACES.iter().position(|known| *known == place).expect("a place");
        [&[u8::try_from(place).expect("few")], message].concat()
    };
    let classic = bus::commands(&bus::load("classic"));
    let classic = classic.iter().filter_map(bus::Command::published).map(|(channel, message)| {
        let place = match channel.split('#').next() {
            Some("socket.io-request") => Place::Request,
            Some("socket.io-response") => Place::Response,
            _ => Place::Broadcast,
        };
        at(place, &message)
    });
    let sharded: Vec<_> = parts("sharded", "modes");
    let sharded = sharded.iter().filter_map(bus::Command::published).map(|(_, message)| at(Place::Sharded, &message));
    let streams = parts("streams", "runs").into_iter().filter_map(|command| match command.published() {
        Some((_, message)) => Some(at(Place::Channel, &message)),
        None if command.words[0] == "XADD" => {
            let fields = command.words[6..].chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
            Some(at(Place::Entry, &line(&Entry::new(fields))))
        }
        None => None,
    });
    let by_hand = PLACES.into_iter().flat_map(|place| MALFORMED.into_iter().map(move |message| at(place, message)));
    joined([classic.collect(), sharded.collect(), streams.collect(), by_hand.collect()])
}

/// What a server of Node.js ends at, on one adapter or the other.
const MALFORMED: [&[u8]; 8] = [
    b"",
    b"\xc0",
    b"\x80",
    b"\x92\xa1a\x80",
    b"{\"type\":3,\"uid\":\"a\",\"nsp\":\"/\"}",
    b"{\"uid\":\"a\",\"requestId\":\"b\",\"type\":5}",
    b"4\n{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},\"rooms\":[\"a\",1,null]}",
    b"{\"requestId\":\"b\",\"sockets\":[{}]}",
];

/// What was sent in all parts of a file.
fn parts(file: &str, parts: &str) -> Vec<bus::Command> {
    bus::load(file)[parts].as_object().expect("parts").values().flat_map(bus::commands).collect()
}

fn vectors_of_output(suite: &str) -> Vec<Vec<u8>> {
    vectors(suite, "output")
}

/// The bytes under a key of each vector of a suite; a vector has them in one piece or in several.
fn vectors(suite: &str, key: &str) -> Vec<Vec<u8>> {
    let read = |vector: Value| match &vector[key] {
        Value::Null => None,
        Value::Array(pieces) => Some(pieces.iter().flat_map(bytes).collect()),
        piece => Some(bytes(piece).into()),
    };
    load(suite).into_iter().filter_map(read).collect()
}

fn owned(seeds: &[&[u8]]) -> Vec<Vec<u8>> {
    seeds.iter().map(|seed| seed.to_vec()).collect()
}

fn joined<const N: usize>(parts: [Vec<Vec<u8>>; N]) -> Vec<Vec<u8>> {
    parts.into_iter().flatten().collect()
}
