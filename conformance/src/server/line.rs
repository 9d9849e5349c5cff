//! The WebSocket of a session.

use std::task::{Context, Poll};

use sio_codec::Frame;
use sio_codec::engineio::server::Outlet;
use tokio_util::task::TaskTracker;

use super::websocket::{End, Happening, Socket};

/// The WebSocket of a session: the one that carries it, or a candidate for an upgrade.
#[derive(Debug)]
pub(super) struct Line {
    socket: Box<Socket>,
    tasks: TaskTracker,
}

impl Line {
    pub(super) const fn new(socket: Box<Socket>, tasks: TaskTracker) -> Self {
        Self { socket, tasks }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>, listening: bool) -> Poll<Happening> {
        self.socket.poll(context, listening)
    }

    /// Closes the WebSocket in its own task; the session does not wait for it.
    pub(super) fn dismiss(self, end: End) {
        self.tasks.spawn(self.socket.say_goodbye(end));
    }
}

impl Outlet for Line {
    fn has_room(&self) -> bool {
        self.socket.has_room()
    }

    fn send(&mut self, frame: Frame) {
        self.socket.write(frame);
    }

    fn close(self) {
        self.dismiss(End::Ours);
    }
}
