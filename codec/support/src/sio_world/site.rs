//! The server: its front, the peers behind it, and their application.

use std::collections::VecDeque;
use std::time::Duration;

use sio_codec::engineio::Sid;
use sio_codec::engineio::server::{Config, Input, ServerSession, Transmit};
use sio_codec::socketio::{self, Args, Connection, EmitError, Event, Json, Namespace, Peer};
use sio_codec::{Limits, Machine as _, Output, Timestamp};

use super::shown;
use crate::eio_world::front::Front;
use crate::eio_world::network::{Channel, Network, Side, ToServer};

#[derive(Debug)]
pub(crate) struct Site {
    front: Front<Peer<ServerSession>>,
    /// Whether the server is running now.
    serves: Serves,
    ids: u8,
    told: Vec<String>,
    /// Questions that the application has not asked the client yet, because there was no room.
    questions: VecDeque<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    All,
    Nobody,
}

impl Site {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            front: Front::new(Config::default().with_allow_eio3(true).with_limits(limits)),
            serves: Serves::All,
            ids: 0,
            told: Vec::new(),
            questions: VecDeque::new(),
        }
    }

    pub(crate) fn down(&mut self) {
        self.serves = Serves::Nobody;
        self.front.clear();
    }

    pub(crate) fn up(&mut self) {
        self.serves = Serves::All;
    }

    pub(crate) fn told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    pub(crate) fn wants_input(&self, channel: Channel) -> bool {
        self.front.wants_input(channel)
    }

    pub(crate) fn writer(&mut self, now: Timestamp, input: Input) {
        self.front.writer(now, input);
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.front.next_deadline()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        self.front.handle_timeout(now);
    }

    /// Handles something that arrived.
    pub(crate) fn take(&mut self, now: Timestamp, channel: Channel, message: ToServer, network: &mut Network) {
        match (self.serves, channel) {
            (Serves::All, _) => self.front.take(now, channel, message, network, |handshake, carrier| {
                let sid = draw(&mut self.ids);
                let connection = Connection::new(socketio::Config::default());
                (sid.clone(), Peer::new(handshake.accept(now, sid, carrier), connection))
            }),
            (Serves::Nobody, Channel::Request(_)) => drop(network.break_request(now)),
            (Serves::Nobody, Channel::WebSocket(ws)) => network.close_to_client(now, ws),
        }
    }

    pub(crate) fn drain(&mut self, now: Timestamp, network: &mut Network) {
        let mut peers = std::mem::take(&mut self.front.sessions);
        for peer in peers.values_mut() {
            while let Some(output) = peer.poll_output() {
                match output {
                    Output::Transmit(transmit) => {
                        let sent_on = if let Transmit::WsSend { ws, .. } = &transmit { Some(*ws) } else { None };
                        network.for_server(now, transmit);
                        if let Some(ws) = sent_on.filter(|ws| network.became_full(*ws, Side::Client)) {
                            peer.handle(now, Input::WsFull { ws });
                        }
                    }
                    Output::Event(event) => self.on_event(now, peer.socketio(), event),
                }
            }
        }
        self.front.sessions = peers;
    }

    /// The application.
    fn on_event(&mut self, now: Timestamp, connection: &mut Connection, event: Event) {
        match event {
            Event::ConnectRequested { namespace, auth } => {
                let auth = auth.map_or(String::new(), |auth| format!(" {auth}"));
                self.told.push(format!("asks {namespace}{auth}"));
                self.answer(connection, &namespace, &auth).expect("a client that asks");
            }
            Event::Writable => self.ask_on(now, connection),
            Event::Received { name, args, .. } if name == "ask me many" => {
                let (count,): (u32,) = args.decode().expect("a number");
                self.questions.extend(0..count);
                self.ask_on(now, connection);
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

    /// Asks numbered questions, each as soon as there is room for it.
    fn ask_on(&mut self, now: Timestamp, connection: &mut Connection) {
        while let Some(number) = self.questions.front() {
            let args = Args::encode(&(number,)).expect("a list");
            let timeout = Duration::from_secs(600);
            match connection.emit_with_ack(now, &Namespace::root(), "question", &args, timeout) {
                Ok(_) => drop(self.questions.pop_front()),
                Err(EmitError::BufferFull) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn answer(&mut self, connection: &mut Connection, namespace: &Namespace, auth: &str) -> Result<(), EmitError> {
        match namespace.as_str() {
            "/" | "/chat" if auth.contains("bad") => {
                connection.refuse(namespace, "not you", Some(&Json::new(r#"{"code":1}"#.into()).expect("JSON")))
            }
            "/" | "/chat" => connection.accept(namespace, &draw(&mut self.ids)),
            _ => connection.refuse_unknown(namespace),
        }
    }
}

fn draw(ids: &mut u8) -> Sid {
    *ids += 1;
    Sid::from_entropy([*ids; 15])
}

/// The application's reaction to some events.
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
