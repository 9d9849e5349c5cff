//! The results of a run as plain data: what the machine-readable reports are made of.
//!
//! The texts hold no control or invisible characters: what a server sends is escaped, as in `\u{1b}`. The JSON Schema of
//! [`Results`] is `schemas/results.json` in the source of this package.

mod client;
mod codec;
mod entry;
mod known;
mod of;
mod text;

use serde::{Deserialize, Serialize};

pub use client::ClientContext;
pub use codec::CodecContext;
pub use entry::{Line, Mark, Sender};
pub use known::{Judged, Known, Match};
pub use of::{Again, Context, quoted};
pub use text::conversation;

/// The version of the format. A new version is one that older readers cannot read; fields may be added within a version.
pub const FORMAT: u32 = 1;

/// The results of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Results {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// How the run ended.
    #[serde(flatten)]
    pub end: End,
    /// All selected cases, in the order of ids.
    pub cases: Vec<Case>,
}

/// What is known about a run when it begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The version of this format.
    pub format: u32,
    /// The version of siospec, and of the suite that comes with it.
    pub siospec: String,
    /// The folder of the traces, if they are not those that come with siospec.
    pub traces: Option<String>,
    /// The seed of the values in generated cases.
    pub seed: u64,
    /// When the run began: a date and time of RFC 3339, in UTC.
    pub started: String,
    /// The lowest level whose broken rules fail the run: must, should or reference.
    pub gate: String,
    /// The seed of the order in which the cases were played, if it was a random one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<u64>,
    /// How often each case was played, if it was more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<u16>,
    /// What is tested.
    pub target: Target,
}

/// What is tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    /// A server.
    Server {
        /// Its URL; empty if siospec was to start the server and could not.
        url: String,
        /// What siospec found out about the server before the first case, as `siospec check --json` prints it; null if
        /// the server was not reached.
        survey: Option<serde_json::Value>,
        /// The same for a reader: a line for each path, then warnings.
        summary: Vec<String>,
    },
    /// A client.
    Client {
        /// Its name, as its driver says; empty if no driver could be started.
        name: String,
        /// Its version.
        version: String,
    },
    /// A codec. Its cases are vectors.
    Codec {
        /// Its name, as its adapter says; empty if no adapter could be started.
        name: String,
        /// Its version.
        version: String,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// The judgement on the run.
    pub judgement: Judgement,
    /// Why the run did not come to its end, or why it has no judgement.
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How many cases have each verdict.
    pub totals: Totals,
    /// What the baseline says; absent if the run had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Judged>,
}

/// The judgement on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// At least one case was judged, none was lost, and no rule at the gate is broken. Exit code 0.
    Passed,
    /// A rule at the gate is broken, or a case was lost. Exit code 1.
    Failed,
    /// Nothing else is wrong, but a case passed that the baseline expects to fail. Exit code 4.
    Stale,
    /// No case applies to the server. Exit code 3.
    Nothing,
    /// The server went away and did not come back. Exit code 3.
    Gone,
    /// The run did not begin, for example because the server cannot be reached. Exit code 2 or 3.
    Unreachable,
    /// The run was interrupted. Exit code 130.
    Interrupted,
}

/// How many cases have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// They passed.
    pub passed: usize,
    /// They broke a rule.
    pub failed: usize,
    /// They failed and then passed.
    pub flaky: usize,
    /// They ended the server.
    pub crash: usize,
    /// Their subject was not reached.
    pub held_up: usize,
    /// No judgement is possible.
    pub inconclusive: usize,
    /// Siospec panicked while playing them.
    pub panicked: usize,
    /// The driver of the client, or the adapter of the codec, ended, did not answer, or wrote garbage.
    pub driver_fault: usize,
    /// They were not played.
    pub not_played: usize,
    /// They do not apply.
    pub not_applicable: usize,
    /// They need a feature that the implementation declares not to have.
    #[serde(default)]
    pub unsupported: usize,
    /// How many of all fail the run.
    pub failing: usize,
}

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// The id, such as `eio4/upgrade/probe`. What is before the last `/` is the chapter.
    pub id: String,
    /// The behaviour that it shows, in one sentence.
    pub title: String,
    /// The level of the case: security, must, should or reference.
    pub level: String,
    /// The ids of the requirements that it covers.
    pub requirements: Vec<String>,
    /// Where the behaviour was wrong in practice: issues and advisories.
    pub seen: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether this verdict fails the run. A rule that is broken below the gate does not, nor does what the baseline
    /// expects.
    pub fails_run: bool,
    /// How often it passed, if the run played it several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What the baseline says; absent if it has no entry for the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Known>,
    /// Why there is this verdict, where the finding does not say it: for example why the case does not apply.
    pub reason: Option<String>,
    /// How long the conversation took, in milliseconds; null if there is none.
    pub duration_ms: Option<u64>,
    /// The most important difference from the trace; null if there is none.
    pub finding: Option<Finding>,
    /// The command that plays this case alone.
    pub reproduce: String,
    /// The conversation. It is empty for cases that passed or were not played.
    pub conversation: Vec<Line>,
}

/// How often a case passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rate {
    /// How often it passed.
    pub passed: u16,
    /// How often it was judged.
    pub judged: u16,
}

