//! Prints a run for a person: failures, other findings, cases that were left out, and the numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use console::{StyledObject, style};

use super::conversation::conversation;
use super::failure::{contrast, group, head};
use super::results::Known;
use super::table::table;
use super::{Group, Note, Summary};
use crate::cases::Origin;
use crate::replay::{Evidence, Outcome, Verdict, plural, visible};
use crate::run::{Conclusion, Course, Culprit, Doubt, Ending, Finished, Left, Outage, Report, Standing, Tolerance};
use crate::trace::Level;
use crate::values::Minimal;

/// How much is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Long conversations are cut.
    #[default]
    Brief,
    /// Every entry of them is shown.
    Whole,
    /// In addition, the conversations of all other cases are shown: those that passed, and those that fail like another.
    Every,
}

impl Detail {
    /// The detail that is asked for by so many `-v`.
    #[must_use]
    pub const fn from_times(verbose: u8) -> Self {
        match verbose {
            0 => Self::Brief,
            1 => Self::Whole,
            _ => Self::Every,
        }
    }
}

/// How the cases that do not apply are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skipped {
    /// One line for each reason.
    #[default]
    Reasons,
    /// One line for each case.
    Cases,
}

/// The whole report of a run.
#[must_use]
pub fn text(summary: &Summary<'_>, detail: Detail, skipped: Skipped) -> String {
    let mut text = survey(summary.report);
    let failures = summary.failures.iter().map(|failure| {
        let text = group(&style("FAIL").red().bold(), failure, detail);
        text + &shrunk(failure, &summary.report.minimals)
    });
    let flaky = summary.flaky.iter().map(|failure| group(&style("FLAKY").red().bold(), failure, detail));
    let held_up = summary.held_up.iter().map(|failure| group(&style("HELD UP").red().bold(), failure, detail));
    let crashes = summary.crashes.iter().map(|finished| crash(finished, detail));
    for block in crashes.chain(failures).chain(flaky).chain(held_up) {
        text.push_str(&block);
        text.push('\n');
    }
    if detail == Detail::Every {
        text.push_str(&others(summary));
    }
    summary.unknown.iter().for_each(|finished| text.push_str(&unknown(finished, detail)));
    summary.report.outages.iter().for_each(|outage| text.push_str(&outage_line(outage)));
    summary.excused.iter().for_each(|finished| text.push_str(&excused(finished)));
    summary.known.iter().for_each(|(finished, known)| text.push_str(&known_line(&finished.case.id, known)));
    summary.notes.iter().for_each(|accepted| text.push_str(&accepted_line(accepted)));
    text.push_str(&second_looks(summary));
    text.push_str(&left(summary));
    text.push_str(&skipped_lines(summary, skipped));
    text.push_str(&seed(summary.report));
    text.push_str(&course(summary.report.course));
    if summary.report.finished.len() > 1 {
        let _ = write!(text, "\n{}\n", table(summary));
    }
    text.push_str(&totals(summary));
    text
}

/// What the server is, and other facts that the reader needs first.
fn survey(Report { survey, .. }: &Report) -> String {
    let notes = survey.notes().map(|note| format!("{}  {}\n", style("note").yellow(), visible(&note)));
    format!("{}{}\n", survey.brief(), notes.collect::<String>())
}

/// The smallest values that still fail, as a trace that can be copied: its lines have no prefix.
fn shrunk(group: &Group<'_>, minimals: &BTreeMap<String, Minimal>) -> String {
    let cases = std::iter::once(&group.first).chain(&group.others);
    let minimals = cases.filter_map(|found| minimals.get(&found.finished.case.id));
    let texts = minimals.map(|Minimal { trace, plays, .. }| {
        format!(
            "\n      The smallest values that were found to fail, after {plays} smaller cases. Saved as DIR/shrunk.trace, \
             `siospec run URL --traces DIR` plays them:\n\n{}",
            trace
        )
    });
    texts.min_by_key(String::len).unwrap_or_default()
}

