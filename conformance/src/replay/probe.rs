//! Checks of the whole session: whether it is gone, whether a second client is served, and whether all is silent.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::command::{Answer, Command, Outgoing, Seen};
use super::excerpt::lossy;
use super::outcome::{Departure, Evidence};
use super::plays::Play;
use super::refusal::{is_alike, unknown};
use super::stage::{Advance, Awaited, Block, Owner, Probe, Replay, Stage};
use super::timer::duration;
use super::wire::describe;
use crate::trace::{Expr, Node, Pattern, Revision, Session, Transport};

/// The time between two probes of a session that should end, if the trace gives it time.
const GONE_INTERVAL: Duration = Duration::from_millis(50);

/// A WebSocket that stays open this long was accepted.
const SETTLED: Duration = Duration::from_millis(150);

/// The beginning of a sid that no server has assigned; it has the length of the reference's sids.
const NOBODY: &str = "nobody-has-this-sid-";

impl Replay {
    pub(super) fn session_deadline(&self, block: &Block, play: &Play, session: &Session) -> Timestamp {
        match (session, block.probe.clone()) {
            (Session::Quiet(period), Probe::Listening(since)) => self.silence_ends(since, period),
            (Session::Gone(_), Probe::LetIn(since)) => since.saturating_add(self.settled()),
            (Session::Gone(_), Probe::Answered(asked, Err(_))) if self.may_ask_again(play, asked) => {
                asked.saturating_add(GONE_INTERVAL)
            }
            (_, Probe::Asked(since) | Probe::LetIn(since) | Probe::Compared(since, _)) => {
                since.saturating_add(self.patience())
            }
            _ => self.now,
        }
    }

    fn silence_ends(&self, since: Timestamp, period: &Expr) -> Timestamp {
        let period = duration(period.eval(&self.bindings).unwrap_or(0));
        since.saturating_add(period + self.conditions.round_trip)
    }

    fn settled(&self) -> Duration {
        SETTLED + self.conditions.round_trip + self.lateness
    }

    /// Whether to probe again: a session that need not be gone at once is probed until its time is over.
    fn may_ask_again(&self, play: &Play, asked: Timestamp) -> bool {
        let high = self.bounds(play).and_then(|bounds| bounds.high);
        let Stage::Expecting(block) = &self.stage else { return false };
        high.is_some_and(|high| asked <= block.entered.saturating_add(duration(high) + self.slack()))
    }

    pub(super) fn check_session(&mut self, awaited: &Awaited, session: &Session) -> Advance {
        let (now, play) = (self.now, &awaited.play);
        let Stage::Expecting(block) = &mut self.stage else { return Advance::Waits };
        match (session, block.probe.clone()) {
            (Session::Quiet(_), Probe::None) => {
                block.probe = Probe::Listening(now);
                Advance::Moved
            }
            (Session::Quiet(period), Probe::Listening(since)) => self.check_silence(awaited, period, since),
            (_, Probe::Answered(_, Ok(()))) => self.confirmed(awaited, session),
            (Session::Gone(_), Probe::Answered(asked, Err(_))) if self.may_ask_again(play, asked) => {
                if asked.saturating_add(GONE_INTERVAL) > now { Advance::Waits } else { self.ask(play, session) }
            }
            (_, Probe::Answered(_, Err(actual))) => self.probe_differs(awaited, Evidence::Content, actual),
            (Session::Gone(_), Probe::LetIn(since)) if since.saturating_add(self.settled()) <= now => {
                self.answered(Err("the session is alive: its sid opens a WebSocket".to_owned()));
                Advance::Moved
            }
            (_, Probe::Asked(since) | Probe::LetIn(since) | Probe::Compared(since, _))
                if since.saturating_add(self.patience()) <= now =>
            {
                let actual = match session {
                    Session::Gone(_) => "a request of that session stays unanswered",
                    Session::Alive | Session::Wait(_) | Session::Quiet(_) | Session::Call(_) | Session::Event(_) => {
                        "a second client gets no answer"
                    }
                };
                self.probe_differs(awaited, Evidence::Missing, actual.to_owned())
            }
            (_, Probe::Asked(_) | Probe::LetIn(_) | Probe::Compared(..)) => Advance::Waits,
            (_, Probe::None | Probe::Listening(_)) => self.ask(play, session),
        }
    }

    /// The answer to a probe is as it should be.
    fn confirmed(&mut self, awaited: &Awaited, session: &Session) -> Advance {
        if let Session::Gone(sid) = session
            && let Some(actual) = self.gone_by_timer(sid)
        {
            return self.ended_in_time(awaited, actual);
        }
        self.close_step(awaited.index)
    }

