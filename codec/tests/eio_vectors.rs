//! Every recorded Engine.IO vector, and the table of decisions about those that the protocol leaves open.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::{Value, json};
use sio_codec::engineio::payload::{Encoder, Format, Packets, PacketsRef};
use sio_codec::engineio::{EncodeError, Packet, PacketRef, Parts, Revision, webtransport};
use sio_codec::{Frame, FrameRef, Text};
use sio_support::streams::{self, Stream};
use sio_support::vectors::json::{bytes, list, load, text};
use sio_support::vectors::{hex, unhex};

const DECISIONS: &str = include_str!("../src/engineio/decisions.md");

/// What a decoder did with a vector: what it delivered, and how it ended.
#[derive(Debug, PartialEq)]
struct Outcome {
    delivered: Vec<Packet>,
    end: End,
}

#[derive(Debug, PartialEq)]
enum End {
    Complete,
    Waiting,
    Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Accept,
    Reject,
}

//= shown by rows of a table:
//= EIO4-PKT-01
//= EIO4-PKT-02
//= EIO4-PKT-03
//= EIO4-PKT-05
//= EIO4-PKT-06
//= EIO4-PKT-09
//= EIO4-PKT-10
//= EIO4-PKT-11
//= EIO4-PKT-13
//= EIO4-PKT-14
#[test]
fn packets_of_revision_4_decode_as_recorded() {
    judge("eio4_packet_decode", |vector| decode_packet(Revision::V4, &vector["input"]));
}

//= shown by rows of a table:
//= EIO3-PKT-01
//= EIO3-PKT-02
//= EIO3-PKT-03
//= EIO3-PKT-04
//= EIO3-PKT-05
//= EIO3-PKT-06
#[test]
fn packets_of_revision_3_decode_as_recorded() {
    judge("eio3_packet_decode", |vector| decode_packet(Revision::V3, &vector["input"]));
}

//= EIO4-PLD-03
//= EIO4-PLD-04
//= EIO4-PLD-06
#[test]
fn payloads_of_revision_4_decode_as_recorded() {
    judge("eio4_payload_decode", |vector| decode_payload(Format::V4, &bytes(&vector["input"])));
}

//= shown by rows of a table:
//= EIO3-PLD-01
//= EIO3-PLD-03
//= EIO3-PLD-04
//= EIO3-PLD-05
//= EIO3-PLD-06
//= EIO3-PLD-07
//= EIO3-BIN-06
//= EIO3-BIN-07
//= EIO3-BIN-09
#[test]
fn payloads_of_revision_3_decode_as_recorded() {
    judge("eio3_payload_decode", |vector| {
        let input = &vector["input"];
        let format = if input["hex"].is_string() { Format::V3Binary } else { Format::V3Text };
        decode_payload(format, &bytes(input))
    });
}

//= shown by rows of a table:
//= EIO4-WT-02
//= EIO4-WT-03
//= EIO4-WT-04
//= EIO4-WT-05
#[test]
fn webtransport_streams_of_revision_4_decode_as_recorded() {
    judge("eio4_webtransport_decode", |vector| {
        let chunks: Vec<_> = list(&vector["chunks"]).iter().map(bytes).collect();
        let max_payload = usize::try_from(vector["max_payload"].as_u64().unwrap()).unwrap();
        let outcome = decode_stream(chunks.iter().map(|chunk| &chunk[..]), max_payload);
        let stream = chunks.concat();
        assert_eq!(decode_stream(stream.chunks(1), max_payload), outcome, "cut into single bytes: {vector}");
        assert_eq!(decode_stream([&stream[..]], max_payload), outcome, "in one piece: {vector}");
        outcome
    });
}

//= shown by rows of a table:
//= EIO4-PKT-01
//= EIO4-PKT-02
//= EIO4-PKT-04
//= EIO4-PKT-07
//= EIO4-PKT-08
#[test]
fn packets_of_revision_4_encode_as_recorded() {
    for vector in load("eio4_packet_encode") {
        let packet = packet(&vector["packet"]).unwrap();
        let takes_binary = vector["supports_binary"].as_bool().unwrap();
        let frame =
            if takes_binary { packet.to_frame(Revision::V4) } else { Frame::Text(packet.to_text(Revision::V4)) };
        let output = match &frame {
            Frame::Text(text) => json!({"text": text.as_str()}),
            Frame::Binary(bytes) => json!({"hex": hex(bytes)}),
        };
        assert_eq!(output, vector["output"], "{vector}");
    }
}

