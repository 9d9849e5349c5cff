//! Textual payloads of revision 3: each packet after its length in UTF-16 units.
//!
//! A length is turned into bytes by walking over the packet once, in place; the body is never copied, and what is behind
//! the packet is not looked at.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "places in one body, and lengths of slices of it")
)]

use alloc::vec::Vec;

use super::decimal;
use super::{Element, Form};
use crate::engineio::error::{PacketErrorKind, PayloadError};
use crate::engineio::packet::Parts;
use crate::engineio::revision::Revision;

/// The element at `at`; `None` at the end of the body. Elements of length zero are passed over.
//= EIO3-PLD-01: Count UTF-16 code units
//= EIO3-PLD-03: a missing or non-numeric length
//= EIO3-PLD-06: a zero length element
#[inline]
pub(super) fn element(body: &[u8], at: usize) -> Option<Result<Element, PayloadError>> {
    let mut at = at;
    if body.is_empty() {
        return Some(Err(PayloadError { kind: PacketErrorKind::Empty, offset: 0 }));
    }
    loop {
        let rest = body.get(at..).filter(|rest| !rest.is_empty())?;
        let Ok((content, units)) = decimal::length::<b'0', b':'>(rest) else {
            return Some(Err(PayloadError { kind: PacketErrorKind::Length, offset: at }));
        };
        let start = body.len() - content.len();
        if units > 0 {
            let len = prefix_of(content, units).map_err(|kind| PayloadError { kind, offset: at });
            return Some(len.map(|len| Element { form: Form::Text, start, end: start + len, next: start + len }));
        }
        at = start;
    }
}

/// Length in bytes of the first `units` UTF-16 units.
//= EIO3-PLD-07
#[inline]
fn prefix_of(text: &[u8], units: usize) -> Result<usize, PacketErrorKind> {
    // No unit takes less than a byte.
    let candidate = text.get(..units).ok_or(PacketErrorKind::Truncated)?;
    if candidate.is_ascii() { Ok(units) } else { long_prefix_of(text, units) }
}

fn long_prefix_of(text: &[u8], units: usize) -> Result<usize, PacketErrorKind> {
    let (mut missing, mut end) = (units, 0_usize);
    // The next `missing` bytes hold at most that many units, or one more if they end inside of an astral character.
    while missing > 0 {
        let more = text.get(end..end.saturating_add(missing)).ok_or(PacketErrorKind::Truncated)?;
        missing = missing.checked_sub(utf16_len(more)).ok_or(PacketErrorKind::Surrogate)?;
        end += more.len();
    }
    let tail = text.get(end..).unwrap_or_default();
    Ok(end + tail.iter().take_while(|byte| is_continuation(**byte)).count())
}

/// The UTF-16 units of a text, counted by the first bytes of its characters: one for each, and one more for those of
/// four bytes.
//= EIO3-PLD-01
#[inline]
fn utf16_len(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { long_utf16_len(text) }
}

fn long_utf16_len(text: &[u8]) -> usize {
    // Sums of bytes can be vectorised; 127 bytes cannot exceed one.
    let units = |byte: &u8| u8::from(!is_continuation(*byte)) + u8::from(*byte >= 0xf0);
    text.chunks(127).map(|chunk| usize::from(chunk.iter().map(units).sum::<u8>())).sum()
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// The length that is written in front of a packet.
#[inline]
pub(super) fn units(packet: &Parts<'_>) -> usize {
    let len = packet.text_len(Revision::V3);
    if packet.is_binary() { len } else { len - packet.data().len() + utf16_len(packet.data()) }
}

#[inline]
pub(super) const fn len(packet: &Parts<'_>, units: usize) -> usize {
    decimal::digits(units) + 1 + packet.text_len(Revision::V3)
}

#[inline]
pub(super) fn write(packet: &Parts<'_>, units: usize, out: &mut Vec<u8>) {
    decimal::write::<b'0', b':'>(units, out);
    packet.append_text(Revision::V3, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    //= EIO3-PLD-01
    //= EIO3-PLD-07
    #[test]
    fn a_length_counts_utf16_units() {
        assert_eq!(prefix_of("4€x".as_bytes(), 2), Ok(4));
        assert_eq!(prefix_of("4😀x".as_bytes(), 3), Ok(5));
        assert_eq!(prefix_of("4😀x".as_bytes(), 2), Err(PacketErrorKind::Surrogate));
        assert_eq!(prefix_of("4€".as_bytes(), 4), Err(PacketErrorKind::Truncated));
        assert_eq!(prefix_of("4€".as_bytes(), 3), Err(PacketErrorKind::Truncated));
        assert_eq!(prefix_of(b"4", usize::MAX), Err(PacketErrorKind::Truncated));
    }

    proptest! {
        //= EIO3-PLD-01
        //= EIO3-PLD-07
        #[test]
        fn every_prefix_is_found(text in any_text(), behind in any_text()) {
            let mut units = 0;
            prop_assert_eq!(utf16_len(text.as_bytes()), text.encode_utf16().count());
            let all = text.clone() + &behind;
            for (at, character) in text.char_indices() {
                if units > 0 {
                    prop_assert_eq!(prefix_of(all.as_bytes(), units), Ok(at));
                }
                if character.len_utf16() == 2 {
                    prop_assert_eq!(prefix_of(all.as_bytes(), units + 1), Err(PacketErrorKind::Surrogate));
                }
                units += character.len_utf16();
            }
            let beyond = units + behind.encode_utf16().count() + 1;
            prop_assert_eq!(prefix_of(all.as_bytes(), beyond), Err(PacketErrorKind::Truncated));
        }
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z]{0,40}", "[a-zä€😀]{0,40}", "[€😀]{0,300}", ".{0,40}"]
    }
}
