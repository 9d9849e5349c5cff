//! The recorded vectors, and packets in the form that they have there.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use bytes::Bytes;
use sio_codec::socketio::{AckId, Args, Date, Json, Object, Packet, PacketKind, Parser, Value};
use sio_codec::{Frame, Text};

/// The vectors of one file.
pub(crate) fn load(name: &str) -> Vec<Value> {
    let path = format!("{}/../fixtures/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let suite: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vectors = list(&suite, "vectors").to_vec();
    assert_eq!(suite.get("count").and_then(Value::as_i64), i64::try_from(vectors.len()).ok());
    vectors
}

pub(crate) fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} of {of:?} is no text"))
}

pub(crate) fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
    match of.get(key) {
        Some(Value::Array(values)) => values,
        _ => panic!("{key} of {of:?} is no list"),
    }
}

/// The number at the end of a vector's id.
pub(crate) fn number(vector: &Value) -> u32 {
    text(vector, "id").rsplit('-').next().unwrap().parse().unwrap()
}

/// An engine message: `{"text": ..}` or `{"hex": ..}`.
pub(crate) fn frame(value: &Value) -> Frame {
    match value.get("hex") {
        Some(_) => Frame::Binary(unhex(text(value, "hex"))),
        None => Frame::Text(Text::from(String::from(text(value, "text")))),
    }
}

pub(crate) fn unhex(hex: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Data of a vector: some forms stand for what only JavaScript has.
pub(crate) fn data(value: &Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.iter().map(data).collect()),
        Value::Object(object) => match object.iter().next().map(|(name, value)| (name.as_str(), value)) {
            Some(("$bin", hex)) => Value::Binary(unhex(hex.as_str().unwrap())),
            Some(("$undefined", _)) => Value::Undefined,
            Some(("$number", number)) => Value::Float(number.as_str().unwrap().parse().unwrap()),
            Some(("$date", milliseconds)) => Value::Date(Date(milliseconds.as_i64().unwrap())),
            _ => Value::Object(object.iter().map(|(name, value)| (name.clone(), data(value))).collect()),
        },
        plain => plain.clone(),
    }
}

/// What a vector says of a packet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) kind: i64,
    pub(crate) namespace: String,
    pub(crate) id: Option<i64>,
    pub(crate) data: Option<Value>,
}

/// A packet in our model: names are text, types 5 and 6 are 2 and 3, and ids are where they mean something.
pub(crate) fn said(packet: &Value) -> Said {
    let kind = match packet.get("type").and_then(Value::as_i64).unwrap() {
        5 => 2,
        6 => 3,
        kind => kind,
    };
    let id = packet.get("id").and_then(Value::as_i64).filter(|_| matches!(kind, 2 | 3));
    let mut data = packet.get("data").map(data).filter(|data| *data != Value::Undefined);
    if let (2, Some(Value::Array(values))) = (kind, &mut data) {
        let name = match values.first() {
            None => "undefined".into(),
            Some(Value::Null) => "null".into(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            Some(name) => name.as_str().unwrap().into(),
        };
        values.splice(..values.len().min(1), [Value::from(name.as_str())]);
    }
    Said { kind, namespace: text(packet, "nsp").into(), id, data }
}

pub(crate) fn say(packet: &Packet) -> Said {
    let json = |json: &Option<Json>| json.as_ref().map(|json| json.decode::<Value>().unwrap());
    let id = |id: &Option<AckId>| id.map(AckId::signed);
    let (kind, id, data) = match &packet.kind {
        PacketKind::Connect { payload } => (0, None, json(payload)),
        PacketKind::Disconnect => (1, None, None),
        PacketKind::Event { name, args, ack } => {
            let values = [Value::String(name.clone())].into_iter().chain(args.values().unwrap());
            (2, id(ack), Some(Value::Array(values.collect())))
        }
        PacketKind::Ack { id: of, args } => (3, id(of), Some(Value::Array(args.values().unwrap()))),
        PacketKind::ConnectError { payload } => (4, None, json(payload)),
    };
    Said { kind, namespace: packet.namespace.as_str().into(), id, data }
}

/// The packet that a vector describes.
pub(crate) fn packet(value: &Value, parser: Parser) -> Result<Packet, sio_codec::socketio::ArgsError> {
    let said = said(value);
    let json = || said.data.as_ref().map(|data| Json::encode(data).unwrap());
    let args = |skip: usize| match &said.data {
        Some(Value::Array(values)) => Args::encode_with(parser, &values[skip..]),
        other => panic!("{other:?} is no list"),
    };
    let id = said.id.and_then(AckId::new_signed);
    let kind = match said.kind {
        0 => PacketKind::Connect { payload: json() },
        1 => PacketKind::Disconnect,
        2 => {
            let name = said.data.as_ref().and_then(|data| data.at(0)).and_then(Value::as_str).unwrap();
            PacketKind::Event { name: Text::from(String::from(name)), args: args(1)?, ack: id }
        }
        3 => PacketKind::Ack { id, args: args(0)? },
        4 => PacketKind::ConnectError { payload: json() },
        other => panic!("type {other}"),
    };
    let namespace = sio_codec::socketio::Namespace::new(&said.namespace).unwrap();
    Ok(Packet { namespace, kind })
}

/// An object with these members.
pub(crate) fn object<const N: usize>(members: [(&'static str, Value); N]) -> Object {
    members.into_iter().map(|(name, value)| (Text::from(name), value)).collect()
}
