//! A packet that is about to be written.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "lengths of slices that are in memory at the same time")
)]

use alloc::vec::Vec;

use super::Packet;
use crate::engineio::base64;
use crate::engineio::revision::Revision;
use crate::frame::Frame;

/// The parts of a packet, for a caller that writes it into its buffer.
///
/// Made from `&Packet`, or by [`PacketRef::parts`](super::PacketRef::parts). All writers append, and say beforehand how
/// many bytes they will append.
///
/// ```
/// use sio_codec::FrameRef;
/// use sio_codec::engineio::{PacketRef, Revision};
///
/// let mut buffer = Vec::new();
/// let hello = PacketRef::Message("hello".into()).parts().unwrap();
/// hello.write_frame(Revision::V4, &mut buffer);
/// assert_eq!(buffer, b"4hello");
///
/// // A vectored write need not copy the content at all.
/// let bytes = PacketRef::Message(FrameRef::Binary(&[1, 2, 3])).parts().unwrap();
/// assert_eq!(bytes.frame_slices(Revision::V3), (&[4][..], &[1, 2, 3][..]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    form: Form,
    data: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// UTF-8, after this digit, or after nothing if the digit is the first byte of the data already.
    Text(&'static str),
    /// The content of a binary message.
    Binary,
}

impl<'a> Parts<'a> {
    #[inline]
    pub(super) const fn text(digit: &'static str, data: &'a [u8]) -> Self {
        Self { form: Form::Text(digit), data }
    }

    #[inline]
    pub(super) const fn binary(data: &'a [u8]) -> Self {
        Self { form: Form::Binary, data }
    }

    /// A packet in the form it has on a framed transport of revision 4: text with its digit, or the bare bytes of a
    /// binary message.
    #[must_use]
    pub fn of_frame(frame: &'a Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::text("", text.as_bytes()),
            Frame::Binary(bytes) => Self::binary(bytes),
        }
    }

    /// Whether it is a binary message.
    #[inline]
    #[must_use]
    pub const fn is_binary(&self) -> bool {
        matches!(self.form, Form::Binary)
    }

    /// The bytes that go over a framed transport, in two pieces: a text message, or a binary message if
    /// [`is_binary`](Self::is_binary).
    //= EIO4-WS-01: text packets as text, binary messages as binary
    //= EIO3-WS-01: One packet per message
    #[inline]
    #[must_use]
    pub const fn frame_slices(&self, revision: Revision) -> (&'static [u8], &'a [u8]) {
        let head = match (self.form, revision) {
            //= EIO4-PKT-01: digit followed by the data
            //= EIO4-PKT-02: the bare digit
            //= EIO4-PKT-04: an empty text message as `4`
            (Form::Text(digit), _) => digit.as_bytes(),
            //= EIO4-PKT-07: Not add a type byte
            (Form::Binary, Revision::V4) => &[],
            //= EIO3-PKT-01: the type as a byte
            //= EIO3-PKT-06: binary type 4
            (Form::Binary, Revision::V3) => &[4],
        };
        (head, self.data)
    }

    /// What [`write_frame`](Self::write_frame) appends, in bytes.
    #[inline]
    #[must_use]
    pub const fn frame_len(&self, revision: Revision) -> usize {
        let (head, data) = self.frame_slices(revision);
        head.len() + data.len()
    }

    /// Appends the content of one message of a framed transport: a text message, or a binary message if
    /// [`is_binary`](Self::is_binary).
    #[inline]
    pub fn write_frame(&self, revision: Revision, out: &mut Vec<u8>) {
        let (head, data) = self.frame_slices(revision);
        out.reserve(head.len() + data.len());
        append(head, data, out);
    }

    /// What [`write_text`](Self::write_text) appends, in bytes.
    #[inline]
    #[must_use]
    pub const fn text_len(&self, revision: Revision) -> usize {
        match self.form {
            Form::Text(digit) => digit.len() + self.data.len(),
            Form::Binary => base64_head(revision).len() + base64::encoded_len(self.data.len()),
        }
    }

    /// Appends the packet as text, a binary message as base64: an element of a textual payload, and a text message for
    /// a client that asked for `b64`.
    //= EIO3-PKT-02: the type digit after `b`
    //= EIO3-PLD-08: `b4...` elements
    //= EIO3-WS-02: send binary as text
    #[inline]
    pub fn write_text(&self, revision: Revision, out: &mut Vec<u8>) {
        out.reserve(self.text_len(revision));
        self.append_text(revision, out);
    }

    /// [`write_text`](Self::write_text) for a buffer in which there is room.
    #[inline]
    pub(in crate::engineio) fn append_text(&self, revision: Revision, out: &mut Vec<u8>) {
        match self.form {
            Form::Text(digit) => append(digit.as_bytes(), self.data, out),
            Form::Binary => {
                out.extend_from_slice(base64_head(revision));
                base64::encode_into(self.data, out);
            }
        }
    }

    /// The data without the digit, if that is not part of it.
    #[inline]
    pub(in crate::engineio) const fn data(&self) -> &'a [u8] {
        self.data
    }
}

/// The head is no byte or one: too short for the call that copying a slice is.
#[inline]
fn append(head: &'static [u8], data: &[u8], out: &mut Vec<u8>) {
    if let [digit] = head {
        out.push(*digit);
    }
    out.extend_from_slice(data);
}

//= EIO4-PKT-14
const fn base64_head(revision: Revision) -> &'static [u8] {
    match revision {
        Revision::V4 => b"b",
        Revision::V3 => b"b4",
    }
}

impl<'a> From<&'a Packet> for Parts<'a> {
    #[inline]
    fn from(packet: &'a Packet) -> Self {
        match packet {
            Packet::Open(data) => Self::text("0", data.as_bytes()),
            Packet::Close => Self::text("1", &[]),
            Packet::Ping(data) => Self::text("2", data.as_bytes()),
            Packet::Pong(data) => Self::text("3", data.as_bytes()),
            Packet::Message(Frame::Text(data)) => Self::text("4", data.as_bytes()),
            Packet::Message(Frame::Binary(data)) => Self::binary(data),
            Packet::Upgrade => Self::text("5", &[]),
            Packet::Noop => Self::text("6", &[]),
        }
    }
}
