//! Reduces a failing case to the smallest one that still fails.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use super::plan::Plan;
use super::shrink::shrink;
use crate::replay::Outcome;
use crate::trace::Trace;

/// The limits for one failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many smaller cases are played.
    pub plays: usize,
    /// No further case starts after this time.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { plays: 100, time: Duration::from_secs(5) }
    }
}

/// A failing case that was reduced.
#[derive(Clone, Debug)]
pub struct Minimal {
    /// The case, which can be saved to a file and played alone.
    pub trace: Trace,
    /// How it fails.
    pub outcome: Outcome,
    /// How many cases were played to find it.
    pub plays: usize,
}

/// Plays smaller and smaller cases while they fail at the level of the first failure. `None` if the case did not fail,
/// or could not be reduced.
///
/// The cases and their order depend only on the results.
pub async fn minimal(
    plan: &Plan,
    outcome: &Outcome,
    bounds: Bounds,
    play: impl AsyncFn(&Trace) -> Outcome,
) -> Option<Minimal> {
    let level = outcome.verdict.level()?;
    let (started, mut plays) = (Instant::now(), 0);
    let mut tried = HashSet::from([fingerprint(plan)]);
    let mut minimal: Option<(Plan, Outcome)> = None;
    loop {
        let (plan, outcome) = minimal.as_ref().map_or((plan, outcome), |(plan, outcome)| (plan, outcome));
        let mut smaller = None;
        for plan in shrink(plan, outcome.verdict.decisive()) {
            if !tried.insert(fingerprint(&plan)) {
                continue;
            }
            if plays >= bounds.plays || started.elapsed() >= bounds.time {
                break;
            }
            plays += 1;
            let outcome = play(&plan.trace()).await;
            if outcome.verdict.level() == Some(level) {
                smaller = Some((plan, outcome));
                break;
            }
        }
        if smaller.is_none() {
            break;
        }
        minimal = smaller;
    }
    minimal.map(|(plan, outcome)| Minimal { trace: plan.trace(), outcome, plays })
}

/// Equal for two plans with equal exchanges.
fn fingerprint(plan: &Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}", plan.exchanges).hash(&mut hasher);
    hasher.finish()
}
