//! A client that the tasks of a runtime share: the machine behind a lock, and futures for what tasks wait for.

mod request;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use self::request::Request;
use self::request::{Answers, Token};
use super::driver::{Connector, Driver};
use super::io::{Body, Input, Transmit};
use crate::engineio::conversation::{Conversation, Ends, Frames, Listeners, Outbox};
use crate::engineio::ids::{RequestId, WsId};
use crate::frame::Frame;
use crate::machine::Machine;
use crate::time::{Clock, Timestamp};

/// A client, for programs on a runtime with tasks: tokio, smol, or any other. Clones are the same client.
///
/// It is the machine with a clock behind a lock, and futures for whatever a task waits for. So what is left to a program is what
/// its libraries do: one task asks for the [`next`](Self::next) step, and starts a task for each request and each WebSocket.
///
/// ```text
///  one task:           next(sleep).await ──▶ Step::Event
///                                        ├──▶ Step::Request: sent by a task, which answers it
///                                        └──▶ Step::Connect: a task opens the Conversation, reads and writes
///  any other:          act(...)               what is said leaves at once
/// ```
///
/// The futures know no runtime, and start no task or thread. Dropping them says what has happened: a [`Request`] that failed, a
/// WebSocket that is lost.
///
/// `M` is a [`ClientSession`](super::ClientSession), or the [`Client`](crate::socketio::client::Client) of Socket.IO, which opens
/// one after the other. The guide has [a whole client](crate::guide::whole_client).
///
/// ```
/// use sio_codec::engineio::client::{ClientSession, Config, Shared, Step, Transports};
/// use sio_codec::engineio::{Encoded, Event, Session as _};
/// use sio_codec::{Frame, Timestamp};
///
/// let config = Config::default().with_transports(Transports::WebSocketOnly);
/// let client = Shared::new(ClientSession::connect(Timestamp::ZERO, config));
/// smol::block_on(async {
///     // With tokio this is `tokio::time::sleep`.
///     let sleep = smol::Timer::after;
///     let Step::Connect { query, conversation } = client.next(sleep).await else { unreachable!() };
///     assert_eq!(query, "EIO=4&transport=websocket");
///
///     // A program would start a task that connects, and this is its work.
///     let (reader, mut writer) = conversation.open();
///     assert!(reader.ready().await);
///     reader.frame(r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#.into());
///
///     assert!(matches!(client.next(sleep).await, Step::Event(Event::Opened)));
///     client.act(|session, _| session.send(&Encoded::text("hello")))?;
///     client.act(|session, now| session.close(now));
///
///     // While the one task waits for what comes next, the other one writes what was said, and closes.
///     let writes = async move {
///         let hello = writer.next().await;
///         while writer.next().await.is_some() {}
///         drop(reader);
///         hello
///     };
///     let (step, hello) = smol::future::zip(client.next(sleep), writes).await;
///     assert_eq!(hello, Some(Frame::from("4hello")));
///     assert!(matches!(step, Step::Event(Event::Closed(_))));
///     // Nothing is under way any more, so that the program may end.
///     client.ended().await;
///     Ok::<(), sio_codec::engineio::SendError>(())
/// })?;
/// # Ok::<(), sio_codec::engineio::SendError>(())
/// ```
pub struct Shared<M: Machine>(Arc<Inner<M>>);

/// What comes next for the program of a client.
///
/// The example of [`Shared`] has two of them.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a step is broken")]
pub enum Step<E> {
    /// Something has happened.
    Event(E),
    /// A request is to be sent.
    Request(Request),
    /// A WebSocket is to be established on the configured path.
    Connect {
        /// The query, without `?`.
        query: String,
        /// What to do with it when it is there.
        conversation: Conversation,
    },
}

struct Inner<M: Machine> {
    locked: Mutex<Locked<M>>,
}

struct Locked<M: Machine> {
    clock: Clock,
    driver: Driver<M, Starts>,
    /// What was taken out of the machine together with something else.
    taken: VecDeque<Taken<M::Event>>,
    /// The WebSockets that are to be opened, and what is to be written to them.
    opening: BTreeMap<WsId, Frames>,
    /// The tasks that would read on, by their WebSockets.
    readers: BTreeMap<WsId, Waker>,
    /// The task that waits for the next step.
    stepper: Option<Waker>,
    /// How often something has happened.
    happened: u64,
    ends: Ends,
}

