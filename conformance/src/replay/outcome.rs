//! What comes of a replay.

use std::time::Duration;

use super::timeline::Timeline;

/// How a replay ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The judgement.
    pub verdict: Verdict,
    /// What was seen, in order.
    pub timeline: Timeline,
    /// How long it took.
    pub duration: Duration,
    /// By how much the machine that judges was late meanwhile.
    pub noise: Duration,
}

/// The judgement on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was as written.
    Passed,
    /// Everything required was as written; these accepted differences were seen.
    Lenient(Vec<Difference>),
    /// Something required was not.
    Failed(Difference),
    /// The case does not apply to this server, for this reason.
    NotApplicable(String),
}

/// One difference between what a trace says and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the trace, from 1; 0 if no line is to blame.
    pub line: u32,
    /// What the trace says.
    pub expected: String,
    /// What happened.
    pub actual: String,
}

impl Difference {
    /// What many cases may have in common when one defect fails them all: the place and nature of the difference,
    /// without the payload that it was found in.
    #[must_use]
    pub fn cause(&self) -> String {
        match self.actual.rfind(": at ") {
            Some(at) => self.actual[at..].to_owned(),
            None => format!("{} {}", self.expected, self.actual),
        }
    }
}

/// How patient the engine is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a step without a window may take.
    pub step: Duration,
    /// What is added to every window, because the machine that judges is not always on time.
    pub grace: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { step: Duration::from_secs(3), grace: Duration::from_millis(50) }
    }
}
