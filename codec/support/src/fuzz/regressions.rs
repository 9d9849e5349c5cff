//! Inputs that once broke a law, because the code or the law was wrong. They are the files
//! `fuzz/regressions/TARGET/NAME`; each name says what the input showed.

use std::path::{Path, PathBuf};

use super::Target;

/// The folder that has a folder for each target.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions")
}

/// One kept input.
#[derive(Clone, Debug)]
pub struct Regression {
    /// The target whose law it broke.
    pub target: Target,
    /// The name of the file: what it showed.
    pub name: String,
    /// The input.
    pub input: Vec<u8>,
}

/// All kept inputs, in the order of their names.
///
/// # Panics
///
/// Panics if a file cannot be read, or if no target has the name of a folder.
#[must_use]
pub fn all() -> Vec<Regression> {
    let mut all = Vec::new();
    for (folder, path) in entries(&folder()) {
        let target = Target::named(&folder).unwrap_or_else(|| panic!("{}: no target has this name", path.display()));
        for (name, path) in entries(&path) {
            let input = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            all.push(Regression { target, name, input });
        }
    }
    all
}

/// The names and paths in a folder, in the order of the names.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<_> = read
        .map(|entry| entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    entries.sort();
    entries
}
