//! Packets on a WebTransport stream: each after a header that says what it is and how long.
//!
//! ```text
//! frame  = header *byte
//! header = kind / length in 1, 3 or 9 bytes, big endian
//!
//!          bit 7: binary     bits 0..6: 1..125      the length
//!                                       126         the length follows in 2 bytes
//!                                       127         the length follows in 8 bytes, at most 2^53 - 1
//! ```
//!
//! A text is a packet of revision 4, a binary frame the bytes of a message. No frame is empty.
//!
//! These are the frames alone: the session machines speak polling and WebSocket.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "lengths of slices of one window, each part of the one before")
)]

//= EIO4-WT-06 exception: there are no sessions over WebTransport (EIO4-WT-10)
//= EIO4-WT-07 exception: there are no sessions over WebTransport (EIO4-WT-10)
//= EIO4-WT-08 exception: there are no sessions over WebTransport (EIO4-WT-10)

use alloc::vec::Vec;

use bytes::{Buf as _, Bytes};
use nom::number::streaming::{be_u8, be_u16, be_u64};
use nom::{IResult, Parser as _};

use super::error::{EncodeError, PacketError, PacketErrorKind};
use super::packet::{Packet, Parts};
use super::revision::Revision;
use crate::frame::Frame;
use crate::text::Text;

const BINARY: u8 = 0x80;
/// Marker: a 2-byte length follows. Also the first length that needs it.
const MEDIUM: usize = 126;
/// Marker: an 8-byte length follows.
const LONG: u8 = 127;
/// The largest integer that JavaScript counts to without gaps.
const MAX_LEN: u64 = (1 << 53) - 1;

/// Appends a packet as one frame.
///
/// ```
/// use sio_codec::engineio::{Packet, webtransport};
///
/// let mut stream = Vec::new();
/// webtransport::write(&Packet::Message("hello".into()), &mut stream)?;
/// assert_eq!(stream, b"\x064hello");
/// # Ok::<(), sio_codec::engineio::EncodeError>(())
/// ```
///
/// # Errors
///
/// [`EncodeError::EmptyBinary`] for a binary message without bytes; nothing is written then.
//= EIO4-WT-01
//= EIO4-WT-03: length 0 and lengths above the configured maximum
pub fn write<'a>(packet: impl Into<Parts<'a>>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let packet = packet.into();
    let len = packet.frame_len(Revision::V4);
    let header = Header::new(packet.is_binary(), len).ok_or(EncodeError::EmptyBinary)?;
    out.reserve(header.as_bytes().len() + len);
    out.extend_from_slice(header.as_bytes());
    packet.write_frame(Revision::V4, out);
    Ok(())
}

/// The header of a frame in its shortest form, for callers that write the content themselves.
///
/// ```
/// use sio_codec::engineio::webtransport::Header;
///
/// assert_eq!(Header::new(true, 3).unwrap().as_bytes(), [0x83]);
/// assert_eq!(Header::new(false, 200).unwrap().as_bytes(), [126, 0, 200]);
/// assert_eq!(Header::new(true, 0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; 9],
    len: u8,
}

impl Header {
    /// The header for `len` bytes; `None` for no bytes or more than 2<sup>53</sup> - 1.
    #[must_use]
    pub fn new(is_binary: bool, len: usize) -> Option<Self> {
        let kind = if is_binary { BINARY } else { 0 };
        let mut bytes = [0; 9];
        let (first, rest) = bytes.split_first_mut()?;
        if len == 0 || len as u64 > MAX_LEN {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "each length is below the bound of its form")]
        let used = if len < MEDIUM {
            *first = kind | len as u8;
            1
        } else if len <= usize::from(u16::MAX) {
            *first = kind | MEDIUM as u8;
            rest.get_mut(..2)?.copy_from_slice(&(len as u16).to_be_bytes());
            3
        } else {
            *first = kind | LONG;
            rest.copy_from_slice(&(len as u64).to_be_bytes());
            9
        };
        Some(Self { bytes, len: used })
    }

    /// The bytes of the header: one, three or nine.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// Finds the packets of a stream, however it is cut into pieces.
///
/// A frame that lies in one piece shares its bytes; of any other the bytes are copied once, as they arrive, and never more
/// memory is taken than has arrived or the frame needs.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::engineio::Packet;
/// use sio_codec::engineio::webtransport::Decoder;
///
/// let mut decoder = Decoder::new(1_000_000);
/// decoder.push(Bytes::from_static(&[1, b'2', 6, b'4', b'h', b'e']));
/// assert_eq!(decoder.next_packet(), Some(Ok(Packet::Ping("".into()))));
/// assert_eq!(decoder.next_packet(), None);
/// decoder.push(Bytes::from_static(b"llo"));
/// assert_eq!(decoder.next_packet(), Some(Ok(Packet::Message("hello".into()))));
/// ```
//= EIO4-WT-05
#[derive(Clone, Debug)]
pub struct Decoder {
    max_len: u64,
    /// What arrived and was not looked at.
    arrived: Bytes,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// The first bytes of a header, which is at most nine bytes long.
    Header(Vec<u8>),
    /// The first bytes of a frame of this length.
    Content { kind: FrameKind, len: usize, partial: Vec<u8> },
    /// After a fault, nothing is read any more.
    Failed,
}

