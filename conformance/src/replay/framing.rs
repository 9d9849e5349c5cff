//! How packets are joined to the body of a request or an answer.
//!
//! | revision | form | body |
//! |---|---|---|
//! | 4 | | the packets with `1e` between them |
//! | 3 | text | before each packet, its length in UTF-16 units and a colon; binary packets as `b`, type and base64 |
//! | 3 | binary | before each packet `00` (text) or `01` (binary), its length in bytes, a byte per decimal digit, and `ff` |
//!
//! With JSONP, the payload of an answer is the argument of a script, and that of a request is the field `d` of a form.

use std::collections::VecDeque;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sio_codec::engineio::jsonp;

use super::excerpt::{hex, lossy};
use crate::trace::Revision;

/// One packet of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Text(String),
    /// With the byte for its type. Only in the binary form of revision 3.
    Binary(Bytes),
}

impl Packet {
    /// Its text; empty if it is binary.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Binary(_) => "",
        }
    }
}

impl PartialEq<&str> for Packet {
    fn eq(&self, text: &&str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }
}

/// As text, or the bytes in hexadecimal digits.
impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Binary(bytes) => write!(f, "binary {}", hex(bytes)),
        }
    }
}

/// The revision of Engine.IO that a query names.
fn revision(query: &str) -> Revision {
    if query.split('&').any(|field| field == "EIO=3") { Revision::Three } else { Revision::Four }
}

/// The packet by which a client shows that it is there: in revision 3 it pings, in revision 4 it answers pings.
//= EIO3-HB-01
pub(super) const fn heartbeat(revision: Revision) -> &'static str {
    match revision {
        Revision::Three => "2",
        Revision::Four => "3",
    }
}

/// Whether a packet of a client is that. The probe of an upgrade is not.
pub(super) fn is_heartbeat(revision: Revision, packet: &str) -> bool {
    packet.starts_with(heartbeat(revision)) && packet != "2probe"
}

/// How the requests with a query, and their answers, hold packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Framing {
    pub(crate) revision: Revision,
    pub(crate) wrapping: Wrapping,
}

/// Whether a payload is the whole body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrapping {
    #[default]
    Bare,
    /// JSONP: a script or a form.
    Script,
}

/// The form of a payload of revision 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Binary,
}

const BINARY: &str = "application/octet-stream";
const NO_PAYLOAD: &str = "no payload: ";
const SEPARATOR: char = '\u{1e}';
const END_OF_LENGTH: u8 = 0xff;

impl Form {
    //= EIO3-BIN-03: exactly `application/octet-stream` is binary
    fn of(content_type: Option<&str>) -> Self {
        if content_type == Some(BINARY) { Self::Binary } else { Self::Text }
    }
}

impl Framing {
    pub(crate) fn of(query: &str) -> Self {
        let is_script = query.split('&').any(|field| field.starts_with("j="));
        let wrapping = if is_script { Wrapping::Script } else { Wrapping::Bare };
        Self { revision: revision(query), wrapping }
    }

    /// The beginning of a query with this framing.
    pub(super) fn query(self) -> String {
        let index = match self.wrapping {
            Wrapping::Bare => "",
            Wrapping::Script => "&j=0",
        };
        format!("EIO={}&transport=polling{index}", self.revision.number())
    }

    /// The packets of a body. A body that is not a payload counts as one packet that says so: a report shows it, and
    /// `6` in place of `1:6` is not the packet `6`.
    pub(crate) fn packets(self, content_type: Option<&str>, body: &[u8]) -> VecDeque<Packet> {
        let whole = || VecDeque::from([Packet::Text(format!("{NO_PAYLOAD}{}", lossy(body)))]);
        self.split(content_type, body).unwrap_or_else(whole)
    }

    /// The packets of a body; `None` if it is not a payload.
    pub(crate) fn split(self, content_type: Option<&str>, body: &[u8]) -> Option<VecDeque<Packet>> {
        match self.revision {
            Revision::Four => Some(texts(&self.payload(body)?)),
            Revision::Three => match Form::of(content_type) {
                Form::Text => text_elements(&self.payload(body)?),
                Form::Binary => binary_elements(body),
            },
        }
    }

    /// The payload in the body of an answer.
    fn payload(self, body: &[u8]) -> Option<String> {
        match self.wrapping {
            Wrapping::Bare => Some(lossy(body)),
            //= EIO3-JSONP-01
            Wrapping::Script => Some(jsonp::unwrap(&lossy(body)).ok()?.1),
        }
    }

    /// The body of a request, or of an answer that is not a script.
    pub(crate) fn join(self, content_type: Option<&str>, packets: &[Packet]) -> Bytes {
        let payload = match (self.revision, Form::of(content_type)) {
            (Revision::Four, _) => joined_texts(packets),
            (Revision::Three, Form::Text) => {
                packets.iter().map(written).map(|packet| format!("{}:{packet}", units(&packet))).collect()
            }
            (Revision::Three, Form::Binary) => return packets.iter().flat_map(binary_element).collect(),
        };
        match self.wrapping {
            Wrapping::Bare => Bytes::from(payload),
            Wrapping::Script => Bytes::from(jsonp::encode_form(&payload)),
        }
    }
}

fn texts(payload: &str) -> VecDeque<Packet> {
    payload.split(SEPARATOR).map(|packet| Packet::Text(packet.to_owned())).collect()
}

fn joined_texts(packets: &[Packet]) -> String {
    packets.iter().map(|packet| packet.text().to_owned()).collect::<Vec<_>>().join(&SEPARATOR.to_string())
}

/// A packet as text.
//= EIO3-PKT-02
fn written(packet: &Packet) -> String {
    match packet {
        Packet::Text(text) => text.clone(),
        Packet::Binary(bytes) => {
            let (kind, data) = bytes.split_first().map_or((0, &[][..]), |(kind, data)| (*kind, data));
            format!("b{kind}{}", STANDARD.encode(data))
        }
    }
}

