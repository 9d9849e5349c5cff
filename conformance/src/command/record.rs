//! `siospec record`.

use std::process::ExitCode;

use clap::Args;

use super::listen::Listen;
use super::offer::Offer;
use super::{Failure, Selection, interrupt, out};
use crate::replay::Verdict;
use crate::report::{Progress, Show};
use crate::run::{self, Bounds, Ending, Finished, Judgement, Patience, Purpose, Standing};
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Record {
    /// The server's URL, `http://host:port`
    #[arg(required_unless_present = "listen", conflicts_with = "listen")]
    url: Option<String>,
    /// Case ids, folders of cases, globs, or requirement ids; `!` before one leaves these cases out
    selectors: Vec<String>,
    #[command(flatten)]
    offer: Offer,
    #[command(flatten)]
    selection: Selection,
    /// What the server is, for the `recorded` line: "socket.io 4.8.4"
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    #[command(flatten)]
    listen: Listen,
}

const EXIT_CODES: &str = "\
Exit codes: 0 the traces are written (with --listen: after Ctrl-C or SIGTERM); 1 a case cannot be recorded, no session was recorded, or it took too long; 2 bad \
usage, or a file that cannot be read or written; 3 the server cannot be reached, or went away; 130 interrupted.";

impl Record {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let Some(folder) = &self.selection.source.traces else {
            return Err(Failure::usage("recording writes traces: name their folder with --traces DIR"));
        };
        if let Some(way) = self.listen.way(self.source.as_deref())? {
            return way.record(folder).await;
        }
        let url = self.url.as_deref().unwrap_or_default();
        let cases = self.selection.cases(&self.selectors, DEFAULT_SEED)?;
        let site = self.offer.site(url, &cases, Patience::default()).await?;
        let mut progress = Progress::new(cases.len(), Show::Standard);
        let stop = interrupt::stop();
        let report = run::run(cases, &site, &Bounds::default(), Purpose::Record, stop, &mut progress).await;
        progress.clear();
        match &report.ending {
            // No failure ends a recording.
            Ending::Complete | Ending::Failed => {}
            Ending::Gone(reason) => {
                return Err(Failure::unreachable(format!("the server went away ({reason}); nothing was written")));
            }
            Ending::OutOfTime => {
                let limit = report.max_time.as_secs();
                return Err(Failure {
                    message: format!("it took longer than {limit} s; nothing was written"),
                    code: 1,
                });
            }
            Ending::Interrupted => return Ok(ExitCode::from(Judgement::Interrupted.code())),
        }
        let failed: Vec<String> = report.finished.iter().filter_map(why_not).collect();
        if !failed.is_empty() {
            return Err(Failure { message: format!("cannot be recorded: {}", failed.join("; ")), code: 1 });
        }
        let recorded = report.finished.iter().filter(|finished| finished.recording.is_some()).count();
        let changed = run::save(report.finished, folder, self.source.as_deref())
            .map_err(|(path, error)| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
        let mut text: String = changed.iter().map(|path| format!("changed {}\n", path.display())).collect();
        text.push_str(&format!("{recorded} recorded, {} changed\n", changed.len()));
        Ok(out::write(&text).code())
    }
}

/// Why there is no recording of a case that applies.
fn why_not(finished: &Finished) -> Option<String> {
    let id = &finished.case.id;
    match (finished.standing(), finished.outcome()) {
        (Standing::Passed | Standing::NotApplicable | Standing::Unsupported, _) => None,
        (_, Some(outcome)) => Some(match &outcome.verdict {
            Verdict::HeldUp(difference) => format!("{id}, line {}: {}", difference.line, difference.actual),
            verdict => match verdict.decisive() {
                Some(difference) => format!("{id}, line {}: {}", difference.line, difference.actual),
                None => format!("{id}: nothing can be said"),
            },
        }),
        (standing, None) => Some(format!("{id}: {standing:?}")),
    }
}
