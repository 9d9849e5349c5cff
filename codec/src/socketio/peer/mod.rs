//! A session and a connection as one machine.

use alloc::sync::Arc;

use super::layer::Transmit;
use super::server::connection::Connection;
use crate::engineio::{self, Intake, SendError, Session};
use crate::machine::{Machine, Output};
use crate::time::Timestamp;

/// What can stand on a session: the server's [`Connection`], or the client's.
///
/// Sealed: the connections of this crate implement it.
pub trait Layer: Machine<Input = engineio::Event, Transmit = Transmit> + sealed::Sealed {}

pub(super) mod sealed {
    use alloc::sync::Arc;

    use crate::engineio::{Encoded, SendError};
    use crate::limits::Limits;

    pub trait Sealed {
        /// What the connection may cost.
        fn set_limits(&mut self, limits: Arc<Limits>);

        /// Whether nothing is to be taken out now.
        fn is_quiet(&self) -> bool;

        /// The session, which is not closed, did not take a message.
        fn not_sent(&mut self, messages: Encoded, error: SendError);
    }
}

/// An Engine.IO session with a Socket.IO connection on it.
///
/// The session's events go up to the connection, the connection's packets go down to the session; what comes out is
/// the session's I/O and the connection's events. One event at a time goes up: the application reacts to it before the
/// next one is looked at, and while the connection has no room for reactions, the session keeps what arrives.
///
/// The [`Limits`](crate::Limits) of the session are those of the connection.
#[derive(Debug)]
pub struct Peer<S: Session, C: Layer = Connection> {
    session: S,
    connection: C,
    now: Timestamp,
}

impl<S: Session, C: Layer> Peer<S, C> {
    /// Puts a connection on a new session.
    #[must_use]
    pub fn new(session: S, mut connection: C) -> Self {
        let now = session.now();
        connection.set_limits(Arc::clone(session.limits()));
        Self { session, connection, now }
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
        self.pass(now);
        self.session.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.pass(now);
        self.session.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output<S::Transmit, C::Event>> {
        advance(self.now, Some(&mut self.session), &mut self.connection)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.session.next_deadline(), self.connection.next_deadline()].into_iter().flatten().min()
    }

    fn wants_input(&self) -> bool {
        self.session.wants_input() && self.connection.wants_input()
    }
}

impl<S: Session, C: Layer> Peer<S, C> {
    /// Time passes for the connection.
    fn pass(&mut self, now: Timestamp) {
        if now > self.now {
            settle(self.now, &mut self.session, &mut self.connection);
            self.now = now;
        }
        self.connection.handle_timeout(now);
    }
}

/// Lets what arrived have its effect before time passes: an acknowledgement that is here is in time. Behind an event that
/// the application has not seen yet nothing is looked at.
pub(super) fn settle<S: Session, C: Layer>(now: Timestamp, session: &mut S, connection: &mut C) {
    while connection.is_quiet()
        && let Some(message) = session.take_message()
    {
        connection.handle(now, engineio::Event::Message(message));
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
        let session = session.as_mut()?;
        session.set_intake(if connection.wants_input() { Intake::Open } else { Intake::Shut });
        match session.poll_output()? {
            Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
            Output::Event(event) => connection.handle(now, event),
        }
    }
}

#[cfg(test)]
mod tests;
