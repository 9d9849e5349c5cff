//! The server's half: neighbouring S steps wait for what they describe.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::compare::Look;
use super::wire::{Kind, lossy};
use super::{Command, Difference, Evidence, Mode, Outgoing, Owner, Play, Replay, Seen, Stage, Verdict, duration};
use crate::trace::{Action, Bounds, Channel, Level, Server, Session, Weight};

/// How long a session that ought to be dead is given between two looks.
const GONE_INTERVAL: Duration = Duration::from_millis(50);

/// The S steps between two C steps.
#[derive(Debug)]
pub(super) struct Block {
    range: Range<usize>,
    /// The steps that were not seen yet.
    open: BTreeSet<usize>,
    entered: Timestamp,
    probe: Probe,
}

/// What was done about a step that concerns the whole session.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Probe {
    None,
    /// Silence is being listened to since then.
    Listening(Timestamp),
    /// A request of our own is under way.
    Asked,
    /// Its answer is here: `Err` says what is not as it should be, and when to look again.
    Answered(Result<(), (String, Timestamp)>),
}

impl Block {
    pub(super) fn new(plays: &[Play], start: usize, entered: Timestamp) -> Self {
        let is_server =
            |play: &&Play| matches!(play.step.action, Action::Server(..)) || is_session_check(&play.step.action);
        let len = plays.iter().skip(start).take_while(is_server).count();
        let range = start..start + len;
        Self { open: range.clone().collect(), range, entered, probe: Probe::None }
    }
}

const fn is_session_check(action: &Action) -> bool {
    matches!(action, Action::Session(Session::Gone(_) | Session::Alive | Session::Quiet(_)))
}

impl Replay {
    /// Looks at what has arrived; `true` if anything came of it.
    pub(super) fn check_block(&mut self) -> bool {
        let Stage::Expecting(block) = &self.stage else { return false };
        if block.open.is_empty() {
            self.cursor = block.range.end;
            self.stage = Stage::Ready;
            return true;
        }
        let mut busy: BTreeSet<Channel> = BTreeSet::new();
        for index in block.open.clone() {
            let Some(play) = self.plays.get(index).cloned() else { return false };
            let progressed = match &play.step.action {
                Action::Server(channel, expected) => {
                    busy.insert(channel.clone()) && self.check_channel(index, &play, channel, expected)
                }
                // It stands below the steps before it: first things first.
                Action::Session(_) if !busy.is_empty() => return false,
                Action::Session(session) => return self.check_session(index, &play, session),
                Action::Client(..) => false,
            };
            if progressed {
                return true;
            }
        }
        false
    }

    fn check_channel(&mut self, index: usize, play: &Play, channel: &Channel, expected: &Server) -> bool {
        let base = self.base(play, channel);
        self.bindings.bind("i", play.counter);
        let look = match self.channels.get_mut(channel) {
            None => Look::differs("a channel that was opened above", "there is none"),
            Some(wire) => wire.look(expected, &mut self.bindings, self.now),
        };
        self.bindings.unbind("i");
        match look {
            Look::Pending => self.check_overdue(index, play, channel, expected),
            Look::Matched { at, lenient } => self.matched(index, play, channel, at, base, lenient),
            Look::Differs { wanted, actual, evidence } => self.differs(index, play, evidence, wanted, actual),
        }
    }

