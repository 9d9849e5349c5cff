//! All sessions of a server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sio_codec::engineio::Sid;

use super::session::Session;
use crate::contract::Kind;

type Table = HashMap<(Kind, Sid), Arc<Session>>;

/// The sessions, by path and id.
#[derive(Debug)]
pub(super) struct Sessions(Mutex<Register>);

#[derive(Debug)]
enum Register {
    Open(Table),
    /// The server shuts down: new sessions are closed at once, and sessions can still be found by clients that fetch the
    /// close packet.
    Closing(Table),
    /// The server is gone, and each session with it.
    Gone,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Register::Open(HashMap::new())))
    }

    pub(super) fn enter(&self, kind: Kind, sid: Sid, session: Arc<Session>) {
        self.with(|register| match register {
            Register::Open(sessions) => drop(sessions.insert((kind, sid), session)),
            Register::Closing(sessions) => {
                session.close();
                sessions.insert((kind, sid), session);
            }
            Register::Gone => session.abandon(),
        });
    }

    pub(super) fn find(&self, kind: Kind, sid: &Sid) -> Option<Arc<Session>> {
        self.with(|register| register.sessions()?.get(&(kind, sid.clone())).cloned())
    }

    pub(super) fn leave(&self, kind: Kind, sid: Sid) {
        self.with(|register| register.sessions()?.remove(&(kind, sid)));
    }

    /// Tells every session that the server shuts down: those that exist, and those that are still added.
    pub(super) fn close(&self) {
        self.with(|register| {
            if let Register::Open(sessions) = register {
                sessions.values().for_each(|session| session.close());
                *register = Register::Closing(std::mem::take(sessions));
            }
        });
    }

    /// Ends every session without notice.
    pub(super) fn abandon(&self) {
        self.with(|register| {
            if let Some(sessions) = register.sessions() {
                sessions.values().for_each(|session| session.abandon());
            }
            *register = Register::Gone;
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Register) -> T) -> T {
        // A panic in another thread cannot leave the register inconsistent: each statement that changes it completes
        // the change.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Register {
    const fn sessions(&mut self) -> Option<&mut Table> {
        match self {
            Self::Open(sessions) | Self::Closing(sessions) => Some(sessions),
            Self::Gone => None,
        }
    }
}
