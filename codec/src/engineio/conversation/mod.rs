//! A WebSocket, as the task sees it that reads or writes it.

mod ends;
mod outbox;
#[cfg(feature = "futures")]
mod run;

use alloc::sync::Arc;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

pub(in crate::engineio) use self::ends::Ends;
pub(in crate::engineio) use self::outbox::Frames;
pub use self::outbox::Outbox;
use self::outbox::Taken;
#[cfg(feature = "futures")]
pub use self::run::ConversationError;
use super::ids::WsId;
use crate::frame::Frame;

/// A WebSocket that a task is to establish: a request that becomes one on a [server](super::server::Shared), or one that a
/// [client](super::client::Shared) wants to have.
///
/// Dropped before it is [opened](Self::open), the WebSocket counts as lost.
///
/// With the feature `futures` it runs over whatever is a stream and a sink of messages.
///
/// The examples of both have one.
#[derive(Debug)]
#[must_use = "a WebSocket that is dropped counts as lost"]
pub struct Conversation(Reader);

/// The half of a WebSocket that is read. Dropped, the WebSocket counts as closed. It may be on another thread than the writer.
///
/// A message that is no frame of the protocol is the program's: one that is too long, or text that is not UTF-8. It writes a
/// Close frame with the code for that, and drops this.
///
/// The example of [`server::Shared`](super::server::Shared) has one.
#[derive(Debug)]
pub struct Reader(End);

/// The half of a WebSocket that is written to. Dropped, the WebSocket counts as lost.
///
/// When the [`Reader`] is dropped, this has the messages that are left, and then no more. A program that has written a Close frame
/// by itself writes nothing behind it. How long a peer may take to take a message is the program's to say;
/// a [`Conversation`] that runs by itself waits 30 s.
///
/// The example of [`server::Shared`](super::server::Shared) has one.
#[derive(Debug)]
pub struct Writer {
    frames: Frames,
    end: End,
}

/// Those who share a session, as its WebSockets see them.
pub(in crate::engineio) trait Listeners: Send + Sync {
    /// A half is there.
    fn joined(&self);

    /// The WebSocket is established, and this is to be written to it.
    fn opened(&self, ws: WsId) -> Frames;

    /// Whether it is to be read, once that is known.
    fn poll_ready(&self, ws: WsId, context: &Context<'_>) -> Poll<bool>;

    fn frame(&self, ws: WsId, frame: Frame);

    fn writable(&self, ws: WsId);

    /// A half is gone.
    fn left(&self, ws: WsId);
}

/// Tells when it is dropped.
struct End {
    listeners: Arc<dyn Listeners>,
    ws: WsId,
}

impl Conversation {
    pub(in crate::engineio) fn new(listeners: Arc<dyn Listeners>, ws: WsId) -> Self {
        Self(Reader(End::new(listeners, ws)))
    }

    /// The WebSocket is established. If its session has given it up in the meantime, nothing is to be read or written.
    #[must_use]
    pub fn open(self) -> (Reader, Writer) {
        let Self(reader) = self;
        let End { listeners, ws } = &reader.0;
        let end = End::new(Arc::clone(listeners), *ws);
        let frames = listeners.opened(*ws);
        (reader, Writer { frames, end })
    }
}

impl Reader {
    /// Waits until the session wants to hear more; `false` if nothing more is to be read. Then the rest should be read and thrown
    /// away nevertheless: a connection that is closed while something is unread is reset, and its peer may not read what was
    /// sent last.
    pub async fn ready(&self) -> bool {
        poll_fn(|context| self.0.listeners.poll_ready(self.0.ws, context)).await
    }

    /// A message arrived.
    pub fn frame(&self, frame: Frame) {
        self.0.listeners.frame(self.0.ws, frame);
    }
}

impl Writer {
    /// Waits for the next message to be written; `None` if there are no more: then write a Close frame. If the wait is given up,
    /// nothing is lost.
    pub async fn next(&mut self) -> Option<Frame> {
        let taken = poll_fn(|context| self.frames.poll_next(context)).await?;
        Some(self.handed_on(taken))
    }

    /// The next message, if there is one already.
    #[cfg(feature = "futures")]
    fn waiting(&mut self) -> Option<Frame> {
        let taken = self.frames.next()?;
        Some(self.handed_on(taken))
    }

    fn handed_on(&self, Taken { frame, was_full }: Taken) -> Frame {
        if was_full {
            self.end.listeners.writable(self.end.ws);
        }
        frame
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.frames.lose();
    }
}

impl End {
    fn new(listeners: Arc<dyn Listeners>, ws: WsId) -> Self {
        listeners.joined();
        Self { listeners, ws }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.listeners.left(self.ws);
    }
}

impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End").field("ws", &self.ws).finish_non_exhaustive()
    }
}
