//! A client in memory: one of the codec's machines, on a virtual clock.

use std::collections::VecDeque;
use std::fmt::Display;
use std::time::Duration;

use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
use sio_codec::engineio::{self, Encoded, RequestId, Session as _, WsId};
use sio_codec::socketio::client::{self, Auth, Client, Connection, Event, Reconnection};
use sio_codec::socketio::{Peer, Reply};
use sio_codec::{Machine as _, Output, Timestamp};

use super::super::mutants::{Mutant, Settings, Tap};
use super::super::script::{Ack, Assembly, Setup, Wish};
use super::super::told::{self, Scope};
use super::{Patience, Subject};
use crate::party::driver::Doing;
use crate::trace;

/// A client in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    machine: Machine,
    /// The layer of a mutant around the machine.
    tap: Option<Tap>,
    scope: Scope,
    told: VecDeque<String>,
    closed: Option<String>,
    /// For each event that asks for an answer, until it was answered.
    replies: Vec<Option<Reply>>,
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

impl Memory {
    /// A client, or one with a defect.
    pub(crate) fn new(
        now: Timestamp,
        setup: &Setup,
        assembly: Assembly,
        scope: Scope,
        mutant: Option<&Mutant>,
    ) -> Self {
        let settings = settings(setup, mutant);
        let (config, socketio) = (settings.engine, settings.connection);
        let machine = match assembly {
            Assembly::Session => Machine::Engine(Box::new(ClientSession::connect(now, config))),
            Assembly::Peer => {
                let session = ClientSession::connect(now, config);
                Machine::Peer(Box::new(Peer::new(session, Connection::new(socketio))))
            }
            Assembly::Client => Machine::Client(Box::new(Client::new(config, socketio, 0))),
        };
        let tap = mutant.map(|mutant| Tap::new(mutant, revision(setup.revision), now));
        Self { machine, tap, scope, told: VecDeque::new(), closed: None, replies: Vec::new() }
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let own = match &self.machine {
            Machine::Engine(session) => session.next_deadline(),
            Machine::Peer(peer) => peer.next_deadline(),
            Machine::Client(client) => client.next_deadline(),
        };
        own.into_iter().chain(self.tap.as_ref().and_then(Tap::next_deadline)).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        either!(self, machine => machine.handle_timeout(now));
        if let Some(tap) = &mut self.tap {
            tap.wake(now);
        }
    }

    pub(crate) fn wants_input(&self) -> bool {
        match &self.machine {
            Machine::Engine(session) => session.wants_input(),
            Machine::Peer(peer) => peer.wants_input(),
            Machine::Client(client) => client.wants_input(),
        }
    }

    /// The next transmission; stores the events before it.
    pub(crate) fn next_transmit(&mut self) -> Option<Transmit> {
        loop {
            if let Some(tap) = &mut self.tap {
                self.told.extend(tap.heard());
                if let Some(transmit) = tap.next() {
                    return Some(transmit);
                }
            }
            match (self.next_of_machine(), &mut self.tap) {
                (Some(transmit), None) => return Some(transmit),
                (Some(transmit), Some(tap)) => tap.give(transmit),
                (None, None) => return None,
                (None, Some(tap)) => {
                    self.told.extend(tap.heard());
                    let (now, input) = tap.inject()?;
                    either!(self, machine => machine.handle(now, input));
                }
            }
        }
    }

