//! Prints one failing case for a person.

use std::fmt::Write as _;
use std::time::Duration;

use console::{StyledObject, style};

use super::conversation::conversation;
use super::wrap::{PAGE, hanging, wrapped};
use super::{Detail, Found, Group};
use crate::cases;
use crate::replay::{Difference, Verdict};
use crate::requirements::catalogue;
use crate::run::{Conclusion, Finished, Rate};
use crate::trace::{Header, Level};

/// Cases with one cause: the first in full, each other case on one line.
pub(super) fn group(word: &StyledObject<&'static str>, group: &Group<'_>, detail: Detail) -> String {
    let mut text = found(word, &group.first, detail);
    if !group.others.is_empty() {
        let verb = if group.others.len() == 1 { "fails".to_owned() } else { format!("fail {}", group.others.len()) };
        let _ = writeln!(text, "\n      in the same way {verb}:");
        for other in &group.others {
            let rate = other.finished.rate.map(|rate| format!("  {rate}")).unwrap_or_default();
            let _ = writeln!(text, "{word}  {}  {}{rate}", other.finished.case.id, level(other.difference));
        }
    }
    text
}

fn found(word: &StyledObject<&'static str>, found: &Found<'_>, detail: Detail) -> String {
    let Found { finished, outcome, difference } = found;
    let header = &finished.case.trace.header;
    let mut text = head(word, finished, level(difference), outcome.duration);
    if let Some(rule) = rule(difference, header) {
        text.push_str(&hanging("      ", &rule));
    }
    if let Some(impact) = difference.impact() {
        text.push_str(&hanging("      impact: ", &format!("a 4.x JavaScript client {impact}")));
    }
    if let Some(remark) = remark(finished) {
        let _ = writeln!(text, "      {remark}");
    }
    if !header.seen.is_empty() {
        let seen: Vec<_> = header.seen.iter().map(ToString::to_string).collect();
        text.push_str(&hanging("      seen in the wild: ", &seen.join(" ")));
    }
    text.push('\n');
    if difference.line > 0 {
        let _ = writeln!(text, "      in       {}.trace, line {}", cases::file(&finished.case.id), difference.line);
    }
    text.push_str(&contrast(&difference.expected, &difference.actual));
    text.push('\n');
    text.push_str(&conversation(&outcome.timeline, Some(&difference.expected), detail));
    text.push_str(&besides(&outcome.verdict, difference, header));
    text
}

/// What was expected, and what came.
pub(super) fn contrast(expected: &str, actual: &str) -> String {
    let part = |head: &str, text: &str, colour: fn(StyledObject<String>) -> StyledObject<String>| {
        let lines = wrapped(text, PAGE - head.len()).into_iter().map(|line| colour(style(line)).to_string());
        format!("{head}{}\n", lines.collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(head.len()))))
    };
    part("      expected ", expected, StyledObject::green) + &part("      actual   ", actual, StyledObject::red)
}

/// The first lines: the case, its level, its duration, and what it shows.
pub(super) fn head(word: &StyledObject<&'static str>, finished: &Finished, level: &str, duration: Duration) -> String {
    let case = &finished.case;
    let gap = if level.is_empty() { "" } else { "  " };
    let line = format!("{word}  {}{gap}{level}  {:.2} s", style(&case.id).bold(), duration.as_secs_f64());
    format!("{line}\n{}", hanging("      ", case.trace.header.title.as_str()))
}

/// The other differences in the same conversation.
fn besides(verdict: &Verdict, decisive: &Difference, header: &Header) -> String {
    let others: Vec<_> =
        verdict.departures().filter(|other| *other != decisive && other.rule.level.is_some()).collect();
    let mut text = String::new();
    if !others.is_empty() {
        text.push_str("\n      besides:\n");
    }
    for other in others {
        let rule = rule(other, header).unwrap_or_else(|| level(other).to_owned());
        let words = format!("expected {}, found {} | {rule}", other.expected, other.actual);
        text.push_str(&hanging(&format!("      line {}: ", other.line), &words));
    }
    text
}

fn level(difference: &Difference) -> &'static str {
    difference.rule.level.map_or("", Level::as_str)
}

/// The broken rule, with its level and source: `must EIO4-HB-01, from the specification: ...`.
fn rule(difference: &Difference, header: &Header) -> Option<String> {
    let requirement = catalogue().get(difference.rule.requirement.as_ref()?.as_str())?;
    let level = difference.rule.level;
    // A rule that the specification only allows counts as a rule of the reference.
    let basis = if requirement.basis == "specification" && level != Some(Level::Reference) {
        "from the specification".to_owned()
    } else {
        let since = header.since.as_ref().map(|version| format!(" (since {version})")).unwrap_or_default();
        format!("departs from the JavaScript reference{since}")
    };
    let word = level.map_or("accepted", Level::as_str);
    Some(format!("{word} {}, {basis}: {}", requirement.id, requirement.text))
}

/// How often a case passed that did not always.
pub(super) fn rate_remark(rate: Rate) -> String {
    format!("it {rate}; this is a conversation that failed")
}

/// A remark on how the case was judged.
fn remark(finished: &Finished) -> Option<String> {
    if let Some(rate) = finished.rate {
        return Some(rate_remark(rate));
    }
    let words = match &finished.conclusion {
        Conclusion::Again(_) => Some("it was played again, alone, and failed again"),
        Conclusion::Flaky { .. } => Some("it was played again, alone, and passed; this is the first conversation"),
        _ => None,
    };
    words.map(str::to_owned)
}
