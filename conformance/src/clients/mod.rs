//! Plays cases against a client: starts drivers or waits for them, gives each a case at a time, and plays failed cases again. A
//! client without a driver chooses its cases itself.
//!
//! | module | what it is |
//! |---|---|
//! | `sequence.rs` | in which order cases are played and how often, and which are played again |
//! | `drivers.rs` | cases with drivers |
//! | `limits.rs` | when a run is over although cases are left |
//! | `listen/` | drivers that connect to the command, and clients without a driver |
//! | `report.rs` | the results |
//!
//! The protocol between the command and a driver is documented in [`driver`](crate::party::driver).

mod drivers;
mod limits;
mod listen;
mod report;
mod sequence;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::cases::Case;
use crate::launch::Groups;
use crate::party::client::Place;
use crate::party::driver::{Driver, Fault};
use crate::replay::Verdict;
use crate::run::{CancellationToken, Course};

use drivers::Drivers;
use limits::Limits;
pub use listen::{Agents, Audience, Gathered, gather};
pub use report::{Played, Report, Result, Standing};

/// How cases are played.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command that starts a driver, and its arguments.
    pub driver: Vec<String>,
    /// The process groups of the drivers that run.
    pub groups: Groups,
    /// Where the servers of the cases listen: on one port, one after the other, or on free ports of localhost if absent.
    pub listen: Option<SocketAddr>,
    /// How many drivers run at a time, if the cases do not share a port.
    pub jobs: usize,
    /// How long a step without a window may take.
    pub step: Duration,
    /// Cases that were not started by then are not played.
    pub max_time: Duration,
    /// In which order, and how often.
    pub course: Course,
}

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
    let start = || Driver::start(&settings.driver, &settings.groups);
    // A driver that does not start at all is not a matter of cases.
    let first = start().map_err(|fault| fault.to_string())?;
    let drivers = Drivers {
        start: &start,
        told: &|_| {},
        place: Place::Port(settings.at(), runtime.clone()),
        jobs: settings.jobs(),
        step: settings.step,
        limits: Limits { started, max_time: settings.max_time, interrupt: stop, end: stop },
    };
    Ok(drivers.play(cases, settings.course, first).interrupted_by(stop))
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

impl Played {
    fn has_failed(&self) -> bool {
        match &self.result {
            Result::Through(outcome) => matches!(outcome.verdict, Verdict::Departed(_) | Verdict::HeldUp(_)),
            Result::Fault(_) => true,
            Result::Left(_) => false,
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
