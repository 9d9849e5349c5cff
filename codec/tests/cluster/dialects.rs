//! What each library makes of each value, and what of it is read.

use bytes::Bytes;
use sio_codec::cluster::classic::{self, Route};
use sio_codec::cluster::{Message, RequestId, Sender, Uid, streams};
use sio_codec::socketio::{Date, Namespace, Value};
use sio_support::vectors::{hex, unhex};

fn classic() -> classic::Codec {
    classic::Codec::new(classic::Config::default(), Namespace::root())
}

fn streams() -> streams::Codec {
    streams::Codec::new(streams::Config::default(), Namespace::root())
}

fn ack(answer: Value) -> Message {
    Message::BroadcastAck { request: RequestId::short([0; 6]), answer }
}

/// In hexadecimal, what stands for a value in a message of the classic adapter, and in one of the streams adapter.
fn written(value: &Value) -> [String; 2] {
    let me = Sender::Node(Uid::short([0; 6]));
    // A list around it, so that what is undefined is in one.
    let message = ack(Value::Array(vec![value.clone()]));
    let inside = |payload: Bytes, behind: usize| {
        let before = b"\xa6packet\x91";
        let start = payload.windows(before.len()).position(|window| window == before).unwrap() + before.len();
        hex(&payload[start..payload.len() - behind])
    };
    let envelope = b"\xa3uid\xa6AAAAAA\xa3nsp\xa1/".len();
    [
        inside(classic().respond(&me, &message).unwrap().payload, 0),
        inside(streams().respond(&me, &me, &message).unwrap().payload, envelope),
    ]
}

fn object(value: Value) -> Value {
    Value::Object([("a".into(), value), ("k".into(), Value::from(1_i64))].into_iter().collect())
}

/// As seen in `classic.json` and `streams.json`, and as the sources say.
///
/// A number beyond 64 bits is the only exception: notepack.io writes zeros for it.
#[test]
fn each_number_has_its_bytes() {
    const SAFE: i64 = (1 << 53) - 1;
    for (value, notepack, msgpack) in [
        (Value::Integer(0), "00", "00"),
        (Value::Integer(127), "7f", "7f"),
        (Value::Integer(128), "cc80", "cc80"),
        (Value::Integer(255), "ccff", "ccff"),
        (Value::Integer(256), "cd0100", "cd0100"),
        (Value::Integer(65_535), "cdffff", "cdffff"),
        (Value::Integer(65_536), "ce00010000", "ce00010000"),
        (Value::Integer(4_294_967_295), "ceffffffff", "ceffffffff"),
        (Value::Integer(4_294_967_296), "cf0000000100000000", "cf0000000100000000"),
        (Value::Integer(-1), "ff", "ff"),
        (Value::Integer(-32), "e0", "e0"),
        (Value::Integer(-33), "d0df", "d0df"),
        (Value::Integer(-128), "d080", "d080"),
        (Value::Integer(-129), "d1ff7f", "d1ff7f"),
        (Value::Integer(-32_769), "d2ffff7fff", "d2ffff7fff"),
        (Value::Integer(-2_147_483_649), "d3ffffffff7fffffff", "d3ffffffff7fffffff"),
        (Value::Integer(SAFE), "cf001fffffffffffff", "cf001fffffffffffff"),
        (Value::Integer(SAFE + 1), "cf0020000000000000", "cb4340000000000000"),
        (Value::Integer(-SAFE), "d3ffe0000000000001", "d3ffe0000000000001"),
        (Value::Integer(-SAFE - 1), "d3ffe0000000000000", "cbc340000000000000"),
        (Value::Unsigned(1 << 63), "cf8000000000000000", "cb43e0000000000000"),
        (Value::Float(1.5), "cb3ff8000000000000", "cb3ff8000000000000"),
        (Value::Float(2.0), "02", "02"),
        (Value::Float(-0.0), "00", "00"),
        (Value::Float(-2.0), "fe", "fe"),
        (Value::Float(9_007_199_254_740_992.0), "cf0020000000000000", "cb4340000000000000"),
        (Value::Float(-9_007_199_254_740_992.0), "d3ffe0000000000000", "cbc340000000000000"),
        (Value::Float(18_446_744_073_709_551_616.0), "cb43f0000000000000", "cb43f0000000000000"),
        (Value::Float(f64::NAN), "cb7ff8000000000000", "cb7ff8000000000000"),
        (Value::Float(f64::INFINITY), "cb7ff0000000000000", "cb7ff0000000000000"),
        (Value::Float(f64::NEG_INFINITY), "cbfff0000000000000", "cbfff0000000000000"),
    ] {
        assert_eq!(written(&value), [notepack, msgpack], "{value:?}");
    }
}

