//! `siospec replay`.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::recorded::contents;
use super::run::Run;
use super::{Failure, out};
use crate::capture::{self, Conversation, Labels, Log, Recording, What, draft};
use crate::cases::{Case, Origin};
use crate::replay::visible;
use crate::trace::Trace;

/// What follows the list of options.
const EXIT_CODES: &str = "\
The client's half of each session is played, and the server has to say what was recorded; what differs from run to run, such as \
sids, may differ. The path is that of the recording, or of --path.

Exit codes:
  0    nothing at the gate differs, at least one case was judged, and none was lost
  1    otherwise
  2    bad usage, or a file that cannot be read
  3    the server cannot be reached or started, is no Engine.IO 4 server, answers nothing, or went away for good; or no case applies to it
  4    only with --baseline: nothing else is wrong, but a case passed that is expected to fail
  130  interrupted (Ctrl-C or SIGTERM), after telling what is known";

/// The help of the words that `siospec run` takes as well.
const WORDS: &str = "Traces, whose names end with .trace, and recordings that `siospec inspect` reads: HAR, pcap and others; then the \
server's URL. Without it, CMD or the embedded server is judged";

#[derive(Debug, Args)]
#[command(
    after_help = EXIT_CODES,
    mut_arg("words", |arg| arg.index(1).value_name("FILE").required(true).help(WORDS)),
    mut_arg("command", |arg| arg.index(2)),
    mut_arg("gate", |arg| arg.default_value("reference")),
    mut_arg("traces", |arg| arg.hide(true)),
    mut_arg("seed", |arg| arg.hide(true))
)]
pub(super) struct Replay {
    #[command(flatten)]
    run: Run,
}

/// What a file holds.
#[derive(Debug, Default)]
struct Found {
    cases: Vec<Case>,
    /// The paths of the sessions that were recorded.
    paths: BTreeSet<String>,
}

impl Replay {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let (url, files) = match self.run.words() {
            [files @ .., url] if url.contains("://") => (Some(url.clone()), files),
            files => (None, files),
        };
        let mut found = Found::default();
        for file in files {
            found.read(Path::new(file)).map_err(Failure::usage)?;
        }
        let ids: BTreeSet<&str> = found.cases.iter().map(|case| case.id.as_str()).collect();
        if ids.len() < found.cases.len() {
            return Err(Failure::usage("a file is named twice"));
        }
        if found.cases.is_empty() {
            return Err(Failure::usage("there is nothing to play: name files before the server's URL"));
        }
        let path = match Vec::from_iter(found.paths).as_slice() {
            [] => None,
            [path] => Some(path.clone()),
            [one, other, ..] => {
                return Err(Failure::usage(format!("the sessions are of {one} and {other}: replay them apart")));
            }
        };
        self.run.of(url, found.cases, path).execute().await
    }
}

impl Found {
    fn read(&mut self, file: &Path) -> Result<(), String> {
        let name = visible(&file.display().to_string());
        let bytes = contents(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
        if file.extension().is_some_and(|ending| ending == "trace") {
            let source = String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))?;
            let trace = Trace::parse(&name, &source).map_err(|error| error.to_string())?;
            self.cases.push(Case { id: id(file), trace, origin: Origin::File(file.to_owned()) });
            return Ok(());
        }
        let Recording { sightings, clock, .. } =
            capture::read(&bytes).map_err(|why| format!("{name} cannot be replayed: {why}"))?;
        let mut log = Log::with_clock(clock);
        sightings.into_iter().for_each(|sighting| log.see(sighting));
        let before = self.cases.len();
        for (number, conversation) in (1..).zip(log.conversations()) {
            let Some(path) = beginning(&conversation) else {
                let sid = visible(&conversation.sid);
                out::complain(&format!("{name}: session {sid} is not played, because its beginning was not recorded"));
                continue;
            };
            self.paths.insert(path);
            let trace = draft(&conversation, &Labels::default()).map_err(|error| format!("{name}: {error}"))?;
            let id = format!("{}/{number}", id(file));
            self.cases.push(Case { id, trace, origin: Origin::File(file.to_owned()) });
        }
        if self.cases.len() == before {
            return Err(format!("{name} has no session that can be played from its beginning"));
        }
        Ok(())
    }
}

/// The path of the request with which a session begins, if that was recorded.
fn beginning(conversation: &Conversation) -> Option<String> {
    conversation.sightings.iter().find_map(|sighting| match &sighting.what {
        What::Request { target, .. } | What::Open { target, .. } if !target.contains("sid=") => {
            target.split('?').next().map(str::to_owned)
        }
        _ => None,
    })
}

/// The id of the case in a file: its path without the ending.
fn id(file: &Path) -> String {
    let bare: PathBuf =
        file.with_extension("").components().filter(|part| matches!(part, Component::Normal(_))).collect();
    bare.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
