//! The server: a router and the sessions behind it.

use std::collections::BTreeMap;

use sio_codec::engineio::server::{Action, Carrier, Config, Input, Route, Router, ServerSession, Transmit};
use sio_codec::engineio::{CloseReason, Encoded, Event, HttpError, RequestHead, SendError, Session as _, Sid};
use sio_codec::{Frame, Machine as _, Output, Timestamp};

use super::network::{Channel, Message, Network, ToServer};
use super::random::Random;
use super::story::Story;

pub(crate) struct Site {
    router: Router,
    random: Random,
    sessions: BTreeMap<Sid, ServerSession>,
    owners: BTreeMap<Channel, Sid>,
    received: BTreeMap<Sid, Vec<Frame>>,
    ends: BTreeMap<Sid, Vec<CloseReason>>,
}

impl Site {
    pub(crate) fn new(config: Config, random: Random) -> Self {
        Self {
            router: Router::new(config).expect("a configuration that works"),
            random,
            sessions: BTreeMap::new(),
            owners: BTreeMap::new(),
            received: BTreeMap::new(),
            ends: BTreeMap::new(),
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions.values().filter_map(ServerSession::next_deadline).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
            session.handle_timeout(now);
        }
    }

    pub(crate) fn send(&mut self, sid: Option<&Sid>, message: &Encoded) -> Result<(), SendError> {
        let session = sid.and_then(|sid| self.sessions.get_mut(sid));
        session.map_or(Err(SendError::Closed), |session| session.send(message))
    }

    pub(crate) fn close(&mut self, now: Timestamp, sid: Option<&Sid>) {
        if let Some(session) = sid.and_then(|sid| self.sessions.get_mut(sid)) {
            session.close(now);
        }
    }

    pub(crate) fn take_received(&mut self) -> BTreeMap<Sid, Vec<Frame>> {
        core::mem::take(&mut self.received)
    }

    pub(crate) fn take_ends(&mut self) -> BTreeMap<Sid, Vec<CloseReason>> {
        core::mem::take(&mut self.ends)
    }

    /// Something arrived.
    pub(crate) fn take(&mut self, now: Timestamp, channel: Channel, message: ToServer, network: &mut Network) {
        match (channel, message) {
            (Channel::Request(id), ToServer::Head(query, format)) => {
                let head = RequestHead {
                    method: if format.is_some() { "POST" } else { "GET" },
                    query: &query,
                    content_type: format.map(|format| format.request_type()),
                    origin: None,
                    wants_websocket: false,
                };
                if let Err(error) = self.route(now, channel, &head) {
                    network.answer(now, id, error.response());
                }
            }
            (Channel::WebSocket(ws), ToServer::Upgrade(query)) => {
                let head = RequestHead {
                    method: "GET",
                    query: &query,
                    content_type: None,
                    origin: None,
                    wants_websocket: true,
                };
                if self.route(now, channel, &head).is_err() {
                    network.close_to_client(now, ws);
                }
            }
            (Channel::Request(id), ToServer::Body(body)) => self.input(now, channel, Input::Body { id, body }),
            (Channel::Request(id), ToServer::Gone) => self.input(now, channel, Input::Aborted { id }),
            (Channel::WebSocket(ws), ToServer::Gone) => self.input(now, channel, Input::WsClosed { ws }),
            (Channel::WebSocket(ws), ToServer::Frame(frame)) => {
                self.input(now, channel, Input::WsFrame { ws, frame });
            }
            (channel, message) => unreachable!("{message:?} on {channel:?}"),
        }
    }

    fn route(&mut self, now: Timestamp, channel: Channel, head: &RequestHead<'_>) -> Result<(), HttpError> {
        match self.router.route(head)? {
            Route::Handshake(handshake) => {
                let mut entropy = [0; 15];
                entropy.fill_with(|| self.random.next() as u8);
                let sid = Sid::from_entropy(entropy);
                let carrier = match channel {
                    Channel::Request(id) => Carrier::Request(id),
                    Channel::WebSocket(ws) => Carrier::WebSocket(ws),
                };
                let session = handshake.accept(now, sid.clone(), carrier);
                self.owners.insert(channel, sid.clone());
                self.sessions.insert(sid, session);
            }
            Route::Session(to) => {
                if !self.sessions.contains_key(&to.sid) {
                    return Err(HttpError::UnknownSid);
                }
                self.owners.insert(channel, to.sid.clone());
                let input = match (channel, to.action) {
                    (Channel::Request(id), Action::Poll) => Input::Poll { id, revision: to.revision },
                    (Channel::Request(id), Action::Post(format)) => Input::Post { id, revision: to.revision, format },
                    (Channel::WebSocket(ws), Action::Upgrade) => {
                        Input::Upgrade { ws, revision: to.revision, binary: to.binary }
                    }
                    (_, Action::Refuse(error)) => return Err(error),
                    (_, action) => unreachable!("{action:?} on {channel:?}"),
                };
                self.input(now, channel, input);
            }
        }
        Ok(())
    }

    fn input(&mut self, now: Timestamp, channel: Channel, input: Input) {
        if let Some(session) = self.owners.get(&channel).and_then(|sid| self.sessions.get_mut(sid)) {
            session.handle(now, input);
        }
    }

    pub(crate) fn drain(&mut self, now: Timestamp, network: &mut Network, story: &mut Story) {
        for (sid, session) in &mut self.sessions {
            while let Some(output) = session.poll_output() {
                story.note(now, format_args!("server: {output:?}"));
                match output {
                    Output::Transmit(Transmit::Respond { id, response }) => network.answer(now, id, response),
                    Output::Transmit(Transmit::WsAccept { ws }) => network.on_websocket(now, ws, Message::Accepted(ws)),
                    Output::Transmit(Transmit::WsSend { ws, frame }) => {
                        network.on_websocket(now, ws, Message::FrameToClient(ws, frame));
                    }
                    Output::Transmit(Transmit::WsRefuse { ws, .. } | Transmit::WsClose { ws }) => {
                        network.close_to_client(now, ws);
                    }
                    Output::Event(Event::Message(frame)) => {
                        self.received.entry(sid.clone()).or_default().push(frame);
                    }
                    Output::Event(Event::Closed(reason)) => self.ends.entry(sid.clone()).or_default().push(reason),
                    Output::Event(_) => {}
                }
            }
        }
    }
}
