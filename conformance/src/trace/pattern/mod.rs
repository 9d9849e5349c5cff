//! Patterns: payloads with holes.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Pattern`] and its pieces; filling the holes |
//! | `source.rs` | how a pattern is written, with escapes |
//! | `template.rs` | a pattern as JSON after a literal prefix |
//! | `matching.rs` | compares it with a text that arrived |
//! | `mismatch.rs` | the difference between the two |

mod matching;
mod mismatch;
mod source;
mod template;

pub use mismatch::{Mismatch, Place};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use self::matching::Others;
use self::template::{Atom, Setting, Template};
use super::bindings::{Bindings, UnboundHole};
use super::names::HoleName;

/// What `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A text with holes, which can be filled to make a payload, and compared with a payload that arrived.
///
/// ```
/// use siospec::trace::{Bindings, Comparison, Pattern};
///
/// let open: Pattern = r#"0{"sid":$sid,"pingInterval":$interval:int}"#.parse()?;
/// let mut bindings = Bindings::default();
/// open.matches(r#"0{ "pingInterval": 300, "sid": "lv_VI97" }"#, Comparison::Json, &mut bindings)?;
///
/// let poll: Pattern = "EIO=4&transport=polling&sid=$sid".parse()?;
/// assert_eq!(poll.render(&bindings)?, "EIO=4&transport=polling&sid=lv_VI97");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// No literal is empty, and no two literals are neighbours.
    pieces: Box<[Piece]>,
}

impl Pattern {
    /// The pattern for exactly this text.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        Self::new([Piece::Literal(text.into())])
    }

    /// The pattern made of these pieces. Neighbouring literals become one.
    #[must_use]
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (_, Piece::Literal(text)) if text.is_empty() => {}
                (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
                (_, piece) => merged.push(piece),
            }
        }
        // A run keeps tens of thousands of patterns, and some of long texts.
        for piece in &mut merged {
            if let Piece::Literal(text) = piece {
                text.shrink_to_fit();
            }
        }
        Self { pieces: merged.into() }
    }

    /// The pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether it stands for the empty text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether it stands for exactly this text, which is not empty.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(&*self.pieces, [Piece::Literal(literal)] if literal == text)
    }

    /// The holes in order, once for each occurrence.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Literal(_) => None,
        })
    }

    /// The text with every hole filled. A captured JSON string is written without quotes, unless the hole is a whole
    /// JSON value, as in `{"sid":$sid}`.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet. `$_` never has one.
    pub fn render(&self, bindings: &Bindings) -> Result<String, UnboundHole> {
        template::atoms(&self.pieces).iter().map(|atom| atom.render(bindings)).collect()
    }

    /// The text with every hole filled, as the query string of a request: the values of holes are percent-encoded, as
    /// JavaScript's `encodeURIComponent` does it.
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render).
    pub fn render_query(&self, bindings: &Bindings) -> Result<String, UnboundHole> {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Literal(text) => Ok(text.clone()),
            Piece::Hole(hole) => {
                let value = Setting::Text.write(bindings.require(hole.label())?);
                Ok(encoded(&value))
            }
        });
        pieces.collect()
    }

    /// Compares with a text that arrived. Holes without a value capture one, and `bindings` gets these if everything
    /// matches.
    ///
    /// Unless `comparison` is [`Comparison::Exact`], the pattern and the text are split before their first `{` or `[`,
    /// and if both rests are JSON they are compared as values. Otherwise the texts are compared. Then a hole without a
    /// value captures the shortest text up to the literal that follows it; an integer captures all digits, and a hole
    /// that is a whole JSON value captures one JSON value.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn matches(&self, actual: &str, comparison: Comparison, bindings: &mut Bindings) -> Result<(), Mismatch> {
        let mut tentative = bindings.clone();
        self.compare(actual, comparison, &mut tentative)?;
        *bindings = tentative;
        Ok(())
    }

    /// Compares loosely with a text that arrived, for lines that only lead up to the subject: the text before the JSON
    /// must be equal, and in the JSON only the values of the holes must exist. Other keys and items may be missing or
    /// added.
    ///
    /// ```
    /// use siospec::trace::{Bindings, Pattern};
    ///
    /// let open: Pattern = r#"0{"sid":$sid,"maxPayload":$max}"#.parse()?;
    /// let mut bindings = Bindings::default();
    /// open.matches_loosely(r#"0{"sid":"lv_VI97","extra":1}"#, &mut bindings)?;
    /// assert_eq!(bindings.value("sid"), Some(&"lv_VI97".into()));
    /// assert!(open.matches_loosely(r#"4{"sid":"lv_VI97"}"#, &mut bindings).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first difference in the text before the JSON, or in the whole text if the pattern has no JSON.
    pub fn matches_loosely(&self, actual: &str, bindings: &mut Bindings) -> Result<(), Mismatch> {
        let Some(template) = Template::of(&self.pieces) else {
            return self.matches(actual, Comparison::Json, bindings);
        };
        let (prefix, value) = template::split(actual).map_or((actual, None), |(prefix, value)| (prefix, Some(value)));
        let prefix_atoms: Vec<_> = template.prefix.iter().map(Atom::plain).collect();
        matching::text(&prefix_atoms, prefix, bindings)?;
        if let Some(value) = value {
            matching::learn(&template.root, &value, bindings);
        }
        Ok(())
    }

    fn compare(&self, actual: &str, comparison: Comparison, bindings: &mut Bindings) -> Result<(), Mismatch> {
        let others = match comparison {
            Comparison::Json => Some(Others::Refused),
            Comparison::More => Some(Others::Members),
            Comparison::Longer => Some(Others::Items),
            Comparison::Exact => None,
        };
        if let Some(others) = others
            && let Some(template) = Template::of(&self.pieces)
            && let Some((prefix, value)) = template::split(actual)
        {
            let prefix_atoms: Vec<_> = template.prefix.iter().map(Atom::plain).collect();
            matching::text(&prefix_atoms, prefix, bindings)?;
            return matching::value(&template.root, &value, others, bindings);
        }
        matching::text(&template::atoms(&self.pieces), actual, bindings)
    }
}

