//! Reading a body, packet by packet.
//!
//! A step takes some ten nanoseconds, half of them to find the end of the packet. If the parts of a step are not all
//! inlined, it takes as long again to hand the packet from one to the next; that is what `inline(always)` is for.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "places in one body, which are at most its length")
)]

use bytes::Bytes;

use super::{Element, Form, Format, v3_binary, v3_text, v4};
use crate::engineio::error::{PacketError, PacketErrorKind, PayloadError};
use crate::engineio::packet::head::{self, Head};
use crate::engineio::packet::{Packet, PacketRef};
use crate::engineio::revision::Revision;
use crate::frame::{Frame, FrameRef};
use crate::text::Text;

/// The packets of one polling body, in order; ends after the first fault.
///
/// They share the body's bytes; only base64 is copied. [`PacketsRef`] is the form for borrowed bodies.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::engineio::Packet;
/// use sio_codec::engineio::payload::{Format, Packets};
///
/// let mut packets = Packets::new(Format::V4, Bytes::from_static(b"4one\x1ezz\x1e4two"))?;
/// assert_eq!(packets.next(), Some(Ok(Packet::Message("one".into()))));
/// assert_eq!(packets.next().unwrap().unwrap_err().offset, 5);
/// assert_eq!(packets.next(), None);
/// # Ok::<(), sio_codec::engineio::PayloadError>(())
/// ```
//= EIO4-PLD-03
//= EIO3-PLD-04
#[derive(Clone, Debug)]
pub struct Packets {
    body: Bytes,
    cursor: Cursor,
}

impl Packets {
    /// Starts to read a body: [`Text`], or `Bytes`, which costs a walk to check it if the form is text.
    ///
    /// ```
    /// use sio_codec::Text;
    /// use sio_codec::engineio::Packet;
    /// use sio_codec::engineio::payload::{Format, Packets};
    ///
    /// let mut packets = Packets::new(Format::V4, Text::from("4one\x1e2"))?;
    /// assert_eq!(packets.next(), Some(Ok(Packet::Message("one".into()))));
    /// # Ok::<(), sio_codec::engineio::PayloadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Utf8`] if the form is text and the body is not UTF-8; nothing of it is delivered then.
    //= EIO4-PLD-09
    //= EIO3-PLD-09
    #[inline]
    pub fn new(format: Format, body: impl Into<Frame>) -> Result<Self, PayloadError> {
        let body = match body.into() {
            Frame::Text(text) => text.into_bytes(),
            Frame::Binary(bytes) => {
                if format.is_text() {
                    checked(&bytes)?;
                }
                bytes
            }
        };
        Ok(Self { body, cursor: Cursor::new(format) })
    }

    #[inline(always)]
    fn read(&self, element: Element) -> Result<Packet, PacketError> {
        let Element { form, start, end, .. } = element;
        let (body, format) = (&self.body, self.cursor.format);
        let packet = body.get(start..end).unwrap_or_default();
        if form == Form::Binary {
            let skipped = head::binary(format.revision(), packet)?;
            return Ok(Packet::Message(Frame::Binary(body.slice(start + skipped..end))));
        }
        if format == Format::V3Binary {
            utf8(packet)?;
        }
        match head::text(format.revision(), packet)? {
            Head::Plain(kind) => Ok(Packet::with_data(kind, || Text::vouched(body.slice(start + 1..end)))),
            Head::Base64(at) => Packet::from_base64(packet, at),
        }
    }
}

impl Iterator for Packets {
    type Item = Result<Packet, PayloadError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.cursor.step(&self.body)? {
            Ok(element) => self.read(element).map_err(|fault| self.cursor.stop(element.start, fault)),
            Err(error) => Err(error),
        })
    }
}

impl core::iter::FusedIterator for Packets {}

