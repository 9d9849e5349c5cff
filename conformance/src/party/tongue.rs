//! Translates packets between the form of traces and the form of a server's parser.
//!
//! A trace shows a Socket.IO packet as text and attachments. A server with the MessagePack parser takes each packet as
//! one binary message. Only the packets inside Engine.IO messages are translated; everything else stays as it is.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sio_codec::socketio::{Decoder, Packet, PacketKind, Parser, Value};
use sio_codec::{Frame, Limits, Text};

use crate::replay::{Answer, Command, Happening, Id, Outgoing, Seen};

/// Packets of a payload are separated by this character.
const SEPARATOR: char = '\u{1e}';

/// The Engine.IO type of a message.
const MESSAGE: char = '4';

/// The mark of a binary message in a payload.
const BINARY: char = 'b';

/// Why a case does not apply to a server with another parser.
const UNTRANSLATABLE: &str = "what it sends are no packets that socket.io-msgpack-parser can carry";

/// The form of packets on the wire, and the packets whose attachments are missing.
#[derive(Debug)]
pub(crate) struct Tongue {
    parser: Parser,
    incomplete: BTreeMap<Id, Decoder>,
}

impl Tongue {
    pub(crate) const fn new(parser: Parser) -> Self {
        Self { parser, incomplete: BTreeMap::new() }
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
            Command::Request { id, request } if request.method == "POST" => {
                Ok(Some(Command::Request { id, request: translated(request)? }))
            }
            // Parts of a message cannot be translated alone.
            Command::Part { .. } => Err(UNTRANSLATABLE.to_owned()),
            Command::Frame { head, .. } if head & 0x0f < 8 => Err(UNTRANSLATABLE.to_owned()),
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
            Seen::Binary(bytes) => match unpacked(&bytes) {
                Some(frames) => frames.into_iter().map(message).collect(),
                None => vec![Seen::Binary(bytes)],
            },
            Seen::Answer(answer) => vec![Seen::Answer(Answer { body: payload(answer.body), ..answer })],
            other => vec![other],
        };
        all.into_iter().map(|seen| Happening { id, seen }).collect()
    }
}

/// A POST whose body is a payload of complete packets.
fn translated(request: Outgoing) -> Result<Outgoing, String> {
    let untranslatable = || UNTRANSLATABLE.to_owned();
    if request.length.is_some() {
        return Err(untranslatable());
    }
    let body = std::str::from_utf8(&request.body).map_err(|_| untranslatable())?;
    let (mut packets, mut incomplete) = (Vec::new(), None::<Decoder>);
    for packet in body.split(SEPARATOR) {
        let frame = match (packet.strip_prefix(MESSAGE), packet.strip_prefix(BINARY)) {
            (Some(text), _) => Frame::Text(Text::from(text.to_owned())),
            (None, Some(base64)) => Frame::Binary(STANDARD.decode(base64).map_err(|_| untranslatable())?.into()),
            (None, None) => {
                packets.push(packet.to_owned());
                continue;
            }
        };
        let mut decoder = match (incomplete.take(), &frame) {
            (Some(decoder), _) => decoder,
            (None, Frame::Text(_)) => text_decoder(),
            (None, Frame::Binary(_)) => return Err(untranslatable()),
        };
        match decoder.push(frame).map_err(|_| untranslatable())? {
            Some(whole) => packets.push(format!("{BINARY}{}", STANDARD.encode(packed(&whole)?))),
            None => incomplete = Some(decoder),
        }
    }
    if incomplete.is_some() {
        return Err(untranslatable());
    }
    Ok(Outgoing { body: Bytes::from(packets.join(&SEPARATOR.to_string())), ..request })
}

/// The body of an answer, in which binary packets are translated.
fn payload(body: Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    let mut packets = Vec::new();
    for packet in text.split(SEPARATOR) {
        let bytes = packet.strip_prefix(BINARY).and_then(|base64| STANDARD.decode(base64).ok());
        match bytes.and_then(|bytes| unpacked(&Bytes::from(bytes))) {
            Some(frames) => packets.extend(frames.into_iter().map(|frame| match frame {
                Frame::Text(text) => text.as_str().to_owned(),
                Frame::Binary(bytes) => format!("{BINARY}{}", STANDARD.encode(bytes)),
            })),
            None => packets.push(packet.to_owned()),
        }
    }
    Bytes::from(packets.join(&SEPARATOR.to_string()))
}

fn message(frame: Frame) -> Seen {
    match frame {
        Frame::Text(text) => Seen::Text(text.as_str().to_owned()),
        Frame::Binary(bytes) => Seen::Binary(bytes),
    }
}

fn text_decoder() -> Decoder {
    Decoder::new(&Limits::default())
}

fn packed(packet: &Packet) -> Result<Bytes, String> {
    if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &packet.kind
        && !args.values().is_ok_and(|values| values.iter().all(is_kept))
    {
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

/// The Engine.IO messages, text and attachments, of a packet in MessagePack form.
fn unpacked(bytes: &Bytes) -> Option<Vec<Frame>> {
    let mut decoder = text_decoder().with_parser(Parser::MsgPack);
    let packet = decoder.push(Frame::Binary(bytes.clone())).ok()??;
    Some(packet.encode_with(Parser::Json).ok()?.frames().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn packets_of_a_payload_are_translated_and_others_stay() {
        let mut tongue = Tongue::new(Parser::MsgPack);
        let body = Bytes::from_static(b"40\x1e3");
        let request =
            Outgoing { method: "POST".to_owned(), query: String::new(), headers: Vec::new(), body, length: None };
        let Ok(Some(Command::Request { request, .. })) = tongue.say(Command::Request { id: ID, request }) else {
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
        for said in ["4abc", "42", r#"42["connect"]"#, "4", r#"42["a",1e300]"#, r#"42["a",[{"__proto__":1}]]"#, "bAQID"]
        {
            assert!(tongue.say(text(said)).is_err(), "{said}");
        }
        assert_eq!(tongue.say(text("3")), Ok(Some(text("3"))));
        assert_eq!(Tongue::new(Parser::Json).say(text("4abc")), Ok(Some(text("4abc"))));
    }
}
