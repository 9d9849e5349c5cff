//! Reports of earlier runs, which a command reads again.

use std::fs;
use std::path::Path;

use serde::Deserialize as _;
use serde_json::Value;

use super::Failure;
use crate::replay::visible;
use crate::report::results::{FORMAT, Results};

/// Reads a report.
pub(super) fn read(path: &Path) -> Result<Results, Failure> {
    let name = visible(&path.display().to_string());
    let bytes = fs::read(path).map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    results(&bytes).map_err(|fault| {
        Failure::usage(format!("{name} is no report of `siospec run --report json=FILE`: {}", visible(&fault)))
    })
}

fn results(bytes: &[u8]) -> Result<Results, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        let is_lines = bytes.starts_with(b"{\"event\"");
        if is_lines { "it is one of jsonl=FILE".to_owned() } else { format!("it is not JSON ({error})") }
    })?;
    match value.get("format").map(Value::as_u64) {
        None => Err("it has no key \"format\"".to_owned()),
        Some(Some(format)) if format == u64::from(FORMAT) => {
            Results::deserialize(value).map_err(|error| error.to_string())
        }
        Some(Some(format)) if format > u64::from(FORMAT) => {
            Err(format!("its format is {format}, and this siospec reads {FORMAT}; use a newer siospec"))
        }
        Some(_) => Err(format!("its key \"format\" is not {FORMAT}")),
    }
}
