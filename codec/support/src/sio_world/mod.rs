//! A client that reconnects and a server with an application, with a virtual clock and a virtual network.
//!
//! ```text
//!   Client ◀──▶ Network ◀──▶ Site { front, peers, application }
//!      │                        │
//!      └─────▶  lines of text ◀─┘
//! ```
//!
//! Every event of an application becomes a line of text.

mod site;

use std::collections::VecDeque;
use std::time::Duration;

use sio_codec::engineio::client::{self, Config as Sessions};
use sio_codec::engineio::server;
use sio_codec::socketio::client::{Auth, Client, Config, Connection, Event};
use sio_codec::socketio::{Args, EmitError, Namespace};
use sio_codec::{Limits, Machine as _, Output, Timestamp};

use self::site::Site;
use crate::eio_world::Random;
use crate::eio_world::network::{Channel, Message, Network, Side};

/// The state of a world.
#[derive(Debug)]
pub struct World {
    now: Timestamp,
    client: Client,
    site: Site,
    network: Network,
    told: Vec<String>,
    /// Questions that wait for room.
    questions: VecDeque<u32>,
}

impl World {
    /// A world whose server has the default limits.
    #[must_use]
    pub fn new(sessions: Sessions, config: Config, seed: u64) -> Self {
        Self::bounded(sessions, config, Limits::default(), seed)
    }

