//! Payloads of revision 4: packets separated by U+001E.

use alloc::vec::Vec;

use memchr::memchr;

use super::Element;
use crate::engineio::packet::Parts;
use crate::engineio::revision::Revision;

const SEPARATOR: u8 = 0x1e;

/// The element at `at`, which is past the end when there is none.
//= EIO4-PLD-04
//= EIO4-PLD-06
#[inline]
pub(super) fn element(body: &[u8], at: usize) -> Option<Element> {
    let rest = body.get(at..)?;
    let end = at + memchr(SEPARATOR, rest).unwrap_or(rest.len());
    Some(Element { start: at, end, is_text: true, next: end + 1 })
}

/// Whether a packet cannot be an element.
//= EIO4-PLD-07
#[inline]
pub(in crate::engineio) fn has_separator(packet: &Parts<'_>) -> bool {
    !packet.is_binary() && memchr(SEPARATOR, packet.data()).is_some()
}

#[inline]
pub(super) const fn len(packet: &Parts<'_>) -> usize {
    packet.text_len(Revision::V4)
}

//= EIO4-PLD-01
//= EIO4-PLD-02
#[inline]
pub(super) fn write(packet: &Parts<'_>, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(SEPARATOR);
    }
    packet.write_text(Revision::V4, out);
}
