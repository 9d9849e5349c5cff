//! Payloads of revision 4: packets separated by U+001E.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "places in one body, which are at most one past its length")
)]

use alloc::vec::Vec;

use memchr::memchr;

use super::{Element, Form};
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
    Some(Element { form: Form::Text, start: at, end, next: end + 1 })
}

/// Whether a packet cannot be an element.
//= EIO4-PLD-07
#[inline]
pub(in crate::engineio) fn has_separator(packet: &Parts<'_>) -> bool {
    !packet.is_binary() && holds_separator(packet.data())
}

/// For short texts, which most are, the call of `memchr` costs more than to look at eight bytes at a time.
#[inline]
fn holds_separator(text: &[u8]) -> bool {
    match text.last_chunk() {
        Some(last) if text.len() < 64 => {
            // What does not fill a chunk at the end is part of the last eight bytes.
            text.as_chunks().0.iter().chain([last]).fold(0, |found, chunk| found | separators_in(*chunk)) != 0
        }
        Some(_) => memchr(SEPARATOR, text).is_some(),
        None => text.contains(&SEPARATOR),
    }
}

/// Not zero if one of the bytes is a separator: taking one from each byte borrows only where it is zero, and the bits of
/// bytes that were above 127 before are left out.
#[inline]
const fn separators_in(chunk: [u8; 8]) -> u64 {
    let zero_at_separators = u64::from_ne_bytes(chunk) ^ u64::from_ne_bytes([SEPARATOR; 8]);
    let ones = u64::from_ne_bytes([1; 8]);
    zero_at_separators.wrapping_sub(ones) & !zero_at_separators & (ones << 7)
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
    packet.append_text(Revision::V4, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        //= EIO4-PLD-07
        #[test]
        fn a_separator_is_found_wherever_it_is(
            mut text in prop::collection::vec(prop_oneof![any::<u8>(), 0x1d..=0x1f_u8, 0x9d..=0x9f_u8], 0..100),
            at in any::<prop::sample::Index>(),
        ) {
            prop_assert_eq!(holds_separator(&text), text.contains(&SEPARATOR));
            text.retain(|byte| *byte != SEPARATOR);
            prop_assert!(!holds_separator(&text));
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = SEPARATOR;
                prop_assert!(holds_separator(&text));
            }
        }
    }
}
