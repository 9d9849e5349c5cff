//! `siospec inspect --trace`: makes a case of a recorded session.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, listen};
use crate::capture::{Body, Conversation, Labels, What, draft};
use crate::replay::visible;
use crate::trace::Need;

#[derive(Debug, Args)]
pub(super) struct Case {
    /// Write the session as a trace to this file, which `siospec run URL --traces FOLDER` plays
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// The sid of the session to write, if the recordings have several
    #[arg(long, value_name = "SID", requires = "trace")]
    session: Option<String>,
    /// What a server must offer for the trace, such as `contract`; the transports are found out
    #[arg(long, value_name = "NEED", value_delimiter = ',', requires = "trace", value_parser = listen::need)]
    needs: Vec<Need>,
}

impl Case {
    /// Whether a trace is to be written.
    pub(super) const fn is_wanted(&self) -> bool {
        self.trace.is_some()
    }

    /// Writes the trace of one of the sessions; returns what to say about it.
    pub(super) fn write(&self, sessions: &[Conversation]) -> Result<String, Failure> {
        let Some(path) = &self.trace else { return Ok(String::new()) };
        let cannot = |why: &str| Failure::usage(format!("no trace was written: {why}"));
        let session = self.choose(sessions).map_err(|why| cannot(&why))?;
        if let Some(lack) = lack(session) {
            return Err(cannot(&format!("the recording lacks what a trace needs: {lack}")));
        }
        let trace = draft(session, &Labels { needs: self.needs.iter().cloned().collect(), ..Labels::default() })
            .map_err(|error| cannot(&error.to_string()))?;
        write(path, &trace.to_string())?;
        let steps = trace.steps().count();
        Ok(format!("wrote {}: {steps} lines, {}\n", visible(&path.display().to_string()), trace.header.title.as_str()))
    }

    fn choose<'s>(&self, sessions: &'s [Conversation]) -> Result<&'s Conversation, String> {
        let named = || {
            let sids: Vec<_> =
                sessions.iter().map(|session| visible(&session.sid)).filter(|sid| !sid.is_empty()).collect();
            sids.join(", ")
        };
        match (&self.session, sessions) {
            (_, []) => Err("there is no session in the recordings".to_owned()),
            (None, [session]) => Ok(session),
            (None, _) => Err(format!("the recordings have several sessions; name one with --session: {}", named())),
            (Some(sid), _) => {
                let found = sessions.iter().find(|session| session.sid == *sid);
                found.ok_or_else(|| format!("no session has the sid {}; there are: {}", visible(sid), named()))
            }
        }
    }
}

fn write(path: &Path, trace: &str) -> Result<(), Failure> {
    fs::write(path, trace)
        .map_err(|error| Failure::usage(format!("cannot write {}: {error}", visible(&path.display().to_string()))))
}

/// What is not in the recording of a session, and a client that plays it has to send, or has to expect.
fn lack(session: &Conversation) -> Option<String> {
    let mut begins = false;
    let mut handshakes = BTreeSet::new();
    for sighting in &session.sightings {
        let at = sighting.at.as_secs_f64();
        match &sighting.what {
            What::Joined(_) => return Some("the requests and WebSockets that carried the packets".to_owned()),
            What::Hidden(_, words) | What::Unreadable(_, words) => return Some(format!("{words}, at {at:.3} s")),
            What::Request { body: Body::Unreadable(why), .. } | What::Answer { body: Body::Unreadable(why), .. } => {
                return Some(format!("the body of a request or answer at {at:.3} s ({why})"));
            }
            What::Request { method, body, .. } if method == "POST" && body.is_empty() => {
                return Some(format!("the body of the POST at {at:.3} s"));
            }
            What::Request { target, .. } | What::Open { target, .. } if !target.contains("sid=") => {
                handshakes.insert(sighting.exchange);
            }
            What::Answer { body, .. } if handshakes.contains(&sighting.exchange) => begins |= !body.is_empty(),
            What::Text(..) if handshakes.contains(&sighting.exchange) => begins = true,
            _ => {}
        }
    }
    (!begins).then(|| "the beginning of the session".to_owned())
}
