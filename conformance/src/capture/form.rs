//! Tells the form of a recording by its content, and reads it.

use std::fmt;

use super::har::{HarError, har};
use super::pcap::{PcapError, Wire, is_pcap, pcap};
use super::recording::Recording;
use super::sighting::Clock;
use super::text;

/// The largest file that is read: 256 MiB.
pub const LARGEST: u64 = 256 << 20;

/// Why a file is not read as a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotRead {
    /// It is JSON, and not a HAR file with something of Engine.IO.
    Har(HarError),
    /// It has packets, and nothing of Engine.IO.
    Pcap(PcapError),
    /// It has one of the forms of text, and nothing of Engine.IO: what it is, and what it lacks.
    Nothing(&'static str, String),
    /// It has none of the forms that are known.
    Unknown,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Har(error) => error.fmt(f),
            Self::Pcap(error) => error.fmt(f),
            Self::Nothing(form, lack) => write!(f, "it is {form}, and {lack}"),
            Self::Unknown => f.write_str(
                "it has none of the known forms: HAR, pcap and pcapng, events of the DevTools protocol, rows of a browser's network panel, the output of \
                 curl -v and of wscat, debug logs of socket.io and of python-socketio, and traces",
            ),
        }
    }
}

impl std::error::Error for NotRead {}

/// Reads a recording, whose form its content tells.
///
/// # Errors
///
/// [`NotRead`] if it has none of the known forms, or nothing of Engine.IO.
///
/// ```
/// use siospec::capture::{read, What};
///
/// let rows = "↑2probe\t6\t11:29:22.553\n↓3probe\t6\t11:29:22.582\n";
/// let recording = read(rows.as_bytes())?;
/// assert_eq!(recording.form, "rows of a browser's network panel");
/// assert!(matches!(&recording.sightings[2].what, What::Text(_, text) if text == "3probe"));
/// # Ok::<(), siospec::capture::NotRead>(())
/// ```
pub fn read(file: &[u8]) -> Result<Recording, NotRead> {
    if is_pcap(file) {
        let Wire { sightings, lacks } = pcap(file).map_err(NotRead::Pcap)?;
        return Ok(Recording { form: "a recording of packets", sightings, lacks, ..Recording::default() });
    }
    let text = text::decode(file);
    // Lines of a HAR file can look like events of the DevTools protocol, which are objects as well.
    let archive = text.trim_start().starts_with('{').then(|| har(text.trim_start().as_bytes()));
    if let Some(Ok(sightings)) = archive {
        return Ok(Recording { form: "a HAR file", sightings, clock: Clock::default(), ..Recording::default() });
    }
    if let Some(recording) = text::read(&text) {
        if recording.sightings.is_empty() && recording.facts.is_empty() {
            let lacks: Vec<_> = recording.lacks.iter().map(super::Lack::words).collect();
            let lack = if lacks.is_empty() { "it has nothing of Engine.IO".to_owned() } else { lacks.join("; ") };
            return Err(NotRead::Nothing(recording.form, lack));
        }
        return Ok(recording);
    }
    Err(archive.and_then(Result::err).map_or(NotRead::Unknown, NotRead::Har))
}
