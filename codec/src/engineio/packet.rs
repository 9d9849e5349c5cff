//! One packet, in its text, base64 and binary forms.
//!
//! ```text
//! text packet      = digit *data            "4hello", "2", "0{...}"
//! base64 message   = "b" base64             "bAQIDBA=="     polling, and WebSocket text for clients without binary
//! binary message   = the bytes themselves   01 02 03 04     WebSocket
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};
use bytes::Bytes;
use nom::IResult;
use nom::Parser as _;
use nom::bytes::complete::take;
use nom::combinator::map_opt;

use super::error::{PacketError, PacketErrorKind};
use crate::frame::Frame;
use crate::text::Text;

/// One Engine.IO packet.
///
/// ```
/// use sio_codec::engineio::Packet;
/// use sio_codec::Frame;
///
/// let packet = Packet::parse(Frame::from("4hello"))?;
/// assert_eq!(packet, Packet::Message(Frame::from("hello")));
/// assert_eq!(packet.to_frame(), Frame::from("4hello"));
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
    /// Reads a packet in the form it has on a framed transport, which is also that of one payload element.
    ///
    /// The data shares the frame's bytes; only base64 is copied. Data on packets that have none is ignored.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Empty`] for an empty text, [`PacketErrorKind::UnknownType`] for a first character
    /// other than `0` to `6` and `b`, [`PacketErrorKind::Base64`] for a base64 message outside the standard
    /// alphabet. Binary frames are always messages.
    //= EIO4-PKT-03
    //= EIO4-PKT-07
    //= EIO4-PKT-11
    //= EIO4-PKT-13
    //= EIO4-PKT-15
    pub fn parse(frame: Frame) -> Result<Self, PacketError> {
        let text = match frame {
            Frame::Binary(bytes) => return Ok(Self::Message(Frame::Binary(bytes))),
            Frame::Text(text) => text,
        };
        //= EIO4-PKT-05
        if text.is_empty() {
            return Err(PacketError { kind: PacketErrorKind::Empty, offset: 0 });
        }
        //= EIO4-PKT-06
        let Ok((rest, tag)) = tag(text.as_bytes()) else {
            return Err(PacketError { kind: PacketErrorKind::UnknownType, offset: 0 });
        };
        let data = || text.slice(text.len() - rest.len()..text.len()).unwrap_or_default();
        Ok(match tag {
            Tag::Open => Self::Open(data()),
            Tag::Close => Self::Close,
            Tag::Ping => Self::Ping(data()),
            Tag::Pong => Self::Pong(data()),
            Tag::Message => Self::Message(Frame::Text(data())),
            Tag::Upgrade => Self::Upgrade,
            Tag::Noop => Self::Noop,
            Tag::Base64 => Self::Message(Frame::Binary(decode_base64(rest)?)),
        })
    }

    /// The packet as one message of a framed transport: text, or the bare bytes of a binary message.
    //= EIO4-PKT-01
    //= EIO4-PKT-02
    //= EIO4-PKT-04
    //= EIO4-WS-01
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        let text = match self {
            Self::Open(data) => prefixed(b'0', data.as_bytes()),
            Self::Close => Text::from("1"),
            Self::Ping(data) if data.is_empty() => Text::from("2"),
            Self::Ping(data) => prefixed(b'2', data.as_bytes()),
            Self::Pong(data) if data.is_empty() => Text::from("3"),
            Self::Pong(data) => prefixed(b'3', data.as_bytes()),
            Self::Message(Frame::Text(data)) => prefixed(b'4', data.as_bytes()),
            Self::Message(Frame::Binary(bytes)) => return Frame::Binary(bytes.clone()),
            Self::Upgrade => Text::from("5"),
            Self::Noop => Text::from("6"),
        };
        Frame::Text(text)
    }
}

/// Appends the base64 form of a binary message.
//= EIO4-PKT-08
pub(super) fn push_base64(bytes: &[u8], out: &mut String) {
    out.push('b');
    STANDARD.encode_string(bytes, out);
}

/// The length of that form: `b` and four characters per three bytes, padded.
pub(super) const fn base64_len(bytes: usize) -> usize {
    1 + bytes.div_ceil(3) * 4
}

/// The first character of a text packet.
#[derive(Clone, Copy)]
enum Tag {
    Open,
    Close,
    Ping,
    Pong,
    Message,
    Upgrade,
    Noop,
    Base64,
}

fn tag(input: &[u8]) -> IResult<&[u8], Tag> {
    map_opt(take(1_usize), |byte: &[u8]| {
        Some(match byte {
            b"0" => Tag::Open,
            b"1" => Tag::Close,
            b"2" => Tag::Ping,
            b"3" => Tag::Pong,
            b"4" => Tag::Message,
            b"5" => Tag::Upgrade,
            b"6" => Tag::Noop,
            b"b" => Tag::Base64,
            _ => return None,
        })
    })
    .parse(input)
}

