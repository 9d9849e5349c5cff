//! Chooses what the server says where a trace leaves it open: the values of holes that only a server would fill.

use serde_json::{Value, json};

use super::reason::Reason;
use crate::contract::Kind;
use crate::trace::{self, Bindings, Content, Hole, Pattern, Piece};

const MAX: u32 = 1_000_000;

/// The heartbeat that the server announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::party) enum Pace {
    /// The default of the reference. Traces that do not mention heartbeats are too short for one.
    Default,
    /// For traces that wait for a heartbeat, on a real clock.
    Short,
}

impl Pace {
    const fn interval(self) -> u32 {
        match self {
            Self::Default => 25_000,
            Self::Short => 500,
        }
    }

    const fn timeout(self) -> u32 {
        match self {
            Self::Default => 20_000,
            Self::Short => 500,
        }
    }
}

/// Fills the holes in the server's lines.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) kind: Kind,
    /// The transports that a polling session may be upgraded to.
    pub(super) upgrades: Value,
    /// The number of integers that were made up.
    pub(super) drawn: u32,
    pub(super) pace: Pace,
}

impl Answers {
    /// The text of a line with all holes filled. A named hole keeps its value.
    pub(super) fn fill(&mut self, content: &Content, bindings: &mut Bindings) -> Result<String, Reason> {
        let mut before = String::new();
        let mut pieces = Vec::new();
        for piece in content.pattern.pieces() {
            match piece {
                Piece::Literal(text) => before.push_str(text),
                Piece::Hole(hole) => self.fill_hole(hole, &before, &mut pieces, bindings)?,
            }
            if !matches!(piece, Piece::Hole(Hole { name: None, .. })) {
                pieces.push(piece.clone());
            }
        }
        let pattern = Pattern::new(pieces);
        Ok(Content { pattern, ..content.clone() }.render(bindings)?)
    }

    fn fill_hole(
        &mut self,
        hole: &Hole,
        before: &str,
        pieces: &mut Vec<Piece>,
        bindings: &mut Bindings,
    ) -> Result<(), Reason> {
        match &hole.name {
            Some(name) if bindings.value(name.as_str()).is_some() => {}
            Some(name) => {
                let value = self.value(before).unwrap_or_else(|| self.made_up(hole, before));
                bindings.bind(name.as_str(), value);
            }
            None => pieces.push(Piece::Literal(self.anything(before)?)),
        }
        Ok(())
    }

    /// The value of a key of the open packet, or of a refusal.
    fn value(&self, before: &str) -> Option<Value> {
        if before.starts_with("44/") && before.ends_with(',') {
            return Some(json!({ "message": "refused" }));
        }
        if !before.starts_with("0{") {
            return None;
        }
        let (_, key) = before.strip_suffix("\":")?.rsplit_once('"')?;
        match key {
            "upgrades" => Some(self.upgrades.clone()),
            "pingInterval" => Some(self.pace.interval().into()),
            "pingTimeout" => Some(self.pace.timeout().into()),
            "maxPayload" => Some(MAX.into()),
            _ => None,
        }
    }

    /// A value that is not used yet.
    fn made_up(&mut self, hole: &Hole, before: &str) -> Value {
        let name = hole.name.as_ref().map_or("any", trace::HoleName::as_str);
        match hole.kind {
            // A complete packet without meaning: a noop.
            trace::Kind::Integer if before.is_empty() => Value::from(6),
            trace::Kind::Integer => {
                self.drawn += 1;
                Value::from(self.drawn)
            }
            trace::Kind::Any => Value::from(format!("{name}-of-the-server")),
        }
    }

    /// A text that may stand in place of `$_`.
    fn anything(&self, before: &str) -> Result<String, Reason> {
        if let Some(value) = self.value(before) {
            return Ok(value.to_string());
        }
        let text = match (before, self.kind) {
            ("", _) => "ok",
            ("4", Kind::Engine) => "any",
            ("4", Kind::Socket) => r#"2["any"]"#,
            ("42", _) => r#"["any"]"#,
            _ => return Err(Reason::new("leaves open what the server says")),
        };
        Ok(text.to_owned())
    }
}
