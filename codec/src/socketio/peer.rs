//! A session and a connection as one machine.

use super::connection::{Connection, Transmit};
use super::error::{DisconnectReason, Violation};
use crate::engineio::{self, Encoded, SendError, Session};
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::time::Timestamp;

/// What can stand on a session: the server's [`Connection`], or the client's.
///
/// Sealed: the connections of this crate implement it.
pub trait Layer: Machine<Input = engineio::Event, Transmit = Transmit> + sealed::Sealed {}

pub(super) mod sealed {
    use crate::engineio::{Encoded, SendError};

    pub trait Sealed {
        /// The session, which is not closed, did not take a message.
        fn not_sent(&mut self, messages: Encoded, error: SendError);
    }
}

impl Layer for Connection {}

impl sealed::Sealed for Connection {
    fn not_sent(&mut self, _: Encoded, _: SendError) {
        self.close_with(DisconnectReason::Violation(Violation::SlowReader));
    }
}

/// An Engine.IO session with a Socket.IO connection on it.
///
/// The session's events go up to the connection, the connection's packets go down to the session; what comes out is
/// the session's I/O and the connection's events.
#[derive(Debug)]
pub struct Peer<S: Session, C: Layer = Connection> {
    session: S,
    connection: C,
    now: Timestamp,
    /// What was produced before anybody asked for it.
    outputs: Outputs<Output<S::Transmit, C::Event>>,
}

impl<S: Session, C: Layer> Peer<S, C> {
    /// Puts a connection on a new session.
    #[must_use]
    pub fn new(session: S, connection: C) -> Self {
        let now = session.now();
        Self { session, connection, now, outputs: Outputs::new() }
    }

    /// The connection, to accept clients, emit events and acknowledge them.
    #[must_use]
    pub const fn socketio(&mut self) -> &mut C {
        &mut self.connection
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &S {
        &self.session
    }
}

impl<S: Session, C: Layer> Machine for Peer<S, C> {
    type Input = S::Input;
    type Transmit = S::Transmit;
    type Event = C::Event;

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

    fn poll_output(&mut self) -> Option<Output<S::Transmit, C::Event>> {
        self.outputs.pop().or_else(|| self.advance())
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.session.next_deadline(), self.connection.next_deadline()].into_iter().flatten().min()
    }
}

impl<S: Session, C: Layer> Peer<S, C> {
    /// Lets each layer have what the other has for it, before anything else happens: inputs mean the same whether
    /// outputs are taken out between them or not.
    fn settle(&mut self) {
        while let Some(output) = self.advance() {
            self.outputs.push(output);
        }
    }

    fn advance(&mut self) -> Option<Output<S::Transmit, C::Event>> {
        advance(self.now, Some(&mut self.session), &mut self.connection)
    }
}

/// Produces the next output of a connection and the session below it, if there is one.
pub(super) fn advance<S: Session, C: Layer>(
    now: Timestamp,
    mut session: Option<&mut S>,
    connection: &mut C,
) -> Option<Output<S::Transmit, C::Event>> {
    loop {
        while let Some(output) = connection.poll_output() {
            match (output, &mut session) {
                (Output::Event(event), _) => return Some(Output::Event(event)),
                (Output::Transmit(Transmit::Close), Some(session)) => session.close(now),
                //= SRV-BC-02
                (Output::Transmit(Transmit::SendVolatile(messages)), Some(session)) => {
                    // Being dropped is its lot.
                    let _ = session.send_volatile(&messages);
                }
                (Output::Transmit(Transmit::Send(messages)), Some(session)) => match session.send(&messages) {
                    // Why the session closed is an event that has yet to arrive.
                    Ok(()) | Err(SendError::Closed) => {}
                    Err(error) => connection.not_sent(messages, error),
                },
                (Output::Transmit(_), None) => {}
            }
        }
        match session.as_mut()?.poll_output()? {
            Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
            Output::Event(event) => connection.handle(now, event),
        }
    }
}

#[cfg(test)]
mod tests;
