//! Files what happens on the requests and connections of a replay.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::aside::Aside;
use super::command::{Answer, Command, Happening, Outgoing, Seen};
use super::outcome::{Difference, Evidence};
use super::stage::{Owner, Replay};
use super::wire::{Arrival, Kind, Posted, Received, Reply, Rest, SocketState, Wire, describe};
use crate::trace::{Channel, Side};

/// The pause after a poll that brought only noops. Other polls are repeated at once; the pause limits the rate.
const NOOP_PAUSE: Duration = Duration::from_millis(100);

impl Replay {
    /// Files a happening.
    pub(super) fn receive(&mut self, Happening { id, seen }: Happening) {
        match self.ids.get(&id).cloned() {
            Some(Owner::Channel(channel)) => {
                let current = self.channels.get(&channel).is_some_and(|wire| wire.id == id);
                if current {
                    self.receive_on(&channel, seen);
                }
            }
            Some(Owner::GoneProbe) => self.receive_gone(seen),
            Some(Owner::NobodyProbe) => self.receive_nobody(seen),
            Some(Owner::AliveProbe) => self.receive_alive(seen),
            Some(Owner::Pong(channel, sent)) => self.receive_pong(&channel, sent, id, &seen),
            Some(Owner::Courtesy) | None => {}
        }
    }

