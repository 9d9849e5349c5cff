//! One round of cases with drivers: each driver plays a case at a time, and failed cases are played again.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{MAX_SECOND_LOOKS, Played, Report, Result};
use crate::cases::Case;
use crate::party::client::{self, Place};
use crate::party::driver::{Driver, Fault};
use crate::replay::Conditions;
use crate::run::CancellationToken;
use crate::trace::Need;

/// At most this many cases that measure time are played at a time, after the others.
const TIMING_JOBS: usize = 2;

/// How drivers play cases.
pub(super) struct Round<'a> {
    /// Starts another driver.
    pub(super) start: &'a (dyn Fn() -> std::result::Result<Driver, Fault> + Sync),
    /// Is told what happens.
    pub(super) told: &'a (dyn Fn(Told<'_>) + Sync),
    /// Where the servers of the cases are.
    pub(super) place: Place,
    /// How many drivers play at a time.
    pub(super) jobs: usize,
    /// How long a step without a window may take.
    pub(super) step: Duration,
    /// Cases that were not begun by then are not played.
    pub(super) max_time: Duration,
    pub(super) started: Instant,
    pub(super) stop: &'a CancellationToken,
}

/// What happens in a round.
pub(super) enum Told<'a> {
    /// A case begins.
    Playing(&'a Case),
    /// It was played for the first time.
    Played(&'a Played),
}

impl Round<'_> {
    /// Plays the cases, those that measure time last, and then the failed ones again, beginning with a driver that runs already.
    pub(super) fn play(&self, cases: Vec<Case>, first: Driver) -> Report {
        let mut report = Report::new(&first.hello.name, &first.hello.version);
        let (timing, others): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
        let (played, idle) = self.play_all(others, self.jobs, Some(first));
        report.played = played;
        let (played, idle) = self.play_all(timing, self.jobs.min(TIMING_JOBS), idle);
        report.played.extend(played);
        report.second_looks = self.look_again(&mut report.played, idle);
        report.played.sort_by(|one, other| one.case.id.cmp(&other.case.id));
        report.duration = self.started.elapsed();
        report
    }

    /// Plays the cases. Returns a driver that is still running, too.
    fn play_all(&self, cases: Vec<Case>, jobs: usize, first: Option<Driver>) -> (Vec<Played>, Option<Driver>) {
        let jobs = jobs.min(cases.len()).max(1);
        let queue = Mutex::new(VecDeque::from(cases));
        let drivers = Mutex::new(first);
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..jobs {
                let sender = sender.clone();
                let (queue, drivers) = (&queue, &drivers);
                scope.spawn(move || {
                    let mut driver = drivers.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    while let Some(case) = next() {
                        let _ = sender.send(self.play_one(case, &mut driver));
                    }
                    if driver.is_some() {
                        *drivers.lock().unwrap_or_else(PoisonError::into_inner) = driver;
                    }
                });
            }
        });
        drop(sender);
        (results.into_iter().collect(), drivers.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Plays one case, with a new driver if there is none.
    fn play_one(&self, case: Case, driver: &mut Option<Driver>) -> Played {
        if self.stop.is_cancelled() || self.started.elapsed() > self.max_time {
            return Played { case, result: Result::Left, again: None };
        }
        (self.told)(Told::Playing(&case));
        let result = self.look(&case, driver);
        let played = Played { case, result, again: None };
        (self.told)(Told::Played(&played));
        played
    }

    /// Plays a case once. A driver with a fault is dismissed.
    fn look(&self, case: &Case, driver: &mut Option<Driver>) -> Result {
        let conditions = Conditions { step: self.step, ..Conditions::default() };
        let mut running = match driver.take().map_or_else(self.start, Ok) {
            Ok(running) => running,
            Err(fault) => return Result::Fault(fault),
        };
        match client::play_live(&case.trace, conditions, &mut running, &self.place) {
            Ok(outcome) => {
                *driver = Some(running);
                Result::Through(outcome)
            }
            Err(fault) => {
                running.dismiss(&fault);
                Result::Fault(fault)
            }
        }
    }

    /// Plays failed cases again, one at a time. Returns how many.
    fn look_again(&self, played: &mut [Played], mut driver: Option<Driver>) -> usize {
        let failed = played.iter_mut().filter(|played| played.has_failed()).take(MAX_SECOND_LOOKS);
        let mut looks = 0;
        for one in failed {
            if self.stop.is_cancelled() || self.started.elapsed() > self.max_time {
                break;
            }
            one.again = Some(self.look(&one.case, &mut driver));
            looks += 1;
        }
        looks
    }
}
