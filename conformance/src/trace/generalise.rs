//! Turns a recorded payload into the pattern for the trace.

use serde_json::Value;

use super::bindings::Bindings;
use super::names::HoleName;
use super::pattern::{Comparison, Hole, Kind, Pattern, Piece};

/// A recorded payload in which parts that differ from run to run are holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generalised {
    /// The pattern. Its `Display` is the text for the file.
    pub pattern: Pattern,
    /// The new holes of this payload. Add them to the known ones.
    pub learned: Bindings,
}

/// Puts holes into a recorded payload: those of `known` wherever one of their values occurs, and new ones for values
/// that a server announces in an open packet or in the answer to a Socket.IO CONNECT.
///
/// | where | key | hole |
/// |---|---|---|
/// | `0{...}` | `sid`, `pingInterval`, `pingTimeout`, `maxPayload` | `$sid`, `$interval`, `$timeout`, `$max` |
/// | `40{...}`, `40/ns,{...}` | `sid`, `pid` | `$id`, `$pid` |
///
/// If a name already belongs to another value, the hole gets a number: `$id2`. Of the known values, only texts of at
/// least eight characters are replaced, the longest first; shorter ones could occur by chance.
///
/// The pattern always matches `actual` with the bindings `known`, and captures `learned`.
///
/// ```
/// use siospec::trace::{Bindings, generalise};
///
/// let open = generalise(r#"0{"sid":"lv_VI97HAXpY6yYWAAAB","pingInterval":300}"#, &Bindings::default());
/// assert_eq!(open.pattern.to_string(), r#"0{"sid":$sid,"pingInterval":$interval}"#);
///
/// let query = generalise("EIO=4&transport=polling&sid=lv_VI97HAXpY6yYWAAAB", &open.learned);
/// assert_eq!(query.pattern.to_string(), "EIO=4&transport=polling&sid=$sid");
/// ```
#[must_use]
pub fn generalise(actual: &str, known: &Bindings) -> Generalised {
    let announced = announced(actual, known);
    let values = values(known);
    let replaced = announced.pieces.iter().flat_map(|piece| match piece {
        Piece::Literal(text) => replace(text, &values),
        hole @ Piece::Hole(_) => vec![hole.clone()],
    });
    let full = Generalised { pattern: Pattern::new(replaced), learned: announced.learned };
    if full.is_sound(actual, known) {
        return full;
    }
    // for example, a value that crosses an escape of JSON; the plain text is always correct
    Generalised { pattern: Pattern::literal(actual), learned: Bindings::default() }
}

impl Generalised {
    /// Whether the pattern captures exactly the new holes, with every kind of comparison.
    fn is_sound(&self, actual: &str, known: &Bindings) -> bool {
        let mut expected = known.clone();
        expected.extend(self.learned.iter().map(|(name, value)| (name, value.clone())));
        [Comparison::Json, Comparison::Exact].into_iter().all(|comparison| {
            let mut bindings = known.clone();
            self.pattern.matches(actual, comparison, &mut bindings).is_ok() && bindings == expected
        })
    }
}

const OPEN: &[(&str, &str)] =
    &[("sid", "sid"), ("pingInterval", "interval"), ("pingTimeout", "timeout"), ("maxPayload", "max")];

const CONNECT: &[(&str, &str)] = &[("sid", "id"), ("pid", "pid")];

/// A payload in which the announced values are already holes.
struct Announced {
    pieces: Vec<Piece>,
    learned: Bindings,
}

fn announced(actual: &str, known: &Bindings) -> Announced {
    let mut announced = Announced { pieces: Vec::new(), learned: Bindings::default() };
    let mut rest = actual;
    for (key, span) in packet(actual) {
        let Some((before, behind)) = rest.split_once_at(span) else {
            continue;
        };
        let Some((name, value)) = name_for(key, span, known, &announced.learned) else {
            continue;
        };
        if known.value(name.as_str()).is_none() {
            announced.learned.bind(name.as_str(), value);
        }
        announced.pieces.push(Piece::Literal(before.to_owned()));
        announced.pieces.push(Piece::Hole(Hole { name: Some(name), kind: Kind::Any }));
        rest = behind;
    }
    announced.pieces.push(Piece::Literal(rest.to_owned()));
    announced
}

