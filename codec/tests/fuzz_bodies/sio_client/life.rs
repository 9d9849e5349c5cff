//! Plays operations, and steps, to a client.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{self as sessions, Input, Transmit, Transports};
use sio_codec::engineio::{Revision, WsId};
use sio_codec::socketio::client::{Auth, Client, Config, Reconnection, State};
use sio_codec::socketio::{Args, EmitError, Json, Namespace};
use sio_codec::{Frame, Limits, Machine as _, Output, Timestamp};

use super::laws::Laws;
use super::ops::{Op, Shows, Verb};

/// When outputs are taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draining {
    /// After every input.
    Always,
    /// Before and after a verb, and at the end: inputs are fed back to back.
    Batched,
}

/// What the machine is told when the clock jumps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    AsItIs,
    /// The latest time so far.
    Clamped,
}

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    at: Timestamp,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Input(Input),
    Timeout,
    Verb(Verb),
}

/// Packets that may wait for their namespace.
pub(crate) const MOST_BUFFERED: usize = 4;

const OPEN: &str = r#"0{"sid":"S","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}"#;

/// When lives start: not at the program's epoch.
const START: Timestamp = Timestamp::from_millis(5_000);

/// A life: the client, its world, and what came out.
pub(crate) struct Life {
    client: Client,
    laws: Laws,
    draining: Draining,
    clock: Clock,
    now: Timestamp,
    /// The latest time that the client was told.
    told: Timestamp,
    /// How many events were emitted.
    emitted: u64,
    /// What happened.
    pub(crate) steps: Vec<Step>,
    /// All events, as text.
    pub(crate) events: Vec<String>,
    /// All outputs, as text.
    pub(crate) outputs: Vec<String>,
}

/// Eight kinds of clients.
fn client(kind: u8) -> Client {
    let limits = Limits::default()
        .with_max_payload(1_000)
        .with_max_attachments(2)
        .with_max_namespaces(2)
        .with_max_pending_acks(3)
        .with_max_queued_packets(2)
        .with_max_buffered_packets(MOST_BUFFERED)
        .with_max_buffered_bytes(60);
    let sessions = sessions::Config::default()
        .with_transports(Transports::WebSocketOnly)
        .with_revision(if kind & 1 == 0 { Revision::V4 } else { Revision::V3 })
        .with_connect_timeout(Duration::from_millis(400))
        .with_limits(limits.clone());
    let delays = Reconnection::default().with_delay(Duration::from_millis(100), Duration::from_millis(300));
    let config = Config::default()
        .with_limits(limits)
        .with_retries(if retries(kind) { 2 } else { 0 })
        .with_reconnection((kind & 4 == 0).then(|| delays.with_attempts(Some(3))));
    let config = if retries(kind) { config.with_ack_timeout(Duration::from_millis(100)) } else { config };
    Client::new(sessions, config, u64::from(kind))
}

const fn retries(kind: u8) -> bool {
    kind & 2 != 0
}

impl Life {
    /// Plays the operations and then leaves the client alone, until nothing happens any more, and has it close.
    pub(crate) fn live(kind: u8, ops: &[Op]) -> Self {
        let mut life = Self::new(kind, Draining::Always, Clock::AsItIs);
        for op in ops {
            life.play(op);
        }
        life.ends_alone();
        life
    }

    /// Plays what happened in another life.
    pub(crate) fn live_again(kind: u8, steps: &[Step], draining: Draining, clock: Clock) -> Self {
        let mut life = Self::new(kind, draining, clock);
        for step in steps {
            life.step(step.clone());
        }
        life.drain();
        life
    }

    fn new(kind: u8, draining: Draining, clock: Clock) -> Self {
        let mut client = client(kind);
        client.handle_timeout(START);
        Self {
            client,
            laws: Laws::new(retries(kind)),
            draining,
            clock,
            now: START,
            told: START,
            emitted: 0,
            steps: Vec::new(),
            events: Vec::new(),
            outputs: Vec::new(),
        }
    }

    fn play(&mut self, op: &Op) {
        let newest = self.laws.newest().map_or(WsId(u64::MAX), WsId);
        let frame = |text: &'static str| What::Input(Input::WsFrame { ws: newest, frame: Frame::from(text) });
        let what = match op {
            Op::Opens => {
                self.step(Step { at: self.now, what: What::Input(Input::WsOpened { ws: newest }) });
                frame(OPEN)
            }
            Op::WsOpened => What::Input(Input::WsOpened { ws: newest }),
            Op::Frame(text) => frame(text),
            Op::Attachment => {
                let bytes = Bytes::from_static(&[4, 1, 2]);
                What::Input(Input::WsFrame { ws: newest, frame: Frame::Binary(bytes) })
            }
            Op::WsClosed => What::Input(Input::WsClosed { ws: newest }),
            Op::Late => What::Input(Input::WsClosed { ws: WsId(newest.0.wrapping_sub(1)) }),
            Op::Timeout(step) => {
                self.now = self.now.saturating_add(*step);
                What::Timeout
            }
            Op::Later(step) => return self.now = self.now.saturating_add(*step),
            Op::Earlier(step) => {
                let back = Timestamp::ZERO.saturating_add(*step);
                return self.now = Timestamp::ZERO.saturating_add(self.now.saturating_since(back));
            }
            Op::Verb(verb) => What::Verb(*verb),
        };
        self.step(Step { at: self.now, what });
    }

