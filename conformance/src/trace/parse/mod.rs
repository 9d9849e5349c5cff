//! Reading a trace.
//!
//! | file | what it reads |
//! |---|---|
//! | `mod.rs` | the file: header, blank line, body; and single expressions, windows and patterns |
//! | `header.rs` | the lines of the header |
//! | `setup.rs` | the opening of a session |
//! | `line.rs` | a line of the body: channel, side, verb, payload, notes |
//! | `verb.rs` | the payload of each verb |
//! | `note.rs` | the notes after a payload |
//! | `pattern.rs`, `expr.rs` | the two small languages inside a line |
//! | `lexer.rs` | parsers for all of them |
//! | `error.rs` | errors |
//!
//! No text causes a panic: every step of a parser moves to the right, and every failure is a [`Fault`] at a position in
//! the line.

mod error;
mod expr;
mod header;
mod lexer;
mod line;
mod note;
mod pattern;
mod setup;
mod verb;

pub use error::ParseError;
pub(super) use note::is_note;

use std::str::FromStr;

use self::error::{Fault, Parsed};
use super::document::{Line, Trace};
use super::expr::{Expr, Window};
use super::pattern::Pattern;

impl Trace {
    /// Reads a file. `name` comes first in an error; it should be a path that an editor can open.
    ///
    /// # Errors
    ///
    /// The first position where `source` is not a trace.
    pub fn parse(name: &str, source: &str) -> Result<Self, ParseError> {
        let mut lines = source.lines().map(|line| line.trim_end_matches(' ')).zip(1_u32..);
        let mut draft = header::Draft::default();
        let mut end = 1;
        for (line, number) in lines.by_ref() {
            end = number;
            if line.is_empty() {
                break;
            }
            draft.add(line).map_err(|fault| fault.locate(name, number, line))?;
        }
        let header = draft.finish().map_err(|fault| fault.locate(name, end, ""))?;
        let body =
            lines.map(|(line, number)| body_line(line, number).map_err(|fault| fault.locate(name, number, line)));
        let mut lines = body.collect::<Result<Vec<_>, _>>()?;
        // A run keeps more than a thousand traces.
        lines.shrink_to_fit();
        Ok(Self { header, lines })
    }
}

impl FromStr for Expr {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        standalone("expression", source, expr::expr)
    }
}

impl FromStr for Window {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        standalone("window", source, expr::window)
    }
}

impl FromStr for Pattern {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        standalone("pattern", source, pattern::pattern)
    }
}

fn body_line(line: &str, number: u32) -> Result<Line, Fault<'_>> {
    match line.trim_start_matches(' ') {
        "" => Ok(Line::Blank),
        comment if comment.starts_with('#') => note::comment(comment).map(Line::Comment),
        _ => line::line(line, number),
    }
}

/// Reads a text that contains only what `parser` reads; `kind` names it in an error.
fn standalone<T>(
    kind: &'static str,
    source: &str,
    parser: impl for<'a> FnOnce(&'a str) -> Parsed<'a, T>,
) -> Result<T, ParseError> {
    error::whole(source, "nothing more", parser).map_err(|fault| fault.locate(kind, 1, source))
}
