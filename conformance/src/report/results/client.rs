//! Makes the results from a run against a client.

use super::entry::lines;
use super::of::{
    FAILED_FAST, below_gate, described, difference, finding, millis, quoted, rate, reason_and_rate, why_unfit,
};
use super::{Case, End, FORMAT, Judgement, Results, Run, Target, Totals, Verdict};
use crate::clients::{self, Played, Report, Standing};
use crate::replay::{self, visible};
use crate::run::{Course, Ending, Gate};
use crate::values::DEFAULT_SEED;

/// What the results of a run against a client say besides what was found.
#[derive(Clone, Debug)]
pub struct ClientContext {
    /// The folder of the traces, if they are not those that come with siospec.
    pub traces: Option<String>,
    /// When the run began: a date and time of RFC 3339.
    pub started: String,
    /// The lowest level whose broken rules fail the run.
    pub gate: Gate,
    /// How the cases are played.
    pub course: Course,
    /// The command that starts the driver; empty for a client without one.
    pub driver: Vec<String>,
}

impl ClientContext {
    /// The results of a run.
    #[must_use]
    pub fn results(&self, report: &Report) -> Results {
        let cases: Vec<Case> = report.played.iter().map(|played| self.case(played)).collect();
        let end = End {
            judgement: report.judgement(self.gate).into(),
            reason: match &report.ending {
                Ending::Complete | Ending::OutOfTime => None,
                Ending::Failed => Some(FAILED_FAST.to_owned()),
                Ending::Interrupted => Some("the run was interrupted".to_owned()),
                Ending::Gone(why) => Some(visible(why)),
            },
            duration_ms: millis(report.duration),
            totals: Totals::of(&cases),
            baseline: None,
        };
        Results { run: self.run(&report.name, &report.version), end, cases }
    }

    /// The results of a run that did not begin.
    #[must_use]
    pub fn without_cases(&self, reason: &str) -> Results {
        let (judgement, reason) = (Judgement::Unreachable, Some(visible(reason)));
        let end = End { judgement, reason, duration_ms: 0, totals: Totals::default(), baseline: None };
        Results { run: self.run("", ""), end, cases: Vec::new() }
    }

    fn run(&self, name: &str, version: &str) -> Run {
        let (shuffle, repeat) = described(self.course);
        Run {
            format: FORMAT,
            siospec: env!("CARGO_PKG_VERSION").to_owned(),
            traces: self.traces.as_deref().map(visible),
            seed: DEFAULT_SEED,
            started: self.started.clone(),
            gate: self.gate.as_str().to_owned(),
            shuffle,
            repeat,
            target: Target::Client { name: visible(name), version: visible(version) },
        }
    }

    /// The result of one case.
    #[must_use]
    pub fn case(&self, played: &Played) -> Case {
        let (header, standing) = (&played.case.trace.header, played.standing());
        let is_told = matches!(standing, Standing::Failed | Standing::Flaky);
        let outcome = played.outcome();
        Case {
            id: visible(&played.case.id),
            title: visible(header.title.as_str()),
            level: header.level.as_str().to_owned(),
            requirements: header.covers.iter().map(ToString::to_string).collect(),
            seen: header.seen.iter().map(ToString::to_string).collect(),
            verdict: verdict(standing, outcome),
            fails_run: played.fails(self.gate),
            rate: played.rate.map(rate),
            baseline: None,
            reason: reason_and_rate(played.rate, self.reason(played)),
            duration_ms: outcome.map(|outcome| millis(outcome.duration)),
            finding: outcome.and_then(difference).map(finding),
            reproduce: self.reproduce(&played.case.id),
            conversation: outcome.filter(|_| is_told).map_or_else(Vec::new, |outcome| lines(&outcome.timeline)),
        }
    }

    fn reason(&self, played: &Played) -> Option<String> {
        match played.standing() {
            Standing::Passed => None,
            Standing::Faulty => played.fault().map(|fault| visible(&fault.to_string())),
            Standing::Left => match played.result {
                clients::Result::Left(left) => Some(left.words().to_owned()),
                clients::Result::Through(_) | clients::Result::Fault(_) => None,
            },
            Standing::Skipped | Standing::Unsupported => played.outcome().and_then(why_unfit),
            Standing::Flaky if played.rate.is_some() => None,
            Standing::Flaky => Some("played again, alone, it passed".to_owned()),
            Standing::Failed => {
                let level = played.outcome().and_then(|outcome| outcome.verdict.level());
                level.and_then(|level| below_gate(level, self.gate))
            }
        }
    }

    fn reproduce(&self, id: &str) -> String {
        let mut words = vec!["siospec".to_owned(), "client".to_owned(), id.to_owned()];
        words.extend(self.traces.iter().flat_map(|folder| ["--traces".to_owned(), folder.clone()]));
        if self.driver.is_empty() {
            words.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        } else {
            words.push("--".to_owned());
            words.extend(self.driver.iter().cloned());
        }
        quoted(&words)
    }
}

fn verdict(standing: Standing, outcome: Option<&replay::Outcome>) -> Verdict {
    match (standing, outcome.map(|outcome| &outcome.verdict)) {
        (Standing::Failed, Some(replay::Verdict::HeldUp(_))) => Verdict::HeldUp,
        (Standing::Failed, _) => Verdict::Failed,
        (Standing::Passed, _) => Verdict::Passed,
        (Standing::Flaky, _) => Verdict::Flaky,
        (Standing::Faulty, _) => Verdict::DriverFault,
        (Standing::Skipped, _) => Verdict::NotApplicable,
        (Standing::Unsupported, _) => Verdict::Unsupported,
        (Standing::Left, _) => Verdict::NotPlayed,
    }
}
