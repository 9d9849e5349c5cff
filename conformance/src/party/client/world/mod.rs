//! The network and the server around a client, and the course of time.

mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::engineio::{BodyFormat, RequestId, WsId};
use sio_codec::{Frame, Text, Timestamp};

use super::ids::Ids;
use super::script::{Act, Assembly, Expected, Move, Say, Saying, Script};
use super::subject::Subject;
use crate::replay::{Conditions, Difference, Evidence, Timeline, hex, shorten};
use crate::trace::{Bindings, Channel, Comparison, Pattern, Side};
use wire::{Kind, State, Wire, describe, same_query};

/// A client and everything outside of it.
#[derive(Debug)]
pub(super) struct World {
    subject: Subject,
    assembly: Assembly,
    pub(super) now: Timestamp,
    conditions: Conditions,
    /// What the client has begun, in this order.
    wires: BTreeMap<u64, Wire>,
    /// Which of it a channel of the trace is.
    channels: BTreeMap<Channel, u64>,
    /// When the last line of a channel was played.
    last: BTreeMap<Channel, Timestamp>,
    ids: Ids,
    /// The server has answered a probe, and no poll since.
    is_probed: bool,
    /// The client has upgraded while a request was in flight.
    is_hasty: bool,
    pub(super) timeline: Timeline,
}

/// What comes of looking for something that the client should have done.
enum Look {
    Pending,
    Seen,
    /// Some of it is there, and the rest may follow.
    Part,
    Differs(String, String),
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
        // Nothing but the wish for a namespace makes a client open a session.
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

    /// Takes out what the client does.
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

    /// A client has at most one GET and one POST in flight, and none at all when it upgrades.
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

    /// Lets time pass, and the client's deadlines with it.
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

/// The client's lines.
impl World {
    /// Waits until the client has done something.
    fn expect(&mut self, channel: &Channel, expected: &Expected) -> Result<(), Differs> {
        let until = self.now.saturating_add(self.conditions.step);
        let mut taken = 0;
        self.drain();
        loop {
            match self.look(channel, expected, &mut taken) {
                Look::Seen => break,
                Look::Differs(expected, actual) => return Err((expected, actual)),
                Look::Part => {}
                Look::Pending if self.release_poll() => {}
                Look::Pending => {
                    let due = self.subject.next_deadline().filter(|due| *due <= until);
                    let Some(due) = due else { return Err((expected.to_string(), self.pending(channel))) };
                    self.pass(due);
                }
            }
        }
        self.last.insert(channel.clone(), self.now);
        self.timeline.client(self.now, channel, expected.to_string());
        Ok(())
    }

    /// Nothing happens any more, although something should.
    fn pending(&self, channel: &Channel) -> String {
        if let Some(reason) = &self.subject.closed {
            return format!("the session is closed: {reason}");
        }
        let others: Vec<_> = self.wires.values().filter_map(Wire::unread).collect();
        if others.is_empty() { format!("nothing on channel {channel}") } else { others.join(", ") }
    }

    fn look(&mut self, channel: &Channel, expected: &Expected, taken: &mut usize) -> Look {
        match expected {
            Expected::Get { query } => self.claim(channel, query, |kind| matches!(kind, Kind::Get)),
            Expected::Post { query, packets } => self.claim_post(channel, query, packets, taken),
            Expected::Open { query } => {
                let look = self.claim(channel, query, |kind| matches!(kind, Kind::Socket(_)));
                if let (Look::Seen, Some(id)) = (&look, self.channels.get(channel)) {
                    self.tell(Input::WsOpened { ws: WsId(*id) });
                }
                look
            }
            Expected::Text(text, comparison) => match self.next_frame(channel) {
                None => Look::Pending,
                Some(Frame::Text(actual)) => self.compare(text, *comparison, actual.as_str()),
                Some(Frame::Binary(bytes)) => Look::Differs(expected.to_string(), format!("binary {}", hex(&bytes))),
            },
            Expected::Binary(wanted) => match self.next_frame(channel) {
                None => Look::Pending,
                Some(Frame::Binary(bytes)) if bytes == *wanted => Look::Seen,
                Some(frame) => Look::Differs(expected.to_string(), describe(&frame)),
            },
            Expected::Close => match self.channels.get(channel).and_then(|id| self.wires.get(id)) {
                Some(Wire { kind: Kind::Socket(sent), state: State::GivenUp, .. }) => match sent.front() {
                    Some(frame) => Look::Differs(expected.to_string(), describe(frame)),
                    None => Look::Seen,
                },
                _ => Look::Pending,
            },
        }
    }

    fn next_frame(&mut self, channel: &Channel) -> Option<Frame> {
        match &mut self.wires.get_mut(self.channels.get(channel)?)?.kind {
            Kind::Socket(sent) => sent.pop_front(),
            Kind::Get | Kind::Post(_) => None,
        }
    }

    fn compare(&mut self, wanted: &str, comparison: Comparison, actual: &str) -> Look {
        let translated = self.ids.of_trace(actual, wanted);
        match Pattern::literal(wanted).matches(&translated, comparison, &mut Bindings::default()) {
            Ok(()) => Look::Seen,
            Err(mismatch) => Look::Differs(shorten(wanted), format!("{}: {mismatch}", shorten(actual))),
        }
    }

