//! Writing bodies.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "lengths of packets that are in memory, and a count of them")
)]

use alloc::vec::Vec;

use super::{Format, v3_binary, v3_text, v4};
use crate::engineio::error::EncodeError;
use crate::engineio::packet::Parts;

/// Writes one polling body.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::engineio::Packet;
/// use sio_codec::engineio::payload::{Encoder, Format};
///
/// let mut payload = Encoder::new(Format::V4);
/// payload.push(&Packet::Message("hello".into()))?;
/// payload.push(&Packet::Message(Bytes::from_static(&[1, 2, 3, 4]).into()))?;
/// assert_eq!(payload.finish().unwrap(), b"4hello\x1ebAQIDBA==");
/// # Ok::<(), sio_codec::engineio::EncodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Encoder {
    format: Format,
    max_len: usize,
    body: Vec<u8>,
}

impl Encoder {
    /// An empty body without a limit; allocates nothing.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self { format, max_len: usize::MAX, body: Vec::new() }
    }

    /// Bounds the size of the body, in bytes: the `maxPayload` of the server that will get it.
    //= EIO4-LIM-01
    #[must_use]
    pub const fn with_max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }

    /// Writes into the memory of an older body, whose content is dropped.
    #[must_use]
    pub fn with_buffer(mut self, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        self.body = buffer;
        self
    }

    /// Appends one packet.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Full`] and [`EncodeError::TooLarge`] if the limit is in the way, [`EncodeError::Separator`] if the
    /// form is [`Format::V4`] and a text holds U+001E: the receiver would read two packets. Nothing is written then.
    //= EIO4-LIM-01: when it holds more than one packet
    //= EIO4-LIM-02: a single packet that cannot fit
    //= EIO4-LIM-03: from the encoded form
    #[inline]
    pub fn push<'a>(&mut self, packet: impl Into<Parts<'a>>) -> Result<(), EncodeError> {
        let packet = packet.into();
        match self.format {
            Format::V4 => {
                //= EIO4-PLD-07: an encoder should refuse
                if v4::has_separator(&packet) {
                    return Err(EncodeError::Separator);
                }
                self.make_room(v4::len(&packet), usize::from(!self.body.is_empty()))?;
                v4::write(&packet, &mut self.body);
            }
            Format::V3Text => {
                let units = v3_text::units(&packet);
                self.make_room(v3_text::len(&packet, units), 0)?;
                v3_text::write(&packet, units, &mut self.body);
            }
            Format::V3Binary => {
                self.make_room(v3_binary::len(&packet), 0)?;
                v3_binary::write(&packet, &mut self.body);
            }
        }
        Ok(())
    }

    #[inline]
    fn make_room(&mut self, element: usize, separator: usize) -> Result<(), EncodeError> {
        if element > self.max_len {
            return Err(EncodeError::TooLarge);
        }
        if self.body.len() + separator > self.max_len - element {
            return Err(EncodeError::Full);
        }
        self.body.reserve(separator + element);
        Ok(())
    }

    /// Bytes written so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The body; `None` if no packet was pushed, because a payload is never empty.
    //= EIO4-PLD-08
    #[must_use]
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.body.is_empty()).then_some(self.body)
    }
}

/// The bodies that carry some packets, in order, none larger than the receiver takes.
///
/// This is for a client, which learns that size from the open packet. Each packet is measured in the form in which it is
/// written.
///
/// ```
/// use sio_codec::engineio::Packet;
/// use sio_codec::engineio::payload::{Bodies, Format};
///
/// let packets = ["one", "two", "three"].map(|text| Packet::Message(text.into()));
/// let bodies: Result<Vec<_>, _> = Bodies::new(Format::V4, Some(10), &packets).collect();
/// assert_eq!(bodies?, [b"4one\x1e4two".as_slice(), b"4three"]);
/// # Ok::<(), sio_codec::engineio::payload::Unsent>(())
/// ```
//= EIO4-LIM-01
#[derive(Clone, Debug)]
pub struct Bodies<'a, I> {
    body: Encoder,
    packets: I,
    /// The packet for which the last body had no room.
    held: Option<Parts<'a>>,
    /// How many packets were written or given up.
    settled: usize,
}

/// A packet that no body can carry.
///
/// ```
/// use sio_codec::engineio::payload::{Bodies, Format};
/// use sio_codec::engineio::{EncodeError, Packet};
///
/// let packets = ["one", "far too long"].map(|text| Packet::Message(text.into()));
/// let unsent = Bodies::new(Format::V4, Some(6), &packets).find_map(Result::err).unwrap();
/// assert_eq!((unsent.index, unsent.error), (1, EncodeError::TooLarge));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsent {
    /// How many packets were before it.
    pub index: usize,
    /// Why.
    pub error: EncodeError,
}

impl<'a, I: Iterator<Item: Into<Parts<'a>>>> Bodies<'a, I> {
    /// Starts to write packets; without a limit, they are all in one body.
    pub fn new<P: IntoIterator<IntoIter = I>>(format: Format, max_len: Option<usize>, packets: P) -> Self {
        //= EIO4-HS-14
        let body = Encoder::new(format).with_max_len(max_len.unwrap_or(usize::MAX));
        Self { body, packets: packets.into_iter(), held: None, settled: 0 }
    }

    fn take_body(&mut self) -> Option<Vec<u8>> {
        let next = Encoder::new(self.body.format).with_max_len(self.body.max_len);
        core::mem::replace(&mut self.body, next).finish()
    }
}

impl<'a, I: Iterator<Item: Into<Parts<'a>>>> Iterator for Bodies<'a, I> {
    /// A packet that cannot be sent comes after the body of those before it, and the rest goes on behind it.
    type Item = Result<Vec<u8>, Unsent>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(packet) = self.held.take().or_else(|| self.packets.next().map(Into::into)) {
            match self.body.push(packet) {
                Ok(()) => self.settled += 1,
                Err(error) if self.body.is_empty() => {
                    let index = self.settled;
                    self.settled += 1;
                    return Some(Err(Unsent { index, error }));
                }
                Err(_) => {
                    self.held = Some(packet);
                    break;
                }
            }
        }
        self.take_body().map(Ok)
    }
}

impl core::fmt::Display for Unsent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "packet {}: {}", self.index, self.error)
    }
}

impl core::error::Error for Unsent {}
