//! The parts of a packet's head, byte by byte.

use nom::IResult;
use nom::Parser as _;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while};
use nom::character::complete::{char, digit1};
use nom::combinator::{eof, recognize};
use nom::sequence::{preceded, terminated};

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

pub(super) fn namespace(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let path = recognize(preceded(char('/'), take_while(|byte| byte != b',')));
    terminated(path, alt((tag(&b","[..]), eof))).parse(input)
}

/// The value of a run of digits; `None` if it does not fit 64 bits.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0'))))
}
