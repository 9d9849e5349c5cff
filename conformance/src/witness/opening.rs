//! The open packet.

use std::time::Duration;

use serde_json::{Map, Value};

use super::book::{Book, Lane, Place};
use crate::trace::{Revision, Side};

/// What the open packet says, as far as it can be used.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    pub(super) sid: Option<String>,
    pub(super) at: Duration,
    pub(super) interval: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_payload: Option<u64>,
    pub(super) upgrades: Option<Vec<String>>,
}

impl Opening {
    /// Judges an open packet.
    //= EIO4-HS-02
    //= EIO3-HS-02
    pub(super) fn hear(book: &mut Book, place: &Place, json: &str) -> Self {
        book.begins();
        let fields = match book.revision {
            Revision::Three => "EIO3-HS-02",
            Revision::Four => "EIO4-HS-02",
        };
        let Ok(keys) = serde_json::from_str::<Map<String, Value>>(json) else {
            book.violated(fields, place, "the open packet is no JSON object");
            return Self { at: place.at, ..Self::default() };
        };
        let faults = faults(book.revision, &keys);
        if faults.is_empty() {
            book.fulfilled(fields, Side::Server);
        }
        for fault in faults {
            book.violated(fields, place, fault);
        }
        sid(book, place, &keys);
        let upgrades = keys.get("upgrades").and_then(strings);
        if place.lane == Lane::Direct && book.revision == Revision::Four {
            //= EIO4-HS-05
            match &upgrades {
                Some(names) if !names.is_empty() => {
                    book.violated("EIO4-HS-05", place, "the open packet on a WebSocket offers upgrades");
                }
                Some(_) => book.fulfilled("EIO4-HS-05", Side::Server),
                None => {}
            }
        }
        let millis = |key| keys.get(key).and_then(Value::as_f64).and_then(duration);
        Self {
            sid: keys.get("sid").and_then(Value::as_str).map(str::to_owned),
            at: place.at,
            interval: millis("pingInterval"),
            timeout: millis("pingTimeout"),
            max_payload: keys.get("maxPayload").and_then(Value::as_u64),
            upgrades,
        }
    }
}

/// A key, what its value is in words, and whether a value is that.
type Check<'c> = (&'c str, &'c str, &'c dyn Fn(&Value) -> bool);

/// What is wrong with the keys, one sentence for each.
fn faults(revision: Revision, keys: &Map<String, Value>) -> Vec<String> {
    let is_number = |value: &Value| value.is_number();
    let checks: [Check<'_>; 5] = [
        ("sid", "a text", &Value::is_string),
        ("upgrades", "a list of texts", &|value| strings(value).is_some()),
        ("pingInterval", "a number", &is_number),
        ("pingTimeout", "a number", &is_number),
        ("maxPayload", "a number", &is_number),
    ];
    let is_due = |key: &str| revision == Revision::Four || key != "maxPayload";
    let fault = |(key, kind, fits): Check<'_>| match keys.get(key) {
        None => is_due(key).then(|| format!("the open packet has no {key}")),
        Some(value) => (!fits(value)).then(|| format!("{key} in the open packet is not {kind}")),
    };
    checks.into_iter().filter_map(fault).collect()
}

//= EIO4-HS-03: is a non-empty string
fn sid(book: &mut Book, place: &Place, keys: &Map<String, Value>) {
    if book.revision == Revision::Four {
        match keys.get("sid").and_then(Value::as_str) {
            Some("") => book.violated("EIO4-HS-03", place, "the sid in the open packet is empty"),
            Some(_) => book.fulfilled("EIO4-HS-03", Side::Server),
            None => {}
        }
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn duration(millis: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}
