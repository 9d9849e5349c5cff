//! Plays operations and steps on a client.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{self as sessions, Input, Transmit, Transports};
use sio_codec::engineio::{Revision, WsId};
use sio_codec::socketio::client::{Auth, Client, Config, Event, Reconnection, Retries, State};
use sio_codec::socketio::{Args, EmitError, Json, Namespace};
use sio_codec::{Frame, Limits, Machine as _, Timestamp};

use super::laws::Laws;
use super::ops::{Op, Shows, Verb};
use crate::lives::player::{Clock, Draining, Player, START, Step, What, World};

/// The largest number of packets that wait for their namespace.
pub(crate) const MOST_BUFFERED: usize = 5;

const OPEN: &str = r#"0{"sid":"S","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}"#;

/// A life: the client, its world, and the outputs.
pub(crate) type Life = Player<Client, Site>;

type Moment = Step<Input, Verb>;

/// The environment of a client.
pub(crate) struct Site {
    laws: Laws,
    /// The number of emitted events.
    emitted: u64,
}

/// How often an event is sent again.
pub(super) const RETRIES: u32 = 2;

/// Eight kinds of clients.
fn client(kind: u8) -> Client {
    let limits = Limits::default()
        .with_max_payload(1_000)
        .with_max_attachments(2)
        .with_max_namespaces(2)
        .with_max_pending_acks(3)
        .with_max_queued_bytes(260)
        .with_max_buffered_bytes(500);
    let sessions = sessions::Config::default()
        .with_transports(Transports::WebSocketOnly)
        .with_revision(if kind & 1 == 0 { Revision::V4 } else { Revision::V3 })
        .with_connect_timeout(Duration::from_millis(400))
        .with_limits(limits);
    let delays = Reconnection::default().with_delay(Duration::from_millis(100), Duration::from_millis(300));
    let config = Config::default().with_reconnection((kind & 4 == 0).then(|| delays.with_attempts(Some(3))));
    let tries = Retries { times: RETRIES, timeout: Duration::from_millis(100) };
    let config = if retries(kind) { config.with_retries(tries) } else { config };
    Client::new(sessions, config, u64::from(kind))
}

const fn retries(kind: u8) -> bool {
    kind & 2 != 0
}

impl World<Client> for Site {
    type Verb = Verb;

    fn act(&mut self, client: &mut Client, now: Timestamp, verb: Verb) {
        let connection = client.socketio(now);
        let namespace = |name| Namespace::new(name).expect("a name without a comma");
        let number = self.emitted;
        let event = format!("e{number}");
        self.emitted += 1;
        let result = match verb {
            Verb::Connect(name, shows) => connection.connect(&namespace(name), auth(shows)),
            Verb::Authenticate(name) => connection.authenticate(&namespace(name), Some(token())),
            Verb::Emit(name) => {
                let taken = connection.emit(&namespace(name), &event, Args::empty());
                self.laws.emitted(name, number, 1, &taken);
                taken
            }
            Verb::EmitBinary(name) => {
                let args = Args::builder().binary(Bytes::from_static(&[1])).build().expect("one attachment");
                let taken = connection.emit(&namespace(name), &event, &args);
                self.laws.emitted(name, number, 2, &taken);
                taken
            }
            Verb::EmitVolatile(name) => connection.emit_volatile(&namespace(name), "v", Args::empty()),
            Verb::EmitWithAck(name, timeout) => {
                let id = connection.emit_with_ack(now, &namespace(name), &event, Args::empty(), timeout);
                self.laws.emitted(name, number, 1, &id.as_ref().map(|_| ()).map_err(Clone::clone));
                id.map(|id| self.laws.asks(name, number, id))
            }
            Verb::Acknowledge => self.laws.reply().map_or(Ok(()), |reply| connection.acknowledge(reply, Args::empty())),
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
                client.open(now);
                Ok(())
            }
        };
        let mistake = result.is_err_and(|error| matches!(error, EmitError::Closed | EmitError::Args(_)));
        assert!(!mistake, "a client is never closed for good, and takes all arguments");
    }

    fn transmit(&mut self, transmit: &Transmit, _: Draining) {
        self.laws.transmit(transmit);
    }

    fn event(&mut self, event: Event) {
        self.laws.event(event);
    }

    fn drained(&mut self) {
        self.laws.drained();
    }
}

impl Life {
    /// Plays the operations.
    pub(crate) fn live(kind: u8, ops: &[Op]) -> Self {
        let mut life = Self::begin(kind, Draining::Always, Clock::AsItIs);
        for op in ops {
            life.play(op);
        }
        life
    }

    /// Waits until nothing happens any more, and closes the client.
    pub(crate) fn ends(&mut self) {
        self.rests_within(60);
        self.happens(What::Verb(Verb::Close));
        self.rests_within(0);
        self.world.laws.at_rest();
        assert_eq!(self.machine.state(), State::Idle);
        assert!(self.machine.session().is_none());
    }

    /// Plays the steps of another life.
    pub(crate) fn live_again(kind: u8, steps: &[Moment], draining: Draining, clock: Clock) -> Self {
        Self::begin(kind, draining, clock).again(steps)
    }

    fn begin(kind: u8, draining: Draining, clock: Clock) -> Self {
        let mut client = client(kind);
        client.handle_timeout(START);
        let site = Site { laws: Laws::new(retries(kind), draining), emitted: 0 };
        Self::new(client, site, draining, clock)
    }

    fn play(&mut self, op: &Op) {
        let newest = self.world.laws.newest().map_or(WsId(u64::MAX), WsId);
        let frame = |text: &'static str| What::Input(Input::WsFrame { ws: newest, frame: Frame::from(text) });
        let what = match op {
            Op::Opens => {
                self.happens(What::Input(Input::WsOpened { ws: newest }));
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
            Op::Time(time) => return self.passes(*time),
            Op::Verb(verb) => What::Verb(*verb),
        };
        self.happens(what);
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
