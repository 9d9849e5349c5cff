//! Parsers that several parts of a trace use.

use std::str::FromStr;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::digit1;
use nom::combinator::{eof, map_opt};
use nom::sequence::terminated;

use super::error::{Fault, Parsed, expect};
use crate::trace::names::Name;

/// Any number of spaces.
pub(super) fn spaces(input: &str) -> Parsed<'_, &str> {
    take_while(|c| c == ' ').parse(input)
}

/// At least one space.
pub(super) fn spaces1(input: &str) -> Parsed<'_, &str> {
    take_while1(|c| c == ' ').parse(input)
}

/// At least two spaces, which end a payload or a note.
pub(super) fn gap(input: &str) -> Parsed<'_, &str> {
    take_while_m_n(2, usize::MAX, |c| c == ' ').parse(input)
}

/// Everything up to a space or the end, not empty.
pub(super) fn word(input: &str) -> Parsed<'_, &str> {
    take_while1(|c| c != ' ').parse(input)
}

/// A word in the form that its type requires.
pub(super) fn name<T: Name>(input: &str) -> Parsed<'_, T> {
    expect(T::EXPECTED, map_opt(word, T::read)).parse(input)
}

/// The whole of `text` as a name.
pub(super) fn named<T: Name>(text: &str) -> Result<T, Fault<'_>> {
    T::read(text).ok_or_else(|| Fault::new(text, T::EXPECTED))
}

/// A keyword with the spaces after it. At the end of the text it also succeeds, and the parser after it reports what is
/// missing.
pub(super) fn keyword<'a>(keyword: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Fault<'a>> {
    terminated(tag(keyword), alt((spaces1, eof)))
}

/// A number that fits its type.
pub(super) fn number<T: FromStr>(input: &str) -> Parsed<'_, T> {
    map_opt(digit1, |digits: &str| digits.parse().ok()).parse(input)
}
