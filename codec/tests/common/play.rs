//! Plays operations to a machine.

use bytes::Bytes;
use sio_codec::engineio::server::{BodyFormat, Input, RequestId, WsId};
use sio_codec::{Frame, Output, Timestamp};

use super::dialect::{Body, Dialect, Names};
use super::laws::Laws;
use super::ops::Op;
use super::subject::{CARRIER, Memory, START, Subject, carrier};

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

/// A life: the machine, its world, and what came out.
pub(crate) struct Play<M: Subject> {
    machine: M,
    dialect: Dialect,
    memory: Memory,
    laws: Laws,
    draining: Draining,
    clock: Clock,
    now: Timestamp,
    /// The latest time that the machine was told.
    told: Timestamp,
    names: u64,
    requests: Vec<u64>,
    posts: Vec<u64>,
    websockets: Vec<u64>,
    /// All events, as text.
    pub(crate) events: Vec<String>,
    /// All outputs, as text.
    pub(crate) outputs: Vec<String>,
}

impl<M: Subject> Play<M> {
    pub(crate) fn new(websocket: bool, dialect: Dialect, draining: Draining, clock: Clock) -> Self {
        let mut laws = Laws::default();
        laws.starts_on(CARRIER, websocket);
        let mut play = Self {
            machine: M::start(carrier(websocket), dialect),
            dialect,
            memory: Memory::default(),
            laws,
            draining,
            clock,
            now: START,
            told: START,
            names: CARRIER,
            requests: if websocket { Vec::new() } else { vec![CARRIER] },
            posts: Vec::new(),
            websockets: if websocket { vec![CARRIER] } else { Vec::new() },
            events: Vec::new(),
            outputs: Vec::new(),
        };
        play.drain();
        play
    }

