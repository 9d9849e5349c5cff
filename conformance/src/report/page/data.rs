//! What the scripts of the page read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Column;
use super::matrix::{Matrix, Row, Tone};
use crate::cases;
use crate::replay::{shorten, visible};
use crate::report::results::{self, Known, Mark, Match, Sender};
use crate::requirements::catalogue;
use crate::trace::{Side, Trace};

/// Everything.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    /// What an address calls a page.
    key: &'static str,
    /// The names of the runs.
    columns: Vec<String>,
    items: Vec<Case>,
    /// The requirements that cases or findings name.
    requirements: BTreeMap<String, Requirement>,
}

/// One case.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    id: String,
    title: String,
    level: String,
    requirements: Vec<String>,
    seen: Vec<String>,
    /// The expected conversation; null if this siospec does not know it.
    steps: Option<Vec<Step>>,
    /// One for each run; null where the case was not selected.
    results: Vec<Option<Outcome>>,
}

/// A line of a trace: its number, the channel, the side, and what is to happen, shortened.
#[derive(Debug, Serialize)]
struct Step(u32, String, &'static str, String);

/// The result of a case in one run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    verdict: &'static str,
    tone: &'static str,
    reason: Option<String>,
    /// How often it passed, in words, if it was played several times.
    rate: Option<String>,
    /// What the baseline says, in words.
    baseline: Option<String>,
    duration_ms: Option<u64>,
    finding: Option<Finding>,
    reproduce: String,
    /// How many lines of the conversation are left out before those that are shown.
    earlier: usize,
    conversation: Vec<Line>,
}

/// At most this many lines of a conversation are shown before its first difference, and at most this many from there on.
const MAX_LINES: usize = 200;

/// The decisive difference.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    requirement: Option<String>,
    level: Option<String>,
    line: Option<u32>,
    expected: String,
    observed: String,
    /// What a 4.x JavaScript client does because of it.
    impact: Option<String>,
}

/// Something that happened: milliseconds, the channel, the side, what it was, and its mark.
#[derive(Debug, Serialize)]
pub(super) struct Line(
    pub(super) Option<u64>,
    pub(super) String,
    pub(super) &'static str,
    pub(super) String,
    pub(super) &'static str,
);

/// A requirement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Requirement {
    text: String,
    level: String,
    /// `specification` or `reference`.
    basis: String,
    /// Where that can be read.
    link: &'static str,
}

impl Data {
    pub(super) fn of(matrix: &Matrix<'_>, columns: &[Column<'_>], suite: &[cases::Case]) -> Self {
        let traces: BTreeMap<&str, &Trace> = suite.iter().map(|case| (case.id.as_str(), &case.trace)).collect();
        let mut requirements = BTreeMap::new();
        for row in &matrix.rows {
            collect(&mut requirements, row);
        }
        Self {
            key: "case",
            columns: columns.iter().map(|column| visible(column.name)).collect(),
            items: matrix.rows.iter().map(|row| case(row, traces.get(row.id.as_str()).copied())).collect(),
            requirements,
        }
    }
}

fn case(row: &Row<'_>, trace: Option<&Trace>) -> Case {
    let newest = row.cells.iter().flatten().next_back();
    let words = |of: fn(&results::Case) -> &[String]| {
        newest.map_or_else(Vec::new, |case| of(case).iter().map(|word| visible(word)).collect())
    };
    Case {
        id: row.id.clone(),
        title: row.title.clone(),
        level: row.level.clone(),
        requirements: words(|case| &case.requirements),
        seen: words(|case| &case.seen),
        steps: trace.map(steps),
        results: row.cells.iter().map(|cell| cell.map(outcome)).collect(),
    }
}

fn steps(trace: &Trace) -> Vec<Step> {
    let step = |step: &crate::trace::Step| {
        let (line, side) = (step.to_string(), side(step.side()));
        let channel = step.channel().map_or("", |channel| channel.as_str());
        let text = line.strip_prefix(channel).unwrap_or(&line).trim_start();
        let text = text.strip_prefix(side).unwrap_or(text).trim_start();
        Step(step.line, channel.to_owned(), side, shorten(text))
    };
    trace.steps().map(step).collect()
}