    /// A world whose server has these limits.
    #[must_use]
    pub fn bounded(sessions: Sessions, config: Config, limits: Limits, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            // This is not the program's epoch.
            now: Timestamp::from_millis(5_000),
            client: Client::new(sessions, config, seed),
            site: Site::new(limits),
            network: Network::new(random.fork(), Duration::from_millis(random.pick(&[0, 1, 5, 60]))),
            told: Vec::new(),
            questions: VecDeque::new(),
        }
    }

    /// The client's application asks `count` numbered questions, each as soon as there is room for it.
    pub fn ask_many(&mut self, count: u32) {
        self.questions.extend(0..count);
        self.ask_on();
        self.drain();
    }

    fn ask_on(&mut self) {
        let connection = self.client.socketio(self.now);
        while let Some(number) = self.questions.front() {
            let args = Args::encode(&(number,)).expect("a list");
            match connection.emit_with_ack(self.now, &namespace("/"), "question", &args, None) {
                Ok(_) => drop(self.questions.pop_front()),
                Err(EmitError::BufferFull) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Lets the client's application call its connection.
    pub fn client(&mut self, wish: impl FnOnce(&mut Connection, Timestamp)) {
        wish(self.client.socketio(self.now), self.now);
        self.drain();
    }

    /// The client joins a namespace.
    pub fn connect(&mut self, name: &str, auth: Auth) {
        self.client(|connection, _| connection.connect(&namespace(name), auth).expect("a new namespace"));
    }

    /// The client sends an event.
    pub fn emit(&mut self, name: &str, event: &str, args: &Args) {
        self.client(|connection, _| connection.emit(&namespace(name), event, args).expect("room"));
    }

    /// The client sends an event that the server must acknowledge within 5 s.
    pub fn ask(&mut self, name: &str, event: &str, args: &Args) {
        self.client(|connection, now| {
            let timeout = Some(Duration::from_secs(5));
            connection.emit_with_ack(now, &namespace(name), event, args, timeout).expect("room");
        });
    }

    /// Breaks the newest connection of a kind: a WebSocket, or else a request. The session may survive that.
    pub fn break_one(&mut self, websocket: bool) {
        if websocket {
            self.network.break_websocket(self.now);
        } else {
            self.network.break_request(self.now);
        }
    }

    /// The server ends and loses all its state. It accepts no connections until it comes back.
    pub fn server_goes_down(&mut self) {
        self.site.down();
        while self.network.break_request(self.now) {}
        // One that carries the session, and up to two candidates.
        for _ in 0..3 {
            self.network.break_websocket(self.now);
        }
    }

    /// The server accepts connections again.
    pub fn server_comes_back(&mut self) {
        self.site.up();
    }

    /// Lets this much time pass.
    ///
    /// # Panics
    ///
    /// Panics if the world does not come to rest.
    pub fn run(&mut self, duration: Duration) {
        let until = self.now.saturating_add(duration);
        // Far more steps than any of these lives has; a world that never comes to rest is an error.
        for _ in 0..100_000 {
            let arrival = self.network.next(|channel, side| self.wants(channel, side));
            let next = [self.client.next_deadline(), self.site.next_deadline(), arrival];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(next);
            let wants = |channel, side| match side {
                Side::Client => self.client.wants_input(),
                Side::Server => self.site.wants_input(channel),
            };
            match self.network.arrive(self.now, wants) {
                Some((channel, message)) => self.deliver(channel, message),
                None => {
                    self.client.handle_timeout(self.now);
                    self.site.handle_timeout(self.now);
                }
            }
            self.drain();
        }
        panic!("no rest: {:#?}", self.told);
    }

    /// Whether a side reads from a channel now.
    fn wants(&self, channel: Channel, side: Side) -> bool {
        match side {
            Side::Client => self.client.wants_input(),
            Side::Server => self.site.wants_input(channel),
        }
    }

    /// The lines of the client's application and of the server's since the last call, each in order.
    pub fn told(&mut self) -> (Vec<String>, Vec<String>) {
        (std::mem::take(&mut self.told), self.site.told())
    }

    /// The transport of the client's session.
    #[must_use]
    pub fn transport(&self) -> Option<sio_codec::engineio::Transport> {
        self.client.session().and_then(|session| session.transport())
    }

    fn deliver(&mut self, channel: Channel, message: Message) {
        let now = self.now;
        match message.for_client() {
            Ok(input) => self.client.handle(now, input),
            Err(message) => self.site.take(now, channel, message, &mut self.network),
        }
    }

    fn drain(&mut self) {
        while let Some((ws, to)) = self.network.became_writable() {
            match to {
                Side::Server => self.client.handle(self.now, client::Input::WsWritable { ws }),
                Side::Client => self.site.writer(self.now, server::Input::WsWritable { ws }),
            }
        }
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let sent_on = if let client::Transmit::WsSend { ws, .. } = &transmit { Some(*ws) } else { None };
                    let _ = self.network.for_client(self.now, transmit);
                    if let Some(ws) = sent_on.filter(|ws| self.network.became_full(*ws, Side::Server)) {
                        self.client.handle(self.now, client::Input::WsFull { ws });
                    }
                }
                Output::Event(event) => self.note(event),
            }
        }
        self.site.drain(self.now, &mut self.network);
    }

    /// The client's application: it answers questions, and records every event.
    fn note(&mut self, event: Event) {
        let line = match event {
            Event::Opened => return,
            Event::Writable => return self.ask_on(),
            Event::AuthWanted { namespace } => format!("auth wanted {namespace}"),
            Event::Connected { namespace, .. } => format!("connected {namespace}"),
            Event::Refused { namespace, refusal } => {
                let data = refusal.data.map_or(String::new(), |data| format!(" {data}"));
                format!("refused {namespace} {}{data}", refusal.message)
            }
            Event::Received { namespace, name, args, reply } => {
                if let Some(reply) = reply {
                    let connection = self.client.socketio(self.now);
                    connection.acknowledge(reply, &args).expect("a client that is in the namespace");
                }
                format!("event {namespace} {name} {}", shown(&args))
            }
            Event::Acked { namespace, args, .. } => format!("acked {namespace} {}", shown(&args)),
            Event::AckTimedOut { namespace, .. } => format!("timed out {namespace}"),
            Event::AckLost { namespace, .. } => format!("lost {namespace}"),
            Event::Disconnected { namespace, reason } => format!("left {namespace}: {}", reason.as_client_str()),
            Event::Closed(reason) => format!("closed: {}", reason.as_client_str()),
            Event::Reconnecting { attempt, .. } => format!("reconnecting {attempt}"),
            Event::Reconnected { .. } => "reconnected".to_owned(),
            Event::ReconnectFailed => "gave up".to_owned(),
            other => format!("{other:?}"),
        };
        self.told.push(line);
    }
}

/// The namespace of this name.
///
/// # Panics
///
/// Panics if the name has a comma.
#[must_use]
pub fn namespace(name: &str) -> Namespace {
    Namespace::new(name).expect("a name without a comma")
}

/// The arguments and their attachments.
pub(crate) fn shown(args: &Args) -> String {
    let attached: String = args.attachments().iter().map(|bytes| format!(" + {:?}", &bytes[..])).collect();
    format!("[{}]{attached}", args.items())
}