fn prefixed(digit: u8, data: &[u8]) -> Text {
    let mut bytes = Vec::with_capacity(1 + data.len());
    bytes.push(digit);
    bytes.extend_from_slice(data);
    Text::try_from(Bytes::from(bytes)).unwrap_or_default()
}

//= EIO4-PKT-09
//= EIO4-PKT-10
//= EIO4-PKT-14
const LENIENT_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        // The unused bits of the last character are zero from every known encoder; the reference ignores them.
        .with_decode_allow_trailing_bits(true),
);

fn decode_base64(text: &[u8]) -> Result<Bytes, PacketError> {
    match LENIENT_PADDING.decode(text) {
        Ok(bytes) => Ok(Bytes::from(bytes)),
        Err(error) => Err(PacketError { kind: PacketErrorKind::Base64, offset: 1 + base64_offset(&error, text.len()) }),
    }
}

const fn base64_offset(error: &base64::DecodeError, len: usize) -> usize {
    match error {
        base64::DecodeError::InvalidByte(offset, _) => *offset,
        base64::DecodeError::InvalidLastSymbol { offset, .. } => *offset,
        _ => len,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &'static str) -> Result<Packet, PacketErrorKind> {
        Packet::parse(Frame::from(text)).map_err(|error| error.kind)
    }

    //= EIO4-PKT-03
    //= EIO4-PKT-13
    //= EIO4-PKT-14
    #[test]
    fn every_type_is_read() {
        assert_eq!(parse("0{}"), Ok(Packet::Open(Text::from("{}"))));
        assert_eq!(parse("1"), Ok(Packet::Close));
        assert_eq!(parse("1x"), Ok(Packet::Close));
        assert_eq!(parse("2probe"), Ok(Packet::Ping(Text::from("probe"))));
        assert_eq!(parse("3"), Ok(Packet::Pong(Text::new())));
        assert_eq!(parse("4"), Ok(Packet::Message(Frame::from(""))));
        assert_eq!(parse("5"), Ok(Packet::Upgrade));
        assert_eq!(parse("6"), Ok(Packet::Noop));
        assert_eq!(parse("b"), Ok(Packet::Message(Frame::Binary(Bytes::new()))));
    }

    //= EIO4-PKT-05
    //= EIO4-PKT-06
    #[test]
    fn other_first_characters_are_refused() {
        assert_eq!(parse(""), Err(PacketErrorKind::Empty));
        for text in ["7", "x", "B", " 4", "\n4", "٤", "é", "éabcd"] {
            assert_eq!(parse(text), Err(PacketErrorKind::UnknownType), "{text:?}");
        }
    }

    //= EIO4-PKT-08
    //= EIO4-PKT-09
    //= EIO4-PKT-10
    //= EIO4-PKT-15
    #[test]
    fn base64_is_read_with_and_without_padding() {
        let expected = Ok(Packet::Message(Frame::Binary(Bytes::from_static(&[1, 2, 3, 4]))));
        assert_eq!(parse("bAQIDBA=="), expected);
        assert_eq!(parse("bAQIDBA"), expected);
        assert_eq!(parse("bAQID!A=="), Err(PacketErrorKind::Base64));
        let fault = Packet::parse(Frame::from("bAQID!A==")).unwrap_err();
        assert_eq!(fault.offset, 5, "counted from the start of the packet");
    }

    proptest! {
        //= EIO4-PKT-01
        //= EIO4-PKT-02
        //= EIO4-PKT-04
        //= EIO4-PKT-07
        //= EIO4-PKT-11
        #[test]
        fn l8_round_trip(packet in any_packet()) {
            prop_assert_eq!(Packet::parse(packet.to_frame()), Ok(packet));
        }

        //= SIO5-ERR-06
        #[test]
        fn l3_any_text_is_read_or_refused(text in ".*") {
            let _ = Packet::parse(Frame::Text(Text::from(text)));
        }
    }

    fn any_packet() -> impl Strategy<Value = Packet> {
        let text = || any::<String>().prop_map(Text::from);
        prop_oneof![
            text().prop_map(Packet::Open),
            Just(Packet::Close),
            text().prop_map(Packet::Ping),
            text().prop_map(Packet::Pong),
            text().prop_map(|text| Packet::Message(Frame::Text(text))),
            any::<Vec<u8>>().prop_map(|bytes| Packet::Message(Frame::Binary(bytes.into()))),
            Just(Packet::Upgrade),
            Just(Packet::Noop),
        ]
    }
}
