//! What a text shows, line by line.

use std::time::Duration;

use super::super::log::{MOST, size};
use super::super::recording::{Fact, Lack, Recording};
use super::super::sighting::{Clock, Exchange, Sighting, What};
use super::stamp::{Day, Stamp};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many facts are kept.
const FACTS: usize = 10_000;

/// Collects what lines show, in their order.
#[derive(Debug)]
pub(super) struct Seen {
    sightings: Vec<Sighting>,
    lacks: Vec<Lack>,
    facts: Vec<Fact>,
    /// The facts that there was no room for.
    unsaid: Count,
    left: usize,
    /// The first line that there was no room for.
    full: Option<usize>,
    origin: Option<Duration>,
    /// The days that passed, for times without a date.
    days: Duration,
    last: Duration,
    tick: Duration,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            sightings: Vec::new(),
            lacks: Vec::new(),
            facts: Vec::new(),
            unsaid: Count::default(),
            left: MOST,
            full: None,
            origin: None,
            days: Duration::ZERO,
            last: Duration::ZERO,
            tick: Duration::ZERO,
        }
    }
}

impl Seen {
    /// Moves on to the time of a line. A time that is earlier than the one before counts as the same.
    pub(super) fn time(&mut self, stamp: Stamp) {
        self.tick = self.tick.max(stamp.tick);
        let mut at = stamp.at.saturating_add(self.days);
        if let Some(origin) = self.origin {
            let before = origin.saturating_add(self.last);
            if stamp.day == Day::Unknown && at.saturating_add(DAY / 2) < before {
                self.days = self.days.saturating_add(DAY);
                at = at.saturating_add(DAY);
            }
            self.last = self.last.max(at.saturating_sub(origin));
        } else {
            self.origin = Some(at);
        }
    }

    /// Moves on to a time since the beginning.
    pub(super) fn at(&mut self, at: Duration) {
        self.origin.get_or_insert(Duration::ZERO);
        self.last = self.last.max(at);
    }

    pub(super) fn see(&mut self, line: usize, exchange: Exchange, what: What) {
        if self.full.is_some() {
            return;
        }
        match self.left.checked_sub(size(&what)) {
            Some(left) => {
                self.left = left;
                self.sightings.push(Sighting { at: self.last, exchange, what });
            }
            None => self.stop(line),
        }
    }

    pub(super) fn fact(&mut self, line: usize, words: impl Into<String>) {
        if self.facts.len() < FACTS {
            self.facts.push(Fact { line, words: words.into() });
        } else {
            self.unsaid.add(line);
        }
    }

    pub(super) fn lack(&mut self, lack: Lack) {
        self.lacks.push(lack);
    }

    /// There is no room for what stands from this line on.
    pub(super) fn stop(&mut self, line: usize) {
        self.full.get_or_insert(line);
    }

    /// All that was seen.
    pub(super) fn recording(mut self, form: &'static str) -> Recording {
        if let Some(line) = self.full {
            self.lacks.push(Lack::End(format!("what stands from line {line} on: 64 MiB were read")));
        }
        self.lacks.extend(self.unsaid.words("says more", "say more").map(Lack::Detail));
        let clock = if self.origin.is_some() { Clock::Ticks(self.tick) } else { Clock::Absent };
        Recording { form, sightings: self.sightings, lacks: self.lacks, facts: self.facts, clock, unjudged: None }
    }
}

/// Counts lines of one kind.
#[derive(Debug, Default)]
pub(super) struct Count {
    first: Option<usize>,
    lines: usize,
}

impl Count {
    pub(super) fn add(&mut self, line: usize) {
        self.first.get_or_insert(line);
        self.lines += 1;
    }

    pub(super) const fn first(&self) -> Option<usize> {
        self.first
    }

    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    /// How many, and where the first is; `None` if there are none.
    pub(super) fn words(&self, one: &str, more: &str) -> Option<String> {
        let first = self.first?;
        Some(match self.lines {
            1 => format!("line {first} {one}"),
            lines => format!("{lines} lines {more}, the first of them line {first}"),
        })
    }
}
