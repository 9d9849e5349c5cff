//! Sessions that the tasks of a runtime share: the table behind a lock, and futures for what tasks wait for.

mod answer;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

pub use self::answer::Slot;
pub use self::answer::{Answered, Pending};
use super::config::Config;
use super::io::Input;
use super::router::Handshake;
use super::session::Carrier;
use super::sessions::{ServerMachine, Sessions};
use crate::engineio::conversation::{Conversation, Ends, Frames, Listeners, Outbox};
use crate::engineio::error::ConfigError;
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::request::RequestHead;
use crate::frame::Frame;
use crate::time::{Clock, Timestamp};

/// The sessions of one path, for programs with tasks, on tokio, smol, or any other runtime, or with threads. Clones share the sessions.
///
/// It is a table of [`Sessions`] behind a lock, a clock, and futures for whatever a task waits for. So what is left to a program
/// is what its libraries do: it hands each request in and waits for the answer, reads and writes WebSockets, and keeps the timer
/// going:
///
/// ```text
///  a request's task:   request(head) ──▶ Pending ── await ──▶ Response, or Conversation
///  a WebSocket's task: Conversation::open ──▶ Reader: ready().await, frame(...)
///                                        └──▶ Writer: next().await
///  one task:           keep_deadlines(sleep)
///  any other:          act(...)               what is said to sessions leaves at once
/// ```
///
/// The futures know no runtime, and start no task or thread. Dropping them says what has happened: a [`Pending`] whose client is
/// gone, a [`Reader`](crate::engineio::Reader) or a [`Writer`](crate::engineio::Writer) whose WebSocket is.
///
/// Threads that block wait for the futures with a `block_on`: [a server on threads](crate::guide::server_on_threads). A program that
/// wants no futures keeps the table itself: [`Sessions`] has what is asked of it then.
///
/// `M` is a [`ServerSession`](super::ServerSession), or the [`Peer`](crate::socketio::Peer) that holds one. The guide has [a whole
/// server](crate::guide::whole_server).
///
/// # A session's life
///
/// ```
/// use sio_codec::engineio::server::{Answered, Config, ServerSession, Shared};
/// use sio_codec::Frame;
/// use sio_codec::engineio::{Encoded, Event, RequestHead, Session as _, Sid};
///
/// // What the program does with events is in this function, which is called whenever something has happened.
/// let shared = Shared::<ServerSession>::new(Config::default(), |sessions, _| {
///     while let Some((session, event)) = sessions.poll_event() {
///         if let Event::Message(Frame::Text(text)) = event {
///             let _ = session.send(&Encoded::text(&text));
///         }
///     }
/// })?;
///
/// smol::block_on(async {
///     // A request asks for a WebSocket, and gets it.
///     let query = "EIO=4&transport=websocket";
///     let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
///     let pending = shared.request(&head, |now, handshake, carrier| {
///         Ok(handshake.accept(now, Sid::from_entropy([7; 15]), carrier))
///     });
///     let Answered::WebSocket(conversation) = pending.await else { unreachable!() };
///
///     // When it is there, its task reads and writes.
///     let (reader, mut writer) = conversation.open();
///     assert!(matches!(writer.next().await, Some(Frame::Text(open)) if open.as_str().starts_with("0{")));
///     assert!(reader.ready().await);
///     reader.frame("4hello".into());
///     assert_eq!(writer.next().await, Some("4hello".into()));
///
///     // The server is stopped. The program waits until everything was written.
///     shared.shut_down(|now, session| session.close(now));
///     assert_eq!(writer.next().await, None);
///     drop((reader, writer));
///     shared.ended().await;
/// });
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
pub struct Shared<M>(Arc<Inner<M>>);

/// The table of a [`Shared`], as its program sees it.
///
/// The example of [`Shared`] shows what is done with it.
pub type Table<M> = Sessions<M, Slot, Outbox>;

struct Inner<M> {
    locked: Mutex<Locked<M>>,
}

struct Locked<M> {
    clock: Clock,
    table: Table<M>,
    drain: Box<Drain<M>>,
    /// The tasks that would read on, by their WebSockets.
    readers: BTreeMap<WsId, Waker>,
    /// The task that keeps the deadlines, and the deadline for which it sleeps.
    sleeper: Option<(Waker, Option<Timestamp>)>,
    ends: Ends,
}

/// What a program does after whatever happened.
type Drain<M> = dyn FnMut(&mut Table<M>, Timestamp) + Send;

