//! Plays operations and steps on a client's session.

use bytes::Bytes;
use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
use sio_codec::engineio::payload::{Format, PacketsRef};
use sio_codec::engineio::{BodyFormat, Encoded, Event, RequestId, Revision, Session as _, WsId};
use sio_codec::{Machine as _, Timestamp};

use super::laws::Laws;
use super::ops::{Op, Verb};
use crate::lives::moves::recent;
use crate::lives::player::{Clock, Draining, Player, START, Step, What, World};

/// A life: the session, its world, and the outputs.
pub(crate) type Life = Player<ClientSession, Site>;

type Moment = Step<Input, Verb>;

/// The environment of a client's session.
pub(crate) struct Site {
    revision: Revision,
    laws: Laws,
    closing: bool,
}

impl World<ClientSession> for Site {
    type Verb = Verb;

    fn act(&mut self, session: &mut ClientSession, now: Timestamp, verb: Verb) {
        // The application must notice a full queue.
        let _ = match verb {
            Verb::Send(text) => session.send(&Encoded::text(text)),
            Verb::SendBinary => session.send(&Encoded::binary(Bytes::from_static(&[1, 2]))),
            Verb::Close => {
                self.closing = true;
                session.close(now);
                Ok(())
            }
        };
    }

    fn input(&mut self, input: &Input) {
        self.laws.input(input);
    }

    fn transmit(&mut self, transmit: &Transmit, draining: Draining) {
        if draining == Draining::Always {
            self.laws.transmit(transmit);
            self.readable(transmit);
        }
    }

    fn event(&mut self, event: Event) {
        self.laws.event(&event);
    }

    fn at_rest(&self, session: &ClientSession) {
        self.laws.at_rest(session.transport(), self.closing, session.wants_input());
    }
}

impl Site {
    /// L8: posted bodies can be read.
    fn readable(&self, transmit: &Transmit) {
        if let Transmit::Request { body: Some(body), .. } = transmit {
            assert_eq!(body.format.revision(), self.revision);
            let mut packets = PacketsRef::new(body.format, &body.bytes[..]).expect("a payload");
            assert!(packets.all(|packet| packet.is_ok()), "{transmit:?}");
        }
    }
}

impl Life {
    /// Plays the operations and then leaves the session alone, until it ends: a client gives up a silent server after a
    /// few deadlines.
    pub(crate) fn live(config: Config, ops: &[Op]) -> Self {
        let mut life = Self::begin(config, Draining::Always, Clock::AsItIs);
        for op in ops {
            life.play(op);
        }
        life.rests_within(20);
        assert!(life.world.laws.is_closed(), "L4: alone and still open");
        life
    }

    /// Plays the steps of another life.
    pub(crate) fn live_again(config: Config, steps: &[Moment], draining: Draining, clock: Clock) -> Self {
        Self::begin(config, draining, clock).again(steps)
    }

    fn begin(config: Config, draining: Draining, clock: Clock) -> Self {
        let site = Site { revision: config.revision, laws: Laws::default(), closing: false };
        Self::new(ClientSession::connect(START, config), site, draining, clock)
    }

    fn play(&mut self, op: &Op) {
        let request = |laws: &Laws, back| recent(&laws.requests, back).map_or(RequestId(u64::MAX), RequestId);
        let websocket = |laws: &Laws, back| recent(&laws.websockets, back).map_or(WsId(u64::MAX), WsId);
        let laws = &self.world.laws;
        let what = match op {
            Op::Poll(packets) => {
                let Some(id) = laws.polls.first().copied() else { return };
                What::Input(answer(RequestId(id), body(self.world.revision, packets)))
            }
            Op::Posted => {
                let Some(id) = laws.posts.first().copied() else { return };
                What::Input(answer(RequestId(id), Bytes::from_static(b"ok")))
            }
            Op::Answer { request: back, status, body, binary } => What::Input(Input::Response {
                id: request(laws, *back),
                status: *status,
                format: if *binary { BodyFormat::Binary } else { BodyFormat::Text },
                body: body.clone(),
            }),
            Op::Failed { request: back } => What::Input(Input::Failed { id: request(laws, *back) }),
            Op::WsOpened { ws } => What::Input(Input::WsOpened { ws: websocket(laws, *ws) }),
            Op::Frame { ws, frame } => What::Input(Input::WsFrame { ws: websocket(laws, *ws), frame: frame.clone() }),
            Op::WsClosed { ws } => What::Input(Input::WsClosed { ws: websocket(laws, *ws) }),
            Op::Time(time) => return self.passes(*time),
            Op::Verb(verb) => What::Verb(*verb),
        };
        self.happens(what);
    }
}

fn answer(id: RequestId, body: Bytes) -> Input {
    Input::Response { id, status: 200, format: BodyFormat::Text, body }
}

fn body(revision: Revision, packets: &[&str]) -> Bytes {
    let format = if revision == Revision::V4 { Format::V4 } else { Format::V3Text };
    let framed = |packet: &&str| match format {
        Format::V4 => (*packet).to_owned(),
        _ => format!("{}:{packet}", packet.encode_utf16().count()),
    };
    let separator = if format == Format::V4 { "\u{1e}" } else { "" };
    Bytes::from(packets.iter().map(framed).collect::<Vec<_>>().join(separator))
}
