//! Any bytes as a recording, whose form they tell: no panic. What was seen goes through everything that `siospec inspect`
//! does with it.

use siospec::capture::{Labels, Log, draft, read};
use siospec::witness::judge;

use super::trace_file;

/// The input is a file.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Ok(recording) = read(data) else { return };
    let mut log = Log::with_clock(recording.clock);
    let seen = recording.sightings.len();
    for sighting in recording.sightings {
        log.see(sighting);
    }
    let mut told = log.strays().count();
    for conversation in log.conversations() {
        told += conversation.sightings.len();
        let _ = judge(&conversation);
        if let Ok(trace) = draft(&conversation, &Labels::default()) {
            trace_file::returns(&trace);
        }
    }
    assert!(log.is_full() || told == seen, "{told} of {seen} sightings are in a session or are strays");
}