/// The verdict on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No rule was broken. Accepted differences may have been seen.
    Passed,
    /// A rule was broken.
    Failed,
    /// It failed and then passed.
    Flaky,
    /// It ended the server.
    Crash,
    /// An earlier step failed, so the subject of the case was not reached.
    HeldUp,
    /// No judgement is possible.
    Inconclusive,
    /// Siospec itself panicked.
    Panicked,
    /// The driver of the client, or the adapter of the codec, ended, did not answer, or wrote garbage.
    DriverFault,
    /// It was not played.
    NotPlayed,
    /// It does not apply to this server.
    NotApplicable,
    /// It needs a feature that the implementation declares not to have: a server in a file of `--features`, a client by its
    /// driver, a codec by its adapter.
    Unsupported,
}

/// A difference between a trace and what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The id of the broken requirement, if one is known.
    pub requirement: Option<String>,
    /// Its sentence.
    pub sentence: Option<String>,
    /// Its source: `specification` or `reference`.
    pub basis: Option<String>,
    /// The level of the broken rule; null if the difference is accepted.
    pub level: Option<String>,
    /// The line of the trace, from 1; null if no line is at fault.
    pub line: Option<u32>,
    /// What the trace says.
    pub expected: String,
    /// What happened.
    pub observed: String,
    /// What a 4.x JavaScript client does because of it: the end of a sentence that begins with the client; null if that is
    /// not known, or if a client is tested.
    #[serde(default)]
    pub impact: Option<String>,
}

impl Target {
    /// What it is, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Server { .. } => "server",
            Self::Client { .. } => "client",
            Self::Codec { .. } => "codec",
        }
    }

    /// Its URL, or its name and version.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Server { url, .. } => url.clone(),
            Self::Client { name, version } | Self::Codec { name, version } => format!("{name} {version}"),
        }
    }
}

impl Judgement {
    /// The exit code of a command with this judgement.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Stale => 4,
            Self::Nothing | Self::Gone | Self::Unreachable => 3,
            // The usual exit code of a program that was ended by signal 2, SIGINT.
            Self::Interrupted => 128 + 2,
        }
    }

    /// Whether the run came to its end and judged something.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Passed | Self::Failed | Self::Stale)
    }

    /// Its word in the reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Stale => "passed, but the baseline is out of date",
            Self::Nothing => "nothing was judged",
            Self::Gone => "the server went away",
            Self::Unreachable => "the run did not begin",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Verdict {
    /// Its words in the reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Flaky => "flaky",
            Self::Crash => "crash",
            Self::HeldUp => "held up",
            Self::Inconclusive => "inconclusive",
            Self::Panicked => "panicked",
            Self::DriverFault => "fault of the driver",
            Self::NotPlayed => "not played",
            Self::NotApplicable => "not applicable",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether it is no case for this target, so that nothing was played.
    #[must_use]
    pub const fn is_unfit(self) -> bool {
        matches!(self, Self::NotApplicable | Self::Unsupported)
    }
}

impl Totals {
    /// Counts the verdicts of these cases.
    #[must_use]
    pub fn of(cases: &[Case]) -> Self {
        let mut totals = Self::default();
        for case in cases {
            *match case.verdict {
                Verdict::Passed => &mut totals.passed,
                Verdict::Failed => &mut totals.failed,
                Verdict::Flaky => &mut totals.flaky,
                Verdict::Crash => &mut totals.crash,
                Verdict::HeldUp => &mut totals.held_up,
                Verdict::Inconclusive => &mut totals.inconclusive,
                Verdict::Panicked => &mut totals.panicked,
                Verdict::DriverFault => &mut totals.driver_fault,
                Verdict::NotPlayed => &mut totals.not_played,
                Verdict::NotApplicable => &mut totals.not_applicable,
                Verdict::Unsupported => &mut totals.unsupported,
            } += 1;
            totals.failing += usize::from(case.fails_run);
        }
        totals
    }

    /// The verdicts that occur, with their numbers: `12 passed, 1 failed`.
    #[must_use]
    pub fn words(&self) -> String {
        let all = [
            (self.passed, Verdict::Passed),
            (self.failed, Verdict::Failed),
            (self.flaky, Verdict::Flaky),
            (self.crash, Verdict::Crash),
            (self.held_up, Verdict::HeldUp),
            (self.inconclusive, Verdict::Inconclusive),
            (self.panicked, Verdict::Panicked),
            (self.driver_fault, Verdict::DriverFault),
            (self.not_played, Verdict::NotPlayed),
            (self.not_applicable, Verdict::NotApplicable),
            (self.unsupported, Verdict::Unsupported),
        ];
        let words = all.into_iter().filter(|(number, verdict)| *number > 0 || *verdict == Verdict::Passed);
        words.map(|(number, verdict)| format!("{number} {}", verdict.as_str())).collect::<Vec<_>>().join(", ")
    }
}

impl Case {
    /// The folder that the case is in: `eio4/upgrade`.
    #[must_use]
    pub fn chapter(&self) -> &str {
        self.id.rsplit_once('/').map_or("", |(chapter, _)| chapter)
    }

    /// What went wrong, in one sentence; for a case that passed, that it did. What the baseline says comes first.
    #[must_use]
    pub fn message(&self) -> String {
        let known = self.baseline.as_ref().map(Known::words);
        let words = self.verdict.as_str();
        let finding =
            self.finding.as_ref().map(|found| format!("expected {}, found {}", found.expected, found.observed));
        let parts = [known, Some(words.to_owned()), self.reason.clone(), finding];
        parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
    }
}
