//! The notes after a payload.

use std::num::NonZeroU32;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{cut, map, map_opt, value};
use nom::sequence::{preceded, terminated};

use super::error::{Fault, Parsed, expect, whole};
use super::expr::{expr, window};
use super::lexer::{keyword, name, named, number, spaces, spaces1};
use crate::trace::expr::{Expr, Window};
use crate::trace::names::{Comment, Requirement};
use crate::trace::node::Node;
use crate::trace::pattern::Comparison;
use crate::trace::step::{Action, Extent, Notes, Step, Weight};

/// Whether `segment` would be read as a note where a payload can be. The printer writes such a payload with an escape.
pub(in crate::trace) fn is_note(segment: &str) -> bool {
    segment.starts_with(['#', '@']) || note(segment).is_ok()
}

/// A comment with its `#`.
pub(super) fn comment(text: &str) -> Result<Comment, Fault<'_>> {
    let text = text.strip_prefix('#').unwrap_or(text);
    named(text.strip_prefix(' ').unwrap_or(text))
}

/// The notes of a line. Those that only some verbs accept are kept until they are taken.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    repeat: Option<NonZeroU32>,
    node: Option<(&'a str, Node)>,
    weight: Option<Weight>,
    rule: Option<Requirement>,
    window: Option<Window>,
    comment: Option<Comment>,
    comparison: Option<(&'a str, Comparison)>,
    fill: Option<(&'a str, Expr)>,
    extent: Option<(&'a str, Extent)>,
    cut: Option<(&'a str, NonZeroU32)>,
}

impl<'a> Collected<'a> {
    /// Reads one note.
    pub(super) fn add(&mut self, segment: &'a str) -> Result<(), Fault<'a>> {
        let is_free = match note(segment)? {
            Note::Repeat(times) => self.repeat.replace(times).is_none(),
            Note::Node(node) => self.node.replace((segment, node)).is_none(),
            Note::Weight(weight) => self.weight.replace(weight).is_none(),
            Note::Rule(rule) => self.rule.replace(rule).is_none(),
            Note::Window(window) => self.window.replace(window).is_none(),
            Note::Comment(comment) => self.comment.replace(comment).is_none(),
            Note::Comparison(comparison) => self.comparison.replace((segment, comparison)).is_none(),
            Note::Fill(fill) => self.fill.replace((segment, fill)).is_none(),
            Note::Cut(bytes) => self.cut.replace((segment, bytes)).is_none(),
            Note::Extent(extent) => self.extent.replace((segment, extent)).is_none(),
        };
        let fault = || {
            Fault::new(
                segment,
                "no second note of its kind (setup, should and lenient are one kind, more, longer and exact, length and until others)",
            )
        };
        if is_free { Ok(()) } else { Err(fault()) }
    }

    /// `more`, `longer` or `exact`, for a verb that compares text.
    pub(super) fn take_comparison(&mut self) -> Comparison {
        self.comparison.take().map_or(Comparison::Json, |(_, comparison)| comparison)
    }

    /// `fill`, for a verb with a payload.
    pub(super) fn take_fill(&mut self) -> Option<Expr> {
        self.fill.take().map(|(_, fill)| fill)
    }

    /// `length` or `until`, for a request.
    pub(super) fn take_extent(&mut self) -> Extent {
        self.extent.take().map(|(_, extent)| extent).unwrap_or_default()
    }

    /// `cut`, for a frame.
    pub(super) fn take_cut(&mut self) -> Option<NonZeroU32> {
        self.cut.take().map(|(_, bytes)| bytes)
    }

    /// The step of an action, with the notes that every verb accepts; the others must have been taken.
    pub(super) fn finish(self, line: u32, action: Action) -> Result<Step, Fault<'a>> {
        let left = [
            self.comparison
                .map(|(at, _)| Fault::new(at, "a note for this verb (more, longer and exact are for text payloads)")),
            self.fill.map(|(at, _)| {
                Fault::new(at, "a note for this verb (fill is for the payloads of messages and bodies)")
            }),
            self.extent
                .map(|(at, _)| Fault::new(at, "a note for this verb (length and until are for requests such as get)")),
            self.cut.map(|(at, _)| Fault::new(at, "a note for this verb (cut is for frames)")),
        ];
        if let Some(fault) = left.into_iter().flatten().next() {
            return Err(fault);
        }
        let notes = Notes {
            repeat: self.repeat,
            node: self.node.map(|(_, node)| node).unwrap_or_default(),
            weight: self.weight.unwrap_or_default(),
            rule: self.rule,
            window: self.window.map(Box::new),
            comment: self.comment,
        };
        let step = Step { line, action, notes };
        match self.node {
            Some((at, _)) if !step.connects() => {
                Err(Fault::new(at, "a note for this verb (on is for those that connect: requests, open and raw)"))
            }
            _ => Ok(step),
        }
    }
}

#[derive(Debug, Clone)]
enum Note {
    Window(Window),
    Repeat(NonZeroU32),
    Fill(Expr),
    Extent(Extent),
    Cut(NonZeroU32),
    Comparison(Comparison),
    Node(Node),
    Weight(Weight),
    Rule(Requirement),
    Comment(Comment),
}

fn note(segment: &str) -> Result<Note, Fault<'_>> {
    if segment.starts_with('#') {
        return comment(segment).map(Note::Comment);
    }
    whole(segment, "two spaces and the next note, or the end of the line", |segment| {
        expect(NOTE, alt((at, repeat, fill, length, until, cut_after, on, rule, flag))).parse(segment)
    })
}

const NOTE: &str = "a note: @ WINDOW, repeat N, fill N, length N, until N packets, cut N, more, longer, exact, on N, \
                    setup, should, lenient, for REQUIREMENT or # comment";

fn at(input: &str) -> Parsed<'_, Note> {
    map(preceded((tag("@"), spaces), cut(window)), Note::Window).parse(input)
}

fn repeat(input: &str) -> Parsed<'_, Note> {
    map(preceded(keyword("repeat"), positive), Note::Repeat).parse(input)
}

fn fill(input: &str) -> Parsed<'_, Note> {
    map(preceded(keyword("fill"), cut(expr)), Note::Fill).parse(input)
}

