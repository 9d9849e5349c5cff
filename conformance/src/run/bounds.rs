//! The time limits of a run and of its parts.

use std::time::Duration;

use crate::cases::Case;
use crate::replay::Conditions;
use crate::trace::Need;

/// How many cases run at a time, and how long each part of a run may take.
///
/// | what | bound |
/// |---|---|
/// | the run | [`max_time`](Self::max_time); cases not played by then are reported as not played |
/// | a case | its waiting, up to [`max_wait`](Self::max_wait), and [`STEPS`] steps that wait in vain |
/// | second looks | [`SECOND_LOOKS`] cases, and [`SECOND_LOOK_TIME`] |
/// | a server that went away | it has [`COMEBACK`] to come back, at most [`MAX_OUTAGES`] times |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many cases run at a time.
    pub jobs: usize,
    /// How many of the cases that measure time run at a time.
    pub timing_jobs: usize,
    /// How long the whole run may take.
    pub max_time: Duration,
    /// The longest total waiting time of a case. Intervals that the server announces are waited for up to this time.
    pub max_wait: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { jobs: 8, timing_jobs: 4, max_time: Duration::from_secs(300), max_wait: Duration::from_secs(15) }
    }
}

impl Bounds {
    /// The bounds for a server with this round trip. On a slow link more cases run at a time, because they mostly wait.
    #[must_use]
    pub fn at(round_trip: Duration) -> Self {
        /// One more case runs at a time for each such part of the round trip.
        const SHARE: Duration = Duration::from_millis(5);
        /// The largest number of cases that are added.
        const MOST: u128 = 48;
        let more = (round_trip.as_micros() / SHARE.as_micros()).min(MOST);
        let more = usize::try_from(more).unwrap_or_default();
        let Self { jobs, timing_jobs, .. } = Self::default();
        Self { jobs: jobs + more, timing_jobs: timing_jobs + more / 2, ..Self::default() }
    }
}

/// A case ends after this many steps that waited in vain. Most cases end at the first.
pub const STEPS: u32 = 4;

/// The largest number of cases that are played again in one run.
pub const SECOND_LOOKS: usize = 20;

/// No second look starts later than this after the first one.
pub const SECOND_LOOK_TIME: Duration = Duration::from_secs(10);

/// A case is played up to this many times if delays of this machine spoiled its judgement. Then it is inconclusive.
pub const TRIES: usize = 3;

/// How long the run waits for a server that went away to come back.
pub const COMEBACK: Duration = Duration::from_secs(5);

/// The run ends after this many outages of the server.
pub const MAX_OUTAGES: usize = 20;

/// How long running cases may continue after the server went away. Most of them notice it themselves.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// The longest time between a packet that ends the server and the end of the server.
pub(super) const AFTERMATH: Duration = Duration::from_millis(100);

impl Bounds {
    /// The time limit of a case, whatever the server announces.
    pub(super) fn of(&self, case: &Case, conditions: &Conditions) -> Duration {
        let asked = case.trace.header.needs.iter().filter_map(|need| match need {
            Need::Patience(millis) => Some(Duration::from_millis(*millis)),
            _ => None,
        });
        let waiting = asked.max().unwrap_or_default().max(self.max_wait);
        waiting + STEPS * (conditions.step + 2 * conditions.round_trip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Origin;
    use crate::trace::Trace;

    #[test]
    fn more_cases_run_at_a_time_where_the_server_is_far_away() {
        let jobs = |millis| Bounds::at(Duration::from_millis(millis)).jobs;
        assert_eq!((jobs(0), jobs(1), jobs(60), jobs(200), jobs(60_000)), (8, 8, 20, 48, 56));
    }

    #[test]
    fn a_case_may_wait_for_so_long_whatever_the_server_announces() {
        let case = |needs: &str| {
            let source =
                format!("title     A ping\ncovers    EIO4-HB-01\nlevel     must\n{needs}\nws C open    EIO=4\n");
            Case { id: "a".to_owned(), trace: Trace::parse("a", &source).unwrap(), origin: Origin::Written }
        };
        let (bounds, conditions) = (Bounds::default(), Conditions::default());
        assert_eq!(bounds.of(&case(""), &conditions), Duration::from_secs(15 + 4 * 3));
        assert_eq!(bounds.of(&case("needs     patience 45s\n"), &conditions), Duration::from_secs(45 + 4 * 3));
    }
}
