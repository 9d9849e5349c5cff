//! A trace with the changes of its recording.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::trace::{Action, Line, Sentence, Side, Step, Trace};

/// How long the recording of a trace without S steps listens after each C step.
const SETTLE: Duration = Duration::from_millis(250);

/// A trace with the changes of its recording.
#[derive(Debug)]
pub struct Recording {
    trace: Trace,
    style: Style,
    /// The replacements of steps, by their ordinals; unchanged steps are not listed.
    pub(super) replaced: BTreeMap<usize, Vec<Step>>,
    /// Steps inserted after a step, by its ordinal; `None` is the beginning.
    pub(super) inserted: BTreeMap<Option<usize>, Vec<Step>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// The trace has S steps, which are waited for.
    Revise,
    /// The trace has no S steps.
    Fresh,
}

impl Recording {
    pub(super) fn new(trace: &Trace) -> Self {
        let is_check = |step: &Step| step.side() == Side::Server && !matches!(step.action, Action::Session(_));
        let style = if trace.steps().any(is_check) { Style::Revise } else { Style::Fresh };
        Self { trace: trace.clone(), style, replaced: BTreeMap::new(), inserted: BTreeMap::new() }
    }

    pub(super) const fn is_fresh(&self) -> bool {
        matches!(self.style, Style::Fresh)
    }

    pub(super) const fn settle(&self) -> Option<Duration> {
        match self.style {
            Style::Revise => None,
            Style::Fresh => Some(SETTLE),
        }
    }

    /// Whether the recording changes the trace.
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.replaced.is_empty() || !self.inserted.is_empty()
    }

    /// The changed trace; `source` names what it was recorded from.
    #[must_use]
    pub fn finish(mut self, source: Option<&str>) -> Trace {
        let mut ordinal = 0;
        let mut lines: Vec<Line> = Vec::new();
        for line in std::mem::take(&mut self.trace.lines) {
            let count = line.steps().len();
            if ordinal == 0 && count > 0 {
                lines.extend(self.inserted.remove(&None).into_iter().flatten().map(Line::Step));
            }
            // A setup stays unchanged: if it does not match, the recording fails.
            match self.replaced.remove(&ordinal) {
                Some(steps) if matches!(line, Line::Step(_)) => lines.extend(steps.into_iter().map(Line::Step)),
                _ => lines.push(line),
            }
            for ordinal in ordinal..ordinal + count {
                lines.extend(self.inserted.remove(&Some(ordinal)).into_iter().flatten().map(Line::Step));
            }
            ordinal += count;
        }
        self.trace.lines = lines;
        if let Some(source) = source.and_then(Sentence::new) {
            self.trace.header.recorded = Some(source);
        }
        self.trace
    }
}
