//! Plays operations on a server's machine.

use bytes::Bytes;
use sio_codec::engineio::server::{BodyFormat, Input, RequestId, Transmit, WsId};
use sio_codec::{Frame, Timestamp};

use super::dialect::{Body, Dialect, Names};
use super::laws::Laws;
use super::ops::{Op, Verb};
use super::subject::{CARRIER, Memory, Subject, carrier};
use crate::lives::moves::recent;
use crate::lives::player::{Clock, Draining, Player, What, World};

/// A client of a machine, with its latest actions.
pub(crate) struct Play<M: Subject> {
    player: Player<M, Site>,
    dialect: Dialect,
    names: u64,
    requests: Vec<u64>,
    posts: Vec<u64>,
    websockets: Vec<u64>,
}

/// The environment of a server's machine.
pub(crate) struct Site {
    dialect: Dialect,
    memory: Memory,
    laws: Laws,
    /// Whether the client has polled since something was last taken out.
    polled: bool,
}

impl<M: Subject> World<M> for Site {
    type Verb = Verb;

    fn after_timers(input: &Input) -> bool {
        // Results of timers come before the client goes away.
        matches!(input, Input::Aborted { .. } | Input::WsClosed { .. })
    }

    fn is_an_answer(&mut self, input: &Input) -> bool {
        matches!(input, Input::Poll { .. }) && core::mem::replace(&mut self.polled, true)
    }

    fn act(&mut self, machine: &mut M, now: Timestamp, verb: Verb) {
        machine.act(now, verb, &mut self.memory);
    }

    fn input(&mut self, input: &Input) {
        self.laws.input(input);
    }

    fn transmit(&mut self, transmit: &Transmit, draining: Draining) {
        self.polled = false;
        if draining == Draining::Always {
            self.laws.transmit(transmit);
        }
        self.dialect.reads(transmit).into_iter().for_each(|frame| M::arrives(frame, &mut self.memory));
    }

    fn event(&mut self, event: M::Event) {
        self.laws.event(M::is_closed(&event));
        M::note(event, &mut self.memory);
    }

    fn at_rest(&self, _: &M) {
        self.laws.at_rest();
    }
}

impl<M: Subject> Play<M> {
    pub(crate) fn new(websocket: bool, dialect: Dialect, draining: Draining, clock: Clock) -> Self {
        let mut laws = Laws::default();
        laws.starts_on(CARRIER, websocket);
        let site = Site { dialect, memory: Memory::default(), laws, polled: false };
        Self {
            player: Player::new(M::start(carrier(websocket), dialect), site, draining, clock),
            dialect,
            names: CARRIER,
            requests: if websocket { Vec::new() } else { vec![CARRIER] },
            posts: Vec::new(),
            websockets: if websocket { vec![CARRIER] } else { Vec::new() },
        }
    }

    /// Plays the operations and then leaves the session alone, until it ends: a server gives up a silent client after a
    /// few deadlines.
    pub(crate) fn whole_life(mut self, ops: &[Op]) -> Player<M, Site> {
        for op in ops {
            self.step(op);
        }
        self.player.rests_within(20);
        assert!(self.player.world.laws.is_closed(), "L4: alone and still open");
        self.player
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
            Op::Time(time) => self.player.passes(*time),
            Op::Verb(verb) => self.player.happens(What::Verb(*verb)),
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
        self.player.happens(What::Input(input));
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