#[test]
fn each_value_has_its_bytes() {
    for (value, notepack, msgpack) in [
        (Value::Undefined, "c0", "c0"),
        (object(Value::Undefined), "81a16b01", "82a161c0a16b01"),
        (object(Value::Array(vec![Value::Undefined])), "82a16191c0a16b01", "82a16191c0a16b01"),
        (object(object(Value::Undefined)), "82a16181a16b01a16b01", "82a16182a161c0a16b01a16b01"),
        (Value::Null, "c0", "c0"),
        (Value::Bool(true), "c3", "c3"),
        (Value::Bool(false), "c2", "c2"),
        (Value::Binary(Bytes::new()), "c400", "c400"),
        (Value::Date(Date(1_700_000_000_000)), "d6ff6553f100", "d6ff6553f100"),
        (Value::Date(Date(1_700_000_000_123)), "d7ff1d5353006553f100", "d7ff1d5353006553f100"),
        (Value::Date(Date(4_294_967_296_000)), "d7ff0000000100000000", "d7ff0000000100000000"),
        (Value::Date(Date(17_179_869_184_000)), "c70cff000000000000000400000000", "c70cff000000000000000400000000"),
        (Value::Date(Date(-1)), "c70cff3b8b87c0ffffffffffffffff", "c70cff3b8b87c0ffffffffffffffff"),
    ] {
        assert_eq!(written(&value), [notepack, msgpack], "{value:?}");
    }
}

#[test]
fn lengths_are_written_in_their_shortest_form() {
    let text = |len: usize| Value::from(&*"x".repeat(len));
    let bytes = |len: usize| Value::Binary(vec![0; len].into());
    for (value, head) in [
        (text(31), "bf"),
        (text(32), "d920"),
        (text(255), "d9ff"),
        (text(256), "da0100"),
        (text(65_536), "db00010000"),
        (bytes(255), "c4ff"),
        (bytes(256), "c50100"),
        (bytes(65_536), "c600010000"),
        (Value::Array(vec![Value::Null; 15]), "9f"),
        (Value::Array(vec![Value::Null; 16]), "dc0010"),
    ] {
        assert!(written(&value).iter().all(|bytes| bytes.starts_with(head)), "{head}");
    }
}

/// What present libraries write, and what older ones wrote.
#[test]
fn each_form_is_read() {
    for (bytes, value) in [
        ("d6ff6553f100", Value::Date(Date(1_700_000_000_000))),
        ("d7ff1d5353006553f100", Value::Date(Date(1_700_000_000_123))),
        ("c70cff3b8b87c0ffffffffffffffff", Value::Date(Date(-1))),
        (
            "c70cff000000007fffffffffffffff",
            Value::Array(vec![Value::Integer(-1), Value::Binary(unhex("000000007fffffffffffffff"))]),
        ),
        ("c70300010203", Value::Binary(unhex("010203"))),
        ("c8000300010203", Value::Binary(unhex("010203"))),
        ("c90000000300010203", Value::Binary(unhex("010203"))),
        ("d40000", Value::Undefined),
        ("d700ffffffffffffffff", Value::Date(Date(-1))),
        ("d40107", Value::Array(vec![Value::Integer(1), Value::Binary(unhex("07"))])),
        ("ca3fc00000", Value::Float(1.5)),
        ("cc07", Value::Integer(7)),
        ("d90161", Value::from("a")),
    ] {
        let head = unhex("83a47479706509a9726571756573744964a6414141414141a67061636b6574");
        let message = [&head[..], &unhex(bytes)].concat();
        let read = classic().decode(Route::Response, message.into()).unwrap().message;
        assert_eq!(read, ack(value), "{bytes}");
    }
}
