//! The files that the sessions are written to.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use time::OffsetDateTime;

use super::{Failure, out};
use crate::capture::{Conversation, Labels, archive, draft};
use crate::live::{End, Keep, Why};

/// What stands behind the last entry.
const END: &[u8] = b"\n]}}\n";

/// The files that the sessions are written to.
#[derive(Debug)]
pub(super) struct Files {
    har: Option<Har>,
    traces: Option<Traces>,
    /// The server's URL without a path.
    base: String,
    began: OffsetDateTime,
    /// Whether all was written so far.
    health: Result<(), ()>,
}

/// A HAR file that is whole after every session.
#[derive(Debug)]
struct Har {
    path: PathBuf,
    file: File,
    /// Where the next entry begins.
    next: u64,
    entries: u64,
}

/// The traces, each in a file that was not there before.
#[derive(Debug)]
struct Traces {
    path: PathBuf,
    next: u32,
}

impl Files {
    /// Opens the HAR file, so that one that cannot be written is noticed before there is anything to lose.
    pub(super) fn open(
        har: Option<&Path>,
        trace: Option<PathBuf>,
        base: String,
        began: OffsetDateTime,
    ) -> Result<Self, Failure> {
        let har = har.map(|path| Har::create(path).map_err(|error| Failure::usage(unwritable(path, &error))));
        let har = har.transpose()?;
        if let Some(folder) = trace.as_deref().and_then(Path::parent).filter(|folder| *folder != Path::new("")) {
            std::fs::create_dir_all(folder).map_err(|error| Failure::usage(unwritable(folder, &error)))?;
        }
        Ok(Self { har, traces: trace.map(|path| Traces { path, next: 1 }), base, began, health: Ok(()) })
    }

    /// Whether the sessions have to be recorded.
    pub(super) const fn keep(&self) -> Keep {
        if self.har.is_some() || self.traces.is_some() { Keep::Recordings } else { Keep::Nothing }
    }

    /// Writes a session that is over. Returns what to say of it.
    pub(super) fn keep_session(&mut self, end: &End) -> Vec<String> {
        let Some(conversation) = &end.conversation else { return Vec::new() };
        if let Some(mut har) = self.har.take() {
            match har.add(conversation, &self.base, self.began) {
                Ok(()) => self.har = Some(har),
                // It is told once.
                Err(error) => self.fault(&har.path, &error),
            }
        }
        let Some(traces) = &mut self.traces else { return Vec::new() };
        if !end.has_session {
            return Vec::new();
        }
        if !end.has_beginning || end.why == Why::Room {
            return vec!["  no case is made of it, because not all of it was seen".to_owned()];
        }
        match traces.add(conversation) {
            Ok(line) => vec![line],
            Err(Fault::Draft(why)) => vec![format!("  no case is made of it: {why}")],
            Err(Fault::Write(path, error)) => {
                self.fault(&path, &error);
                Vec::new()
            }
        }
    }

    pub(super) fn finish(self) -> Result<(), ()> {
        self.health
    }

    fn fault(&mut self, path: &Path, error: &io::Error) {
        self.health = Err(());
        out::complain(&unwritable(path, error));
    }
}

impl Har {
    fn create(path: &Path) -> io::Result<Self> {
        let mut file = File::create(path)?;
        let creator = json!({ "name": "siospec", "version": env!("CARGO_PKG_VERSION") });
        let head = format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":[");
        file.write_all(head.as_bytes())?;
        let next = file.stream_position()?;
        file.write_all(END)?;
        Ok(Self { path: path.to_owned(), file, next, entries: 0 })
    }

    fn add(&mut self, conversation: &Conversation, base: &str, began: OffsetDateTime) -> io::Result<()> {
        let mut text = Vec::new();
        for entry in archive(conversation, base, began) {
            text.extend_from_slice(if self.entries == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut text, &entry)?;
            self.entries = self.entries.saturating_add(1);
        }
        let next = self.next.saturating_add(text.len() as u64);
        text.extend_from_slice(END);
        self.file.seek(SeekFrom::Start(self.next))?;
        self.file.write_all(&text)?;
        self.next = next;
        Ok(())
    }
}

/// Why there is no trace of a session.
enum Fault {
    Draft(String),
    Write(PathBuf, io::Error),
}

impl Traces {
    fn add(&mut self, conversation: &Conversation) -> Result<String, Fault> {
        let trace = draft(conversation, &Labels::default()).map_err(|error| Fault::Draft(error.to_string()))?;
        loop {
            let path = numbered(&self.path, self.next);
            self.next = self.next.saturating_add(1);
            match File::create_new(&path) {
                Ok(mut file) => {
                    file.write_all(trace.to_string().as_bytes()).map_err(|error| Fault::Write(path.clone(), error))?;
                    return Ok(format!("  wrote {}: {} lines", path.display(), trace.steps().count()));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.next < u32::MAX => {}
                Err(error) => return Err(Fault::Write(path, error)),
            }
        }
    }
}

/// The file itself, and from 2 on with the number before its ending.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{number}{ending}"))
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be written: {error}", path.display())
}