//= EIO4-PLD-01
//= EIO4-PLD-02
//= EIO4-PLD-07
#[test]
fn payloads_of_revision_4_encode_as_recorded() {
    let decisions = decisions();
    for vector in load("eio4_payload_encode") {
        let body = encode(Format::V4, &packets(&vector["packets"]));
        match decisions.get(id(&vector)) {
            Some(decision) => {
                assert_eq!((*decision, body), (Decision::Reject, Err(EncodeError::Separator)), "{vector}");
            }
            None => assert_eq!(body.as_deref(), Ok(&*bytes(&vector["output"])), "{vector}"),
        }
    }
}

//= shown by rows of a table:
//= EIO3-PLD-01
//= EIO3-PLD-02
//= EIO3-PLD-06
//= EIO3-PLD-08
//= EIO3-BIN-01
//= EIO3-BIN-04
//= EIO3-BIN-05
#[test]
fn payloads_of_revision_3_encode_as_recorded() {
    for vector in load("eio3_payload_encode") {
        let packets = packets(&vector["packets"]);
        let any_binary = packets.iter().any(|packet| Parts::from(packet).is_binary());
        let format = Format::for_packets(Revision::V3, any_binary, vector["supports_binary"].as_bool().unwrap());
        assert_eq!(format.is_text(), vector["output"]["text"].is_string(), "{vector}");
        assert_eq!(encode(format, &packets).as_deref(), Ok(&*bytes(&vector["output"])), "{vector}");
    }
}

//= EIO4-WT-01
#[test]
fn webtransport_streams_of_revision_4_encode_as_recorded() {
    for vector in load("eio4_webtransport_encode") {
        let mut stream = Vec::new();
        webtransport::write(&packet(&vector["packet"]).unwrap(), &mut stream).unwrap();
        assert_eq!(hex(&stream), vector["output"]["hex"], "{vector}");
    }
}

//= EIO4-PKT-10
//= EIO3-PLD-05
#[test]
fn every_open_question_is_decided_once() {
    let suites = ["eio4_packet_decode", "eio3_packet_decode", "eio4_payload_decode", "eio3_payload_decode"];
    let vectors: Vec<_> = suites.into_iter().flat_map(load).collect();
    let is_open = |vector: &&Value| matches!(text(vector, "verdict"), "lenient" | "ignored");
    let open = vectors.iter().filter(is_open).map(|vector| id(vector).to_owned());
    let stricter = ["E3L-038", "E4LE-007"].map(str::to_owned);
    let decided: BTreeSet<_> = decisions().into_keys().collect();
    assert_eq!(decided, open.chain(stricter).collect());
}

/// Holds what a decoder does with the vectors of a suite against their verdicts, or against the decisions about them.
fn judge(suite: &str, decode: impl Fn(&Value) -> Outcome) {
    let decisions = decisions();
    for vector in load(suite) {
        let Outcome { delivered, end } = decode(&vector);
        // Half a character, which the reference delivers once, is no packet that could be compared.
        let expected: Vec<_> = match &vector["decoded"] {
            Value::Array(packets) => packets.iter().map_while(packet).collect(),
            single => packet(single).into_iter().collect(),
        };
        let decision = decisions.get(id(&vector)).copied();
        let expected_end = match (text(&vector, "verdict"), decision) {
            ("valid", None) | ("lenient", Some(Decision::Accept)) => End::Complete,
            ("incomplete", None) => End::Waiting,
            ("invalid", None | Some(Decision::Reject)) | ("lenient" | "ignored", Some(Decision::Reject)) => End::Fault,
            (verdict, decision) => panic!("{verdict} and {decision:?}: {vector}"),
        };
        assert_eq!(end, expected_end, "{vector}");
        if decision == Some(Decision::Reject) {
            assert!(delivered.is_empty() || expected.starts_with(&delivered), "{vector}");
        } else {
            assert_eq!(delivered, expected, "{vector}");
        }
    }
}

