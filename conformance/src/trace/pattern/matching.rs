//! Compares a pattern with a text that arrived.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::mismatch::{Cursor, Mismatch, Path};
use super::template::{Atom, Node, Setting};
use super::{Hole, Kind};
use crate::trace::bindings::Bindings;

/// Compares character by character, except for holes that are whole JSON values.
pub(super) fn text(atoms: &[Atom<'_>], actual: &str, bindings: &mut Bindings) -> Result<(), Mismatch> {
    let mut cursor = Cursor::new(actual);
    let mut rest = atoms;
    while let Some((atom, behind)) = rest.split_first() {
        match resolve(atom, bindings) {
            Resolved::Fixed(expected) => {
                cursor.skip(&expected).map_err(|mismatch| name_hole(mismatch, atom, &expected))?
            }
            Resolved::Value(hole) => read_value(hole, &mut cursor, bindings)?,
            Resolved::Open(hole, setting) => capture(hole, setting, behind, &mut cursor, bindings)?,
        }
        rest = behind;
    }
    cursor.finish()
}

/// Compares as JSON values.
pub(super) fn value(expected: &Node, actual: &Value, others: Others, bindings: &mut Bindings) -> Result<(), Mismatch> {
    node(expected, actual, others, &Path::default(), bindings)
}

/// What may be there that the pattern does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Nothing.
    Refused,
    /// Members of objects.
    Members,
    /// Items at the end of arrays.
    Items,
}

/// Captures the holes from a JSON value, and ignores everything else.
pub(super) fn learn(expected: &Node, actual: &Value, bindings: &mut Bindings) {
    match (expected, actual) {
        (Node::Hole(hole), actual) => hole.capture(actual.clone(), bindings),
        (Node::Text(pieces), Value::String(actual)) => {
            let atoms: Vec<_> = pieces.iter().map(Atom::plain).collect();
            let mut tentative = bindings.clone();
            if text(&atoms, actual, &mut tentative).is_ok() {
                *bindings = tentative;
            }
        }
        (Node::Array(expected), Value::Array(actual)) => {
            expected.iter().zip(actual).for_each(|(expected, actual)| learn(expected, actual, bindings));
        }
        (Node::Object(expected), Value::Object(actual)) => {
            let both = expected.iter().filter_map(|(key, expected)| Some((expected, actual.get(key)?)));
            both.for_each(|(expected, actual)| learn(expected, actual, bindings));
        }
        _ => {}
    }
}

enum Resolved<'a> {
    /// Text that must occur.
    Fixed(Cow<'a, str>),
    /// A hole for a JSON value, or with one that must occur.
    Value(&'a Hole),
    /// A hole that can still capture any text.
    Open(&'a Hole, Setting),
}

fn resolve<'a>(atom: &Atom<'a>, bindings: &Bindings) -> Resolved<'a> {
    match atom {
        Atom::Literal(text) => Resolved::Fixed(Cow::Borrowed(text)),
        Atom::Hole(hole, Setting::Value) => Resolved::Value(hole),
        Atom::Hole(hole, setting) => match hole.value(bindings) {
            Some(value) => Resolved::Fixed(Cow::Owned(setting.write(value))),
            None => Resolved::Open(hole, *setting),
        },
    }
}

/// If the missing text is the value of a hole, the error has the hole's name.
fn name_hole(mismatch: Mismatch, atom: &Atom<'_>, value: &str) -> Mismatch {
    match atom {
        Atom::Literal(_) => mismatch,
        Atom::Hole(hole, _) => {
            let expected = format!("{} (${} is {})", mismatch.expected, hole.label(), Mismatch::quoted(value));
            Mismatch { expected, ..mismatch }
        }
    }
}

fn read_value(hole: &Hole, cursor: &mut Cursor<'_>, bindings: &mut Bindings) -> Result<(), Mismatch> {
    let mut values = serde_json::Deserializer::from_str(cursor.rest()).into_iter();
    match values.next() {
        Some(Ok(value)) if !cursor.rest().starts_with(char::is_whitespace) => {
            let length = values.byte_offset();
            accept(hole, &value, bindings).map_err(|expected| cursor.differs(expected))?;
            cursor.advance(length);
            Ok(())
        }
        _ => Err(cursor.differs(format!("a JSON value for ${}", hole.label()))),
    }
}

