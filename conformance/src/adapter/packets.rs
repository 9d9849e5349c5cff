//! Packets of our codec as requests and answers write them, and the normal form in which they are compared.

use sio_codec::engineio;
use sio_codec::socketio::{AckId, Args, Json, Namespace, Object, Packet, PacketKind, Parser, Value};
use sio_codec::{Frame, Text};

use super::form::{from_form, to_form};

/// A packet of Engine.IO; `None` if it has no type, or data that its type cannot have.
pub(super) fn engine(packet: &Value) -> Option<engineio::Packet> {
    let data = packet.get("data").map_or(Some(Value::Undefined), from_form)?;
    let text = || match &data {
        Value::Undefined | Value::Null => Some(Text::new()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    Some(match packet.get("type")?.as_str()? {
        "open" => engineio::Packet::Open(text()?),
        "close" => engineio::Packet::Close,
        "ping" => engineio::Packet::Ping(text()?),
        "pong" => engineio::Packet::Pong(text()?),
        "message" => engineio::Packet::Message(match &data {
            Value::Binary(bytes) => Frame::Binary(bytes.clone()),
            _ => Frame::Text(text()?),
        }),
        "upgrade" => engineio::Packet::Upgrade,
        "noop" => engineio::Packet::Noop,
        _ => return None,
    })
}

/// A packet of Engine.IO, written.
pub(super) fn say_engine(packet: &engineio::Packet) -> Value {
    let text = |text: &Text| (!text.is_empty()).then(|| Value::String(text.clone()));
    let (name, data) = match packet {
        engineio::Packet::Open(json) => ("open", text(json)),
        engineio::Packet::Close => ("close", None),
        engineio::Packet::Ping(data) => ("ping", text(data)),
        engineio::Packet::Pong(data) => ("pong", text(data)),
        engineio::Packet::Message(Frame::Text(data)) => ("message", text(data)),
        engineio::Packet::Message(Frame::Binary(data)) => ("message", Some(Value::Binary(data.clone()))),
        engineio::Packet::Upgrade => ("upgrade", None),
        engineio::Packet::Noop => ("noop", None),
    };
    members([("type", Some(Value::from(name))), ("data", data.as_ref().map(to_form))])
}

/// A packet of Socket.IO.
///
/// # Errors
///
/// Why there is no such packet.
pub(super) fn socket(packet: &Value, parser: Parser) -> Result<Packet, String> {
    let Said { kind, namespace, id, data } = said(packet).ok_or("not the description of a packet")?;
    let json = || data.as_ref().map(Json::encode).transpose().map_err(|error| error.to_string());
    let items = |skip: usize| match &data {
        Some(Value::Array(values)) => {
            Args::encode_with(parser, values.get(skip..).unwrap_or_default()).map_err(|error| error.to_string())
        }
        _ => Err("an event or acknowledgement without a list".to_owned()),
    };
    let ack = id.and_then(AckId::new_signed);
    let kind = match kind {
        0 => PacketKind::Connect { payload: json()? },
        1 => PacketKind::Disconnect,
        2 => {
            let name = data.as_ref().and_then(|data| data.at(0)).and_then(Value::as_str).ok_or("no name")?;
            PacketKind::Event { name: Text::from(name.to_owned()), args: items(1)?, ack }
        }
        3 => PacketKind::Ack { id: ack, args: items(0)? },
        4 => PacketKind::ConnectError { payload: json()? },
        _ => return Err(format!("there is no type {kind}")),
    };
    let namespace = Namespace::new(&namespace).map_err(|error| error.to_string())?;
    Ok(Packet { namespace, kind })
}

/// A packet of Socket.IO, written.
///
/// # Errors
///
/// Why its arguments cannot be read.
pub(super) fn say_socket(packet: &Packet) -> Result<Value, String> {
    let json = |json: &Option<Json>| {
        json.as_ref().map(|json| json.decode::<Value>()).transpose().map_err(|error| error.to_string())
    };
    let values = |args: &Args| args.values().map_err(|error| error.to_string());
    let (kind, id, data) = match &packet.kind {
        PacketKind::Connect { payload } => (0, None, json(payload)?),
        PacketKind::Disconnect => (1, None, None),
        PacketKind::Event { name, args, ack } => {
            let name = Value::String(name.clone());
            (2, *ack, Some(Value::Array([name].into_iter().chain(values(args)?).collect())))
        }
        PacketKind::Ack { id, args } => (3, *id, Some(Value::Array(values(args)?))),
        PacketKind::ConnectError { payload } => (4, None, json(payload)?),
    };
    Ok(members([
        ("type", Some(Value::Integer(kind))),
        ("nsp", Some(Value::from(packet.namespace.as_str()))),
        ("id", id.map(|id| Value::Integer(id.signed()))),
        ("data", data.as_ref().map(to_form)),
    ]))
}

/// A packet without what has no meaning, as one text: two packets are the same if these texts are equal. `None` if it is none.
pub(super) fn normal(packet: &Value, is_socket: bool) -> Option<String> {
    let plain = if is_socket {
        let Said { kind, namespace, id, data } = said(packet)?;
        members([
            ("type", Some(Value::Integer(kind))),
            ("nsp", Some(Value::from(namespace.as_str()))),
            ("id", id.map(Value::Integer)),
            ("data", data.map(|data| to_form(&comparable(data)))),
        ])
    } else {
        say_engine(&engine(packet)?)
    };
    serde_json::to_string(&plain).ok()
}

/// The parts of a packet. Names of events are text, types 5 and 6 are 2 and 3, and types without ids have none.
struct Said {
    kind: i64,
    namespace: String,
    id: Option<i64>,
    data: Option<Value>,
}

//= SIO5-ATT-20
fn said(packet: &Value) -> Option<Said> {
    let kind = match packet.get("type")?.as_i64()? {
        5 => 2,
        6 => 3,
        kind => kind,
    };
    let id = packet.get("id").and_then(Value::as_i64).filter(|_| matches!(kind, 2 | 3));
    let data = packet.get("data").map_or(Some(Value::Undefined), from_form)?;
    let mut data = Some(data).filter(|data| *data != Value::Undefined);
    if let (2, Some(Value::Array(values))) = (kind, &mut data) {
        // JavaScript turns a name that is no text into one.
        let name = match values.first() {
            None | Some(Value::Undefined) => "undefined".to_owned(),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Unsigned(number)) => number.to_string(),
            Some(Value::Float(number)) => number.to_string(),
            Some(name) => name.as_str()?.to_owned(),
        };
        values.splice(..values.len().min(1), [Value::from(name.as_str())]);
    }
    Some(Said { kind, namespace: packet.get("nsp")?.as_str()?.to_owned(), id, data })
}

/// Numbers are those of JavaScript, members have one order, and members that are undefined are left out.
fn comparable(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(comparable).collect()),
        Value::Object(object) => {
            let defined = object.into_iter().filter(|(_, value)| *value != Value::Undefined);
            let mut members: Vec<_> = defined.map(|(name, value)| (name, comparable(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
            Value::Object(members.into_iter().collect())
        }
        // Zero has no sign here, since the text of some encoders has none.
        number => number.as_f64().map_or(number, |number| Value::Float(number + 0.0)),
    }
}

fn members<const N: usize>(members: [(&'static str, Option<Value>); N]) -> Value {
    let present = members.into_iter().filter_map(|(name, value)| Some((Text::from(name), value?)));
    Value::Object(present.collect::<Object>())
}
