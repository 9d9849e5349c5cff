//! The input and the result of a check.

use std::pin::Pin;

use sio_codec::engineio::Revision;

use crate::embedding::Target;
use crate::{engine, sockets};

/// A server, and how to talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) target: Target,
    pub(crate) revision: Revision,
}

pub(crate) type Verdict = Result<(), String>;
pub(crate) type Check = fn(Way) -> Pin<Box<dyn Future<Output = Verdict>>>;

/// The checks for a server of Engine.IO or of Socket.IO, with WebSockets or without.
pub(crate) const fn all(socketio: bool, without_websocket: bool) -> &'static [(&'static str, Check)] {
    match (socketio, without_websocket) {
        (false, false) => engine::ALL,
        (false, true) => engine::WITHOUT_WEBSOCKET,
        (true, false) => sockets::ALL,
        (true, true) => sockets::WITHOUT_WEBSOCKET,
    }
}
