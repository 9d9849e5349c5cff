//! Process groups.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The process group of a server that was started, while there is one.
#[derive(Clone, Debug, Default)]
pub struct Group(Arc<AtomicI32>);

/// The process groups of programs that run at the same time.
#[derive(Clone, Debug, Default)]
pub struct Groups(Arc<Mutex<Vec<Group>>>);

/// No process has this id.
const NONE: i32 = 0;

/// How a group is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// SIGTERM.
    Ask,
    /// SIGKILL.
    Force,
}

impl Groups {
    /// One more group, which the process with this id leads.
    pub(crate) fn enter(&self, leader: u32) -> Group {
        let group = Group::default();
        group.enter(Some(leader));
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups.retain(Group::is_there);
        groups.push(group.clone());
        group
    }

    /// Ends all processes of the groups at once.
    pub fn kill(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Group::kill);
    }
}

impl Group {
    fn is_there(&self) -> bool {
        self.0.load(Ordering::SeqCst) != NONE
    }

    /// The group that the process with this id leads.
    pub(crate) fn enter(&self, leader: Option<u32>) {
        let id = leader.and_then(|id| i32::try_from(id).ok()).unwrap_or(NONE);
        self.0.store(id, Ordering::SeqCst);
    }

    /// There is no group any more.
    pub(crate) fn leave(&self) {
        self.0.store(NONE, Ordering::SeqCst);
    }

    /// Ends all processes of the group at once, if there is one.
    pub fn kill(&self) {
        self.signal(Farewell::Force);
    }

    /// Sends a signal to all processes of the group. If there are none any more, nothing happens.
    #[cfg(unix)]
    pub(super) fn signal(&self, farewell: Farewell) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = match farewell {
            Farewell::Ask => Signal::TERM,
            Farewell::Force => Signal::KILL,
        };
        if let Some(group) = Pid::from_raw(self.0.load(Ordering::SeqCst)) {
            let _ = kill_process_group(group, signal);
        }
    }

    #[cfg(not(unix))]
    pub(super) fn signal(&self, _: Farewell) {}
}