fn decode_packet(revision: Revision, input: &Value) -> Outcome {
    let content = bytes(input);
    let (view, frame) = match input["text"].as_str() {
        Some(text) => (PacketRef::parse(revision, text), Frame::Text(Text::try_from(content.clone()).unwrap())),
        None => (PacketRef::parse(revision, FrameRef::Binary(&content)), Frame::Binary(content.clone())),
    };
    let owned = Packet::parse(revision, frame);
    assert_eq!(view.and_then(|packet| packet.to_packet()), owned, "{input}");
    let end = if owned.is_ok() { End::Complete } else { End::Fault };
    Outcome { delivered: owned.into_iter().collect(), end }
}

fn decode_payload(format: Format, body: &Bytes) -> Outcome {
    let mut delivered = Vec::new();
    let mut end = End::Complete;
    let mut views = PacketsRef::new(format, &**body).unwrap();
    for packet in Packets::new(format, body.clone()).unwrap() {
        let view = views.next().unwrap().map_err(|error| error.kind);
        let view = view.and_then(|view| view.to_packet().map_err(|error| error.kind));
        assert_eq!(view, packet.clone().map_err(|error| error.kind), "{body:?}");
        match packet {
            Ok(packet) => delivered.push(packet),
            Err(_) => end = End::Fault,
        }
    }
    Outcome { delivered, end }
}

fn decode_stream<'c>(chunks: impl IntoIterator<Item = &'c [u8]>, max_payload: usize) -> Outcome {
    let Stream { packets, end } = streams::read(chunks, max_payload);
    let end = match end {
        streams::End::Complete => End::Complete,
        streams::End::Unfinished => End::Waiting,
        streams::End::Fault(_) => End::Fault,
    };
    Outcome { delivered: packets, end }
}

fn encode(format: Format, packets: &[Packet]) -> Result<Vec<u8>, EncodeError> {
    let mut payload = Encoder::new(format);
    packets.iter().try_for_each(|packet| payload.push(packet))?;
    Ok(payload.finish().or_else(|| format.empty_body().map(Vec::from)).unwrap())
}

/// The rows of the tables: which vectors, and what was decided about them.
fn decisions() -> BTreeMap<String, Decision> {
    let mut decisions = BTreeMap::new();
    for row in DECISIONS.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let decision = match cells[3] {
            "accept" => Decision::Accept,
            "reject" => Decision::Reject,
            "decision" => continue,
            other => panic!("{other} is no decision: {row}"),
        };
        // The vectors are in a comment, which the page does not show; what was not recorded has none.
        let vectors = row.split_once("<!-- ").and_then(|(_, comment)| comment.split_once(" -->"));
        for id in vectors.iter().flat_map(|(ids, _)| ids.split(' ')) {
            assert_eq!(decisions.insert(id.to_owned(), decision), None, "{id} is decided twice");
        }
    }
    decisions
}

fn packets(values: &Value) -> Vec<Packet> {
    list(values).iter().map(|value| packet(value).unwrap()).collect()
}

/// A packet as the vectors write it; `None` if it has no type, or data that its type cannot have.
fn packet(value: &Value) -> Option<Packet> {
    let data = &value["data"];
    let text = || match data {
        Value::Null => Some(Text::new()),
        Value::String(text) => Some(Text::from(text.clone())),
        _ => None,
    };
    Some(match value["type"].as_str()? {
        "open" => Packet::Open(text()?),
        "close" => Packet::Close,
        "ping" => Packet::Ping(text()?),
        "pong" => Packet::Pong(text()?),
        "message" => Packet::Message(match data["$bin"].as_str() {
            Some(hex) => Frame::Binary(unhex(hex)),
            None => Frame::Text(text()?),
        }),
        "upgrade" => Packet::Upgrade,
        "noop" => Packet::Noop,
        other => panic!("{other} is no type"),
    })
}

fn id(vector: &Value) -> &str {
    text(vector, "id")
}