    /// Finds the oldest request or WebSocket of a kind that no line was about yet.
    fn claim(&mut self, channel: &Channel, query: &str, is_it: fn(&Kind) -> bool) -> Look {
        let found =
            self.wires.iter_mut().find(|(_, wire)| !wire.claimed && wire.state == State::Open && is_it(&wire.kind));
        let Some((id, wire)) = found else { return Look::Pending };
        if !same_query(query, &wire.query) {
            return Look::Differs(query.to_owned(), wire.query.clone());
        }
        wire.claimed = true;
        self.channels.insert(channel.clone(), *id);
        Look::Seen
    }

    /// A client may spread over several POSTs what the trace has in one.
    fn claim_post(&mut self, channel: &Channel, query: &str, packets: &[String], taken: &mut usize) -> Look {
        let wanted = packets.get(*taken..).unwrap_or_default();
        let actual = self.wires.values().find_map(|wire| match wire {
            Wire { kind: Kind::Post(packets), state: State::Open, claimed: false, .. } => Some(packets.clone()),
            _ => None,
        });
        let Some(actual) = actual else { return Look::Pending };
        if actual.len() > wanted.len() {
            return Look::Differs(shorten(&wanted.join(" ")), shorten(&actual.join(" ")));
        }
        for (wanted, actual) in wanted.iter().zip(&actual) {
            let look = self.compare(wanted, Comparison::Json, actual);
            if !matches!(look, Look::Seen) {
                return look;
            }
        }
        let look = self.claim(channel, query, |kind| matches!(kind, Kind::Post(_)));
        if !matches!(look, Look::Seen) || actual.len() == wanted.len() {
            return look;
        }
        *taken += actual.len();
        self.settle(channel, "ok");
        Look::Part
    }
}

/// What the server does without being told by the trace.
impl World {
    /// Answers a request that is no line of its own.
    fn settle(&mut self, channel: &Channel, body: &str) {
        let Some(id) = self.channels.get(channel).copied() else { return };
        self.settle_wire(id, body);
    }

    fn settle_wire(&mut self, id: u64, body: &str) {
        if let Some(wire) = self.wires.get_mut(&id) {
            (wire.state, wire.claimed) = (State::Done, true);
            self.timeline.set_aside(self.now, "", Side::Server, format!("200 {body}"));
            self.answer(id, 200, body.to_owned());
        }
    }

    fn unclaimed(&self, is_it: impl Fn(&Kind) -> bool) -> Option<u64> {
        let mut wires = self.wires.iter();
        let found = wires.find(|(_, wire)| !wire.claimed && wire.state == State::Open && is_it(&wire.kind));
        found.map(|(id, _)| *id)
    }

    /// Whoever polls while an upgrade is probed gets a noop, so that polling can pause.
    fn release_poll(&mut self) -> bool {
        let poll = self.unclaimed(|kind| matches!(kind, Kind::Get)).filter(|_| self.is_probed);
        if let Some(id) = poll {
            // A client that pauses does not poll again.
            self.is_probed = false;
            self.settle_wire(id, "6");
        }
        poll.is_some()
    }
}

/// The server's lines.
impl World {
    fn say(&mut self, say: &Say) -> Result<(), Differs> {
        if let Some((millis, after)) = &say.delay {
            let since = self.last.get(after).copied().unwrap_or(self.now);
            self.pass(since.saturating_add(duration(*millis)));
        }
        let id = self.channels.get(&say.channel).copied();
        let Some((id, wire)) = id.and_then(|id| Some((id, self.wires.get_mut(&id)?))) else {
            return Err((format!("a client on channel {}", say.channel), "nobody is there".to_owned()));
        };
        if wire.state == State::Open {
            if !matches!(say.saying, Saying::Text(_) | Saying::Binary(_)) {
                wire.state = State::Done;
            }
            self.timeline.server(self.now, &say.channel, say.saying.to_string());
            self.deliver(id, &say.saying);
        } else {
            let shown = format!("{} (nobody listens)", say.saying);
            self.timeline.set_aside(self.now, &say.channel, Side::Server, shown);
        }
        self.last.insert(say.channel.clone(), self.now);
        self.check_told(&say.told)
    }

    fn deliver(&mut self, id: u64, saying: &Saying) {
        match saying {
            Saying::Answer { status, body } => {
                let packets: Vec<_> = body.split('\u{1e}').map(|packet| self.ids.of_client(packet)).collect();
                self.answer(id, *status, packets.join("\u{1e}"));
            }
            Saying::Lost => self.tell(Input::Failed { id: RequestId(id) }),
            Saying::Text(text) => {
                self.is_probed |= text == "3probe";
                let frame = Frame::Text(Text::from(self.ids.of_client(text)));
                self.tell(Input::WsFrame { ws: WsId(id), frame });
            }
            Saying::Binary(bytes) => {
                self.tell(Input::WsFrame { ws: WsId(id), frame: Frame::Binary(bytes.clone()) });
            }
            Saying::Closed => self.tell(Input::WsClosed { ws: WsId(id) }),
        }
    }

    /// The application learns all that the server said, and nothing else.
    fn check_told(&mut self, wanted: &[String]) -> Result<(), Differs> {
        let told: Vec<_> = self.subject.told.drain(..).collect();
        let shown = |told: &[String]| if told.is_empty() { "nothing".to_owned() } else { shorten(&told.join(", ")) };
        if told == wanted {
            Ok(())
        } else {
            Err((format!("the application is told {}", shown(wanted)), format!("it is told {}", shown(&told))))
        }
    }
}

/// The end.
impl World {
    /// The session has ended if the trace says so, and the client has done nothing but what it was asked for.
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

    /// A client that leaves may still say so.
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
