//! A session and a connection as one machine.

use super::connection::{Connection, Event, Transmit};
use super::error::{DisconnectReason, Violation};
use crate::engineio::{SendError, Session};
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::time::Timestamp;

/// An Engine.IO session with a Socket.IO connection on it.
///
/// The session's events go up to the connection, the connection's packets go down to the session; what comes out is
/// the session's I/O and the connection's events.
#[derive(Debug)]
pub struct Peer<S: Session> {
    session: S,
    connection: Connection,
    now: Timestamp,
    /// What was produced before anybody asked for it.
    outputs: Outputs<Output<S::Transmit, Event>>,
}

impl<S: Session> Peer<S> {
    /// Puts a connection on a new session.
    #[must_use]
    pub fn new(session: S, connection: Connection) -> Self {
        let now = session.now();
        Self { session, connection, now, outputs: Outputs::new() }
    }

    /// The connection, to accept clients, emit events and acknowledge them.
    #[must_use]
    pub const fn socketio(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &S {
        &self.session
    }
}

impl<S: Session> Machine for Peer<S> {
    type Input = S::Input;
    type Transmit = S::Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: S::Input) {
        self.settle();
        self.now = self.now.max(now);
        self.connection.handle_timeout(now);
        self.session.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if now > self.now {
            self.settle();
            self.now = now;
        }
        self.session.handle_timeout(now);
        self.connection.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output<S::Transmit, Event>> {
        self.outputs.pop().or_else(|| self.advance())
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.session.next_deadline(), self.connection.next_deadline()].into_iter().flatten().min()
    }
}

impl<S: Session> Peer<S> {
    /// Lets each layer have what the other has for it, before anything else happens: inputs mean the same whether
    /// outputs are taken out between them or not.
    fn settle(&mut self) {
        while let Some(output) = self.advance() {
            self.outputs.push(output);
        }
    }

    /// Produces the next output.
    fn advance(&mut self) -> Option<Output<S::Transmit, Event>> {
        loop {
            while let Some(output) = self.connection.poll_output() {
                match output {
                    Output::Event(event) => return Some(Output::Event(event)),
                    Output::Transmit(Transmit::Close) => self.session.close(self.now),
                    //= SRV-BC-02
                    Output::Transmit(Transmit::SendVolatile(messages)) => {
                        // Being dropped is its lot.
                        let _ = self.session.send_volatile(&messages);
                    }
                    Output::Transmit(Transmit::Send(messages)) => match self.session.send(&messages) {
                        // Why the session closed is an event that has yet to arrive.
                        Ok(()) | Err(SendError::Closed) => {}
                        Err(SendError::QueueFull | SendError::Separator) => {
                            self.connection.close_with(DisconnectReason::Violation(Violation::SlowReader));
                        }
                    },
                }
            }
            match self.session.poll_output()? {
                Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
                Output::Event(event) => self.connection.handle(self.now, event),
            }
        }
    }
}

#[cfg(test)]
mod tests;
