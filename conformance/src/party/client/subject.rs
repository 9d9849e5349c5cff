//! The client under test: one of the codec's machines, and the application's use of its verbs.

use std::collections::VecDeque;
use std::fmt::Display;

use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
use sio_codec::engineio::{self, Encoded, Session as _};
use sio_codec::socketio::client::{self, Auth, Connection, Event};
use sio_codec::socketio::{Namespace, Peer, Reply};
use sio_codec::{Machine as _, Output, Timestamp};

use super::script::{Setup, Wish};
use super::told;
use crate::contract::Kind;

/// A client that exists only as values.
#[derive(Debug)]
pub(super) struct Subject {
    machine: Machine,
    /// What its application was told, in words.
    pub(super) told: VecDeque<String>,
    /// Why the session ended, if it did.
    pub(super) closed: Option<String>,
    replies: Vec<(Namespace, Reply)>,
}

#[derive(Debug)]
enum Machine {
    Engine(Box<ClientSession>),
    Socket(Box<Peer<ClientSession, Connection>>),
}

impl Subject {
    pub(super) fn new(now: Timestamp, setup: &Setup) -> Self {
        let config = Config::default().with_transports(setup.transports).with_binary(setup.binary);
        let parameters = setup.parameters.iter();
        let config = parameters.fold(config, |config, (name, value)| config.with_parameter(name, value));
        let session = ClientSession::connect(now, config);
        let machine = match setup.kind {
            Kind::Engine => Machine::Engine(Box::new(session)),
            Kind::Socket => {
                let connection = Connection::new(client::Config::default());
                Machine::Socket(Box::new(Peer::new(session, connection)))
            }
        };
        Self { machine, told: VecDeque::new(), closed: None, replies: Vec::new() }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        match &mut self.machine {
            Machine::Engine(session) => session.handle(now, input),
            Machine::Socket(peer) => peer.handle(now, input),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        match &mut self.machine {
            Machine::Engine(session) => session.handle_timeout(now),
            Machine::Socket(peer) => peer.handle_timeout(now),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        match &self.machine {
            Machine::Engine(session) => session.next_deadline(),
            Machine::Socket(peer) => peer.next_deadline(),
        }
    }

    /// The next thing to do; what there is to know on the way is kept.
    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        loop {
            match &mut self.machine {
                Machine::Engine(session) => match session.poll_output()? {
                    Output::Transmit(transmit) => return Some(transmit),
                    Output::Event(event) => self.on_session_event(&event),
                },
                Machine::Socket(peer) => match peer.poll_output()? {
                    Output::Transmit(transmit) => return Some(transmit),
                    Output::Event(event) => self.on_connection_event(event),
                },
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

    /// Does what the application wants.
    ///
    /// # Errors
    ///
    /// What the machine has against it.
    pub(super) fn wish(&mut self, now: Timestamp, wish: &Wish) -> Result<(), String> {
        match (&mut self.machine, wish) {
            (Machine::Engine(session), Wish::Send(message)) => session.send(&Encoded::from(message.clone())).or_say(),
            (Machine::Engine(session), Wish::Close) => {
                session.close(now);
                Ok(())
            }
            (Machine::Socket(peer), Wish::Close) => {
                peer.socketio().close();
                Ok(())
            }
            (Machine::Socket(peer), Wish::Connect(namespace, auth)) => {
                let auth = auth.clone().map_or(Auth::None, Auth::Fixed);
                peer.socketio().connect(namespace, auth).or_say()
            }
            (Machine::Socket(peer), Wish::Emit { namespace, name, args, wants_ack: false }) => {
                peer.socketio().emit(namespace, name, args).or_say()
            }
            (Machine::Socket(peer), Wish::Emit { namespace, name, args, wants_ack: true }) => {
                peer.socketio().emit_with_ack(now, namespace, name, args, None).map(|_| ()).or_say()
            }
            (Machine::Socket(peer), Wish::Acknowledge(namespace, id, args)) => {
                let is_it = |(of, reply): &(Namespace, Reply)| of == namespace && reply.id().value() == *id;
                let Some(at) = self.replies.iter().position(is_it) else {
                    return Err("the event was not delivered".to_owned());
                };
                let (_, reply) = self.replies.swap_remove(at);
                peer.socketio().acknowledge(reply, args).or_say()
            }
            (Machine::Socket(peer), Wish::Leave(namespace)) => peer.socketio().disconnect(namespace).or_say(),
            (machine, wish) => Err(format!("{wish:?} is no wish for {machine:?}")),
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
