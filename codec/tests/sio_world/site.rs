//! The server: a router, the peers behind it, and their application.

use std::collections::BTreeMap;
use std::time::Duration;

use sio_codec::engineio::server::{Action, Carrier, Config, Input, Route, Router, ServerSession, Transmit};
use sio_codec::engineio::{HttpError, RequestHead, Revision, Sid};
use sio_codec::socketio::{self, Args, Connection, Dialect, EmitError, Event, Json, Namespace, Peer};
use sio_codec::{Machine as _, Output, Timestamp};

use super::shown;
use crate::world::network::{Channel, Message, Network, ToServer};

pub(crate) struct Site {
    router: Router,
    /// Whether there is a server now.
    serves: Serves,
    peers: BTreeMap<Sid, Peer<ServerSession>>,
    owners: BTreeMap<Channel, Sid>,
    ids: u8,
    told: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    All,
    Nobody,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self {
            router: Router::new(Config::default().with_allow_eio3(true)).expect("a configuration that works"),
            serves: Serves::All,
            peers: BTreeMap::new(),
            owners: BTreeMap::new(),
            ids: 0,
            told: Vec::new(),
        }
    }

    pub(crate) fn down(&mut self) {
        self.serves = Serves::Nobody;
        self.peers.clear();
        self.owners.clear();
    }

    pub(crate) fn up(&mut self) {
        self.serves = Serves::All;
    }

    pub(crate) fn told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.peers.values().filter_map(Peer::next_deadline).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        for peer in self.peers.values_mut() {
            peer.handle_timeout(now);
        }
    }

    /// Something arrived.
    pub(crate) fn take(&mut self, now: Timestamp, channel: Channel, message: ToServer, network: &mut Network) {
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
        match (self.serves, channel) {
            (Serves::All, Channel::Request(id)) => {
                if let Err(error) = self.route(now, channel, &head) {
                    network.answer(now, id, error.response());
                }
            }
            (Serves::All, Channel::WebSocket(ws)) => {
                if self.route(now, channel, &head).is_err() {
                    network.close_to_client(now, ws);
                }
            }
            (Serves::Nobody, Channel::Request(_)) => drop(network.break_request(now)),
            (Serves::Nobody, Channel::WebSocket(ws)) => network.close_to_client(now, ws),
        }
    }

    fn route(&mut self, now: Timestamp, channel: Channel, head: &RequestHead<'_>) -> Result<(), HttpError> {
        match self.router.route(head)? {
            Route::Handshake(handshake) => {
                let sid = self.draw();
                let carrier = match channel {
                    Channel::Request(id) => Carrier::Request(id),
                    Channel::WebSocket(ws) => Carrier::WebSocket(ws),
                };
                let hybrid = handshake.revision() == Revision::V3;
                let dialect = if hybrid { Dialect::Hybrid } else { Dialect::V5 };
                let connection = Connection::new(socketio::Config::default()).with_dialect(dialect);
                let peer = Peer::new(handshake.accept(now, sid.clone(), carrier), connection);
                self.owners.insert(channel, sid.clone());
                self.peers.insert(sid, peer);
            }
            Route::Session(to) => {
                if !self.peers.contains_key(&to.sid) {
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
        if let Some(peer) = self.owners.get(&channel).and_then(|sid| self.peers.get_mut(sid)) {
            peer.handle(now, input);
        }
    }

    pub(crate) fn drain(&mut self, now: Timestamp, network: &mut Network) {
        let mut peers = std::mem::take(&mut self.peers);
        for peer in peers.values_mut() {
            while let Some(output) = peer.poll_output() {
                match output {
                    Output::Transmit(Transmit::Respond { id, response }) => network.answer(now, id, response),
                    Output::Transmit(Transmit::WsAccept { ws }) => network.on_websocket(now, ws, Message::Accepted(ws)),
                    Output::Transmit(Transmit::WsSend { ws, frame }) => {
                        network.on_websocket(now, ws, Message::FrameToClient(ws, frame));
                    }
                    Output::Transmit(Transmit::WsRefuse { ws, .. } | Transmit::WsClose { ws }) => {
                        network.close_to_client(now, ws);
                    }
                    Output::Event(event) => self.on_event(now, peer.socketio(), event),
                }
            }
        }
        self.peers = peers;
    }

    /// The application.
    fn on_event(&mut self, now: Timestamp, connection: &mut Connection, event: Event) {
        match event {
            Event::ConnectRequested { namespace, auth } => {
                let auth = auth.map_or(String::new(), |auth| format!(" {auth}"));
                self.told.push(format!("asks {namespace}{auth}"));
                self.answer(connection, &namespace, &auth).expect("a client that asks");
            }
            Event::Received { namespace, name, args, reply } => {
                self.told.push(format!("event {namespace} {name} {}", shown(&args)));
                if let Some(reply) = reply {
                    connection.acknowledge(reply, &args).expect("a client that is in the namespace");
                }
                respond(now, connection, &namespace, name.as_str(), &args).expect("a client that is in the namespace");
            }
            Event::Acked { namespace, args, .. } => self.told.push(format!("acked {namespace} {}", shown(&args))),
            Event::Disconnected { namespace, reason } => {
                self.told.push(format!("left {namespace}: {}", reason.as_str()));
            }
            Event::Closed(_) => {}
            other => self.told.push(format!("{other:?}")),
        }
    }

    fn answer(&mut self, connection: &mut Connection, namespace: &Namespace, auth: &str) -> Result<(), EmitError> {
        match namespace.as_str() {
            "/" | "/chat" if auth.contains("bad") => {
                connection.refuse(namespace, "not you", Some(&Json::new(r#"{"code":1}"#.into()).expect("JSON")))
            }
            "/" | "/chat" => connection.accept(namespace, &self.draw()),
            _ => connection.refuse_unknown(namespace),
        }
    }

    fn draw(&mut self) -> Sid {
        self.ids += 1;
        Sid::from_entropy([self.ids; 15])
    }
}

/// What some events lead to.
fn respond(
    now: Timestamp,
    connection: &mut Connection,
    namespace: &Namespace,
    name: &str,
    args: &Args,
) -> Result<(), EmitError> {
    match name {
        "say it back" => connection.emit(namespace, "said", args),
        "ask me" => connection.emit_with_ack(now, namespace, "question", args, Duration::from_secs(5)).map(drop),
        "throw me out" => connection.disconnect(namespace),
        "throw me out of all" => {
            connection.close();
            Ok(())
        }
        _ => Ok(()),
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
