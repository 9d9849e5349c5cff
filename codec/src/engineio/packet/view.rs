//! A packet that borrows its content.

use alloc::string::String;

use bytes::Bytes;

use super::head::{self, Head, Kind};
use super::{Packet, Parts};
use crate::engineio::base64::Base64;
use crate::engineio::error::PacketError;
use crate::engineio::revision::Revision;
use crate::frame::FrameRef;
use crate::text::Text;

/// One Engine.IO packet that borrows its content: reading it allocates and copies nothing.
///
/// [`Packet`] is the form that owns its content.
///
/// ```
/// use sio_codec::FrameRef;
/// use sio_codec::engineio::{PacketRef, Revision};
///
/// assert_eq!(PacketRef::parse(Revision::V4, "2probe")?, PacketRef::Ping("probe"));
/// let bytes: &[u8] = &[4, 1, 2, 3];
/// assert_eq!(PacketRef::parse(Revision::V4, bytes)?, PacketRef::Message(FrameRef::Binary(&[4, 1, 2, 3])));
/// assert_eq!(PacketRef::parse(Revision::V3, bytes)?, PacketRef::Message(FrameRef::Binary(&[1, 2, 3])));
/// # Ok::<(), sio_codec::engineio::PacketError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the seven packet types are fixed by the protocol")]
pub enum PacketRef<'a> {
    /// `0`: the server opens a session; the data is for [`Open::parse`](crate::engineio::Open::parse).
    Open(&'a str),
    /// `1`: the sender ends the session.
    Close,
    /// `2`: a heartbeat; with the data `probe`, the test of a candidate transport.
    Ping(&'a str),
    /// `3`: the answer to a ping.
    Pong(&'a str),
    /// `4`, or a native binary message: data of the application.
    Message(FrameRef<'a>),
    /// `b`: a binary message as base64, not decoded yet.
    Base64(Base64<'a>),
    /// `5`: the client moves the session to the candidate transport.
    Upgrade,
    /// `6`: nothing; ends a poll that is in the way of an upgrade.
    Noop,
}

impl<'a> PacketRef<'a> {
    /// Reads a packet in the form it has on a framed transport, from `&str` or `&[u8]`. Data on packets that have
    /// none is ignored.
    ///
    /// # Errors
    ///
    /// As [`Packet::parse`], except for base64: that is not looked at before it is decoded.
    #[inline]
    pub fn parse(revision: Revision, frame: impl Into<FrameRef<'a>>) -> Result<Self, PacketError> {
        match frame.into() {
            FrameRef::Text(text) => Self::parse_text(revision, text),
            FrameRef::Binary(bytes) => {
                let start = head::binary(revision, bytes)?;
                Ok(Self::Message(FrameRef::Binary(bytes.get(start..).unwrap_or_default())))
            }
        }
    }

    // The result is moved through memory otherwise.
    #[inline(always)]
    fn parse_text(revision: Revision, text: &'a str) -> Result<Self, PacketError> {
        let kind = match head::text(revision, text.as_bytes())? {
            Head::Plain(kind) => kind,
            Head::Base64(at) => {
                return Ok(Self::Base64(Base64::new(text.get(at..).unwrap_or_default(), at)));
            }
        };
        let data = text.get(1..).unwrap_or_default();
        Ok(match kind {
            Kind::Open => Self::Open(data),
            Kind::Close => Self::Close,
            Kind::Ping => Self::Ping(data),
            Kind::Pong => Self::Pong(data),
            Kind::Message => Self::Message(FrameRef::Text(data)),
            Kind::Upgrade => Self::Upgrade,
            Kind::Noop => Self::Noop,
        })
    }

    /// The packet ready to be written; `None` for base64, which has to be decoded first.
    #[inline]
    #[must_use]
    pub const fn parts(&self) -> Option<Parts<'a>> {
        Some(match *self {
            Self::Open(data) => Parts::text("0", data.as_bytes()),
            Self::Close => Parts::text("1", &[]),
            Self::Ping(data) => Parts::text("2", data.as_bytes()),
            Self::Pong(data) => Parts::text("3", data.as_bytes()),
            Self::Message(FrameRef::Text(data)) => Parts::text("4", data.as_bytes()),
            Self::Message(FrameRef::Binary(data)) => Parts::binary(data),
            Self::Base64(_) => return None,
            Self::Upgrade => Parts::text("5", &[]),
            Self::Noop => Parts::text("6", &[]),
        })
    }

    /// An owned packet: copies the content, and decodes base64.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Base64`](crate::engineio::PacketErrorKind::Base64) if that cannot be decoded.
    pub fn to_packet(&self) -> Result<Packet, PacketError> {
        let own = |text: &str| Text::from(String::from(text));
        Ok(match self {
            Self::Open(data) => Packet::Open(own(data)),
            Self::Close => Packet::Close,
            Self::Ping(data) => Packet::Ping(own(data)),
            Self::Pong(data) => Packet::Pong(own(data)),
            Self::Message(frame) => Packet::Message(frame.to_frame()),
            Self::Base64(base64) => Packet::Message(Bytes::from(base64.decode()?).into()),
            Self::Upgrade => Packet::Upgrade,
            Self::Noop => Packet::Noop,
        })
    }
}
