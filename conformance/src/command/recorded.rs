//! Recordings that a command reads.

use std::io::{self, Read};
use std::{fs, path::Path};

use crate::capture::{self, Clock, LARGEST, Recording};
use crate::replay::visible;

/// Reads a recording, which is to be `done`; otherwise a sentence about why it cannot be.
pub(super) fn read(file: &Path, done: &str) -> Result<Recording, String> {
    let name = visible(&file.display().to_string());
    let bytes = contents(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    capture::read(&bytes).map_err(|why| format!("{name} cannot be {done}: {why}"))
}

/// The content of a file that is not too large.
pub(super) fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(file)?;
    // The length of what is no file, such as a pipe, is only known at its end.
    if file.metadata()?.len() > LARGEST {
        return Err(too_large(LARGEST));
    }
    bounded(file, LARGEST)
}

/// What is to be known about all of a recording: what it lacks, and the facts that belong to no packet.
pub(super) struct Remarks {
    lacks: Vec<String>,
    facts: Vec<String>,
}

impl Remarks {
    pub(super) fn of(recording: &Recording) -> Self {
        let lacks = recording.lacks.iter().map(|lack| format!("not in the recording: {}", visible(lack.words())));
        let has_times = recording.clock != Clock::Absent || recording.sightings.is_empty();
        let times = "not in the recording: the times, so that nothing is said about heartbeats and delays".to_owned();
        let facts = recording.facts.iter().map(|fact| visible(&fact.to_string()));
        Self { lacks: lacks.chain((!has_times).then_some(times)).collect(), facts: facts.collect() }
    }

    /// The lines that stand before the sessions.
    pub(super) fn words(&self) -> String {
        let lacks: String = self.lacks.iter().map(|lack| format!("{lack}\n")).collect();
        let facts: String = self.facts.iter().map(|fact| format!("  {fact}\n")).collect();
        if facts.is_empty() { format!("{lacks}\n") } else { format!("{lacks}\n{facts}\n") }
    }

    pub(super) fn into_all(self) -> Vec<String> {
        [self.lacks, self.facts].concat()
    }
}

fn bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> io::Error {
    io::Error::other(format!("it is larger than {} MiB; cut out the part that matters", most >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_a_known_length_is_read_up_to_the_bound() {
        const MIB: u64 = 1 << 20;
        let read = |length| bounded(io::repeat(0).take(length), MIB);
        assert_eq!(read(MIB).unwrap().len() as u64, MIB);
        let error = read(MIB + 1).unwrap_err().to_string();
        assert_eq!(error, "it is larger than 1 MiB; cut out the part that matters");
        // It does not end.
        assert!(bounded(io::repeat(0), MIB).is_err());
    }
}
