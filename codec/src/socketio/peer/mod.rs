//! A session and a connection as one machine.

use alloc::sync::Arc;

use super::layer::{Layer, advance, settle};
use super::server::connection::Connection;
use crate::engineio::Session;
use crate::machine::{Machine, Output};
use crate::time::Timestamp;

/// An Engine.IO session with a Socket.IO connection on it.
///
/// The session's events go up to the connection, the connection's packets go down to the session; what comes out is
/// the session's I/O and the connection's events. One event at a time goes up: the application reacts to it before the
/// next one is looked at, and while the connection has no room for reactions, the session keeps what arrives.
///
/// The [`Limits`](crate::Limits) of the session are those of the connection.
///
/// ```
/// use sio_codec::engineio::server::{self, Carrier, Input, Route, Router, Transmit, WsId};
/// use sio_codec::engineio::{RequestHead, Sid};
/// use sio_codec::socketio::{Config, Connection, Event, Peer};
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// # let query = "EIO=4&transport=websocket";
/// # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
/// # let router = Router::new(server::Config::default())?;
/// # let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
/// let (now, ws) = (Timestamp::ZERO, WsId(1));
/// let session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::WebSocket(ws));
/// let mut peer = Peer::new(session, Connection::new(Config::default()));
/// peer.handle(now, Input::WsFrame { ws, frame: Frame::from("40") });
/// while let Some(output) = peer.poll_output() {
///     match output {
///         Output::Event(Event::ConnectRequested { namespace, .. }) => {
///             peer.socketio().accept(&namespace, &Sid::from_entropy([9; 15]))?;
///         }
///         Output::Transmit(Transmit::WsSend { frame, .. }) => println!("{frame:?}"),
///         _ => {}
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Peer<S: Session, C: Layer = Connection> {
    session: S,
    connection: C,
    now: Timestamp,
}

impl<S: Session, C: Layer> Peer<S, C> {
    /// Puts a connection on a new session, whose limits it takes over. If the session speaks revision 3 of Engine.IO, then a
    /// connection of the server that was made for protocol 5 speaks [`Dialect::Hybrid`](crate::socketio::Dialect) instead: its
    /// client knows no other.
    #[must_use]
    pub fn new(session: S, mut connection: C) -> Self {
        let now = session.now();
        connection.settle(session.revision(), Arc::clone(session.limits()));
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

impl<S: Session, C: Layer> AsRef<S> for Peer<S, C> {
    fn as_ref(&self) -> &S {
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

#[cfg(test)]
mod tests;
