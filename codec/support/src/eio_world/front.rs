//! The front of a server: it passes what arrives to its session, through the router.

use std::collections::BTreeMap;

use sio_codec::engineio::server::{Action, Carrier, Config, Handshake, Input, Route, Router};
use sio_codec::engineio::{HttpError, RequestHead, Sid};
use sio_codec::{Machine, Timestamp};

use super::network::{Channel, Network, ToServer};

/// A router and the machines behind it, one for each session.
#[derive(Debug)]
pub(crate) struct Front<M> {
    router: Router,
    pub(crate) sessions: BTreeMap<Sid, M>,
    owners: BTreeMap<Channel, Sid>,
}

impl<M: Machine<Input = Input>> Front<M> {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            router: Router::new(config).expect("a configuration that works"),
            sessions: BTreeMap::new(),
            owners: BTreeMap::new(),
        }
    }

    /// Removes all sessions.
    pub(crate) fn clear(&mut self) {
        self.sessions.clear();
        self.owners.clear();
    }

    /// Whether data on a channel must be read now.
    pub(crate) fn wants_input(&self, channel: Channel) -> bool {
        let session = self.owners.get(&channel).and_then(|sid| self.sessions.get(sid));
        session.is_none_or(M::wants_input)
    }

    /// Reports that a WebSocket's writer is full, or has room again.
    pub(crate) fn writer(&mut self, now: Timestamp, input: Input) {
        if let Input::WsFull { ws } | Input::WsWritable { ws } = input {
            self.input(now, Channel::WebSocket(ws), input);
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.sessions.values().filter_map(M::next_deadline).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        for session in self.sessions.values_mut() {
            session.handle_timeout(now);
        }
    }

    /// Handles something that arrived; `accept` makes a machine from a handshake.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        channel: Channel,
        message: ToServer,
        network: &mut Network,
        accept: impl FnOnce(Handshake, Carrier) -> (Sid, M),
    ) {
        let (query, format, wants_websocket) = match (channel, message) {
            (Channel::Request(_), ToServer::Head(query, format)) => (query, format, false),
            (Channel::WebSocket(_), ToServer::Upgrade(query)) => (query, None, true),
            (channel, message) => return self.input(now, channel, of_session(channel, message)),
        };
        let head = RequestHead {
            method: if format.is_some() { "POST" } else { "GET" },
            query: &query,
            content_type: format.map(|format| format.request_type()),
            origin: None,
            wants_websocket,
        };
        if let Err(error) = self.route(now, channel, &head, accept) {
            match channel {
                Channel::Request(id) => network.answer(now, id, error.response()),
                Channel::WebSocket(ws) => network.close_to_client(now, ws),
            }
        }
    }

    fn route(
        &mut self,
        now: Timestamp,
        channel: Channel,
        head: &RequestHead<'_>,
        accept: impl FnOnce(Handshake, Carrier) -> (Sid, M),
    ) -> Result<(), HttpError> {
        match self.router.route(head)? {
            Route::Handshake(handshake) => {
                let carrier = match channel {
                    Channel::Request(id) => Carrier::Request(id),
                    Channel::WebSocket(ws) => Carrier::WebSocket(ws),
                };
                let (sid, session) = accept(handshake, carrier);
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
}

fn of_session(channel: Channel, message: ToServer) -> Input {
    match (channel, message) {
        (Channel::Request(id), ToServer::Body(body)) => Input::Body { id, body },
        (Channel::Request(id), ToServer::Gone) => Input::Aborted { id },
        (Channel::WebSocket(ws), ToServer::Gone) => Input::WsClosed { ws },
        (Channel::WebSocket(ws), ToServer::Frame(frame)) => Input::WsFrame { ws, frame },
        (channel, message) => unreachable!("{message:?} on {channel:?}"),
    }
}
