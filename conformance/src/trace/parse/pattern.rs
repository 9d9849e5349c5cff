//! Patterns: text, escapes and holes.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::char;
use nom::combinator::{cut, map, map_opt, not, opt, peek, value};
use nom::multi::many0;
use nom::sequence::{delimited, pair, preceded, terminated};

use super::error::{Fault, Parsed, expect, settle};
use crate::trace::names::{HoleName, Name, is_hole_char};
use crate::trace::pattern::{Hole, Kind, Pattern, Piece};

/// A whole payload.
pub(super) fn payload(text: &str) -> Result<Pattern, Fault<'_>> {
    settle(pattern(text), text).map(|(_, pattern)| pattern)
}

/// Everything up to the end. A control character must be written as an escape, since it is invisible.
pub(in crate::trace) fn pattern(input: &str) -> Parsed<'_, Pattern> {
    let (input, pieces) = many0(alt((text, escape, hole))).parse(input)?;
    let (input, ()) = expect(VISIBLE, nom::combinator::eof.map(|_| ())).parse(input)?;
    Ok((input, Pattern::new(pieces)))
}

const VISIBLE: &str = r"text, with control characters written as \n, \r, \t, \xHH or \u{H}";

fn text(input: &str) -> Parsed<'_, Piece> {
    let text = take_while1(|c: char| !matches!(c, '\\' | '$') && !c.is_control());
    map(text, |text: &str| Piece::Literal(text.to_owned())).parse(input)
}

fn escape(input: &str) -> Parsed<'_, Piece> {
    let simple = alt((
        value('\\', char('\\')),
        value('\n', char('n')),
        value('\r', char('r')),
        value('\t', char('t')),
        value('$', char('$')),
    ));
    let hex = preceded(char('x'), cut(expect(r"two digits from \x00 to \x7f", map_opt(digits(2, 2), ascii))));
    let unicode = preceded(char('u'), cut(expect(r"a character such as \u{1f600}", map_opt(braced, char::from_u32))));
    let known = expect(r"one of the escapes \\ \n \r \t \$ \xHH \u{H}", alt((simple, hex, unicode)));
    map(preceded(char('\\'), cut(known)), |c| Piece::Literal(c.into())).parse(input)
}

fn braced(input: &str) -> Parsed<'_, u32> {
    delimited(char('{'), digits(1, 6), char('}')).parse(input)
}

fn digits<'a>(least: usize, most: usize) -> impl Parser<&'a str, Output = u32, Error = Fault<'a>> {
    let digits = take_while_m_n(least, most, |c: char| c.is_ascii_hexdigit());
    map_opt(digits, |digits| u32::from_str_radix(digits, 16).ok())
}

/// A pattern is text: above 7f, two digits could mean a byte or a character, so they are not allowed.
fn ascii(code: u32) -> Option<char> {
    char::from_u32(code).filter(char::is_ascii)
}

fn hole(input: &str) -> Parsed<'_, Piece> {
    let braced = delimited(char('{'), cut(pair(label, kind)), cut(expect("} after the name of the hole", char('}'))));
    let name = expect(r"the name of a hole after $ (a dollar sign is written \$)", alt((braced, pair(label, kind))));
    map(preceded(char('$'), cut(name)), |(name, kind)| Piece::Hole(Hole { name, kind })).parse(input)
}

/// A name, or `None` for `_`.
fn label(input: &str) -> Parsed<'_, Option<HoleName>> {
    let anonymous = terminated(char('_'), not(peek(take_while1(is_hole_char))));
    alt((value(None, anonymous), map(hole_name, Some))).parse(input)
}

/// A name without its dollar sign.
pub(super) fn hole_name(input: &str) -> Parsed<'_, HoleName> {
    expect(HoleName::EXPECTED, map_opt(take_while(is_hole_char), HoleName::read)).parse(input)
}

/// `:int`, unless a longer word starts that way: `$host:internal` is a hole and text.
fn kind(input: &str) -> Parsed<'_, Kind> {
    let integer = terminated(tag(":int"), not(peek(take_while1(is_hole_char))));
    map(opt(integer), |integer| if integer.is_some() { Kind::Integer } else { Kind::Any }).parse(input)
}