const fn side(side: Side) -> &'static str {
    side.as_str()
}

fn outcome(case: &results::Case) -> Outcome {
    let fault = case.conversation.iter().position(|line| line.mark == Mark::Fault).unwrap_or(0);
    let earlier = fault.saturating_sub(MAX_LINES);
    Outcome {
        verdict: case.verdict.as_str(),
        tone: Tone::of(case).class(),
        reason: case.reason.as_deref().map(visible),
        rate: case.rate.map(|rate| format!("passed {} of {} times", rate.passed, rate.judged)),
        baseline: case.baseline.as_ref().map(baseline),
        duration_ms: case.duration_ms,
        finding: case.finding.as_ref().map(|finding| Finding {
            requirement: finding.requirement.as_deref().map(visible),
            level: finding.level.as_deref().map(visible),
            line: finding.line,
            expected: visible(&finding.expected),
            observed: visible(&finding.observed),
            impact: finding.impact.as_deref().map(visible),
        }),
        reproduce: visible(&case.reproduce),
        earlier,
        conversation: case.conversation.iter().skip(earlier).take(2 * MAX_LINES).map(line).collect(),
    }
}

/// What a baseline says of a case, in one sentence.
fn baseline(known: &Known) -> String {
    let found = match known.found {
        Match::Known => "fails as the baseline expects",
        Match::UnexpectedPass => "passed, although the baseline expects that it fails",
        Match::Expired => "the entry of the baseline is expired",
        Match::Differs => "fails in another way than the baseline expects",
        Match::Unseen => "was not judged; the baseline expects that it fails",
    };
    let until = known.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    visible(&format!("{found} ({}{until}): {}", known.expected, known.reason))
}

fn line(line: &results::Line) -> Line {
    let text = visible(&line.text);
    Line(Some(line.at_ms), visible(&line.channel), sender(line.sender), text, mark(line.mark))
}

/// The side that sent a line, as the scripts call it.
pub(super) const fn sender(sender: Option<Sender>) -> &'static str {
    match sender {
        Some(Sender::Client) => "C",
        Some(Sender::Server) => "S",
        None => "",
    }
}

/// The mark of a line, as the scripts and styles call it.
pub(super) const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Expected => "",
        Mark::SetAside => "aside",
        Mark::Fault => "fault",
    }
}

/// The requirements of a case, as this siospec knows them; those of a finding also as the run knew them.
fn collect(requirements: &mut BTreeMap<String, Requirement>, row: &Row<'_>) {
    for case in row.cells.iter().flatten() {
        let finding = case.finding.as_ref();
        for id in case.requirements.iter().chain(finding.and_then(|finding| finding.requirement.as_ref())) {
            let Some(known) = catalogue().get(id) else { continue };
            requirements.entry(visible(id)).or_insert_with(|| {
                let level = known.weight().as_str().to_owned();
                requirement(id, known.text.clone(), level, known.basis.clone())
            });
        }
        if let Some(finding) = finding
            && let (Some(id), Some(sentence)) = (&finding.requirement, &finding.sentence)
        {
            requirements.entry(visible(id)).or_insert_with(|| {
                let text = |text: &Option<String>| text.as_deref().map(visible).unwrap_or_default();
                requirement(id, visible(sentence), text(&finding.level), text(&finding.basis))
            });
        }
    }
}

pub(super) fn requirement(id: &str, text: String, level: String, basis: String) -> Requirement {
    let link = source(id, &basis);
    Requirement { text, level, basis, link }
}

/// Where a requirement can be read: the text of the protocol, or the source of the reference.
fn source(id: &str, basis: &str) -> &'static str {
    match (id.split('-').next().unwrap_or_default(), basis) {
        ("EIO4", "specification") => "https://socket.io/docs/v4/engine-io-protocol/",
        ("EIO3", "specification") => "https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v3.md",
        ("SIO5", "specification") => "https://socket.io/docs/v4/socket-io-protocol/",
        ("SIO4", "specification") => "https://github.com/socketio/socket.io/tree/main/docs/socket.io-protocol",
        ("MSG", _) => "https://github.com/socketio/socket.io-msgpack-parser",
        _ => "https://github.com/socketio/socket.io",
    }
}