fn length(input: &str) -> Parsed<'_, Note> {
    map(preceded(keyword("length"), cut(expr)), |length| Note::Extent(Extent::Declared(length))).parse(input)
}

fn until(input: &str) -> Parsed<'_, Note> {
    let packets = cut(expect("packets, as in until 3 packets", preceded(spaces1, tag("packets"))));
    let until = terminated(preceded(keyword("until"), positive), packets);
    map(until, |count| Note::Extent(Extent::Until(count))).parse(input)
}

fn cut_after(input: &str) -> Parsed<'_, Note> {
    map(preceded(keyword("cut"), positive), Note::Cut).parse(input)
}

fn on(input: &str) -> Parsed<'_, Note> {
    map(node, Note::Node).parse(input)
}

/// `on N`
pub(super) fn node(input: &str) -> Parsed<'_, Node> {
    let number = expect("the number of a server, from 1 to 4", map_opt(number, Node::new));
    preceded(keyword("on"), cut(number)).parse(input)
}

fn rule(input: &str) -> Parsed<'_, Note> {
    map(preceded(keyword("for"), cut(name)), Note::Rule).parse(input)
}

fn positive(input: &str) -> Parsed<'_, NonZeroU32> {
    cut(expect("a number from 1 to 4294967295", number)).parse(input)
}

fn flag(input: &str) -> Parsed<'_, Note> {
    let mut flag = alt((
        value(Note::Comparison(Comparison::More), tag("more")),
        value(Note::Comparison(Comparison::Longer), tag("longer")),
        value(Note::Comparison(Comparison::Exact), tag("exact")),
        value(Note::Weight(Weight::Setup), tag("setup")),
        value(Note::Weight(Weight::Should), tag("should")),
        value(Note::Weight(Weight::Lenient), tag("lenient")),
    ));
    flag.parse(input)
}
