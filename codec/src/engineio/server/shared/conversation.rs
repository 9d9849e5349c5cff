//! A WebSocket, as its task sees it.

use core::fmt;
use core::future::poll_fn;
use core::task::Poll;

use super::Shared;
use super::outbox::{Frames, Outbox, Taken};
use crate::engineio::ids::WsId;
use crate::engineio::server::io::Input;
use crate::engineio::server::sessions::ServerMachine;
use crate::frame::Frame;

/// A request that becomes a WebSocket: answer it with status 101.
///
/// Dropped before it is [opened](Self::open), the WebSocket counts as lost.
///
/// The example of [`Shared`] has one.
#[must_use = "a WebSocket that is dropped counts as lost"]
#[derive(Debug)]
pub struct Conversation<M: ServerMachine>(Reader<M>);

/// The half of a WebSocket that is read. Dropped, the WebSocket counts as closed.
///
/// The example of [`Shared`] has one.
#[derive(Debug)]
pub struct Reader<M: ServerMachine>(End<M>);

/// The half of a WebSocket that is written to. Dropped, the WebSocket counts as lost.
///
/// The example of [`Shared`] has one.
#[derive(Debug)]
pub struct Writer<M: ServerMachine> {
    frames: Frames,
    end: End<M>,
}

/// Says that a WebSocket is closed.
struct End<M: ServerMachine> {
    shared: Shared<M>,
    ws: WsId,
}

impl<M: ServerMachine> Conversation<M> {
    pub(super) fn new(shared: Shared<M>, ws: WsId) -> Self {
        Self(Reader(End::new(shared, ws)))
    }

    /// The WebSocket is established. If its session has given it up in the meantime, nothing is to be read or written.
    #[must_use]
    pub fn open(self) -> (Reader<M>, Writer<M>) {
        let Self(reader) = self;
        let End { shared, ws } = &reader.0;
        let (outbox, frames) = Outbox::new();
        let end = End::new(shared.clone(), *ws);
        // One that comes back is dropped, so that the writer ends.
        drop(shared.act(|table, _| table.attach(*ws, outbox)));
        let writer = Writer { frames, end };
        (reader, writer)
    }
}

impl<M: ServerMachine> Reader<M> {
    /// Waits until the session wants to hear more; `false` if nothing more is to be read. Then the rest should be read and thrown
    /// away nevertheless: a connection that is closed while something is unread is reset, and its client may not read what was
    /// sent last.
    pub async fn ready(&self) -> bool {
        let End { shared, ws } = &self.0;
        poll_fn(|context| {
            let mut locked = shared.0.lock();
            match locked.table.wants_input(*ws) {
                Some(false) => {
                    locked.readers.insert(*ws, context.waker().clone());
                    Poll::Pending
                }
                wants_input => Poll::Ready(wants_input.is_some()),
            }
        })
        .await
    }

    /// A message arrived.
    pub fn frame(&self, frame: Frame) {
        let End { shared, ws } = &self.0;
        shared.handle(Input::WsFrame { ws: *ws, frame });
    }
}

impl<M: ServerMachine> Writer<M> {
    /// Waits for the next message to be written; `None` if there are no more: then write a Close frame. If the wait is given up,
    /// nothing is lost.
    pub async fn next(&mut self) -> Option<Frame> {
        let Taken { frame, was_full } = poll_fn(|context| self.frames.poll_next(context)).await?;
        if was_full {
            let End { shared, ws } = &self.end;
            shared.handle(Input::WsWritable { ws: *ws });
        }
        Some(frame)
    }
}

impl<M: ServerMachine> Drop for Writer<M> {
    fn drop(&mut self) {
        self.frames.lose();
    }
}

impl<M: ServerMachine> End<M> {
    fn new(shared: Shared<M>, ws: WsId) -> Self {
        shared.0.lock().ends += 1;
        Self { shared, ws }
    }
}

impl<M: ServerMachine> Drop for End<M> {
    fn drop(&mut self) {
        self.shared.0.lock().readers.remove(&self.ws);
        self.shared.handle(Input::WsClosed { ws: self.ws });
        self.shared.release();
    }
}

impl<M: ServerMachine> fmt::Debug for End<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End").field("ws", &self.ws).finish_non_exhaustive()
    }
}
