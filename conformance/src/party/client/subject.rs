//! The client under test: one of the codec's machines, and the calls of its application.

use std::collections::VecDeque;
use std::fmt::Display;

use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
use sio_codec::engineio::{self, Encoded, Session as _};
use sio_codec::socketio::client::{self, Auth, Client, Connection, Event};
use sio_codec::socketio::{Namespace, Peer, Reply};
use sio_codec::{Machine as _, Output, Timestamp};

use super::script::{Assembly, Setup, Wish};
use super::told;

/// A client in memory.
#[derive(Debug)]
pub(super) struct Subject {
    machine: Machine,
    /// What its application received, in words.
    pub(super) told: VecDeque<String>,
    /// Why the session ended, if it did.
    pub(super) closed: Option<String>,
    replies: Vec<(Namespace, Reply)>,
}

#[derive(Debug)]
enum Machine {
    Engine(Box<ClientSession>),
    Peer(Box<Peer<ClientSession, Connection>>),
    Client(Box<Client>),
}

/// Evaluates an expression for the machine that is used.
macro_rules! either {
    ($subject:expr, $machine:ident => $result:expr) => {
        match &mut $subject.machine {
            Machine::Engine($machine) => $result,
            Machine::Peer($machine) => $result,
            Machine::Client($machine) => $result,
        }
    };
}

impl Subject {
    pub(super) fn new(now: Timestamp, setup: &Setup, assembly: Assembly) -> Self {
        let config = Config::default().with_transports(setup.transports).with_binary(setup.binary);
        let parameters = setup.parameters.iter();
        let config = parameters.fold(config, |config, (name, value)| config.with_parameter(name, value));
        let socketio = client::Config::default().with_reconnection(None);
        let machine = match assembly {
            Assembly::Session => Machine::Engine(Box::new(ClientSession::connect(now, config))),
            Assembly::Peer => {
                let session = ClientSession::connect(now, config);
                Machine::Peer(Box::new(Peer::new(session, Connection::new(socketio))))
            }
            Assembly::Client => Machine::Client(Box::new(Client::new(config, socketio, 0))),
        };
        Self { machine, told: VecDeque::new(), closed: None, replies: Vec::new() }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        either!(self, machine => machine.handle(now, input));
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        either!(self, machine => machine.handle_timeout(now));
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        match &self.machine {
            Machine::Engine(session) => session.next_deadline(),
            Machine::Peer(peer) => peer.next_deadline(),
            Machine::Client(client) => client.next_deadline(),
        }
    }

    /// The next transmission; stores the events before it.
    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        loop {
            let event = match &mut self.machine {
                Machine::Engine(session) => match session.poll_output()? {
                    Output::Transmit(transmit) => return Some(transmit),
                    Output::Event(event) => {
                        self.on_session_event(&event);
                        continue;
                    }
                },
                Machine::Peer(peer) => peer.poll_output()?,
                Machine::Client(client) => client.poll_output()?,
            };
            match event {
                Output::Transmit(transmit) => return Some(transmit),
                Output::Event(event) => self.on_connection_event(event),
            }
        }
    }

    fn on_session_event(&mut self, event: &engineio::Event) {
        self.told.extend(told::by_session(event));
        if let engineio::Event::Closed(reason) = event {
            self.close(format!("{reason:?}"));
        }
    }

    fn on_connection_event(&mut self, event: Event) {
        self.told.extend(told::by_connection(&event));
        match event {
            Event::Received { namespace, reply: Some(reply), .. } => self.replies.push((namespace, reply)),
            Event::Closed(reason) => self.close(format!("{reason:?}")),
            _ => {}
        }
    }

    fn close(&mut self, reason: String) {
        if self.closed.replace(reason).is_some() {
            self.told.push_back("a second end of the session".to_owned());
        }
    }

    /// Makes a call of the application.
    ///
    /// # Errors
    ///
    /// The error of the machine.
    pub(super) fn wish(&mut self, now: Timestamp, wish: &Wish) -> Result<(), String> {
        let connection = match (&mut self.machine, wish) {
            (Machine::Engine(session), Wish::Send(message)) => {
                return session.send(&Encoded::from(message.clone())).or_say();
            }
            (Machine::Engine(session), Wish::Close) => {
                session.close(now);
                return Ok(());
            }
            (Machine::Engine(_), _) => return Err("a session has no such verb".to_owned()),
            (Machine::Peer(peer), _) => peer.socketio(),
            (Machine::Client(client), _) => client.socketio(now),
        };
        match wish {
            Wish::Send(_) => Err("a connection has no such verb".to_owned()),
            Wish::Close => {
                connection.close();
                Ok(())
            }
            Wish::Connect(namespace, auth) => {
                let auth = auth.clone().map_or(Auth::None, Auth::Fixed);
                connection.connect(namespace, auth).or_say()
            }
            Wish::Emit { namespace, name, args, wants_ack: false } => connection.emit(namespace, name, args).or_say(),
            Wish::Emit { namespace, name, args, wants_ack: true } => {
                connection.emit_with_ack(now, namespace, name, args, None).map(|_| ()).or_say()
            }
            Wish::Acknowledge(namespace, id, args) => {
                let is_it = |(of, reply): &(Namespace, Reply)| of == namespace && reply.id().value() == *id;
                let Some(at) = self.replies.iter().position(is_it) else {
                    return Err("the event was not delivered".to_owned());
                };
                let (_, reply) = self.replies.swap_remove(at);
                connection.acknowledge(reply, args).or_say()
            }
            Wish::Leave(namespace) => connection.disconnect(namespace).or_say(),
        }
    }
}

/// Turns a refusal into words.
trait OrSay {
    fn or_say(self) -> Result<(), String>;
}

impl<E: Display> OrSay for Result<(), E> {
    fn or_say(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}