/// A value in the form for a query.
pub(crate) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, COMPONENT).to_string()
}

/// A part of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Literal(String),
    /// A place that a value fills.
    Hole(Hole),
}

/// A hole of a [`Pattern`], which a value fills: `$name`, `$name:int`, `$_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The name it is captured under, or `None` for `$_`, which matches anything and never captures.
    pub name: Option<HoleName>,
    /// What it accepts.
    pub kind: Kind,
}

impl Hole {
    /// The name as errors write it, without the dollar sign.
    fn label(&self) -> &str {
        self.name.as_ref().map_or("_", HoleName::as_str)
    }

    /// Its value, if it has captured one.
    fn value<'b>(&self, bindings: &'b Bindings) -> Option<&'b Value> {
        bindings.value(self.name.as_ref()?.as_str())
    }

    fn capture(&self, value: Value, bindings: &mut Bindings) {
        if let Some(name) = &self.name {
            bindings.bind(name.as_str(), value);
        }
    }
}

/// What a [`Hole`] accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Any text, or any JSON value if it is a whole one.
    #[default]
    Any,
    /// An integer.
    Integer,
}

/// How a payload is compared with its pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Comparison {
    /// JSON as values: the order of keys, white space, and the notation of numbers and strings do not matter.
    #[default]
    Json,
    /// `more`: like JSON, and objects may have further members.
    More,
    /// `longer`: like JSON, and arrays may have further items, except those that are empty in the pattern.
    Longer,
    /// `exact`: character by character.
    Exact,
}

impl Atom<'_> {
    fn render(&self, bindings: &Bindings) -> Result<String, UnboundHole> {
        match self {
            Self::Literal(text) => Ok((*text).to_owned()),
            Self::Hole(hole, setting) => Ok(setting.write(bindings.require(hole.label())?)),
        }
    }
}

impl Setting {
    /// A captured value, as it is written at such a place.
    fn write(self, value: &Value) -> String {
        match (self, value) {
            (Self::Text, Value::String(text)) => text.clone(),
            (Self::Quoted, Value::String(_)) => unquoted(&value.to_string()).to_owned(),
            (Self::Quoted, value) => unquoted(&Value::String(value.to_string()).to_string()).to_owned(),
            (Self::Text | Self::Value, value) => value.to_string(),
        }
    }

    /// The value of a text found at such a place, if it is valid there.
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(Value::from(text)),
            Self::Quoted => serde_json::from_str(&format!("\"{text}\"")).ok(),
            Self::Value => serde_json::from_str(text).ok(),
        }
    }
}

/// The text between the quotes of a JSON string.
fn unquoted(json: &str) -> &str {
    json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json)
}