/// What the machine wants started.
#[derive(Default)]
struct Starts(Vec<Start>);

enum Start {
    Request { id: RequestId, query: String, body: Option<Body>, token: Token },
    Connect { ws: WsId, query: String, frames: Frames },
}

/// Nothing is to be done before this deadline, unless something happens again.
struct Idle {
    deadline: Option<Timestamp>,
    happened: u64,
}

enum Taken<E> {
    Event(E),
    Start(Start),
}

impl Connector for Starts {
    type Request = Token;
    type Outlet = Outbox;

    fn request(&mut self, id: RequestId, query: String, body: Option<Body>) -> Token {
        let token = Token::new();
        self.0.push(Start::Request { id, query, body, token: token.watch() });
        token
    }

    fn connect(&mut self, ws: WsId, query: String) -> Outbox {
        let (outbox, frames) = Outbox::new();
        self.0.push(Start::Connect { ws, query, frames });
        outbox
    }
}

impl<M: Machine> Clone for Shared<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Machine> fmt::Debug for Shared<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<M> Shared<M>
where
    M: Machine<Input = Input, Transmit = Transmit, Event: Send> + Send + 'static,
{
    /// Drives a client. Its time begins now.
    #[must_use]
    pub fn new(machine: M) -> Self {
        let locked = Mutex::new(Locked {
            clock: Clock::start(),
            driver: Driver::new(machine, Starts::default()),
            taken: VecDeque::new(),
            opening: BTreeMap::new(),
            readers: BTreeMap::new(),
            stepper: None,
            happened: 0,
            ends: Ends::default(),
        });
        Self(Arc::new(Inner { locked }))
    }

    /// Goes by another clock: that of a runtime whose time stands still in tests, as [`Clock::of`] shows. The machine is made with
    /// its time.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        self.0.lock().clock = clock;
        self
    }

    /// Says something to the machine, which leaves at once if one task waits for the [next](Self::next) step.
    pub fn act<T>(&self, tell: impl FnOnce(&mut M, Timestamp) -> T) -> T {
        self.0.act(|driver, now| tell(driver.machine(), now))
    }

    /// Waits for the next step, and keeps the deadlines with the timer of the runtime, such as `tokio::time::sleep`. If the wait
    /// is given up, nothing is lost.
    pub async fn next<S: Future>(&self, sleep: impl Fn(Duration) -> S) -> Step<M::Event> {
        loop {
            let idle = match self.0.step() {
                Ok(step) => return self.made(step),
                Err(idle) => idle,
            };
            let time = self.0.lock().clock.until(idle.deadline);
            let mut slept = pin!(sleep(time));
            poll_fn(|context| match self.0.lock().wait(&idle, context) {
                Poll::Pending => slept.as_mut().poll(context).map(drop),
                Poll::Ready(()) => Poll::Ready(()),
            })
            .await;
            self.0.act(|driver, now| driver.handle_timeout(now));
        }
    }

    /// Waits until no [`Request`] and no half of a WebSocket is left: then everything was written. Put a limit on it.
    pub async fn ended(&self) {
        poll_fn(|context| {
            let mut locked = self.0.lock();
            if locked.ends.is_none_left() {
                return Poll::Ready(());
            }
            locked.ends.wait(context);
            Poll::Pending
        })
        .await;
    }

    fn made(&self, taken: Taken<M::Event>) -> Step<M::Event> {
        match taken {
            Taken::Event(event) => Step::Event(event),
            Taken::Start(Start::Request { id, query, body, token }) => {
                let answers: Arc<Inner<M>> = Arc::clone(&self.0);
                Step::Request(Request::new(answers, id, query, body, token))
            }
            Taken::Start(Start::Connect { ws, query, frames }) => {
                self.0.lock().opening.insert(ws, frames);
                let listeners: Arc<Inner<M>> = Arc::clone(&self.0);
                Step::Connect { query, conversation: Conversation::new(listeners, ws) }
            }
        }
    }
}

