//! Translates packets between the form of traces and the form of a server's parser.
//!
//! A trace shows a Socket.IO packet as text and attachments. A server with the MessagePack parser takes each packet as
//! one binary message. Only the packets inside Engine.IO messages are translated; everything else stays as it is.
//!
//! A trace about MessagePack itself writes some packets in that form: as frames of a WebSocket, or in base64.

use std::collections::BTreeMap;

use bytes::Bytes;
use sio_codec::engineio::payload::{Encoder, Format, Packets};
use sio_codec::engineio::{self, Revision};
use sio_codec::socketio::{Decoder, Packet, PacketKind, Parser, Value};
use sio_codec::{Frame, Limits, Text};

use crate::replay::{Answer, Command, Happening, Id, Outgoing, Replay, Seen};

/// The Engine.IO type of a message.
const MESSAGE: char = '4';

/// The mark of a binary message that is written as text.
const BINARY: char = 'b';

/// What is put before a packet that a server with this parser sends as text.
const FOREIGN: &str = "not MessagePack: ";

/// Why a case does not apply to a server with another parser.
const UNTRANSLATABLE: &str = "what it sends are no packets that socket.io-msgpack-parser can carry";

/// The form of packets on the wire, and the packets whose attachments are missing.
#[derive(Debug)]
pub(crate) struct Tongue {
    parser: Parser,
    written: Written,
    incomplete: BTreeMap<Id, Decoder>,
}

/// The form of the packets in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// All of them are text and attachments.
    InJson,
    /// Frames, and packets in base64, are sent as they are.
    InBoth,
}

impl Tongue {
    pub(crate) const fn new(parser: Parser) -> Self {
        Self { parser, written: Written::InJson, incomplete: BTreeMap::new() }
    }

    /// Prepares for a trace.
    pub(crate) fn learn(&mut self, replay: &Replay) {
        self.written = if replay.is_about_msgpack() { Written::InBoth } else { Written::InJson };
    }

    /// Translates what a client sends. `None` while attachments are missing; `Err` says why it cannot be translated.
    //= MSG-10: one binary engine message per packet
    pub(crate) fn say(&mut self, command: Command) -> Result<Option<Command>, String> {
        if self.parser == Parser::Json {
            return Ok(Some(command));
        }
        match command {
            Command::Text { id, text } => match text.strip_prefix(MESSAGE) {
                Some(packet) => self.push(id, Frame::Text(Text::from(packet.to_owned()))),
                // An attachment in the form of polling.
                None if text.starts_with(BINARY) => Err(UNTRANSLATABLE.to_owned()),
                None => Ok(Some(Command::Text { id, text })),
            },
            Command::Binary { id, bytes } => self.push(id, Frame::Binary(bytes)),
            Command::Request { id, node, request } if request.method == "POST" => {
                Ok(Some(Command::Request { id, node, request: self.translated(request)? }))
            }
            // Parts of a message cannot be translated alone.
            Command::Part { .. } => Err(UNTRANSLATABLE.to_owned()),
            Command::Frame { head, .. } if head & 0x0f < 8 && self.written == Written::InJson => {
                Err(UNTRANSLATABLE.to_owned())
            }
            other => Ok(Some(other)),
        }
    }

    fn push(&mut self, id: Id, frame: Frame) -> Result<Option<Command>, String> {
        let mut decoder = match (self.incomplete.remove(&id), &frame) {
            (Some(decoder), _) => decoder,
            (None, Frame::Text(_)) => text_decoder(),
            (None, Frame::Binary(_)) => return Err(UNTRANSLATABLE.to_owned()),
        };
        match decoder.push(frame).map_err(|_| UNTRANSLATABLE.to_owned())? {
            Some(packet) => Ok(Some(Command::Binary { id, bytes: packed(&packet)? })),
            None => {
                self.incomplete.insert(id, decoder);
                Ok(None)
            }
        }
    }

    /// Translates what a server sends. What is no packet in its form stays as it is.
    pub(crate) fn hear(&self, Happening { id, seen }: Happening) -> Vec<Happening> {
        if self.parser == Parser::Json {
            return vec![Happening { id, seen }];
        }
        let all = match seen {
            Seen::Binary(bytes) => heard(engineio::Packet::Message(Frame::Binary(bytes))).iter().map(message).collect(),
            Seen::Text(text) => match engineio::Packet::parse(Revision::V4, Frame::Text(Text::from(text.clone()))) {
                Ok(packet @ engineio::Packet::Message(_)) => heard(packet).iter().map(message).collect(),
                Ok(_) | Err(_) => vec![Seen::Text(text)],
            },
            Seen::Answer(answer) => vec![Seen::Answer(Answer { body: payload(answer.body), ..answer })],
            other => vec![other],
        };
        all.into_iter().map(|seen| Happening { id, seen }).collect()
    }

