//! Packets of the msgpack parser, and arguments of the program's types in them.

mod typed;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::convert::identity;

use bytes::Bytes;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::view::tests::agrees;
use crate::limits::Limits;
use crate::socketio::value::tests::any_value;
use crate::socketio::{
    AckId, Args, ArgsError, Binary, Date, DecodeError, DecodeErrorKind, Json, Namespace, Outgoing, Packet, PacketKind,
    Parser, Protocol, Undefined, Value,
};
use crate::text::Text;

fn decode(message: &[u8]) -> Result<Packet, DecodeErrorKind> {
    decode_bytes(Bytes::copy_from_slice(message)).map_err(|error| error.kind)
}

fn decode_bytes(message: Bytes) -> Result<Packet, DecodeError> {
    decode_within(message, &Limits::default())
}

/// Whatever is decoded here, the view agrees.
fn decode_within(message: Bytes, limits: &Limits) -> Result<Packet, DecodeError> {
    let decoded = super::decode(message.clone(), Protocol::V5, limits, identity);
    agrees(&message, limits, &decoded);
    decoded
}

/// An event named "e" with one argument, as it is on the wire.
fn event(argument: &[u8]) -> Vec<u8> {
    [b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1e".as_slice(), argument].concat()
}

fn argument(argument: &[u8]) -> Result<Value, DecodeErrorKind> {
    match decode(&event(argument))?.kind {
        PacketKind::Event { args, .. } => Ok(args.values().unwrap().remove(0)),
        other => panic!("{other:?} is no event"),
    }
}

fn args<T: Serialize>(args: &T) -> Args {
    Args::encode_with(Parser::MsgPack, args).unwrap()
}

//= MSG-07
#[test]
fn integers_of_any_width() {
    let table: [(&[u8], i64); 14] = [
        (&[0x05], 5),
        (&[0xcc, 5], 5),
        (&[0xcd, 0, 5], 5),
        (&[0xce, 0, 0, 0, 5], 5),
        (&[0xcf, 0, 0, 0, 0, 0, 0, 0, 5], 5),
        (&[0xd0, 5], 5),
        (&[0xd1, 0, 5], 5),
        (&[0xd2, 0, 0, 0, 5], 5),
        (&[0xd3, 0, 0, 0, 0, 0, 0, 0, 5], 5),
        (&[0xff], -1),
        (&[0xd0, 0xff], -1),
        (&[0xd1, 0xff, 0xff], -1),
        (&[0xd2, 0xff, 0xff, 0xff, 0xff], -1),
        (&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], i64::MIN),
    ];
    for (bytes, number) in table {
        assert_eq!(argument(bytes), Ok(Value::Integer(number)), "{bytes:x?}");
        let ack = decode(&[b"\x84\xa4type\x03\xa3nsp\xa1/\xa4data\x90\xa2id".as_slice(), bytes].concat());
        match AckId::new_signed(number) {
            Some(id) => assert!(matches!(ack.unwrap().kind, PacketKind::Ack { id: Some(found), .. } if found == id)),
            None => assert_eq!(ack, Err(DecodeErrorKind::AckIdTooLarge)),
        }
    }
    assert_eq!(argument(&[0xcf, 0xff, 0, 0, 0, 0, 0, 0, 0]), Ok(Value::Unsigned(0xff << 56)));
    assert_eq!(argument(&[0xca, 0x3f, 0xc0, 0, 0]), Ok(Value::Float(1.5)));
    let whole = decode(b"\x82\xa4type\xcb\x3f\xf0\0\0\0\0\0\0\xa3nsp\xa1/").unwrap();
    assert_eq!(whole.kind, PacketKind::Disconnect, "a fraction that is none");
}

/// Every width of every length.
//= MSG-07
#[test]
fn lengths_of_any_width() {
    let heads: [&[u8]; 3] = [&[0xd9, 1], &[0xda, 0, 1], &[0xdb, 0, 0, 0, 1]];
    for head in heads {
        assert_eq!(argument(&[head, b"x"].concat()), Ok(Value::from("x")));
    }
    let heads: [&[u8]; 6] =
        [&[0xc4, 1], &[0xc5, 0, 1], &[0xc6, 0, 0, 0, 1], &[0xc7, 1, 0], &[0xc8, 0, 1, 0], &[0xc9, 0, 0, 0, 1, 0]];
    for head in heads {
        assert_eq!(argument(&[head, b"x"].concat()), Ok(Value::from(Bytes::from_static(b"x"))));
    }
    for head in [&[0xdc, 0, 1][..], &[0xdd, 0, 0, 0, 1]] {
        assert_eq!(argument(&[head, &[1]].concat()), Ok(Value::Array(vec![Value::Integer(1)])));
    }
    for head in [&[0xde, 0, 1][..], &[0xdf, 0, 0, 0, 1]] {
        let value = argument(&[head, b"\xa1a\x01"].concat()).unwrap();
        assert_eq!(value.get("a"), Some(&Value::Integer(1)));
    }
}