    fn probe_differs(&mut self, awaited: &Awaited, evidence: Evidence, actual: String) -> Advance {
        self.differs(awaited, Departure::new(evidence, awaited.play.step.to_string(), actual))
    }

    fn check_silence(&mut self, awaited: &Awaited, period: &Expr, since: Timestamp) -> Advance {
        let heartbeats = self.asides.heartbeats;
        let news = self.channels.iter().find_map(|(name, wire)| {
            let evidence = if wire.saw_end() { Evidence::Ended } else { Evidence::Content };
            Some((evidence, format!("{name} S {}", wire.unread(heartbeats)?)))
        });
        if let Some((evidence, news)) = news {
            return self.probe_differs(awaited, evidence, news);
        }
        if self.silence_ends(since, period) > self.now {
            return Advance::Waits;
        }
        self.close_step(awaited.index)
    }

    /// What is to be said if a session that is gone may have been ended by another timer than the trace is about. The time
    /// of the answer counts: a GET that asks waits if the session is alive, and may be refused when a timer ends that.
    fn gone_by_timer(&self, sid: &Pattern) -> Option<String> {
        let sid = sid.render(&self.bindings).ok()?;
        let (timer, after) = self.sessions.ended(&sid, self.now, &self.conditions)?;
        (!self.is_about(timer)).then(|| {
            format!("it was gone {} ms after the last sign of life, when {timer} ends any session", after.as_millis())
        })
    }

    /// Starts a probe: whether a session is gone, or whether a second client is served.
    fn ask(&mut self, play: &Play, session: &Session) -> Advance {
        let transport = self.conditions.probe.as_str();
        let (owner, name, node, query) = match session {
            Session::Gone(pattern) => match pattern.render_query(&self.bindings) {
                Ok(sid) => {
                    let revision = self.revision_of(pattern).number();
                    let node = self.node_of(pattern);
                    (Owner::GoneProbe, "gone", node, format!("EIO={revision}&transport={transport}&sid={sid}"))
                }
                Err(unbound) => return self.hold_up(play, unbound.to_string()),
            },
            Session::Alive | Session::Wait(_) | Session::Quiet(_) | Session::Call(_) | Session::Event(_) => {
                (Owner::AliveProbe, "alive", Node::FIRST, format!("EIO=4&transport={transport}"))
            }
        };
        let now = self.now;
        if let Stage::Expecting(block) = &mut self.stage {
            block.probe = Probe::Asked(now);
        }
        let id = self.new_id(owner);
        match self.conditions.probe {
            Transport::Polling => {
                self.timeline.client(now, name, format!("get {query}"));
                let request =
                    Outgoing { method: "GET".to_owned(), query, headers: Vec::new(), body: Bytes::new(), length: None };
                self.command(Command::Request { id, node, request });
            }
            Transport::Websocket => {
                self.timeline.client(now, name, format!("open {query}"));
                self.command(Command::Open { id, node, query, headers: Vec::new() });
            }
        }
        Advance::Moved
    }

    /// The server of the session with this sid.
    fn node_of(&self, sid: &Pattern) -> Node {
        self.sessions.node(&sid.render(&self.bindings).unwrap_or_default())
    }

    fn revision_of(&self, sid: &Pattern) -> Revision {
        let sid = sid.render(&self.bindings).unwrap_or_default();
        self.sessions.framing(&sid).revision
    }

    /// The sid of an ended session is unknown: status 400 and, if the body has a code, code 1. A WebSocket for it is
    /// refused, or closed as soon as it is open.
    //= EIO4-ERR-17
    pub(super) fn receive_gone(&mut self, seen: Seen) {
        self.log_probe("gone", &seen);
        let verdict = match seen {
            Seen::Answer(answer) if unknown(&answer).is_err() => return self.compare(answer),
            Seen::Answer(answer) | Seen::Refused(answer) => unknown(&answer),
            Seen::Lost(reason) | Seen::Flooded(reason) => Err(reason),
            Seen::Opened => return self.let_in(),
            Seen::Closed(_) | Seen::Broken(_) => Ok(()),
            Seen::Text(text) if text.starts_with('1') => Ok(()),
            Seen::Text(_) | Seen::Binary(_) => Err("the session is alive: its sid opens a WebSocket".to_owned()),
            Seen::Head(_) | Seen::Pong(_) => return,
        };
        self.answered(verdict);
    }

