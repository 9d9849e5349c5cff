//! A conversation that follows no trace: what the survey asks a server.

use tokio::sync::mpsc;

use super::{MAILBOX, Party, Target};
use crate::replay::{Command, Happening, Id};

/// Requests and WebSockets to one server, and what happens on them. Dropping it drops the connections.
pub(crate) struct Talk {
    party: Party,
    mail: mpsc::Receiver<Happening>,
    next: u32,
}

impl Talk {
    /// A conversation in which nothing was said yet. The cookies that the server sets go to the target.
    pub(crate) fn new(target: Target) -> Self {
        let (mailbox, mail) = mpsc::channel(MAILBOX);
        Self { party: Party::new(target, mailbox), mail, next: 0 }
    }

    /// Starts a request or opens a WebSocket.
    pub(crate) fn start(&mut self, command: impl FnOnce(Id) -> Command) -> Id {
        let id = Id(self.next);
        self.next += 1;
        self.party.carry_out(command(id));
        id
    }

    /// Says more on what was started.
    pub(crate) fn tell(&mut self, command: Command) {
        self.party.carry_out(command);
    }

    /// Waits for the next thing that happens. Nothing is lost if the wait is given up.
    pub(crate) async fn next(&mut self) -> Happening {
        match self.mail.recv().await {
            Some(happening) => happening,
            // The party holds the other end for as long as the conversation lives.
            None => std::future::pending().await,
        }
    }
}
