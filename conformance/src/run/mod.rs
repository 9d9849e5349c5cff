//! Running cases against a server: which apply, how many at a time, and when to give up.

mod preflight;

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sio_codec::Clock;
use tokio::task::JoinSet;

pub use preflight::{Offer, Refusal, contract, preflight};

use crate::cases::Case;
use crate::contract::Kind;
use crate::party::network::{self, Target};
use crate::party::noise::Noise;
use crate::replay::{Conditions, Outcome, Recording, Replay, Timeline, Verdict};
use crate::trace::Need;

/// A machine that is later than this cannot judge a server whose heartbeat it has to answer in time: the contract gives
/// it 200 ms. A failure is void then, and the case is played again with the machine to itself.
const TOLERABLE_NOISE: Duration = Duration::from_millis(40);

/// How often a doubtful judgement is made up for; after that it stands.
const SECOND_LOOKS: usize = 2;

/// So few failures among many cases may be the neighbours' doing: a server that is kept busy by one case is late for
/// another. They are looked at again, alone, and the report says so. A server with a defect fails again.
const FEW: usize = 3;

/// How cases are run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many cases run at a time.
    pub jobs: usize,
    /// How many of those that measure time run at a time.
    pub timing_jobs: usize,
    /// How patient each of them is.
    pub conditions: Conditions,
}

impl Default for Options {
    fn default() -> Self {
        Self { jobs: 8, timing_jobs: 4, conditions: Conditions::default() }
    }
}

/// Where the two applications are, and what was found there.
#[derive(Clone, Debug)]
pub struct Site {
    /// The Engine.IO path.
    pub engine: Target,
    /// The Socket.IO path.
    pub socket: Target,
    /// What the first of them offers.
    pub engine_offer: Offer,
    /// What the second of them offers.
    pub socket_offer: Offer,
}

impl Site {
    /// Where a case is to be played; `Err` says why it cannot be.
    fn target(&self, case: &Case) -> Result<&Target, String> {
        let (target, offer) = match case.kind() {
            Some(Kind::Engine) => (&self.engine, &self.engine_offer),
            Some(Kind::Socket) => (&self.socket, &self.socket_offer),
            None if self.engine_offer.is_served() => (&self.engine, &self.engine_offer),
            None => (&self.socket, &self.socket_offer),
        };
        let upgrade = case.trace.header.needs.contains(&Need::Upgrade);
        match offer {
            Offer::Absent { path, status } => {
                Err(format!("{path} is not served: a handshake is answered with status {status}"))
            }
            Offer::ServedWithout { why, .. } if case.kind().is_some() => Err(why.clone()),
            Offer::Served { upgrades: false } | Offer::ServedWithout { upgrades: false, .. } if upgrade => {
                Err("the server offers no upgrade".to_owned())
            }
            Offer::Served { .. } | Offer::ServedWithout { .. } => Ok(target),
        }
    }
}

/// What came of one case.
#[derive(Debug)]
pub struct Finished {
    /// The case.
    pub case: Case,
    /// The judgement, the conversation, and the time it took.
    pub outcome: Outcome,
    /// What was recorded, if that was asked for.
    pub recording: Option<Recording>,
}

/// What is told about a run while it goes on.
pub trait Listener {
    /// A case starts.
    fn started(&mut self, case: &Case);
    /// A case is over.
    fn finished(&mut self, finished: &Finished);
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// The cases that were played, or found not to apply, in the order of ids.
    pub finished: Vec<Finished>,
    /// Why the run broke off, if it did.
    pub broken_off: Option<BrokenOff>,
    /// The cases that were played again, alone, because their first judgement was doubtful.
    pub replayed: Vec<Stalled>,
    /// How long it took.
    pub duration: Duration,
}

/// A case whose first judgement is doubtful: the machine stalled, or hardly any other case failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stalled {
    /// The case.
    pub id: String,
    /// By how much the machine was late while it was judged.
    pub noise: Duration,
}

/// The server went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenOff {
    /// The case that noticed.
    pub during: String,
    /// What the network said.
    pub reason: String,
    /// Cases that were not played.
    pub left: usize,
}

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { during, reason, left } = self;
        write!(f, "the server went away during {during} ({reason}); {left} cases were not played")
    }
}

/// Whether to judge or to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Compare with the traces.
    Judge,
    /// Write the traces.
    Record,
}