    /// A server may describe an unknown sid differently; other cases test that. The same answer as for a sid that never
    /// existed is enough.
    fn compare(&mut self, answer: Answer) {
        let Stage::Expecting(block) = &mut self.stage else { return };
        let Probe::Asked(asked) = block.probe else { return };
        block.probe = Probe::Compared(asked, answer);
        let id = self.new_id(Owner::NobodyProbe);
        let query = format!("EIO=4&transport=polling&sid={NOBODY}");
        self.timeline.client(self.now, "gone", format!("get {query}"));
        let request =
            Outgoing { method: "GET".to_owned(), query, headers: Vec::new(), body: Bytes::new(), length: None };
        self.command(Command::Request { id, node: Node::FIRST, request });
    }

    pub(super) fn receive_nobody(&mut self, seen: Seen) {
        self.log_probe("gone", &seen);
        let Stage::Expecting(Block { probe: Probe::Compared(_, answer), .. }) = &self.stage else { return };
        let verdict = match seen {
            Seen::Answer(nobody) if is_alike(answer, &nobody) => Ok(()),
            _ => unknown(answer),
        };
        self.answered(verdict);
    }

    pub(super) fn receive_alive(&mut self, seen: Seen) {
        self.log_probe("alive", &seen);
        let verdict = match seen {
            Seen::Answer(answer) if answer.status == 200 && opening(&answer.body).is_some() => {
                self.leave_politely(opening(&answer.body).unwrap_or_default());
                Ok(())
            }
            Seen::Answer(answer) | Seen::Refused(answer) => {
                Err(format!("a second client is answered {}", answer.status))
            }
            Seen::Text(text) if text.starts_with("0{") => Ok(()),
            // Another case tests what may come before the open packet.
            Seen::Text(text) if text == "6" || text == "2" => return,
            Seen::Text(_) | Seen::Binary(_) => Err("a second client is not greeted by an open packet".to_owned()),
            Seen::Lost(reason) | Seen::Broken(reason) | Seen::Flooded(reason) => {
                Err(format!("a second client is not served: {reason}"))
            }
            Seen::Closed(_) => Err("a second client's WebSocket is closed".to_owned()),
            Seen::Opened | Seen::Head(_) | Seen::Pong(_) => return,
        };
        self.answered(verdict);
    }

    fn log_probe(&mut self, name: &str, seen: &Seen) {
        let text = match seen {
            Seen::Answer(answer) => describe(answer),
            Seen::Refused(answer) => format!("refused {} {}", answer.status, lossy(&answer.body)),
            Seen::Lost(reason) | Seen::Broken(reason) | Seen::Flooded(reason) => format!("end ({reason})"),
            Seen::Text(text) => format!("text {text}"),
            Seen::Closed(_) => "closed".to_owned(),
            Seen::Opened | Seen::Head(_) | Seen::Pong(_) | Seen::Binary(_) => return,
        };
        // Later events of a probe that was answered are ignored.
        let is_open = |probe: &Probe| matches!(probe, Probe::Asked(_) | Probe::LetIn(_) | Probe::Compared(..));
        if matches!(&self.stage, Stage::Expecting(block) if is_open(&block.probe)) {
            self.timeline.server(self.now, name, text);
        }
    }

    fn let_in(&mut self) {
        let now = self.now;
        if let Stage::Expecting(block) = &mut self.stage
            && matches!(block.probe, Probe::Asked(_))
        {
            block.probe = Probe::LetIn(now);
        }
    }

    fn leave_politely(&mut self, body: &[u8]) {
        let json = body.get(1..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_slice(json).into_iter::<serde_json::Value>();
        let open = values.next().and_then(Result::ok);
        if let Some(sid) = open.as_ref().and_then(|open| open.get("sid")).and_then(|sid| sid.as_str()) {
            self.courtesy(Owner::Courtesy, sid, "1");
        }
    }

    fn answered(&mut self, verdict: Result<(), String>) {
        if let Stage::Expecting(block) = &mut self.stage
            && let Probe::Asked(asked) | Probe::LetIn(asked) | Probe::Compared(asked, _) = block.probe
        {
            block.probe = Probe::Answered(asked, verdict);
        }
    }
}

/// The open packet in the answer to a handshake. Another case tests that it comes first.
fn opening(body: &[u8]) -> Option<&[u8]> {
    body.split(|byte| *byte == SEPARATOR).find(|packet| packet.starts_with(b"0{"))
}

const SEPARATOR: u8 = 0x1e;
