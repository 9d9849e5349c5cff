//! The codec behind socketioxide's trait for parsers, in place of its `CommonParser`.
//!
//! ```text
//! cargo run -p sio-benches --features peers --example socketioxide_parser
//! ```

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sio_codec::Limits;
use sio_codec::socketio::{
    AckId, ArgsRef, DecodeError, DecodeErrorKind, Head, Json, KindRef, Namespace, Outgoing, PacketRef, Protocol,
};
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{
    Parse, ParseConfig, ParseError, ParserError, ParserState, PartialBinPacket, is_de_tuple, is_ser_tuple,
};
use socketioxide_core::{Str, Value};

/// Packets as text, with attachments behind them.
#[derive(Clone, Copy, Debug, Default)]
struct SioParser;

impl Parse for SioParser {
    fn decode_str(self, config: &ParseConfig, state: &ParserState, text: Str) -> Result<Packet, ParseError> {
        let mut waiting = state.partial_bin_packet.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_some() {
            return Err(ParseError::UnexpectedStringPacket);
        }
        let limits = Limits::default().with_max_attachments(config.max_incoming_binaries);
        let refused = |error| fault(error, &limits);
        let packet = PacketRef::parse(&text, Protocol::V5, &limits).map_err(refused)?;
        packet.validate(&limits).map_err(refused)?;
        let attachments = packet.attachments();
        let decoded = Packet { ns: Str::copy_from_slice(packet.namespace()), inner: data(&packet, &text)? };
        if attachments == 0 {
            return Ok(decoded);
        }
        state.incoming_binary_cnt.store(attachments, Ordering::Release);
        *waiting = Some(PartialBinPacket::new(decoded));
        Err(ParseError::NeedsMoreBinaryData)
    }

    fn decode_bin(self, config: &ParseConfig, state: &ParserState, bytes: Bytes) -> Result<Packet, ParseError> {
        let mut waiting = state.partial_bin_packet.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(PartialBinPacket { packet, initial_packet_recv }) = waiting.as_mut() else {
            return Err(ParseError::UnexpectedBinaryPacket);
        };
        if initial_packet_recv.elapsed() > config.packet_completion_timeout {
            return Err(ParseError::TimeoutWhileWaitingAttachments);
        }
        let (PacketData::BinaryEvent(Value::Str(_, attachments), _)
        | PacketData::BinaryAck(Value::Str(_, attachments), _)) = &mut packet.inner
        else {
            return Err(ParseError::UnexpectedBinaryPacket);
        };
        let attachments = attachments.get_or_insert_default();
        let current = attachments.iter().map(Bytes::len).sum::<usize>() + bytes.len();
        if current > config.max_incoming_binary_buf_size {
            return Err(ParseError::AttachmentsTooHeavy { current, max: config.max_incoming_binary_buf_size });
        }
        attachments.push_back(bytes);
        if attachments.len() < state.incoming_binary_cnt.load(Ordering::Acquire) {
            return Err(ParseError::NeedsMoreBinaryData);
        }
        waiting.take().map(|complete| complete.packet).ok_or(ParseError::UnexpectedBinaryPacket)
    }

    fn encode(self, packet: Packet) -> Value {
        // A namespace of theirs is known because a client asked for it, in a packet.
        let namespace = Namespace::new(&packet.ns).expect("a name that a packet can carry");
        let id = |id: i64| u64::try_from(id).ok().and_then(AckId::new);
        let (head, payload) = match packet.inner {
            PacketData::Connect(payload) => (Head::connect(&namespace), payload),
            PacketData::Disconnect => (Head::disconnect(&namespace), None),
            PacketData::Event(args, ack) | PacketData::BinaryEvent(args, ack) => {
                (Head::event(&namespace, ack.and_then(id)), Some(args))
            }
            PacketData::EventAck(args, ack) | PacketData::BinaryAck(args, ack) => {
                (Head::acknowledgement(&namespace, id(ack).expect("the id of an event that arrived")), Some(args))
            }
            PacketData::ConnectError(message) => {
                let payload = Json::encode(&[("message", message)].into_iter().collect::<Message>()).expect("a string");
                (Head::connect_error(&namespace), Some(Value::Str(payload.as_str().to_owned().into(), None)))
            }
        };
        let (payload, attachments) = match payload {
            Some(Value::Str(payload, attachments)) => (payload, attachments),
            _ => (Str::from(""), None),
        };
        let mut text = String::with_capacity(payload.len() + 32);
        head.write(attachments.as_ref().map_or(0, |attachments| attachments.len()), &mut text);
        text.push_str(&payload);
        Value::Str(text.into(), attachments)
    }

