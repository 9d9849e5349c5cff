//! The form of a client's packets: its revision, and what it requested in its handshake.

use bytes::Bytes;
use sio_codec::engineio::payload::{Format, Packets};
use sio_codec::engineio::server::{BodyFormat, Transmit};
use sio_codec::engineio::{ContentType, Packet, Revision, jsonp};
use sio_codec::{Frame, Text, socketio};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    revision: Revision,
    asks: Asks,
}

/// What the handshake requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// `b64`.
    Text,
    /// `j`.
    Scripts,
}

/// The revision in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Own,
    Other,
    Nothing,
}

/// Packets in the form of revision 4, or an invalid payload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Packets(Vec<&'static str>),
    Raw(Bytes),
}

impl Dialect {
    pub(crate) fn from_byte(byte: u8) -> Self {
        let revision = if byte & 1 == 0 { Revision::V4 } else { Revision::V3 };
        let asks = [Asks::Nothing, Asks::Nothing, Asks::Text, Asks::Scripts][usize::from(byte >> 1) % 4];
        Self { revision, asks }
    }

    pub(crate) fn query(self, websocket: bool) -> String {
        let transport = if websocket { "websocket" } else { "polling" };
        let asks = match self.asks {
            Asks::Nothing => "",
            Asks::Text => "&b64=1",
            Asks::Scripts => "&j=0",
        };
        format!("EIO={}&transport={transport}{asks}", self.revision.as_str())
    }

    pub(crate) fn revision(self, names: Names) -> Option<Revision> {
        match (names, self.revision) {
            (Names::Own, own) => Some(own),
            (Names::Other, Revision::V4) => Some(Revision::V3),
            (Names::Other, Revision::V3) => Some(Revision::V4),
            (Names::Nothing, _) => None,
        }
    }

    /// The client's part of the heartbeat.
    pub(crate) fn beat(self) -> &'static str {
        match self.revision {
            Revision::V3 => "2",
            Revision::V4 => "3",
        }
    }

    /// The label of this client's bodies; `binary` says whether it prefers binary ones.
    pub(crate) fn label(self, binary: bool) -> BodyFormat {
        let can = self.revision == Revision::V3 && self.asks != Asks::Scripts;
        if binary && can { BodyFormat::Binary } else { BodyFormat::Text }
    }

    pub(crate) fn body(self, label: BodyFormat, body: &Body) -> Bytes {
        let packets = match body {
            Body::Raw(bytes) => return bytes.clone(),
            Body::Packets(packets) => packets.iter().map(|packet| self.text(packet)),
        };
        let payload = match (self.revision, label) {
            (Revision::V4, _) => packets.collect::<Vec<_>>().join("\u{1e}").into_bytes(),
            (Revision::V3, BodyFormat::Text) => packets.flat_map(|packet| element(&packet)).collect(),
            (Revision::V3, BodyFormat::Binary) => packets.flat_map(|packet| binary_element(&packet)).collect(),
        };
        match self.asks {
            Asks::Scripts => jsonp::encode_form(&String::from_utf8(payload).expect("a text")).into(),
            Asks::Nothing | Asks::Text => payload.into(),
        }
    }

    /// Converts a message of a WebSocket from its form in revision 4.
    pub(crate) fn frame(self, frame: &Frame) -> Frame {
        match (self.revision, frame) {
            (Revision::V4, frame) => frame.clone(),
            (Revision::V3, Frame::Text(text)) => Frame::Text(Text::from(self.text(text.as_str()))),
            (Revision::V3, Frame::Binary(bytes)) => Frame::Binary([&[4], &bytes[..]].concat().into()),
        }
    }

    /// Converts a text packet to the form of this client; one of revision 3 is in `/` without asking.
    fn text(self, packet: &str) -> String {
        match (self.revision, packet.strip_prefix('b')) {
            (Revision::V3, Some(base64)) => format!("b4{base64}"),
            (Revision::V3, None) if packet == "40" => "6".into(),
            _ => packet.into(),
        }
    }

    /// The Socket.IO dialect of the client.
    pub(crate) fn socketio(self) -> socketio::Dialect {
        match (self.revision, self.asks) {
            (Revision::V4, _) => socketio::Dialect::V5,
            (Revision::V3, Asks::Text) => socketio::Dialect::V4,
            (Revision::V3, _) => socketio::Dialect::Hybrid,
        }
    }

    /// L8: this client can read what is sent, and no heartbeat goes in the wrong direction. Returns the messages.
    pub(crate) fn reads(self, transmit: &Transmit) -> Vec<Frame> {
        let packets: Vec<_> = match transmit {
            Transmit::Respond { response, .. } => {
                let format = match (self.revision, response.content_type) {
                    (Revision::V4, ContentType::Payload) => Format::V4,
                    (Revision::V3, ContentType::Payload) => Format::V3Text,
                    (Revision::V3, ContentType::BinaryPayload) if self.asks == Asks::Nothing => Format::V3Binary,
                    (_, ContentType::BinaryPayload) => unreachable!("L8: {self:?} takes no binary body"),
                    _ => return Vec::new(),
                };
                let body = match self.asks {
                    Asks::Scripts => {
                        let script = core::str::from_utf8(&response.body).expect("L8: a script");
                        jsonp::unwrap(script).expect("L8: a script").1.into()
                    }
                    Asks::Nothing | Asks::Text => response.body.clone(),
                };
                let packets = Packets::new(format, body).expect("L8: a payload");
                packets.map(|packet| packet.expect("L8: a packet")).collect()
            }
            Transmit::WsSend { frame, .. } => {
                vec![Packet::parse(self.revision, frame.clone()).expect("L8: a packet")]
            }
            _ => return Vec::new(),
        };
        let mut messages = Vec::new();
        for packet in packets {
            match packet {
                Packet::Message(frame) => messages.push(frame),
                Packet::Ping(_) => assert_eq!(self.revision, Revision::V4, "L8: {transmit:?}"),
                Packet::Pong(data) => assert!(self.revision == Revision::V3 || data == "probe", "L8: {transmit:?}"),
                _ => {}
            }
        }
        messages
    }
}

/// `length ":" packet`, in UTF-16 units.
fn element(packet: &str) -> Vec<u8> {
    format!("{}:{packet}", packet.encode_utf16().count()).into_bytes()
}

/// `00 *digit ff packet`, in bytes.
fn binary_element(packet: &str) -> Vec<u8> {
    let length = packet.len().to_string().into_bytes().into_iter().map(|digit| digit - b'0');
    core::iter::once(0).chain(length).chain([0xff]).chain(packet.bytes()).collect()
}