/// The values that a packet announces, in the order of the packet: the names of their holes, and the texts of the
/// values.
fn packet(actual: &str) -> Vec<(&'static str, &str)> {
    let Some((prefix, json)) = actual.find('{').and_then(|start| actual.split_at_checked(start)) else {
        return Vec::new();
    };
    let keys = match prefix {
        "0" => OPEN,
        "40" => CONNECT,
        prefix if prefix.starts_with("40/") && prefix.ends_with(',') => CONNECT,
        _ => return Vec::new(),
    };
    let Ok(Value::Object(object)) = serde_json::from_str(json) else {
        return Vec::new();
    };
    let found = members(json).into_iter().filter_map(|(key, span)| {
        let key: String = serde_json::from_str(key).ok()?;
        let (_, name) = keys.iter().find(|(known, _)| *known == key)?;
        // if a key occurs twice only the last value counts
        let value: Value = serde_json::from_str(span).ok()?;
        let is_meant = (value.is_string() || value.is_number()) && object.get(&key) == Some(&value);
        is_meant.then_some((*name, span))
    });
    found.collect()
}

/// The name of the hole for an announced value: that of a hole with this value, or else the first free one.
fn name_for(base: &str, span: &str, known: &Bindings, learned: &Bindings) -> Option<(HoleName, Value)> {
    let value: Value = serde_json::from_str(span).ok()?;
    let numbered = (2_u32..).map(|number| format!("{base}{number}"));
    let mut names = std::iter::once(base.to_owned()).chain(numbered);
    let name = names.find(|name| {
        let holder = known.value(name).or_else(|| learned.value(name));
        holder.is_none_or(|held| *held == value)
    });
    Some((HoleName::new(name?)?, value))
}

/// The members of a JSON object: key and value as they are written. The text must be an object.
fn members(object: &str) -> Vec<(&str, &str)> {
    let mut members = Vec::new();
    let mut scanner = Scanner::default();
    let (mut key, mut start) = (None, 0);
    for (index, c) in object.char_indices() {
        let end = scanner.boundary(c);
        let part = || object.get(start..index).unwrap_or_default().trim_matches([' ', '\t', '\r', '\n']);
        match end {
            Boundary::None => continue,
            Boundary::Start => {}
            Boundary::Key => key = Some(part()),
            Boundary::Value => members.extend(key.take().map(|key| (key, part()))),
        }
        start = index.saturating_add(c.len_utf8());
    }
    members
}

/// Finds the commas and colons of the outermost object.
#[derive(Default)]
struct Scanner {
    depth: usize,
    text: Text,
}

#[derive(Default, Clone, Copy)]
enum Text {
    #[default]
    Outside,
    Inside,
    Escape,
}

enum Boundary {
    None,
    /// The object begins.
    Start,
    /// A key ends here.
    Key,
    /// A value ends here.
    Value,
}

impl Scanner {
    fn boundary(&mut self, c: char) -> Boundary {
        match (self.text, c) {
            (Text::Outside, '"') | (Text::Escape, _) => self.text = Text::Inside,
            (Text::Inside, '"') => self.text = Text::Outside,
            (Text::Inside, '\\') => self.text = Text::Escape,
            (Text::Inside, _) => {}
            (Text::Outside, c) => return self.punctuation(c),
        }
        Boundary::None
    }

    const fn punctuation(&mut self, c: char) -> Boundary {
        let depth = self.depth;
        match c {
            '{' | '[' => self.depth = depth.saturating_add(1),
            '}' | ']' => self.depth = depth.saturating_sub(1),
            _ => {}
        }
        match (depth, c) {
            (0, '{') => Boundary::Start,
            (1, ':') => Boundary::Key,
            (1, ',' | '}') => Boundary::Value,
            _ => Boundary::None,
        }
    }
}

/// The known texts that are long enough, the longest first.
fn values(known: &Bindings) -> Vec<(&str, HoleName)> {
    const SHORTEST: usize = 8;
    let mut values: Vec<_> = known
        .iter()
        .filter_map(|(name, value)| Some((value.as_str()?, HoleName::new(name)?)))
        .filter(|(text, _)| text.chars().count() >= SHORTEST)
        .collect();
    values.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    values
}

/// Replaces each occurrence of one of the values by its hole; the values are sorted by priority.
fn replace(text: &str, values: &[(&str, HoleName)]) -> Vec<Piece> {
    let Some(((value, name), shorter)) = values.split_first() else {
        return vec![Piece::Literal(text.to_owned())];
    };
    let mut pieces = Vec::new();
    for (index, part) in text.split(value).enumerate() {
        if index > 0 {
            pieces.push(Piece::Hole(Hole { name: Some(name.clone()), kind: Kind::Any }));
        }
        pieces.extend(replace(part, shorter));
    }
    pieces
}

/// Splits a text before and after a part that is given by its position.
trait SplitAt {
    fn split_once_at(&self, span: &str) -> Option<(&str, &str)>;
}

impl SplitAt for str {
    fn split_once_at(&self, span: &str) -> Option<(&str, &str)> {
        let start = span.as_ptr().addr().checked_sub(self.as_ptr().addr())?;
        let (before, rest) = self.split_at_checked(start)?;
        Some((before, rest.get(span.len()..)?))
    }
}