/// The conversations of the cases that are not shown in full elsewhere.
fn others(summary: &Summary<'_>) -> String {
    let groups = summary.failures.iter().chain(&summary.flaky).chain(&summary.held_up);
    let shown: BTreeSet<&str> = groups
        .map(|group| group.first.finished)
        .chain(summary.crashes.iter().copied())
        .map(|finished| finished.case.id.as_str())
        .collect();
    let mut text = String::new();
    for finished in summary.report.finished.iter().filter(|finished| !shown.contains(finished.case.id.as_str())) {
        let Some(outcome) = finished.outcome() else { continue };
        let level = finished.case.trace.header.level.as_str();
        text.push_str(&head(&style(word(finished.standing())).bold(), finished, level, outcome.duration));
        text.push_str(&conversation(&outcome.timeline, None, Detail::Every));
        text.push('\n');
    }
    text
}

/// The word for a case at the beginning of its line.
const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed => "PASS",
        Standing::Failed(_) => "FAIL",
        Standing::HeldUp => "HELD UP",
        Standing::Flaky(_) => "FLAKY",
        Standing::Inconclusive => "INCONCLUSIVE",
        Standing::Crash => "CRASH",
        Standing::Panicked => "BUG",
        Standing::Left(_) => "LEFT",
        Standing::NotApplicable => "skip",
        Standing::Unsupported => "unsupported",
    }
}

/// The seed of the generated cases, if there are any.
fn seed(report: &Report) -> String {
    let seed = report.finished.iter().find_map(|finished| match &finished.case.origin {
        Origin::Generated(generated) => Some(generated.seed),
        Origin::Written | Origin::File(_) => None,
    });
    seed.map_or_else(String::new, |seed| format!("generated values are those of --seed {seed}\n"))
}

/// How the cases were played, if it was not in the usual way.
pub(super) fn course(Course { shuffle, repeat, .. }: Course) -> String {
    let order = shuffle.map(|seed| format!("the cases were played in the order of --shuffle {seed}\n"));
    let times = (repeat.get() > 1).then(|| format!("each case was played {repeat} times\n"));
    [order, times].into_iter().flatten().collect()
}

fn crash(finished: &Finished, detail: Detail) -> String {
    let Conclusion::Crash { outcome, reason } = &finished.conclusion else { return String::new() };
    let duration = outcome.as_ref().map(|outcome| outcome.duration).unwrap_or_default();
    let mut text = head(&style("CRASH").red().bold(), finished, finished.case.trace.header.level.as_str(), duration);
    let _ = writeln!(text, "      it ends the server: played again, alone, it did so again ({})\n", visible(reason));
    if let Some(outcome) = outcome {
        text.push_str(&conversation(&outcome.timeline, None, detail));
    }
    text
}

/// A case without a judgement.
fn unknown(finished: &Finished, detail: Detail) -> String {
    let id = &finished.case.id;
    match &finished.conclusion {
        Conclusion::Panicked(words) => {
            format!(
                "{}  {id}  playing it failed, which is a bug of siospec's: {}\n",
                style("BUG").red().bold(),
                visible(words)
            )
        }
        Conclusion::Inconclusive { outcome, doubt } => {
            let word = style("INCONCLUSIVE").yellow().bold();
            let mut text = format!("{word}  {id}  ");
            let _ = match doubt {
                Doubt::Machine { noise, looks } => writeln!(
                    text,
                    "{} {}",
                    self::doubt(outcome.as_ref(), *noise),
                    if *looks == 1 { "and there was no second look".to_owned() } else { format!("in {looks} looks") }
                ),
                Doubt::ServerGone => writeln!(text, "the server went away while it was played"),
                Doubt::RanAway { limit, timeline } => {
                    let limit = seconds(*limit);
                    let conversation = conversation(timeline, None, detail);
                    writeln!(text, "it was ended after {limit}, the most that it may take\n\n{conversation}")
                }
            };
            if let (Doubt::Machine { .. }, Some(difference)) =
                (doubt, outcome.as_ref().and_then(|outcome| outcome.verdict.departures().next()))
            {
                text.push_str(&contrast(&difference.expected, &difference.actual));
            }
            text
        }
        _ => String::new(),
    }
}

