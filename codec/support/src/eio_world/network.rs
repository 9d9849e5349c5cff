//! The messages on their way.
//!
//! Each request and each WebSocket has its own connection. What is sent on one, in one direction, arrives in order
//! after a random time; the order between two connections is random. A connection that breaks loses the messages on it,
//! and each side notices that after a random time.
//!
//! A WebSocket holds a few messages in each direction. Its sender is informed when it is full, and when it has room
//! again. Messages stay on it until the receiver reads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{self, Body};
use sio_codec::engineio::payload::Format;
use sio_codec::engineio::{BodyFormat, RequestId, Response, WsId, server};
use sio_codec::{Frame, Timestamp};

use super::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Client,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Channel {
    Request(RequestId),
    WebSocket(WsId),
}

#[derive(Clone, Debug)]
pub(crate) enum Message {
    ToServer(ToServer),
    Answer(RequestId, Response),
    Failed(RequestId),
    Accepted(WsId),
    FrameToClient(WsId, Frame),
    ClosedToClient(WsId),
}

#[derive(Clone, Debug)]
pub(crate) enum ToServer {
    /// The head of a request; of a POST if there is a form.
    Head(String, Option<Format>),
    Body(Bytes),
    /// The client went away.
    Gone,
    Upgrade(String),
    Frame(Frame),
}

impl Message {
    /// The input for the client, or else the message to the server.
    pub(crate) fn for_client(self) -> Result<client::Input, ToServer> {
        Ok(match self {
            Self::ToServer(message) => return Err(message),
            Self::Answer(id, response) => {
                let content_type = response.headers().find(|(name, _)| *name == "Content-Type").map(|(_, value)| value);
                let format = BodyFormat::of_response(content_type);
                client::Input::Response { id, status: response.status, format, body: response.body }
            }
            Self::Failed(id) => client::Input::Failed { id },
            Self::Accepted(ws) => client::Input::WsOpened { ws },
            Self::FrameToClient(ws, frame) => client::Input::WsFrame { ws, frame },
            Self::ClosedToClient(ws) => client::Input::WsClosed { ws },
        })
    }

    const fn is_frame(&self) -> bool {
        matches!(self, Self::FrameToClient(..) | Self::ToServer(ToServer::Frame(_)))
    }