/// What a header says of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FrameKind {
    Text,
    Binary,
}

impl Decoder {
    /// A decoder at the start of a stream. It accepts frames of up to this many bytes.
    #[must_use]
    pub fn new(max_payload: usize) -> Self {
        let max_len = MAX_LEN.min(max_payload as u64);
        Self { max_len, arrived: Bytes::new(), state: State::Header(Vec::new()) }
    }

    /// Takes what arrived. [`next_packet`](Self::next_packet) must be called afterwards until there is nothing more; what
    /// is left over otherwise is copied.
    pub fn push(&mut self, bytes: Bytes) {
        if matches!(self.state, State::Failed) {
            return;
        }
        if self.arrived.is_empty() {
            self.arrived = bytes;
        } else {
            self.arrived = [core::mem::take(&mut self.arrived), bytes].concat().into();
        }
    }

    /// The next packet, or the fault that ends the stream; `None` if more bytes are needed, and after a fault.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Length`] for the length zero and those above 2<sup>53</sup> - 1,
    /// [`PacketErrorKind::TooLarge`] for those above the limit, as soon as the header is complete;
    /// [`PacketErrorKind::Utf8`] and what [`Packet::parse`] finds. The offset counts from the start of the header, or of
    /// the packet.
    pub fn next_packet(&mut self) -> Option<Result<Packet, PacketError>> {
        let packet = match self.advance() {
            Ok(None) => return None,
            Ok(Some(frame)) => Packet::parse(Revision::V4, frame),
            Err(error) => Err(error),
        };
        if packet.is_err() {
            self.state = State::Failed;
            self.arrived = Bytes::new();
        }
        Some(packet)
    }

    /// Whether the stream may end here: no frame is begun.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.arrived.is_empty() && matches!(&self.state, State::Header(partial) if partial.is_empty())
    }

    fn advance(&mut self) -> Result<Option<Frame>, PacketError> {
        loop {
            match &mut self.state {
                State::Header(partial) => {
                    let Some((kind, len)) = read_header(partial, &mut self.arrived, self.max_len)? else {
                        return Ok(None);
                    };
                    self.state = State::Content { kind, len, partial: Vec::new() };
                }
                State::Content { kind, len, partial } => {
                    let Some(bytes) = read_content(*len, partial, &mut self.arrived) else { return Ok(None) };
                    let kind = *kind;
                    self.state = State::Header(Vec::new());
                    return match kind {
                        FrameKind::Text => text(bytes).map(Some),
                        FrameKind::Binary => Ok(Some(Frame::Binary(bytes))),
                    };
                }
                State::Failed => return Ok(None),
            }
        }
    }
}

fn text(bytes: Bytes) -> Result<Frame, PacketError> {
    let text = Text::try_from(bytes);
    text.map(Frame::Text).map_err(|error| PacketError { kind: PacketErrorKind::Utf8, offset: error.offset })
}

/// Takes a header from what arrived, after what arrived of it before.
//= EIO4-WT-02: non-minimal lengths
//= EIO4-WT-03: length 0 and lengths above the configured maximum
//= EIO4-WT-04: lengths above 2^53 - 1
fn read_header(
    partial: &mut Vec<u8>,
    arrived: &mut Bytes,
    max_len: u64,
) -> Result<Option<(FrameKind, usize)>, PacketError> {
    let fault = |kind| PacketError { kind, offset: 0 };
    // A header is short, and seldom in pieces: then its pieces are put together.
    let before = partial.len();
    let window: &[u8] = if before == 0 {
        arrived
    } else {
        partial.extend(arrived.iter().take(9));
        partial
    };
    match header(window) {
        Err(_) => {
            if before == 0 {
                partial.extend_from_slice(arrived);
            }
            arrived.clear();
            Ok(None)
        }
        Ok((rest, (kind, len))) => {
            let used = window.len() - rest.len() - before;
            arrived.advance(used);
            partial.clear();
            match usize::try_from(len) {
                _ if len == 0 || len > MAX_LEN => Err(fault(PacketErrorKind::Length)),
                Ok(usable) if len <= max_len => Ok(Some((kind, usable))),
                _ => Err(fault(PacketErrorKind::TooLarge)),
            }
        }
    }
}

/// Takes the content of a frame from what arrived, after what arrived of it before.
fn read_content(len: usize, partial: &mut Vec<u8>, arrived: &mut Bytes) -> Option<Bytes> {
    if partial.is_empty() && arrived.len() >= len {
        return Some(arrived.split_to(len));
    }
    let more = arrived.split_to(arrived.len().min(len - partial.len()));
    partial.extend_from_slice(&more);
    (partial.len() == len).then(|| Bytes::from(core::mem::take(partial)))
}

fn header(input: &[u8]) -> IResult<&[u8], (FrameKind, u64), ()> {
    let (input, first) = be_u8(input)?;
    let (input, len) = match first & !BINARY {
        LONG => be_u64.parse(input)?,
        short if usize::from(short) == MEDIUM => be_u16.map(u64::from).parse(input)?,
        short => (input, u64::from(short)),
    };
    let kind = if first & BINARY == 0 { FrameKind::Text } else { FrameKind::Binary };
    Ok((input, (kind, len)))
}

#[cfg(test)]
mod tests;