    /// A POST whose body is a payload of complete packets.
    fn translated(&self, request: Outgoing) -> Result<Outgoing, String> {
        let untranslatable = || UNTRANSLATABLE.to_owned();
        if request.length.is_some() {
            return Err(untranslatable());
        }
        let (mut packets, mut incomplete) = (Vec::new(), None::<Decoder>);
        for packet in split(&request.body).ok_or_else(untranslatable)? {
            let (mut decoder, frame) = match (incomplete.take(), packet) {
                (Some(decoder), engineio::Packet::Message(frame)) => (decoder, frame),
                (None, engineio::Packet::Message(frame @ Frame::Text(_))) => (text_decoder(), frame),
                (None, engineio::Packet::Message(Frame::Binary(_))) if self.written == Written::InJson => {
                    return Err(untranslatable());
                }
                (decoder, other) => {
                    incomplete = decoder;
                    packets.push(other);
                    continue;
                }
            };
            match decoder.push(frame).map_err(|_| untranslatable())? {
                Some(whole) => packets.push(engineio::Packet::Message(Frame::Binary(packed(&whole)?))),
                None => incomplete = Some(decoder),
            }
        }
        match joined(&packets) {
            Some(body) if incomplete.is_none() => Ok(Outgoing { body, ..request }),
            _ => Err(untranslatable()),
        }
    }
}

/// The packets of a payload; `None` if it is none.
fn split(body: &Bytes) -> Option<Vec<engineio::Packet>> {
    Packets::new(Format::V4, body.clone()).ok()?.collect::<Result<_, _>>().ok()
}

/// The payload of some packets; `None` if there is none.
fn joined(packets: &[engineio::Packet]) -> Option<Bytes> {
    let mut payload = Encoder::new(Format::V4);
    packets.iter().try_for_each(|packet| payload.push(packet)).ok()?;
    payload.finish().map(Bytes::from)
}

/// The body of an answer, in which binary packets are translated.
fn payload(body: Bytes) -> Bytes {
    let translated = split(&body).and_then(|packets| joined(&packets.into_iter().flat_map(heard).collect::<Vec<_>>()));
    translated.unwrap_or(body)
}

/// A packet of the server, in the form of traces. What is no packet in the server's form stays as it is.
fn heard(packet: engineio::Packet) -> Vec<engineio::Packet> {
    match packet {
        engineio::Packet::Message(Frame::Text(text)) => {
            //= MSG-10: one binary engine message per packet
            vec![engineio::Packet::Message(Frame::Text(Text::from(format!("{FOREIGN}{}", text.as_str()))))]
        }
        engineio::Packet::Message(Frame::Binary(bytes)) => match unpacked(&bytes) {
            Some(packets) => packets,
            None => vec![engineio::Packet::Message(Frame::Binary(bytes))],
        },
        other => vec![other],
    }
}

/// A packet as a message of a WebSocket.
fn message(packet: &engineio::Packet) -> Seen {
    match packet {
        engineio::Packet::Message(Frame::Binary(bytes)) => Seen::Binary(bytes.clone()),
        other => Seen::Text(other.to_text(Revision::V4).as_str().to_owned()),
    }
}

fn text_decoder() -> Decoder {
    Decoder::new(&Limits::default())
}

fn packed(packet: &Packet) -> Result<Bytes, String> {
    let is_carried = match &packet.kind {
        PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => {
            args.values().is_ok_and(|values| values.iter().all(is_kept))
        }
        PacketKind::Connect { payload } | PacketKind::ConnectError { payload } => {
            payload.as_ref().is_none_or(|payload| payload.decode().is_ok_and(|value| is_kept(&value)))
        }
        PacketKind::Disconnect => true,
    };
    if !is_carried {
        return Err(UNTRANSLATABLE.to_owned());
    }
    let encoded = packet.encode_with(Parser::MsgPack).map_err(|_| UNTRANSLATABLE.to_owned())?;
    match encoded.frames().next() {
        Some(Frame::Binary(bytes)) => Ok(bytes),
        Some(Frame::Text(_)) | None => Err(UNTRANSLATABLE.to_owned()),
    }
}

/// Whether the reference's library keeps a value. notepack.io 2.2.0 writes whole numbers from 2^64 on as 0, and does not
/// read the key `__proto__`.
fn is_kept(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.fract() != 0.0 || number.abs() < 18_446_744_073_709_551_616.0,
        Value::Array(items) => items.iter().all(is_kept),
        Value::Object(members) => members.iter().all(|(key, value)| key.as_str() != "__proto__" && is_kept(value)),
        _ => true,
    }
}

