//! The network and the server around a client, and the clock.

mod client;
mod pongs;
mod server;
mod wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::Input;
use sio_codec::engineio::{BodyFormat, RequestId, WsId};
use sio_codec::{Frame, Timestamp};

use super::ids::Ids;
use super::script::{Act, Assembly, Body, End, Move, Script, Within};
use super::subject::{Patience, Subject};
use crate::party::driver::Doing;
use crate::replay::{Conditions, Difference, Evidence, Framing, Timeline};
use crate::trace::{Channel, Side};
use pongs::Pongs;
use wire::{Kind, State, Wire};

/// A client and its environment.
#[derive(Debug)]
pub(super) struct World<'a> {
    subject: &'a mut dyn Subject,
    assembly: Assembly,
    pub(super) now: Timestamp,
    conditions: Conditions,
    /// The requests and WebSockets that the client has started, in order.
    wires: BTreeMap<u64, Wire>,
    /// The request or WebSocket of each channel of the trace.
    channels: BTreeMap<Channel, u64>,
    /// The time of the last line of each channel.
    last: BTreeMap<Channel, Timestamp>,
    /// The time of the last line.
    latest: Timestamp,
    ids: Ids,
    pongs: Pongs,
    /// The server has answered a probe, and the client has neither upgraded nor lost that WebSocket.
    is_probed: bool,
    /// Why the trace does not apply to this client, which is known only while it is played.
    pub(super) unsuited: Option<&'static str>,
    /// The client has upgraded while a request was in flight.
    is_hasty: bool,
    /// The sids of sessions that the server has closed with a packet, in answer to a GET.
    closed: BTreeSet<String>,
    /// The trace may have several sessions.
    has_sessions: bool,
    pub(super) timeline: Timeline,
}

impl<'a> World<'a> {
    pub(super) fn new(subject: &'a mut dyn Subject, assembly: Assembly, conditions: Conditions) -> Self {
        Self {
            subject,
            assembly,
            now: Timestamp::ZERO,
            conditions,
            wires: BTreeMap::new(),
            channels: BTreeMap::new(),
            last: BTreeMap::new(),
            latest: Timestamp::ZERO,
            ids: Ids::default(),
            pongs: Pongs::default(),
            is_probed: false,
            unsuited: None,
            is_hasty: false,
            closed: BTreeSet::new(),
            has_sessions: false,
            timeline: Timeline::default(),
        }
    }

    /// Plays a script to its end, or to the first difference.
    pub(super) fn play(&mut self, script: &Script) -> Result<(), Difference> {
        self.has_sessions = script.end == End::Unsaid;
        // Such a client opens a session only when a namespace is joined.
        let early = script.first_connect().filter(|_| self.assembly == Assembly::Client && script.end != End::Unsaid);
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
                let refused = |actual| (format!("the client to {wish}"), actual);
                self.subject.wish(self.now, wish).map_err(refused)?;
            }
            Act::Expect(channel, expected, within) => self.expect(channel, expected, within.as_ref())?,
            Act::Hear(hear) => self.hear(hear)?,
            Act::Say(say) => self.say(say)?,
            Act::Pass { millis } => {
                self.timeline.note(self.now, format!("({millis} ms pass)"));
                self.pass(self.now.saturating_add(duration(*millis)));
            }
            Act::Quiet { millis } => self.quiet(*millis)?,
        }
        self.drain();
        self.latest = self.now;
        self.check_lanes()
    }

    /// Collects what the client does.
    fn drain(&mut self) {
        self.now = self.subject.now(self.now);
        while let Some(doing) = self.subject.poll_doing() {
            self.begin_or_end(doing);
        }
    }

    fn begin_or_end(&mut self, doing: Doing) {
        let at = self.now;
        let open = |query, kind| Wire { query, kind, state: State::Open, claimed: false, at };
        match doing {
            Doing::Get { id, query } => {
                self.wires.insert(id, open(query, Kind::Get));
            }
            Doing::Post { id, query, content_type, body } => {
                let packets = Framing::of(&query).packets(content_type.as_deref(), &body).into();
                let wire = open(query, Kind::Post { content_type, packets });
                let is_unasked = self.pongs.is_unasked(&wire, None);
                self.wires.insert(id, wire);
                if is_unasked {
                    self.timeline.set_aside(at, "", Side::Client, "post 3".to_owned());
                    self.settle_wire(id, &Body::Bare("ok".to_owned()));
                }
            }
            Doing::Open { id, query } => {
                self.wires.insert(id, open(query, Kind::Socket(VecDeque::new())));
            }
            Doing::Send { id, frame } => {
                let is_upgrade = matches!(&frame, Frame::Text(text) if *text == "5");
                self.is_probed &= !is_upgrade;
                self.is_hasty |= is_upgrade && self.in_flight(|kind| !matches!(kind, Kind::Socket(_))) > 0;
                let Some(wire) = self.wires.get_mut(&id) else { return };
                if self.pongs.is_unasked(wire, Some(&frame)) {
                    self.timeline.set_aside(at, "", Side::Client, "text 3".to_owned());
                } else if let Kind::Socket(sent) = &mut wire.kind {
                    sent.push_back((at, frame));
                }
            }
            Doing::GiveUp { id } => {
                if let Some(wire) = self.wires.get_mut(&id).filter(|wire| wire.state == State::Open) {
                    self.is_probed &= !matches!(wire.kind, Kind::Socket(_));
                    wire.state = State::GivenUp;
                    wire.at = at;
                }
            }
        }
    }

    /// A client has at most one GET and one POST in flight, and none when it upgrades.
    fn check_lanes(&self) -> Result<(), Differs> {
        let gets = self.in_flight(|kind| matches!(kind, Kind::Get));
        let posts = self.in_flight(|kind| matches!(kind, Kind::Post { .. }));
        if gets > 1 || posts > 1 {
            return Err(("at most one GET and one POST in flight".to_owned(), format!("{gets} and {posts}")));
        }
        if self.is_hasty {
            return Err(("no request in flight".to_owned(), "an upgrade meanwhile".to_owned()));
        }
        Ok(())
    }

    fn in_flight(&self, is_it: impl Fn(&Kind) -> bool) -> usize {
        // An attempt that was given up may still wait for its answer.
        let counts = |wire: &&Wire| !self.has_sessions || wire.names_session();
        self.wires.values().filter(counts).filter(|wire| wire.state == State::Open && is_it(&wire.kind)).count()
    }

    /// Moves the clock forward, and handles the client's deadlines.
    fn pass(&mut self, until: Timestamp) {
        self.drain();
        while let Some(at) = self.subject.pass(self.now, until) {
            self.now = at;
            self.drain();
        }
        self.now = self.now.max(until);
        self.drain();
    }

    fn tell(&mut self, input: Input) {
        self.subject.handle(self.now, input);
        self.drain();
    }

    /// Answers a request, with packets in the form that belongs to its query.
    fn answer(&mut self, id: u64, status: u16, content_type: Option<&str>, body: &Body) {
        let framing = self.wires.get(&id).map(|wire| Framing::of(&wire.query)).unwrap_or_default();
        let body = match body {
            Body::Payload(packets) => framing.join(content_type, packets),
            Body::Bare(text) => Bytes::from(text.clone()),
        };
        let format = BodyFormat::of_response(content_type);
        self.tell(Input::Response { id: RequestId(id), status, format, body });
    }
}

