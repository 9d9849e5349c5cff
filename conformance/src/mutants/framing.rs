//! Bodies as lists of packets.
//!
//! The codec refuses what mutants must be able to send, so these few lines do not use it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::Revision;
use sio_codec::engineio::payload::Format;
use sio_codec::engineio::server::BodyFormat;

use super::payload::to_text;

/// How the packets of a body are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Revision 4: a separator between packets.
    V4,
    /// Revision 3: `6:4hello`. Bytes are the text `b4AQID`.
    V3Text,
    /// Revision 3 with bytes: a marker, digits, 0xff. The first byte of a binary packet is its type.
    V3Binary,
}

impl From<Format> for Framing {
    fn from(format: Format) -> Self {
        match format {
            Format::V4 => Self::V4,
            Format::V3Text => Self::V3Text,
            Format::V3Binary => Self::V3Binary,
        }
    }
}

const SEPARATOR: char = '\u{1e}';
const END_OF_LENGTH: u8 = 0xff;

impl Framing {
    pub(crate) const fn of(revision: Revision, format: BodyFormat) -> Self {
        match (revision, format) {
            (Revision::V4, _) => Self::V4,
            (Revision::V3, BodyFormat::Text) => Self::V3Text,
            (Revision::V3, BodyFormat::Binary) => Self::V3Binary,
        }
    }

    /// The packets of a body; `None` if it cannot be taken apart.
    pub(crate) fn split(self, body: &[u8]) -> Option<Vec<Frame>> {
        if self == Self::V4 {
            return Some(std::str::from_utf8(body).ok()?.split(SEPARATOR).map(packet).collect());
        }
        let (packets, rest) = self.split_valid(body);
        rest.is_empty().then_some(packets)
    }

    /// The packets at the beginning of a body of revision 3, and what follows them.
    pub(super) fn split_valid(self, body: &[u8]) -> (Vec<Frame>, &[u8]) {
        let (mut packets, mut rest) = (Vec::new(), body);
        while let Some((packet, behind)) = self.first(rest) {
            packets.push(packet);
            rest = behind;
        }
        (packets, rest)
    }

    pub(crate) fn join(self, packets: &[Frame]) -> Bytes {
        match self {
            Self::V4 => Bytes::from(packets.iter().map(written).collect::<Vec<_>>().join("\u{1e}")),
            Self::V3Text => packets.iter().map(|packet| text_element(packet, utf_16_len)).collect::<String>().into(),
            Self::V3Binary => packets.iter().flat_map(|packet| binary_element(packet, Vec::len)).collect(),
        }
    }

    /// The first packet of a body of revision 3, and what follows it.
    fn first(self, body: &[u8]) -> Option<(Frame, &[u8])> {
        match self {
            Self::V4 => None,
            Self::V3Text => {
                let (length, rest) = std::str::from_utf8(body).ok()?.split_once(':')?;
                let (first, rest) = split_at_utf_16(rest, length.parse().ok()?)?;
                Some((to_text(first), rest.as_bytes()))
            }
            Self::V3Binary => {
                let (marker, rest) = body.split_first()?;
                let end = rest.iter().position(|byte| *byte == END_OF_LENGTH)?;
                let digits = rest[..end]
                    .iter()
                    .try_fold(0_usize, |length, digit| length.checked_mul(10)?.checked_add(usize::from(*digit)));
                let (first, rest) = rest[end + 1..].split_at_checked(digits?)?;
                match marker {
                    0 => Some((to_text(std::str::from_utf8(first).ok()?), rest)),
                    _ => Some((Frame::Binary(Bytes::copy_from_slice(first)), rest)),
                }
            }
        }
    }
}

/// An element of a textual payload of revision 3, with a length that a function counts.
pub(super) fn text_element(packet: &Frame, count: fn(&str) -> String) -> String {
    let text = match packet {
        Frame::Text(text) => text.as_str().to_owned(),
        Frame::Binary(bytes) => format!("b4{}", STANDARD.encode(bytes.get(1..).unwrap_or_default())),
    };
    format!("{}:{text}", count(&text))
}

pub(super) fn utf_16_len(text: &str) -> String {
    text.encode_utf16().count().to_string()
}

/// An element of a binary payload of revision 3, with a length that a function counts.
pub(super) fn binary_element(packet: &Frame, count: fn(&Vec<u8>) -> usize) -> Vec<u8> {
    let (marker, bytes) = match packet {
        Frame::Text(text) => (0, text.as_str().as_bytes().to_vec()),
        Frame::Binary(bytes) => (1, bytes.to_vec()),
    };
    let length = count(&bytes).to_string();
    let digits = length.bytes().map(|digit| digit - b'0');
    [marker].into_iter().chain(digits).chain([END_OF_LENGTH]).chain(bytes).collect()
}

fn split_at_utf_16(text: &str, units: usize) -> Option<(&str, &str)> {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let mut counted = 0;
    let mut at = 0;
    for (end, character) in ends.zip(text.chars()) {
        if counted >= units {
            break;
        }
        counted += character.len_utf16();
        at = end;
    }
    (counted == units).then(|| text.split_at(at))
}

/// A packet in its textual form.
fn written(packet: &Frame) -> String {
    match packet {
        Frame::Text(text) => text.as_str().to_owned(),
        Frame::Binary(bytes) => base64(bytes),
    }
}

/// Bytes as a packet in its textual form in revision 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    format!("b{}", STANDARD.encode(bytes))
}

fn packet(text: &str) -> Frame {
    let decode = |digits: &str| STANDARD.decode(digits).or_else(|_| STANDARD_NO_PAD.decode(digits)).ok();
    match text.strip_prefix('b').and_then(decode) {
        Some(bytes) => Frame::Binary(bytes.into()),
        None => to_text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_taken_apart_and_put_together_again() {
        for (framing, body) in [
            (Framing::V4, "4a\u{1e}bAQID\u{1e}4€".as_bytes()),
            (Framing::V3Text, "6:4hello2:4€10:b4AQIDBA==3:4😀".as_bytes()),
            (Framing::V3Binary, b"\x00\x04\xff4\xe2\x82\xac\x01\x01\x00\xff\x04123456789"),
        ] {
            let packets = framing.split(body).unwrap();
            assert!(packets.len() > 1, "{packets:?}");
            assert_eq!(framing.join(&packets), body);
        }
        assert_eq!(Framing::V3Text.split("2:4😀".as_bytes()), None);
        assert_eq!(Framing::V3Text.split_valid(b"2:4a9:4b"), (vec![to_text("4a")], &b"9:4b"[..]));
    }
}