    fn encode_value<T: ?Sized + Serialize>(self, data: &T, event: Option<&str>) -> Result<Value, ParserError> {
        let root = Namespace::root();
        let outgoing = match event {
            Some(name) => Outgoing::event(&root, name),
            None => Outgoing::acknowledgement(&root, AckId::new(0).expect("a small number")),
        };
        let (mut text, mut attachments) = (String::new(), Vec::new());
        // A tuple has an argument in each place, anything else is one.
        let written = if is_ser_tuple(data) {
            outgoing.encode_into(&mut text, &mut attachments, data)
        } else {
            outgoing.encode_into(&mut text, &mut attachments, &(data,))
        };
        written.map_err(ParserError::new)?;
        // Their head comes later, in front of the array.
        let array = text.split_off(text.find('[').unwrap_or_default());
        Ok(Value::Str(array.into(), (!attachments.is_empty()).then(|| attachments.into())))
    }

    fn decode_value<'de, T: Deserialize<'de>>(self, value: &'de mut Value, with_event: bool) -> Result<T, ParserError> {
        let Value::Str(array, attachments) = value else { return Err(ParserError::new(NotText)) };
        let attachments = attachments.as_mut().map_or(&[][..], |attachments| attachments.make_contiguous());
        let mut args = ArgsRef::from_json(array, attachments.len()).map_err(ParserError::new)?;
        if with_event {
            (_, args) = args.split_name().map_err(ParserError::new)?;
        }
        if is_de_tuple::<T>() {
            args.decode(attachments).map_err(ParserError::new)
        } else {
            args.decode::<(T,)>(attachments).map(|(first,)| first).map_err(ParserError::new)
        }
    }

    fn read_event(self, value: &Value) -> Result<&str, ParserError> {
        let array = value.as_str().ok_or_else(|| ParserError::new(NotText))?;
        let (name, _) =
            ArgsRef::from_json(array, 0).map_err(ParserError::new)?.split_name().map_err(ParserError::new)?;
        match name {
            std::borrow::Cow::Borrowed(name) => Ok(name),
            // Written with escapes: the trait has no place for the name without them.
            std::borrow::Cow::Owned(_) => Err(ParserError::new(NotText)),
        }
    }

    // A CONNECT's payload is plain JSON, without attachments: the business of any library for it.

    fn decode_default<'de, T: Deserialize<'de>>(self, value: Option<&'de Value>) -> Result<T, ParserError> {
        let text = value.and_then(Value::as_str).map_or("{}", |text| text);
        serde_json::from_str(text).map_err(ParserError::new)
    }

    fn encode_default<T: ?Sized + Serialize>(self, data: &T) -> Result<Value, ParserError> {
        Ok(Value::Str(serde_json::to_string(data).map_err(ParserError::new)?.into(), None))
    }
}

type Message = std::collections::BTreeMap<&'static str, String>;

/// What a packet says, in their types. The payload shares the text.
fn data(packet: &PacketRef<'_>, text: &Str) -> Result<PacketData, ParseError> {
    // It goes up to the end.
    let payload = packet.payload().map(|payload| Value::Str(text.slice(text.len() - payload.len()..), None));
    let id = |id: AckId| i64::try_from(id.value()).map_err(|_| ParseError::InvalidAckId);
    let is_binary = packet.attachments() > 0;
    Ok(match (packet.kind(), payload) {
        (KindRef::Connect { .. }, payload) => PacketData::Connect(payload),
        (KindRef::Disconnect, _) => PacketData::Disconnect,
        (KindRef::Event { ack, .. }, Some(args)) if is_binary => {
            PacketData::BinaryEvent(args, ack.map(id).transpose()?)
        }
        (KindRef::Event { ack, .. }, Some(args)) => PacketData::Event(args, ack.map(id).transpose()?),
        (KindRef::Ack { id: ack, .. }, Some(args)) if is_binary => PacketData::BinaryAck(args, id(ack)?),
        (KindRef::Ack { id: ack, .. }, Some(args)) => PacketData::EventAck(args, id(ack)?),
        // No client sends one.
        (KindRef::ConnectError { .. }, _) => return Err(ParseError::InvalidPacketType),
        (_, None) => return Err(ParseError::InvalidData),
    })
}

