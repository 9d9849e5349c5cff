//! Plays generated cases that failed again with fewer and smaller values. Those on a WebSocket come first, since they
//! take the fewest round trips.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use sio_codec::Clock;

use super::{Finished, Place, Site, Standing};
use crate::cases::{Case, Origin};
use crate::party::network;
use crate::party::noise::Noise;
use crate::replay::{Conditions, Outcome, Replay};
use crate::trace::Trace;
use crate::values::{Bounds, Generated, Minimal, minimal};

/// The time limit for all failures of a run together.
const TIME: Duration = Duration::from_secs(10);

/// How long a step may take, in addition to the round trip: each attempt waits once for an answer that does not come.
const STEP: Duration = Duration::from_millis(500);

/// The smallest values with which the generated cases still fail, by the case's id.
pub(super) async fn minimals(finished: &[Finished], site: &Site, noise: &Noise) -> BTreeMap<String, Minimal> {
    let started = Instant::now();
    let failed = |finished: &&Finished| matches!(finished.standing(), Standing::Failed(_));
    let mut failures: Vec<_> = finished.iter().filter(failed).filter_map(generated).collect();
    failures.sort_by_key(|failure| (failure.generated.way, failure.case.id.clone()));
    let mut found = BTreeMap::new();
    for Failure { generated, case, outcome } in failures {
        let Ok(Place { target, conditions }) = site.place(case) else { continue };
        let step = conditions.step.min(STEP.saturating_add(conditions.round_trip.saturating_mul(4)));
        let conditions = Conditions { step, ..conditions };
        let play = async |trace: &Trace| {
            let clock = Clock::start();
            let replay = Replay::judge(trace, clock.now(), conditions);
            *network::play(replay, clock, &target, noise).await.0
        };
        let time = Bounds::default().time.min(TIME.saturating_sub(started.elapsed()));
        let bounds = Bounds { time, ..Bounds::default() };
        if let Some(minimal) = or_nothing(minimal(&generated.plan(), outcome, bounds, play)).await {
            found.insert(case.id.clone(), minimal);
        }
    }
    found
}

/// The result of `search`, or `None` if it panics: the failure of the case was already found, and must be reported.
async fn or_nothing<T>(search: impl Future<Output = Option<T>>) -> Option<T> {
    // What the search has changed is dropped with it.
    AssertUnwindSafe(search).catch_unwind().await.ok().flatten()
}

/// A generated case that failed.
struct Failure<'a> {
    generated: Generated,
    case: &'a Case,
    outcome: &'a Outcome,
}

fn generated(finished: &Finished) -> Option<Failure<'_>> {
    match finished.case.origin {
        Origin::Generated(generated) => Some(Failure { generated, case: &finished.case, outcome: finished.outcome()? }),
        Origin::Written | Origin::File(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_search_that_panics_finds_nothing() {
        assert_eq!(or_nothing(async { Some(1) }).await, Some(1));
        assert_eq!(or_nothing::<u8>(async { panic!("a value that cannot be made smaller") }).await, None);
    }
}
