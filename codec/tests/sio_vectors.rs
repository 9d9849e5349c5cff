//! Every recorded vector of the JSON parser, both revisions, both ways.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::BTreeMap;

use sio_codec::socketio::{ArgsError, Decoder, Parser, Protocol, Value};
use sio_codec::{Frame, Limits};
use sio_support::vectors::sio::{Said, frame, list, load, number, packet, said, say, text};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Decision {
    Accept,
    Refuse,
}

/// The first table of the crate's documentation: a decision for each lenient vector.
fn decisions() -> BTreeMap<u32, Decision> {
    let mut decisions = BTreeMap::new();
    for row in include_str!("../src/socketio/decisions.md").lines() {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let decision = match cells.get(3) {
            Some(&"accept") => Decision::Accept,
            Some(&"refuse") => Decision::Refuse,
            _ => continue,
        };
        // The vectors are in a comment, which the page does not show.
        let (_, vectors) = row.split_once("<!-- ").unwrap();
        for number in vectors.split_once(" -->").unwrap().0.split(' ') {
            let twice = decisions.insert(number.parse().unwrap(), decision);
            assert_eq!(twice, None, "{number}");
        }
    }
    decisions
}

struct Decoded {
    packets: Vec<Said>,
    /// The index of the frame that was refused.
    refused_at: Option<i64>,
}

fn decode(vector: &Value, protocol: Protocol) -> Decoded {
    let mut decoder = Decoder::new(&Limits::default()).with_protocol(protocol);
    let mut packets = Vec::new();
    for (at, message) in (0..).zip(list(vector, "frames")) {
        match decoder.push(frame(message)) {
            Ok(packet) => packets.extend(packet.as_ref().map(say)),
            Err(_) => return Decoded { packets, refused_at: Some(at) },
        }
    }
    Decoded { packets, refused_at: None }
}

/// Checks one file; returns the numbers of its lenient vectors.
fn check_file(name: &str, protocol: Protocol) -> Vec<u32> {
    let decisions = decisions();
    let mut lenient = Vec::new();
    for vector in load(name) {
        let decoded = decode(&vector, protocol);
        let expected: Vec<Said> = list(&vector, "decoded").iter().map(said).collect();
        let verdict = text(&vector, "verdict");
        let decision = match verdict {
            "valid" => Decision::Accept,
            "invalid" => Decision::Refuse,
            "incomplete" => {
                assert_eq!((decoded.packets, decoded.refused_at), (Vec::new(), None), "{vector:?}");
                continue;
            }
            "lenient" => {
                lenient.push(number(&vector));
                *decisions.get(&number(&vector)).unwrap_or_else(|| panic!("no decision: {vector:?}"))
            }
            other => panic!("{other}"),
        };
        match (decision, verdict) {
            (Decision::Accept, _) => {
                assert_eq!((decoded.packets, decoded.refused_at), (expected, None), "{vector:?}");
            }
            (Decision::Refuse, "invalid") => {
                let refused_at = vector.get("error_at").and_then(Value::as_i64);
                assert!(refused_at.is_some());
                assert_eq!((decoded.packets, decoded.refused_at), (expected, refused_at), "{vector:?}");
            }
            (Decision::Refuse, _) => {
                assert!(decoded.refused_at.is_some(), "{vector:?}");
                assert_eq!(decoded.packets, [], "{vector:?}");
            }
        }
    }
    lenient
}

//= shown by rows of a table:
//= SIO4-ATT-01
//= SIO4-ATT-02
//= SIO4-ERR-03
//= SIO5-ATT-05
//= SIO5-ATT-06
//= SIO5-ATT-07
//= SIO5-ATT-08
//= SIO5-ATT-10
//= SIO5-ATT-14
//= SIO5-ATT-17
//= SIO5-ATT-18
//= SIO5-ATT-20
//= SIO5-PKT-07
//= SIO5-PKT-08
//= SIO5-PKT-09
//= SIO5-PKT-10
//= SIO5-PKT-11
//= SIO5-PKT-13
//= SIO5-PKT-15
//= SIO5-PKT-16
//= SIO5-PKT-21
#[test]
fn packets_decode_as_recorded() {
    let mut lenient = check_file("sio5_packet_decode", Protocol::V5);
    lenient.extend(check_file("sio4_packet_decode", Protocol::V4));
    let idle: Vec<_> = decisions().into_keys().filter(|number| !lenient.contains(number)).collect();
    assert_eq!(idle, [0_u32; 0], "decisions about nothing");
}

/// Protocol 4 tells the application of a type that does not exist, and goes on.
#[test]
fn unknown_types_are_fatal_in_protocol_5_only() {
    for vector in load("sio4_packet_decode") {
        if vector.get("error_as_packet") != Some(&Value::Bool(true)) {
            continue;
        }
        let message = frame(&list(&vector, "frames")[0]);
        for (protocol, goes_on) in [(Protocol::V4, true), (Protocol::V5, false)] {
            let mut decoder = Decoder::new(&Limits::default()).with_protocol(protocol);
            let fault = decoder.push(message.clone()).unwrap_err();
            assert_eq!(fault.kind, sio_codec::socketio::DecodeErrorKind::UnknownType);
            assert_eq!(decoder.push(Frame::from("0")).is_ok(), goes_on);
        }
    }
}

//= shown by rows of a table:
//= SIO5-ACK-12
//= SIO5-ATT-01
//= SIO5-ATT-02
//= SIO5-ATT-03
//= SIO5-ATT-19
//= SIO5-PKT-01
//= SIO5-PKT-22
//= SIO5-PKT-23
#[test]
fn packets_encode_as_recorded() {
    for vector in load("sio5_packet_encode") {
        let packet = match (text(&vector, "id"), packet(vector.get("packet").unwrap(), Parser::Json)) {
            ("S5E-028", packet) => {
                assert_eq!(packet.err(), Some(ArgsError::PlaceholderInData));
                continue;
            }
            (_, packet) => packet.unwrap(),
        };
        let mut expected: Vec<Frame> = list(&vector, "frames").iter().map(frame).collect();
        if text(&vector, "id") == "S5E-025" {
            assert_eq!(expected, [Frame::from("2[5]")]);
            expected = vec![Frame::from(r#"2["5"]"#)];
        }
        let mut buffer = String::new();
        packet.encode_into(&mut buffer).unwrap();
        let attachments = packet.attachments().iter().cloned().map(Frame::Binary);
        let frames: Vec<Frame> = [Frame::Text(buffer.into())].into_iter().chain(attachments).collect();
        assert_eq!(frames, expected, "{vector:?}");

        let Frame::Text(first) = &frames[0] else { panic!("no text") };
        let framed: Vec<Frame> = packet.encode().frames().collect();
        assert_eq!(framed[0], Frame::Text(format!("4{first}").into()), "the type of the packet around it");
        assert_eq!(framed[1..], expected[1..]);
    }
}
