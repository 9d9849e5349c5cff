//! Errors in the text of a trace.

use std::borrow::Cow;
use std::fmt;

use nom::{IResult, Parser};

/// A text is not a trace; with the first faulty position.
///
/// It reads as one sentence: `x.trace:7:12: expected a side, C or S, found "X"`.
///
/// ```
/// use siospec::trace::Trace;
///
/// let error = Trace::parse("x.trace", "title A sentence\ncovers\n").unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 7));
/// assert_eq!(error.to_string(), "x.trace:2:7: expected requirement ids after covers, found the end of the line");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    name: String,
    line: u32,
    column: usize,
    expected: String,
    found: String,
}

impl ParseError {
    /// The file, as the caller named it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The character of the line, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What should be there, in words.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What is there: a word in quotes, or the name of an end.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, line, column, expected, found } = self;
        write!(f, "{name}:{line}:{column}: expected {expected}, found {found}")
    }
}

impl std::error::Error for ParseError {}

/// The result of a parser of this language.
pub(in crate::trace) type Parsed<'a, T> = IResult<&'a str, T, Fault<'a>>;

/// An error at a position in a line, before the line number is known.
#[derive(Debug, Clone)]
pub(in crate::trace) struct Fault<'a> {
    /// A part of the line, which starts where the error is.
    at: &'a str,
    expected: Cow<'static, str>,
    found: Option<&'static str>,
}

impl<'a> Fault<'a> {
    pub(super) fn new(at: &'a str, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { at, expected: expected.into(), found: None }
    }

    /// Names something that is not text of the line, such as the end of the header.
    pub(super) fn found(self, found: &'static str) -> Self {
        Self { found: Some(found), ..self }
    }

    /// The error with its file. `line` is the line that the parser read.
    pub(super) fn locate(self, name: &str, number: u32, line: &str) -> ParseError {
        // `at` may end before the line does, for example at the end of a payload, so the text found is taken from the
        // line.
        let offset = if self.found.is_some() { 0 } else { self.offset(line) };
        // if a parser stopped before spaces, the reader needs the word after them
        let rest = line.get(offset..).unwrap_or_default();
        let skipped = if offset == 0 { 0 } else { rest.len().saturating_sub(rest.trim_start_matches(' ').len()) };
        let (before, at) = line.split_at_checked(offset.saturating_add(skipped)).unwrap_or((line, ""));
        ParseError {
            name: name.to_owned(),
            line: number,
            column: before.chars().count().saturating_add(1),
            expected: self.expected.into_owned(),
            found: self.found.map_or_else(|| found(at), str::to_owned),
        }
    }
}

impl Fault<'_> {
    fn offset(&self, line: &str) -> usize {
        self.at.as_ptr().addr().saturating_sub(line.as_ptr().addr())
    }
}

/// The next word, which is enough to find the place.
fn found(at: &str) -> String {
    const LONGEST: usize = 40;
    let word = at.split(' ').next().unwrap_or_default();
    match word.char_indices().nth(LONGEST) {
        _ if at.is_empty() => "the end of the line".to_owned(),
        _ if word.is_empty() => "a space".to_owned(),
        Some((cut, _)) => format!("{:?}", format!("{}…", word.get(..cut).unwrap_or_default())),
        None => format!("{word:?}"),
    }
}

impl<'a> nom::error::ParseError<&'a str> for Fault<'a> {
    fn from_error_kind(input: &'a str, _: nom::error::ErrorKind) -> Self {
        // never seen: every nom parser that can fail is inside `expect`
        Self::new(input, "something else")
    }

    fn append(_: &'a str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

/// Sets what was expected if `parser` fails, unless it has already decided on its own error.
pub(super) fn expect<'a, T>(
    expected: &'static str,
    mut parser: impl Parser<&'a str, Output = T, Error = Fault<'a>>,
) -> impl Parser<&'a str, Output = T, Error = Fault<'a>> {
    move |input: &'a str| parser.parse(input).map_err(|error| error.map_soft(|_| Fault::new(input, expected)))
}

/// Reads all of `text`; `expected` says what may follow if `parser` stops early.
pub(super) fn whole<'a, T>(
    text: &'a str,
    expected: &'static str,
    parser: impl FnOnce(&'a str) -> Parsed<'a, T>,
) -> Result<T, Fault<'a>> {
    match settle(parser(text), text)? {
        ("", value) => Ok(value),
        (rest, _) => Err(Fault::new(rest, expected)),
    }
}

/// The result of a parser without nom's kinds of errors, which are no longer needed.
pub(super) fn settle<'a, T>(parsed: Parsed<'a, T>, text: &'a str) -> Result<(&'a str, T), Fault<'a>> {
    parsed.map_err(|error| match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
        nom::Err::Incomplete(_) => Fault::new(text, "more"),
    })
}

/// Changes errors that are not final, for `expect`.
trait Soft<T> {
    fn map_soft(self, change: impl FnOnce(T) -> T) -> Self;
}

impl<T> Soft<T> for nom::Err<T> {
    fn map_soft(self, change: impl FnOnce(T) -> T) -> Self {
        match self {
            Self::Error(error) => Self::Error(change(error)),
            other => other,
        }
    }
}