impl<M: Machine> Inner<M> {
    fn lock(&self) -> MutexGuard<'_, Locked<M>> {
        // Whatever panicked was the program's: each call of a machine leaves it whole.
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self) {
        let mut locked = self.lock();
        locked.ends.leave();
        if locked.ends.is_none_left() {
            let waiting = locked.ends.take_waiting();
            drop(locked);
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

impl<M> Inner<M>
where
    M: Machine<Input = Input, Transmit = Transmit>,
{
    /// Something happens to the client: who waits for it looks again.
    fn act<T>(&self, tell: impl FnOnce(&mut Driver<M, Starts>, Timestamp) -> T) -> T {
        let mut locked = self.lock();
        let now = locked.clock.now();
        let told = tell(&mut locked.driver, now);
        locked.happened = locked.happened.wrapping_add(1);
        let stepper = locked.stepper.take();
        drop(locked);
        stepper.into_iter().for_each(Waker::wake);
        told
    }

    /// The next step, if there is one.
    fn step(&self) -> Result<Taken<M::Event>, Idle> {
        let mut locked = self.lock();
        if locked.taken.is_empty() {
            let event = locked.driver.poll_event();
            // They were wanted before it.
            let starts = core::mem::take(&mut locked.driver.connector().0);
            locked.taken.extend(starts.into_iter().map(Taken::Start));
            locked.taken.extend(event.map(Taken::Event));
        }
        let idle = Idle { deadline: locked.driver.next_deadline(), happened: locked.happened };
        let step = locked.taken.pop_front().ok_or(idle);
        let readers = locked.take_readers();
        drop(locked);
        readers.into_iter().for_each(Waker::wake);
        step
    }
}

impl<M> Locked<M>
where
    M: Machine<Input = Input, Transmit = Transmit>,
{
    /// Those that need not wait any more.
    fn take_readers(&mut self) -> Vec<Waker> {
        let (driver, mut wakers) = (&self.driver, Vec::new());
        let wants_input = driver.wants_input();
        self.readers.retain(|ws, waker| {
            let waits = !wants_input && driver.concerns(*ws);
            if !waits {
                wakers.push(waker.clone());
            }
            waits
        });
        wakers
    }

    /// Waits until something happens.
    fn wait(&mut self, idle: &Idle, context: &Context<'_>) -> Poll<()> {
        if self.happened != idle.happened {
            return Poll::Ready(());
        }
        self.stepper = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<M> Listeners for Inner<M>
where
    M: Machine<Input = Input, Transmit = Transmit, Event: Send> + Send,
{
    fn joined(&self) {
        self.lock().ends.join();
    }

    fn opened(&self, ws: WsId) -> Frames {
        let frames = self.lock().opening.remove(&ws);
        self.act(|driver, now| driver.handle(now, Input::WsOpened { ws }));
        frames.unwrap_or_else(|| Outbox::new().1)
    }

    fn poll_ready(&self, ws: WsId, context: &Context<'_>) -> Poll<bool> {
        let mut locked = self.lock();
        if !locked.driver.concerns(ws) {
            return Poll::Ready(false);
        }
        if locked.driver.wants_input() {
            return Poll::Ready(true);
        }
        locked.readers.insert(ws, context.waker().clone());
        Poll::Pending
    }

    fn frame(&self, ws: WsId, frame: Frame) {
        self.act(|driver, now| driver.handle(now, Input::WsFrame { ws, frame }));
    }

    fn writable(&self, ws: WsId) {
        self.act(|driver, now| driver.handle(now, Input::WsWritable { ws }));
    }

    fn left(&self, ws: WsId) {
        let reader = {
            let mut locked = self.lock();
            locked.opening.remove(&ws);
            locked.readers.remove(&ws)
        };
        self.act(|driver, now| driver.handle(now, Input::WsClosed { ws }));
        // The other half ends, too.
        reader.into_iter().for_each(Waker::wake);
        self.leave();
    }
}

impl<M> Answers for Inner<M>
where
    M: Machine<Input = Input, Transmit = Transmit, Event: Send> + Send,
{
    fn joined(&self) {
        self.lock().ends.join();
    }

    fn answered(&self, input: Input) {
        self.act(|driver, now| driver.handle(now, input));
        self.leave();
    }
}