    fn receive_on(&mut self, channel: &Channel, seen: Seen) {
        let now = self.now;
        match seen {
            Seen::Answer(answer) => self.receive_answer(channel, answer),
            Seen::Lost(reason) => {
                self.timeline.server(now, channel, format!("end ({reason})"));
                match self.channels.get_mut(channel).map(|wire| &mut wire.kind) {
                    Some(Kind::Request(exchange)) => {
                        exchange.entry = Some(self.timeline.last());
                        exchange.answer = Reply::Lost { at: now, reason };
                    }
                    Some(Kind::Raw(raw)) => raw.end = Some((now, reason)),
                    Some(Kind::Socket(_)) | None => {}
                }
            }
            Seen::Head(status) => {
                self.timeline.server(now, channel, format!("status {status}"));
                if let Some(Wire { kind: Kind::Raw(raw), .. }) = self.channels.get_mut(channel) {
                    raw.status = Some((now, status));
                }
            }
            Seen::Opened => {
                self.timeline.note(now, format!("({channel} is open)"));
                if let Some(Wire { kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) {
                    socket.state = SocketState::Open;
                }
            }
            Seen::Text(text) => {
                let aside = self.asides.text(&text, self.sessions.heart(channel));
                match aside {
                    Some(aside) => self.put_aside(channel, &text, aside),
                    None => self.arrive(channel, Arrival::Text(text)),
                }
            }
            Seen::Binary(bytes) => self.arrive(channel, Arrival::Binary(bytes)),
            Seen::Pong(bytes) => self.arrive(channel, Arrival::Pong(bytes)),
            Seen::Refused(answer) => self.arrive(channel, Arrival::Refused(answer)),
            Seen::Closed(code) => self.arrive(channel, Arrival::Closed(code)),
            Seen::Broken(reason) => self.arrive(channel, Arrival::Broken(reason)),
            Seen::Flooded(reason) => self.give_up(channel, reason),
        }
    }

    /// The server sent more than the replay reads, which no line of a trace allows.
    fn give_up(&mut self, channel: &Channel, reason: String) {
        self.timeline.server(self.now, channel, format!("flood ({reason})"));
        self.timeline.fault(self.now, Some(self.timeline.last()), "");
        let line = self.plays.get(self.cursor).map_or(0, |play| play.step.line);
        let (rule, expected) = (self.rule.clone(), "a WebSocket that can be read".to_owned());
        self.depart(Difference { line, rule, evidence: Evidence::Content, expected, actual: reason });
    }

    /// Notes a message of a WebSocket that is set aside, and answers it if it is a ping.
    fn put_aside(&mut self, channel: &Channel, text: &str, aside: Aside) {
        self.sessions.heard(channel, text, self.now);
        self.timeline.set_aside(self.now, channel, Side::Server, format!("text {text}"));
        if aside == Aside::Ping {
            self.send_heartbeat(channel);
        }
    }

    fn arrive(&mut self, channel: &Channel, arrival: Arrival) {
        self.timeline.server(self.now, channel, arrival.describe());
        if let Arrival::Text(text) = &arrival {
            self.sessions.heard(channel, text, self.now);
        }
        let Some(Wire { kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) else { return };
        if arrival.is_end() {
            socket.state = SocketState::Over;
        }
        socket.inbox.push_back(Received { at: self.now, entry: self.timeline.last(), arrival });
    }

    pub(super) fn receive_answer(&mut self, channel: &Channel, answer: Answer) {
        let now = self.now;
        let Some(Wire { kind: Kind::Request(exchange), last: sent, .. }) = self.channels.get_mut(channel) else {
            self.timeline.server(now, channel, describe(&answer));
            return;
        };
        let (request, framing) = (exchange.request.clone(), exchange.framing);
        if request.method == "POST" && answer.status == 200 && exchange.posted == Posted::Heartbeat {
            self.sessions.beat(channel, *sent);
        }
        let is_payload = answer.status == 200 && request.method == "GET" && !answer.body.is_empty();
        let mut all = match &mut exchange.answer {
            Reply::Pending { packets, .. } => VecDeque::from(mem::take(packets)),
            Reply::Arrived { .. } | Reply::Lost { .. } | Reply::Spent { .. } => VecDeque::new(),
        };
        let split = || framing.packets(answer.header("content-type"), &answer.body);
        let mut arrived = if is_payload { split() } else { VecDeque::new() };
        arrived.iter().for_each(|packet| self.sessions.heard(channel, packet.text(), now));
        let aside = self.asides.take_from(&mut arrived, self.sessions.heart(channel));
        self.sessions.put_early(channel, &mut arrived);
        let is_idle = !arrived.is_empty() && arrived.iter().all(|packet| packet.text() == "6");
        all.extend(arrived);
        let again =
            is_payload && (self.asides.count(all.iter()) < exchange.until || (!aside.is_empty() && all.is_empty()));
        if again {
            if aside.contains(&Aside::Ping) || aside.contains(&Aside::Pong) {
                exchange.again.push(now);
            }
            let again = is_idle.then(|| now.saturating_add(NOOP_PAUSE));
            exchange.answer = Reply::Pending { packets: all.into(), again };
            self.timeline.set_aside(now, channel, Side::Server, describe(&answer));
        } else {
            self.timeline.server(now, channel, describe(&answer));
            exchange.answer = Reply::Arrived { at: now, answer, rest: Rest::All(all) };
            exchange.entry = Some(self.timeline.last());
        }
        if aside.contains(&Aside::Ping) {
            self.answer_ping(channel);
        }
        if again && !is_idle {
            self.poll_again(channel, request);
        }
    }

    /// Repeats the polls whose pause is over.
    pub(super) fn resume_polls(&mut self) {
        let now = self.now;
        let due = |wire: &mut Wire| match &mut wire.kind {
            Kind::Request(exchange) => match &mut exchange.answer {
                Reply::Pending { again, .. } if again.is_some_and(|at| at <= now) => {
                    *again = None;
                    Some(exchange.request.clone())
                }
                _ => None,
            },
            Kind::Socket(_) | Kind::Raw(_) => None,
        };
        let due: Vec<_> =
            self.channels.iter_mut().filter_map(|(channel, wire)| Some((channel.clone(), due(wire)?))).collect();
        due.into_iter().for_each(|(channel, request)| self.poll_again(&channel, request));
    }

    fn poll_again(&mut self, channel: &Channel, request: Outgoing) {
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.timeline.set_aside(self.now, channel, Side::Client, format!("get {}", request.query));
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.id = id;
        }
        let node = self.sessions.node_of_channel(channel);
        self.command(Command::Request { id, node, request });
    }
}
