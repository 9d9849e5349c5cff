//! The parts of a packet's head, byte by byte.

use nom::IResult;
use nom::Parser as _;
use nom::character::complete::{char, digit1};
use nom::sequence::terminated;

#[derive(Clone, Copy)]
pub(super) enum Type {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

pub(super) const fn packet_type(text: &[u8]) -> Option<(Type, &[u8])> {
    let [digit, rest @ ..] = text else { return None };
    let kind = match digit {
        b'0' => Type::Connect,
        b'1' => Type::Disconnect,
        b'2' => Type::Event,
        b'3' => Type::Ack,
        b'4' => Type::ConnectError,
        b'5' => Type::BinaryEvent,
        b'6' => Type::BinaryAck,
        _ => return None,
    };
    Some((kind, rest))
}

pub(super) fn count(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(digit1, char('-')).parse(input)
}

/// What is behind a name and its comma, and the name, which may end with the text; `None` if there is none.
#[inline]
pub(super) fn namespace(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let [b'/', path @ ..] = input else { return None };
    let end = path.iter().position(|byte| *byte == b',').unwrap_or(path.len()).saturating_add(1);
    let (name, rest) = input.split_at_checked(end)?;
    Some((rest.get(1..).unwrap_or_default(), name))
}

/// The value of a run of digits; `None` if it does not fit 64 bits.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0'))))
}