//= MSG-02
//= MSG-08
#[test]
fn extensions() {
    let bytes = |bytes: &'static [u8]| Value::from(Bytes::from_static(bytes));
    let unknown = |kind: i64, content: &'static [u8]| Value::Array(vec![Value::Integer(kind), bytes(content)]);
    let table: [(&[u8], Value); 9] = [
        (&[0xd4, 0, 0], Value::Undefined),
        (&[0xd7, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Value::Date(Date(-1))),
        (&[0xc7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1], bytes(&[0, 0, 0, 0, 0, 0, 0, 1])),
        (&[0xc7, 0, 0], bytes(&[])),
        (&[0xd4, 1, 7], unknown(1, &[7])),
        (&[0xd5, 0, 7, 8], unknown(0, &[7, 8])),
        (&[0xd6, 0xff, 1, 2, 3, 4], unknown(-1, &[1, 2, 3, 4])),
        (
            &[0xd8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8],
            unknown(0, &[1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
        ),
        (&[0xc7, 1, 5, 7], unknown(5, &[7])),
    ];
    for (wire, value) in table {
        assert_eq!(argument(wire), Ok(value), "{wire:x?}");
    }
    let Ok(Packet { kind: PacketKind::Event { args, .. }, .. }) = decode(&event(&[0xd4, 1, 7])) else {
        panic!("no event")
    };
    assert_eq!(args.decode(), Ok(((1, &[7][..]),)), "an extension is a list for typed reading, too");
}

//= MSG-05
//= MSG-06
//= MSG-07
#[test]
fn keys_in_any_order_and_of_any_kind() {
    let packet =
        decode(b"\x87\x01\x02\xa2id\x07\xa4data\x91\xa1e\x91\x80\xc0\xa3nsp\xa1/\xa4type\x00\xa4type\x02").unwrap();
    assert!(matches!(packet.kind, PacketKind::Event { ack: Some(id), .. } if id.value() == 7));
    let undefined = decode(b"\x85\xa4type\x00\xa3nsp\xa1/\xa4data\xd4\0\0\xa2id\xd4\0\0\xa2id\xd4\0\0").unwrap();
    assert_eq!(undefined.kind, PacketKind::Connect { payload: None });
    // The keys of data are strings, as in JavaScript.
    let value = argument(b"\x85\x01\x0a\xc0\x0b\xc3\x0c\xcb\x3f\xf8\0\0\0\0\0\0\x0d\xd4\0\0\x0e").unwrap();
    for (name, number) in [("1", 10), ("null", 11), ("true", 12), ("1.5", 13), ("undefined", 14)] {
        assert_eq!(value.get(name), Some(&Value::Integer(number)), "{name}");
    }
}

//= MSG-06
#[test]
fn every_cut_and_every_addition_is_refused() {
    let root = Namespace::root();
    let mut message = Vec::new();
    let content =
        (1, -200, 70_000_u32, 1.5, "é", Binary::from(vec![1, 2]), (None::<u8>, Undefined, Date(5)), [[0; 20]; 2]);
    Outgoing::event(&root, "name")
        .with_ack(AckId::new(300).unwrap())
        .encode_msgpack_into(&mut message, &content)
        .unwrap();
    assert!(decode(&message).is_ok());
    for len in 0..message.len() {
        assert!(decode(&message[..len]).is_err(), "{len}");
    }
    message.push(0xc0);
    assert_eq!(decode(&message), Err(DecodeErrorKind::InvalidMsgPack));
    assert_eq!(argument(&[0xc1]), Err(DecodeErrorKind::InvalidMsgPack));
    assert_eq!(argument(&[0xa2, 0xc3, 0x28]), Err(DecodeErrorKind::InvalidMsgPack), "no UTF-8");
}

//= MSG-03
//= MSG-04
#[test]
fn faults_and_where_they_are() {
    use DecodeErrorKind::{
        AckIdTooLarge, InvalidAckId, InvalidMsgPack, InvalidNamespace, InvalidPayload, NamespaceTooLong, UnknownType,
    };
    let table: [(&[u8], DecodeErrorKind, usize); 13] = [
        (b"", InvalidMsgPack, 0),
        (b"\x90", UnknownType, 0),
        (b"\x81\xa4type\x05", UnknownType, 6),
        (b"\x81\xa3nsp\xa1/", UnknownType, 7),
        (b"\x82\xa4type\x01\xa3nsp\xa4a,bc", InvalidNamespace, 11),
        (b"\x82\xa4type\x01\xa3nsp\xd9\x0b/1234567890", NamespaceTooLong, 11),
        (b"\x83\xa4type\x01\xa3nsp\xa1/\xa4data\xc0", InvalidPayload, 18),
        (b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x91\xc3", InvalidPayload, 19),
        (b"\x82\xa4type\x02\xa3nsp\xa1/", InvalidPayload, 13),
        (b"\x83\xa4type\x01\xa3nsp\xa1/\xa2id\xc0", InvalidAckId, 16),
        (b"\x83\xa4type\x01\xa3nsp\xa1/\xa2id\xcf\xff\xff\xff\xff\xff\xff\xff\xff", AckIdTooLarge, 16),
        (b"\x82\xa4type\x01\xa3nsp\xa1/\xc0", InvalidMsgPack, 13),
        (b"\x82\xa4type\x01\xa3nsp\xa2/\xff", InvalidMsgPack, 13),
    ];
    let limits = Limits::default().with_max_namespace_len(10);
    for (message, kind, offset) in table {
        let fault = decode_within(Bytes::from_static(message), &limits).unwrap_err();
        assert_eq!((fault.kind, fault.offset), (kind, offset), "{message:x?}");
    }
}

/// As `String` of Node 20.20 writes what notepack.io 2.2.0 reads; keys of maps are written alike.
//= MSG-11
//= SIO5-PKT-09
#[test]
fn names_that_are_numbers() {
    let table: [(&[u8], &str); 12] = [
        (&[0x05], "5"),
        (&[0xe0], "-32"),
        (&[0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], "1"),
        (&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], "1.5"),
        (&[0xca, 0x3f, 0xc0, 0, 0], "1.5"),
        (&[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], "0"),
        (&[0xcb, 0x44, 0x4b, 0x1a, 0xe4, 0xd6, 0xe2, 0xef, 0x50], "1e+21"),
        (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "NaN"),
        (&[0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0], "-Infinity"),
        (&[0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1], "9007199254740992"),
        (&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709552000"),
        (&[0xd3, 0xff, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "-9007199254740992"),
    ];
    for (number, text) in table {
        let event = [b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x91", number].concat();
        let PacketKind::Event { name, .. } = decode(&event).unwrap().kind else { panic!("no event") };
        assert_eq!(name.as_str(), text, "{number:x?}");
        let value = argument(&[b"\x81", number, b"\xc0"].concat()).unwrap();
        assert_eq!(value.get(text), Some(&Value::Null), "{number:x?}");
    }
}

#[test]
fn nesting_has_a_limit() {
    // Around the argument are the packet's map and its data.
    let nested = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
    assert!(argument(&nested(125)).is_ok());
    assert_eq!(argument(&nested(126)), Err(DecodeErrorKind::TooDeep));
    assert_eq!(argument(&vec![0x81; 1_000_000]), Err(DecodeErrorKind::TooDeep));
    assert_eq!(decode(&vec![0x91; 1_000_000]), Err(DecodeErrorKind::UnknownType));
}

/// A length is believed only when the bytes are there.
#[test]
fn claimed_lengths_cost_nothing() {
    for head in [[0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(argument(&[&head[..], &[0xc0; 9]].concat()), Err(DecodeErrorKind::InvalidMsgPack));
    }
    assert_eq!(decode(&[0xdf, 0xff, 0xff, 0xff, 0xff]), Err(DecodeErrorKind::InvalidMsgPack));
}

/// The data of CONNECT and CONNECT_ERROR, as socket.io-msgpack-parser 3.0.2 writes and reads it. What JSON lacks is kept:
/// for who reads it, and for who gets it next.
//= MSG-02
//= MSG-08
#[test]
fn payloads_keep_what_json_lacks() {
    let data = b"\x88\xa1b\xc4\x03\x01\x02\x03\xa1d\xd7\0\0\0\0\0\0\0\0\x05\xa1n\xcb\x7f\xf8\0\0\0\0\0\0\
        \xa1i\xcb\x7f\xf0\0\0\0\0\0\0\xa1u\xd4\0\0\xa1a\x92\xd4\0\0\xcb\x7f\xf8\0\0\0\0\0\0\xa2ab\xc7\x01\0\x07\x05\xd4\x07\x01";
    let text = r#"{"b":{"type":"Buffer","data":[1,2,3]},"d":"1970-01-01T00:00:00.005Z","n":null,"i":null,"a":[null,null],"ab":{"type":"Buffer","data":[7]},"5":[7,{"type":"Buffer","data":[1]}]}"#;
    for kind in [0, 4] {
        let message = [&[0x83][..], b"\xa4type", &[kind], b"\xa4data", &data[..], b"\xa3nsp\xa1/"].concat();
        let packet = decode(&message).unwrap();
        let (PacketKind::Connect { payload: Some(payload) } | PacketKind::ConnectError { payload: Some(payload) }) =
            &packet.kind
        else {
            panic!("no payload")
        };
        let value: Value = payload.decode().unwrap();
        assert_eq!(value.get("b").and_then(Value::as_bytes), Some(&Bytes::from_static(&[1, 2, 3])));
        assert_eq!(value.get("d"), Some(&Value::Date(Date(5))));
        assert!(value.get("n").and_then(Value::as_f64).is_some_and(f64::is_nan));
        assert_eq!(value.get("i"), Some(&Value::Float(f64::INFINITY)));
        assert_eq!(value.get("u"), Some(&Value::Undefined));
        assert_eq!(value.get("a").and_then(|list| list.at(0)), Some(&Value::Undefined));
        assert_eq!(value.get("ab").and_then(Value::as_bytes), Some(&Bytes::from_static(&[7])));
        #[derive(Deserialize)]
        struct Auth<'a> {
            b: &'a [u8],
            d: Date,
        }
        let auth: Auth<'_> = payload.decode().unwrap();
        assert_eq!((auth.b, auth.d), (&[1, 2, 3][..], Date(5)));

        assert_eq!(payload.as_str(), text, "for JSON, what `JSON.stringify` makes of it");
        Json::new(Text::from(text)).unwrap();
        let again = packet.encode_with(Parser::MsgPack).unwrap();
        assert_eq!(again.frames().next(), Some(crate::Frame::from(Bytes::from(message))), "byte by byte");
    }
}

/// Nor is anything lost on the way out: auth and refusals of the program's.
//= MSG-08
//= SIO5-CON-04
//= SIO5-CSR-09
#[test]
fn payloads_are_sent_as_they_were_given() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Auth {
        key: Binary,
        at: Date,
        level: f64,
    }
    let auth = || Auth { key: Binary::from(vec![7, 8]), at: Date(-5), level: f64::INFINITY };
    let given = Json::encode(&auth()).unwrap();
    let sent = |kind: PacketKind| {
        let packet = Packet { namespace: Namespace::root(), kind };
        let Some(crate::Frame::Binary(message)) = packet.encode_with(Parser::MsgPack).unwrap().frames().next() else {
            panic!("no bytes")
        };
        match decode_bytes(message).unwrap().kind {
            PacketKind::Connect { payload } | PacketKind::ConnectError { payload } => payload.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sent(PacketKind::Connect { payload: Some(given.clone()) }).decode(), Ok(auth()));

    let back = sent(PacketKind::Connect { payload: Some(given.with_strings(&[("pid", "p"), ("offset", "o")])) });
    let text =
        r#"{"pid":"p","offset":"o","key":{"type":"Buffer","data":[7,8]},"at":"1969-12-31T23:59:59.995Z","level":null}"#;
    assert_eq!((back.decode(), back.as_str()), (Ok(auth()), text));

    let refused = |data: &Json| match Packet::refused(Protocol::V5, Namespace::root(), "no", Some(data)).kind {
        PacketKind::ConnectError { payload } => sent(PacketKind::ConnectError { payload }),
        other => panic!("{other:?}"),
    };
    let refusal = refused(&given);
    let told: BTreeMap<String, Value> = refusal.decode().unwrap();
    assert_eq!(told["message"], Value::from("no"));
    assert_eq!(refusal.member("data").unwrap().decode(), Ok(auth()));
    assert_eq!(refusal.member("data"), Some(given));

    // What JSON can say is kept as JSON alone, so that it is the same whichever way it came.
    let plain = Json::new(Text::from(r#"{"a":[1,-2.5,"x",null,true,-0.0,18446744073709551615]}"#)).unwrap();
    assert_eq!(sent(PacketKind::Connect { payload: Some(plain.clone()) }), plain);
    assert_eq!(refused(&plain).member("data"), Some(plain));
    let undefined =
        sent(PacketKind::Connect { payload: Some(Json::encode(&BTreeMap::from([("data", Undefined)])).unwrap()) });
    assert_eq!((undefined.member("data"), undefined.as_str()), (None, "{}"), "as good as absent");
}

//= MSG-01
//= MSG-10
#[test]
fn packets_of_one_form_on_connections_of_the_other() {
    let binary = Bytes::from_static(&[1, 2, 3]);
    let kind = PacketKind::Event {
        name: "e".into(),
        args: Args::encode(&("a", Binary(binary.clone()))).unwrap(),
        ack: AckId::new(7),
    };
    let packet = Packet { namespace: Namespace::new("/n").unwrap(), kind };
    let message = packet.encode_with(Parser::MsgPack).unwrap();
    assert_eq!(message.count(), 1);
    let Some(crate::Frame::Binary(message)) = message.frames().next() else { panic!("no bytes") };
    let again = decode_bytes(message).unwrap();
    assert_ne!(again, packet, "the arguments have another form");
    assert_eq!(again.encode_with(Parser::Json).unwrap(), packet.encode());
    assert_eq!(again.encode().count(), 1, "written in the form of its arguments");
    let mut text = String::new();
    again.encode_into(&mut text).unwrap();
    assert_eq!(text, r#"51-/n,7["e","a",{"_placeholder":true,"num":0}]"#);
    assert!(again.attachments().is_empty());

    // What only the one form can carry.
    let lookalike =
        Args::encode_with(Parser::MsgPack, &(BTreeMap::from([("_placeholder", true)]), Binary(binary))).unwrap();
    assert_eq!(lookalike.to_form(Parser::Json), Err(ArgsError::PlaceholderInData));
    let odd = decode(b"\x83\xa4type\x03\xa3nsp\xa1x\xa4data\x90").unwrap();
    let frame = odd.encode_with(Parser::Json).unwrap().frames().next();
    assert_eq!(frame, Some("43/x,[]".into()), "no id, and a slash as Namespace::new adds it");
    let connect = Packet { namespace: Namespace::root(), kind: PacketKind::ConnectError { payload: None } };
    let Some(crate::Frame::Binary(message)) = connect.encode_with(Parser::MsgPack).unwrap().frames().next() else {
        panic!("no bytes")
    };
    assert!(decode(&message).is_ok());
}

proptest! {
    #[test]
    fn written_and_read(list in prop::collection::vec(any_value(), 0..5), name in ".{0,40}", id in prop::option::of(0_u64..1 << 53)) {
        let root = Namespace::new("/a/é").unwrap();
        let mut outgoing = Outgoing::event(&root, &name);
        if let Some(id) = id.and_then(AckId::new) {
            outgoing = outgoing.with_ack(id);
        }
        let mut message = b"before".to_vec();
        outgoing.encode_msgpack_into(&mut message, &list).unwrap();
        let packet = decode_bytes(Bytes::from(message).slice(6..)).unwrap();
        let PacketKind::Event { name: found, args, ack } = &packet.kind else { panic!("no event") };
        prop_assert_eq!((found.as_str(), ack.map(AckId::value)), (&*name, id));
        prop_assert_eq!(args.values().unwrap(), list.clone());
        prop_assert_eq!(args.decode::<Vec<Value>>().unwrap(), list.clone());
        prop_assert_eq!(Args::encode_with(Parser::MsgPack, &list).unwrap(), args.clone());
        prop_assert_eq!(args.to_form(Parser::Json), Args::from_values(&list));
        let Some(crate::Frame::Binary(again)) = packet.encode().frames().next() else { panic!("no bytes") };
        prop_assert_eq!(decode_bytes(again), Ok(packet));
    }

    #[test]
    fn no_bytes_panic(message in prop::collection::vec(any::<u8>(), 0..60), spoiled in any::<(prop::sample::Index, u8)>()) {
        let _ = decode(&message);
        let mut message = event(&message);
        let _ = decode(&message);
        let at = spoiled.0.index(message.len());
        message[at] = spoiled.1;
        if let Ok(Packet { kind: PacketKind::Event { args, .. }, .. }) = decode(&message) {
            prop_assert!(args.values().is_ok());
            prop_assert_eq!(format!("{:?}", args.decode::<Vec<Value>>()), format!("{:?}", args.values()), "NaN, too");
            prop_assert!(args.decode::<Vec<serde::de::IgnoredAny>>().is_ok());
        }
    }
}
