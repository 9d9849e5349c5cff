//! `siospec inspect`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use sio_codec::socketio::Parser;

use super::{Failure, out};
use crate::capture::{Conversation, Lack, Log, Sighting, What, Wire, har, is_pcap, pcap};
use crate::explain;
use crate::replay::visible;
use crate::requirements::catalogue;
use crate::trace::Side;
use crate::witness::{Testimony, Violation, judge};

/// What follows the list of options.
const CODES: &str = "\
Exit codes: 0 nothing in the recordings breaks a requirement; 1 something does; 2 a file cannot be read as a recording.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Inspect {
    /// HAR files of browsers, mitmproxy and Playwright; pcap and pcapng files of HTTP without TLS
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave out the timelines, and print the judgements only
    #[arg(long)]
    no_timeline: bool,
}

/// Whether a recording shows that a requirement was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Clean,
    Broken,
}

impl Inspect {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let (mut page, mut judged, mut unreadable) = (String::new(), Judged::Clean, None);
        for file in &self.files {
            match self.inspect(&mut page, file) {
                Ok(Judged::Clean) => {}
                Ok(Judged::Broken) => judged = Judged::Broken,
                Err(sentence) => {
                    // The others are judged all the same.
                    unreadable.iter().for_each(|before: &String| out::complain(before));
                    unreadable = Some(sentence);
                }
            }
        }
        // The exit code reports the verdict, even if standard output is closed.
        let _ = out::write(&page);
        match (unreadable, judged) {
            (Some(sentence), _) => Err(Failure::usage(sentence)),
            (None, Judged::Broken) => Ok(ExitCode::FAILURE),
            (None, Judged::Clean) => Ok(ExitCode::SUCCESS),
        }
    }

    /// Judges one file.
    fn inspect(&self, page: &mut String, file: &Path) -> Result<Judged, String> {
        let name = visible(&file.display().to_string());
        let bytes = fs::read(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
        let (form, Wire { sightings, lacks }) =
            read(&bytes).map_err(|why| format!("{name} cannot be judged: {why}"))?;
        let mut log = Log::default();
        sightings.into_iter().for_each(|sighting| log.see(sighting));
        line(page, &format!("{name}: {form}, {} of Engine.IO", plural(log.conversations().len(), "session")));
        for lack in &lacks {
            let (Lack::End(words) | Lack::Part(words)) = lack;
            line(page, &format!("not in the recording: {}", visible(words)));
        }
        line(page, "");
        let mut judged = Judged::Clean;
        for conversation in log.conversations() {
            let testimony = judge(&with_holes(&conversation, &lacks));
            if self.no_timeline {
                line(page, &format!("session {}", visible(&conversation.sid)));
            } else {
                let parser = testimony.parser.unwrap_or(Parser::Json);
                page.push_str(&explain::session(parser, &conversation).into_words());
            }
            judgement(page, &testimony);
            line(page, "");
            if !testimony.violations.is_empty() {
                judged = Judged::Broken;
            }
        }
        let strays: Vec<_> = log.strays().cloned().collect();
        let of_strays = judge(&Conversation { sid: String::new(), sightings: strays }).violations;
        // Where no session began, only that can be judged.
        for violation in of_strays.iter().filter(|violation| violation.requirement.contains("-HS-")) {
            broken(page, violation);
            judged = Judged::Broken;
        }
        if !self.no_timeline || log.conversations().is_empty() {
            page.push_str(&explain::rest(Parser::Json, &log).into_words());
            line(page, "");
        } else if !log.has_websocket() {
            line(page, "the recording has no WebSocket; some tools leave them out");
        }
        Ok(judged)
    }
}

/// What a file shows, and what kind of file it is.
fn read(bytes: &[u8]) -> Result<(&'static str, Wire), String> {
    if is_pcap(bytes) {
        return pcap(bytes).map(|wire| ("a recording of packets", wire)).map_err(|error| error.to_string());
    }
    let sightings = har(bytes).map_err(|error| error.to_string())?;
    Ok(("a HAR file", Wire { sightings, lacks: Vec::new() }))
}

/// The session, which any part that was not recorded may belong to.
fn with_holes(conversation: &Conversation, lacks: &[Lack]) -> Conversation {
    let mut conversation = conversation.clone();
    let parts: Vec<_> = lacks.iter().filter(|lack| matches!(lack, Lack::Part(_))).collect();
    if let (Some(first), false) = (conversation.sightings.first(), parts.is_empty()) {
        let why = "parts of connections, which may belong to this session";
        let hole = |side| Sighting { what: What::Unreadable(side, why.to_owned()), ..first.clone() };
        let holes = [hole(Side::Client), hole(Side::Server)];
        conversation.sightings.splice(0..0, holes);
    }
    conversation
}

/// Writes what is said of one session.
fn judgement(page: &mut String, testimony: &Testimony) {
    for violation in &testimony.violations {
        broken(page, violation);
    }
    if testimony.violations.is_empty() {
        line(page, "  nothing that was recorded breaks a requirement");
    }
    for side in [Side::Server, Side::Client] {
        let of_side = testimony.fulfilled.iter().filter(|fulfilled| fulfilled.side == side);
        let counted = of_side.map(|fulfilled| match fulfilled.times {
            1 => fulfilled.requirement.to_owned(),
            times => format!("{} ({times} times)", fulfilled.requirement),
        });
        let all: Vec<_> = counted.collect();
        if !all.is_empty() {
            line(page, &format!("  fulfilled by {}: {}", who(side), all.join(", ")));
        }
    }
    for unseen in &testimony.unseen {
        line(page, &format!("  not in the recording: {}", visible(unseen)));
    }
}

fn broken(page: &mut String, violation: &Violation) {
    let Violation { requirement, side, at, fault, evidence, .. } = violation;
    line(page, &format!("  violated {requirement} by {} at {:.3} s: {}", who(*side), at.as_secs_f64(), visible(fault)));
    if let Some(known) = catalogue().get(*requirement) {
        line(page, &format!("      {} ({}, by the {})", known.text, known.level, known.basis));
    }
    line(page, &format!("      shown by  {evidence}"));
}

const fn who(side: Side) -> &'static str {
    match side {
        Side::Client => "the client",
        Side::Server => "the server",
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn line(page: &mut String, text: &str) {
    let _ = writeln!(page, "{text}");
}
