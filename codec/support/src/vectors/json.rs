//! Vectors as plain JSON.

use bytes::Bytes;
use serde_json::Value;

use super::{read, unhex};

/// The vectors of one file.
///
/// # Panics
///
/// Panics if there is no such file, or if its number of vectors is not the stated one.
#[must_use]
pub fn load(suite: &str) -> Vec<Value> {
    let suite: Value = serde_json::from_str(&read(suite)).unwrap();
    let vectors = list(&suite["vectors"]);
    assert_eq!(suite["count"], vectors.len());
    vectors.to_owned()
}

/// The text under a key.
///
/// # Panics
///
/// Panics if there is none.
#[must_use]
pub fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of[key].as_str().unwrap_or_else(|| panic!("{key} of {of} is no text"))
}

/// The values of a list.
///
/// # Panics
///
/// Panics if the value is not a list.
#[must_use]
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

/// The bytes of `{"text": ..}`, `{"hex": ..}` or `{"repeat": [START, UNIT, TIMES]}`.
///
/// # Panics
///
/// Panics if the value is none of these.
#[must_use]
pub fn bytes(value: &Value) -> Bytes {
    if let Some(hex) = value["hex"].as_str() {
        return unhex(hex);
    }
    if let Some([start, unit, times]) = value["repeat"].as_array().map(Vec::as_slice) {
        let parts = start.as_str().zip(unit.as_str()).zip(times.as_u64());
        let ((start, unit), times) = parts.unwrap_or_else(|| panic!("{value} repeats no text"));
        return [start, &unit.repeat(times as usize)].concat().into();
    }
    Bytes::copy_from_slice(text(value, "text").as_bytes())
}
