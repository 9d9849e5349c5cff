//! Prints a run against a client for a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use console::style;

use super::conversation::conversation;
use super::failure::{contrast, rate_remark};
use super::human::{course, known_line, left_line, unfit_lines};
use super::results::Results;
use super::wrap::hanging;
use super::{Detail, Skipped};
use crate::clients::{Played, Report, Result, Standing, fault_word};
use crate::replay::{Difference, Outcome, Verdict, visible};
use crate::requirements::catalogue;
use crate::run::Left;
use crate::trace::Level;

/// The whole report of a run; `results` are the same as plain data, judged by a baseline if there is one.
#[must_use]
pub fn text(report: &Report, results: &Results, detail: Detail, skipped: Skipped) -> String {
    let mut text = format!("{} {}\n\n", visible(&report.name), visible(&report.version));
    for (played, case) in report.played.iter().zip(&results.cases) {
        if let Some(known) = case.baseline.as_ref().filter(|_| case.is_known()) {
            text.push_str(&known_line(&case.id, known));
            continue;
        }
        match played.standing() {
            Standing::Failed => text.push_str(&failed("FAIL", played, detail)),
            Standing::Flaky => text.push_str(&failed("FLAKY", played, detail)),
            Standing::Faulty => text.push_str(&faulty(played)),
            Standing::Passed if detail == Detail::Every => text.push_str(&passed(played)),
            Standing::Passed | Standing::Skipped | Standing::Unsupported | Standing::Left => {}
        }
    }
    text.push_str(&left(report));
    text.push_str(&skipped_lines(report, skipped));
    text.push_str(&course(report.course));
    text.push_str(&totals(report, results));
    text
}

fn failed(word: &'static str, played: &Played, detail: Detail) -> String {
    let Some(outcome) = played.outcome() else { return String::new() };
    let (Verdict::Departed(_) | Verdict::HeldUp(_)) = &outcome.verdict else { return String::new() };
    let Some(difference) = difference(outcome) else { return String::new() };
    let header = &played.case.trace.header;
    let level = difference.rule.level.map_or("", Level::as_str);
    let (word, id) = (style(word).red().bold(), style(&played.case.id).bold());
    let mut text = format!("{word}  {id}  {level}  {:.2} s\n", outcome.duration.as_secs_f64());
    let _ = writeln!(text, "      {}", header.title);
    if let Some(requirement) = difference.rule.requirement.as_ref()
        && let Some(entry) = catalogue().get(requirement.as_str())
    {
        text.push_str(&hanging("      ", &format!("{} {requirement}: {}", entry.level, entry.text)));
    }
    if let Some(rate) = played.rate {
        let _ = writeln!(text, "      {}", rate_remark(rate));
    }
    text.push('\n');
    if difference.line > 0 {
        let _ = writeln!(text, "      in       {}.trace, line {}", played.case.id, difference.line);
    }
    let expected = visible(&difference.expected);
    text.push_str(&contrast(&expected, &visible(&difference.actual)));
    text.push('\n');
    text.push_str(&conversation(&outcome.timeline, Some(&expected), detail));
    text.push('\n');
    text
}

fn passed(played: &Played) -> String {
    let Some(outcome) = played.outcome() else { return String::new() };
    let header = &played.case.trace.header;
    let (word, id, seconds) = (style("PASS").bold(), style(&played.case.id).bold(), outcome.duration.as_secs_f64());
    let head = format!("{word}  {id}  {}  {seconds:.2} s\n      {}\n", header.level.as_str(), header.title);
    format!("{head}{}\n", conversation(&outcome.timeline, None, Detail::Every))
}

fn difference(outcome: &Outcome) -> Option<&Difference> {
    match &outcome.verdict {
        Verdict::HeldUp(difference) => Some(difference),
        verdict => verdict.departures().next(),
    }
}

fn faulty(played: &Played) -> String {
    let Some(fault) = played.fault() else { return String::new() };
    let again = match (&played.result, &played.again) {
        (Result::Fault(_), Some(Result::Through(_))) => "; not when it was played again",
        _ => "",
    };
    let word = style(fault_word(fault)).red().bold();
    let level = played.case.trace.header.level.as_str();
    format!("{word}  {}  {level}  {}{again}\n", style(&played.case.id).bold(), visible(&fault.to_string()))
}

/// The cases that were not played.
fn left(report: &Report) -> String {
    let mut by_reason: BTreeMap<Left, usize> = BTreeMap::new();
    for played in &report.played {
        if let Result::Left(left) = &played.result {
            *by_reason.entry(*left).or_default() += 1;
        }
    }
    by_reason.into_iter().map(|(left, count)| left_line(count, left.words(), report.course)).collect()
}

/// The cases that do not apply, and those that need what the driver says that its client does not have.
fn skipped_lines(report: &Report, skipped: Skipped) -> String {
    let mut unfit: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut unsupported = unfit.clone();
    for played in &report.played {
        match played.outcome().map(|outcome| &outcome.verdict) {
            Some(Verdict::NotApplicable(why)) => unfit.entry(why).or_default().push(&played.case.id),
            Some(Verdict::Unsupported(why)) => unsupported.entry(why).or_default().push(&played.case.id),
            _ => {}
        }
    }
    unfit_lines("skip", &unfit, skipped, |_| "") + &unfit_lines("unsupported", &unsupported, skipped, |_| "")
}

/// The last line.
fn totals(report: &Report, results: &Results) -> String {
    let others = || report.played.iter().zip(&results.cases).filter(|(_, case)| !case.is_known());
    let count = |standing: Standing| others().filter(|(played, _)| played.standing() == standing).count();
    let known = results.cases.len() - others().count();
    let mut parts = vec![format!("{} passed", count(Standing::Passed))];
    if known > 0 {
        parts.push(format!("{known} known to fail"));
    }
    for (standing, words) in [
        (Standing::Failed, "failed"),
        (Standing::Flaky, "flaky"),
        (Standing::Faulty, "with a fault of the driver"),
        (Standing::Left, "not played"),
        (Standing::Skipped, "not applicable"),
        (Standing::Unsupported, "unsupported"),
    ] {
        let count = count(standing);
        if count > 0 {
            let is_good = matches!(standing, Standing::Skipped | Standing::Unsupported);
            let words = format!("{count} {words}");
            parts.push(if is_good { words } else { style(words).red().bold().to_string() });
        }
    }
    format!("\n{} in {:.2} s\n", parts.join(", "), report.duration.as_secs_f64())
}
