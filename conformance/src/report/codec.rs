//! Prints the results of a codec for a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use console::style;

use crate::adapter::{Checked, Comparison, Hello, Report, Standing};
use crate::replay::{shorten, visible};

/// The whole report. `notes` shows differences that are allowed, too.
#[must_use]
pub fn text(report: &Report, notes: bool) -> String {
    let mut text = format!("{}\n\n", name(&report.hello));
    report.checked.iter().for_each(|checked| text.push_str(&result(checked, notes)));
    text.push_str(&skipped(report));
    text.push_str(&totals(report));
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

/// The last line.
fn totals(report: &Report) -> String {
    let count = |fits: fn(&Standing) -> bool| report.count(fits);
    let red =
        |count: usize, words: &str| (count > 0).then(|| style(format!("{count} {words}")).red().bold().to_string());
    let plain = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let parts = [
        Some(format!("{} passed", count(|standing| *standing == Standing::Passed))),
        red(count(|standing| matches!(standing, Standing::Failed(_))), "failed"),
        red(count(|standing| matches!(standing, Standing::Faulty { .. })), "with a fault of the adapter"),
        red(count(|standing| *standing == Standing::Left), "not played"),
        plain(count(|standing| matches!(standing, Standing::Noted(_))), "other than the reference, which is allowed"),
        plain(count(|standing| matches!(standing, Standing::NotApplicable(_))), "not applicable"),
        plain(count(|standing| matches!(standing, Standing::Unsupported(_))), "unsupported"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("\n{} in {:.2} s\n", parts.join(", "), report.duration.as_secs_f64())
}

fn vectors(count: usize) -> String {
    if count == 1 { "1 vector".to_owned() } else { format!("{count} vectors") }
}
