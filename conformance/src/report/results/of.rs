//! Makes the results from a run against a server.

use std::time::Duration;

use super::entry::lines;
use super::{Case, End, FORMAT, Finding, Judgement, Rate, Results, Run, Target, Totals, Verdict};
use crate::cases::Origin;
use crate::replay::{self, Difference, visible};
use crate::requirements::catalogue;
use crate::run::{self, Conclusion, Course, Culprit, Doubt, Ending, Finished, Gate, Report, Standing, Terms};
use crate::survey::Survey;
use crate::trace::Level;

/// What a run's results say besides what was found.
#[derive(Clone, Debug)]
pub struct Context {
    /// The server's URL.
    pub url: String,
    /// The folder of the traces, if they are not those that come with siospec.
    pub traces: Option<String>,
    /// The seed of the values in generated cases.
    pub seed: u64,
    /// When the run began: a date and time of RFC 3339.
    pub started: String,
    /// Which findings make the run fail.
    pub terms: Terms,
    /// How the cases are played.
    pub course: Course,
    /// How the same server is tested again.
    pub again: Again,
}

/// The words of a command that tests the same server again.
#[derive(Clone, Debug, Default)]
pub struct Again {
    /// The server's URL, if it was given.
    pub url: Option<String>,
    /// The options that say where the server's paths are and what it offers.
    pub options: Vec<String>,
    /// The command that starts the server, if there is one.
    pub command: Vec<String>,
}

impl Context {
    /// What is known when the run begins.
    #[must_use]
    pub fn run(&self, survey: Option<&Survey>) -> Run {
        let summary = survey.map_or_else(Vec::new, |survey| {
            survey.brief().lines().map(str::to_owned).chain(survey.notes().map(|note| visible(&note))).collect()
        });
        let (shuffle, repeat) = described(self.course);
        Run {
            format: FORMAT,
            siospec: env!("CARGO_PKG_VERSION").to_owned(),
            traces: self.traces.as_deref().map(visible),
            seed: self.seed,
            started: self.started.clone(),
            gate: self.terms.gate.as_str().to_owned(),
            shuffle,
            repeat,
            target: Target::Server {
                url: survey.map_or_else(|| visible(&self.url), |survey| visible(&survey.server)),
                survey: survey.and_then(|survey| serde_json::to_value(survey).ok()),
                summary,
            },
        }
    }

    /// The result of one case.
    #[must_use]
    pub fn case(&self, finished: &Finished) -> Case {
        let (header, standing) = (&finished.case.trace.header, finished.standing());
        let verdict = verdict(standing);
        let is_told = standing != Standing::Passed && !standing.is_unfit();
        let conversation = match &finished.conclusion {
            Conclusion::Inconclusive { doubt: Doubt::RanAway { timeline, .. }, .. } => lines(timeline),
            _ => finished.outcome().filter(|_| is_told).map_or_else(Vec::new, |outcome| lines(&outcome.timeline)),
        };
        Case {
            id: visible(&finished.case.id),
            title: visible(header.title.as_str()),
            level: header.level.as_str().to_owned(),
            requirements: header.covers.iter().map(ToString::to_string).collect(),
            seen: header.seen.iter().map(ToString::to_string).collect(),
            verdict,
            fails_run: self.terms.is_red(standing),
            rate: finished.rate.map(rate),
            baseline: None,
            reason: reason_and_rate(finished.rate, self.reason(finished)),
            duration_ms: finished.outcome().map(|outcome| millis(outcome.duration)),
            finding: finished
                .outcome()
                .and_then(difference)
                .map(|found| Finding { impact: found.impact().map(str::to_owned), ..finding(found) }),
            reproduce: self.reproduce(finished),
            conversation,
        }
    }

    /// The results of a run.
    #[must_use]
    pub fn results(&self, report: &Report) -> Results {
        let cases: Vec<Case> = report.finished.iter().map(|finished| self.case(finished)).collect();
        let reason = match &report.ending {
            // A server that goes away without a known cause fails the run, and no case says so.
            Ending::Complete if report.outages.iter().any(|outage| outage.culprit == Culprit::NotAgain) => {
                Some("the server went away, and no case ended it again".to_owned())
            }
            Ending::Complete => None,
            Ending::Failed => Some(FAILED_FAST.to_owned()),
            Ending::OutOfTime => Some(format!("the {} s of --max-time were over", report.max_time.as_secs())),
            Ending::Interrupted => Some("the run was interrupted".to_owned()),
            Ending::Gone(reason) => Some(visible(reason)),
        };
        let end = End {
            judgement: report.judgement(&self.terms).into(),
            reason,
            duration_ms: millis(report.duration),
            totals: Totals::of(&cases),
            baseline: None,
        };
        Results { run: self.run(Some(&report.survey)), end, cases }
    }

    /// The results of a run that did not begin.
    #[must_use]
    pub fn without_cases(&self, judgement: Judgement, reason: &str) -> Results {
        let end =
            End { judgement, reason: Some(visible(reason)), duration_ms: 0, totals: Totals::default(), baseline: None };
        Results { run: self.run(None), end, cases: Vec::new() }
    }

