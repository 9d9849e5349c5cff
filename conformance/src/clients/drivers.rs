//! Cases with drivers: each driver plays a case at a time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::limits::Limits;
use super::sequence::{self, Part, Player, Whole};
use super::{Played, Report, Result};
use crate::cases::Case;
use crate::party::client::{self, Place};
use crate::party::driver::{Driver, Fault};
use crate::replay::Conditions;
use crate::run::Course;

/// At most this many cases that measure time are played at a time, after the others.
const TIMING_JOBS: usize = 2;

/// How drivers play cases.
pub(super) struct Drivers<'a> {
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
    pub(super) limits: Limits<'a>,
}

/// What happens.
pub(super) enum Told<'a> {
    /// A case begins.
    Playing(&'a Case),
    /// It was played for the first time.
    Played(&'a Played),
}

impl Drivers<'_> {
    /// Plays the cases, beginning with a driver that runs already.
    pub(super) fn play(&self, cases: Vec<Case>, course: Course, first: Driver) -> Report {
        let (name, version) = (first.hello.name.clone(), first.hello.version.clone());
        let mut crew = Crew { drivers: self, idle: Some(first) };
        let Ok(Whole { played, second_looks, ending }) = sequence::play(&mut crew, &cases, course);
        Report { name, version, played, second_looks, course, ending, duration: self.limits.started.elapsed() }
    }

    /// Plays one case, with a new driver if there is none.
    fn play_one(&self, case: Case, driver: &mut Option<Driver>) -> Played {
        if let Some(left) = self.limits.over() {
            return Played::new(case, Result::Left(left));
        }
        (self.told)(Told::Playing(&case));
        let result = self.look(&case, driver);
        let played = Played::new(case, result);
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
}

/// The drivers, with one that is still running.
struct Crew<'a> {
    drivers: &'a Drivers<'a>,
    idle: Option<Driver>,
}

impl Player for Crew<'_> {
    type Fault = Infallible;

    fn play(
        &mut self,
        cases: VecDeque<Case>,
        part: Part,
        ends: &(dyn Fn(&Played) -> bool + Sync),
    ) -> std::result::Result<(Vec<Played>, VecDeque<Case>), Infallible> {
        let most = match part {
            Part::Others => self.drivers.jobs,
            Part::Timing => self.drivers.jobs.min(TIMING_JOBS),
        };
        let jobs = most.min(cases.len()).max(1);
        let (queue, idle) = (Mutex::new(cases), Mutex::new(self.idle.take()));
        let (sender, results) = mpsc::channel();
        let is_ended = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..jobs {
                let sender = sender.clone();
                let (queue, idle, is_ended, drivers) = (&queue, &idle, &is_ended, self.drivers);
                scope.spawn(move || {
                    let mut driver = idle.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    while !is_ended.load(Ordering::Relaxed)
                        && let Some(case) = next()
                    {
                        let played = drivers.play_one(case, &mut driver);
                        is_ended.fetch_or(ends(&played), Ordering::Relaxed);
                        let _ = sender.send(played);
                    }
                    if driver.is_some() {
                        *idle.lock().unwrap_or_else(PoisonError::into_inner) = driver;
                    }
                });
            }
        });
        drop(sender);
        self.idle = idle.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((results.into_iter().collect(), queue.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    fn play_again(&mut self, case: &Case) -> std::result::Result<Option<Result>, Infallible> {
        Ok(match self.drivers.limits.over() {
            Some(_) => None,
            None => Some(self.drivers.look(case, &mut self.idle)),
        })
    }
}
