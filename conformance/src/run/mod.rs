//! Runs cases against a server: selects those that apply, schedules them, plays doubtful ones again, and finds crashes.
//!
//! | module | what it decides |
//! |---|---|
//! | [`Site`], [`Unfit`] | whether a case applies, and where it is played |
//! | [`Course`], `order` | in which order the cases are played |
//! | `schedule` | when each case runs, and when the run ends early |
//! | `rounds` | the conclusion about a case that is played several times |
//! | `second` | the conclusion from a second look at a failed case |
//! | `shrinking` | which values of a generated case cause its failure |
//! | `outage` | which case ended the server |
//! | [`bounds`] | the time limits |
//! | `gate` | which broken rules make a run fail |
//! | `finished` | the conclusion about each case |
//! | [`Report`] | the results, and the judgement on the run |
//! | [`save`] | the traces that a recording changed, written back to their files |
//!
//! `play` plays one case, `running` holds the cases that are being played on the threads of `crew`, and `watch` notices that the server is gone.

pub mod bounds;
mod course;
mod crew;
mod finished;
mod gate;
mod order;
mod outage;
mod play;
mod report;
mod rounds;
mod running;
mod save;
mod schedule;
mod second;
mod shrinking;
mod site;
mod unfit;
mod watch;

use std::time::Instant;

use tokio::sync::watch as channel;
use tokio::task::JoinSet;
pub use tokio_util::sync::CancellationToken;

pub use bounds::Bounds;
pub use course::Course;
pub use finished::{Conclusion, Doubt, Finished, Left, Standing};
pub use gate::Gate;
pub(crate) use order::shuffle;
pub use report::{Culprit, Ending, Judgement, Outage, Report, SecondLooks, Terms, Tolerance};
pub use rounds::Rate;
pub(crate) use rounds::{Look, Rounds, Weight};
pub use save::save;
pub use site::{MAX_PAYLOAD, Patience, Place, Site};
pub use unfit::Unfit;

use crate::cases::Case;
use crate::party::noise::Noise;
use crew::Crew;
use order::Parts;
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
    Judge(Course),
    /// Write the traces.
    Record,
}

impl Purpose {
    fn course(self) -> Course {
        match self {
            Self::Judge(course) => course,
            Self::Record => Course::default(),
        }
    }
}

/// Plays cases against a server. Cases that open very many connections come first, alone: one of them guesses sids by
/// counting, which finds those that were assigned first. Cases that measure time come last. Then failed cases are
/// played again. All of this is done as often as cases are to be repeated. Cancelling `stop` ends the run at once; the
/// report has the results so far.
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
    let crew = Crew::start(bounds.jobs);
    let setting = Setting { site, bounds, purpose, crew: &crew, absences, stop };
    let mut schedule = Schedule::new(setting, listener);
    let course = purpose.course();
    let mut rounds = Rounds::default();
    for seed in course.orders() {
        let open = cases.iter().filter(|case| rounds.is_open(case)).cloned().collect();
        schedule.play_all(Parts::of(open, seed)).await;
        if course.is_repeated() {
            rounds.add(schedule.end_round());
        }
    }
    if course.is_repeated() {
        schedule.finished = rounds.conclude();
    }
    let mut report = schedule.into_report();
    if matches!(purpose, Purpose::Judge(_)) && matches!(report.ending, Ending::Complete | Ending::Failed) {
        report.minimals = shrinking::minimals(&report.finished, site, &noise).await;
    }
    report.duration = started.elapsed();
    report
}
