//! A session and the ends of its connections: what every program that embeds a session keeps beside it.

use alloc::collections::BTreeMap;

use super::io::{Input, Transmit};
use super::router::SessionRequest;
use super::session::Carrier;
use crate::engineio::http::Response;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::line::{Line, Outlet, Room};
use crate::machine::{Machine, Output};
use crate::time::Timestamp;

/// A session's machine with those who wait for it: the requests that are not answered yet, and the WebSocket.
///
/// The machine names requests and WebSockets by numbers. The driver keeps what is behind the numbers, a [`Reply`] for each
/// request and an [`Outlet`] for the WebSocket, and carries out what the machine wants done with them. What is left to the
/// program are the session's events. The driver does no I/O, and knows no runtime: a reply may be the sending half of a
/// channel or a slot behind a lock, an outlet the buffer or the queue of a writer.
///
/// It holds three of the four rules of an embedding. A request is registered before the machine hears of it. The machine
/// hears when its WebSocket has no room, and when it has room again. A reply or an outlet is never used for another request,
/// nor twice. What is left: call [`poll_event`](Self::poll_event) until it returns `None` after each call, call
/// [`handle_timeout`](Self::handle_timeout) at [`next_deadline`](Self::next_deadline), and read from the WebSocket only
/// while the session [wants input](Self::wants_input).
///
/// `M` is a [`ServerSession`](super::ServerSession), or the [`Peer`](crate::socketio::Peer) that holds one, whose connection is
/// then `driver.machine().socketio()`.
///
/// After the session's last event, `Closed`, and `None`, the driver can be dropped and its sid forgotten: a request for that
/// is answered with [`HttpError::UnknownSid`](crate::engineio::HttpError) from then on.
///
/// A client that goes away before its request is answered is reported with [`Input::Aborted`], at any time and from anywhere:
/// what is known of a request that was answered already is ignored. So a guard that reports it when it is dropped will do;
/// [`ends`](Self::ends) is for programs whose replies can be asked.
///
/// ```text
///  request(SessionRequest, reply) ──▶ ┌────────────────────────┐
///  handle(Body, Aborted, WsFrame) ──▶ │ Driver                 │ ──▶ Reply::answer
///  attach(ws, outlet)             ──▶ │  machine, replies, line│ ──▶ Outlet::send, Outlet::close
///  handle_timeout                 ──▶ │                        │ ──▶ poll_event: the session's events
///                                     └────────────────────────┘
/// ```
///
/// # A session's life
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use sio_codec::engineio::server::{
///     Answer, Config, Driver, Gone, Input, Outlet, Reply, RequestId, Route, Router,
/// };
/// use sio_codec::engineio::{CloseReason, Encoded, Event, RequestHead, Session, Sid};
/// use sio_codec::{Frame, Machine, Timestamp};
///
/// /// The request's thread waits for what is sent here.
/// struct Waiting(Sender<Answer>);
///
/// impl Reply for Waiting {
///     fn answer(self, answer: Answer) -> Result<(), Gone> {
///         self.0.send(answer).map_err(|_| Gone)
///     }
/// }
///
/// /// The WebSocket's writer takes what is in here; dropping it closes the WebSocket.
/// struct Writer(Sender<Frame>);
///
/// impl Outlet for Writer {
///     fn has_room(&self) -> bool {
///         true
///     }
///     fn send(&mut self, frame: Frame) {
///         let _ = self.0.send(frame);
///     }
/// }
///
/// // A GET without a sid starts a session. It is answered with the open packet.
/// let router = Router::new(Config::default())?;
/// let head = |query| RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: false };
/// let Ok(Route::Handshake(handshake)) = router.route(&head("EIO=4&transport=polling")) else { unreachable!() };
/// let now = Timestamp::ZERO;
/// let sid = Sid::from_entropy([7; 15]);
/// let carrier = handshake.carrier(RequestId(1));
/// let session = handshake.accept(now, sid.clone(), carrier);
/// let (reply, answer) = channel();
/// let mut driver = Driver::<_, _, Writer>::new(session, carrier, Waiting(reply));
/// assert_eq!(driver.poll_event(), Some(Event::Opened));
/// assert_eq!(driver.poll_event(), None);
/// assert!(matches!(answer.recv()?, Answer::Response(open) if open.status == 200));
///
/// // The next one waits for a message.
/// let query = format!("EIO=4&transport=polling&sid={}", sid.as_str());
/// let Ok(Route::Session(request)) = router.route(&head(&query)) else { unreachable!() };
/// let (reply, answer) = channel();
/// driver.request(now, request, RequestId(2), Waiting(reply));
/// driver.machine().send(&Encoded::text("hello"))?;
/// assert_eq!(driver.poll_event(), None);
/// assert!(matches!(answer.recv()?, Answer::Response(response) if response.body == "4hello"));
///
/// // A WebSocket asks for the session. Its 101 is sent, and then it is there.
/// let query = format!("EIO=4&transport=websocket&sid={}", sid.as_str());
/// let Ok(Route::Session(request)) = router.route(&RequestHead { wants_websocket: true, ..head(&query) }) else {
///     unreachable!()
/// };
/// let (reply, answer) = channel();
/// driver.request(now, request, RequestId(3), Waiting(reply));
/// assert_eq!(driver.poll_event(), None);
/// let Answer::WebSocket(ws) = answer.recv()? else { unreachable!() };
/// let (outlet, frames) = channel();
/// assert!(driver.attach(ws, Writer(outlet)).is_none());
/// driver.handle(now, Input::WsFrame { ws, frame: "2probe".into() });
/// driver.handle(now, Input::WsFrame { ws, frame: "5".into() });
/// assert_eq!(driver.poll_event(), Some(Event::Upgraded));
/// assert_eq!(frames.recv()?, Frame::from("3probe"));
///
/// // It breaks.
/// driver.handle(now, Input::WsClosed { ws });
/// assert_eq!(driver.poll_event(), Some(Event::Closed(CloseReason::TransportClose)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # With Socket.IO
///
/// The machine is a [`Peer`](crate::socketio::Peer), and this is what a program calls after whatever happened:
///
/// ```
/// use sio_codec::engineio::Sid;
/// use sio_codec::engineio::server::{Driver, Outlet, Reply, ServerSession};
/// use sio_codec::socketio::{EmitError, Event, Peer};
///
/// fn react<R: Reply, O: Outlet>(
///     driver: &mut Driver<Peer<ServerSession>, R, O>,
///     fresh_sid: impl Fn() -> Sid,
/// ) -> Result<(), EmitError> {
///     while let Some(event) = driver.poll_event() {
///         let io = driver.machine().socketio();
///         match event {
///             Event::ConnectRequested { namespace, auth } => {
///                 io.accept(&namespace, &fresh_sid())?;
///                 if let Some(auth) = auth {
///                     io.emit(&namespace, "welcome", (auth.value(),))?;
///                 }
///             }
///             Event::Received { namespace, args, reply: Some(reply), .. } => io.acknowledge(reply, &args)?,
///             Event::Received { namespace, args, .. } => io.emit(&namespace, "message-back", &args)?,
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Driver<M, R, O> {
    machine: M,
    replies: BTreeMap<RequestId, R>,
    place: Place<O>,
}

/// Where the answer to a request goes: the sending half of a channel, for example.
///
/// The example of [`Driver`] implements it with a channel.
pub trait Reply {
    /// The request is answered.
    ///
    /// # Errors
    ///
    /// If it is known already that the client is gone.
    fn answer(self, answer: Answer) -> Result<(), Gone>;
}

/// How a request is answered.
///
/// A [`Reply`] gets it; the example of [`Driver`] shows both kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of answer is broken")]
pub enum Answer {
    /// With this. If the request asked for a WebSocket, the connection should be closed after it, because the client would
    /// send frames next.
    Response(Response),
    /// With status 101: it becomes this WebSocket. When that is there, hand it in with [`Driver::attach`]; if it never is,
    /// report [`Input::WsClosed`].
    WebSocket(WsId),
}

/// The client of a request is gone.
///
/// A [`Reply`] says it; the example of [`Driver`] shows when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing more to say")]
pub struct Gone;

/// The WebSocket of a session: the one that carries it, or a candidate for an upgrade. There is one at a time.
#[derive(Debug)]
enum Place<O> {
    Free,
    /// It was accepted, and is not established yet. The machine takes it for full.
    Promised(WsId),
    Taken(Line<O>),
    /// It ended, and [`Input::WsClosed`] is still to come.
    Ending(WsId),
}

impl<M, R, O> Driver<M, R, O>
where
    M: Machine<Input = Input, Transmit = Transmit>,
    R: Reply,
    O: Outlet,
{
    /// Drives a session that was [accepted](super::Handshake::accept) on this carrier. The request is answered through
    /// `reply`: with the open packet, or that it becomes a WebSocket, and then the open packet waits until that is
    /// [attached](Self::attach).
    #[must_use]
    pub fn new(machine: M, carrier: Carrier, reply: R) -> Self {
        let mut driver = Self { machine, replies: BTreeMap::new(), place: Place::Free };
        match carrier {
            Carrier::Request(id) => drop(driver.replies.insert(id, reply)),
            Carrier::WebSocket(ws) => {
                driver.replies.insert(RequestId(ws.0), reply);
                driver.promise(ws);
            }
        }
        driver
    }

    /// The machine, for its verbs.
    pub const fn machine(&mut self) -> &mut M {
        &mut self.machine
    }

    pub(super) const fn machine_ref(&self) -> &M {
        &self.machine
    }

    /// Whether something may still happen to this request, or to the WebSocket that it became.
    pub(super) fn concerns(&self, id: RequestId) -> bool {
        self.replies.contains_key(&id) || self.place.ws() == Some(WsId(id.0))
    }

    /// A request of the session arrived. Its answer goes to `reply`, now or later. A WebSocket that it becomes has the number
    /// of `id`. Of a POST, the body follows as [`Input::Body`], [`Input::BodyTooLarge`] or [`Input::Aborted`], whether or not
    /// the answer came in the meantime.
    ///
    /// A request that no session serves is refused here, and the machine hears nothing of it: see
    /// [`Action::Refuse`](super::Action::Refuse). If the session has ended since it was looked up, the answer is that its sid is
    /// unknown.
    pub fn request(&mut self, now: Timestamp, request: SessionRequest, id: RequestId, reply: R) {
        match request.into_input_or_refusal(id) {
            Ok(input) => {
                self.replies.insert(id, reply);
                self.machine.handle(now, input);
            }
            // If its client is gone, nobody misses the answer.
            Err(refusal) => drop(reply.answer(Answer::Response(refusal))),
        }
    }

    /// Something else happened: a body, a message, a lost connection. What is behind a lost connection is dropped; for one
    /// whose end is not known any more, nothing happens.
    ///
    /// Of the room on a WebSocket the driver asks the [`Outlet`]. So [`Input::WsWritable`] only says that it is worth looking:
    /// [`poll_event`](Self::poll_event) comes next.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Aborted { id } => drop(self.replies.remove(&id)),
            Input::WsClosed { ws } => drop(self.release(ws)),
            // The outlet knows better. But what leaves now leaves at this time, from which its answer is waited for.
            Input::WsFull { .. } | Input::WsWritable { .. } => return self.machine.handle_timeout(now),
            _ => {}
        }
        self.machine.handle(now, input);
    }

    /// The WebSocket is established. If the session gave it up in the meantime, the outlet comes back, and is to be closed:
    /// dropping it is enough for an outlet that does not implement [`close`](Outlet::close).
    ///
    /// What waits for it leaves as at the latest time that the driver was told: if some passed, call
    /// [`handle_timeout`](Self::handle_timeout) first.
    #[must_use = "an outlet that comes back is to be closed"]
    pub fn attach(&mut self, ws: WsId, outlet: O) -> Option<O> {
        if !matches!(self.place, Place::Promised(promised) if promised == ws) {
            return Some(outlet);
        }
        self.place = Place::Taken(Line::promised(ws, outlet));
        // What waits for it may leave before what comes on it is heard.
        self.watch_room();
        None
    }

    /// Takes the outlet of a WebSocket that ended, for a program that has something to send on it: a Close frame with a code,
    /// for a message that is too long (1009), no UTF-8 (1007), or against the rules of WebSockets (1002).
    /// [`Input::WsClosed`] is still to be reported. What the outlet holds goes first; one that may be full needs a place for the
    /// Close frame that [`has_room`](Outlet::has_room) does not count.
    pub fn detach(&mut self, ws: WsId) -> Option<O> {
        if self.place.ws() != Some(ws) {
            return None;
        }
        let outlet = self.release(ws);
        self.place = Place::Ending(ws);
        outlet
    }

    /// The ends of the session's connections: who waits for an answer, to find out whose client is gone and report
    /// [`Input::Aborted`] for it, and the WebSocket while it is established.
    pub fn ends(&mut self) -> (impl Iterator<Item = (RequestId, &mut R)>, Option<(WsId, &mut O)>) {
        let replies = self.replies.iter_mut().map(|(id, reply)| (*id, reply));
        let outlet = match &mut self.place {
            Place::Taken(line) => Some((line.ws, &mut line.outlet)),
            Place::Free | Place::Promised(_) | Place::Ending(_) => None,
        };
        (replies, outlet)
    }

    /// Tells the machine that it is `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.machine.handle_timeout(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called at the latest, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.machine.next_deadline()
    }

    /// Whether the program should read from the WebSocket now.
    ///
    /// A reader that is a task or a thread of its own puts one message after the other into a channel that holds one, from which
    /// the session's task takes them while this is true. [`Input::WsClosed`] takes the same way, behind the messages.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        self.machine.wants_input()
    }

    /// Carries out what the machine wants done, up to the next event; `None` when there is nothing left for the moment.
    pub fn poll_event(&mut self) -> Option<M::Event> {
        loop {
            self.watch_room();
            match self.machine.poll_output()? {
                Output::Event(event) => return Some(event),
                Output::Transmit(transmit) => self.carry_out(transmit),
            }
        }
    }

    /// The WebSocket is over. Returns its outlet, if it was established.
    fn release(&mut self, ws: WsId) -> Option<O> {
        if self.place.ws() != Some(ws) {
            return None;
        }
        match core::mem::replace(&mut self.place, Place::Free) {
            Place::Taken(line) => Some(line.outlet),
            Place::Free | Place::Promised(_) | Place::Ending(_) => None,
        }
    }

    fn answer(&mut self, id: RequestId, answer: Answer) -> Result<(), Gone> {
        self.replies.remove(&id).ok_or(Gone)?.answer(answer)
    }

    /// Answers that a request becomes a WebSocket. Nothing is sent on that before it is there.
    fn promise(&mut self, ws: WsId) {
        self.place = Place::Promised(ws);
        self.react(Input::WsFull { ws });
        if self.answer(RequestId(ws.0), Answer::WebSocket(ws)) == Err(Gone) {
            self.place = Place::Free;
            self.react(Input::WsClosed { ws });
        }
    }

    /// Tells the machine what its own outputs caused.
    fn react(&mut self, input: Input) {
        // No time has passed: an earlier time counts as the latest one.
        self.machine.handle(Timestamp::ZERO, input);
    }

    /// Tells the machine when its WebSocket has no room for messages, and when it has room again.
    fn watch_room(&mut self) {
        let Place::Taken(line) = &mut self.place else { return };
        let ws = line.ws;
        match line.news() {
            Some(Room::Free) => self.react(Input::WsWritable { ws }),
            Some(Room::Full) => self.react(Input::WsFull { ws }),
            None => {}
        }
    }

    fn carry_out(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Respond { id, response } => drop(self.answer(id, Answer::Response(response))),
            Transmit::WsRefuse { ws, response } => drop(self.answer(RequestId(ws.0), Answer::Response(response))),
            Transmit::WsAccept { ws } => self.promise(ws),
            // A frame for another WebSocket is for one that is gone.
            Transmit::WsSend { ws, frame } => match &mut self.place {
                Place::Taken(line) if line.ws == ws => line.outlet.send(frame),
                Place::Free | Place::Promised(_) | Place::Taken(_) | Place::Ending(_) => {}
            },
            Transmit::WsClose { ws } => {
                if let Some(outlet) = self.release(ws) {
                    outlet.close();
                }
            }
        }
    }
}

impl<O> Place<O> {
    const fn ws(&self) -> Option<WsId> {
        match self {
            Self::Free => None,
            Self::Promised(ws) | Self::Ending(ws) => Some(*ws),
            Self::Taken(line) => Some(line.ws),
        }
    }
}
