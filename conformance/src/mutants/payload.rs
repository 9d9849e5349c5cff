//! Packets as text.

use sio_codec::{Frame, Text};

pub(crate) fn to_text(text: impl Into<String>) -> Frame {
    Frame::Text(Text::from(text.into()))
}

/// The text of a packet; empty for a binary one.
pub(crate) fn text_of(packet: &Frame) -> &str {
    match packet {
        Frame::Text(text) => text.as_str(),
        Frame::Binary(_) => "",
    }
}

/// The packet, or nothing if its text fits.
pub(crate) fn unless(packet: Frame, fits: impl FnOnce(&str) -> bool) -> Vec<Frame> {
    let is_dropped = matches!(&packet, Frame::Text(text) if fits(text.as_str()));
    if is_dropped { Vec::new() } else { vec![packet] }
}

/// The packet with another text, if there is one for it.
pub(crate) fn edit(packet: Frame, change: impl FnOnce(&str) -> Option<String>) -> Vec<Frame> {
    let changed = match &packet {
        Frame::Text(text) => change(text.as_str()).map(to_text),
        Frame::Binary(_) => None,
    };
    vec![changed.unwrap_or(packet)]
}

/// A packet that ends the session, in place of one whose text fits.
pub(crate) fn refuse(packet: Frame, fits: impl FnOnce(&str) -> bool) -> Vec<Frame> {
    edit(packet, |text| fits(text).then(|| UNDECODABLE.to_owned()))
}

/// A packet of Engine.IO that no decoder accepts.
pub(crate) const UNDECODABLE: &str = "x";
