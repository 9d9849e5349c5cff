//! Our own codec as an adapter.

use serde::Deserialize;
use sio_codec::engineio::payload::{self, Packets};
use sio_codec::engineio::{self, Parts, Revision, webtransport};
use sio_codec::socketio::{Decoder, Parser, Protocol, Value};
use sio_codec::{Frame, Limits, Text};

use super::lines::{self, Answer, Bounds, DEFAULT_ATTACHMENTS, Format, Hello, VERSION, Wire};
use super::packets;

/// The largest WebTransport frame if a request does not say it: the reference's `maxHttpBufferSize`.
const DEFAULT_MAX_PAYLOAD: usize = 1_000_000;

/// Our codec's answer to a line of standard input.
///
/// # Errors
///
/// One sentence if the line is no request.
pub fn answer(line: &str) -> Result<String, String> {
    let incoming: Incoming =
        lines::object(line).map_err(|error| format!("the line is no request ({error}): {line}"))?;
    let written = match (incoming.op.as_str(), incoming.id) {
        ("hello", _) => serde_json::to_string(&hello()),
        (_, None) => return Err(format!("the request has no id: {line}")),
        (_, Some(id)) => serde_json::to_string(&incoming.answer().reply(id)),
    };
    written.map_err(|error| format!("the answer cannot be written: {error}"))
}

/// Reads frames with our codec, as a decode request does.
pub(super) fn decode(format: Format, frames: &[Wire]) -> Answer {
    let incoming = Incoming {
        op: "decode".to_owned(),
        format: Some(format.as_str().to_owned()),
        frames: frames.to_vec(),
        ..Incoming::default()
    };
    incoming.answer()
}

fn hello() -> Hello {
    Hello {
        op: "hello".to_owned(),
        v: VERSION,
        name: "sio-codec".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        lang: "rust".to_owned(),
        caps: Format::ALL.iter().map(|format| format.as_str().to_owned()).collect(),
        limits: Bounds { attachments: Some(DEFAULT_ATTACHMENTS) },
    }
}

/// A request as it arrives.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Incoming {
    id: Option<u64>,
    op: String,
    format: Option<String>,
    frames: Vec<Wire>,
    packets: Vec<Value>,
    binary: Option<bool>,
    max_payload: Option<usize>,
}

impl Incoming {
    fn answer(&self) -> Answer {
        let format = self.format.as_deref().and_then(Format::named);
        let result = match (self.op.as_str(), format) {
            ("decode", Some(format)) => self.decode(format),
            ("encode", Some(format)) => self.encode(format),
            _ => return Answer::Unsupported,
        };
        result.unwrap_or_else(Answer::Rejected)
    }

    fn decode(&self, format: Format) -> Result<Answer, String> {
        let frames: Option<Vec<Frame>> = self.frames.iter().map(Wire::frame).collect();
        let frames = frames.ok_or("a frame is not hexadecimal digits")?;
        match format {
            Format::Eio3Packet => engine_packets(Revision::V3, frames),
            Format::Eio4Packet => engine_packets(Revision::V4, frames),
            Format::Eio3Payload => {
                bodies(frames, |is_text| if is_text { payload::Format::V3Text } else { payload::Format::V3Binary })
            }
            Format::Eio4Payload => bodies(frames, |_| payload::Format::V4),
            Format::Eio4WebTransport => stream(frames, self.max_payload.unwrap_or(DEFAULT_MAX_PAYLOAD)),
            Format::Sio4 => socket(Decoder::new(&Limits::default()).with_protocol(Protocol::V4), frames),
            Format::Sio5 => socket(Decoder::new(&Limits::default()).with_protocol(Protocol::V5), frames),
            Format::MsgPack => socket(Decoder::new(&Limits::default()).with_parser(Parser::MsgPack), frames),
        }
    }

    fn encode(&self, format: Format) -> Result<Answer, String> {
        let takes_binary = self.binary.unwrap_or(true);
        let frames = match format {
            Format::Eio3Packet => self.engine_frames(Revision::V3, takes_binary)?,
            Format::Eio4Packet => self.engine_frames(Revision::V4, takes_binary)?,
            Format::Eio3Payload => {
                let any_binary = self.engine()?.iter().any(|packet| Parts::from(packet).is_binary());
                vec![self.body(payload::Format::for_packets(Revision::V3, any_binary, takes_binary))?]
            }
            Format::Eio4Payload => vec![self.body(payload::Format::V4)?],
            Format::Eio4WebTransport => {
                let mut stream = Vec::new();
                for packet in self.engine()? {
                    webtransport::write(&packet, &mut stream).map_err(|error| error.to_string())?;
                }
                vec![Frame::Binary(stream.into())]
            }
            Format::Sio4 | Format::Sio5 => self.socket_frames(Parser::Json)?,
            Format::MsgPack => self.socket_frames(Parser::MsgPack)?,
        };
        Ok(Answer::Encoded(frames.iter().map(Wire::from).collect()))
    }

    fn engine(&self) -> Result<Vec<engineio::Packet>, String> {
        let packets: Option<_> = self.packets.iter().map(packets::engine).collect();
        packets.ok_or_else(|| "not the description of a packet".to_owned())
    }

