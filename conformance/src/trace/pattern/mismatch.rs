//! The difference between a pattern and a text.

use std::fmt;

use serde_json::Value;

use crate::trace::bindings::UnboundHole;

/// The first difference between a pattern and the text that arrived.
///
/// ```
/// use siospec::trace::{Bindings, Comparison, Pattern};
///
/// let pattern: Pattern = r#"40{"sid":$id}"#.parse()?;
/// let mismatch = pattern.matches(r#"40{"id":"x"}"#, Comparison::Json, &mut Bindings::default()).unwrap_err();
/// assert_eq!(mismatch.to_string(), "at .sid: expected a value for $id, found no such key");
/// # Ok::<(), siospec::trace::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where they differ.
    pub place: Place,
    /// What the pattern expects there. Long texts are cut.
    pub expected: String,
    /// What was found there. Long texts are cut.
    pub found: String,
}

/// Where a [`Mismatch`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the text.
    Text {
        /// The first character that differs, from 1.
        character: usize,
    },
    /// In the JSON part.
    Json {
        /// The path to the value, such as `.upgrades[0]`; empty for the whole.
        path: String,
    },
    /// In a string of the JSON part.
    JsonText {
        /// The path to the string.
        path: String,
        /// The first character of it that differs, from 1.
        character: usize,
    },
}

impl Mismatch {
    /// The payload is not known, because a hole in it has no value.
    pub(crate) fn unbound(unbound: &UnboundHole, actual: &str) -> Self {
        let expected = format!("a known payload, but {unbound}");
        Self { place: Place::Text { character: 1 }, expected, found: Self::quoted(actual) }
    }

    /// The same difference, in a string of the JSON part.
    pub(super) fn within(self, path: &Path<'_>) -> Self {
        let place = match self.place {
            Place::Text { character } => Place::JsonText { path: path.to_string(), character },
            place => place,
        };
        Self { place, ..self }
    }

    /// A text in quotes, cut if it is long.
    pub(super) fn quoted(text: &str) -> String {
        match text {
            "" => "the end".to_owned(),
            text => format!("{:?}", Self::elided(text)),
        }
    }

    /// A text, cut if it is long.
    pub(super) fn elided(text: &str) -> String {
        const LONGEST: usize = 80;
        match text.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
            None => text.to_owned(),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Text { character } => write!(f, "at character {character}: ")?,
            Place::Json { path } if path.is_empty() => f.write_str("in the JSON: ")?,
            Place::Json { path } => write!(f, "at {path}: ")?,
            Place::JsonText { path, character } => write!(f, "at {path}, character {character}: ")?,
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Mismatch {}

/// A position in the text that arrived.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Always at the start of a character, since it moves by texts that were found there.
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// The part that was not compared yet.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// Moves on by `bytes` bytes.
    pub(super) const fn advance(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(bytes);
    }

    /// Moves past `expected`, which must be here.
    pub(super) fn skip(&mut self, expected: &str) -> Result<(), Mismatch> {
        if self.rest().starts_with(expected) {
            self.advance(expected.len());
            return Ok(());
        }
        let same = expected.chars().zip(self.rest().chars()).take_while(|(left, right)| left == right);
        let length = same.map(|(c, _)| c.len_utf8()).sum();
        self.advance(length);
        Err(self.differs(Mismatch::quoted(expected.get(length..).unwrap_or_default())))
    }

    /// Fails if a part of the text is left.
    pub(super) fn finish(&self) -> Result<(), Mismatch> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.differs("the end".to_owned())) }
    }

    /// A difference at this position.
    pub(super) fn differs(&self, expected: String) -> Mismatch {
        let before = self.text.get(..self.offset).unwrap_or_default();
        let character = before.chars().count().saturating_add(1);
        Mismatch { place: Place::Text { character }, expected, found: Mismatch::quoted(self.rest()) }
    }
}

/// The path to a JSON value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Path<'a> {
    #[default]
    Root,
    Key(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl<'a> Path<'a> {
    pub(super) const fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    pub(super) const fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// A difference at this value.
    pub(super) fn differs(&self, expected: String, found: String) -> Mismatch {
        let place = Place::Json { path: self.to_string() };
        Mismatch { place, expected: Mismatch::elided(&expected), found: Mismatch::elided(&found) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) if is_plain(key) => write!(f, "{parent}.{key}"),
            Self::Key(parent, key) => write!(f, "{parent}[{}]", Value::from(*key)),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
