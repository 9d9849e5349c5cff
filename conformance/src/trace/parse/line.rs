//! A line of the conversation.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_until;
use nom::character::complete::one_of;
use nom::combinator::{eof, map, opt, peek, rest, verify};
use nom::multi::separated_list0;
use nom::sequence::{preceded, terminated};

use super::error::{Fault, Parsed, expect, settle};
use super::lexer::{gap, name, spaces, spaces1, word};
use super::note::{Collected, is_note};
use super::{setup, verb};
use crate::trace::document::Line;
use crate::trace::names::Channel;
use crate::trace::step::Side;

/// The part before the payload, with the positions for errors.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// The line from its first character.
    pub(super) start: &'a str,
    pub(super) channel: Option<Channel>,
    pub(super) side: Side,
    /// The verb and everything after it.
    pub(super) verb_start: &'a str,
    pub(super) verb: &'a str,
}

/// `[channel] SIDE verb [payload] [notes...]`
pub(super) fn line(line: &str, number: u32) -> Result<Line, Fault<'_>> {
    let (tail, head) = settle(head(line), line)?;
    let (_, segments) = settle(preceded(spaces, separated_list0(gap, segment)).parse(tail), tail)?;
    if head.side == Side::Client && head.verb == setup::VERB {
        return setup::setup(head, tail, &segments, number).map(Line::Setup);
    }
    let (payload, notes) = match segments.split_first() {
        Some((first, others)) if !is_note(first) => (*first, others),
        Some((first, _)) => (nothing_before(first), segments.as_slice()),
        None => (nothing_behind(tail), segments.as_slice()),
    };
    let mut collected = Collected::default();
    notes.iter().try_for_each(|segment| collected.add(segment))?;
    let action = verb::action(head, payload, &mut collected)?;
    collected.finish(number, action).map(Line::Step)
}

/// The empty payload before a note: an error about it has the position of the note.
fn nothing_before(note: &str) -> &str {
    note.get(..0).unwrap_or_default()
}

fn nothing_behind(tail: &str) -> &str {
    tail.get(tail.len()..).unwrap_or_default()
}

fn head(line: &str) -> Parsed<'_, Head<'_>> {
    let (start, _) = spaces.parse(line)?;
    let (input, channel) = opt(terminated(name, alt((spaces1, eof)))).parse(start)?;
    let expected = if channel.is_some() { "a side, C or S" } else { "a channel or a side, C or S" };
    let (input, side) = expect(expected, side).parse(input)?;
    let (verb_start, _) = spaces.parse(input)?;
    let (input, verb) = expect(verb::expected(side), word).parse(verb_start)?;
    Ok((input, Head { start, channel, side, verb_start, verb }))
}

fn side(input: &str) -> Parsed<'_, Side> {
    let letter = map(one_of("CS"), |letter| if letter == 'C' { Side::Client } else { Side::Server });
    terminated(letter, peek(alt((spaces1, eof)))).parse(input)
}

/// The payload or a note: everything up to two spaces. A comment ends only at the end of the line.
fn segment(input: &str) -> Parsed<'_, &str> {
    let comment = preceded(peek(nom::character::complete::char('#')), rest);
    verify(alt((comment, take_until("  "), rest)), |segment: &str| !segment.is_empty()).parse(input)
}