    fn next_of_machine(&mut self) -> Option<Transmit> {
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

    /// The application receives an event.
    fn tell(&mut self, event: Option<String>) {
        match (event, &mut self.tap) {
            (Some(event), None) => self.told.push_back(event),
            (Some(event), Some(tap)) => tap.tell(&event),
            (None, _) => {}
        }
    }

    fn on_session_event(&mut self, event: &engineio::Event) {
        self.tell(told::by_session(event, self.scope));
        if let engineio::Event::Closed(reason) = event {
            self.close(format!("{reason:?}"));
        }
    }

    fn on_connection_event(&mut self, event: Event) {
        self.tell(told::by_connection(&event, self.scope));
        match event {
            Event::Received { reply: Some(reply), .. } => self.replies.push(Some(reply)),
            Event::Closed(reason) => self.close(format!("{reason:?}")),
            _ => {}
        }
    }

    fn close(&mut self, reason: String) {
        if self.closed.replace(reason).is_some() && self.scope == Scope::Derived {
            self.told.push_back("a second end of the session".to_owned());
        }
    }

    /// Makes a call.
    fn call(&mut self, now: Timestamp, wish: &Wish) -> Result<(), String> {
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
            Wish::Emit { namespace, name, args, ack: Ack::Unwanted } => connection.emit(namespace, name, args).or_say(),
            Wish::Emit { namespace, name, args, ack: Ack::Wanted { timeout } } => {
                connection.emit_with_ack(now, namespace, name, args, *timeout).map(|_| ()).or_say()
            }
            Wish::EmitVolatile { namespace, name, args } => connection.emit_volatile(namespace, name, args).or_say(),
            Wish::Acknowledge(event, args) => match self.replies.get_mut(*event).and_then(Option::take) {
                Some(reply) => connection.acknowledge(reply, args).or_say(),
                None => Err("there is no such event to answer".to_owned()),
            },
            Wish::Leave(namespace) => connection.disconnect(namespace).or_say(),
        }
    }
}

impl Subject for Memory {
    fn wish(&mut self, now: Timestamp, wish: &Wish) -> Result<(), String> {
        match &mut self.tap {
            None => self.call(now, wish),
            Some(tap) => tap.call(now, wish).iter().try_for_each(|wish| self.call(now, wish)),
        }
    }

    fn handle(&mut self, now: Timestamp, input: Input) {
        let inputs = match &mut self.tap {
            None => vec![input],
            Some(tap) => tap.take(now, input),
        };
        for input in inputs {
            either!(self, machine => machine.handle(now, input));
        }
    }

    fn poll_doing(&mut self) -> Option<Doing> {
        Some(match self.next_transmit()? {
            Transmit::Request { id, query, body: None } => Doing::Get { id: id.0, query },
            Transmit::Request { id, query, body: Some(body) } => {
                let content_type = Some(body.format.request_type().to_owned());
                Doing::Post { id: id.0, query, content_type, body: body.bytes }
            }
            Transmit::WsConnect { ws, query } => Doing::Open { id: ws.0, query },
            Transmit::WsSend { ws, frame } => Doing::Send { id: ws.0, frame },
            Transmit::Cancel { id: RequestId(id) } | Transmit::WsClose { ws: WsId(id) } => Doing::GiveUp { id },
        })
    }

    fn told(&mut self) -> &mut VecDeque<String> {
        &mut self.told
    }

    fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    fn now(&self, last: Timestamp) -> Timestamp {
        last
    }

    fn pass(&mut self, now: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let due = self.next_deadline().filter(|due| *due <= until);
        let at = due.map_or(until, |due| due.max(now));
        self.handle_timeout(at);
        due.map(|_| at)
    }

    fn catch_up(&mut self, _: Patience) -> bool {
        false
    }
}

const fn revision(revision: trace::Revision) -> engineio::Revision {
    match revision {
        trace::Revision::Three => engineio::Revision::V3,
        trace::Revision::Four => engineio::Revision::V4,
    }
}

/// The settings of a client, with those that a mutant changes.
fn settings(setup: &Setup, mutant: Option<&Mutant>) -> Settings {
    let config = Config::default()
        .with_revision(revision(setup.revision))
        .with_transports(setup.transports)
        .with_binary(setup.binary);
    let parameters = setup.parameters.iter();
    let config = parameters.fold(config, |config, (name, value)| config.with_parameter(name, value));
    let config = match setup.options.connect_timeout {
        Some(millis) => config.with_connect_timeout(Duration::from_millis(millis)),
        None => config,
    };
    let reconnection = setup.options.reconnection.as_ref().map(|how| {
        Reconnection::default()
            .with_delay(Duration::from_millis(how.delay), Duration::from_millis(how.delay_max))
            .with_jitter(how.jitter)
            .with_attempts(how.attempts)
    });
    let socketio = client::Config::default().with_reconnection(reconnection);
    let mut settings = Settings { engine: config, connection: socketio };
    if let Some(mutant) = mutant {
        mutant.set(&mut settings);
    }
    settings
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
