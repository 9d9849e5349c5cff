//! From engine messages to packets: a text, and the attachments that it announces.
//!
//! ```text
//!          text without attachments: a packet
//!             ┌──────┐
//!             ▼      │
//!  ──────▶  Idle ────┘◀──────────────┐ last attachment: a packet
//!             │                      │
//!             └─ text that announces ▶ Waiting ──┐ attachment
//!                                    ▲           │
//!                                    └───────────┘
//!  anything else ──▶ Failed: the same error, for ever
//! ```

use alloc::vec::Vec;

use bytes::Bytes;

use super::args::Args;
use super::error::{DecodeError, DecodeErrorKind};
use super::json::Json;
use super::packet::{Packet, PacketKind};
use super::parse::{self, Array, Content, Header};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::text::Text;

/// Puts packets together from the messages of one Engine.IO session.
///
/// It keeps at most one incomplete packet: [`Limits::max_attachments`] messages of the size that the session lets
/// through.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::socketio::{Decoder, PacketKind};
/// use sio_codec::{Frame, Limits};
///
/// let mut decoder = Decoder::new(&Limits::default());
/// let header = Frame::from(r#"51-["upload",{"_placeholder":true,"num":0}]"#);
/// assert_eq!(decoder.push(header)?, None, "incomplete is not an error");
/// let packet = decoder.push(Frame::Binary(Bytes::from_static(&[1, 2])))?.unwrap();
/// let PacketKind::Event { name, args, ack: None } = packet.kind else { unreachable!() };
/// assert_eq!((name.as_str(), &args.attachments()[0][..]), ("upload", &[1, 2][..]));
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
//= SIO5-ATT-05
#[derive(Clone, Debug)]
pub struct Decoder {
    limits: Limits,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Idle,
    Waiting { header: Header, expected: usize, attachments: Vec<Bytes> },
    Failed(DecodeError),
}

impl Decoder {
    /// A decoder that waits for the first message.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), state: State::Idle }
    }

    /// Takes the next message; `Some` when it completes a packet.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for the first message that does not fit, and again for every one after it.
    pub fn push(&mut self, message: Frame) -> Result<Option<Packet>, DecodeError> {
        let result = match message {
            Frame::Text(text) => self.push_text(&text),
            Frame::Binary(bytes) => self.push_binary(bytes),
        };
        //= SIO5-ERR-04
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    //= SIO5-ATT-06
    fn push_text(&mut self, text: &Text) -> Result<Option<Packet>, DecodeError> {
        match &self.state {
            State::Idle => {}
            State::Waiting { .. } => return Err(DecodeError { kind: DecodeErrorKind::AttachmentExpected, offset: 0 }),
            State::Failed(error) => return Err(*error),
        }
        let header = parse::header(text, &self.limits)?;
        match header.content.attachments() {
            0 => Ok(Some(complete(header, Vec::new()))),
            expected => {
                self.state = State::Waiting { header, expected, attachments: Vec::with_capacity(expected) };
                Ok(None)
            }
        }
    }

    //= SIO5-ATT-07
    //= SIO5-ATT-15
    //= SIO5-ATT-18
    fn push_binary(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        match core::mem::replace(&mut self.state, State::Idle) {
            State::Idle => Err(DecodeError { kind: DecodeErrorKind::UnexpectedAttachment, offset: 0 }),
            State::Failed(error) => Err(error),
            State::Waiting { header, expected, mut attachments } => {
                attachments.push(bytes);
                if attachments.len() == expected {
                    return Ok(Some(complete(header, attachments)));
                }
                self.state = State::Waiting { header, expected, attachments };
                Ok(None)
            }
        }
    }
}

impl Content {
    const fn attachments(&self) -> usize {
        match self {
            Self::Event { array, .. } | Self::Ack { array, .. } => array.attachments,
            Self::Connect(_) | Self::Disconnect | Self::ConnectError(_) => 0,
        }
    }
}

fn complete(header: Header, attachments: Vec<Bytes>) -> Packet {
    let arguments = |array: Array| Args::from_wire(array.json, array.items_at, array.lead, attachments);
    let kind = match header.content {
        Content::Connect(payload) => PacketKind::Connect { payload: payload.map(Json::from_wire) },
        Content::Disconnect => PacketKind::Disconnect,
        Content::ConnectError(payload) => PacketKind::ConnectError { payload: payload.map(Json::from_wire) },
        Content::Event { name, array, ack } => PacketKind::Event { name, args: arguments(array), ack },
        Content::Ack { id, array } => PacketKind::Ack { id, args: arguments(array) },
    };
    Packet { namespace: header.namespace, kind }
}

#[cfg(test)]
mod tests;
