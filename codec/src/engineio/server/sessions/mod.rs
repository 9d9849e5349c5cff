//! All sessions of a path: what a program keeps that serves them in one loop, or behind one lock.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use crate::engineio::error::ConfigError;
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::line::Outlet;
use crate::engineio::request::RequestHead;
use crate::engineio::server::config::Config;
use crate::engineio::server::driver::{Answer, Driver, Reply};
use crate::engineio::server::io::{Input, Transmit};
use crate::engineio::server::router::{Action, Handshake, Route, Router};
use crate::engineio::server::session::{Carrier, ServerSession};
use crate::engineio::sid::Sid;
use crate::machine::Machine;
use crate::time::Timestamp;

/// The sessions of one path, with the [`Driver`] of each: one thing to tell what happens, to ask for events, and to sleep for.
///
/// The table finds the session of each request, refuses what belongs to none, numbers requests, knows whose a body, a message
/// or a lost connection is, keeps the earliest deadline, and forgets a session after its last event. A program with tasks or
/// threads has it in [`Shared`](super::Shared), which is the shortest way to a server. Any other puts it behind a lock or into
/// the one loop that owns it, and does three things:
///
/// 1. it calls [`request`](Self::request) for each request, waits for the answer, and reports what follows with
///    [`handle`](Self::handle);
/// 2. after each call, it takes out all events with [`poll_event`](Self::poll_event);
/// 3. it calls [`handle_timeout`](Self::handle_timeout) at [`next_deadline`](Self::next_deadline).
///
/// A WebSocket is read only while [`wants_input`](Self::wants_input) says so. A program that gives each session to a task or a thread of its own keeps
/// a [`Router`], a map from sids to tasks, and a [`Driver`] in each task instead.
///
/// `M` is a [`ServerSession`], or the [`Peer`](crate::socketio::Peer) that holds one.
///
/// ```text
///  request(head, reply)           ──▶ ┌──────────────────────┐
///  handle(Body, Aborted, WsFrame) ──▶ │ Sessions             │ ──▶ Reply::answer
///  attach(ws, outlet)             ──▶ │  a Driver for each,  │ ──▶ Outlet::send, Outlet::close
///  handle_timeout                 ──▶ │  their deadlines     │ ──▶ poll_event: a machine and its event
///  machine(sid)                   ──▶ └──────────────────────┘
/// ```
///
/// # Two sessions' life
///
/// ```
/// use std::sync::mpsc::{Receiver, Sender, channel};
/// use sio_codec::engineio::server::{Answer, Config, Gone, Input, Outlet, Reply, Sessions};
/// use sio_codec::engineio::{CloseReason, Event, RequestHead, Sid};
/// use sio_codec::{Frame, Timestamp};
/// # use sio_codec::engineio::server::ServerSession;
/// #
/// # struct Waiting(Sender<Answer>);
/// # impl Reply for Waiting {
/// #     fn answer(self, answer: Answer) -> Result<(), Gone> {
/// #         self.0.send(answer).map_err(|_| Gone)
/// #     }
/// # }
/// # struct Writer(Sender<Frame>);
/// # impl Outlet for Writer {
/// #     fn has_room(&self) -> bool {
/// #         true
/// #     }
/// #     fn send(&mut self, frame: Frame) {
/// #         let _ = self.0.send(frame);
/// #     }
/// # }
///
/// // `Waiting` and `Writer` are the two channels of the driver's example.
/// let mut sessions = Sessions::<ServerSession, Waiting, Writer>::new(Config::default())?;
/// let now = Timestamp::ZERO;
/// let head = |query| RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: false };
///
/// // Two clients come. The program draws their sids.
/// let mut sids = [[1; 15], [2; 15]].map(Sid::from_entropy).into_iter();
/// for _ in 0..2 {
///     let (reply, answer) = channel();
///     sessions.request(now, &head("EIO=4&transport=polling"), Waiting(reply), |handshake, carrier| {
///         Ok(handshake.accept(now, sids.next().unwrap(), carrier))
///     });
///     let Some((session, Event::Opened)) = sessions.poll_event() else { unreachable!() };
///     println!("{:?} is here", session.sid());
///     assert!(sessions.poll_event().is_none());
///     assert!(matches!(answer.recv()?, Answer::Response(open) if open.status == 200));
/// }
/// assert_eq!(sessions.len(), 2);
///
/// // One waits for a message, and gets it.
/// let first = Sid::from_entropy([1; 15]);
/// let query = format!("EIO=4&transport=polling&sid={}", first.as_str());
/// let (reply, answer) = channel();
/// let id = sessions.request(now, &head(&query), Waiting(reply), |_, _| unreachable!("it names a session")).unwrap();
/// # use sio_codec::engineio::{Encoded, Session as _};
/// sessions.machine(&first).unwrap().send(&Encoded::text("hello"))?;
/// assert!(sessions.poll_event().is_none());
/// assert!(matches!(answer.recv()?, Answer::Response(response) if response.body == "4hello"));
/// // That its connection is lost after the answer changes nothing.
/// sessions.handle(now, Input::Aborted { id });
///
/// // A sid that nobody has is refused; so is whatever else the table finds wrong with a request.
/// let (reply, answer) = channel();
/// let id = sessions.request(now, &head("EIO=4&transport=polling&sid=x"), Waiting(reply), |_, _| unreachable!());
/// assert_eq!(id, None);
/// assert!(matches!(answer.recv()?, Answer::Response(refusal) if refusal.status == 400));
///
/// // The server is stopped. Its clients fetch no farewell: 30 s later both sessions are over, and forgotten.
/// sessions.shut_down(|session| session.close(now));
/// let mut closed = Vec::new();
/// loop {
///     while let Some((session, event)) = sessions.poll_event() {
///         closed.push((session.sid().clone(), event));
///     }
///     let Some(at) = sessions.next_deadline() else { break };
///     sessions.handle_timeout(at);
/// }
/// assert_eq!(closed[0], (first, Event::Closed(CloseReason::ForcedClose)));
/// assert_eq!((closed.len(), sessions.len()), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sessions<M, R, O> {
    router: Router,
    entries: BTreeMap<Sid, Entry<M, R, O>>,
    /// Whose the requests and WebSockets are that are not over.
    owners: BTreeMap<RequestId, Sid>,
    /// At most one for each session.
    deadlines: BTreeSet<(Timestamp, Sid)>,
    /// Who may have something to say, each once.
    touched: VecDeque<Sid>,
    /// The number of the latest request that was not refused.
    last: u64,
    /// The latest time that the table was told.
    now: Timestamp,
    door: Door,
}

