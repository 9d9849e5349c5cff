//! The lengths of revision 3: decimal digits, as characters or as bytes 0 to 9.

use alloc::vec::Vec;

use nom::Parser as _;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::combinator::map_opt;
use nom::sequence::terminated;
use nom::{AsBytes as _, IResult};

/// No body is longer than ten digits can say. It bounds the work on a run of digits, too.
const MAX_DIGITS: usize = 10;

/// How a length is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notation {
    /// What stands for zero; the other digits follow it.
    pub(super) zero: u8,
    /// What ends a length.
    pub(super) end: u8,
}

/// Reads a length and its end, without leading zeros.
///
/// ```text
/// length = ( "0" / ( %x31-39 *9DIGIT ) ) end
/// ```
//= EIO3-PLD-05
#[inline]
pub(super) fn length(notation: Notation, input: &[u8]) -> IResult<&[u8], usize, ()> {
    let digits = take_while_m_n(1, MAX_DIGITS, |byte: u8| byte.wrapping_sub(notation.zero) < 10);
    let value = map_opt(digits, |digits: &[u8]| value(notation, digits));
    terminated(value, tag([notation.end].as_bytes())).parse(input)
}

#[inline]
fn value(notation: Notation, digits: &[u8]) -> Option<usize> {
    let leading_zero = digits.len() > 1 && digits.first() == Some(&notation.zero);
    // Ten digits do not overflow 64 bits.
    let value = digits.iter().fold(0, |value: u64, digit| value * 10 + u64::from(digit.wrapping_sub(notation.zero)));
    if leading_zero { None } else { usize::try_from(value).ok() }
}

/// How many digits a length has.
#[inline]
pub(super) const fn digits(length: usize) -> usize {
    match length.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

/// Appends a length and its end.
//= EIO3-PLD-02
#[inline]
pub(super) fn write(notation: Notation, length: usize, out: &mut Vec<u8>) {
    if length >= 10 {
        write_leading(notation, length / 10, out);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a digit")]
    out.extend_from_slice(&[notation.zero + (length % 10) as u8, notation.end]);
}

fn write_leading(notation: Notation, number: usize, out: &mut Vec<u8>) {
    if number >= 10 {
        write_leading(notation, number / 10, out);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a digit")]
    out.push(notation.zero + (number % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: Notation = Notation { zero: b'0', end: b':' };
    const BYTES: Notation = Notation { zero: 0, end: 0xff };

    fn read(text: &str) -> Option<usize> {
        length(TEXT, text.as_bytes()).ok().map(|(_, length)| length)
    }

    //= EIO3-PLD-02
    //= EIO3-PLD-05
    #[test]
    fn only_the_shortest_spelling_is_a_length() {
        assert_eq!(read("0:"), Some(0));
        assert_eq!(read("9999999999:x"), Some(9_999_999_999));
        for text in ["", ":", "6", "06:", "00:", "+6:", " 6:", "6 :", "6.0:", "0x6:", "6e0:", "10000000000:", "٦:"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn l8_round_trip(number in prop_oneof![0..300_usize, 0..10_000_000_000_usize]) {
            for notation in [TEXT, BYTES] {
                let mut out = Vec::new();
                write(notation, number, &mut out);
                prop_assert_eq!(out.len(), digits(number) + 1);
                prop_assert_eq!(length(notation, &out), Ok((&[][..], number)));
            }
        }
    }
}