impl<M> Clone for Shared<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> fmt::Debug for Shared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<M: ServerMachine + Send + 'static> Shared<M> {
    /// No sessions yet. `drain` is called after everything that happens, under the lock: it takes all events out with
    /// [`poll_event`](Sessions::poll_event), and reacts. It must not call the functions of this type.
    ///
    /// If it panics, so does whatever called it: the task of a request or a WebSocket, or the one that keeps the deadlines, without
    /// which no session ends by itself any more. The sessions stay whole, and the event counts as taken.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration cannot work.
    pub fn new(
        config: Config,
        drain: impl FnMut(&mut Table<M>, Timestamp) + Send + 'static,
    ) -> Result<Self, ConfigError> {
        let locked = Mutex::new(Locked {
            clock: Clock::start(),
            table: Sessions::new(config)?,
            drain: Box::new(drain),
            readers: BTreeMap::new(),
            sleeper: None,
            ends: Ends::default(),
        });
        Ok(Self(Arc::new(Inner { locked })))
    }

    /// At most so many sessions at a time, in place of 100,000: see [`Sessions::with_max_sessions`].
    #[must_use]
    pub fn with_max_sessions(self, max_sessions: usize) -> Self {
        self.0.lock().table.limit_sessions(max_sessions);
        self
    }

    /// Goes by another clock: that of a runtime whose time stands still in tests, as [`Clock::of`] shows.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        self.0.lock().clock = clock;
        self
    }

    /// How much of a body or of a message is read, in bytes: [`Limits::max_payload`](crate::Limits::max_payload).
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.0.lock().table.config().limits.max_payload
    }

    /// A request arrived. If it starts a session, `open` makes its machine, or a refusal: see [`Sessions::request`]. One that asks
    /// for a WebSocket with a handshake that the program's library refuses is handed in with
    /// [`wants_websocket`](RequestHead::wants_websocket) `false`, so that it gets no session.
    pub fn request(
        &self,
        head: &RequestHead<'_>,
        open: impl FnOnce(Timestamp, Handshake, Carrier) -> Result<M, Response>,
    ) -> Pending {
        let (slot, place) = answer::slot();
        let is_post = head.method == "POST";
        self.0.lock().ends.join();
        let id =
            self.act(|table, now| table.request(now, head, slot, |handshake, carrier| open(now, handshake, carrier)));
        Pending::new(Arc::<Inner<M>>::clone(&self.0), place, id, is_post, HttpError::UnknownSid.response_to(head))
    }

    /// Does something to the sessions: says something to one of them or to all. Then events are taken out, and what was said
    /// leaves.
    pub fn act<T>(&self, tell: impl FnOnce(&mut Table<M>, Timestamp) -> T) -> T {
        self.0.act(tell)
    }

    /// Keeps the deadlines of all sessions with the timer of the runtime, such as `tokio::time::sleep`. One task has to do this.
    /// It ends after [`shut_down`](Self::shut_down), with the last session. A `sleep` that blocks its thread will not do: when an
    /// earlier deadline comes up, the sleep is dropped and begun anew.
    pub async fn keep_deadlines<S: Future>(&self, sleep: impl Fn(Duration) -> S) {
        loop {
            let (deadline, time) = {
                let locked = self.0.lock();
                if locked.is_over() {
                    return;
                }
                let deadline = locked.table.next_deadline();
                (deadline, locked.clock.until(deadline))
            };
            let mut slept = pin!(sleep(time));
            poll_fn(|context| match slept.as_mut().poll(context) {
                Poll::Ready(_) => Poll::Ready(()),
                Poll::Pending => self.0.lock().sleep(deadline, context),
            })
            .await;
            self.act(|table, now| table.handle_timeout(now));
        }
    }

    /// Ends all sessions, each with `end`, and lets nobody in from now on: see [`Sessions::shut_down`].
    pub fn shut_down(&self, mut end: impl FnMut(Timestamp, &mut M)) {
        self.act(|table, now| table.shut_down(|machine| end(now, machine)));
    }

    /// Waits, after [`shut_down`](Self::shut_down), until all sessions are over, and no [`Pending`],
    /// [`Reader`](crate::engineio::Reader) or [`Writer`](crate::engineio::Writer) is left: then everything was written. Put a
    /// limit on it: a client that does not fetch its farewell is waited for 30 s.
    pub async fn ended(&self) {
        poll_fn(|context| {
            let mut locked = self.0.lock();
            if locked.is_over() && locked.ends.is_none_left() {
                return Poll::Ready(());
            }
            locked.ends.wait(context);
            Poll::Pending
        })
        .await;
    }
}

