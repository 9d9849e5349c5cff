//! Reading a body, packet by packet.

use bytes::Bytes;

use super::{Element, Format, v3_binary, v3_text, v4};
use crate::engineio::error::{PacketError, PacketErrorKind, PayloadError};
use crate::engineio::packet::head::{self, Head};
use crate::engineio::packet::{Packet, PacketRef};
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
    /// Starts to read a body.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Utf8`] if the form is text and the body is not UTF-8; nothing of it is delivered then.
    //= EIO4-PLD-09
    //= EIO3-PLD-09
    pub fn new(format: Format, body: Bytes) -> Result<Self, PayloadError> {
        if format.is_text() {
            checked(&body)?;
        }
        Ok(Self { body, cursor: Cursor::new(format) })
    }

    fn read(body: &Bytes, format: Format, element: Element) -> Result<Packet, PacketError> {
        let Element { start, end, is_text, .. } = element;
        let packet = body.get(start..end).unwrap_or_default();
        if !is_text {
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

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (body, format) = (&self.body, self.cursor.format);
        self.cursor.next(body, |element| Self::read(body, format, element))
    }
}

impl core::iter::FusedIterator for Packets {}

/// The packets of one borrowed polling body, in order; ends after the first fault.
///
/// Nothing is allocated or copied, and base64 is not decoded.
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

    #[inline]
    fn read(body: FrameRef<'a>, format: Format, element: Element) -> Result<PacketRef<'a>, PacketError> {
        let range = element.start..element.end;
        let frame = match body {
            FrameRef::Text(text) if element.is_text => FrameRef::Text(text.get(range).unwrap_or_default()),
            FrameRef::Text(text) => FrameRef::Binary(text.as_bytes().get(range).unwrap_or_default()),
            FrameRef::Binary(bytes) if element.is_text => FrameRef::Text(utf8(bytes.get(range).unwrap_or_default())?),
            FrameRef::Binary(bytes) => FrameRef::Binary(bytes.get(range).unwrap_or_default()),
        };
        PacketRef::parse(format.revision(), frame)
    }
}

impl<'a> Iterator for PacketsRef<'a> {
    type Item = Result<PacketRef<'a>, PayloadError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (body, format) = (self.body, self.cursor.format);
        let bytes = match body {
            FrameRef::Text(text) => text.as_bytes(),
            FrameRef::Binary(bytes) => bytes,
        };
        self.cursor.next(bytes, |element| Self::read(body, format, element))
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

    #[inline]
    fn next<P>(
        &mut self,
        body: &[u8],
        read: impl FnOnce(Element) -> Result<P, PacketError>,
    ) -> Option<Result<P, PayloadError>> {
        let element = match self.format {
            Format::V4 => Ok(v4::element(body, self.at)?),
            // The end of a textual body of revision 3 is where an empty one starts.
            Format::V3Text if self.at > 0 && self.at >= body.len() => return None,
            Format::V3Text => v3_text::element(body, self.at)?,
            Format::V3Binary => v3_binary::element(body, self.at)?,
        };
        let packet = element.and_then(|element| {
            self.at = element.next;
            let whole = |fault: PacketError| PayloadError { kind: fault.kind, offset: element.start + fault.offset };
            read(element).map_err(whole)
        });
        if packet.is_err() {
            self.at = usize::MAX;
        }
        Some(packet)
    }
}

fn checked(body: &[u8]) -> Result<&str, PayloadError> {
    utf8(body).map_err(|fault| PayloadError { kind: fault.kind, offset: fault.offset })
}

fn utf8(bytes: &[u8]) -> Result<&str, PacketError> {
    core::str::from_utf8(bytes)
        .map_err(|error| PacketError { kind: PacketErrorKind::Utf8, offset: error.valid_up_to() })
}
