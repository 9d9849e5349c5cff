//! `siospec client --listen` without a driver: agents that come by themselves.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::reports::{Reports, Wanted};
use super::{Failure, baseline, out};
use crate::cases::Case;
use crate::clients::{Agents, Audience, Played, Report, gather};
use crate::report::baseline::Judge;
use crate::report::formats::Format;
use crate::report::results::{ClientContext, Judgement, Results};
use crate::report::{Detail, Skipped, clients as page};
use crate::run::CancellationToken;

/// How often the progress of an agent is told.
const INTERVAL: Duration = Duration::from_secs(5);

/// How agents are judged, and where their results go.
pub(super) struct Judging<'a> {
    pub(super) agents: Agents,
    pub(super) context: &'a ClientContext,
    /// What is expected to fail.
    pub(super) judge: Option<&'a Judge>,
    pub(super) wanted: &'a Wanted,
    pub(super) detail: Detail,
    pub(super) skipped: Skipped,
}

/// Tells a person what goes on, and writes each agent's reports when its run is over.
struct Telling<'a> {
    judging: &'a Judging<'a>,
    /// The reports that wait for agents; the next one is the last.
    reports: Mutex<Vec<Reports>>,
    told: Mutex<BTreeMap<String, Instant>>,
}

impl Judging<'_> {
    pub(super) fn execute(
        &self,
        cases: Vec<Case>,
        runtime: &Handle,
        stop: &CancellationToken,
    ) -> Result<ExitCode, Failure> {
        let reports = self.wanted.open_each(self.agents.count)?;
        let telling = Telling { judging: self, reports: Mutex::new(reports), told: Mutex::default() };
        let gathered = gather(cases, &self.agents, runtime, stop, &telling);
        let unused = telling.reports.into_inner().unwrap_or_else(PoisonError::into_inner);
        let gathered = match gathered {
            Ok(gathered) => gathered,
            Err(error) => {
                let why = format!("cannot listen on {}: {error}", self.agents.listen);
                unused.into_iter().for_each(|reports| reports.finish(&self.context.without_cases(&why)));
                return Err(Failure::unreachable(why));
            }
        };
        let missing = unused.len();
        let why = if gathered.is_interrupted { "the run was interrupted" } else { "no agent came" };
        unused.into_iter().for_each(|reports| reports.finish(&self.context.without_cases(why)));
        if gathered.is_interrupted {
            return Ok(ExitCode::from(Judgement::Interrupted.code()));
        }
        if missing > 0 {
            let (count, seconds) = (self.agents.count, self.agents.max_time.as_secs());
            return Err(Failure::unreachable(format!("{missing} of {count} agents did not come within {seconds} s")));
        }
        let judgements: Vec<_> = gathered.reports.iter().map(|report| self.results(report).end.judgement).collect();
        if judgements.contains(&Judgement::Nothing) {
            out::complain("nothing was judged: none of the chosen cases applies to this client");
        }
        let order = [Judgement::Failed, Judgement::Nothing, Judgement::Stale];
        let worst = order.into_iter().find(|one| judgements.contains(one));
        Ok(ExitCode::from(worst.unwrap_or(Judgement::Passed).code()))
    }

    fn results(&self, report: &Report) -> Results {
        baseline::judged(self.judge, self.context.results(report))
    }
}

impl Audience for Telling<'_> {
    fn ready(&self, url: &str) {
        let _ = out::write(&format!("{url}\n"));
    }

    fn played(&self, agent: &str, done: usize, total: usize, failed: usize) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let last = told.entry(agent.to_owned()).or_insert_with(|| Instant::now() - INTERVAL);
        if last.elapsed() >= INTERVAL {
            *last = Instant::now();
            let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
            out::complain(&format!("{agent}: {done} of {total} cases{failures}"));
        }
    }

    fn visited(&self, played: &Played) -> String {
        serde_json::to_string_pretty(&self.judging.context.case(played)).unwrap_or_default() + "\n"
    }

    fn over(&self, _: &str, report: &Report) -> (String, String) {
        let results = self.judging.results(report);
        let text = page::text(report, &results, self.judging.detail, self.judging.skipped);
        let text = baseline::with_page(text, &results);
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reports) = reports {
            if reports.human {
                // The exit code reports the verdict, even if standard output is closed.
                let _ = out::write(&text);
            }
            reports.finish(&results);
        }
        (Format::Json.text(&results), console::strip_ansi_codes(&text).into_owned())
    }
}
