//! How many tasks have something of a session.

use alloc::vec::Vec;
use core::task::{Context, Waker};

/// The requests and the halves of WebSockets that tasks hold, and the tasks that wait until there are none.
#[derive(Debug, Default)]
pub(in crate::engineio) struct Ends {
    count: usize,
    waiting: Vec<Waker>,
}

impl Ends {
    pub(in crate::engineio) const fn join(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    pub(in crate::engineio) const fn leave(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    pub(in crate::engineio) const fn is_none_left(&self) -> bool {
        self.count == 0
    }

    pub(in crate::engineio) fn wait(&mut self, context: &Context<'_>) {
        self.waiting.retain(|waker| !waker.will_wake(context.waker()));
        self.waiting.push(context.waker().clone());
    }

    /// Who has waited, to look again.
    pub(in crate::engineio) fn take_waiting(&mut self) -> Vec<Waker> {
        core::mem::take(&mut self.waiting)
    }
}
