//! The contract application: a server under test is expected to run it, and our own servers run it.
//!
//! It is the application of the public compliance suites, so a server prepared for those needs nothing more:
//!
//! | | Engine.IO | Socket.IO |
//! |---|---|---|
//! | path | `/engine.io/` | `/socket.io/` |
//! | ping interval, ping timeout | 300 ms, 200 ms | the same |
//! | limit on bodies and messages | 1,000,000 bytes | the same |
//! | behaviour | every message is sent back, text as text and binary as binary | see below |
//! | connect timeout | | 1,000 ms |
//!
//! The Socket.IO application has the namespaces `/` and `/custom`, and `/refused`, which refuses all clients. When a
//! client joins, it emits `auth` with the auth payload, or `{}` if there is none. On `/` it answers `message` with
//! `message-back`, and `message-with-ack` with an acknowledgement, both with the same arguments.
//!
//! Three more events on `/` make the server end the connection or leave the namespace. They are not part of the public
//! suites, and only cases of the level `reference` use them, so a server under test need not have them. The server
//! answers each with `bye`; then
//!
//! | event | what the server does | in socket.io |
//! |---|---|---|
//! | `leave` | makes the client leave the namespace | `socket.disconnect()` |
//! | `close` | makes it leave all namespaces and closes the connection | `socket.disconnect(true)` |
//! | `shut-down` | does to this one client what it does to all clients when it shuts down | `server.close()` |
//!
//! The namespace `/siospec`, and those called `/siospec-1` and so on, have the extended contract: rooms, broadcasts,
//! middlewares and disconnections. `fixtures/contract/README.md` describes it. A server under test need not have it.
//!
//! A server may also serve clients of Engine.IO 3. The application is the same for them; they are in `/` without
//! asking, as their protocol says.
//!
//! In a [cluster](Membership) of servers it has one event more on `/`, `cluster`, with which a client has the server do something
//! with all of them; `fixtures/reference/README.md` lists what. Broadcasts then reach the clients of all servers, also in the
//! extended contract.
//!
//! The application is written once, on the events of the protocol machines. The embedded [server](crate::server) runs
//! it on sockets, and the [memory party](crate::party::memory) runs it without sockets.

mod bus;
mod clustered;
mod defective;
mod echo;
mod entropy;
mod extended;
mod lobby;
// What the example `cluster` of sio-codec does; the file is a link to its own.
mod operation;
mod outcome;
mod rooms;
mod site;
mod sockets;

pub use bus::Bus;
pub use clustered::{Losses, Membership};
pub use entropy::Entropy;
pub use site::{Eio3, Kind, Recovery, Site};

use std::sync::Arc;

use sio_codec::engineio::server::{Input, ServerSession, Transmit};
use sio_codec::socketio::Peer;
use sio_codec::{Machine, Output, Timestamp};
use tokio::sync::Notify;

use defective::Defective;
use echo::Echo;
use lobby::Seat;
use sockets::Sockets;

use crate::mutants::Tap;

/// One client's session with the application on top; does no I/O itself.
#[derive(Debug)]
pub struct Application(Inner);

#[derive(Debug)]
enum Inner {
    Echo(Box<Echo>),
    Sockets(Box<Sockets>),
    /// One of the others, with the defect of a mutant.
    Defective(Box<Defective>),
}

/// The session is over and can be removed; emitted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

impl Application {
    fn echo(now: Timestamp, session: ServerSession) -> Self {
        Self(Inner::Echo(Box::new(Echo::new(now, session))))
    }

    fn sockets(now: Timestamp, peer: Peer<ServerSession>, seat: Seat, recovery: Recovery, entropy: Entropy) -> Self {
        Self(Inner::Sockets(Box::new(Sockets::new(now, peer, seat, recovery, entropy))))
    }

    /// Notified when another session has something for this one: it has to be polled then. `None` for applications
    /// whose sessions have nothing to do with each other.
    #[must_use]
    pub fn call(&self) -> Option<Arc<Notify>> {
        match &self.0 {
            Inner::Echo(_) => None,
            Inner::Sockets(sockets) => Some(sockets.call()),
            Inner::Defective(session) => session.call(),
        }
    }

    fn defective(now: Timestamp, session: Self, tap: Tap) -> Self {
        Self(Inner::Defective(Box::new(Defective::new(session, tap, now))))
    }

    /// Ends the session because the server shuts down.
    pub fn close(&mut self, now: Timestamp) {
        match &mut self.0 {
            Inner::Echo(echo) => echo.close(now),
            Inner::Sockets(sockets) => sockets.shut_down(),
            Inner::Defective(session) => session.close(now),
        }
    }
}

impl Machine for Application {
    type Input = Input;
    type Transmit = Transmit;
    type Event = Ended;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match &mut self.0 {
            Inner::Echo(echo) => echo.handle(now, input),
            Inner::Sockets(sockets) => sockets.handle(now, input),
            Inner::Defective(session) => session.handle(now, input),
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        match &mut self.0 {
            Inner::Echo(echo) => echo.handle_timeout(now),
            Inner::Sockets(sockets) => sockets.handle_timeout(now),
            Inner::Defective(session) => session.handle_timeout(now),
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        match &mut self.0 {
            Inner::Echo(echo) => echo.poll_output(),
            Inner::Sockets(sockets) => sockets.poll_output(),
            Inner::Defective(session) => session.poll_output(),
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        match &self.0 {
            Inner::Echo(echo) => echo.next_deadline(),
            Inner::Sockets(sockets) => sockets.next_deadline(),
            Inner::Defective(session) => session.next_deadline(),
        }
    }

    fn wants_input(&self) -> bool {
        match &self.0 {
            Inner::Echo(echo) => echo.wants_input(),
            Inner::Sockets(sockets) => sockets.wants_input(),
            Inner::Defective(session) => session.wants_input(),
        }
    }
}
