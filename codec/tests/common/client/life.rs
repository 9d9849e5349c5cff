//! Plays operations, and steps, to a client's session.

use bytes::Bytes;
use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
use sio_codec::engineio::payload::{Format, PacketsRef};
use sio_codec::engineio::{BodyFormat, Encoded, RequestId, Revision, Session as _, WsId};
use sio_codec::{Machine as _, Output, Timestamp};

use super::super::play::{Clock, Draining};
use super::super::subject::START;
use super::laws::Laws;
use super::ops::{Op, Verb};

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

/// A life: the session, its world, and what came out.
pub(crate) struct Life {
    session: ClientSession,
    revision: Revision,
    laws: Laws,
    draining: Draining,
    clock: Clock,
    now: Timestamp,
    /// The latest time that the session was told.
    told: Timestamp,
    closing: bool,
    /// What happened.
    pub(crate) steps: Vec<Step>,
    /// All events, as text.
    pub(crate) events: Vec<String>,
    /// All outputs, as text.
    pub(crate) outputs: Vec<String>,
}

impl Life {
    /// Plays the operations and then leaves the session alone, until it has ended of itself.
    pub(crate) fn live(config: Config, ops: &[Op]) -> Self {
        let mut life = Self::new(config, Draining::Always, Clock::AsItIs);
        for op in ops {
            life.play(op);
        }
        life.ends_alone();
        life
    }

    /// Plays what happened in another life.
    pub(crate) fn live_again(config: Config, steps: &[Step], draining: Draining, clock: Clock) -> Self {
        let mut life = Self::new(config, draining, clock);
        for step in steps {
            life.step(step.clone());
        }
        life.drain();
        life
    }

    fn new(config: Config, draining: Draining, clock: Clock) -> Self {
        let mut life = Self {
            revision: config.revision,
            session: ClientSession::connect(START, config),
            laws: Laws::default(),
            draining,
            clock,
            now: START,
            told: START,
            closing: false,
            steps: Vec::new(),
            events: Vec::new(),
            outputs: Vec::new(),
        };
        life.drain();
        life
    }

    fn play(&mut self, op: &Op) {
        let request = |laws: &Laws, back| recent(&laws.requests, back).map_or(RequestId(u64::MAX), RequestId);
        let websocket = |laws: &Laws, back| recent(&laws.websockets, back).map_or(WsId(u64::MAX), WsId);
        let what = match op {
            Op::Poll(packets) => {
                let Some(id) = self.laws.polls.first().copied() else { return };
                What::Input(answer(RequestId(id), body(self.revision, packets)))
            }
            Op::Posted => {
                let Some(id) = self.laws.posts.first().copied() else { return };
                What::Input(answer(RequestId(id), Bytes::from_static(b"ok")))
            }
            Op::Answer { request: back, status, body, binary } => What::Input(Input::Response {
                id: request(&self.laws, *back),
                status: *status,
                format: if *binary { BodyFormat::Binary } else { BodyFormat::Text },
                body: body.clone(),
            }),
            Op::Failed { request: back } => What::Input(Input::Failed { id: request(&self.laws, *back) }),
            Op::WsOpened { ws } => What::Input(Input::WsOpened { ws: websocket(&self.laws, *ws) }),
            Op::Frame { ws, frame } => {
                What::Input(Input::WsFrame { ws: websocket(&self.laws, *ws), frame: frame.clone() })
            }
            Op::WsClosed { ws } => What::Input(Input::WsClosed { ws: websocket(&self.laws, *ws) }),
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
                if self.draining == Draining::Always {
                    self.laws.input(&input);
                }
                self.session.handle(now, input);
                self.progresses();
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
                // What the application may not do now is for it to notice.
                let _ = match verb {
                    Verb::Send(text) => self.session.send(&Encoded::text(text)),
                    Verb::SendBinary => self.session.send(&Encoded::binary(Bytes::from_static(&[1, 2]))),
                    Verb::Close => {
                        self.closing = true;
                        self.session.close(now);
                        Ok(())
                    }
                };
                self.drain();
            }
        }
    }

    /// L4 and L5.
    fn timeout(&mut self) {
        let before = self.session.next_deadline();
        let now = self.tell();
        self.session.handle_timeout(now);
        self.progresses();
        if self.draining == Draining::Always {
            if before.is_none_or(|due| due > self.told) {
                assert_eq!(self.session.next_deadline(), before, "L5: a deadline moved");
                assert_eq!(self.drain(), 0, "L5: outputs before the deadline");
            } else {
                self.drain();
            }
        }
    }

    /// L4: what is due was done.
    fn progresses(&self) {
        let next = self.session.next_deadline();
        assert!(next.is_none_or(|due| due > self.told), "L4: {next:?} is due at {:?}", self.told);
    }

    /// The time to tell the session.
    fn tell(&mut self) -> Timestamp {
        self.told = self.told.max(self.now);
        match self.clock {
            Clock::AsItIs => self.now,
            Clock::Clamped => self.told,
        }
    }

    /// A server that is never heard of again is given up after a few deadlines.
    fn ends_alone(&mut self) {
        for _ in 0..20 {
            let Some(due) = self.session.next_deadline() else { break };
            self.step(Step { at: due, what: What::Timeout });
        }
        assert!(self.laws.is_closed(), "L4: alone and still open: {:?}", self.session.next_deadline());
        assert_eq!(self.session.next_deadline(), None, "a deadline after the end");
    }

    /// Takes everything out, and tells how much there was.
    fn drain(&mut self) -> usize {
        let before = self.outputs.len();
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    if self.draining == Draining::Always {
                        self.laws.transmit(&transmit);
                        self.readable(&transmit);
                    }
                    self.outputs.push(format!("{transmit:?}"));
                }
                Output::Event(event) => {
                    self.laws.event(&event);
                    self.events.push(format!("{event:?}"));
                    self.outputs.push(format!("{event:?}"));
                }
            }
        }
        if self.draining == Draining::Always {
            self.laws.at_rest(self.session.transport(), self.closing);
        }
        self.outputs.len() - before
    }

    /// L8: what is posted can be read.
    fn readable(&self, transmit: &Transmit) {
        if let Transmit::Request { body: Some(body), .. } = transmit {
            assert_eq!(body.format.revision(), self.revision);
            let mut packets = PacketsRef::new(body.format, &body.bytes[..]).expect("a payload");
            assert!(packets.all(|packet| packet.is_ok()), "{transmit:?}");
        }
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

fn recent(names: &[u64], back: usize) -> Option<u64> {
    names.iter().rev().nth(back).copied()
}
