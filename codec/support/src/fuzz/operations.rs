//! Operations on machines: no sequence of inputs, timeouts and calls breaks a law.

use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

use crate::eio_world::{self, Random};
use crate::hub_model;
use crate::lives::server::{Start, laws_hold_at_every_step};
use crate::lives::{eio_client, sio_client};
use crate::{node_world, sessions_model, shared_world};

/// A server's machines. The first byte chooses the machine and the beginning of its life.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn server(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    let start = |joined| Start { websocket: choice & 1 == 0, joined, dialect: choice >> 3 };
    if choice & 4 == 0 {
        laws_hold_at_every_step::<ServerSession>(start(false), bytes);
    } else {
        laws_hold_at_every_step::<Peer<ServerSession>>(start(choice & 2 == 0), bytes);
    }
}

/// A client's Engine.IO session. The first byte chooses its configuration, the second whether its server opens it.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn client(data: &[u8]) {
    if let [kind, opened, bytes @ ..] = data {
        eio_client::run(*kind, opened & 1 == 0, bytes);
    }
}

/// A client's Engine.IO session and a server's, in a world that the bytes describe.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn pair(data: &[u8]) {
    if let Err(told) = eio_world::lawful(&Random::from_bytes(data)) {
        panic!("{told}");
    }
}

/// A hub compared with its model.
///
/// # Panics
///
/// Panics if the two differ.
pub fn hub(data: &[u8]) {
    hub_model::run(data);
}

/// A Socket.IO client that reconnects.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn sio_client(data: &[u8]) {
    sio_client::run(data);
}

/// A table of sessions compared with a router and a driver for each.
///
/// # Panics
///
/// Panics if the two differ.
pub fn sessions(data: &[u8]) {
    sessions_model::run(data);
}

/// Tasks that share a server and clients, by turns, on a virtual clock.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn shared(data: &[u8]) {
    shared_world::run(data);
}

/// Servers of a cluster. The first byte chooses what they use.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn node(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    let adapters = node_world::adapters();
    let _ = node_world::life(&adapters[usize::from(*choice) % adapters.len()], bytes);
}