fn capture(
    hole: &Hole,
    setting: Setting,
    behind: &[Atom<'_>],
    cursor: &mut Cursor<'_>,
    bindings: &mut Bindings,
) -> Result<(), Mismatch> {
    let value = match hole.kind {
        Kind::Integer => integer(cursor.rest()).map(|(length, number)| (length, Value::Number(number))),
        Kind::Any => {
            let length = shortest(hole, behind, cursor, bindings)?;
            cursor.rest().get(..length).and_then(|text| Some((length, setting.read(text)?)))
        }
    };
    let Some((length, value)) = value else {
        return Err(cursor.differs(expected(hole)));
    };
    cursor.advance(length);
    hole.capture(value, bindings);
    Ok(())
}

/// How many bytes the hole captures: up to the literal after it. A literal at the end of the pattern must also end the
/// text, so there the hole captures everything before it.
fn shortest(hole: &Hole, behind: &[Atom<'_>], cursor: &Cursor<'_>, bindings: &Bindings) -> Result<usize, Mismatch> {
    let rest = cursor.rest();
    let Some((next, beyond)) = behind.split_first() else {
        return Ok(rest.len());
    };
    let Resolved::Fixed(literal) = resolve(next, bindings) else {
        return Ok(0); // two open holes in a row: the second takes it all
    };
    let length =
        if beyond.is_empty() { rest.strip_suffix(literal.as_ref()).map(str::len) } else { rest.find(literal.as_ref()) };
    length.ok_or_else(|| cursor.differs(format!("${} and then {}", hole.label(), Mismatch::quoted(&literal))))
}

/// The digits at the start of `text`, with their sign.
fn integer(text: &str) -> Option<(usize, Number)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let behind = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    let length = text.len().checked_sub(behind.len())?;
    let digits = text.get(..length)?;
    let number = digits.parse::<i64>().map(Number::from).or_else(|_| digits.parse::<u64>().map(Number::from));
    Some((length, number.ok()?))
}

fn node(
    expected: &Node,
    actual: &Value,
    others: Others,
    path: &Path<'_>,
    bindings: &mut Bindings,
) -> Result<(), Mismatch> {
    match (expected, actual) {
        (Node::Hole(hole), actual) => {
            accept(hole, actual, bindings).map_err(|expected| path.differs(expected, actual.to_string()))
        }
        (Node::Text(pieces), Value::String(actual)) => {
            let atoms: Vec<_> = pieces.iter().map(Atom::plain).collect();
            text(&atoms, actual, bindings).map_err(|mismatch| mismatch.within(path))
        }
        (Node::Scalar(expected), actual) if is_same(expected, actual) => Ok(()),
        (Node::Array(expected), Value::Array(actual)) => array(expected, actual, others, path, bindings),
        (Node::Object(expected), Value::Object(actual)) => object(expected, actual, others, path, bindings),
        (expected, actual) => Err(path.differs(describe(expected), actual.to_string())),
    }
}

/// Compares the value of a hole, or captures one. The error is what was expected.
fn accept(hole: &Hole, actual: &Value, bindings: &mut Bindings) -> Result<(), String> {
    match hole.value(bindings) {
        Some(bound) if is_same(bound, actual) => Ok(()),
        Some(bound) => Err(format!("${}, which is {}", hole.label(), Mismatch::elided(&bound.to_string()))),
        None if hole.kind == Kind::Integer && !is_integer(actual) => Err(expected(hole)),
        None => {
            hole.capture(actual.clone(), bindings);
            Ok(())
        }
    }
}

/// Whether it is an integer, in any notation: `20000.0` and `2e4` are integers too.
fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// What a hole without a value expects.
fn expected(hole: &Hole) -> String {
    let label = hole.label();
    match hole.kind {
        Kind::Any => format!("a value for ${label}"),
        Kind::Integer => format!("an integer for ${label}"),
    }
}

fn array(
    expected: &[Node],
    actual: &[Value],
    others: Others,
    path: &Path<'_>,
    bindings: &mut Bindings,
) -> Result<(), Mismatch> {
    for (index, expected) in expected.iter().enumerate() {
        let path = path.item(index);
        let end = || path.differs(describe(expected), END.to_owned());
        node(expected, actual.get(index).ok_or_else(end)?, others, &path, bindings)?;
    }
    match actual.get(expected.len()) {
        Some(item) if others != Others::Items || expected.is_empty() => {
            Err(path.item(expected.len()).differs(END.to_owned(), item.to_string()))
        }
        _ => Ok(()),
    }
}

const END: &str = "the end of the array";

fn object(
    expected: &BTreeMap<String, Node>,
    actual: &Map<String, Value>,
    others: Others,
    path: &Path<'_>,
    bindings: &mut Bindings,
) -> Result<(), Mismatch> {
    for (key, expected) in expected {
        let path = path.key(key);
        let actual = actual.get(key).ok_or_else(|| path.differs(describe(expected), "no such key".to_owned()))?;
        node(expected, actual, others, &path, bindings)?;
    }
    match actual.iter().find(|(key, _)| others != Others::Members && !expected.contains_key(*key)) {
        Some((key, value)) => Err(path.key(key).differs("no such key".to_owned(), value.to_string())),
        None => Ok(()),
    }
}

/// What a node expects, in the words of a report.
fn describe(node: &Node) -> String {
    match node {
        Node::Hole(hole) => expected(hole),
        Node::Text(pieces) => match pieces.as_slice() {
            [] => "\"\"".to_owned(),
            [super::Piece::Literal(text)] => Value::String(text.clone()).to_string(),
            pieces => format!("\"{}\"", super::Pattern::new(pieces.iter().cloned())),
        },
        Node::Scalar(value) => value.to_string(),
        Node::Array(_) => "an array".to_owned(),
        Node::Object(_) => "an object".to_owned(),
    }
}

/// Whether two values are equal; numbers are compared by value, not by notation.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => is_same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let has_same = |(key, value): (&String, &Value)| right.get(key).is_some_and(|other| is_same(value, other));
            left.len() == right.len() && left.iter().all(has_same)
        }
        (left, right) => left == right,
    }
}

fn is_same_number(left: &Number, right: &Number) -> bool {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left == right,
        // one of them was written with a point or an exponent, so both have only this precision
        _ => left.as_f64() == right.as_f64(),
    }
}
