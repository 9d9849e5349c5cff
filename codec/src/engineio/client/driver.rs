//! A client's machine and its connections: what every program that embeds a client keeps beside it.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::io::{Body, Input, Transmit};
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::line::{Line, Outlet, Room};
use crate::machine::{Machine, Output};
use crate::time::Timestamp;

/// A client's machine with what it has under way: the requests that are not answered yet, and the WebSocket.
///
/// The machine names requests and WebSockets by numbers. The driver has them started by a [`Connector`], which is the
/// program's HTTP and WebSocket client, and keeps what that returns: something to cancel each request with, and an [`Outlet`]
/// for the WebSocket. What is left to the program are the events. The driver does no I/O, and knows no runtime.
///
/// It holds two of the rules of an embedding: a request that the machine gives up is cancelled, and one that was answered is
/// forgotten; and the machine hears when its WebSocket has no room, and when it has room again. What is left: call
/// [`poll_event`](Self::poll_event) until it returns `None` after each call, call [`handle_timeout`](Self::handle_timeout) at
/// [`next_deadline`](Self::next_deadline), and take what WebSockets report only while the client
/// [wants input](Self::wants_input).
///
/// When the program is to end, the outlet may still hold what was sent last: drop the driver, and wait for the writer that is
/// behind the outlet. A runtime that ends before it drops the last messages, and the Close frame.
///
/// `M` is a [`ClientSession`](super::ClientSession), or the [`Client`](crate::socketio::client::Client) of Socket.IO, which
/// opens one after the other; its connection is then `driver.machine().socketio(now)`.
///
/// ```text
///  handle(Response, Failed)       ──▶ ┌────────────────────────┐ ──▶ Connector::request
///  handle(WsOpened, WsFrame, ...) ──▶ │ Driver                 │ ──▶ Connector::connect
///  handle_timeout                 ──▶ │  machine, requests,    │ ──▶ Outlet::send, Outlet::close
///                                     │  WebSocket             │ ──▶ poll_event
///                                     └────────────────────────┘
/// ```
///
/// ```
/// use std::sync::mpsc::{Receiver, Sender, channel};
/// use bytes::Bytes;
/// use sio_codec::engineio::client::{Body, ClientSession, Config, Connector, Driver, Input, Transports};
/// use sio_codec::engineio::{Encoded, Event, Outlet, RequestId, Session, WsId};
/// use sio_codec::{Frame, Timestamp};
///
/// /// A program would start a task that connects, and then sends what comes through the channel.
/// struct Network(Sender<Receiver<Frame>>);
///
/// impl Connector for Network {
///     type Request = ();
///     type Outlet = Writer;
///
///     fn request(&mut self, _: RequestId, _: String, _: Option<Body>) {}
///     fn connect(&mut self, ws: WsId, query: String) -> Writer {
///         assert_eq!((ws, &*query), (WsId(1), "EIO=4&transport=websocket"));
///         let (outlet, outgoing) = channel();
///         self.0.send(outgoing).unwrap();
///         Writer(outlet)
///     }
/// }
///
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
/// let (started, websockets) = channel();
/// let (now, config) = (Timestamp::ZERO, Config::default().with_transports(Transports::WebSocketOnly));
/// let mut driver = Driver::new(ClientSession::connect(now, config), Network(started));
/// assert_eq!(driver.poll_event(), None);
/// let outgoing = websockets.recv()?;
///
/// let ws = WsId(1);
/// driver.handle(now, Input::WsOpened { ws });
/// let open = r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
/// driver.handle(now, Input::WsFrame { ws, frame: open.into() });
/// assert_eq!(driver.poll_event(), Some(Event::Opened));
/// driver.machine().send(&Encoded::text("hello"))?;
/// assert_eq!(driver.poll_event(), None);
/// assert_eq!(outgoing.recv()?, Frame::from("4hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Driver<M, C: Connector> {
    machine: M,
    connector: C,
    requests: BTreeMap<RequestId, C::Request>,
    line: Option<Line<C::Outlet>>,
}

