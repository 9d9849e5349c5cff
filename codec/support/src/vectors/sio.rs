//! Vectors of Socket.IO as values of this crate, and packets in their notation.

use sio_codec::socketio::{AckId, Args, Date, Json, Object, Packet, PacketKind, Parser, Value};
use sio_codec::{Frame, Text};

use super::{read, unhex};

/// The vectors of one file.
///
/// # Panics
///
/// Panics if there is no such file, or if its number of vectors is not the stated one.
#[must_use]
pub fn load(suite: &str) -> Vec<Value> {
    let suite: Value = serde_json::from_str(&read(suite)).unwrap();
    let vectors = list(&suite, "vectors").to_vec();
    assert_eq!(suite.get("count").and_then(Value::as_i64), i64::try_from(vectors.len()).ok());
    vectors
}

/// The text under a key.
///
/// # Panics
///
/// Panics if there is none.
#[must_use]
pub fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} of {of:?} is no text"))
}

/// The list under a key.
///
/// # Panics
///
/// Panics if there is none.
#[must_use]
pub fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
    match of.get(key) {
        Some(Value::Array(values)) => values,
        _ => panic!("{key} of {of:?} is no list"),
    }
}

/// The number at the end of a vector's id.
///
/// # Panics
///
/// Panics if there is none.
#[must_use]
pub fn number(vector: &Value) -> u32 {
    text(vector, "id").rsplit('-').next().unwrap().parse().unwrap()
}

/// An Engine.IO message: `{"text": ..}` or `{"hex": ..}`.
///
/// # Panics
///
/// Panics if the value is neither.
#[must_use]
pub fn frame(value: &Value) -> Frame {
    match value.get("hex") {
        Some(_) => Frame::Binary(unhex(text(value, "hex"))),
        None => Frame::Text(Text::from(String::from(text(value, "text")))),
    }
}

/// The data of a vector. Objects such as `{"$bin": ..}` and `{"$date": ..}` stand for values that JSON does not have.
///
/// # Panics
///
/// Panics if such an object is malformed.
#[must_use]
pub fn data(value: &Value) -> Value {
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

/// A packet as the vectors describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The type, 0 to 4.
    pub kind: i64,
    /// The namespace.
    pub namespace: String,
    /// The id for the acknowledgement.
    pub id: Option<i64>,
    /// The payload, or the arguments with the name first.
    pub data: Option<Value>,
}

/// Reads the description of a packet: names become text, types 5 and 6 become 2 and 3, and ids of types without ids are
/// left out.
///
/// # Panics
///
/// Panics if it does not describe a packet.
#[must_use]
pub fn said(packet: &Value) -> Said {
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

/// Describes a packet.
///
/// # Panics
///
/// Panics if its arguments have no values.
#[must_use]
pub fn say(packet: &Packet) -> Said {
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
///
/// # Errors
///
/// The arguments cannot be encoded for this parser.
///
/// # Panics
///
/// Panics if it does not describe a packet.
pub fn packet(value: &Value, parser: Parser) -> Result<Packet, sio_codec::socketio::ArgsError> {
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
#[must_use]
pub fn object<const N: usize>(members: [(&'static str, Value); N]) -> Object {
    members.into_iter().map(|(name, value)| (Text::from(name), value)).collect()
}
