//! Markdown for a reader: the judgement, a table of chapters, and the cases that are no plain passes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::results::{Case, Results, Verdict, conversation};

/// At most this many cases are shown with their conversation.
const MAX_DETAILS: usize = 50;

pub(super) fn text(results: &Results) -> String {
    let (run, end) = (&results.run, &results.end);
    let mut text = format!("# siospec: {}\n\n", end.judgement.as_str());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{} against {} with siospec {}.", end.totals.words(), code(&run.target.name()), run.siospec);
    let _ = writeln!(text, "{}. The gate is {}.", fail(end.totals.failing), run.gate);
    if let Some(repeat) = run.repeat {
        let _ = writeln!(text, "Each case was played {repeat} times.");
    }
    if let Some(reason) = &end.reason {
        let _ = writeln!(text, "\n**{}**", plain(reason));
    }
    if let Some(judged) = &end.baseline {
        let _ = writeln!(
            text,
            "\nBy the baseline {}, {} fail as expected, {} are not expected, and {} passed although a failure is expected.",
            code(&judged.file),
            judged.known,
            judged.unexpected,
            judged.unexpected_passes
        );
    }
    if !results.cases.is_empty() {
        text.push_str(&chapters(&results.cases));
    }
    let is_told =
        |case: &&Case| case.passed_unexpectedly() || !(case.verdict == Verdict::Passed || case.verdict.is_unfit());
    let mut told: Vec<&Case> = results.cases.iter().filter(is_told).collect();
    // Those that fail the run come first.
    told.sort_by_key(|case| (!case.fails_run, !case.passed_unexpectedly(), case.is_known()));
    if !told.is_empty() {
        text.push_str("\n## Findings\n");
        told.iter().take(MAX_DETAILS).for_each(|case| text.push_str(&details(case)));
    }
    if told.len() > MAX_DETAILS {
        let _ = writeln!(text, "\n{} more cases are not shown here.", told.len() - MAX_DETAILS);
    }
    text.push_str(&unfit(&results.cases, Verdict::NotApplicable, "Not applicable"));
    text.push_str(&unfit(&results.cases, Verdict::Unsupported, "Unsupported"));
    text
}

fn chapters(cases: &[Case]) -> String {
    let mut chapters: BTreeMap<&str, [usize; 6]> = BTreeMap::new();
    for case in cases {
        let row = chapters.entry(case.chapter()).or_default();
        let [passed, failing, known, other, skipped, unsupported] = row;
        *match case.verdict {
            Verdict::Passed => passed,
            Verdict::NotApplicable => skipped,
            Verdict::Unsupported => unsupported,
            _ if case.fails_run => failing,
            _ if case.is_known() => known,
            _ => other,
        } += 1;
    }
    let head = "\n| chapter | passed | fail the run | known | other findings | not applicable | unsupported |\n|---|--:|--:|--:|--:|--:|--:|\n";
    chapters.into_iter().fold(head.to_owned(), |mut text, (chapter, row)| {
        let numbers = row.map(|number| if number == 0 { "-".to_owned() } else { number.to_string() });
        let _ = writeln!(text, "| {} | {} |", plain(chapter), numbers.join(" | "));
        text
    })
}

fn details(case: &Case) -> String {
    let known = if case.is_known() { "known, " } else { "" };
    let mut text = format!("\n### {known}{}: {}\n\n{}\n", case.verdict.as_str(), code(&case.id), plain(&case.title));
    if let Some(known) = &case.baseline {
        let _ = writeln!(text, "\n**{}**", plain(&known.words()));
    }
    if let Some(reason) = &case.reason {
        let _ = writeln!(text, "\n{}", plain(reason));
    }
    if let Some(finding) = &case.finding {
        let level = finding.level.as_deref().unwrap_or("accepted");
        let requirement = finding.requirement.as_deref().unwrap_or_default();
        let sentence = finding.sentence.as_deref().unwrap_or_default();
        // The sentences of the catalogue are Markdown.
        let _ = writeln!(text, "\n{level} {requirement}: {sentence}");
        if let Some(impact) = &finding.impact {
            let _ = writeln!(text, "\nA 4.x JavaScript client {}.", plain(impact));
        }
        let _ = writeln!(text, "\n- expected {}\n- found {}", code(&finding.expected), code(&finding.observed));
    }
    if !case.conversation.is_empty() {
        let conversation = conversation(&case.conversation);
        let fence = fence(&conversation, 3);
        let _ = writeln!(
            text,
            "\n<details><summary>Conversation</summary>\n\n{fence}text\n{conversation}{fence}\n\n</details>"
        );
    }
    let _ = writeln!(text, "\nReproduce: {}", code(&case.reproduce));
    text
}

/// How many cases have a verdict for which nothing was played, by reason.
fn unfit(cases: &[Case], verdict: Verdict, title: &str) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.verdict == verdict) {
        *reasons.entry(case.reason.as_deref().unwrap_or_default()).or_default() += 1;
    }
    if reasons.is_empty() {
        return String::new();
    }
    let head = format!("\n## {title}\n\n| cases | reason |\n|--:|---|\n");
    reasons.into_iter().fold(head, |mut text, (reason, number)| {
        let _ = writeln!(text, "| {number} | {} |", plain(reason));
        text
    })
}

fn fail(number: usize) -> String {
    match number {
        0 => "No case fails the run".to_owned(),
        1 => "1 case fails the run".to_owned(),
        number => format!("{number} cases fail the run"),
    }
}

/// Text without meaning for Markdown or HTML. It may be a server's.
pub(in crate::report) fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        match character {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // Names of people and pull requests would become links.
            '@' => shown.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => shown.extend(['\\', character]),
            _ => shown.push(character),
        }
        shown
    })
}

/// A span of code, within a fence that does not occur in it.
pub(in crate::report) fn code(text: &str) -> String {
    let fence = fence(text, 1);
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// Backticks: one more than there are in a row in the text, and at least `least`.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(if longest < least { least } else { longest + 1 })
}
