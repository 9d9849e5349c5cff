//! The lengths of revision 3: decimal digits, as characters or as bytes 0 to 9.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "the number of digits is checked first, so that the value fits, and a digit is less than 10"
    )
)]

use alloc::vec::Vec;

use nom::bytes::complete::{tag, take_while_m_n};
use nom::combinator::map_opt;
use nom::sequence::terminated;
use nom::{IResult, Parser as _};

/// The most digits of a length. No body is longer, and it bounds the work on a run of digits.
const MAX_DIGITS: usize = 10;

/// Reads a length and its end, without leading zeros. `ZERO` is what stands for zero; the other digits follow it.
///
/// ```text
/// length = ( "0" / ( %x31-39 *9DIGIT ) ) end
/// ```
//= EIO3-PLD-05
#[inline]
pub(super) fn length<const ZERO: u8, const END: u8>(input: &[u8]) -> IResult<&[u8], usize, ()> {
    let digits = take_while_m_n(1, MAX_DIGITS, |byte: u8| byte.wrapping_sub(ZERO) < 10);
    terminated(map_opt(digits, value::<ZERO>), tag(const { &[END] }.as_slice())).parse(input)
}

#[inline]
fn value<const ZERO: u8>(digits: &[u8]) -> Option<usize> {
    let leading_zero = digits.len() > 1 && digits.first() == Some(&ZERO);
    // Ten digits do not overflow 64 bits.
    let value = digits.iter().fold(0, |value: u64, digit| value * 10 + u64::from(digit.wrapping_sub(ZERO)));
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
pub(super) fn write<const ZERO: u8, const END: u8>(length: usize, out: &mut Vec<u8>) {
    if length >= 10 {
        write_leading::<ZERO>(length / 10, out);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a digit")]
    out.extend_from_slice(&[ZERO + (length % 10) as u8, END]);
}

fn write_leading<const ZERO: u8>(number: usize, out: &mut Vec<u8>) {
    if number >= 10 {
        write_leading::<ZERO>(number / 10, out);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a digit")]
    out.push(ZERO + (number % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<usize> {
        length::<b'0', b':'>(text.as_bytes()).ok().map(|(_, length)| length)
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
            let mut out = Vec::new();
            write::<b'0', b':'>(number, &mut out);
            prop_assert_eq!(out.len(), digits(number) + 1);
            prop_assert_eq!(length::<b'0', b':'>(&out), Ok((&[][..], number)));
            out.clear();
            write::<0, 0xff>(number, &mut out);
            prop_assert_eq!(length::<0, 0xff>(&out), Ok((&[][..], number)));
        }
    }
}
