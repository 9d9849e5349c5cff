//! What a person sees of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use console::style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sio_codec::Timestamp;

use crate::cases::Case;
use crate::replay::{Difference, Entry, Mark, Timeline, Verdict};
use crate::requirements::catalogue;
use crate::run::{Finished, Listener, Report};
use crate::trace::{Level, Side};

/// How many entries of a conversation are shown before the one that is at fault.
const MAX_ENTRIES: usize = 40;

/// Longer stretches of heartbeat are summed up in one line.
const MAX_ASIDE: usize = 6;

/// One line on the terminal while a run goes on: how far it is, and what it waits for. Elsewhere it shows nothing.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    running: Vec<String>,
    failed: usize,
}

impl Progress {
    /// A line for so many cases.
    #[must_use]
    pub fn new(cases: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
        let template = ProgressStyle::with_template("{pos}/{len} {bar:24} {wide_msg}");
        // The template is a constant; the fallback is indicatif's own.
        bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, running: Vec::new(), failed: 0 }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let slowest = self.running.first().map_or("", String::as_str);
        self.bar.set_message(match self.failed {
            0 => slowest.to_owned(),
            failed => format!("{} {slowest}", style(format!("{failed} failed")).red()),
        });
    }
}

impl Listener for Progress {
    fn started(&mut self, case: &Case) {
        self.running.push(case.id.clone());
        self.show();
    }

    fn finished(&mut self, finished: &Finished) {
        self.running.retain(|id| *id != finished.case.id);
        if finished.outcome.verdict.level().is_some() {
            self.failed += 1;
        }
        self.bar.inc(1);
        self.show();
    }
}

/// Everything there is to say about a run: each failure, then each accepted difference in a line, then the totals.
#[must_use]
pub fn human(report: &Report) -> String {
    let mut text = String::new();
    for group in groups(report) {
        text.push_str(&failures(&group));
        text.push('\n');
    }
    for finished in &report.finished {
        if let (None, Verdict::Departed(differences)) = (finished.outcome.verdict.level(), &finished.outcome.verdict) {
            text.push_str(&lenient(finished, differences));
        }
    }
    if let Some(worst) = report.replayed.iter().map(|stalled| stalled.noise).max() {
        let ids: BTreeSet<&str> = report.replayed.iter().map(|stalled| stalled.id.as_str()).collect();
        let _ = writeln!(
            text,
            "{}  played again alone, since they failed among others: {} (this machine was late by up to {} ms)",
            style("note").yellow(),
            ids.into_iter().collect::<Vec<_>>().join(", "),
            worst.as_millis()
        );
    }
    text.push_str(&skipped(report));
    text.push_str(&totals(report));
    text
}

/// Whether a failure of the case makes the run fail: not where the protocol is silent and the reference merely happens to
/// behave in some way.
#[must_use]
pub const fn is_required(level: Level) -> bool {
    match level {
        Level::Must | Level::Should | Level::Security => true,
        Level::Reference => false,
    }
}

/// How many required cases failed.
#[must_use]
pub fn required_failures(report: &Report) -> usize {
    let failed = |finished: &&Finished| finished.outcome.verdict.level().is_some_and(is_required);
    report.finished.iter().filter(failed).count()
}

/// Failures that most likely have one cause, the plainest first.
type Group<'a> = Vec<(&'a Finished, &'a Difference)>;

/// The failures by cause, in the order of ids.
fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<(String, Group<'_>)> = Vec::new();
    for finished in &report.finished {
        let Some(difference) = finished.outcome.verdict.decisive() else { continue };
        let cause = difference.cause();
        match groups.iter_mut().find(|(other, _)| *other == cause) {
            Some((_, group)) => group.push((finished, difference)),
            None => groups.push((cause, vec![(finished, difference)])),
        }
    }
    let sorted = groups.into_iter().map(|(_, mut group)| {
        group.sort_by_key(|(finished, difference)| plainness(finished, difference));
        group
    });
    sorted.collect()
}

/// A case whose last step fails is about just that; one that has much left to say was only held up.
fn plainness(finished: &Finished, difference: &Difference) -> (usize, usize, String) {
    let steps = finished.case.trace.steps();
    let held_up = steps.filter(|step| step.line > difference.line && difference.line > 0).count();
    (held_up, finished.case.trace.lines.len(), finished.case.id.clone())
}

fn failures(group: &[(&Finished, &Difference)]) -> String {
    let Some(((finished, difference), others)) = group.split_first() else { return String::new() };
    let mut text = failure(finished, difference);
    if !others.is_empty() {
        let _ = writeln!(
            text,
            "\n      in the same way {}:",
            if others.len() == 1 { "fails".to_owned() } else { format!("fail {}", others.len()) }
        );
        for (other, _) in others {
            let _ = writeln!(
                text,
                "{}  {}  {}",
                style("FAIL").red().bold(),
                other.case.id,
                other.case.trace.header.level.as_str()
            );
        }
    }
    text
}