/// The Engine.IO packets, text and attachments, of a packet in MessagePack form.
fn unpacked(bytes: &Bytes) -> Option<Vec<engineio::Packet>> {
    let mut decoder = text_decoder().with_parser(Parser::MsgPack);
    let packet = decoder.push(Frame::Binary(bytes.clone())).ok()??;
    let frames = packet.encode_with(Parser::Json).ok()?;
    frames.frames().map(|frame| engineio::Packet::parse(Revision::V4, frame).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Node;

    const ID: Id = Id(1);

    fn text(text: &str) -> Command {
        Command::Text { id: ID, text: text.to_owned() }
    }

    #[test]
    fn a_packet_is_sent_as_one_binary_message_and_read_back() {
        let mut tongue = Tongue::new(Parser::MsgPack);
        let header = text(r#"451-/a,7["x",{"_placeholder":true,"num":0}]"#);
        assert_eq!(tongue.say(header), Ok(None));
        let attachment = Command::Binary { id: ID, bytes: Bytes::from_static(b"\x01\x02") };
        let Ok(Some(Command::Binary { bytes, .. })) = tongue.say(attachment.clone()) else { panic!("a message") };
        // The bin8 of the attachment, and the fixstr of the namespace.
        assert!(bytes.windows(4).any(|part| part == b"\xc4\x02\x01\x02"), "{bytes:x?}");
        let heard = tongue.hear(Happening { id: ID, seen: Seen::Binary(bytes) });
        let seen: Vec<_> = heard.into_iter().map(|happening| happening.seen).collect();
        let expected = r#"451-/a,7["x",{"_placeholder":true,"num":0}]"#;
        assert_eq!(seen, [Seen::Text(expected.to_owned()), Seen::Binary(Bytes::from_static(b"\x01\x02"))]);
        assert!(tongue.say(attachment).is_err());
    }

    fn heard_as(seen: Seen) -> Vec<Seen> {
        let heard = Tongue::new(Parser::MsgPack).hear(Happening { id: ID, seen });
        heard.into_iter().map(|happening| happening.seen).collect()
    }

    /// Otherwise a server that ignores its parser would pass.
    //= MSG-10: one binary engine message per packet
    #[test]
    fn a_packet_that_a_server_sends_as_text_is_not_taken_for_one_in_messagepack() {
        let text = |text: &str| Seen::Text(text.to_owned());
        assert_eq!(heard_as(text(r#"42["a"]"#)), [text(r#"4not MessagePack: 2["a"]"#)]);
        assert_eq!(heard_as(text("2")), [text("2")]);
        assert_eq!(heard_as(text("0{}")), [text("0{}")]);
        let answer = |body: &'static str| {
            Seen::Answer(Answer { status: 200, headers: Vec::new(), body: Bytes::from_static(body.as_bytes()) })
        };
        assert_eq!(heard_as(answer("40{}\u{1e}2")), [answer("4not MessagePack: 0{}\u{1e}2")]);
        assert_eq!(heard_as(answer("ok")), [answer("ok")]);
    }

    #[test]
    fn a_trace_about_messagepack_writes_frames_and_base64_itself() {
        let frame = Command::Frame { id: ID, head: 0x82, payload: Bytes::from_static(b"\x80"), cut: None };
        let post = |body: &'static [u8]| {
            let body = Bytes::from_static(body);
            let request =
                Outgoing { method: "POST".to_owned(), query: String::new(), headers: Vec::new(), body, length: None };
            Command::Request { id: ID, node: Node::FIRST, request }
        };
        let mut tongue = Tongue::new(Parser::MsgPack);
        assert!(tongue.say(frame.clone()).is_err() && tongue.say(post(b"bgA==")).is_err());
        tongue.written = Written::InBoth;
        assert_eq!(tongue.say(frame.clone()), Ok(Some(frame)));
        assert_eq!(tongue.say(post(b"bgA==")), Ok(Some(post(b"bgA=="))));
    }

    #[test]
    fn packets_of_a_payload_are_translated_and_others_stay() {
        let mut tongue = Tongue::new(Parser::MsgPack);
        let body = Bytes::from_static(b"40\x1e3");
        let request =
            Outgoing { method: "POST".to_owned(), query: String::new(), headers: Vec::new(), body, length: None };
        let Ok(Some(Command::Request { request, .. })) =
            tongue.say(Command::Request { id: ID, node: Node::FIRST, request })
        else {
            panic!("a request")
        };
        assert!(request.body.starts_with(b"b") && request.body.ends_with(b"\x1e3"), "{:?}", request.body);
        let answer = Answer { status: 200, headers: Vec::new(), body: request.body };
        let heard = tongue.hear(Happening { id: ID, seen: Seen::Answer(answer) });
        let Some(Seen::Answer(answer)) = heard.into_iter().next().map(|happening| happening.seen) else {
            panic!("one")
        };
        assert_eq!(answer.body, "40\x1e3");
    }

    #[test]
    fn what_is_no_packet_cannot_be_said() {
        let mut tongue = Tongue::new(Parser::MsgPack);
        for said in [
            "4abc",
            "42",
            r#"42["connect"]"#,
            "4",
            r#"42["a",1e300]"#,
            r#"42["a",[{"__proto__":1}]]"#,
            r#"40{"__proto__":1}"#,
            "bAQID",
        ] {
            assert!(tongue.say(text(said)).is_err(), "{said}");
        }
        assert_eq!(tongue.say(text("3")), Ok(Some(text("3"))));
        assert_eq!(Tongue::new(Parser::Json).say(text("4abc")), Ok(Some(text("4abc"))));
    }
}
