//! One packet, in its text, base64 and binary forms.
//!
//! | form | where | revision 4 | revision 3 |
//! |---|---|---|---|
//! | text | text message, payload | digit, data: `4hello` | the same |
//! | binary | binary message, binary payload | the bytes | a byte 4, the bytes |
//! | base64 | textual payload, text message for a client without binary | `b`, base64: `bAQIDBA==` | `b4`, base64: `b4AQIDBA==` |

pub(super) mod head;
mod parts;
mod view;

use alloc::vec::Vec;

use bytes::{Buf as _, Bytes};

use self::head::{Head, Kind};
pub use self::parts::Parts;
pub use self::view::PacketRef;
use super::base64;
use super::error::PacketError;
use super::revision::Revision;
use crate::frame::Frame;
use crate::text::Text;

/// One Engine.IO packet.
///
/// [`PacketRef`] is the form that borrows its content.
///
/// ```
/// use sio_codec::Frame;
/// use sio_codec::engineio::{Packet, Revision};
///
/// let packet = Packet::parse(Revision::V4, Frame::from("4hello"))?;
/// assert_eq!(packet, Packet::Message(Frame::from("hello")));
/// assert_eq!(packet.to_frame(Revision::V4), Frame::from("4hello"));
/// # Ok::<(), sio_codec::engineio::PacketError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the seven packet types are fixed by the protocol")]
pub enum Packet {
    /// `0`: the server opens a session; the data is the JSON of [`Open`](super::Open).
    Open(Text),
    /// `1`: the sender ends the session.
    Close,
    /// `2`: a heartbeat; with the data `probe`, the test of a candidate transport.
    Ping(Text),
    /// `3`: the answer to a ping.
    Pong(Text),
    /// `4`, or a binary message: data of the application.
    Message(Frame),
    /// `5`: the client moves the session to the candidate transport.
    Upgrade,
    /// `6`: nothing; ends a poll that is in the way of an upgrade.
    Noop,
}

impl Packet {
    /// Reads a packet in the form it has on a framed transport.
    ///
    /// The data shares the frame's bytes; only base64 is copied. Data on packets that have none is ignored.
    ///
    /// # Errors
    ///
    /// [`Empty`](super::PacketErrorKind::Empty) without a type, [`UnknownType`](super::PacketErrorKind::UnknownType)
    /// for one that does not exist, [`Base64`](super::PacketErrorKind::Base64) for characters that are neither of the standard
    /// alphabet nor line breaks, [`BinaryType`](super::PacketErrorKind::BinaryType) for binary data in revision 3 on anything but a
    /// message. In revision 4 a binary frame is always a message.
    #[inline]
    pub fn parse(revision: Revision, frame: Frame) -> Result<Self, PacketError> {
        match frame {
            Frame::Text(text) => match head::text(revision, text.as_bytes())? {
                //= EIO4-PKT-03: a message without data
                //= EIO4-PKT-11: all data characters after the digit
                //= EIO4-PKT-13: Ignore data on
                Head::Plain(kind) => Ok(Self::with_data(kind, || text.tail(1))),
                Head::Base64(at) => Self::from_base64(text.as_bytes(), at),
            },
            //= EIO4-PKT-07: not strip one when receiving
            Frame::Binary(mut bytes) => {
                bytes.advance(head::binary(revision, &bytes)?);
                Ok(Self::Message(Frame::Binary(bytes)))
            }
        }
    }

    /// The packet as one message of a framed transport: text, or the bytes of a binary message.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Frame;
    /// use sio_codec::engineio::{Packet, Revision};
    ///
    /// let message = Packet::Message(Frame::Binary(Bytes::from_static(&[1, 2])));
    /// assert_eq!(message.to_frame(Revision::V4), Frame::Binary(Bytes::from_static(&[1, 2])));
    /// assert_eq!(message.to_frame(Revision::V3), Frame::Binary(Bytes::from_static(&[4, 1, 2])));
    /// ```
    #[must_use]
    pub fn to_frame(&self, revision: Revision) -> Frame {
        let parts = Parts::from(self);
        match self {
            Self::Message(Frame::Binary(bytes)) if revision == Revision::V4 => return Frame::Binary(bytes.clone()),
            Self::Message(Frame::Binary(_)) => {
                let mut bytes = Vec::with_capacity(parts.frame_len(revision));
                parts.write_frame(revision, &mut bytes);
                return Frame::Binary(Bytes::from(bytes));
            }
            _ => {}
        }
        Frame::Text(self.to_text(revision))
    }

    /// The packet as one text message, for a client that asked for `b64`: a binary message is written as base64.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Frame;
    /// use sio_codec::engineio::{Packet, Revision};
    ///
    /// let message = Packet::Message(Frame::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    /// assert_eq!(message.to_text(Revision::V4), "bAQIDBA==");
    /// assert_eq!(message.to_text(Revision::V3), "b4AQIDBA==");
    /// ```
    #[must_use]
    pub fn to_text(&self, revision: Revision) -> Text {
        let parts = Parts::from(self);
        // Most packets of the heartbeat are one digit.
        if let (head, []) = parts.frame_slices(revision)
            && !parts.is_binary()
        {
            return Text::vouched(Bytes::from_static(head));
        }
        let mut text = Vec::with_capacity(parts.text_len(revision));
        parts.write_text(revision, &mut text);
        Text::vouched(Bytes::from(text))
    }

    #[inline]
    pub(super) fn with_data(kind: Kind, data: impl FnOnce() -> Text) -> Self {
        match kind {
            Kind::Open => Self::Open(data()),
            Kind::Close => Self::Close,
            Kind::Ping => Self::Ping(data()),
            Kind::Pong => Self::Pong(data()),
            Kind::Message => Self::Message(Frame::Text(data())),
            Kind::Upgrade => Self::Upgrade,
            Kind::Noop => Self::Noop,
        }
    }

    pub(super) fn from_base64(packet: &[u8], at: usize) -> Result<Self, PacketError> {
        let text = packet.get(at..).unwrap_or_default();
        // Room for exactly this: `Bytes` takes over a full vector as it is.
        let mut bytes = Vec::with_capacity(base64::decoded_len(text));
        base64::decode_into(text, at, &mut bytes)?;
        Ok(Self::Message(Frame::Binary(Bytes::from(bytes))))
    }
}

#[cfg(test)]
mod tests;