/// Plays cases against a server. Those that measure time come last and have few neighbours.
pub async fn run(
    cases: Vec<Case>,
    site: &Site,
    options: Options,
    purpose: Purpose,
    listener: &mut dyn Listener,
) -> Report {
    let started = Instant::now();
    let noise = Noise::default();
    let mut meter = JoinSet::new();
    meter.spawn(noise.clone().measure());
    let mut report = Report { finished: Vec::new(), broken_off: None, replayed: Vec::new(), duration: Duration::ZERO };
    let (timing, others): (Vec<_>, Vec<_>) =
        cases.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
    let batch = |cases: Vec<Case>| Batch {
        waiting: cases.into(),
        running: JoinSet::new(),
        site,
        options,
        purpose,
        noise: &noise,
    };
    for (cases, jobs) in [(others, options.jobs), (timing, options.timing_jobs)] {
        batch(cases).play(jobs.max(1), &mut report, listener).await;
    }
    for _ in 0..SECOND_LOOKS {
        let stalled = report.take_doubtful();
        if stalled.is_empty() {
            break;
        }
        batch(stalled).play(1, &mut report, listener).await;
    }
    report.finished.sort_by(|a, b| a.case.id.cmp(&b.case.id));
    report.duration = started.elapsed();
    report
}

impl Report {
    /// Takes out the cases that failed, or were written anew, in circumstances that leave a doubt.
    fn take_doubtful(&mut self) -> Vec<Case> {
        if self.broken_off.is_some() {
            return Vec::new();
        }
        let suspicious = |finished: &Finished| {
            let rewritten = finished.recording.as_ref().is_some_and(Recording::changes);
            rewritten || finished.outcome.verdict.level().is_some()
        };
        let few = self.finished.iter().filter(|finished| suspicious(finished)).count() <= FEW;
        let (stalled, judged): (Vec<_>, Vec<_>) = std::mem::take(&mut self.finished)
            .into_iter()
            .partition(|finished| suspicious(finished) && (few || finished.outcome.noise > TOLERABLE_NOISE));
        self.finished = judged;
        let stalled = stalled.into_iter().map(|finished| {
            self.replayed.push(Stalled { id: finished.case.id.clone(), noise: finished.outcome.noise });
            finished.case
        });
        stalled.collect()
    }
}

struct Batch<'a> {
    waiting: VecDeque<Case>,
    running: JoinSet<Finished>,
    site: &'a Site,
    options: Options,
    purpose: Purpose,
    noise: &'a Noise,
}

impl Batch<'_> {
    async fn play(&mut self, jobs: usize, report: &mut Report, listener: &mut dyn Listener) {
        loop {
            while report.broken_off.is_none() && self.running.len() < jobs {
                let Some(case) = self.waiting.pop_front() else { break };
                if let Some(finished) = self.start(case, listener) {
                    listener.finished(&finished);
                    report.finished.push(finished);
                }
            }
            let Some(joined) = self.running.join_next().await else { break };
            // A case that panicked is a bug of ours, and must not look like a pass.
            let Ok(finished) = joined else { continue };
            listener.finished(&finished);
            if finished.outcome.verdict.level().is_some() && report.broken_off.is_none() {
                report.broken_off = self.still_there(&finished).await.err();
            }
            report.finished.push(finished);
        }
        if let Some(broken_off) = &mut report.broken_off {
            broken_off.left += self.waiting.len();
        }
    }

    /// Starts a case; returns it at once if it does not apply.
    fn start(&mut self, case: Case, listener: &mut dyn Listener) -> Option<Finished> {
        listener.started(&case);
        let target = match self.site.target(&case) {
            Ok(target) => target.clone(),
            Err(why) => {
                let verdict = Verdict::NotApplicable(why);
                let outcome =
                    Outcome { verdict, timeline: Timeline::default(), duration: Duration::ZERO, noise: Duration::ZERO };
                return Some(Finished { case, outcome, recording: None });
            }
        };
        let (noise, conditions, purpose) = (self.noise.clone(), self.options.conditions, self.purpose);
        // A thread of its own: what one case computes holds up no other, nor the embedded server.
        self.running.spawn_blocking(move || {
            let clock = Clock::start();
            let replay = match purpose {
                Purpose::Judge => Replay::judge(&case.trace, clock.now(), conditions),
                Purpose::Record => Replay::record(&case.trace, clock.now(), conditions),
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime without threads needs nothing that could be missing");
            let (outcome, recording) = runtime.block_on(network::play(replay, clock, &target, &noise));
            Finished { case, outcome: *outcome, recording }
        });
        None
    }

    /// After a failure: is the server gone?
    async fn still_there(&self, finished: &Finished) -> Result<(), BrokenOff> {
        let target = self.site.target(&finished.case).unwrap_or(&self.site.engine);
        match target.reach().await {
            Ok(()) => Ok(()),
            Err(reason) => Err(BrokenOff { during: finished.case.id.clone(), reason, left: 0 }),
        }
    }
}

/// Writes recorded traces back below a folder; tells which files changed.
///
/// # Errors
///
/// The path that cannot be written, and why.
pub fn save(
    recorded: Vec<Finished>,
    folder: &std::path::Path,
    source: Option<&str>,
) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let mut changed = Vec::new();
    for Finished { case, recording, .. } in recorded {
        let Some(recording) = recording else { continue };
        let text = recording.finish(source).to_string();
        let path = folder.join(format!("{}.trace", case.id));
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(|error| (path.clone(), error))?;
        changed.push(path);
    }
    Ok(changed)
}
