//! The header of a trace.

use std::collections::BTreeSet;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::combinator::{cut, map, map_opt, rest};
use nom::multi::separated_list1;
use nom::sequence::preceded;

use super::error::{Fault, Parsed, expect, settle, whole};
use super::lexer::{keyword, name, named, number, spaces, spaces1, word};
use crate::trace::header::{Header, Level, Need};
use crate::trace::names::{Name, Requirement, Sentence, Word};
use crate::trace::node::Operation;

/// A header whose lines are still being read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    title: Option<Sentence>,
    covers: Option<Vec<Requirement>>,
    level: Option<Level>,
    needs: Option<BTreeSet<Need>>,
    seen: Option<Vec<Word>>,
    since: Option<Sentence>,
    recorded: Option<Sentence>,
    notes: Vec<Sentence>,
}

impl Draft {
    /// Reads one line.
    pub(super) fn add<'a>(&mut self, line: &'a str) -> Result<(), Fault<'a>> {
        let (_, (key, value)) = settle(entry(line), line)?;
        match key {
            "title" => once(&mut self.title, key, "title", sentence(value, "a sentence after title")?),
            "covers" => once(&mut self.covers, key, "covers", words(value, "requirement ids after covers")?),
            "level" => once(&mut self.level, key, "level", level(value)?),
            "needs" => once(&mut self.needs, key, "needs", needs(value)?),
            "seen" => once(&mut self.seen, key, "seen", words(value, "words after seen")?),
            "since" => once(&mut self.since, key, "since", sentence(value, "a version after since")?),
            "recorded" => once(&mut self.recorded, key, "recorded", sentence(value, "a text after recorded")?),
            "note" => {
                self.notes.push(sentence(value, "a text after note")?);
                Ok(())
            }
            _ => Err(Fault::new(key, KEY)),
        }
    }

    /// The header, if it is complete.
    pub(super) fn finish<'a>(self) -> Result<Header, Fault<'a>> {
        Ok(Header {
            title: required(self.title, "the key title in the header")?,
            covers: required(self.covers, "the key covers in the header")?,
            level: required(self.level, "the key level in the header")?,
            needs: self.needs.unwrap_or_default(),
            seen: self.seen.unwrap_or_default(),
            since: self.since,
            recorded: self.recorded,
            notes: self.notes,
        })
    }
}

const KEY: &str =
    "a line of the header (title, covers, level, needs, seen, since, recorded or note) or the blank line after it";

/// `key value`, as they are written.
fn entry(line: &str) -> Parsed<'_, (&str, &str)> {
    let (value, key) = expect(KEY, take_while1(|c: char| c != ' ')).parse(line)?;
    let (value, _) = spaces.parse(value)?;
    rest.parse(value).map(|(end, value)| (end, (key, value)))
}

fn once<'a, T>(slot: &mut Option<T>, at: &'a str, key: &str, value: T) -> Result<(), Fault<'a>> {
    match slot.replace(value) {
        Some(_) => Err(Fault::new(at, format!("the key {key} only once"))),
        None => Ok(()),
    }
}

fn required<'a, T>(value: Option<T>, expected: &'static str) -> Result<T, Fault<'a>> {
    value.ok_or_else(|| Fault::new("", expected).found("the end of the header"))
}

fn sentence<'a>(value: &'a str, expected: &'static str) -> Result<Sentence, Fault<'a>> {
    if value.is_empty() { Err(Fault::new(value, expected)) } else { named(value) }
}

fn words<'a, T: Name>(value: &'a str, expected: &'static str) -> Result<Vec<T>, Fault<'a>> {
    if value.is_empty() {
        return Err(Fault::new(value, expected));
    }
    whole(value, T::EXPECTED, |value| separated_list1(spaces1, cut(name)).parse(value))
}

fn level(value: &str) -> Result<Level, Fault<'_>> {
    let find = |word: &str| Level::ALL.into_iter().find(|level| level.as_str() == word);
    whole(value, "one level only", |value| {
        expect("a level: must, should, reference or security", map_opt(word, find)).parse(value)
    })
}

fn needs(value: &str) -> Result<BTreeSet<Need>, Fault<'_>> {
    whole(value, NEED, |value| separated_list1(spaces1, cut(need)).parse(value))
        .map(|needs| needs.into_iter().collect())
}

fn need(input: &str) -> Parsed<'_, Need> {
    let find = |word: &str| Need::WORDS.into_iter().find(|need| need.as_str() == word);
    let payload = map(preceded(keyword("payload"), cut(expect("a number of bytes", number))), Need::Payload);
    let patience = map(preceded(keyword("patience"), cut(millis)), Need::Patience);
    let operation = map(preceded(keyword("operation"), cut(operation)), Need::Operation);
    expect(NEED, alt((operation, payload, patience, map_opt(word, find)))).parse(input)
}

fn operation(input: &str) -> Parsed<'_, Operation> {
    let find = |word: &str| Operation::ALL.iter().copied().find(|operation| operation.as_str() == word);
    expect("an operation of a cluster, such as emit", map_opt(word, find)).parse(input)
}

/// `1500ms` or `45s`.
fn millis(input: &str) -> Parsed<'_, u64> {
    let duration = map_opt(word, |word| match word.strip_suffix("ms") {
        Some(millis) => millis.parse().ok(),
        None => word.strip_suffix('s')?.parse::<u64>().ok()?.checked_mul(1000),
    });
    expect("a duration such as 45s or 1500ms", duration).parse(input)
}

const NEED: &str = "a need: polling, websocket, upgrade, echo, contract, extended, maxPayload, eio3, no-eio3, jsonp, cors, \
                    recovery, no-recovery, msgpack, operation NAME, payload N, patience DURATION, timing, raw or client";
