//! The network and the server around a client, and the clock.

mod client;
mod server;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::engineio::{BodyFormat, RequestId, WsId};
use sio_codec::{Frame, Timestamp};

use super::ids::Ids;
use super::script::{Act, Assembly, Move, Script};
use super::subject::Subject;
use crate::replay::{Conditions, Difference, Evidence, Timeline};
use crate::trace::Channel;
use wire::{Kind, State, Wire};

/// A client and its environment.
#[derive(Debug)]
pub(super) struct World {
    subject: Subject,
    assembly: Assembly,
    pub(super) now: Timestamp,
    conditions: Conditions,
    /// The requests and WebSockets that the client has started, in order.
    wires: BTreeMap<u64, Wire>,
    /// The request or WebSocket of each channel of the trace.
    channels: BTreeMap<Channel, u64>,
    /// The time of the last line of each channel.
    last: BTreeMap<Channel, Timestamp>,
    ids: Ids,
    /// The server has answered a probe, and no poll since then.
    is_probed: bool,
    /// The client has upgraded while a request was in flight.
    is_hasty: bool,
    pub(super) timeline: Timeline,
}

impl World {
    pub(super) fn new(script: &Script, assembly: Assembly, conditions: Conditions) -> Self {
        let now = Timestamp::ZERO;
        Self {
            subject: Subject::new(now, &script.setup, assembly),
            assembly,
            now,
            conditions,
            wires: BTreeMap::new(),
            channels: BTreeMap::new(),
            last: BTreeMap::new(),
            ids: Ids::default(),
            is_probed: false,
            is_hasty: false,
            timeline: Timeline::default(),
        }
    }

    /// Plays a script to its end, or to the first difference.
    pub(super) fn play(&mut self, script: &Script) -> Result<(), Difference> {
        // Such a client opens a session only when a namespace is joined.
        let early = script.first_connect().filter(|_| self.assembly == Assembly::Client);
        let moves = script.moves.iter().enumerate();
        let later = moves.clone().filter(|(at, _)| Some(*at) != early);
        for (_, Move { line, act }) in moves.filter(|(at, _)| Some(*at) == early).chain(later) {
            self.act(act).map_err(|(expected, actual)| difference(script, *line, expected, actual))?;
        }
        self.finish(script).map_err(|(expected, actual)| difference(script, 0, expected, actual))
    }

    fn act(&mut self, act: &Act) -> Result<(), Differs> {
        match act {
            Act::Wish(wish) => {
                let refused = |actual| (format!("the verb for {wish:?}"), actual);
                self.subject.wish(self.now, wish).map_err(refused)?;
            }
            Act::Expect(channel, expected) => self.expect(channel, expected)?,
            Act::Say(say) => self.say(say)?,
            Act::Pass { millis } => {
                self.timeline.note(self.now, format!("({millis} ms pass)"));
                self.pass(self.now.saturating_add(duration(*millis)));
            }
        }
        self.drain();
        self.check_lanes()
    }

    /// Collects what the client does.
    fn drain(&mut self) {
        while let Some(transmit) = self.subject.poll_transmit() {
            self.begin_or_end(transmit);
        }
    }

    fn begin_or_end(&mut self, transmit: Transmit) {
        let open = |query, kind| Wire { query, kind, state: State::Open, claimed: false };
        match transmit {
            Transmit::Request { id, query, body: None } => {
                self.wires.insert(id.0, open(query, Kind::Get));
            }
            Transmit::Request { id, query, body: Some(body) } => {
                let payload = String::from_utf8_lossy(&body.bytes);
                let packets = payload.split('\u{1e}').map(str::to_owned).collect();
                self.wires.insert(id.0, open(query, Kind::Post(packets)));
            }
            Transmit::WsConnect { ws, query } => {
                self.wires.insert(ws.0, open(query, Kind::Socket(VecDeque::new())));
            }
            Transmit::WsSend { ws, frame } => {
                let is_upgrade = matches!(&frame, Frame::Text(text) if *text == "5");
                self.is_hasty |= is_upgrade && self.in_flight(|kind| !matches!(kind, Kind::Socket(_))) > 0;
                if let Some(Wire { kind: Kind::Socket(sent), .. }) = self.wires.get_mut(&ws.0) {
                    sent.push_back(frame);
                }
            }
            Transmit::Cancel { id: RequestId(id) } | Transmit::WsClose { ws: WsId(id) } => {
                if let Some(wire) = self.wires.get_mut(&id).filter(|wire| wire.state == State::Open) {
                    wire.state = State::GivenUp;
                }
            }
        }
    }

    /// A client has at most one GET and one POST in flight, and none when it upgrades.
    fn check_lanes(&self) -> Result<(), Differs> {
        let gets = self.in_flight(|kind| matches!(kind, Kind::Get));
        let posts = self.in_flight(|kind| matches!(kind, Kind::Post(_)));
        if gets > 1 || posts > 1 {
            return Err(("at most one GET and one POST in flight".to_owned(), format!("{gets} and {posts}")));
        }
        if self.is_hasty {
            return Err(("no request in flight".to_owned(), "an upgrade meanwhile".to_owned()));
        }
        Ok(())
    }

    fn in_flight(&self, is_it: impl Fn(&Kind) -> bool) -> usize {
        self.wires.values().filter(|wire| wire.state == State::Open && is_it(&wire.kind)).count()
    }

    /// Moves the clock forward, and handles the client's deadlines.
    fn pass(&mut self, until: Timestamp) {
        self.drain();
        while let Some(due) = self.subject.next_deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.subject.handle_timeout(self.now);
            self.drain();
        }
        self.now = self.now.max(until);
        self.subject.handle_timeout(self.now);
        self.drain();
    }

    fn tell(&mut self, input: Input) {
        self.subject.handle(self.now, input);
        self.drain();
    }

    fn answer(&mut self, id: u64, status: u16, body: String) {
        let (format, body) = (BodyFormat::Text, Bytes::from(body));
        self.tell(Input::Response { id: RequestId(id), status, format, body });
    }
}

type Differs = (String, String);

/// The end of a script.
impl World {
    /// Checks that the session has ended if the trace says so, and that the client has done nothing unrequested.
    fn finish(&mut self, script: &Script) -> Result<(), Differs> {
        if script.ends {
            self.see_off();
            if self.subject.closed.is_none() {
                return Err(("the session to be closed".to_owned(), "it is not".to_owned()));
            }
        } else if let Some(reason) = &self.subject.closed {
            return Err(("a session that lives".to_owned(), format!("it is closed: {reason}")));
        }
        self.check_told(&[])?;
        let leftover = self.wires.values().find_map(|wire| wire.leftover(script));
        leftover.map_or(Ok(()), |actual| Err(("nothing more".to_owned(), actual)))
    }

    /// Lets a client that leaves send its last packets.
    fn see_off(&mut self) {
        if let Some(id) = self.unclaimed(|kind| matches!(kind, Kind::Post(packets) if *packets == ["1"])) {
            self.settle_wire(id, "ok");
        }
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn difference(script: &Script, line: u32, expected: String, actual: String) -> Difference {
    Difference { line, rule: script.rule.clone(), evidence: Evidence::Content, expected, actual }
}