fn fault(error: DecodeError, limits: &Limits) -> ParseError {
    match error.kind {
        DecodeErrorKind::UnknownType => ParseError::InvalidPacketType,
        DecodeErrorKind::AckIdTooLarge | DecodeErrorKind::AckIdMissing => ParseError::InvalidAckId,
        DecodeErrorKind::IllegalAttachments => ParseError::InvalidAttachments,
        DecodeErrorKind::TooManyAttachments { announced } => {
            ParseError::TooManyAttachments { got: announced as usize, max: limits.max_attachments }
        }
        DecodeErrorKind::ReservedName => ParseError::InvalidEventName,
        _ => ParseError::ParserError(ParserError::new(error)),
    }
}

/// The value is not text, or has an event's name that is not there as it is.
#[derive(Debug)]
struct NotText;

impl std::fmt::Display for NotText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no text that can be borrowed")
    }
}

impl std::error::Error for NotText {}

fn main() -> Result<(), ParseError> {
    let text = Str::from(r#"2/chat,7["add",1,2]"#);
    let packet = SioParser.decode_str(&ParseConfig::default(), &ParserState::default(), text)?;
    println!("{packet:?}");
    println!("{:?}", SioParser.encode(packet));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests say what they expect by panicking")]

    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use socketioxide_parser_common::CommonParser;

    use super::*;

    fn decode(parser: impl Parse, text: &str, attachments: &[&'static str]) -> Result<Packet, ParseError> {
        let (config, state) = (ParseConfig::default(), ParserState::default());
        let mut decoded = parser.decode_str(&config, &state, Str::from(text.to_owned()));
        for attachment in attachments {
            assert!(matches!(decoded, Err(ParseError::NeedsMoreBinaryData)), "{text}");
            decoded = parser.decode_bin(&config, &state, Bytes::from_static(attachment.as_bytes()));
        }
        decoded
    }

    #[test]
    fn packets_are_those_of_their_parser() {
        for (text, attachments) in [
            ("0", &[][..]),
            (r#"0/admin,{"token":"123"}"#, &[]),
            ("1", &[]),
            ("1/admin,", &[]),
            (r#"2["hello",1,{"a":[null]}]"#, &[]),
            (r#"2/chat,7["add",1,2]"#, &[]),
            (r#"312["done"]"#, &[]),
            (r#"51-["photo",{"_placeholder":true,"num":0}]"#, &["PNG"]),
            (r#"52-/chat,4["two",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, &["a", "b"]),
            (r#"61-/chat,4[{"_placeholder":true,"num":0}]"#, &["a"]),
        ] {
            let packet = decode(SioParser, text, attachments).unwrap();
            assert_eq!(packet, decode(CommonParser, text, attachments).unwrap(), "{text}");
            assert_eq!(SioParser.encode(packet.clone()), CommonParser.encode(packet), "{text}");
        }
        let refused = Packet::connect_error("/admin", "no \"entry\"");
        assert_eq!(SioParser.encode(refused.clone()), CommonParser.encode(refused));
    }

    #[test]
    fn values_are_those_of_their_parser() {
        fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
            for event in [Some("an \"event\""), None] {
                let written = SioParser.encode_value(&value, event).unwrap();
                assert_eq!(written, CommonParser.encode_value(&value, event).unwrap());
                let read: T = SioParser.decode_value(&mut written.clone(), event.is_some()).unwrap();
                assert_eq!(read, value);
            }
        }
        same("text".to_owned());
        same((1, "two".to_owned(), 3.5));
        same(vec![1, 2, 3]);
        same(Bytes::from_static(b"\x89PNG"));
        same((1, Bytes::from_static(b"a"), Bytes::from_static(b"b")));

        let event = Value::Str(Str::from(r#"["hello",1]"#), None);
        assert_eq!(SioParser.read_event(&event).unwrap(), CommonParser.read_event(&event).unwrap());
    }

    /// Faults that their parser leaves to whoever reads the arguments, if anybody does.
    #[test]
    fn faults_are_found_at_once() {
        for text in [r#"2["hello",]"#, r#"2["connect"]"#, "2", r#"50-["a"]"#, "9"] {
            assert!(decode(SioParser, text, &[]).is_err(), "{text}");
        }
        let state = ParserState::default();
        let head = Str::from(r#"51-["photo",{"_placeholder":true,"num":0}]"#);
        let first = SioParser.decode_str(&ParseConfig::default(), &state, head);
        assert!(matches!(first, Err(ParseError::NeedsMoreBinaryData)));
        let early = SioParser.decode_str(&ParseConfig::default(), &state, Str::from("1"));
        assert!(matches!(early, Err(ParseError::UnexpectedStringPacket)));
    }
}
