//! The timers of a server, and the holes for their times in traces.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::outcome::{Conditions, Unjoined};
use super::plays::Play;
use crate::trace::{Action, Bindings, Expr, Requirement, Server, Session};

/// A timer of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    Heartbeat,
    Connect,
    Upgrade,
}

impl Timer {
    /// Every timer.
    pub(super) const ALL: [Self; 3] = [Self::Heartbeat, Self::Connect, Self::Upgrade];

    /// The requirements about it.
    const fn requirements(self) -> &'static [&'static str] {
        match self {
            //= EIO4-HB-04: no pong arrives within `pingTimeout`
            //= EIO4-HB-12: a pending GET
            //= EIO3-HB-04: without a ping
            Self::Heartbeat => &["EIO4-HB-04", "EIO4-HB-12", "EIO3-HB-04", "EIO3-HB-06", "EIO3-HB-09"],
            //= SIO5-CON-13: within the connect timeout
            Self::Connect => &["SIO5-CON-13"],
            //= EIO4-UP-12: within `upgradeTimeout`
            Self::Upgrade => &["EIO4-UP-12"],
        }
    }

    /// The hole for its duration. A line whose window has this hole is about the timer.
    pub(super) const fn hole(self) -> &'static str {
        match self {
            Self::Heartbeat => "timeout",
            Self::Connect => "connect",
            Self::Upgrade => "upgrade",
        }
    }
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heartbeat => "the ping timeout",
            Self::Connect => "the connect timeout",
            Self::Upgrade => "the upgrade timeout",
        })
    }
}

/// The known durations of the server's timers, under their names in traces.
pub(crate) fn known_timers(conditions: &Conditions) -> Bindings {
    let connect = match conditions.unjoined {
        Unjoined::Closed(timeout) => Some(timeout),
        Unjoined::Lives => None,
    };
    let timers = [(Timer::Connect, connect), (Timer::Upgrade, conditions.upgrade_timeout)];
    timers.into_iter().filter_map(|(timer, timeout)| Some((timer.hole(), millis(timeout?)))).collect()
}

/// The holes in windows and waits, and those of the timers whose rules the trace covers.
pub(super) fn timed(covers: &[Requirement], plays: &[Play]) -> BTreeSet<String> {
    let is_covered = |timer: &Timer| covers.iter().any(|id| timer.requirements().contains(&id.as_str()));
    let mut holes: BTreeSet<String> =
        Timer::ALL.into_iter().filter(is_covered).map(|timer| timer.hole().to_owned()).collect();
    let mut add = |expr: &Expr| holes.extend(expr.holes().map(ToString::to_string));
    for Play { step, .. } in plays {
        step.notes.window.iter().flat_map(|window| window.exprs()).for_each(&mut add);
        if let Action::Session(Session::Wait(period) | Session::Quiet(period))
        | Action::Server(_, Server::Quiet(period)) = &step.action
        {
            add(period);
        }
    }
    holes
}

/// A time of a trace; negative values become zero.
pub(super) fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