    fn engine_frames(&self, revision: Revision, takes_binary: bool) -> Result<Vec<Frame>, String> {
        let frame = |packet: &engineio::Packet| {
            if takes_binary { packet.to_frame(revision) } else { Frame::Text(packet.to_text(revision)) }
        };
        Ok(self.engine()?.iter().map(frame).collect())
    }

    fn body(&self, format: payload::Format) -> Result<Frame, String> {
        let mut body = payload::Encoder::new(format);
        self.engine()?.iter().try_for_each(|packet| body.push(packet)).map_err(|error| error.to_string())?;
        let bytes = body.finish().or_else(|| format.empty_body().map(Vec::from)).ok_or("a body without packets")?;
        if !format.is_text() {
            return Ok(Frame::Binary(bytes.into()));
        }
        String::from_utf8(bytes).map(|text| Frame::Text(Text::from(text))).map_err(|error| error.to_string())
    }

    fn socket_frames(&self, parser: Parser) -> Result<Vec<Frame>, String> {
        let mut frames = Vec::new();
        for packet in &self.packets {
            let packet = packets::socket(packet, parser)?;
            if parser == Parser::MsgPack {
                let encoded = packet.encode_with(parser).map_err(|error| error.to_string())?;
                frames.extend(encoded.frames());
                continue;
            }
            let mut text = String::new();
            packet.encode_into(&mut text).map_err(|error| error.to_string())?;
            frames.push(Frame::Text(Text::from(text)));
            frames.extend(packet.attachments().iter().cloned().map(Frame::Binary));
        }
        Ok(frames)
    }
}

fn engine_packets(revision: Revision, frames: Vec<Frame>) -> Result<Answer, String> {
    let packets = frames.into_iter().map(|frame| engineio::Packet::parse(revision, frame));
    said(packets.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?)
}

fn bodies(frames: Vec<Frame>, format: impl Fn(bool) -> payload::Format) -> Result<Answer, String> {
    let mut all = Vec::new();
    for frame in frames {
        let (format, body) = match frame {
            Frame::Text(text) => (format(true), text.into_bytes()),
            Frame::Binary(bytes) => (format(false), bytes),
        };
        for packet in Packets::new(format, body).map_err(|error| error.to_string())? {
            all.push(packet.map_err(|error| error.to_string())?);
        }
    }
    said(all)
}

fn stream(chunks: Vec<Frame>, max_payload: usize) -> Result<Answer, String> {
    let mut decoder = webtransport::Decoder::new(max_payload);
    let mut all = Vec::new();
    for chunk in chunks {
        decoder.push(match chunk {
            Frame::Text(text) => text.into_bytes(),
            Frame::Binary(bytes) => bytes,
        });
        while let Some(packet) = decoder.next_packet() {
            all.push(packet.map_err(|error| error.to_string())?);
        }
    }
    let pending = u64::from(!decoder.is_idle());
    Ok(Answer::Decoded { packets: all.iter().map(packets::say_engine).collect(), pending: Some(pending) })
}

fn socket(mut decoder: Decoder, frames: Vec<Frame>) -> Result<Answer, String> {
    let mut all = Vec::new();
    for frame in frames {
        if let Some(packet) = decoder.push(frame).map_err(|error| error.to_string())? {
            all.push(packets::say_socket(&packet)?);
        }
    }
    Ok(Answer::Decoded { packets: all, pending: Some(u64::from(!decoder.is_idle())) })
}

#[expect(clippy::unnecessary_wraps, reason = "the end of functions that can fail")]
fn said(packets: Vec<engineio::Packet>) -> Result<Answer, String> {
    Ok(Answer::Decoded { packets: packets.iter().map(packets::say_engine).collect(), pending: Some(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_the_documentation_are_answered_as_documented() {
        let decoded = r#"{"id":7,"ok":true,"packets":[{"type":2,"nsp":"/","data":["a",{"$bin":"0102"}]}],"pending":0}"#;
        let request = r#"{"id":7,"op":"decode","format":"sio5","frames":[{"text":"51-[\"a\",{\"_placeholder\":true,\"num\":0}]"},{"hex":"0102"}]}"#;
        assert_eq!(answer(request).as_deref(), Ok(decoded));
        let request =
            r#"{"id":9,"op":"encode","format":"eio4-payload","packets":[{"type":"message","data":{"$bin":""}}]}"#;
        assert_eq!(answer(request).as_deref(), Ok(r#"{"id":9,"ok":true,"frames":[{"text":"b"}]}"#));
        assert_eq!(answer(r#"{"id":10,"op":"x-4711"}"#).as_deref(), Ok(r#"{"id":10,"unsupported":true}"#));
        assert!(answer(r#"{"op":"decode"}"#).is_err_and(|error| error.starts_with("the request has no id")));
        for line in ["hello", "[0]", r#" [1,"hello"]"#] {
            assert!(answer(line).is_err_and(|error| error.starts_with("the line is no request")), "{line}");
        }
    }
}