    fn matched(
        &mut self,
        index: usize,
        play: &Play,
        channel: &Channel,
        at: Timestamp,
        base: Timestamp,
        lenient: Option<String>,
    ) -> bool {
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = wire.last.max(at);
        }
        if let Some(untimely) = self.untimely(play, at, base) {
            return self.untimely_step(index, play, untimely);
        }
        if let Some(actual) = lenient
            && play.step.notes.weight == Weight::Lenient
        {
            let difference = self.difference(play, Evidence::Content, play.step.to_string(), actual);
            self.remark(Difference { rule: difference.rule.clone().accepted(), ..difference });
        }
        self.close_step(index);
        true
    }

    /// Deals with a step that was seen, and so taken out of its channel, at the wrong time. A recording keeps its windows.
    fn untimely_step(&mut self, index: usize, play: &Play, actual: String) -> bool {
        let difference = self.difference(play, Evidence::Untimely, play.step.to_string(), actual);
        if let Mode::Judge(_) = self.mode {
            if !self.is_minor(play) {
                self.timeline.fault(self.now, None, &difference.expected);
                self.depart(difference);
                return false;
            }
            self.remark(difference);
        }
        self.close_step(index);
        true
    }

    /// What is wrong with the time at which something was seen.
    fn untimely(&self, play: &Play, at: Timestamp, base: Timestamp) -> Option<String> {
        let bounds = self.bounds(play)?;
        let slack = self.noise + self.conditions.grace;
        let after = at.saturating_since(base);
        let early = bounds.low.is_some_and(|low| after + slack < duration(low));
        let late = bounds.high.is_some_and(|high| after > duration(high) + slack);
        (early || late).then(|| format!("it came after {} ms", after.as_millis()))
    }

    fn bounds(&self, play: &Play) -> Option<Bounds> {
        play.step.notes.window.as_ref().and_then(|window| window.bounds(&self.bindings).ok())
    }

    /// The moment from which a step's window is counted.
    fn base(&self, play: &Play, channel: &Channel) -> Timestamp {
        let after = play.step.notes.window.as_ref().and_then(|window| window.after.as_ref());
        let wire = self.channels.get(after.unwrap_or(channel));
        wire.map_or(self.started, |wire| wire.last)
    }

    /// Whether a step that is still open has waited too long, or, for silence, long enough.
    fn check_overdue(&mut self, index: usize, play: &Play, channel: &Channel, expected: &Server) -> bool {
        let Some(deadline) = self.deadline(play, channel) else { return false };
        if deadline > self.now {
            return false;
        }
        if matches!(expected, Server::Quiet(_)) {
            self.close_step(index);
            return true;
        }
        let waited = self.now.saturating_since(self.base(play, channel)).as_millis();
        let on = if matches!(self.channels.get(channel).map(|wire| &wire.kind), Some(Kind::Request(_))) {
            "the request is still unanswered"
        } else {
            "nothing arrived"
        };
        self.differs(index, play, Evidence::Missing, play.step.to_string(), format!("{on} after {waited} ms"))
    }

    /// When a step has waited long enough.
    fn deadline(&self, play: &Play, channel: &Channel) -> Option<Timestamp> {
        let Stage::Expecting(block) = &self.stage else { return None };
        let base = self.base(play, channel);
        if let Action::Server(_, Server::Quiet(period)) = &play.step.action {
            let period = period.eval(&self.bindings).unwrap_or(0);
            return Some(base.max(block.entered).saturating_add(duration(period)));
        }
        let slack = self.noise + self.conditions.grace;
        Some(match self.bounds(play).and_then(|bounds| bounds.high) {
            // A little past the end, so that something late is reported as late and not as missing.
            Some(high) => base.saturating_add(duration(high) + slack + Duration::from_millis(100)),
            None => block.entered.max(base).saturating_add(self.conditions.step + self.noise),
        })
    }

    pub(super) fn block_deadline(&self, block: &Block) -> Option<Timestamp> {
        let mut busy: BTreeSet<&Channel> = BTreeSet::new();
        let mut deadlines = Vec::new();
        for index in &block.open {
            let play = self.plays.get(*index)?;
            match &play.step.action {
                Action::Server(channel, _) if busy.insert(channel) => deadlines.extend(self.deadline(play, channel)),
                Action::Server(..) | Action::Client(..) => {}
                Action::Session(_) if !busy.is_empty() => break,
                Action::Session(session) => {
                    deadlines.push(self.session_deadline(block, session));
                    break;
                }
            }
        }
        deadlines.into_iter().min()
    }

    fn session_deadline(&self, block: &Block, session: &Session) -> Timestamp {
        match (session, &block.probe) {
            (Session::Quiet(period), Probe::Listening(since)) => {
                since.saturating_add(duration(period.eval(&self.bindings).unwrap_or(0)))
            }
            (_, Probe::Answered(Err((_, again)))) => *again,
            _ => block.entered.saturating_add(self.conditions.step + self.noise),
        }
    }

    fn check_session(&mut self, index: usize, play: &Play, session: &Session) -> bool {
        let (now, conditions) = (self.now, self.conditions.step + self.noise);
        let Stage::Expecting(block) = &mut self.stage else { return false };
        let overdue = block.entered.saturating_add(conditions) <= now;
        match (session, block.probe.clone()) {
            (Session::Quiet(_), Probe::None) => {
                block.probe = Probe::Listening(now);
                true
            }
            (Session::Quiet(period), Probe::Listening(since)) => {
                let heartbeats = self.heartbeats;
                let noise = self
                    .channels
                    .iter_mut()
                    .find_map(|(name, wire)| Some(format!("{name} S {}", wire.unread(heartbeats)?)));
                if let Some(noise) = noise {
                    return self.differs(index, play, Evidence::Content, play.step.to_string(), noise);
                }
                let over = since.saturating_add(duration(period.eval(&self.bindings).unwrap_or(0))) <= now;
                if over {
                    self.close_step(index);
                }
                over
            }
            (_, Probe::Answered(Ok(()))) => {
                self.close_step(index);
                true
            }
            (_, Probe::Answered(Err((actual, _)))) if overdue => {
                self.differs(index, play, Evidence::Content, play.step.to_string(), actual)
            }
            (_, Probe::Asked) if overdue => {
                let actual = "a request of that session stays unanswered".to_owned();
                self.differs(index, play, Evidence::Content, play.step.to_string(), actual)
            }
            (_, Probe::Answered(Err((_, again)))) if again > now => false,
            (_, Probe::Asked) => false,
            (_, Probe::None | Probe::Listening(_) | Probe::Answered(Err(_))) => {
                block.probe = Probe::Asked;
                self.ask(play, session)
            }
        }
    }

    /// Sends the request that tells whether a session is gone, or a second client served.
    fn ask(&mut self, play: &Play, session: &Session) -> bool {
        let (owner, query) = match session {
            Session::Gone(sid) => match sid.render(&self.bindings) {
                Ok(sid) => (Owner::GoneProbe, format!("EIO=4&transport=polling&sid={sid}")),
                Err(unbound) => {
                    self.fail(play, "a sid", unbound.to_string());
                    return false;
                }
            },
            Session::Alive | Session::Wait(_) | Session::Quiet(_) => {
                (Owner::AliveProbe, "EIO=4&transport=polling".to_owned())
            }
        };
        let id = self.new_id(owner);
        let request =
            Outgoing { method: "GET".to_owned(), query, headers: Vec::new(), body: Bytes::new(), length: None };
        self.command(Command::Request { id, request });
        true
    }

    /// A dead session's sid is unknown: status 400 and, where the answer says more, code 1.
    //= EIO4-ERR-17
    pub(super) fn receive_gone(&mut self, seen: Seen) {
        let verdict = match seen {
            Seen::Answer(answer) if (400..500).contains(&answer.status) => {
                let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
                match body.as_ref().and_then(|body| body.get("code")) {
                    Some(code) if code.as_i64() != Some(1) && code.as_str() != Some("1") => {
                        Err(format!("the session is alive: its sid is answered {}", lossy(&answer.body)))
                    }
                    _ => Ok(()),
                }
            }
            Seen::Answer(answer) => Err(format!("the session is alive: its sid is answered {}", answer.status)),
            Seen::Lost(reason) => Err(reason),
            _ => return,
        };
        self.answered(verdict);
    }

    pub(super) fn receive_alive(&mut self, seen: Seen) {
        let verdict = match seen {
            Seen::Answer(answer) if answer.status == 200 && answer.body.starts_with(b"0{") => {
                self.leave_politely(&answer.body);
                Ok(())
            }
            Seen::Answer(answer) => Err(format!("a second client is answered {}", answer.status)),
            Seen::Lost(reason) => Err(format!("a second client is not served: {reason}")),
            _ => return,
        };
        self.answered(verdict);
    }

    fn leave_politely(&mut self, body: &[u8]) {
        let json = body.get(1..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_slice(json).into_iter::<serde_json::Value>();
        let open = values.next().and_then(Result::ok);
        if let Some(sid) = open.as_ref().and_then(|open| open.get("sid")).and_then(|sid| sid.as_str()) {
            self.courtesy(&format!("EIO=4&transport=polling&sid={sid}"), "1");
        }
    }

    fn answered(&mut self, verdict: Result<(), String>) {
        let again = self.now.saturating_add(GONE_INTERVAL);
        if let Stage::Expecting(block) = &mut self.stage {
            block.probe = Probe::Answered(verdict.map_err(|actual| (actual, again)));
        }
    }

    fn close_step(&mut self, index: usize) {
        if let Stage::Expecting(block) = &mut self.stage {
            block.open.remove(&index);
            block.probe = Probe::None;
        }
    }

    /// Deals with a step that is not as written.
    fn differs(&mut self, index: usize, play: &Play, evidence: Evidence, expected: String, actual: String) -> bool {
        if play.step.notes.weight == Weight::Lenient && self.is_optional(play) {
            self.close_step(index);
            return true;
        }
        if let Mode::Record(_) = self.mode {
            self.close_step(index);
            self.rewrite(index);
            return true;
        }
        let difference = self.difference(play, evidence, expected, actual);
        if play.step.notes.weight == Weight::Setup {
            self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
            self.conclude(Verdict::HeldUp(difference));
            return false;
        }
        if self.is_minor(play) {
            self.pass_over(play);
            self.remark(difference);
            self.close_step(index);
            return true;
        }
        self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
        self.depart(difference);
        false
    }

    /// Whether a step weighs less than what its trace is about, so that the play goes on without it.
    fn is_minor(&self, play: &Play) -> bool {
        let weight = |level: Option<Level>| level.map(Level::rank);
        play.step.notes.weight == Weight::Should
            || weight(self.rule.for_step(&play.step).level) > weight(self.rule.level)
    }

    /// Where the timeline has what a step was compared with.
    fn front_entry(&self, play: &Play) -> Option<usize> {
        play.step.channel().and_then(|channel| self.channels.get(channel)).and_then(super::wire::Wire::front_entry)
    }

    /// Whether a step asks for a packet of a payload that has none left: with `lenient`, it need not be there.
    fn is_optional(&self, play: &Play) -> bool {
        let Action::Server(channel, Server::Packet(_)) = &play.step.action else { return false };
        let wire = self.channels.get(channel);
        wire.is_some_and(|wire| matches!(&wire.kind, Kind::Request(exchange) if exchange.answer.is_read()))
    }

    /// Takes what does not fit out of its channel, so that the next step sees what follows it.
    pub(super) fn pass_over(&mut self, play: &Play) {
        if let (Some(channel), Action::Server(_, expected)) = (play.step.channel(), &play.step.action)
            && let Some(wire) = self.channels.get_mut(channel)
        {
            wire.skip(expected);
        }
    }

    fn remark(&mut self, difference: Difference) {
        if let Mode::Judge(notes) = &mut self.mode {
            notes.push(difference);
        }
    }
}
