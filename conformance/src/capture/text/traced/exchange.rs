//! A request and its answer, which a trace shows line by line.

use bytes::Bytes;
use sio_codec::engineio::jsonp::{self, Index};

use super::super::super::sighting::{Body, Exchange, What};
use super::examples::Open;
use crate::replay::{Framing, Packet, Wrapping};
use crate::trace::{Extent, Method, Revision};

const BINARY: &str = "application/octet-stream";

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) exchange: Exchange,
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) framing: Framing,
    pub(super) extent: Extent,
    pub(super) stage: Stage,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Asked,
    Answered,
    /// Nothing more is known of it.
    Over,
}

/// What a body is made of, as far as the lines of it were read.
#[derive(Debug, Default)]
pub(super) enum Parts {
    #[default]
    Nothing,
    Packets(Vec<Packet>),
    Exact(Vec<u8>),
    /// For this reason it cannot be shown.
    Unknown(String),
}

/// A message or a body, with the line that leaves open what it says.
pub(super) fn left_open(line: u32) -> String {
    format!("line {line} of the trace leaves open what is sent")
}

impl Parts {
    pub(super) fn packet(&mut self, line: u32, packet: Result<Packet, Open>) {
        match (packet, self) {
            (Ok(packet), Self::Packets(packets)) => packets.push(packet),
            (Ok(packet), parts @ Self::Nothing) => *parts = Self::Packets(vec![packet]),
            (Ok(_), Self::Unknown(_)) => {}
            (Ok(_), parts @ Self::Exact(_)) => {
                *parts = Self::Unknown(format!("line {line} of the trace adds a packet to a body that is whole"));
            }
            (Err(Open), parts) => *parts = Self::Unknown(left_open(line)),
        }
    }

    pub(super) fn bytes(&mut self, line: u32, bytes: Result<Vec<u8>, Open>) {
        match (bytes, self) {
            (Ok(bytes), Self::Exact(body)) => body.extend(bytes),
            (Ok(bytes), parts @ Self::Nothing) => *parts = Self::Exact(bytes),
            (Ok(_), Self::Unknown(_)) => {}
            (Ok(_), parts @ Self::Packets(_)) => {
                *parts = Self::Unknown(format!("line {line} of the trace adds bytes to a body that is whole"));
            }
            (Err(Open), parts) => *parts = Self::Unknown(left_open(line)),
        }
    }

    /// The body, if `join` joins the packets.
    fn body(self, framing: Framing, join: impl FnOnce(&[Packet]) -> Bytes) -> Body {
        match self {
            Self::Nothing => Body::empty(),
            // Only the payloads of revision 3 hold bytes.
            Self::Packets(packets) if framing.revision == Revision::Four && packets.iter().any(is_binary) => {
                Body::Unreadable("a payload of Engine.IO 4 with bytes in it".to_owned())
            }
            Self::Packets(packets) => Body::Whole(join(&packets).to_vec()),
            Self::Exact(bytes) => Body::Whole(bytes),
            Self::Unknown(why) => Body::Unreadable(why),
        }
    }

    fn has_binary(&self) -> bool {
        matches!(self, Self::Packets(packets) if packets.iter().any(is_binary))
    }
}

fn is_binary(packet: &Packet) -> bool {
    matches!(packet, Packet::Binary(_))
}

/// A request whose lines may go on.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) line: u32,
    pub(super) request: Request,
    pub(super) content_type: Option<String>,
    pub(super) parts: Parts,
    /// The length that it declares, if that is not the length of its body.
    pub(super) declared: Option<u64>,
}

impl Asking {
    pub(super) fn what(self) -> (Request, What) {
        let Self { request, content_type, parts, declared, .. } = self;
        let framing = request.framing;
        let mut body = parts.body(framing, |packets| framing.join(content_type.as_deref(), packets));
        if declared.is_some_and(|declared| declared != body.len() as u64) {
            body = Body::Unreadable("a body whose length is not the one that the request declares".to_owned());
        }
        let method = request.method.as_str().to_ascii_uppercase();
        let what = What::Request { method, target: request.target.clone(), agent: None, content_type, body };
        (request, what)
    }
}

/// An answer whose lines may go on.
#[derive(Debug)]
pub(super) struct Answering {
    pub(super) line: u32,
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) script: Option<String>,
    pub(super) parts: Parts,
}

impl Answering {
    pub(super) fn of(line: u32, status: u16, content_type: Option<String>) -> Self {
        Self { line, status, content_type, script: None, parts: Parts::Nothing }
    }

    pub(super) fn what(self, request: &Request) -> What {
        let Self { status, mut content_type, script, parts, .. } = self;
        let bare = Framing { wrapping: Wrapping::Bare, ..request.framing };
        if parts.has_binary() && content_type.is_none() {
            content_type = Some(BINARY.to_owned());
        }
        let body = parts.body(bare, |packets| {
            let payload = bare.join(content_type.as_deref(), packets);
            match (request.framing.wrapping, str::from_utf8(&payload)) {
                (Wrapping::Script, Ok(text)) => {
                    let index = script.as_deref().unwrap_or_default();
                    Bytes::from(jsonp::wrap(&Index::from_query(index), text))
                }
                _ => payload,
            }
        });
        What::Answer { status, content_type, body }
    }
}