fn failure(finished: &Finished, difference: &Difference) -> String {
    let Finished { case, outcome, .. } = finished;
    let header = &case.trace.header;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}  {}  {}  {}",
        style("FAIL").red().bold(),
        style(&case.id).bold(),
        header.level.as_str(),
        seconds(outcome.duration),
    );
    let _ = writeln!(text, "      {}", header.title);
    for id in &header.covers {
        if let Some(requirement) = catalogue().get(id.as_str()) {
            let basis = match requirement.basis.as_str() {
                "specification" => "",
                _ => ", from the reference",
            };
            let _ = writeln!(text, "      {id} ({}{basis}): {}", requirement.level, requirement.text);
        }
    }
    if !header.seen.is_empty() {
        let seen: Vec<_> = header.seen.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "      seen in the wild: {}", seen.join(" "));
    }
    text.push('\n');
    if difference.line > 0 {
        let _ = writeln!(text, "      in       {}.trace, line {}", case.id, difference.line);
    }
    let _ = writeln!(text, "      expected {}", style(&difference.expected).green());
    let _ = writeln!(text, "      actual   {}", style(&difference.actual).red());
    text.push('\n');
    text.push_str(&conversation(&outcome.timeline));
    text
}

/// The conversation on one line of time, the first difference marked.
fn conversation(timeline: &Timeline) -> String {
    let entries = &timeline.entries;
    let width = entries.iter().map(|entry| entry.channel.len()).max().unwrap_or(0).max(2);
    let fault = entries.iter().position(|entry| entry.mark == Mark::Fault).unwrap_or(entries.len());
    let first = fault.saturating_sub(MAX_ENTRIES);
    let start = entries.first().map(|entry| entry.at).unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(text, "        t+ms  {:width$}", "on");
    if first > 0 {
        let _ = writeln!(text, "              ({first} earlier entries)");
    }
    let mut rest = entries.get(first..).unwrap_or_default();
    while let Some(entry) = rest.first() {
        let aside = rest.iter().take_while(|entry| entry.mark == Mark::SetAside).count();
        if aside > MAX_ASIDE {
            let _ = writeln!(text, "      {}", style(format!("        ({aside} lines of heartbeat set aside)")).dim());
            rest = rest.get(aside..).unwrap_or_default();
            continue;
        }
        text.push_str(&line(entry, start, width));
        rest = rest.get(1..).unwrap_or_default();
    }
    text
}

fn line(entry: &Entry, start: Timestamp, width: usize) -> String {
    let at = entry.at.saturating_since(start).as_millis();
    let line = format!("{at:>6}  {:width$}  {}  {}", entry.channel, arrow(entry), entry.text);
    match entry.mark {
        Mark::Fault => format!("    {} {}\n", style("x").red().bold(), style(line).red()),
        Mark::SetAside => format!("      {}\n", style(line).dim()),
        Mark::Expected => format!("      {line}\n"),
    }
}

const fn arrow(entry: &Entry) -> &'static str {
    match entry.side {
        Some(Side::Client) => "C ->",
        Some(Side::Server) => "<- S",
        None => "    ",
    }
}

fn lenient(finished: &Finished, differences: &[Difference]) -> String {
    differences.iter().fold(String::new(), |mut text, difference| {
        let word = style("note").yellow();
        let _ = writeln!(
            text,
            "{word}  {}  expected {}, accepted {}",
            finished.case.id, difference.expected, difference.actual
        );
        text
    })
}

/// The cases that do not apply, grouped by reason.
fn skipped(report: &Report) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for finished in &report.finished {
        if let Verdict::NotApplicable(reason) = &finished.outcome.verdict {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    reasons.into_iter().fold(String::new(), |mut text, (reason, count)| {
        let _ = writeln!(text, "{}  {} do not apply: {reason}", style("skip").yellow(), cases(count));
        text
    })
}

fn totals(report: &Report) -> String {
    let count =
        |fits: fn(&Verdict) -> bool| report.finished.iter().filter(|finished| fits(&finished.outcome.verdict)).count();
    let passed = count(|verdict| verdict.level().is_none() && !matches!(verdict, Verdict::NotApplicable(_)));
    let failed = count(|verdict| verdict.level().is_some());
    let lenient = count(|verdict| verdict.level().is_none() && verdict.departures().next().is_some());
    let skipped = count(|verdict| matches!(verdict, Verdict::NotApplicable(_)));
    let mut parts = vec![format!("{passed} passed")];
    if lenient > 0 {
        parts.push(format!("{lenient} of them with notes"));
    }
    if failed > 0 {
        let required = required_failures(report);
        parts.push(style(format!("{failed} failed ({required} required)")).red().bold().to_string());
    }
    if skipped > 0 {
        parts.push(format!("{skipped} not applicable"));
    }
    format!("{} in {}\n", parts.join(", "), seconds(report.duration))
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