    /// The WebSocket to which this message moves a session.
    pub(crate) fn moves_to(&self, channel: Channel) -> Option<WsId> {
        match (channel, self) {
            (Channel::WebSocket(ws), Self::ToServer(ToServer::Frame(frame))) if *frame == Frame::from("5") => Some(ws),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Network {
    random: Random,
    slowest: Duration,
    /// The messages on their way, by arrival and then by departure.
    messages: BTreeMap<(Timestamp, u64), (Channel, Side, Message)>,
    departures: u64,
    /// When the last message of a channel arrives at a side.
    last: BTreeMap<(Channel, Side), Timestamp>,
    /// The channels that are open.
    alive: BTreeSet<Channel>,
    /// WebSockets on which a session depends.
    relied_upon: BTreeSet<WsId>,
    /// WebSockets that the server closed.
    given_up: BTreeSet<WsId>,
    dark: bool,
    /// How many messages a WebSocket holds in each direction.
    window: usize,
    /// How many messages it holds now.
    held: BTreeMap<(WsId, Side), usize>,
    /// Those whose sender knows that they are full.
    full: BTreeSet<(WsId, Side)>,
}

impl Network {
    pub(crate) fn new(mut random: Random, slowest: Duration) -> Self {
        Self {
            window: random.pick(&[1, 4, 1_000]),
            held: BTreeMap::new(),
            full: BTreeSet::new(),
            random,
            slowest,
            messages: BTreeMap::new(),
            departures: 0,
            last: BTreeMap::new(),
            alive: BTreeSet::new(),
            relied_upon: BTreeSet::new(),
            given_up: BTreeSet::new(),
            dark: false,
        }
    }

    /// True once when a WebSocket has become full of messages to this side.
    pub(crate) fn became_full(&mut self, ws: WsId, to: Side) -> bool {
        let full = self.held.get(&(ws, to)).is_some_and(|held| *held >= self.window);
        full && self.full.insert((ws, to))
    }

    /// A WebSocket that was full of messages to a side, and has room again.
    pub(crate) fn became_writable(&mut self) -> Option<(WsId, Side)> {
        let has_room = |of: &&(WsId, Side)| self.held.get(of).is_none_or(|held| *held < self.window);
        let of = self.full.iter().find(has_room).copied()?;
        self.full.remove(&of);
        Some(of)
    }

    /// The messages that can be read, if the receiver `wants` to read, in the order of arrival.
    fn readable(
        &self,
        wants: impl Fn(Channel, Side) -> bool,
    ) -> impl Iterator<Item = (&(Timestamp, u64), &(Channel, Side, Message))> {
        let mut unread = BTreeSet::new();
        self.messages.iter().filter(move |(_, (channel, to, message))| {
            if message.is_frame() && !unread.contains(&(*channel, *to)) && !wants(*channel, *to) {
                unread.insert((*channel, *to));
            }
            !unread.contains(&(*channel, *to))
        })
    }

    pub(crate) fn next(&self, wants: impl Fn(Channel, Side) -> bool) -> Option<Timestamp> {
        self.readable(wants).next().map(|((at, _), _)| *at)
    }

    /// The next message that can be read.
    pub(crate) fn arrive(
        &mut self,
        now: Timestamp,
        wants: impl Fn(Channel, Side) -> bool,
    ) -> Option<(Channel, Message)> {
        let first = self.readable(wants).next().map(|(key, _)| *key).filter(|(at, _)| *at <= now)?;
        let (channel, to, message) = self.messages.remove(&first)?;
        if let (Channel::WebSocket(ws), true) = (channel, message.is_frame()) {
            self.held.entry((ws, to)).and_modify(|held| *held -= 1);
        }
        Some((channel, message))
    }

    /// Carries out a transmission of the client; `true` if it moves a session to a WebSocket that is gone, which the
    /// client cannot know yet.
    pub(crate) fn for_client(&mut self, now: Timestamp, transmit: client::Transmit) -> bool {
        match transmit {
            client::Transmit::Request { id, query, body } => self.request(now, id, query, body),
            client::Transmit::Cancel { id } => self.send_to_server(now, Channel::Request(id), ToServer::Gone),
            client::Transmit::WsConnect { ws, query } => self.connect(now, ws, query),
            client::Transmit::WsSend { ws, frame } => return self.frame_to_server(now, ws, frame),
            client::Transmit::WsClose { ws } => self.send_to_server(now, Channel::WebSocket(ws), ToServer::Gone),
        }
        false
    }

    /// Carries out a transmission of a server's session.
    pub(crate) fn for_server(&mut self, now: Timestamp, transmit: server::Transmit) {
        match transmit {
            server::Transmit::Respond { id, response } => self.answer(now, id, response),
            server::Transmit::WsAccept { ws } => self.send_to_client(now, ws, Message::Accepted(ws)),
            server::Transmit::WsSend { ws, frame } => self.send_to_client(now, ws, Message::FrameToClient(ws, frame)),
            server::Transmit::WsRefuse { ws, .. } | server::Transmit::WsClose { ws } => self.close_to_client(now, ws),
        }
    }

    fn request(&mut self, now: Timestamp, id: RequestId, query: String, body: Option<Body>) {
        let channel = Channel::Request(id);
        self.alive.insert(channel);
        let format = body.as_ref().map(|body| body.format);
        self.send_to_server(now, channel, ToServer::Head(query, format));
        if let Some(body) = body {
            self.send_to_server(now, channel, ToServer::Body(body.bytes));
        }
    }

    fn connect(&mut self, now: Timestamp, ws: WsId, query: String) {
        let channel = Channel::WebSocket(ws);
        self.alive.insert(channel);
        if !query.contains("sid=") {
            self.relied_upon.insert(ws);
        }
        self.send_to_server(now, channel, ToServer::Upgrade(query));
    }

    /// Sends a message; returns the same as [`for_client`](Self::for_client).
    fn frame_to_server(&mut self, now: Timestamp, ws: WsId, frame: Frame) -> bool {
        let moves = frame == Frame::from("5");
        if moves {
            self.relied_upon.insert(ws);
        }
        let channel = Channel::WebSocket(ws);
        self.send_to_server(now, channel, ToServer::Frame(frame));
        moves && !self.alive.contains(&channel)
    }

    /// Whether the server closed a WebSocket. If it did so while the message that moves the session to it was on its
    /// way, the session is lost; the protocol has no solution for that.
    pub(crate) fn is_given_up(&self, ws: WsId) -> bool {
        self.given_up.contains(&ws)
    }

    /// The server closes or refuses a WebSocket.
    pub(crate) fn close_to_client(&mut self, now: Timestamp, ws: WsId) {
        self.given_up.insert(ws);
        self.send_to_client(now, ws, Message::ClosedToClient(ws));
    }

    pub(crate) fn answer(&mut self, now: Timestamp, id: RequestId, response: Response) {
        let channel = Channel::Request(id);
        self.send(now, channel, Side::Client, Message::Answer(id, response));
        self.alive.remove(&channel);
    }

    /// Breaks the newest unanswered request; `false` if there is none.
    pub(crate) fn break_request(&mut self, now: Timestamp) -> bool {
        let newest = self.alive.iter().rfind(|channel| matches!(channel, Channel::Request(_))).copied();
        newest.inspect(|channel| self.cut(now, *channel)).is_some()
    }

    /// Breaks the newest WebSocket; `true` if a session depended on it.
    pub(crate) fn break_websocket(&mut self, now: Timestamp) -> bool {
        let newest = self.alive.iter().rfind(|channel| matches!(channel, Channel::WebSocket(_))).copied();
        let Some(channel) = newest else { return false };
        self.cut(now, channel);
        matches!(channel, Channel::WebSocket(ws) if self.relied_upon.contains(&ws))
    }

    /// From now on nothing arrives, and neither side is informed.
    pub(crate) fn go_dark(&mut self, _: Timestamp) -> usize {
        self.messages.clear();
        self.held.clear();
        self.dark = true;
        1
    }

    fn cut(&mut self, now: Timestamp, channel: Channel) {
        self.messages.retain(|_, (on, _, _)| *on != channel);
        if let Channel::WebSocket(cut) = channel {
            self.held.retain(|(ws, _), _| *ws != cut);
        }
        self.send_to_server(now, channel, ToServer::Gone);
        let told = match channel {
            Channel::Request(id) => Message::Failed(id),
            Channel::WebSocket(ws) => Message::ClosedToClient(ws),
        };
        self.send(now, channel, Side::Client, told);
        self.alive.remove(&channel);
    }

    fn send_to_server(&mut self, now: Timestamp, channel: Channel, message: ToServer) {
        self.send(now, channel, Side::Server, Message::ToServer(message));
    }

    fn send_to_client(&mut self, now: Timestamp, ws: WsId, message: Message) {
        self.send(now, Channel::WebSocket(ws), Side::Client, message);
    }

    fn send(&mut self, now: Timestamp, channel: Channel, to: Side, message: Message) {
        if self.dark || !self.alive.contains(&channel) {
            return;
        }
        let slowest = u64::try_from(self.slowest.as_micros()).unwrap_or(u64::MAX);
        let arrival = now.saturating_add(Duration::from_micros(self.random.below(slowest + 1)));
        let last = self.last.entry((channel, to)).or_insert(arrival);
        *last = arrival.max(*last);
        if let (Channel::WebSocket(ws), true) = (channel, message.is_frame()) {
            *self.held.entry((ws, to)).or_default() += 1;
        }
        self.departures += 1;
        self.messages.insert((*last, self.departures), (channel, to, message));
    }
}