fn outage_line(Outage { reason, suspects, culprit, .. }: &Outage) -> String {
    let reason = visible(reason);
    let words = match culprit {
        Culprit::Found(id) => return format!("{}  the server went away ({reason}): {id} ends it\n", note()),
        Culprit::NotAgain => "none of them ended it again when it was played alone",
        Culprit::Unknown => "it did not come back, so it is not known which of them ended it",
    };
    let among = match suspects.as_slice() {
        [] => "while no case was played".to_owned(),
        [one] => format!("while {one} was played"),
        several => {
            format!("while {} cases were played, or had just been; {words}: {}", several.len(), several.join(", "))
        }
    };
    let words = if suspects.len() == 1 && *culprit == Culprit::NotAgain { ", which did not end it again" } else { "" };
    format!("{}  the server went away ({reason}) {among}{words}\n", style("AWAY").red().bold())
}

fn excused(finished: &Finished) -> String {
    let Conclusion::Excused { void, .. } = &finished.conclusion else { return String::new() };
    let cause = doubt(Some(void), void.noise);
    format!("{}  {}  passed; first look void: {cause}\n", note(), finished.case.id)
}

/// Why a failure need not be the server's fault.
fn doubt(outcome: Option<&Outcome>, noise: Duration) -> String {
    let is_overtaken = |outcome: &Outcome| matches!(&outcome.verdict, Verdict::HeldUp(difference) if difference.evidence == Evidence::Overtaken);
    if outcome.is_some_and(is_overtaken) {
        "a ping or a timer of the server came in between".to_owned()
    } else {
        format!("this machine was late by {} ms", noise.as_millis())
    }
}

/// A case that fails as the baseline expects.
pub(super) fn known_line(id: &str, known: &Known) -> String {
    format!("{}  {id}  fails as expected ({})  {}\n", style("KNOWN").yellow(), known.expected, known.words())
}

fn accepted_line(accepted: &Note<'_>) -> String {
    let Note { case, difference, others } = accepted;
    let others = match others {
        0 => String::new(),
        1 => "; so 1 more".to_owned(),
        others => format!("; so {others} more"),
    };
    format!("{}  {case}  expected {}, accepted {}{others}\n", note(), difference.expected, difference.actual)
}

fn second_looks(summary: &Summary<'_>) -> String {
    let looks = &summary.report.second_looks;
    if looks.without.is_empty() {
        return String::new();
    }
    format!(
        "{}  {} played again, alone; there was no time for a second look at {}: {}\n",
        note(),
        plural(looks.taken, "case"),
        looks.without.len(),
        looks.without.join(", ")
    )
}

fn left(summary: &Summary<'_>) -> String {
    let report = summary.report;
    let reasons = [
        (Left::OutOfTime, format!("the {} of --max-time were over", seconds(report.max_time))),
        (Left::AfterFailure, "a case failed, and --fail-fast ends the run then".to_owned()),
        (Left::ServerGone, "the server was gone".to_owned()),
        (Left::Interrupted, "the run was interrupted".to_owned()),
    ];
    reasons.iter().map(|(left, reason)| left_line(report.left(*left), reason, report.course)).collect()
}

/// Cases that were not played, or not as often as they were to be.
pub(super) fn left_line(count: usize, reason: &str, course: Course) -> String {
    if count == 0 {
        return String::new();
    }
    let was = if count == 1 { "was" } else { "were" };
    let times = if course.is_repeated() { format!(" {} times", course.repeat) } else { String::new() };
    format!("{}  {} {was} not played{times}: {reason}\n", style("LEFT").red().bold(), plural(count, "case"))
}

