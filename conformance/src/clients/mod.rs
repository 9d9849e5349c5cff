//! Plays cases against a client: starts drivers, gives each a case at a time, and plays failed cases again. A client without a
//! driver asks for its cases itself.
//!
//! The protocol between the command and a driver is documented in [`driver`](crate::party::driver).

mod report;
mod visits;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::cases::Case;
use crate::party::client;
use crate::party::driver::{Driver, Fault};
use crate::replay::{Conditions, Verdict};
use crate::run::CancellationToken;
use crate::trace::Need;

pub use report::{Played, Report, Result, Standing};
pub use visits::{Visits, receive};

/// How cases are played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command that starts a driver, and its arguments.
    pub driver: Vec<String>,
    /// Where the servers of the cases listen: on one port, one after the other, or on free ports of localhost if absent.
    pub listen: Option<SocketAddr>,
    /// How many drivers run at a time, if the cases do not share a port.
    pub jobs: usize,
    /// How long a step without a window may take.
    pub step: Duration,
    /// Cases that were not started by then are not played.
    pub max_time: Duration,
}

/// At most this many failed cases are played again.
const MAX_SECOND_LOOKS: usize = 40;

/// At most this many cases that measure time are played at a time, after the others.
const TIMING_JOBS: usize = 2;

/// Plays cases against the client of a driver. Cancelling `stop` ends the run after the cases that are being played.
///
/// # Errors
///
/// Why no driver can be started.
pub fn run(
    cases: Vec<Case>,
    settings: &Settings,
    runtime: &Handle,
    stop: &CancellationToken,
) -> std::result::Result<Report, String> {
    let started = Instant::now();
    // A driver that does not start at all is not a matter of cases.
    let first = Driver::start(&settings.driver).map_err(|fault| fault.to_string())?;
    let mut report = Report::new(&first.hello.name, &first.hello.version);
    let task = Task { settings, runtime, stop, started };
    let (timing, others): (Vec<_>, Vec<_>) =
        cases.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
    let (played, idle) = task.play_all(others, settings.jobs(), Some(first));
    report.played = played;
    report.played.extend(task.play_all(timing, settings.jobs().min(TIMING_JOBS), idle).0);
    report.second_looks = task.look_again(&mut report.played);
    report.played.sort_by(|one, other| one.case.id.cmp(&other.case.id));
    report.is_interrupted = stop.is_cancelled();
    report.duration = started.elapsed();
    Ok(report)
}

impl Settings {
    fn jobs(&self) -> usize {
        let shares_port = self.listen.is_some_and(|at| at.port() != 0);
        if shares_port { 1 } else { self.jobs }
    }

    fn at(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

struct Task<'a> {
    settings: &'a Settings,
    runtime: &'a Handle,
    stop: &'a CancellationToken,
    started: Instant,
}

impl Task<'_> {
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
                        let _ = sender.send(self.play(case, &mut driver));
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
    fn play(&self, case: Case, driver: &mut Option<Driver>) -> Played {
        if self.stop.is_cancelled() || self.started.elapsed() > self.settings.max_time {
            return Played { case, result: Result::Left, again: None };
        }
        let result = self.look(&case, driver);
        if matches!(result, Result::Fault(_)) {
            *driver = None;
        }
        Played { case, result, again: None }
    }

    fn look(&self, case: &Case, driver: &mut Option<Driver>) -> Result {
        let conditions = Conditions { step: self.settings.step, ..Conditions::default() };
        let running = match driver.take().map_or_else(|| Driver::start(&self.settings.driver), Ok) {
            Ok(running) => driver.insert(running),
            Err(fault) => return Result::Fault(fault),
        };
        match client::play_live(&case.trace, conditions, running, self.settings.at(), self.runtime) {
            Ok(outcome) => Result::Through(outcome),
            Err(fault) => Result::Fault(fault),
        }
    }

    /// Plays failed cases again, one at a time. Returns how many.
    fn look_again(&self, played: &mut [Played]) -> usize {
        let mut driver = None;
        let failed = played.iter_mut().filter(|played| played.has_failed()).take(MAX_SECOND_LOOKS);
        let mut looks = 0;
        for one in failed {
            if self.stop.is_cancelled() || self.started.elapsed() > self.settings.max_time {
                break;
            }
            let result = self.look(&one.case, &mut driver);
            if matches!(result, Result::Fault(_)) {
                driver = None;
            }
            one.again = Some(result);
            looks += 1;
        }
        looks
    }
}

impl Played {
    fn has_failed(&self) -> bool {
        match &self.result {
            Result::Through(outcome) => matches!(outcome.verdict, Verdict::Departed(_) | Verdict::HeldUp(_)),
            Result::Fault(_) => true,
            Result::Left => false,
        }
    }
}

/// The word for a fault in a report.
pub(crate) const fn fault_word(fault: &Fault) -> &'static str {
    match fault {
        Fault::Unstartable(_) => "NO DRIVER",
        Fault::Crashed(_) => "CRASH",
        Fault::Hung(_) => "HANG",
        Fault::Garbage(_) => "GARBAGE",
    }
}