impl<M: ServerMachine + Send + 'static> Inner<M> {
    fn act<T>(&self, tell: impl FnOnce(&mut Table<M>, Timestamp) -> T) -> T {
        let mut locked = self.lock();
        let now = locked.clock.now();
        let told = tell(&mut locked.table, now);
        let wakers = locked.settle(now);
        drop(locked);
        wakers.into_iter().for_each(Waker::wake);
        told
    }

    fn handle(&self, input: Input) {
        self.act(|table, now| table.handle(now, input));
    }
}

impl<M: ServerMachine + Send + 'static> Listeners for Inner<M> {
    fn joined(&self) {
        self.lock().ends.join();
    }

    fn opened(&self, ws: WsId) -> Frames {
        let (outbox, frames) = Outbox::new();
        // One that comes back is dropped, so that the writer ends.
        drop(self.act(|table, _| table.attach(ws, outbox)));
        frames
    }

    fn poll_ready(&self, ws: WsId, context: &Context<'_>) -> Poll<bool> {
        let mut locked = self.lock();
        match locked.table.wants_input(ws) {
            Some(false) => {
                locked.readers.insert(ws, context.waker().clone());
                Poll::Pending
            }
            wants_input => Poll::Ready(wants_input.is_some()),
        }
    }

    fn frame(&self, ws: WsId, frame: Frame) {
        self.handle(Input::WsFrame { ws, frame });
    }

    fn writable(&self, ws: WsId) {
        self.handle(Input::WsWritable { ws });
    }

    fn left(&self, ws: WsId) {
        let reader = {
            let mut locked = self.lock();
            locked.ends.leave();
            locked.readers.remove(&ws)
        };
        self.handle(Input::WsClosed { ws });
        // The other half ends, too.
        reader.into_iter().for_each(Waker::wake);
    }
}

impl<M: ServerMachine + Send + 'static> answer::Asked for Inner<M> {
    fn body(&self, id: RequestId, body: Bytes) {
        self.handle(Input::Body { id, body });
    }

    fn body_too_large(&self, id: RequestId) {
        self.handle(Input::BodyTooLarge { id });
    }

    fn gone(&self, id: Option<RequestId>) {
        self.lock().ends.leave();
        self.act(|table, now| {
            if let Some(id) = id {
                // If it was answered, this changes nothing.
                table.handle(now, Input::Aborted { id });
            }
        });
    }

    fn conversation(self: Arc<Self>, ws: WsId) -> Conversation {
        Conversation::new(self, ws)
    }
}

impl<M> Inner<M> {
    fn lock(&self) -> MutexGuard<'_, Locked<M>> {
        // Whatever panicked was the program's: each call of a machine leaves it whole.
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: ServerMachine> Locked<M> {
    /// Something has happened: what follows from it is done. Returns who has to look again.
    fn settle(&mut self, now: Timestamp) -> Vec<Waker> {
        (self.drain)(&mut self.table, now);
        let table = &self.table;
        let mut wakers = Vec::new();
        self.readers.retain(|ws, waker| {
            let waits = table.wants_input(*ws) == Some(false);
            if !waits {
                wakers.push(waker.clone());
            }
            waits
        });
        let (is_over, deadline) = (self.is_over(), self.table.next_deadline());
        wakers.extend(self.sleeper.take_if(|(_, kept)| is_over || is_earlier(deadline, *kept)).map(|(waker, _)| waker));
        if is_over && self.ends.is_none_left() {
            wakers.append(&mut self.ends.take_waiting());
        }
        wakers
    }

    fn is_over(&self) -> bool {
        self.table.is_shut_down() && self.table.is_empty()
    }

    fn sleep(&mut self, deadline: Option<Timestamp>, context: &Context<'_>) -> Poll<()> {
        if self.is_over() || is_earlier(self.table.next_deadline(), deadline) {
            return Poll::Ready(());
        }
        self.sleeper = Some((context.waker().clone(), deadline));
        Poll::Pending
    }
}

fn is_earlier(deadline: Option<Timestamp>, than: Option<Timestamp>) -> bool {
    deadline.is_some_and(|at| than.is_none_or(|than| at < than))
}
