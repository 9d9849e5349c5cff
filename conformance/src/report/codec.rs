//! Prints the results of a codec for a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use console::style;

use super::human::known_line;
use super::results::{Case, Results, Verdict};
use crate::adapter::{Checked, Comparison, Hello, Report, Standing};
use crate::replay::{shorten, visible};
use crate::trace::Level;

/// The whole report; `results` are the same as plain data, judged by a baseline if there is one. `notes` shows differences that
/// are allowed, too.
#[must_use]
pub fn text(report: &Report, results: &Results, notes: bool) -> String {
    let mut text = format!("{}\n\n", name(&report.hello));
    for (checked, case) in report.checked.iter().zip(&results.cases) {
        match case.baseline.as_ref().filter(|_| case.is_known()) {
            Some(known) => text.push_str(&known_line(&case.id, known)),
            None => text.push_str(&result(checked, notes)),
        }
    }
    text.push_str(&skipped(report));
    text.push_str(&totals(report, results));
    text
}

/// The differences between two codecs.
#[must_use]
pub fn comparison(comparison: &Comparison) -> String {
    let [one, other] = comparison.hellos.each_ref().map(name);
    let mut text = format!("first   {one}\nsecond  {other}\n\n");
    for difference in &comparison.differences {
        let more = if difference.count > 1 { format!("  shown by {} inputs", difference.count) } else { String::new() };
        let _ = writeln!(text, "{}  {}{more}", style("DIFF").red().bold(), style(difference.format).bold());
        let _ = writeln!(text, "      input   {}", visible(&difference.input));
        for (place, outcome) in ["first", "second"].iter().zip(&difference.outcomes) {
            let _ = writeln!(text, "      {place:6}  {}", visible(outcome));
        }
    }
    let (compared, differing) = (comparison.compared, comparison.differing);
    let (distinct, seconds) = (comparison.differences.len(), comparison.duration.as_secs_f64());
    let cut = if comparison.is_cut { "; the rest was not compared" } else { "" };
    let _ = writeln!(
        text,
        "\n{compared} compared, {differing} read differently, {distinct} after they were made smaller, in {seconds:.2} s{cut}"
    );
    text
}

fn name(hello: &Hello) -> String {
    let lang = if hello.lang.is_empty() { String::new() } else { format!(" ({})", visible(&hello.lang)) };
    format!("{} {}{lang}", visible(&hello.name), visible(&hello.version))
}

fn result(checked: &Checked, notes: bool) -> String {
    let lines = |word: console::StyledObject<&str>, what: &str| {
        let mut text = format!("{word}  {}", style(&checked.id).bold());
        if matches!(checked.standing, Standing::Failed(_)) {
            let subject = checked.requirements.first().map(|id| format!(" {id}")).unwrap_or_default();
            let _ = write!(text, "  {}{subject}", checked.level.as_str());
        }
        if !checked.note.is_empty() {
            let _ = write!(text, "  {}", visible(&checked.note));
        }
        let _ = writeln!(text, "\n      {}", visible(what));
        text
    };
    match &checked.standing {
        Standing::Failed(difference) => lines(style("FAIL").red().bold(), difference),
        Standing::Faulty { fault, again } => lines(style(fault.word()).red().bold(), &format!("{fault}{again}")),
        Standing::Noted(difference) if notes => lines(style("note").yellow(), difference),
        Standing::Noted(_)
        | Standing::Passed
        | Standing::NotApplicable(_)
        | Standing::Unsupported(_)
        | Standing::Left => String::new(),
    }
}

/// The vectors that do not apply, and those that need what the adapter says that its codec does not have, by reason.
fn skipped(report: &Report) -> String {
    let mut by_reason: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for checked in &report.checked {
        match &checked.standing {
            Standing::NotApplicable(why) => *by_reason.entry(("skip", why)).or_default() += 1,
            Standing::Unsupported(why) => *by_reason.entry(("unsupported", why)).or_default() += 1,
            _ => {}
        }
    }
    let line = |((word, why), count): (&(&str, &str), &usize)| {
        format!("{}  {}: {}\n", style(word).yellow(), vectors(*count), shorten(why))
    };
    by_reason.iter().map(line).collect()
}

/// The last lines.
fn totals(report: &Report, results: &Results) -> String {
    let others: Vec<_> =
        report.checked.iter().zip(&results.cases).filter(|(_, case)| !case.is_known()).map(|(one, _)| one).collect();
    let count = |fits: fn(&Standing) -> bool| others.iter().filter(|checked| fits(&checked.standing)).count();
    let red =
        |count: usize, words: &str| (count > 0).then(|| style(format!("{count} {words}")).red().bold().to_string());
    let plain = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let failed: Vec<_> = others.iter().filter(|checked| matches!(checked.standing, Standing::Failed(_))).collect();
    let parts = [
        Some(format!("{} passed", count(|standing| *standing == Standing::Passed))),
        red(failed.len(), &format!("failed ({})", by_level(failed.iter().map(|checked| checked.level)))),
        red(count(|standing| matches!(standing, Standing::Faulty { .. })), "with a fault of the adapter"),
        red(count(|standing| *standing == Standing::Left), "not played"),
        plain(report.checked.len() - others.len(), "known to fail"),
        plain(count(|standing| matches!(standing, Standing::Noted(_))), "other than the reference, which is allowed"),
        plain(count(|standing| matches!(standing, Standing::NotApplicable(_))), "not applicable"),
        plain(count(|standing| matches!(standing, Standing::Unsupported(_))), "unsupported"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut text = format!("\n{} in {:.2} s\n", parts.join(", "), report.duration.as_secs_f64());
    if !failed.is_empty() {
        let at_gate = |case: &&Case| case.fails_run && case.verdict == Verdict::Failed;
        let gate = &results.run.gate;
        let _ = writeln!(text, "at the gate, which is {gate}: {}", results.cases.iter().filter(at_gate).count());
    }
    text
}

/// The numbers of levels, the heaviest first.
fn by_level(levels: impl Iterator<Item = Level>) -> String {
    let mut numbers: BTreeMap<u8, (Level, usize)> = BTreeMap::new();
    levels.for_each(|level| numbers.entry(level.rank()).or_insert((level, 0)).1 += 1);
    numbers.values().map(|(level, number)| format!("{number} {}", level.as_str())).collect::<Vec<_>>().join(", ")
}

fn vectors(count: usize) -> String {
    if count == 1 { "1 vector".to_owned() } else { format!("{count} vectors") }
}
