//! Writes recorded traces to files.

use std::io;
use std::path::{Path, PathBuf};

use super::Finished;

/// Writes recorded traces back to the files of a folder; returns the files that changed.
///
/// # Errors
///
/// The path that cannot be written, and why.
pub fn save(
    recorded: Vec<Finished>,
    folder: &Path,
    source: Option<&str>,
) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut changed = Vec::new();
    for Finished { case, recording, .. } in recorded {
        let Some(recording) = recording else { continue };
        let text = recording.finish(source).to_string();
        let path = folder.join(format!("{}.trace", case.id));
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(|error| (path.clone(), error))?;
        changed.push(path);
    }
    Ok(changed)
}
