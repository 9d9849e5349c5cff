//! Requests and answers.

use std::fmt;

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sio_codec::socketio::Value;
use sio_codec::{Frame, Text};

use super::form::{unhex, utf16be};
use crate::replay::hex;

/// The version of the protocol.
pub(super) const VERSION: u64 = 1;

/// How many attachments the reference's decoder takes.
pub(super) const DEFAULT_ATTACHMENTS: u64 = 10;

/// Reads a line that is an object.
pub(super) fn object<'l, T: Deserialize<'l>>(line: &'l str) -> serde_json::Result<T> {
    // Serde would fill a structure from a list, too.
    if line.trim_start().starts_with('[') {
        return Err(serde_json::Error::invalid_type(Unexpected::Seq, &"an object"));
    }
    serde_json::from_str(line)
}

/// What is encoded and decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// One packet of Engine.IO 3 in a WebSocket message.
    #[serde(rename = "eio3-packet")]
    Eio3Packet,
    /// A polling body of Engine.IO 3, textual or binary.
    #[serde(rename = "eio3-payload")]
    Eio3Payload,
    /// One packet of Engine.IO 4 in a WebSocket message.
    #[serde(rename = "eio4-packet")]
    Eio4Packet,
    /// A polling body of Engine.IO 4.
    #[serde(rename = "eio4-payload")]
    Eio4Payload,
    /// A WebTransport stream of Engine.IO 4, in pieces.
    #[serde(rename = "eio4-webtransport")]
    Eio4WebTransport,
    /// Packets of Socket.IO protocol 4, with their attachments.
    #[serde(rename = "sio4")]
    Sio4,
    /// Packets of Socket.IO protocol 5, with their attachments.
    #[serde(rename = "sio5")]
    Sio5,
    /// Packets of Socket.IO protocol 5 in MessagePack.
    #[serde(rename = "msgpack")]
    MsgPack,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Eio3Packet,
        Self::Eio3Payload,
        Self::Eio4Packet,
        Self::Eio4Payload,
        Self::Eio4WebTransport,
        Self::Sio4,
        Self::Sio5,
        Self::MsgPack,
    ];

    /// Its name in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eio3Packet => "eio3-packet",
            Self::Eio3Payload => "eio3-payload",
            Self::Eio4Packet => "eio4-packet",
            Self::Eio4Payload => "eio4-payload",
            Self::Eio4WebTransport => "eio4-webtransport",
            Self::Sio4 => "sio4",
            Self::Sio5 => "sio5",
            Self::MsgPack => "msgpack",
        }
    }

    /// The format of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Its packets are those of Socket.IO.
    pub(super) const fn is_socket(self) -> bool {
        matches!(self, Self::Sio4 | Self::Sio5 | Self::MsgPack)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text or bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Wire {
    Text(String),
    Hex(String),
    Utf16be(String),
}

impl Wire {
    /// What it stands for; `None` if the digits are none.
    pub(super) fn frame(&self) -> Option<Frame> {
        Some(match self {
            Self::Text(text) => Frame::Text(Text::from(text.clone())),
            Self::Hex(digits) => Frame::Binary(unhex(digits)?),
            Self::Utf16be(digits) => Frame::Text(utf16be(digits)?),
        })
    }
}

impl From<&Frame> for Wire {
    fn from(frame: &Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text.as_str().to_owned()),
            Frame::Binary(bytes) => Self::Hex(hex(bytes)),
        }
    }
}

/// A request as it is sent: without its id.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Request<'a> {
    pub(super) op: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<Format>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frames: Option<&'a [Wire]>,
    /// The text of the vectors, since the order of members counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packets: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) binary: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_payload: Option<u64>,
}

impl<'a> Request<'a> {
    /// An operation without anything else.
    pub(super) const fn bare(op: &'a str) -> Self {
        Self { op, format: None, frames: None, packets: None, binary: None, max_payload: None }
    }
}

/// What an adapter says about its codec.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub(super) op: String,
    pub(super) v: u64,
    /// The name of the codec.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its language.
    #[serde(default)]
    pub lang: String,
    /// The names of the formats that it has.
    pub caps: Vec<String>,
    #[serde(default)]
    pub(super) limits: Bounds,
}

/// What the codec takes at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bounds {
    /// Attachments of a packet; `None` if there is no limit.
    #[serde(default = "default_attachments")]
    pub(super) attachments: Option<u64>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { attachments: default_attachments() }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "no limit is the other possibility")]
const fn default_attachments() -> Option<u64> {
    Some(DEFAULT_ATTACHMENTS)
}

/// An answer as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ok: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unsupported: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) packets: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frames: Option<Vec<Wire>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Decoded { packets: Vec<Value>, pending: Option<u64> },
    Encoded(Vec<Wire>),
    Rejected(String),
    Unsupported,
}

impl Reply {
    /// What it says; `None` if it says nothing, or two things.
    pub(super) fn answer(self) -> Option<Answer> {
        match (self.ok, self.unsupported, self.packets, self.frames) {
            (None, Some(true), None, None) => Some(Answer::Unsupported),
            (Some(false), None, _, _) => Some(Answer::Rejected(self.detail.unwrap_or_default())),
            (Some(true), None, Some(packets), None) => Some(Answer::Decoded { packets, pending: self.pending }),
            (Some(true), None, None, Some(frames)) => Some(Answer::Encoded(frames)),
            _ => None,
        }
    }
}

impl Answer {
    /// The line for this answer to the request with this id.
    pub(super) fn reply(self, id: u64) -> Reply {
        let reply = Reply { id, ..Reply::default() };
        match self {
            Self::Decoded { packets, pending } => Reply { ok: Some(true), packets: Some(packets), pending, ..reply },
            Self::Encoded(frames) => Reply { ok: Some(true), frames: Some(frames), ..reply },
            Self::Rejected(detail) => Reply { ok: Some(false), detail: Some(detail), ..reply },
            Self::Unsupported => Reply { unsupported: Some(true), ..reply },
        }
    }
}
