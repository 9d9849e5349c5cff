//! A conversation without a trace: the requests of the survey.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::{MAILBOX, Party, Target};
use crate::replay::{Command, Happening, Id};

/// Requests and WebSockets to one server, and their events. Dropping it closes the connections.
pub(crate) struct Talk {
    party: Party,
    mail: mpsc::Receiver<Happening>,
    /// What was translated and not taken yet.
    heard: VecDeque<Happening>,
    next: u32,
}

impl Talk {
    /// A new conversation. The cookies that the server sets are added to the target.
    pub(crate) fn new(target: Target) -> Self {
        let (mailbox, mail) = mpsc::channel(MAILBOX);
        Self { party: Party::new(target, mailbox), mail, heard: VecDeque::new(), next: 0 }
    }

    /// Starts a request or opens a WebSocket.
    pub(crate) fn start(&mut self, command: impl FnOnce(Id) -> Command) -> Id {
        let id = Id(self.next);
        self.next += 1;
        self.tell(command(id));
        id
    }

    /// Sends a further command to a request or WebSocket, unless the server's parser has no form for it.
    pub(crate) fn tell(&mut self, command: Command) {
        if let Ok(Some(command)) = self.party.tongue.say(command) {
            self.party.carry_out(command);
        }
    }

    /// Waits for the next event. Cancelling the wait loses nothing.
    pub(crate) async fn next(&mut self) -> Happening {
        loop {
            if let Some(happening) = self.heard.pop_front() {
                return happening;
            }
            match self.mail.recv().await {
                Some(happening) => self.heard.extend(self.party.tongue.hear(happening)),
                // Does not happen: this party holds a sender for as long as the conversation lives.
                None => std::future::pending().await,
            }
        }
    }
}