/// Starts the requests and the WebSockets of a client: with tasks, threads, or the functions of a browser.
///
/// Neither function waits. What comes of it is reported to [`Driver::handle`], which must not be called from within; so is a
/// request that cannot be made ([`Input::Failed`]), and a WebSocket that cannot be tried ([`Input::WsClosed`]).
///
/// The example of [`Driver`] implements it.
pub trait Connector {
    /// A request that is under way. Dropping it gives the request up, if that is possible: a late answer does no harm.
    type Request;

    /// A WebSocket that is being established, and then is.
    type Outlet: Outlet;

    /// Sends a request to the configured path: a POST if there is a body, else a GET. It is reported by one
    /// [`Input::Response`] or [`Input::Failed`]. The query has no `?`.
    fn request(&mut self, id: RequestId, query: String, body: Option<Body>) -> Self::Request;

    /// Establishes a WebSocket on the configured path. It is reported by one [`Input::WsOpened`] or [`Input::WsClosed`].
    /// Nothing is sent before it is there; it may be closed before.
    fn connect(&mut self, ws: WsId, query: String) -> Self::Outlet;
}

impl<M, C> Driver<M, C>
where
    M: Machine<Input = Input, Transmit = Transmit>,
    C: Connector,
{
    /// Drives a client whose connections come from `connector`.
    #[must_use]
    pub const fn new(machine: M, connector: C) -> Self {
        Self { machine, connector, requests: BTreeMap::new(), line: None }
    }

    /// The machine, for its verbs.
    pub const fn machine(&mut self) -> &mut M {
        &mut self.machine
    }

    /// What starts the connections.
    pub const fn connector(&mut self) -> &mut C {
        &mut self.connector
    }

    /// Whether something may still happen to this WebSocket.
    #[cfg(feature = "std")]
    pub(super) fn concerns(&self, ws: WsId) -> bool {
        self.line.as_ref().is_some_and(|line| line.ws == ws)
    }

    /// Something happened to a request or to the WebSocket. What is left of a request that is over, and of a WebSocket that
    /// is, is dropped.
    ///
    /// Of the room on a WebSocket the driver asks the [`Outlet`]. So [`Input::WsWritable`] only says that it is worth looking:
    /// [`poll_event`](Self::poll_event) comes next.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Response { id, .. } | Input::Failed { id } => drop(self.requests.remove(&id)),
            Input::WsClosed { ws } => drop(self.take_line(ws)),
            // The outlet knows better. But what leaves now leaves at this time, from which its answer is waited for.
            Input::WsFull { .. } | Input::WsWritable { .. } => return self.machine.handle_timeout(now),
            _ => {}
        }
        self.machine.handle(now, input);
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

    /// Whether the program should take what the WebSocket reports now: that it is open, its messages, and its end behind them,
    /// in this order through one channel that holds one. What requests report takes another way, and is taken at any time.
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

    /// Tells the machine when its WebSocket has no room for messages, and when it has room again.
    fn watch_room(&mut self) {
        let Some(line) = &mut self.line else { return };
        let ws = line.ws;
        let news = match line.news() {
            Some(Room::Free) => Input::WsWritable { ws },
            Some(Room::Full) => Input::WsFull { ws },
            None => return,
        };
        // No time has passed: an earlier time counts as the latest one.
        self.machine.handle(Timestamp::ZERO, news);
    }

    fn carry_out(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Request { id, query, body } => {
                let request = self.connector.request(id, query, body);
                self.requests.insert(id, request);
            }
            Transmit::Cancel { id } => drop(self.requests.remove(&id)),
            Transmit::WsConnect { ws, query } => self.line = Some(Line::new(ws, self.connector.connect(ws, query))),
            // A frame for another WebSocket is for one that is gone.
            Transmit::WsSend { ws, frame } => {
                if let Some(line) = self.line.as_mut().filter(|line| line.ws == ws) {
                    line.outlet.send(frame);
                }
            }
            Transmit::WsClose { ws } => {
                if let Some(line) = self.take_line(ws) {
                    line.outlet.close();
                }
            }
        }
    }

    fn take_line(&mut self, ws: WsId) -> Option<Line<C::Outlet>> {
        self.line.take_if(|line| line.ws == ws)
    }
}
