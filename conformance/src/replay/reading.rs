//! Compares a payload that arrived with its pattern in the trace.

use super::outcome::Offsets;
use crate::trace::{Bindings, Comparison, Content, Mismatch};

/// How payloads are compared with their patterns.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) bindings: &'a mut Bindings,
    pub(super) strictness: Strictness,
    pub(super) offsets: Offsets,
}

/// How strictly: whether the payload is the subject of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    Subject,
    Setup,
}

impl Reading<'_> {
    /// Compares a packet or a text message.
    pub(super) fn compare(&mut self, content: &Content, actual: &str) -> Result<(), Mismatch> {
        let result = match self.strictness {
            Strictness::Setup => content.matches_loosely(actual, self.bindings),
            Strictness::Subject => content.matches(actual, self.bindings),
        };
        if result.is_ok() {
            return result;
        }
        let bare = match packet_type(actual) {
            // These would be re-serialised, so the server's exact text would be lost.
            "40" | "44" if content.comparison == Comparison::Exact => None,
            "40" => with_sid_alone(actual),
            "44" => without_data(actual),
            "42" | "45" if self.offsets == Offsets::Added => without_offset(actual),
            _ => None,
        };
        match bare {
            Some(bare) => content.matches(&bare, self.bindings).or(result),
            None => result,
        }
    }
}

fn packet_type(packet: &str) -> &str {
    packet.get(..2).unwrap_or_default()
}

/// The answer to a CONNECT reduced to its `sid`, which is all that a client needs. A server may add a recovery id
/// (`pid`) and other keys.
//= SIO5-CON-02
//= SIO5-CSR-01
fn with_sid_alone(packet: &str) -> Option<String> {
    with_payload(packet, |payload| payload.retain(|key, _| key == "sid"))
}

/// The refusal of a CONNECT without the `data` of the application.
//= SIO5-CON-04
fn without_data(packet: &str) -> Option<String> {
    with_payload(packet, |payload| drop(payload.remove("data")))
}

fn with_payload(packet: &str, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> Option<String> {
    let (head, payload) = packet.split_at_checked(packet.find('{')?)?;
    let mut payload = serde_json::from_str(payload).ok()?;
    change(&mut payload);
    Some(format!("{head}{}", serde_json::Value::Object(payload)))
}

/// An event without its last argument, if that is a string. The offsets of the reference are short strings without
/// escapes.
//= SIO5-CSR-02
fn without_offset(packet: &str) -> Option<String> {
    let (head, offset) = packet.strip_suffix("\"]")?.rsplit_once(",\"")?;
    let is_plain = !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
    is_plain.then(|| format!("{head}]"))
}
