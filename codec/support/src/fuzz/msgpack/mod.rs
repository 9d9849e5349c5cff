//! Any bytes as a packet of the msgpack parser: no panic. A decoded packet can be encoded and decoded again. All ways
//! of reading agree, owned and borrowed, among them that of another library.

mod oracle;
mod view;

use bytes::Bytes;
use serde::de::IgnoredAny;
use sio_codec::socketio::{
    Args, ArgsError, Binary, Date, DecodeError, Decoder, Json, Packet, PacketKind, Parser, Value,
};
use sio_codec::{Frame, Limits, Text};

/// The input is the bytes of a message.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let decoded = decode(Bytes::copy_from_slice(data));
    view::agrees(data, &limits(), &decoded);
    match decoded {
        Err(error) => {
            assert!(error.offset <= data.len());
            oracle::agrees_with_fault(data, error);
        }
        Ok(packet) => {
            if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &packet.kind {
                oracle::agrees_with_args(data, matches!(packet.kind, PacketKind::Event { .. }), args);
            }
            check(&packet);
        }
    }
}

fn decode(message: Bytes) -> Result<Packet, DecodeError> {
    let decoded = Decoder::new(&limits()).with_parser(Parser::MsgPack).push(Frame::Binary(message));
    decoded.map(|packet| packet.expect("one message is one packet"))
}

fn limits() -> Limits {
    Limits::default().with_max_payload(1 << 16).with_max_namespace_len(20)
}

fn check(packet: &Packet) {
    let encoded = packet.encode_with(Parser::MsgPack).expect("all packets");
    let Some(Frame::Binary(message)) = encoded.frames().next() else { panic!("text") };
    if message.len() <= 1 << 16 {
        let again = decode(message).expect("written by ourselves");
        match (&packet.kind, &again.kind) {
            // A name of another type has become a string, and lengths are written in their shortest form.
            (PacketKind::Event { args, .. }, PacketKind::Event { args: read, .. })
            | (PacketKind::Ack { args, .. }, PacketKind::Ack { args: read, .. }) => assert_eq!(args, read),
            (PacketKind::Connect { payload }, PacketKind::Connect { payload: read })
            | (PacketKind::ConnectError { payload }, PacketKind::ConnectError { payload: read }) => {
                // Compared as text, because NaN is not equal to itself.
                let value = |json: &Option<Json>| format!("{:?}", json.as_ref().map(|json| json.decode::<Value>()));
                assert_eq!(value(payload), value(read));
            }
            (packet, read) => assert_eq!(packet, read),
        }
        assert_eq!(again.namespace, packet.namespace);
    }
    match &packet.kind {
        PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => read(args),
        PacketKind::Connect { payload: Some(payload) } | PacketKind::ConnectError { payload: Some(payload) } => {
            read_payload(payload);
        }
        _ => {}
    }
    let _ = packet.encode_with(Parser::Json);
}

/// Checks that the text of a payload is JSON, and that values can be written and read again.
fn read_payload(payload: &Json) {
    // Binary data has more nesting there.
    let text = Json::new(Text::from(String::from(payload.as_str())));
    assert!(matches!(text, Ok(_) | Err(ArgsError::TooDeep { .. })));
    let value: Value = payload.decode().expect("valid");
    let again = Json::encode(&value).expect("all values");
    assert_eq!(format!("{:?}", again.decode::<Value>()), format!("{:?}", Ok::<_, ()>(value)));
}

fn read(args: &Args) {
    let values = args.values().expect("valid");
    assert_eq!(args.is_empty(), values.is_empty());
    assert_eq!(args.decode::<Vec<IgnoredAny>>().map(|values| values.len()), Ok(values.len()));
    // Compared as text, because NaN is not equal to itself.
    assert_eq!(format!("{:?}", args.decode::<Vec<Value>>()), format!("{:?}", args.values()));
    let _ = args.decode::<(Binary, Option<&[u8]>, std::collections::BTreeMap<u8, Binary>)>();
    let _ = args.decode::<(&str, i64, f64, Vec<Option<bool>>, (char, ()), Date)>();
    let again = Args::encode_with(Parser::MsgPack, &values).expect("all values");
    assert_eq!(format!("{:?}", again.values()), format!("{:?}", Ok::<_, ()>(values)));
    if let Ok(json) = args.to_form(Parser::Json) {
        assert!(json.values().is_ok());
    }
}
