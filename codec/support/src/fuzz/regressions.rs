//! Inputs that once broke a law, because the code or the law was wrong. They are the files
//! `fuzz/regressions/TARGET/NAME`; each name says what the input showed.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder that has a folder for each target that broke once.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions")
}

/// The kept inputs of a target and their names, in the order of the names.
pub(super) fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(read) = fs::read_dir(folder().join(target)) else { return Vec::new() };
    let mut all: Vec<_> = read
        .map(|entry| {
            let entry = entry.unwrap_or_else(|error| panic!("{target}: {error}"));
            let input = fs::read(entry.path()).unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
            (entry.file_name().to_string_lossy().into_owned(), input)
        })
        .collect();
    all.sort();
    all
}
