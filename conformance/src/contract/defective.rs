//! A session with its application, with the defect of a mutant around it.

use std::collections::VecDeque;
use std::sync::Arc;

use sio_codec::engineio::server::{Input, Transmit};
use sio_codec::{Machine as _, Output, Timestamp};
use tokio::sync::Notify;

use super::{Application, Ended};
use crate::mutants::Tap;

#[derive(Debug)]
pub(super) struct Defective {
    session: Application,
    tap: Tap,
    now: Timestamp,
    ready: VecDeque<Transmit>,
}

impl Defective {
    pub(super) const fn new(session: Application, tap: Tap, now: Timestamp) -> Self {
        Self { session, tap, now, ready: VecDeque::new() }
    }

    pub(super) fn call(&self) -> Option<Arc<Notify>> {
        self.session.call()
    }

    pub(super) fn close(&mut self, now: Timestamp) {
        self.session.close(now);
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        for input in self.tap.take(now, input) {
            self.session.handle(now, input);
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.tap.wake(now);
        self.session.handle_timeout(now);
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        [self.session.next_deadline(), self.tap.next_deadline()].into_iter().flatten().min()
    }

    pub(super) fn wants_input(&self) -> bool {
        self.session.wants_input()
    }

    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        let mut has_rested = false;
        loop {
            if let Some(transmit) = self.ready.pop_front().or_else(|| self.tap.add()) {
                return Some(Output::Transmit(transmit));
            }
            match self.session.poll_output() {
                Some(Output::Transmit(transmit)) => self.ready = self.tap.give(transmit),
                Some(Output::Event(ended)) => return Some(Output::Event(ended)),
                None => match self.tap.inject() {
                    Some(input) => self.session.handle(self.now, input),
                    None if has_rested => return None,
                    None => {
                        has_rested = true;
                        self.tap.rest();
                    }
                },
            }
        }
    }
}
