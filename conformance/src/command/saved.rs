//! Reports of earlier runs, which a command reads again.

use std::fs;
use std::path::Path;

use serde::Deserialize as _;
use serde_json::Value;

use super::Failure;
use crate::replay::visible;
use crate::report::formats::jsonl;
use crate::report::results::{FORMAT, Results};

/// Reads a report.
pub(super) fn read(path: &Path) -> Result<Results, Failure> {
    results(&bytes(path)?).map_err(|fault| foreign(path, "json=FILE", &fault))
}

/// Reads a report of `json=FILE` or `jsonl=FILE`.
pub(super) fn read_either(path: &Path) -> Result<Results, Failure> {
    let bytes = bytes(path)?;
    let read = if is_lines(&bytes) { jsonl::read(&String::from_utf8_lossy(&bytes)) } else { results(&bytes) };
    read.map_err(|fault| foreign(path, "json=FILE or jsonl=FILE", &fault))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", visible(&path.display().to_string()))))
}

fn foreign(path: &Path, kinds: &str, fault: &str) -> Failure {
    let name = visible(&path.display().to_string());
    Failure::usage(format!("{name} is no report of `siospec run --report {kinds}`: {}", visible(fault)))
}

fn is_lines(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\"event\"")
}

fn results(bytes: &[u8]) -> Result<Results, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        if is_lines(bytes) { "it is one of jsonl=FILE".to_owned() } else { format!("it is not JSON ({error})") }
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
