//! The mailboxes of all sessions.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sio_codec::engineio::Sid;
use tokio::sync::mpsc::error::TrySendError;

use super::mail::{Mail, Mailbox};
use crate::contract::Kind;

type Key = (Kind, Sid);

/// The sessions, by path and id.
#[derive(Debug)]
pub(super) struct Sessions(Mutex<Register>);

#[derive(Debug)]
enum Register {
    Open(HashMap<Key, Mailbox>),
    /// The server shuts down: new sessions are closed at once, and sessions can still be found by clients that fetch the
    /// close packet.
    Closing(HashMap<Key, Mailbox>),
    /// The server is gone. A session without a mailbox ends.
    Gone,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Register::Open(HashMap::new())))
    }

    pub(super) fn enter(&self, kind: Kind, sid: Sid, mailbox: Mailbox) {
        self.with(|register| match register {
            Register::Open(mailboxes) => drop(mailboxes.insert((kind, sid), mailbox)),
            Register::Closing(mailboxes) => {
                tell(&mailbox);
                mailboxes.insert((kind, sid), mailbox);
            }
            Register::Gone => {}
        });
    }

    pub(super) fn find(&self, kind: Kind, sid: &Sid) -> Option<Mailbox> {
        self.with(|register| register.mailboxes()?.get(&(kind, sid.clone())).cloned())
    }

    pub(super) fn leave(&self, kind: Kind, sid: Sid) {
        self.with(|register| register.mailboxes()?.remove(&(kind, sid)));
    }

    /// Tells every session that the server shuts down: those that exist, and those that are still added.
    pub(super) fn close(&self) {
        self.with(|register| {
            if let Register::Open(mailboxes) = register {
                mailboxes.values().for_each(tell);
                *register = Register::Closing(std::mem::take(mailboxes));
            }
        });
    }

    /// Ends every session without notice.
    pub(super) fn abandon(&self) {
        self.with(|register| *register = Register::Gone);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Register) -> T) -> T {
        // A panic in another thread cannot leave the register inconsistent: each statement that changes it completes
        // the change.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Register {
    const fn mailboxes(&mut self) -> Option<&mut HashMap<Key, Mailbox>> {
        match self {
            Self::Open(mailboxes) | Self::Closing(mailboxes) => Some(mailboxes),
            Self::Gone => None,
        }
    }
}

fn tell(mailbox: &Mailbox) {
    if let Err(TrySendError::Full(mail)) = mailbox.try_send(Mail::ShutDown) {
        let mailbox = mailbox.clone();
        tokio::spawn(async move { mailbox.send(mail).await });
    }
}
