//! The values of holes.

use serde_json::{Map, Value, json};

use crate::trace::{Bindings, Content, Data, Expr, Hole, Kind, Need, Pattern, Piece, Trace};

/// The defaults of the reference.
const INTERVAL: u64 = 25_000;
const TIMEOUT: u64 = 20_000;
const MAX_PAYLOAD: u64 = 1_000_000;

/// The keys of an open packet.
const OPEN: [&str; 5] = ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"];

/// What stands in place of a text of which nothing is known.
const ANY: &str = "any";

/// A line that leaves open what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open;

/// Chooses a value for each hole, which it keeps.
#[derive(Debug)]
pub(super) struct Examples {
    bindings: Bindings,
    max_payload: u64,
    /// The number of integers that were made up.
    drawn: u64,
}

impl Examples {
    pub(super) fn new(trace: &Trace) -> Self {
        let largest = trace.header.needs.iter().filter_map(|need| match need {
            Need::Payload(bytes) => Some(*bytes),
            _ => None,
        });
        let max_payload = largest.fold(MAX_PAYLOAD, u64::max);
        Self { bindings: Bindings::default(), max_payload, drawn: 0 }
    }

    /// `$i`, the number of the repetition.
    pub(super) fn count(&mut self, counter: u32) {
        self.bindings.bind("i", counter);
    }

    /// The payload of a line. `upgrades` is what an open packet offers.
    pub(super) fn text(&mut self, content: &Content, upgrades: &[&str]) -> Result<String, Open> {
        let pattern = self.filled(&content.pattern, upgrades)?;
        Content { pattern, ..content.clone() }.render(&self.bindings).map_err(|_| Open)
    }

    /// The open packet with the keys that its line leaves out, which may have any value.
    pub(super) fn completed(&self, open: String, upgrades: &[&str]) -> String {
        let keys = open.strip_prefix('0').and_then(|json| serde_json::from_str::<Map<String, Value>>(json).ok());
        let (Some(keys), Some(begun)) = (keys, open.trim_end().strip_suffix('}')) else { return open };
        let mut all = begun.to_owned();
        let missing = OPEN.into_iter().filter(|key| !keys.contains_key(*key));
        for (at, key) in missing.enumerate() {
            let value = self.value(key, upgrades).unwrap_or_else(|| key.into());
            let comma = if at == 0 && keys.is_empty() { "" } else { "," };
            all.push_str(&format!("{comma}\"{key}\":{value}"));
        }
        all + "}"
    }

    /// The query of a request.
    pub(super) fn query(&mut self, pattern: &Pattern) -> Result<String, Open> {
        self.filled(pattern, &[])?.render_query(&self.bindings).map_err(|_| Open)
    }

    pub(super) fn data(&self, data: &Data) -> Result<Vec<u8>, Open> {
        data.render(&self.bindings).map_err(|_| Open)
    }

    /// The value of an expression, at least 0.
    pub(super) fn number(&self, expr: &Expr) -> Option<u64> {
        let value = expr.eval(&self.bindings).ok()?;
        Some(u64::try_from(value).unwrap_or_default())
    }

    /// The pattern with a text for each `$_`; all other holes have a value afterwards.
    fn filled(&mut self, pattern: &Pattern, upgrades: &[&str]) -> Result<Pattern, Open> {
        let mut before = String::new();
        let mut pieces = Vec::new();
        for piece in pattern.pieces() {
            match piece {
                Piece::Literal(text) => before.push_str(text),
                Piece::Hole(Hole { name: None, .. }) => {
                    let any = self.anything(&before, upgrades)?;
                    before.push_str(&any);
                    pieces.push(Piece::Literal(any));
                    continue;
                }
                Piece::Hole(hole) => {
                    let value = self.bound(hole, &before, upgrades);
                    before.push_str(&value.to_string());
                }
            }
            pieces.push(piece.clone());
        }
        Ok(Pattern::new(pieces))
    }

    /// The value of a hole with a name.
    fn bound(&mut self, hole: &Hole, before: &str, upgrades: &[&str]) -> Value {
        let name = hole.name.as_ref().map_or(ANY, |name| name.as_str());
        if let Some(value) = self.bindings.value(name) {
            return value.clone();
        }
        let value = self.key(before, upgrades).unwrap_or_else(|| {
            match hole.kind {
                // A whole packet without data: a noop.
                Kind::Integer if before.is_empty() => Value::from(6),
                _ if hole.kind == Kind::Integer || is_head(before) => self.draw(),
                _ => Value::from(name),
            }
        });
        self.bindings.bind(name, value.clone());
        value
    }

    fn draw(&mut self) -> Value {
        let drawn = self.drawn;
        self.drawn = drawn.saturating_add(1);
        Value::from(drawn)
    }

    /// A text for `$_`, where the text before it decides what may stand there.
    fn anything(&self, before: &str, upgrades: &[&str]) -> Result<String, Open> {
        if let Some(value) = self.key(before, upgrades) {
            return Ok(value.to_string());
        }
        if before.starts_with("44") && is_head(before) {
            return Ok(json!({ "message": "refused" }).to_string());
        }
        match before.chars().last() {
            // A whole value of JSON.
            Some(':' | ',' | '[') if before.contains(['{', '[']) => Ok(format!("\"{ANY}\"")),
            _ => Err(Open),
        }
    }

    /// The value of a key of the open packet, if that is what the text before ends with.
    fn key(&self, before: &str, upgrades: &[&str]) -> Option<Value> {
        if !before.starts_with("0{") {
            return None;
        }
        let (_, key) = before.strip_suffix("\":")?.rsplit_once('"')?;
        self.value(key, upgrades)
    }

    fn value(&self, key: &str, upgrades: &[&str]) -> Option<Value> {
        match key {
            "upgrades" => Some(json!(upgrades)),
            "pingInterval" => Some(INTERVAL.into()),
            "pingTimeout" => Some(TIMEOUT.into()),
            "maxPayload" => Some(self.max_payload.into()),
            _ => None,
        }
    }
}

/// Whether this is the head of a packet of Socket.IO, behind which an id or the data stands.
fn is_head(before: &str) -> bool {
    let head = before.strip_prefix('4').and_then(|rest| rest.strip_prefix(['2', '3', '4', '5', '6']));
    let head = head.map(|rest| rest.split_once('-').map_or(rest, |(_, rest)| rest));
    head.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && rest.find(',') == Some(rest.len() - 1)))
}
