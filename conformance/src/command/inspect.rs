//! `siospec inspect`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use sio_codec::socketio::Parser;

use super::case::Case;
use super::inspected::Wanted;
use super::recorded::{self, Remarks};
use super::{Failure, out};
use crate::capture::{Clock, Conversation, Lack, Log, Recording, Sighting, What};
use crate::explain;
use crate::replay::{plural, visible};
use crate::report::recordings::{self, Recordings, session};
use crate::requirements::catalogue;
use crate::trace::Side;
use crate::witness::{Testimony, Violation, judge};

/// What follows the list of options.
const CODES: &str = "\
Exit codes: 0 nothing in the recordings breaks a requirement; 1 something does; 2 a file cannot be read as a recording.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Inspect {
    /// HAR files of browsers, mitmproxy and Playwright; pcap and pcapng files of HTTP without TLS; the output of `curl -v`
    /// and of wscat; rows of a browser's network panel; events of the DevTools protocol; debug logs of socket.io and of
    /// python-socketio; traces, which are the cases of siospec. The content tells which it is
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave out the timelines, and print the judgements only
    #[arg(long)]
    no_timeline: bool,
    #[command(flatten)]
    case: Case,
    #[command(flatten)]
    reports: Wanted,
}

/// Whether a recording shows that a requirement was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Clean,
    Broken,
}

impl Inspect {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let reports = self.reports.open()?;
        let (mut page, mut judged, mut unreadable) = (String::new(), Judged::Clean, None);
        let mut found = Found::default();
        for file in &self.files {
            match self.inspect(&mut page, &mut found, file) {
                Ok(Judged::Clean) => {}
                Ok(Judged::Broken) => judged = Judged::Broken,
                Err(sentence) => {
                    // The others are judged all the same.
                    unreadable.iter().for_each(|before: &String| out::complain(before));
                    unreadable = Some(sentence);
                }
            }
        }
        let written = if unreadable.is_none() { self.case.write(&found.sessions) } else { Ok(String::new()) };
        page.push_str(written.as_deref().unwrap_or_default());
        if self.reports.has_human() {
            // The exit code reports the verdict, even if standard output is closed.
            let _ = out::write(&page);
        }
        let recordings = Recordings::of(found.recordings);
        reports.into_iter().try_for_each(|report| report.write(&recordings))?;
        written?;
        match (unreadable, judged) {
            (Some(sentence), _) => Err(Failure::usage(sentence)),
            (None, Judged::Broken) => Ok(ExitCode::FAILURE),
            (None, Judged::Clean) => Ok(ExitCode::SUCCESS),
        }
    }

    /// Judges one file.
    fn inspect(&self, page: &mut String, found: &mut Found, file: &Path) -> Result<Judged, String> {
        let name = visible(&file.display().to_string());
        let recorded = recorded::read(file, "judged")?;
        let remarks = Remarks::of(&recorded);
        let Recording { form, sightings, lacks, clock, unjudged, .. } = recorded;
        let mut log = Log::with_clock(clock);
        sightings.into_iter().for_each(|sighting| log.see(sighting));
        let conversations = log.conversations();
        line(page, &format!("{name}: {form}, {} of Engine.IO", plural(conversations.len(), "session")));
        page.push_str(&remarks.words());
        let mut recording = recordings::Recording::new(&name, form);
        recording.remarks = remarks.into_all();
        let mut judged = Judged::Clean;
        for conversation in &conversations {
            let testimony = judge(&with_holes(conversation, &lacks)).without(unjudged);
            if self.no_timeline {
                line(page, &explain::heading(conversation));
            } else {
                let parser = testimony.parser.unwrap_or(Parser::Json);
                page.push_str(&explain::session(parser, conversation).into_words());
            }
            judgement(page, &testimony);
            line(page, "");
            recording.sessions.push(session(conversation, &testimony));
            if !testimony.violations.is_empty() {
                judged = Judged::Broken;
            }
        }
        let strays = strays(&log, clock, unjudged);
        for violation in &strays.violations {
            broken(page, violation);
            judged = Judged::Broken;
        }
        recording.sessions.extend(strays.session);
        found.recordings.push(recording);
        if conversations.is_empty() && log.strays().next().is_none() {
            // The facts are all there is.
        } else if !self.no_timeline || conversations.is_empty() {
            page.push_str(&explain::rest(Parser::Json, &log).into_words());
            line(page, "");
        } else if !log.has_websocket() {
            line(page, "the recording has no WebSocket; some tools leave them out");
        }
        if self.case.is_wanted() {
            found.sessions.extend(conversations);
        }
        Ok(judged)
    }
}

/// What the files hold.
#[derive(Default)]
struct Found {
    /// Kept only for a case.
    sessions: Vec<Conversation>,
    recordings: Vec<recordings::Recording>,
}

/// What belongs to no session.
struct Strays {
    violations: Vec<Violation>,
    session: Option<recordings::Session>,
}

fn strays(log: &Log, clock: Clock, unjudged: Option<Side>) -> Strays {
    let sightings: Vec<_> = log.strays().cloned().collect();
    let strays = Conversation { sid: String::new(), clock, sightings };
    let mut testimony = judge(&strays).without(unjudged);
    // Where no session began, only that can be judged.
    testimony.violations.retain(|violation| violation.requirement.contains("-HS-"));
    let testimony = Testimony { violations: testimony.violations, ..Testimony::default() };
    let session = (!strays.sightings.is_empty()).then(|| session(&strays, &testimony));
    Strays { violations: testimony.violations, session }
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
    seen(page, testimony);
}

/// Writes what was right, and what was not recorded.
pub(super) fn seen(page: &mut String, testimony: &Testimony) {
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

pub(super) fn broken(page: &mut String, violation: &Violation) {
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

pub(super) fn line(page: &mut String, text: &str) {
    let _ = writeln!(page, "{text}");
}
