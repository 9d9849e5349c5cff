//! Every recorded vector of the msgpack parser, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use sio_codec::socketio::{Decoder, Outgoing, PacketKind, Parser, Value};
use sio_codec::{Frame, Limits, Text};
use sio_support::vectors::sio::{data, frame, load, object, packet, said, say, text};

fn decoder() -> Decoder {
    Decoder::new(&Limits::default()).with_parser(Parser::MsgPack)
}

//= shown by rows of a table:
//= MSG-02
//= MSG-03
//= MSG-04
//= MSG-05
//= MSG-06
//= MSG-07
//= MSG-08
//= MSG-11
#[test]
fn packets_decode_as_recorded() {
    for vector in load("sio5_msgpack_decode") {
        let decoded = decoder().push(frame(vector.get("input").unwrap()));
        match text(&vector, "verdict") {
            "valid" => {
                let packet = decoded.unwrap_or_else(|error| panic!("{error}: {vector:?}")).unwrap();
                assert_eq!(say(&packet), said(vector.get("decoded").unwrap()), "{vector:?}");
            }
            "invalid" => assert!(decoded.is_err(), "{vector:?}"),
            other => panic!("{other}"),
        }
    }
}

/// Values are written in the reference's bytes, a packet's map among them.
//= MSG-01
//= MSG-02
//= MSG-08
#[test]
fn values_encode_as_recorded() {
    for vector in load("sio5_msgpack_encode") {
        let Value::Object(members) = data(vector.get("packet").unwrap()) else { panic!("no packet") };
        let members: Vec<_> = members
            .into_iter()
            .map(|(name, value)| match text(&vector, "id") {
                // Says the note: `pid` is there, and undefined.
                "S5ME-004" if name == "data" => {
                    let Value::Object(data) = value else { panic!("no data") };
                    let more = object([("pid", Value::Undefined)]);
                    (name, Value::Object(data.into_iter().chain(more).collect()))
                }
                _ => (name, value),
            })
            .collect();
        let whole = Value::Object(members.into_iter().collect());
        let mut message = Vec::new();
        let root = sio_codec::socketio::Namespace::root();
        Outgoing::event(&root, "x").encode_msgpack_into(&mut message, &(whole,)).unwrap();
        let around = 15..message.len() - 6;
        let Frame::Binary(expected) = frame(vector.get("output").unwrap()) else { panic!("no bytes") };
        assert_eq!(message[around], expected, "{vector:?}");
    }
}

/// Whole packets read as the reference's do, and are its bytes where the keys come in its client's order.
//= MSG-01
//= MSG-10
#[test]
fn packets_encode_as_recorded() {
    let mut same = Vec::new();
    for vector in load("sio5_msgpack_encode") {
        let packet = packet(vector.get("packet").unwrap(), Parser::MsgPack).unwrap();
        let encoded = packet.encode_with(Parser::MsgPack).unwrap();
        let frames: Vec<_> = encoded.frames().collect();
        let [Frame::Binary(message)] = &frames[..] else { panic!("{frames:?}") };
        let theirs = frame(vector.get("output").unwrap());
        let ours = decoder().push(Frame::Binary(message.clone())).unwrap().unwrap();
        let reference = decoder().push(theirs.clone()).unwrap().unwrap();
        let mut expected = say(&reference);
        // Says the note: `pid` is there, and undefined. We do not write it.
        if let ("S5ME-004", Some(Value::Object(data))) = (text(&vector, "id"), &mut expected.data) {
            assert_eq!(data.get("pid"), Some(&Value::Undefined));
            *data = object([("sid", Value::from("abc"))]);
        }
        assert_eq!(say(&ours), expected, "{vector:?}");
        if theirs == Frame::Binary(message.clone()) {
            same.push(String::from(text(&vector, "id")));
        }
    }
    assert_eq!(same, ["S5ME-001", "S5ME-003", "S5ME-005", "S5ME-006"]);
}

//= MSG-09
#[test]
fn text_is_refused() {
    let fault = decoder().push(Frame::from("0")).unwrap_err();
    assert_eq!(fault.kind, sio_codec::socketio::DecodeErrorKind::UnexpectedText);
    let mut json = Decoder::new(&Limits::default());
    assert!(json.push(Frame::Binary(b"\x82\xa4type\x00\xa3nsp\xa1/".to_vec().into())).is_err());
}

#[test]
fn names_and_arguments_are_parts_of_the_message() {
    let message = frame(&data(&Value::Object(object([(
        "hex",
        Value::from("83a47479706502a46461746193a568656c6c6fa161c403010203a36e7370a62f61646d696e"),
    )]))));
    let Frame::Binary(bytes) = &message else { panic!("no bytes") };
    let within = bytes.as_ptr_range();
    let packet = decoder().push(message.clone()).unwrap().unwrap();
    let PacketKind::Event { name, args, .. } = &packet.kind else { panic!("no event") };
    assert_eq!((name.as_str(), packet.namespace.as_str()), ("hello", "/admin"));
    let (letter, binary): (&str, &[u8]) = args.decode().unwrap();
    assert_eq!((letter, binary), ("a", &[1, 2, 3][..]));
    for part in [name.as_bytes(), letter.as_bytes(), binary] {
        assert!(within.contains(&part.as_ptr()));
    }
    assert_eq!(args.handle(binary).unwrap().as_ptr(), binary.as_ptr());
    let values = args.values().unwrap();
    assert_eq!(values[0], Value::String(Text::from("a")));
    assert_eq!(values[1].as_bytes().unwrap().as_ptr(), binary.as_ptr());
}
