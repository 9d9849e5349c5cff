//! Payloads as lists of packets, and packets as text.
//!
//! The codec refuses what mutants must be able to send, so these few lines do not use it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use sio_codec::{Frame, Text};

const SEPARATOR: char = '\u{1e}';

/// The packets of a payload; `None` if it is not UTF-8.
pub(super) fn split(body: &[u8]) -> Option<Vec<Frame>> {
    let text = std::str::from_utf8(body).ok()?;
    Some(text.split(SEPARATOR).map(packet).collect())
}

pub(super) fn join(packets: &[Frame]) -> Bytes {
    let packets: Vec<_> = packets.iter().map(written).collect();
    Bytes::from(packets.join("\u{1e}"))
}

/// A packet in its textual form.
fn written(packet: &Frame) -> String {
    match packet {
        Frame::Text(text) => text.as_str().to_owned(),
        Frame::Binary(bytes) => format!("b{}", STANDARD.encode(bytes)),
    }
}

fn packet(text: &str) -> Frame {
    let decode = |digits: &str| STANDARD.decode(digits).or_else(|_| STANDARD_NO_PAD.decode(digits)).ok();
    match text.strip_prefix('b').and_then(decode) {
        Some(bytes) => Frame::Binary(bytes.into()),
        None => to_text(text),
    }
}

pub(super) fn to_text(text: impl Into<String>) -> Frame {
    Frame::Text(Text::from(text.into()))
}

/// The text of a packet; empty for a binary one.
pub(super) fn text_of(packet: &Frame) -> &str {
    match packet {
        Frame::Text(text) => text.as_str(),
        Frame::Binary(_) => "",
    }
}

/// The packet, or nothing if its text fits.
pub(super) fn unless(packet: Frame, fits: impl FnOnce(&str) -> bool) -> Vec<Frame> {
    let is_dropped = matches!(&packet, Frame::Text(text) if fits(text.as_str()));
    if is_dropped { Vec::new() } else { vec![packet] }
}

/// The packet with another text, if there is one for it.
pub(super) fn edit(packet: Frame, change: impl FnOnce(&str) -> Option<String>) -> Vec<Frame> {
    let changed = match &packet {
        Frame::Text(text) => change(text.as_str()).map(to_text),
        Frame::Binary(_) => None,
    };
    vec![changed.unwrap_or(packet)]
}

/// A packet that ends the session, in place of one whose text fits.
pub(super) fn refuse(packet: Frame, fits: impl FnOnce(&str) -> bool) -> Vec<Frame> {
    edit(packet, |text| fits(text).then(|| UNDECODABLE.to_owned()))
}

/// A packet of Engine.IO that no decoder accepts.
pub(super) const UNDECODABLE: &str = "x";
