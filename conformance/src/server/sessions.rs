//! Who is there: the mailboxes of all sessions.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sio_codec::engineio::Sid;
use tokio::sync::mpsc::error::TrySendError;

use super::mail::{Mail, Mailbox};
use crate::contract::Kind;

type Key = (Kind, Sid);

/// The sessions that can be found, by path and id.
#[derive(Debug)]
pub(super) struct Sessions(Mutex<Register>);

#[derive(Debug)]
enum Register {
    Open(HashMap<Key, Mailbox>),
    /// The server shuts down: sessions are told as they come, and can still be found by whoever waits for their farewell.
    Closing(HashMap<Key, Mailbox>),
    /// The server is gone. A session whose mailbox nobody has ends.
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

    /// Tells every session that the server shuts down: those that are here, and those that still come.
    pub(super) fn close(&self) {
        self.with(|register| {
            if let Register::Open(mailboxes) = register {
                mailboxes.values().for_each(tell);
                *register = Register::Closing(std::mem::take(mailboxes));
            }
        });
    }

    /// Lets every session end without a word.
    pub(super) fn abandon(&self) {
        self.with(|register| *register = Register::Gone);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Register) -> T) -> T {
        // The register is whole after every statement that changes it, whatever happened to another thread.
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
