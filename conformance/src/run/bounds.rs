//! How much time a run and its parts may take.

use std::time::Duration;

use crate::cases::Case;
use crate::replay::Conditions;
use crate::trace::Need;

/// How many cases run at a time, and how long what may take.
///
/// | what | bound |
/// |---|---|
/// | the run | [`max_time`](Self::max_time); what was not played by then is left, and said to be |
/// | a case | its waiting, up to [`max_wait`](Self::max_wait), and [`STEPS`] steps that wait in vain |
/// | second looks | [`SECOND_LOOKS`] cases, and [`SECOND_LOOK_TIME`] |
/// | a server that went away | [`COMEBACK`] until it is back, and [`MAX_OUTAGES`] times |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many cases run at a time.
    pub jobs: usize,
    /// How many of those that measure time run at a time.
    pub timing_jobs: usize,
    /// How long the whole run may take.
    pub max_time: Duration,
    /// How long the waiting may take that a case is made of: an interval that the server announces is believed so far.
    pub max_wait: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { jobs: 8, timing_jobs: 4, max_time: Duration::from_secs(300), max_wait: Duration::from_secs(15) }
    }
}

impl Bounds {
    /// The bounds for a server at this distance: where cases spend their time on the way, more of them run at a time.
    #[must_use]
    pub fn at(round_trip: Duration) -> Self {
        /// So much of a round trip is worth another case beside the others.
        const SHARE: Duration = Duration::from_millis(5);
        /// The most that are added.
        const MOST: u128 = 48;
        let more = (round_trip.as_micros() / SHARE.as_micros()).min(MOST);
        let more = usize::try_from(more).unwrap_or_default();
        let Self { jobs, timing_jobs, .. } = Self::default();
        Self { jobs: jobs + more, timing_jobs: timing_jobs + more / 2, ..Self::default() }
    }
}

/// So many steps of one case may wait in vain, before the case is ended: most cases end at the first.
pub const STEPS: u32 = 4;

/// So many cases are looked at again in one run.
pub const SECOND_LOOKS: usize = 20;

/// Second looks start for so long.
pub const SECOND_LOOK_TIME: Duration = Duration::from_secs(10);

/// A case whose judgement this machine spoiled by being late is played so often before nothing is said about it.
pub const TRIES: usize = 3;

/// How long a server that went away may take to come back.
pub const COMEBACK: Duration = Duration::from_secs(5);

/// A server that goes away so often is given up.
pub const MAX_OUTAGES: usize = 20;

/// How long cases may go on that are under way when the server goes away; most notice by themselves.
pub(super) const LAST_WORDS: Duration = Duration::from_millis(500);

/// A server may take so long to go down after the packet that ends it.
pub(super) const AFTERMATH: Duration = Duration::from_millis(100);

impl Bounds {
    /// How long a case may take, whatever the server announces.
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