    fn step(&mut self, step: Step) {
        self.steps.push(step.clone());
        self.now = step.at;
        match step.what {
            What::Input(input) => {
                // What timers say comes before it happened.
                self.timeout();
                let now = self.tell();
                self.client.handle(now, input);
                if self.draining == Draining::Always {
                    self.drain();
                    self.progresses();
                }
            }
            What::Timeout => self.timeout(),
            What::Verb(verb) => {
                self.drain();
                self.timeout();
                self.drain();
                let now = self.tell();
                self.act(now, verb);
                self.drain();
            }
        }
    }

    fn act(&mut self, now: Timestamp, verb: Verb) {
        let connection = self.client.socketio(now);
        let namespace = |name| Namespace::new(name).expect("a name without a comma");
        let event = format!("e{}", self.emitted);
        self.emitted += 1;
        let result = match verb {
            Verb::Connect(name, shows) => connection.connect(&namespace(name), auth(shows)),
            Verb::Authenticate(name) => connection.authenticate(&namespace(name), Some(token())),
            Verb::Emit(name) => {
                let taken = connection.emit(&namespace(name), &event, &Args::empty());
                self.laws.emitted(name, 1, &taken);
                taken
            }
            Verb::EmitBinary(name) => {
                let args = Args::builder().binary(Bytes::from_static(&[1])).build().expect("one attachment");
                let taken = connection.emit(&namespace(name), &event, &args);
                self.laws.emitted(name, 2, &taken);
                taken
            }
            Verb::EmitVolatile(name) => connection.emit_volatile(&namespace(name), "v", &Args::empty()),
            Verb::EmitWithAck(name, timeout) => {
                let id = connection.emit_with_ack(now, &namespace(name), &event, &Args::empty(), timeout);
                self.laws.emitted(name, 1, &id.map(|_| ()));
                id.map(|id| self.laws.asks(name, id))
            }
            Verb::Acknowledge => {
                self.laws.reply().map_or(Ok(()), |reply| connection.acknowledge(reply, &Args::empty()))
            }
            Verb::Disconnect(name) => {
                let left = connection.disconnect(&namespace(name));
                if left.is_ok() {
                    self.laws.forget(name);
                }
                left
            }
            Verb::Close => {
                connection.close();
                ["/", "/a", "/b"].into_iter().for_each(|name| self.laws.forget(name));
                Ok(())
            }
            Verb::Open => {
                self.client.open(now);
                Ok(())
            }
        };
        let mistake = result.is_err_and(|error| matches!(error, EmitError::Closed | EmitError::Args(_)));
        assert!(!mistake, "a client is never closed for good, and takes all arguments");
    }

    /// L4 and L5.
    fn timeout(&mut self) {
        let before = self.client.next_deadline();
        let now = self.tell();
        self.client.handle_timeout(now);
        if self.draining == Draining::Always {
            if before.is_none_or(|due| due > self.told) {
                assert_eq!(self.client.next_deadline(), before, "L5: a deadline moved");
                assert_eq!(self.drain(), 0, "L5: outputs before the deadline");
            } else {
                self.drain();
                self.progresses();
            }
        }
    }

    /// L4: what is due was done.
    fn progresses(&self) {
        let next = self.client.next_deadline();
        assert!(next.is_none_or(|due| due > self.told), "L4: {next:?} is due at {:?}", self.told);
    }

    /// The time to tell the client.
    fn tell(&mut self) -> Timestamp {
        self.told = self.told.max(self.now);
        match self.clock {
            Clock::AsItIs => self.now,
            Clock::Clamped => self.told,
        }
    }

    /// A client that hears of nobody any more rests after some deadlines, and waits for nothing when it closes.
    fn ends_alone(&mut self) {
        for _ in 0..60 {
            let Some(due) = self.client.next_deadline() else { break };
            self.step(Step { at: due, what: What::Timeout });
        }
        assert_eq!(self.client.next_deadline(), None, "L4: alone and still busy: {:?}", self.client.state());
        self.step(Step { at: self.now, what: What::Verb(Verb::Close) });
        self.laws.at_rest();
        assert_eq!((self.client.state(), self.client.next_deadline()), (State::Idle, None));
        assert!(self.client.session().is_none());
    }

    /// Takes everything out, and tells how much there was.
    fn drain(&mut self) -> usize {
        let before = self.outputs.len();
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    if let Transmit::WsConnect { query, .. } = &transmit {
                        assert!(!query.contains("sid"), "a session of its own: {query}");
                    }
                    self.outputs.push(format!("{transmit:?}"));
                    self.laws.transmit(&transmit, self.draining == Draining::Always);
                }
                Output::Event(event) => {
                    self.events.push(format!("{event:?}"));
                    self.outputs.push(format!("{event:?}"));
                    self.laws.event(event);
                }
            }
        }
        self.outputs.len() - before
    }
}

fn auth(shows: Shows) -> Auth {
    match shows {
        Shows::Nothing => Auth::None,
        Shows::Token => Auth::Fixed(token()),
        Shows::Fresh => Auth::Fresh,
    }
}

fn token() -> Json {
    Json::new(r#"{"token":1}"#.into()).expect("JSON")
}
