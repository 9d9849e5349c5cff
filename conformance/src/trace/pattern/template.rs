//! A pattern as JSON after a literal prefix.
//!
//! `serde_json` reads the JSON with a mark in place of each hole. A mark is a noncharacter that does not occur in the
//! pattern, then the number of the hole, then the noncharacter again. The marks are then found in the strings of the
//! value.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Hole, Piece};

/// The place of a hole, which decides how its value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// In text that is not JSON.
    Text,
    /// Between the quotes of a JSON string.
    Quoted,
    /// As a whole JSON value.
    Value,
}

/// A piece with its place.
#[derive(Debug)]
pub(super) enum Atom<'a> {
    Literal(&'a str),
    Hole(&'a Hole, Setting),
}

impl<'a> Atom<'a> {
    /// The piece in text that is not JSON.
    pub(super) fn plain(piece: &'a Piece) -> Self {
        Self::set(piece, Setting::Text)
    }

    fn set(piece: &'a Piece, setting: Setting) -> Self {
        match piece {
            Piece::Literal(text) => Self::Literal(text),
            Piece::Hole(hole) => Self::Hole(hole, setting),
        }
    }
}

/// A JSON value with holes, after a prefix.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) prefix: Vec<Piece>,
    pub(super) root: Node,
    /// The places of the pieces after the prefix; meaningless for literals.
    settings: Vec<Setting>,
}

/// A JSON value with holes.
#[derive(Debug)]
pub(super) enum Node {
    /// A value of any kind.
    Hole(Hole),
    /// A string, with its escapes resolved.
    Text(Vec<Piece>),
    /// `null`, a truth value or a number.
    Scalar(Value),
    Array(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Template {
    /// The pieces as JSON after a prefix, or `None` if they are not JSON. Holes in keys are not supported: it would not
    /// be defined which key such a hole captures.
    pub(super) fn of(pieces: &[Piece]) -> Option<Self> {
        let (prefix, json) = split_pieces(pieces)?;
        let settings = settings(&json)?;
        let unmarked: Value = serde_json::from_str(&marked(&json, &settings, None)).ok()?;
        let mark = ('\u{fdd0}'..='\u{fdef}').find(|mark| !occurs(&unmarked, *mark))?;
        let value = serde_json::from_str(&marked(&json, &settings, Some(mark))).ok()?;
        let root = Marks { mark, pieces: &json, settings: &settings }.node(value)?;
        Some(Self { prefix, root, settings })
    }
}

/// The pieces with their places.
pub(super) fn atoms(pieces: &[Piece]) -> Vec<Atom<'_>> {
    let Some(template) = Template::of(pieces) else {
        return pieces.iter().map(Atom::plain).collect();
    };
    // if the split goes through a piece, it is a literal: it gets the setting of either half
    let prefix = pieces.len().saturating_sub(template.settings.len());
    let settings = std::iter::repeat_n(Setting::Text, prefix).chain(template.settings);
    pieces.iter().zip(settings).map(|(piece, setting)| Atom::set(piece, setting)).collect()
}

/// Splits a text into a prefix and the JSON value after it.
pub(super) fn split(text: &str) -> Option<(&str, Value)> {
    let (prefix, json) = text.split_at_checked(json_start(text)?)?;
    Some((prefix, serde_json::from_str(json).ok()?))
}

/// Where the first array or object begins. Two searches for one character each are much faster than one for both.
fn json_start(text: &str) -> Option<usize> {
    [text.find('{'), text.find('[')].into_iter().flatten().min()
}

fn split_pieces(pieces: &[Piece]) -> Option<(Vec<Piece>, Vec<Piece>)> {
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text) = piece else {
            continue;
        };
        let Some(start) = json_start(text) else {
            continue;
        };
        let (before, json) = text.split_at_checked(start)?;
        let mut prefix = pieces.get(..index)?.to_vec();
        if !before.is_empty() {
            prefix.push(Piece::Literal(before.to_owned()));
        }
        let mut rest = vec![Piece::Literal(json.to_owned())];
        rest.extend_from_slice(pieces.get(index.saturating_add(1)..)?);
        return Some((prefix, rest));
    }
    None
}

/// The place of each piece, or `None` if a hole follows a backslash.
fn settings(json: &[Piece]) -> Option<Vec<Setting>> {
    enum Reader {
        Outside,
        Inside,
        Escape,
    }
    let mut reader = Reader::Outside;
    let mut settings = Vec::with_capacity(json.len());
    for piece in json {
        settings.push(match reader {
            Reader::Outside => Setting::Value,
            Reader::Inside => Setting::Quoted,
            Reader::Escape => return None,
        });
        let Piece::Literal(text) = piece else {
            continue;
        };
        for c in text.chars() {
            reader = match (reader, c) {
                (Reader::Outside, '"') | (Reader::Escape, _) => Reader::Inside,
                (Reader::Inside, '"') => Reader::Outside,
                (Reader::Inside, '\\') => Reader::Escape,
                (reader, _) => reader,
            };
        }
    }
    Some(settings)
}

/// The JSON text with a mark for each hole, or with the shortest replacement if there is no mark yet.
fn marked(json: &[Piece], settings: &[Setting], mark: Option<char>) -> String {
    let mut text = String::new();
    for (index, (piece, setting)) in json.iter().zip(settings).enumerate() {
        match (piece, mark, setting) {
            (Piece::Literal(literal), ..) => text.push_str(literal),
            (Piece::Hole(_), None, Setting::Value) => text.push_str("null"),
            (Piece::Hole(_), None, _) => {}
            (Piece::Hole(_), Some(mark), Setting::Value) => text.push_str(&format!("\"{mark}{index}{mark}\"")),
            (Piece::Hole(_), Some(mark), _) => text.push_str(&format!("{mark}{index}{mark}")),
        }
    }
    text
}

fn occurs(value: &Value, mark: char) -> bool {
    match value {
        Value::String(text) => text.contains(mark),
        Value::Array(items) => items.iter().any(|item| occurs(item, mark)),
        Value::Object(members) => members.iter().any(|(key, value)| key.contains(mark) || occurs(value, mark)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Turns a value with marks into nodes with holes. The depth is bounded, because `serde_json` bounds it.
struct Marks<'a> {
    mark: char,
    pieces: &'a [Piece],
    settings: &'a [Setting],
}

impl Marks<'_> {
    fn node(&self, value: Value) -> Option<Node> {
        match value {
            Value::String(text) => self.text(&text),
            Value::Array(items) => {
                items.into_iter().map(|item| self.node(item)).collect::<Option<_>>().map(Node::Array)
            }
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    let is_plain = !key.contains(self.mark);
                    Some((key, self.node(value)?)).filter(|_| is_plain)
                });
                members.collect::<Option<_>>().map(Node::Object)
            }
            scalar => Some(Node::Scalar(scalar)),
        }
    }

    fn text(&self, text: &str) -> Option<Node> {
        let mut pieces = Vec::new();
        // the number of a hole is between two marks, so every second part is one
        for (index, part) in text.split(self.mark).enumerate() {
            if index.is_multiple_of(2) {
                pieces.extend((!part.is_empty()).then(|| Piece::Literal(part.to_owned())));
                continue;
            }
            let number: usize = part.parse().ok()?;
            let piece = self.pieces.get(number)?;
            if let (Piece::Hole(hole), Some(Setting::Value)) = (piece, self.settings.get(number)) {
                return Some(Node::Hole(hole.clone()));
            }
            pieces.push(piece.clone());
        }
        Some(Node::Text(pieces))
    }
}