//= EIO3-PLD-01
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

//= EIO3-PLD-02
fn text_elements(payload: &str) -> Option<VecDeque<Packet>> {
    let mut packets = VecDeque::new();
    let mut rest = payload;
    while !rest.is_empty() {
        let (digits, behind) = rest.split_once(':')?;
        let length: usize = digits.parse().ok().filter(|length: &usize| length.to_string() == digits)?;
        let (packet, next) = behind.split_at_checked(end_of(behind, length)?)?;
        packets.push_back(Packet::Text(packet.to_owned()));
        rest = next;
    }
    Some(packets).filter(|packets| !packets.is_empty())
}

/// Where the first `length` UTF-16 units of a text end.
fn end_of(text: &str, length: usize) -> Option<usize> {
    let mut missing = length;
    for (at, char) in text.char_indices() {
        if missing == 0 {
            return Some(at);
        }
        missing = missing.checked_sub(char.len_utf16())?;
    }
    (missing == 0).then_some(text.len())
}

//= EIO3-BIN-01
fn binary_elements(body: &[u8]) -> Option<VecDeque<Packet>> {
    let mut packets = VecDeque::new();
    let mut rest = body;
    while let Some((marker, behind)) = rest.split_first() {
        let at = behind.iter().position(|byte| *byte == END_OF_LENGTH)?;
        let (digits, behind) = behind.split_at_checked(at)?;
        let (packet, next) = behind.get(1..)?.split_at_checked(decimal(digits)?)?;
        packets.push_back(match marker {
            0 => Packet::Text(String::from_utf8(packet.to_vec()).ok()?),
            1 => Packet::Binary(Bytes::copy_from_slice(packet)),
            _ => return None,
        });
        rest = next;
    }
    Some(packets).filter(|packets| !packets.is_empty())
}

/// The number of which each byte is a decimal digit.
fn decimal(digits: &[u8]) -> Option<usize> {
    let is_canonical = !digits.is_empty() && (digits.len() == 1 || digits.first() != Some(&0));
    let digit = |total: usize, byte: &u8| {
        let digit = Some(usize::from(*byte)).filter(|digit| *digit <= 9)?;
        total.checked_mul(10)?.checked_add(digit)
    };
    is_canonical.then(|| digits.iter().try_fold(0, digit))?
}

fn binary_element(packet: &Packet) -> Vec<u8> {
    let (marker, content): (u8, &[u8]) = match packet {
        Packet::Text(text) => (0, text.as_bytes()),
        Packet::Binary(bytes) => (1, bytes),
    };
    let digits = content.len().to_string().into_bytes().into_iter().map(|digit| digit.saturating_sub(b'0'));
    std::iter::once(marker).chain(digits).chain([END_OF_LENGTH]).chain(content.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Framing = Framing { revision: Revision::Three, wrapping: Wrapping::Bare };

    fn text(text: &str) -> Packet {
        Packet::Text(text.to_owned())
    }

    #[test]
    fn a_query_says_how_packets_are_joined() {
        assert_eq!(Framing::of("EIO=4&transport=polling"), Framing::default());
        assert_eq!(Framing::of("EIO=3&transport=polling&sid=A"), THREE);
        let script = Framing { revision: Revision::Four, wrapping: Wrapping::Script };
        assert_eq!(Framing::of("EIO=4&transport=polling&j=0"), script);
    }

    //= EIO3-PLD-01
    //= EIO3-PKT-02
    #[test]
    fn lengths_of_the_text_form_count_utf_16_units() {
        let packets = [text("4hello"), text("4😀"), Packet::Binary(Bytes::from_static(&[4, 1, 2, 3]))];
        let body = THREE.join(None, &packets);
        assert_eq!(body, "6:4hello3:4😀6:b4AQID".as_bytes());
        assert_eq!(THREE.packets(None, &body), [text("4hello"), text("4😀"), text("b4AQID")]);
    }

    //= EIO3-BIN-01
    #[test]
    fn the_binary_form_has_a_byte_for_each_digit_of_a_length() {
        let packets = [text("4012345678"), Packet::Binary(Bytes::from_static(&[4, 1, 2, 3]))];
        let body = THREE.join(Some(BINARY), &packets);
        assert_eq!(&body[..], b"\x00\x01\x00\xff4012345678\x01\x04\xff\x04\x01\x02\x03");
        assert_eq!(THREE.packets(Some(BINARY), &body), packets);
    }

    //= EIO3-PLD-02
    #[test]
    fn what_is_no_payload_is_shown_whole() {
        for body in ["", "4hello", "06:4hello", "7:4hello", "6:4hellox", "2:4😀"] {
            assert_eq!(THREE.packets(None, body.as_bytes()), [text(&format!("no payload: {body}"))], "{body}");
        }
        for body in [&b"\x00\x06\xff4x"[..], b"\x02\x01\xff4", b"\x00\x01", b"\x00\x0a\xff4", b"\x01\x00\x01\xff\x04"] {
            assert_eq!(THREE.packets(Some(BINARY), body).len(), 1, "{body:?}");
        }
    }

    //= EIO3-JSONP-01
    #[test]
    fn scripts_and_forms_hold_payloads() {
        let framing = Framing { wrapping: Wrapping::Script, ..THREE };
        assert_eq!(framing.join(None, &[text("4a b")]), &b"d=4%3A4a+b"[..]);
        assert_eq!(framing.packets(None, b"___eio[0](\"3:4\\\"b\");"), [text("4\"b")]);
        assert_eq!(framing.packets(None, b"3:4ab"), [text("no payload: 3:4ab")]);
    }
}