type Differs = (String, String);

/// The end of a script.
impl World<'_> {
    /// Checks that the session has ended if the trace says so, and that the client has done nothing unrequested.
    fn finish(&mut self, script: &Script) -> Result<(), Differs> {
        while self.subject.catch_up(Patience::Rest) {
            self.drain();
        }
        if matches!(script.end, End::Over | End::Left) {
            self.see_off();
        }
        if script.end == End::Over {
            while self.subject.closed().is_none() && self.subject.catch_up(Patience::Reaction) {
                self.drain();
            }
        }
        match (script.end, self.subject.closed()) {
            (End::Over, None) => return Err(("the session to be closed".to_owned(), "it is not".to_owned())),
            (End::Lives, Some(reason)) => {
                return Err(("a session that lives".to_owned(), format!("it is closed: {reason}")));
            }
            _ => {}
        }
        self.check_told(&[])?;
        let leftover = self.wires.values().find_map(|wire| wire.leftover(script));
        leftover.map_or(Ok(()), |actual| Err(("nothing more".to_owned(), actual)))
    }

    /// Lets a client that leaves send its last packets, and end its last poll.
    fn see_off(&mut self) {
        if let Some(id) = self.unclaimed(|kind| matches!(kind, Kind::Post { packets, .. } if *packets == ["1"])) {
            self.settle_wire(id, &Body::Bare("ok".to_owned()));
        }
        if let Some(id) = self.unclaimed(|kind| matches!(kind, Kind::Get)) {
            self.settle_wire(id, &Body::packet("6"));
        }
        // A probe that began too late.
        if let Some(id) = self.unclaimed(|kind| matches!(kind, Kind::Socket(_))) {
            if let Some(wire) = self.wires.get_mut(&id) {
                (wire.state, wire.claimed) = (State::Done, true);
            }
            self.tell(Input::WsClosed { ws: WsId(id) });
        }
    }
}

/// The lines of traces that are written for clients.
impl World<'_> {
    /// Lets time pass in which the client starts nothing. A GET of an open session is not new.
    fn quiet(&mut self, millis: i64) -> Result<(), Differs> {
        self.timeline.note(self.now, format!("({millis} ms of silence)"));
        self.pass(self.now.saturating_add(duration(millis)));
        let is_live = |sid: &String| !self.closed.contains(sid);
        let is_poll = |wire: &&Wire| matches!(wire.kind, Kind::Get) && wire.sid().is_some_and(|sid| is_live(&sid));
        let news = self.wires.values().filter(|wire| !is_poll(wire)).find_map(Wire::unread);
        let event = self.subject.told().front().cloned();
        news.or(event).map_or(Ok(()), |actual| Err(("silence".to_owned(), actual)))
    }

    /// Checks that something happened in its window.
    fn check_window(&self, channel: Option<&Channel>, at: Timestamp, within: Option<&Within>) -> Result<(), Differs> {
        let Some(Within { bounds, after }) = within else { return Ok(()) };
        let base = after.as_ref().or(channel).and_then(|channel| self.last.get(channel)).unwrap_or(&self.latest);
        let grace = self.conditions.grace;
        let passed = at.saturating_since(*base);
        let is_early = bounds.low.is_some_and(|low| passed + grace < duration(low));
        let is_late = bounds.high.is_some_and(|high| passed > duration(high) + grace);
        if is_early || is_late {
            let shown = |bound: Option<i64>| bound.map_or_else(String::new, |bound| bound.to_string());
            let expected = format!("{}..{} ms after the line before it", shown(bounds.low), shown(bounds.high));
            return Err((expected, format!("after {} ms", passed.as_millis())));
        }
        Ok(())
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn difference(script: &Script, line: u32, expected: String, actual: String) -> Difference {
    let rule = script.rules.get(&line).unwrap_or(&script.rule).clone();
    Difference { line, rule, evidence: Evidence::Content, expected, actual }
}
