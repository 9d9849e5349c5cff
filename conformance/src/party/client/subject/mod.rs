//! The client under test, and its clock.

mod memory;

use std::collections::VecDeque;
use std::fmt;

use sio_codec::Timestamp;
use sio_codec::engineio::client::Input;

use super::script::Wish;
use crate::party::driver::Doing;
pub(super) use memory::Memory;

/// A client under test: it is called as its application would do, and receives what a server sends.
pub(super) trait Subject: fmt::Debug {
    /// Makes a call of the application.
    ///
    /// # Errors
    ///
    /// Why the client refused the call.
    fn wish(&mut self, now: Timestamp, wish: &Wish) -> Result<(), String>;

    /// Something reaches the client.
    fn handle(&mut self, now: Timestamp, input: Input);

    /// The next thing that the client has done on its connections.
    fn poll_doing(&mut self) -> Option<Doing>;

    /// What its application received and nobody has read yet, as events of the driver protocol.
    fn told(&mut self) -> &mut VecDeque<String>;

    /// Why the session ended, if it did.
    fn closed(&self) -> Option<&str>;

    /// The time; `last` is what it was before.
    fn now(&self, last: Timestamp) -> Timestamp;

    /// Lets time pass until the client may have done something, and returns the time; `None` if `until` is reached
    /// before.
    fn pass(&mut self, now: Timestamp, until: Timestamp) -> Option<Timestamp>;

    /// Waits for more of what is under way at the moment. Returns whether something may have come.
    fn catch_up(&mut self, patience: Patience) -> bool;
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// The reaction to something that was sent.
    Reaction,
    /// The last things that a client does at the end of a trace.
    Rest,
}
