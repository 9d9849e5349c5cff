//! The list of cases.

use serde_json::{Value, json};

use crate::cases::Case;
use crate::party::client;

/// The cases that a client can play, as a JSON array.
pub(super) fn json(cases: &[Case]) -> String {
    let cases = cases.iter().filter_map(|case| {
        let calls: Vec<Value> =
            client::calls(&case.trace)?.iter().filter_map(|call| serde_json::from_str(call).ok()).collect();
        let header = &case.trace.header;
        Some(json!({
            "id": case.id,
            "title": header.title.as_str(),
            "level": header.level.as_str(),
            "calls": calls,
        }))
    });
    Value::Array(cases.collect()).to_string()
}