/// The cases that do not apply, and those that need what the implementation declares not to have.
fn skipped_lines(summary: &Summary<'_>, skipped: Skipped) -> String {
    let do_not_apply = |count: usize| if count == 1 { " does not apply" } else { " do not apply" };
    unfit_lines("skip", &summary.skipped, skipped, do_not_apply)
        + &unfit_lines("unsupported", &summary.unsupported, skipped, |_| "")
}

/// Lines about cases that were not played, by reason.
pub(super) fn unfit_lines(
    word: &str,
    by_reason: &BTreeMap<&str, Vec<&str>>,
    skipped: Skipped,
    what: impl Fn(usize) -> &'static str,
) -> String {
    let word = style(word).yellow();
    let lines = by_reason.iter().map(|(reason, ids)| {
        let reason = visible(reason);
        match skipped {
            Skipped::Reasons => format!("{word}  {}{}: {reason}\n", plural(ids.len(), "case"), what(ids.len())),
            Skipped::Cases => ids.iter().map(|id| format!("{word}  {id}  {reason}\n")).collect(),
        }
    });
    lines.collect()
}

/// The last line.
fn totals(summary: &Summary<'_>) -> String {
    let (total, report) = (&summary.total, summary.report);
    let mut parts = vec![format!("{} passed", total.passed)];
    let noted = report.finished.iter().filter(|finished| is_passed_with_notes(finished)).count();
    if noted > 0 {
        parts.push(format!("{noted} of them with notes"));
    }
    let red = |words: String| style(words).red().bold().to_string();
    if total.crashed > 0 {
        parts.push(red(format!("{} ended the server", total.crashed)));
    }
    if total.failed > 0 {
        parts.push(red(format!("{} failed ({})", total.failed, by_level(summary))));
    }
    let coloured = |words: &str, is_red| if is_red { red(words.to_owned()) } else { words.to_owned() };
    if total.flaky > 0 {
        parts.push(coloured(&format!("{} flaky", total.flaky), summary.terms.flaky == Tolerance::Refused));
    }
    let mut whatever_the_gate = Vec::new();
    for (count, words, is_red) in [
        (total.held_up, "held up", true),
        (total.inconclusive, "inconclusive", summary.terms.inconclusive == Tolerance::Refused),
        (total.panicked, "lost by a bug of siospec's", true),
        (total.left, "not played", true),
        (total.known, "known to fail", false),
        (total.skipped, "not applicable", false),
        (total.unsupported, "unsupported", false),
    ] {
        if count > 0 {
            let words = format!("{count} {words}");
            parts.push(coloured(&words, is_red));
            if is_red {
                whatever_the_gate.push(words);
            }
        }
    }
    let mut text = format!("{} in {} of {}\n", parts.join(", "), seconds(report.duration), seconds(report.max_time));
    if total.failed + total.flaky > 0 {
        let gate = summary.terms.gate.as_str();
        let _ = writeln!(text, "at the gate, which is {gate}: {}", summary.at_gate());
        if !whatever_the_gate.is_empty() {
            let _ = writeln!(text, "these fail the run whatever the gate: {}", whatever_the_gate.join(", "));
        }
    }
    if let Ending::Gone(reason) = &report.ending {
        let _ = writeln!(text, "the server went away and did not come back ({reason})");
    }
    text
}

fn by_level(summary: &Summary<'_>) -> String {
    let failed = summary.levels.values().filter(|(_, tally)| tally.failed > 0);
    let parts: Vec<_> =
        failed.map(|(level, tally): &(Level, _)| format!("{} {}", tally.failed, level.as_str())).collect();
    parts.join(", ")
}

fn is_passed_with_notes(finished: &Finished) -> bool {
    let noted = |outcome: &Outcome| outcome.verdict.departures().next().is_some();
    finished.standing() == Standing::Passed && finished.outcome().is_some_and(noted)
}

fn note() -> StyledObject<&'static str> {
    style("note").yellow()
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.2} s", duration.as_secs_f64())
    }
}
