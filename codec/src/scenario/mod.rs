//! The language of the scenarios: what happens to a machine, and what outputs are expected.
//!
//! Every step takes all outputs out; every expectation names the next one. A step, or the end of the scenario, with an
//! output that nothing expected is a failure. What only one role can say is in its own tests.

mod engineio;
mod socketio;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::time::Duration;

pub(crate) use self::socketio::{args, id, json, namespace, text};
use crate::machine::{Machine, Output};
use crate::time::Timestamp;

/// A machine whose outputs can be compared and printed.
pub(crate) trait Subject: Machine<Transmit: Debug + PartialEq, Event: Debug + PartialEq> {}

impl<M: Machine<Transmit: Debug + PartialEq, Event: Debug + PartialEq>> Subject for M {}

type Seen<M> = Output<<M as Machine>::Transmit, <M as Machine>::Event>;

/// A machine in its scenario.
pub(crate) struct Script<M: Subject, N = ()> {
    pub(crate) machine: M,
    pub(crate) now: Timestamp,
    /// What one step leaves for a later one.
    pub(crate) notes: N,
    seen: VecDeque<Seen<M>>,
}

pub(crate) const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) const fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A successful result: `()` or `Ok(())`.
pub(crate) trait Done {
    #[track_caller]
    fn done(self);
}

impl Done for () {
    fn done(self) {}
}

impl<E: Debug> Done for Result<(), E> {
    #[track_caller]
    fn done(self) {
        self.unwrap();
    }
}

/// What happens.
impl<M: Subject, N> Script<M, N> {
    /// The beginning of a scenario, at 0.
    pub(crate) fn new(machine: M, notes: N) -> Self {
        Self { machine, now: s(0), notes, seen: VecDeque::new() }.drain()
    }

    /// Lets time pass.
    #[track_caller]
    pub(crate) fn at(self, now: Timestamp) -> Self {
        self.later(now).does(M::handle_timeout)
    }

    /// Lets time pass; the next step tells the machine.
    pub(crate) fn later(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    #[track_caller]
    pub(crate) fn input(self, input: M::Input) -> Self {
        self.together([input])
    }

    /// Several inputs before any output is taken out.
    #[track_caller]
    pub(crate) fn together<const LEN: usize>(self, inputs: [M::Input; LEN]) -> Self {
        self.does(|machine, now| inputs.into_iter().for_each(|input| machine.handle(now, input)))
    }

    /// An input; its outputs are taken out by the next step.
    pub(crate) fn feed(mut self, input: M::Input) -> Self {
        self.machine.handle(self.now, input);
        self
    }

    #[track_caller]
    pub(crate) fn does<T: Done>(mut self, verb: impl FnOnce(&mut M, Timestamp) -> T) -> Self {
        self.assert_seen_all();
        verb(&mut self.machine, self.now).done();
        self.drain()
    }

    #[track_caller]
    pub(crate) fn cannot<T: Debug + PartialEq, E: Debug + PartialEq>(
        mut self,
        error: E,
        verb: impl FnOnce(&mut M, Timestamp) -> Result<T, E>,
    ) -> Self {
        self.assert_seen_all();
        assert_eq!(verb(&mut self.machine, self.now), Err(error));
        self.drain()
    }
}

/// Expectations about the outputs.
impl<M: Subject, N> Script<M, N> {
    #[track_caller]
    pub(crate) fn expect_transmit(mut self, transmit: &M::Transmit) -> Self {
        assert_eq!(self.next_transmit(), *transmit);
        self
    }

    #[track_caller]
    pub(crate) fn expect_event(mut self, event: &M::Event) -> Self {
        assert_eq!(self.next_event(), *event);
        self
    }

    #[track_caller]
    pub(crate) fn expect_nothing(self) -> Self {
        self.assert_seen_all();
        self
    }

    #[track_caller]
    pub(crate) fn expect_deadline(self, at: Option<Timestamp>) -> Self {
        assert_eq!(self.machine.next_deadline(), at);
        self
    }

    /// Discards outputs that this test does not check.
    pub(crate) fn whatever(mut self) -> Self {
        self.seen.clear();
        self
    }

    #[track_caller]
    pub(crate) fn next_transmit(&mut self) -> M::Transmit {
        match self.next_output() {
            Output::Transmit(transmit) => transmit,
            Output::Event(event) => panic!("nothing to do, but {event:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn next_event(&mut self) -> M::Event {
        match self.next_output() {
            Output::Event(event) => event,
            Output::Transmit(transmit) => panic!("no event, but {transmit:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn next_output(&mut self) -> Seen<M> {
        self.seen.pop_front().expect("another output")
    }

    /// What is left, for tables.
    pub(crate) fn rest(&mut self) -> Vec<Seen<M>> {
        self.seen.drain(..).collect()
    }

    pub(crate) fn drain(mut self) -> Self {
        while let Some(output) = self.machine.poll_output() {
            self.seen.push_back(output);
        }
        self
    }

    #[track_caller]
    fn assert_seen_all(&self) {
        assert!(self.seen.is_empty(), "unexpected: {:?}", self.seen);
    }
}

impl<M: Subject, N> Drop for Script<M, N> {
    fn drop(&mut self) {
        // The first failure is the one to report.
        if !std::thread::panicking() {
            self.assert_seen_all();
        }
    }
}