    fn reason(&self, finished: &Finished) -> Option<String> {
        match (&finished.conclusion, finished.standing()) {
            (Conclusion::NotApplicable(why) | Conclusion::Unsupported(why), _) => Some(visible(why)),
            (Conclusion::Panicked(words), _) => Some(format!("a bug of siospec: {}", visible(words))),
            (Conclusion::Crash { reason, .. }, _) => {
                Some(format!("played again, alone, it ended the server again ({})", visible(reason)))
            }
            (Conclusion::Flaky { .. }, _) if finished.rate.is_some() => None,
            (Conclusion::Flaky { .. }, _) => Some("played again, alone, it passed".to_owned()),
            (Conclusion::Inconclusive { doubt, .. }, _) => Some(match doubt {
                Doubt::Machine { noise, .. } => format!("this machine was late by {} ms", noise.as_millis()),
                Doubt::ServerGone => "the server went away".to_owned(),
                Doubt::RanAway { limit, .. } => format!("it did not end within {} s", limit.as_secs()),
            }),
            (Conclusion::Left(left), _) => Some(left.words().to_owned()),
            (_, Standing::Failed(level)) => below_gate(level, self.terms.gate),
            (_, Standing::NotApplicable | Standing::Unsupported) => finished.outcome().and_then(why_unfit),
            _ => None,
        }
    }

    fn reproduce(&self, finished: &Finished) -> String {
        let mut words = vec!["siospec".to_owned()];
        if let Origin::File(file) = &finished.case.origin {
            words.extend(["replay".to_owned(), file.display().to_string()]);
            words.extend(self.again.url.clone());
        } else {
            words.push("run".to_owned());
            words.extend(self.again.url.clone());
            words.push(finished.case.id.clone());
        }
        words.extend(self.traces.iter().flat_map(|folder| ["--traces".to_owned(), folder.clone()]));
        if let Origin::Generated(generated) = &finished.case.origin {
            words.extend(["--seed".to_owned(), generated.seed.to_string()]);
        }
        words.extend(self.again.options.iter().cloned());
        if !self.again.command.is_empty() {
            words.push("--".to_owned());
            words.extend(self.again.command.iter().cloned());
        }
        quoted(&words)
    }
}

pub(super) const fn rate(run::Rate { passed, judged }: run::Rate) -> Rate {
    Rate { passed, judged }
}

/// The reason of a verdict, and for a case that did not always pass, how often it did.
pub(super) fn reason_and_rate(rate: Option<run::Rate>, reason: Option<String>) -> Option<String> {
    let rate = rate.filter(|rate| rate.passed < rate.judged).map(|rate| rate.to_string());
    let parts: Vec<String> = [rate, reason].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How a run is described that was played in another way than usual: the seed of its order, and how often.
pub(super) fn described(course: Course) -> (Option<u64>, Option<u16>) {
    (course.shuffle, course.is_repeated().then(|| course.repeat.get()))
}

/// Why what is broken does not fail the run, if it is of a lower level.
pub(super) fn below_gate(level: Level, gate: Gate) -> Option<String> {
    let words = || format!("its level, {}, is below the gate, which is {}", level.as_str(), gate.as_str());
    (!gate.includes(level)).then(words)
}

/// Why a run ended that --fail-fast ended.
pub(super) const FAILED_FAST: &str = "a case failed, and --fail-fast ends the run then";

/// Why a case turned out to be none for this target.
pub(super) fn why_unfit(outcome: &replay::Outcome) -> Option<String> {
    match &outcome.verdict {
        replay::Verdict::NotApplicable(why) | replay::Verdict::Unsupported(why) => Some(visible(why)),
        _ => None,
    }
}

/// The difference that is told: the decisive one, or else the first accepted one.
pub(super) fn difference(outcome: &replay::Outcome) -> Option<&Difference> {
    match &outcome.verdict {
        replay::Verdict::HeldUp(difference) => Some(difference),
        verdict => verdict.decisive().or_else(|| verdict.departures().next()),
    }
}

pub(super) fn finding(difference: &Difference) -> Finding {
    let requirement = difference.rule.requirement.as_ref().map(|id| id.as_str());
    let entry = requirement.and_then(|id| catalogue().get(id));
    Finding {
        requirement: requirement.map(str::to_owned),
        sentence: entry.map(|entry| entry.text.clone()),
        basis: entry.map(|entry| entry.basis.clone()),
        level: difference.rule.level.map(|level| level.as_str().to_owned()),
        line: Some(difference.line).filter(|line| *line > 0),
        expected: visible(&difference.expected),
        observed: visible(&difference.actual),
        impact: None,
    }
}

const fn verdict(standing: Standing) -> Verdict {
    match standing {
        Standing::Passed => Verdict::Passed,
        Standing::Failed(_) => Verdict::Failed,
        Standing::HeldUp => Verdict::HeldUp,
        Standing::Flaky(_) => Verdict::Flaky,
        Standing::Inconclusive => Verdict::Inconclusive,
        Standing::Crash => Verdict::Crash,
        Standing::Panicked => Verdict::Panicked,
        Standing::Left(_) => Verdict::NotPlayed,
        Standing::NotApplicable => Verdict::NotApplicable,
        Standing::Unsupported => Verdict::Unsupported,
    }
}

impl From<run::Judgement> for Judgement {
    fn from(judgement: run::Judgement) -> Self {
        match judgement {
            run::Judgement::Green => Self::Passed,
            run::Judgement::Red => Self::Failed,
            run::Judgement::Nothing => Self::Nothing,
            run::Judgement::Gone => Self::Gone,
            run::Judgement::Interrupted => Self::Interrupted,
        }
    }
}

/// The words as a command line of a POSIX shell.
#[must_use]
pub fn quoted(words: &[String]) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    let quoted = words.iter().map(|word| visible(word)).map(|word| {
        let is_plain = !word.is_empty() && word.chars().all(is_plain);
        if is_plain { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
