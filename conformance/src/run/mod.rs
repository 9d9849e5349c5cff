//! Runs cases against a server: selects those that apply, schedules them, plays doubtful ones again, and finds crashes.
//!
//! | module | what it decides |
//! |---|---|
//! | [`Site`] | whether a case applies, and where it is played |
//! | `schedule` | when each case runs, and when the run ends early |
//! | `second` | the conclusion from a second look at a failed case |
//! | `shrinking` | which values of a generated case cause its failure |
//! | `outage` | which case ended the server |
//! | [`bounds`] | the time limits |
//! | `gate` | which broken rules make a run fail |
//! | `finished` | the conclusion about each case |
//! | [`Report`] | the results, and the judgement on the run |
//! | [`save`] | the traces that a recording changed, written back to their files |
//!
//! `play` plays one case, `running` holds the cases that are being played, and `watch` notices that the server is gone.

pub mod bounds;
mod finished;
mod gate;
mod outage;
mod play;
mod report;
mod running;
mod save;
mod schedule;
mod second;
mod shrinking;
mod site;
mod watch;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Instant;

use tokio::sync::watch as channel;
use tokio::task::JoinSet;
pub use tokio_util::sync::CancellationToken;

pub use bounds::Bounds;
pub use finished::{Conclusion, Doubt, Finished, Left, Standing};
pub use gate::Gate;
pub use report::{Culprit, Ending, Judgement, Outage, Report, SecondLooks, Terms, Tolerance};
pub use save::save;
pub use site::{MAX_PAYLOAD, Patience, Place, Site};

use crate::cases::Case;
use crate::party::noise::Noise;
use crate::trace::{Action, Client, Need};
use schedule::{Schedule, Setting};

/// Receives the progress of a run.
pub trait Listener {
    /// A case starts.
    fn started(&mut self, case: &Case);
    /// A case is over; it may be played again later.
    fn finished(&mut self, finished: &Finished);
    /// Called about once a second.
    fn tick(&mut self);
}

/// Whether a run judges or records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Compare with the traces.
    Judge,
    /// Write the traces.
    Record,
}

/// Plays cases against a server. Cases that open very many connections come first, alone: one of them guesses sids by
/// counting, which finds those that were assigned first. Cases that measure time come last. Then failed cases are
/// played again. Cancelling `stop` ends the run at once; the report has the results so far.
pub async fn run(
    cases: Vec<Case>,
    site: &Site,
    bounds: &Bounds,
    purpose: Purpose,
    stop: CancellationToken,
    listener: &mut dyn Listener,
) -> Report {
    let started = Instant::now();
    let noise = Noise::default();
    let (absent, absences) = channel::channel(None);
    // Dropped at the end of the run, which ends the tasks in it.
    let mut observers = JoinSet::new();
    observers.spawn(noise.clone().measure());
    if let Some(place) = cases.iter().find_map(|case| site.place(case).ok()) {
        observers.spawn(watch::watch(place.target, absent));
    }
    let (crowds, others): (Vec<_>, Vec<_>) = cases.into_iter().partition(is_crowd);
    let (timing, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
    let setting = Setting { site, bounds, purpose, noise: noise.clone(), absences, stop };
    let mut schedule = Schedule::new(setting, listener);
    schedule.play(crowds, 1).await;
    schedule.play(mixed(others), bounds.jobs).await;
    schedule.play(timing, bounds.timing_jobs.min(bounds.jobs)).await;
    schedule.look_again().await;
    let mut report = schedule.into_report();
    if purpose == Purpose::Judge && report.ending == Ending::Complete {
        report.minimals = shrinking::minimals(&report.finished, site, &noise).await;
    }
    report.duration = started.elapsed();
    report
}

/// Takes the first case of each chapter, then the second of each, and so on. Cases of one chapter load the server in
/// the same way, for example with a megabyte each, and should not do so at the same time.
fn mixed(cases: Vec<Case>) -> Vec<Case> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, Case)> = cases
        .into_iter()
        .map(|case| {
            let turn = seen.entry(case.chapter().to_owned()).or_default();
            *turn += 1;
            (*turn, case)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, case)| case).collect()
}

/// A case that opens more connections than this at once runs alone. If the server's connection queue overflows,
/// connections of other cases fail too, and are retried only after a second.
const CROWD: u32 = 64;

fn is_crowd(case: &Case) -> bool {
    case.trace.steps().any(|step| {
        let connects = matches!(step.action, Action::Client(_, Client::Request(_) | Client::Open(_) | Client::Raw(_)));
        connects && step.notes.repeat.map_or(1, NonZeroU32::get) > CROWD
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn chapters_take_turns() {
        let chosen = ["eio4/payload".to_owned(), "eio4/limits".to_owned()];
        let cases = cases::select(cases::embedded().unwrap(), &chosen).unwrap();
        let count = cases.len();
        let mixed = mixed(cases);
        let chapters: Vec<&str> = mixed.iter().map(Case::chapter).collect();
        assert_eq!(
            (chapters.len(), &chapters[..4]),
            (count, &["eio4/limits", "eio4/payload", "eio4/limits", "eio4/payload"][..])
        );
    }

    #[test]
    fn a_crowd_is_a_matter_of_connections() {
        let crowds: Vec<String> = cases::embedded().unwrap().into_iter().filter(is_crowd).map(|case| case.id).collect();
        assert_eq!(crowds, ["eio4/handshake/sids-cannot-be-counted"]);
    }
}
