//! What was tested, and what came out.

use super::Column;
use crate::replay::visible;
use crate::report::results::{Judgement, Target};

/// What a page says of one run before its cases.
#[derive(Debug)]
pub(super) struct Head {
    /// The name of its column.
    pub(super) name: String,
    /// What was tested: a URL, or a client with its version.
    pub(super) target: String,
    pub(super) kind: &'static str,
    pub(super) judgement: &'static str,
    pub(super) tone: &'static str,
    pub(super) reason: Option<String>,
    pub(super) totals: String,
    pub(super) siospec: String,
    pub(super) started: String,
    pub(super) seconds: String,
    pub(super) gate: String,
    pub(super) traces: Option<String>,
    /// What the server offers, a line for each path.
    pub(super) summary: Vec<String>,
}

impl Head {
    pub(super) fn of(column: &Column<'_>) -> Self {
        let (run, end) = (&column.results.run, &column.results.end);
        let summary = match &run.target {
            Target::Server { summary, .. } => summary.iter().map(|line| visible(line)).collect(),
            Target::Client { .. } | Target::Codec { .. } => Vec::new(),
        };
        Self {
            name: visible(column.name),
            target: visible(&run.target.name()),
            kind: run.target.kind(),
            judgement: end.judgement.as_str(),
            tone: match end.judgement {
                Judgement::Passed => "good",
                Judgement::Failed | Judgement::Gone | Judgement::Unreachable => "bad",
                Judgement::Stale | Judgement::Nothing | Judgement::Interrupted => "warn",
            },
            reason: end.reason.as_deref().map(visible),
            totals: end.totals.words(),
            siospec: visible(&run.siospec),
            started: visible(&run.started),
            seconds: format!("{}.{} s", end.duration_ms / 1000, end.duration_ms % 1000 / 100),
            gate: visible(&run.gate),
            traces: run.traces.as_deref().map(visible),
            summary,
        }
    }
}
