//! Recordings that a command reads.

use std::io::{self, Read as _};
use std::{fs, path::Path};

use crate::capture::{self, LARGEST, Recording};
use crate::replay::visible;

/// Reads a recording, which is to be `done`; otherwise a sentence about why it cannot be.
pub(super) fn read(file: &Path, done: &str) -> Result<Recording, String> {
    let name = visible(&file.display().to_string());
    let bytes = contents(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    capture::read(&bytes).map_err(|why| format!("{name} cannot be {done}: {why}"))
}

/// The content of a file that is not too large.
pub(super) fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(file)?.take(LARGEST.saturating_add(1));
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 256 MiB; cut out the part that matters"));
    }
    Ok(bytes)
}