/// The packets of one borrowed polling body, in order; ends after the first fault.
///
/// Nothing is copied. Base64 is checked and not decoded, so that faults are found where [`Packets`] finds them; nothing is
/// allocated but where it has line breaks or a fault.
///
/// ```
/// use sio_codec::engineio::PacketRef;
/// use sio_codec::engineio::payload::{Format, PacketsRef};
///
/// let mut packets = PacketsRef::new(Format::V3Text, "6:4hello1:2")?;
/// assert_eq!(packets.next(), Some(Ok(PacketRef::Message("hello".into()))));
/// assert_eq!(packets.next(), Some(Ok(PacketRef::Ping(""))));
/// assert_eq!(packets.next(), None);
/// # Ok::<(), sio_codec::engineio::PayloadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PacketsRef<'a> {
    /// Text if the form is.
    body: FrameRef<'a>,
    cursor: Cursor,
}

impl<'a> PacketsRef<'a> {
    /// Starts to read a body: `&str`, or `&[u8]`, which costs a walk to check it if the form is text.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Utf8`] if the form is text and the body is not UTF-8; nothing of it is delivered then.
    pub fn new(format: Format, body: impl Into<FrameRef<'a>>) -> Result<Self, PayloadError> {
        let body = match body.into() {
            FrameRef::Binary(bytes) if format.is_text() => FrameRef::Text(checked(bytes)?),
            body => body,
        };
        Ok(Self { body, cursor: Cursor::new(format) })
    }

    #[inline(always)]
    fn read(&self, element: Element) -> Result<PacketRef<'a>, PacketError> {
        let range = element.start..element.end;
        let packet = match self.body {
            // A body that is text has no other elements.
            FrameRef::Text(text) => {
                PacketRef::parse(self.cursor.format.revision(), text.get(range).unwrap_or_default())
            }
            FrameRef::Binary(bytes) => {
                let packet = bytes.get(range).unwrap_or_default();
                match element.form {
                    Form::Text => PacketRef::parse(Revision::V3, utf8(packet)?),
                    Form::Binary => PacketRef::parse(Revision::V3, packet),
                }
            }
        };
        if let Ok(PacketRef::Base64(message)) = &packet {
            message.check()?;
        }
        packet
    }
}

impl<'a> Iterator for PacketsRef<'a> {
    type Item = Result<PacketRef<'a>, PayloadError>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let body = match self.body {
            FrameRef::Text(text) => text.as_bytes(),
            FrameRef::Binary(bytes) => bytes,
        };
        Some(match self.cursor.step(body)? {
            Ok(element) => self.read(element).map_err(|fault| self.cursor.stop(element.start, fault)),
            Err(error) => Err(error),
        })
    }
}

impl core::iter::FusedIterator for PacketsRef<'_> {}

/// A walk over the elements of a body.
#[derive(Clone, Debug)]
struct Cursor {
    format: Format,
    /// Where the next element starts; past the end after a fault, too.
    at: usize,
}

impl Cursor {
    const fn new(format: Format) -> Self {
        Self { format, at: 0 }
    }

    /// Moves behind the next element; `None` at the end, and after a fault.
    #[inline(always)]
    fn step(&mut self, body: &[u8]) -> Option<Result<Element, PayloadError>> {
        let element = match self.format {
            Format::V4 => Ok(v4::element(body, self.at)?),
            // The end of a textual body of revision 3 is where an empty one starts.
            Format::V3Text if self.at > 0 && self.at >= body.len() => return None,
            Format::V3Text => v3_text::element(body, self.at)?,
            Format::V3Binary => v3_binary::element(body, self.at)?,
        };
        self.at = element.as_ref().map_or(usize::MAX, |element| element.next);
        Some(element)
    }

    /// Ends the walk at a packet that could not be read.
    #[cold]
    const fn stop(&mut self, packet: usize, fault: PacketError) -> PayloadError {
        self.at = usize::MAX;
        PayloadError { kind: fault.kind, offset: packet + fault.offset }
    }
}

fn checked(body: &[u8]) -> Result<&str, PayloadError> {
    utf8(body).map_err(|fault| PayloadError { kind: fault.kind, offset: fault.offset })
}

fn utf8(bytes: &[u8]) -> Result<&str, PacketError> {
    core::str::from_utf8(bytes)
        .map_err(|error| PacketError { kind: PacketErrorKind::Utf8, offset: error.valid_up_to() })
}