    /// Plays the operations and then leaves the session alone, until it has ended of itself.
    pub(crate) fn whole_life(mut self, ops: &[Op]) -> Self {
        for op in ops {
            self.step(op);
        }
        self.drain();
        self.ends_alone();
        self
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Poll(names) => {
                let (id, revision) = (self.name_request(), self.dialect.revision(*names));
                self.input(Input::Poll { id, revision });
            }
            Op::Post(names, format) => {
                self.post(*names, *format);
            }
            Op::PostBody { body, binary } => self.post_body(body, *binary),
            Op::Body { post, body } => {
                let id = recent(&self.posts, *post).map_or(RequestId(u64::MAX), RequestId);
                let body = self.dialect.body(BodyFormat::Text, body);
                self.input(Input::Body { id, body });
            }
            Op::Beat => {
                let beat = self.dialect.beat();
                let ws = recent(&self.websockets, 0).map_or(WsId(u64::MAX), WsId);
                self.input(Input::WsFrame { ws, frame: Frame::from(beat) });
                self.post_body(&Body::Packets(vec![beat]), false);
            }
            Op::BodyTooLarge { post } => {
                let id = recent(&self.posts, *post).map_or(RequestId(u64::MAX), RequestId);
                self.input(Input::BodyTooLarge { id });
            }
            Op::Aborted { request } => {
                let id = recent(&self.requests, *request).map_or(RequestId(u64::MAX), RequestId);
                self.input(Input::Aborted { id });
            }
            Op::Upgrade(names, binary) => {
                let (ws, revision) = (WsId(self.name()), self.dialect.revision(*names));
                self.websockets.push(ws.0);
                self.input(Input::Upgrade { ws, revision, binary: *binary });
            }
            Op::Frame { ws, frame } => {
                let ws = recent(&self.websockets, *ws).map_or(WsId(u64::MAX), WsId);
                let frame = self.dialect.frame(frame);
                self.input(Input::WsFrame { ws, frame });
            }
            Op::WsClosed { ws } => {
                let ws = recent(&self.websockets, *ws).map_or(WsId(u64::MAX), WsId);
                self.input(Input::WsClosed { ws });
            }
            Op::Timeout(step) => {
                self.now = self.now.saturating_add(*step);
                self.timeout();
            }
            Op::Later(step) => self.now = self.now.saturating_add(*step),
            Op::Earlier(step) => self.now = Timestamp::ZERO.saturating_add(self.now.saturating_since(back(*step))),
            Op::Verb(verb) => {
                self.drain();
                self.timeout();
                self.drain();
                let now = self.tell();
                self.machine.act(now, *verb, &mut self.memory);
                self.drain();
            }
        }
    }

    fn post_body(&mut self, body: &Body, binary: bool) {
        let label = self.dialect.label(binary);
        let id = self.post(Names::Own, label);
        let body: Bytes = self.dialect.body(label, body);
        self.input(Input::Body { id, body });
    }

    fn post(&mut self, names: Names, format: BodyFormat) -> RequestId {
        let (id, revision) = (self.name_request(), self.dialect.revision(names));
        self.posts.push(id.0);
        self.input(Input::Post { id, revision, format });
        id
    }

    fn input(&mut self, input: Input) {
        if matches!(input, Input::Aborted { .. } | Input::WsClosed { .. }) {
            // What timers say to it comes before it went away.
            self.timeout();
        }
        let now = self.tell();
        if self.draining == Draining::Always {
            self.laws.input(&input);
        }
        self.machine.handle(now, input);
        self.after_input();
    }

    /// L4 and L5.
    fn timeout(&mut self) {
        let before = self.machine.next_deadline();
        let now = self.tell();
        self.machine.handle_timeout(now);
        self.progresses();
        if self.draining == Draining::Always {
            if before.is_none_or(|due| due > self.told) {
                assert_eq!(self.machine.next_deadline(), before, "L5: a deadline moved");
                assert_eq!(self.drain(), 0, "L5: outputs before the deadline");
            } else {
                self.drain();
            }
        }
    }

    fn after_input(&mut self) {
        self.progresses();
        if self.draining == Draining::Always {
            self.drain();
            self.progresses();
        }
    }

    /// L4: what is due was done.
    fn progresses(&self) {
        let next = self.machine.next_deadline();
        assert!(next.is_none_or(|due| due > self.told), "L4: {next:?} is due at {:?}", self.told);
    }

    /// The time to tell the machine.
    fn tell(&mut self) -> Timestamp {
        self.told = self.told.max(self.now);
        match self.clock {
            Clock::AsItIs => self.now,
            Clock::Clamped => self.told,
        }
    }

    /// A client that is never heard of again is forgotten after a few deadlines.
    fn ends_alone(&mut self) {
        for _ in 0..20 {
            let Some(due) = self.machine.next_deadline() else { break };
            self.now = due;
            let now = self.tell();
            self.machine.handle_timeout(now);
            self.progresses();
            self.drain();
        }
        assert!(self.laws.is_closed(), "L4: alone and still open: {:?}", self.machine.next_deadline());
        assert_eq!(self.machine.next_deadline(), None, "a deadline after the end");
    }

    /// Takes everything out, and tells how much there was.
    fn drain(&mut self) -> usize {
        let before = self.outputs.len();
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    if self.draining == Draining::Always {
                        self.laws.transmit(&transmit);
                        self.dialect.reads(&transmit);
                    }
                    self.outputs.push(format!("{transmit:?}"));
                }
                Output::Event(event) => {
                    self.laws.event(M::is_closed(&event));
                    self.events.push(format!("{event:?}"));
                    self.outputs.push(format!("{event:?}"));
                    M::note(event, &mut self.memory);
                }
            }
        }
        if self.draining == Draining::Always {
            self.laws.at_rest();
        }
        self.outputs.len() - before
    }

    fn name(&mut self) -> u64 {
        self.names += 1;
        self.names
    }

    fn name_request(&mut self) -> RequestId {
        let id = self.name();
        self.requests.push(id);
        RequestId(id)
    }
}

fn back(step: core::time::Duration) -> Timestamp {
    Timestamp::ZERO.saturating_add(step)
}

fn recent(names: &[u64], back: usize) -> Option<u64> {
    names.iter().rev().nth(back).copied()
}
