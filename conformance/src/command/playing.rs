//! The options that say in which order cases are played, how often, and when a run ends.

use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Args;

use crate::run::{Course, Terms};

/// How the cases of a run are played.
#[derive(Debug, Args)]
pub(super) struct Playing {
    /// How long the run may take; cases that were not played by then are reported, and fail the run. 300 unless given, and
    /// N times 300 with --repeat N
    #[arg(help_heading = "Run", long, value_name = "SECONDS", value_parser = max_time)]
    max_time: Option<u64>,
    /// How often each case is played, 1 to 1000. One that passes only sometimes is flaky; the reports say how often it passed
    #[arg(help_heading = "Run", long, value_name = "N", default_value_t = NonZeroU16::MIN, value_parser = repeat)]
    repeat: NonZeroU16,
    /// Play the cases in a random order that this seed gives; with --repeat, each time in another one
    #[arg(help_heading = "Run", long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// End the run at the first case that fails it and does so again when it is played alone
    #[arg(help_heading = "Run", long, conflicts_with = "baseline")]
    fail_fast: bool,
}

impl Playing {
    /// How the cases are played. A case that fails the run by these terms may end it.
    pub(super) fn course(&self, terms: Terms) -> Course {
        Course { repeat: self.repeat, shuffle: self.shuffle, fail_fast: self.fail_fast.then_some(terms) }
    }

    /// How long the run may take, if it usually may take this long.
    pub(super) fn max_time(&self, usual: Duration) -> Duration {
        self.max_time.map_or_else(|| usual * u32::from(self.repeat.get()), Duration::from_secs)
    }

    /// How often each case is played.
    pub(super) fn times(&self) -> usize {
        self.repeat.get().into()
    }
}

fn repeat(value: &str) -> Result<NonZeroU16, String> {
    let times = within(value, 1..=1000)?;
    NonZeroU16::try_from(u16::try_from(times).unwrap_or_default()).map_err(|error| error.to_string())
}

fn max_time(value: &str) -> Result<u64, String> {
    within(value, 1..=86_400)
}

/// A number within a range.
pub(super) fn within(value: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("it has to be a whole number from {} to {}", range.start(), range.end()))
}