/// Whether new sessions are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// As long as there are fewer than so many.
    Open(usize),
    Closed,
}

/// A [`ServerSession`], or the [`Peer`](crate::socketio::Peer) that holds one.
///
/// The example of [`Sessions`] has the first kind.
pub trait ServerMachine: Machine<Input = Input, Transmit = Transmit> + AsRef<ServerSession> {}

impl<M> ServerMachine for M where M: Machine<Input = Input, Transmit = Transmit> + AsRef<ServerSession> {}

#[derive(Debug)]
struct Entry<M, R, O> {
    driver: Driver<M, R, O>,
    /// Its requests and its WebSocket, as far as they are not over: a handful.
    ends: Vec<RequestId>,
    /// The deadline that is kept for it. The real one may be later: asking early does no harm, and most inputs put it off.
    deadline: Option<Timestamp>,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Idle,
    Touched,
}

impl<M, R, O> Sessions<M, R, O>
where
    M: ServerMachine,
    R: Reply,
    O: Outlet,
{
    /// No sessions yet, and at most 100,000 at a time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self {
            router: Router::new(config)?,
            entries: BTreeMap::new(),
            owners: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            touched: VecDeque::new(),
            last: 0,
            now: Timestamp::ZERO,
            door: Door::Open(100_000),
        })
    }

    /// At most so many sessions at a time. The handshake of one more is [refused](Handshake::forbid).
    #[must_use]
    pub const fn with_max_sessions(mut self, max_sessions: usize) -> Self {
        self.limit_sessions(max_sessions);
        self
    }

    pub(super) const fn limit_sessions(&mut self, max_sessions: usize) {
        self.door = Door::Open(max_sessions);
    }

    /// The configuration that sessions get. Its [`max_payload`](crate::Limits::max_payload) is how much of a body or of a
    /// message is read.
    #[must_use]
    pub fn config(&self) -> &Config {
        self.router.config()
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A request arrived. Its answer goes to `reply`, now or later. What follows is reported under the number that is returned; a
    /// WebSocket that the request becomes has the same number. `None` if the request was refused: then nothing follows, and its
    /// body, if it has one, need not be read.
    ///
    /// Of a POST that has a number, the body follows as [`Input::Body`], [`Input::BodyTooLarge`] or [`Input::Aborted`], whether
    /// or not the answer came in the meantime. Of any other request nothing follows but [`Input::Aborted`].
    ///
    /// If the request starts a session that there is room for, `open` makes its machine from [`Handshake::accept`], or a refusal
    /// with [`Handshake::forbid`]. The sid has to be a new one: if it is taken, the new session is dropped, and `reply` with it.
    pub fn request(
        &mut self,
        now: Timestamp,
        head: &RequestHead<'_>,
        reply: R,
        open: impl FnOnce(Handshake, Carrier) -> Result<M, Response>,
    ) -> Option<RequestId> {
        self.now = self.now.max(now);
        let id = RequestId(self.last.wrapping_add(1));
        let refusal = match self.router.route(head) {
            Ok(Route::Handshake(handshake)) => {
                let carrier = handshake.carrier(id);
                let opened = match self.door {
                    Door::Open(most) if self.entries.len() < most => open(handshake, carrier),
                    Door::Open(_) => Err(handshake.forbid("too many sessions")),
                    Door::Closed => Err(handshake.forbid("the server shuts down")),
                };
                match opened {
                    Ok(machine) => return self.enter(machine, carrier, id, reply),
                    Err(refusal) => refusal,
                }
            }
            Ok(Route::Session(request)) => match self.entries.get_mut(&request.sid) {
                Some(entry) => {
                    let (sid, is_refused) = (request.sid.clone(), matches!(request.action, Action::Refuse(_)));
                    entry.driver.request(now, request, id, reply);
                    return if is_refused { None } else { self.belongs(id, sid) };
                }
                None => HttpError::UnknownSid.response_to(head),
            },
            Err(error) => error.response_to(head),
        };
        // If its client is gone, nobody misses the answer.
        let _ = reply.answer(Answer::Response(refusal));
        None
    }

    /// Something else happened: a body, a message, a lost connection. If what it happened to is over already, it changes nothing.
    ///
    /// Of the room on a WebSocket the [`Outlet`] is asked. So [`Input::WsWritable`] only says that it is worth looking.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        if let Some(entry) = self.touch(input.end()) {
            entry.driver.handle(now, input);
        }
    }

    /// The WebSocket is established. If its session gave it up in the meantime, the outlet comes back: see
    /// [`Driver::attach`]. What waited for it leaves as at the latest time that the table was told.
    #[must_use = "an outlet that comes back is to be closed"]
    pub fn attach(&mut self, ws: WsId, outlet: O) -> Option<O> {
        let now = self.now;
        match self.touch(RequestId(ws.0)) {
            Some(entry) => {
                entry.driver.handle_timeout(now);
                entry.driver.attach(ws, outlet)
            }
            None => Some(outlet),
        }
    }

    /// Takes the outlet of a WebSocket that ended, to send a Close frame with a code: see [`Driver::detach`].
    pub fn detach(&mut self, ws: WsId) -> Option<O> {
        self.touch(RequestId(ws.0))?.driver.detach(ws)
    }

    /// Whether the program should read from a WebSocket now; `None` if it need not be read any more, because its session is
    /// over or has given it up. It may change with each call.
    #[must_use]
    pub fn wants_input(&self, ws: WsId) -> Option<bool> {
        let sid = self.owners.get(&RequestId(ws.0))?;
        self.entries.get(sid).map(|entry| entry.driver.wants_input())
    }

    /// The machine of a session, for its verbs; `None` if there is no such session, or no longer. What is said to it leaves with
    /// the next [`poll_event`](Self::poll_event).
    pub fn machine(&mut self, sid: &Sid) -> Option<&mut M> {
        let entry = self.entries.get_mut(sid)?;
        entry.touch(sid, &mut self.touched);
        Some(entry.driver.machine())
    }

    /// The machines of all sessions, to say something to each of them, which leaves with the next
    /// [`poll_event`](Self::poll_event). With rooms, or for large broadcasts, a [`Hub`](crate::socketio::hub::Hub) does it: it
    /// writes an event once for all of its receivers.
    pub fn machines(&mut self) -> impl Iterator<Item = &mut M> {
        let touched = &mut self.touched;
        self.entries.iter_mut().map(move |(sid, entry)| {
            entry.touch(sid, touched);
            entry.driver.machine()
        })
    }

    /// Ends all sessions, each with `end`, which calls [`Connection::shut_down`](crate::socketio::Connection::shut_down) or
    /// [`Session::close`](crate::engineio::Session::close). From now on handshakes are refused. When the table
    /// [is empty](Self::is_empty), everything was said; a client that does not fetch it is given up after 30 s. What was handed to
    /// replies and outlets by then may still be on its way.
    pub fn shut_down(&mut self, end: impl FnMut(&mut M)) {
        self.door = Door::Closed;
        self.machines().for_each(end);
    }

    /// Whether it was [shut down](Self::shut_down).
    #[must_use]
    pub const fn is_shut_down(&self) -> bool {
        matches!(self.door, Door::Closed)
    }

    /// Tells the sessions that are due that it is `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while self.deadlines.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, sid)) = self.deadlines.pop_first() else { return };
            if let Some(entry) = self.entries.get_mut(&sid) {
                entry.deadline = None;
                entry.touch(&sid, &mut self.touched);
                entry.driver.handle_timeout(now);
            }
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called at the latest, if ever. It is right after
    /// [`poll_event`](Self::poll_event) returned `None`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Carries out what the sessions want done, up to the next event, which comes with the machine that it happened to; `None`
    /// when there is nothing left for the moment.
    ///
    /// What a program emits on that machine before the next call is its direct reaction to the event, and is taken even if much
    /// waits already: see [`socketio`](crate::socketio).
    ///
    /// After its event `Closed`, a session is forgotten with the next call.
    pub fn poll_event(&mut self) -> Option<(&mut M, M::Event)> {
        let (sid, event) = loop {
            let sid = self.touched.front()?;
            match self.entries.get_mut(sid).and_then(|entry| entry.driver.poll_event()) {
                Some(event) => break (sid, event),
                None => self.settle(),
            }
        };
        Some((self.entries.get_mut(sid)?.driver.machine(), event))
    }

    fn enter(&mut self, machine: M, carrier: Carrier, id: RequestId, reply: R) -> Option<RequestId> {
        let sid = machine.as_ref().sid().clone();
        if self.entries.contains_key(&sid) {
            return None;
        }
        let driver = Driver::new(machine, carrier, reply);
        let entry = Entry { driver, ends: Vec::new(), deadline: None, turn: Turn::Idle };
        self.entries.insert(sid.clone(), entry);
        self.belongs(id, sid)
    }

    /// A request, and what becomes of it, is a session's.
    fn belongs(&mut self, id: RequestId, sid: Sid) -> Option<RequestId> {
        let entry = self.entries.get_mut(&sid)?;
        entry.ends.push(id);
        entry.touch(&sid, &mut self.touched);
        self.owners.insert(id, sid);
        self.last = id.0;
        Some(id)
    }

    /// Whose a request or a WebSocket is. It will have something to say.
    fn touch(&mut self, id: RequestId) -> Option<&mut Entry<M, R, O>> {
        let sid = self.owners.get(&id)?;
        let entry = self.entries.get_mut(sid)?;
        entry.touch(sid, &mut self.touched);
        Some(entry)
    }

    /// The first of those that were touched has nothing more to say: what is over is forgotten.
    fn settle(&mut self) {
        let Some(sid) = self.touched.pop_front() else { return };
        let Some(entry) = self.entries.get_mut(&sid) else { return };
        entry.turn = Turn::Idle;
        let (driver, owners) = (&entry.driver, &mut self.owners);
        let is_over = driver.machine_ref().as_ref().is_closed();
        entry.ends.retain(|id| {
            let stays = !is_over && driver.concerns(*id);
            if !stays {
                owners.remove(id);
            }
            stays
        });
        let deadline = if is_over { None } else { driver.next_deadline() };
        // A later one is looked at when the one that is kept comes up.
        let is_kept = entry.deadline.is_some_and(|kept| deadline.is_some_and(|at| kept <= at));
        if !is_kept {
            if let Some(kept) = core::mem::replace(&mut entry.deadline, deadline) {
                self.deadlines.remove(&(kept, sid.clone()));
            }
            if let Some(at) = deadline {
                self.deadlines.insert((at, sid.clone()));
            }
        }
        if is_over {
            self.entries.remove(&sid);
        }
    }
}

impl<M, R, O> Entry<M, R, O> {
    fn touch(&mut self, sid: &Sid, touched: &mut VecDeque<Sid>) {
        if core::mem::replace(&mut self.turn, Turn::Touched) == Turn::Idle {
            touched.push_back(sid.clone());
        }
    }
}

#[cfg(test)]
mod tests;
