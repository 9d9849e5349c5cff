//! The packets of a polling body.

use bytes::Bytes;
use sio_codec::engineio::{Revision, jsonp};
use sio_codec::{Frame, Text};

use crate::replay::{Framing, Packet, Wrapping};
use crate::trace;

/// A polling body, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// What it is, in words.
    pub(super) kind: &'static str,
    /// Its packets, each as the frame that would hold it on a WebSocket.
    pub(super) packets: Vec<Frame>,
}

impl Body {
    /// The body that a frame is; `None` if it is a single packet.
    pub(super) fn of(revision: Revision, frame: &Frame) -> Option<Self> {
        match frame {
            Frame::Text(text) => script(revision, text)
                .or_else(|| form(revision, text))
                .or_else(|| bare(revision, text.as_str(), "polling body")),
            Frame::Binary(bytes) if revision == Revision::V3 => binary(bytes),
            Frame::Binary(_) => None,
        }
    }
}

//= EIO3-JSONP-01
fn script(revision: Revision, text: &Text) -> Option<Body> {
    let (_, payload) = jsonp::unwrap(text.as_str()).ok()?;
    Some(payload_of(revision, payload, "answer of JSONP"))
}

/// A form has one field, `d`.
fn form(revision: Revision, text: &Text) -> Option<Body> {
    let payload = text.as_str().starts_with("d=").then(|| jsonp::decode_form(text.as_str().as_bytes()))??;
    Some(payload_of(revision, payload, "request of JSONP"))
}

/// A payload that is known to be one, even if it holds a single packet, or cannot be taken apart.
fn payload_of(revision: Revision, payload: String, kind: &'static str) -> Body {
    bare(revision, &payload, kind).unwrap_or_else(|| Body { kind, packets: vec![Frame::Text(Text::from(payload))] })
}

fn bare(revision: Revision, text: &str, kind: &'static str) -> Option<Body> {
    let packets = match revision {
        //= EIO4-PLD-01
        Revision::V4 => text.contains('\u{1e}').then(|| texts(text))?,
        //= EIO3-PLD-02
        Revision::V3 => split(None, text.as_bytes())?,
    };
    Some(Body { kind, packets })
}

fn texts(text: &str) -> Vec<Frame> {
    text.split('\u{1e}').map(|packet| Frame::Text(Text::from(packet.to_owned()))).collect()
}

//= EIO3-BIN-01
fn binary(bytes: &Bytes) -> Option<Body> {
    let packets = split(Some("application/octet-stream"), bytes)?;
    Some(Body { kind: "binary polling body", packets })
}

/// The packets of a body of revision 3 whose lengths end where the body ends.
fn split(content_type: Option<&str>, body: &[u8]) -> Option<Vec<Frame>> {
    let framing = Framing { revision: trace::Revision::Three, wrapping: Wrapping::Bare };
    let packets = framing.split(content_type, body)?;
    let frame = |packet| match packet {
        Packet::Text(text) => Frame::Text(Text::from(text)),
        Packet::Binary(bytes) => Frame::Binary(bytes),
    };
    Some(packets.into_iter().map(frame).collect())
}
