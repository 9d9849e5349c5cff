//! Plays the lines of a trace in their order, both sides.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use super::super::super::log::MOST;
use super::super::super::recording::Recording;
use super::super::super::sighting::{Exchange, What};
use super::super::seen::Seen;
use super::examples::{Examples, Open};
use super::exchange::{self, Answering, Asking, Request, left_open};
use super::socket::{self, Socket};
use crate::replay::Packet;
use crate::trace::{
    Action, Channel, Client, Comparison, Content, Data, Need, Pattern, Piece, Server, Session, Side, Span, Step, Trace,
    Weight, Window,
};

/// What a line takes, in addition to its payload.
const LINE: usize = 256;

/// There is no room for what stands from this line on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full(u32);

/// Plays a trace.
#[derive(Debug)]
pub(super) struct Player {
    pub(super) seen: Seen,
    pub(super) examples: Examples,
    pub(super) path: &'static str,
    /// What the open packet of a session on polling offers.
    pub(super) upgrades: &'static [&'static str],
    times: Times,
    pub(super) notation: Notation,
    pub(super) channels: BTreeMap<Channel, Course>,
    /// The request whose lines may go on.
    pub(super) asking: Option<(Channel, Asking)>,
    /// The answers whose lines may go on.
    pub(super) answering: Vec<(Channel, Answering)>,
    exchanges: u32,
    left: usize,
}

/// What happens on a channel.
#[derive(Debug)]
pub(super) enum Course {
    Request(Request),
    Socket(Socket),
}

/// When things happen.
#[derive(Debug)]
enum Times {
    Unknown,
    Known { now: Duration, last: BTreeMap<Channel, Duration> },
}

/// How the packets of Socket.IO are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    AsSent,
    /// Packets of MessagePack are shown as text, or in their own form where that is the subject.
    MessagePack,
}

impl Player {
    pub(super) fn new(trace: &Trace, has_times: bool) -> Self {
        let moves = trace.steps().any(|step| match &step.action {
            Action::Client(_, Client::Open(query)) => names_session(query),
            _ => false,
        });
        let times = Times::Known { now: Duration::ZERO, last: BTreeMap::new() };
        let is_msgpack = trace.header.needs.contains(&Need::Msgpack);
        Self {
            seen: Seen::default(),
            examples: Examples::new(trace),
            path: path(trace),
            upgrades: if moves { &["websocket"] } else { &[] },
            times: if has_times { times } else { Times::Unknown },
            notation: if is_msgpack { Notation::MessagePack } else { Notation::AsSent },
            channels: BTreeMap::new(),
            asking: None,
            answering: Vec::new(),
            exchanges: 0,
            left: MOST,
        }
    }

    /// Plays a line, as often as it says.
    ///
    /// # Errors
    ///
    /// If there is no room for more.
    pub(super) fn play(&mut self, step: &Step) -> Result<(), Full> {
        for counter in 0..step.notes.repeat.map_or(1, NonZeroU32::get) {
            self.examples.count(counter);
            self.spend(step.line, LINE)?;
            self.pass(step.channel(), step.notes.window.as_deref());
            match &step.action {
                Action::Client(channel, act) => self.client(step, channel, act)?,
                Action::Server(channel, act) => self.server(step, channel, act)?,
                Action::Session(act) => self.session(step, act),
            }
        }
        Ok(())
    }

    pub(super) fn cut(&mut self, Full(line): Full) {
        self.seen.stop(usize::try_from(line).unwrap_or(usize::MAX));
    }

    pub(super) fn finish(mut self, form: &'static str) -> Recording {
        self.ask();
        self.answer();
        self.seen.recording(form)
    }

    fn spend(&mut self, line: u32, bytes: usize) -> Result<(), Full> {
        self.left = self.left.checked_sub(bytes).ok_or(Full(line))?;
        Ok(())
    }

    /// Moves on to the time of a line.
    fn pass(&mut self, channel: Option<&Channel>, window: Option<&Window>) {
        let Times::Known { now, last } = &mut self.times else { return };
        if let Some(Window { span, after }) = window {
            let start = after.as_ref().or(channel).and_then(|channel| last.get(channel)).copied().unwrap_or(*now);
            let millis = match span {
                Span::About { at, .. } => self.examples.number(at),
                Span::Between { low, .. } => low.as_ref().and_then(|low| self.examples.number(low)),
            };
            *now = (*now).max(start.saturating_add(Duration::from_millis(millis.unwrap_or_default())));
        }
        if let Some(channel) = channel {
            last.insert(channel.clone(), *now);
        }
        self.seen.at(*now);
    }

    pub(super) fn wait(&mut self, millis: Option<u64>) {
        if let Times::Known { now, .. } = &mut self.times {
            *now = now.saturating_add(Duration::from_millis(millis.unwrap_or_default()));
            self.seen.at(*now);
        }
    }

    pub(super) fn see(&mut self, line: u32, exchange: Exchange, what: What) {
        self.seen.see(usize::try_from(line).unwrap_or(usize::MAX), exchange, what);
    }

    /// A line that is no packet.
    pub(super) fn fact(&mut self, step: &Step) {
        self.seen.fact(usize::try_from(step.line).unwrap_or(usize::MAX), step.to_string().trim());
    }

    pub(super) fn next(&mut self) -> Exchange {
        let exchange = Exchange { connection: self.exchanges, request: 0 };
        self.exchanges = self.exchanges.saturating_add(1);
        exchange
    }

    pub(super) fn text(
        &mut self,
        step: &Step,
        content: &Content,
        upgrades: &[&str],
    ) -> Result<Result<String, Open>, Full> {
        let mut text = self.examples.text(content, upgrades);
        if content.comparison == Comparison::More || step.notes.weight == Weight::Setup {
            text = text.map(|text| self.examples.completed(text, upgrades));
        }
        self.spend(step.line, text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }

    pub(super) fn data(&mut self, step: &Step, data: &Data) -> Result<Result<Vec<u8>, Open>, Full> {
        let bytes = self.examples.data(data);
        self.spend(step.line, bytes.as_ref().map_or(0, Vec::len))?;
        Ok(bytes)
    }

    /// The request is complete.
    pub(super) fn ask(&mut self) {
        let Some((channel, asking)) = self.asking.take() else { return };
        let line = asking.line;
        let (request, what) = asking.what();
        self.see(line, request.exchange, what);
        self.channels.insert(channel, Course::Request(request));
    }

    /// The answers are complete.
    pub(super) fn answer(&mut self) {
        for (channel, answering) in std::mem::take(&mut self.answering) {
            let Some(Course::Request(request)) = self.channels.get_mut(&channel) else { continue };
            request.stage = exchange::Stage::Answered;
            let (line, exchange, what) = (answering.line, request.exchange, answering.what(request));
            self.see(line, exchange, what);
        }
    }

    fn session(&mut self, step: &Step, act: &Session) {
        self.ask();
        if let Session::Wait(expr) | Session::Quiet(expr) = act {
            self.answer();
            let millis = self.examples.number(expr);
            self.wait(millis);
        }
        self.fact(step);
    }

    /// A packet of a body. Those that are written in the form of MessagePack do not fit to those that are text.
    pub(super) fn packet(&self, text: String) -> Result<Packet, Open> {
        if self.notation == Notation::MessagePack && text.starts_with('b') {
            return Err(Open);
        }
        Ok(Packet::Text(text))
    }

    /// Something passes on a WebSocket, which is open if it was not over before.
    pub(super) fn say(&mut self, step: &Step, channel: &Channel, said: Vec<What>) {
        let Some(Course::Socket(socket)) = self.channels.get_mut(channel) else {
            return self.fact(step);
        };
        let (exchange, before) = (socket.exchange, socket.stage);
        let ends = said.iter().any(|what| matches!(what, What::Close(Side::Server, _) | What::End(_)));
        socket.stage = if ends { socket::Stage::Over } else { socket::Stage::Open };
        if before == socket::Stage::Asked {
            self.see(step.line, exchange, What::Opened);
        }
        said.into_iter().for_each(|what| self.see(step.line, exchange, what));
    }

    /// A text message of a WebSocket.
    pub(super) fn message(&self, side: Side, text: String) -> What {
        let is_foreign = text.starts_with('b') || text.starts_with("not MessagePack: ");
        if self.notation == Notation::MessagePack && is_foreign { hidden(side) } else { What::Text(side, text) }
    }
}

pub(super) fn binary(step: &Step, side: Side, bytes: Result<Vec<u8>, Open>) -> What {
    bytes.map_or_else(|Open| What::Unreadable(side, left_open(step.line)), |bytes| What::Binary(side, bytes))
}

pub(super) fn hidden(side: Side) -> What {
    What::Hidden(side, "a packet that is written in the form of MessagePack".to_owned())
}

/// The path that the server would have.
fn path(trace: &Trace) -> &'static str {
    let needs = &trace.header.needs;
    let is_socketio = !needs.contains(&Need::Echo)
        && ([Need::Contract, Need::Extended, Need::Recovery, Need::NoRecovery, Need::Msgpack]
            .iter()
            .any(|need| needs.contains(need))
            || trace.header.covers.iter().any(|covered| covered.as_str().starts_with("SIO"))
            || trace.steps().any(joins));
    if is_socketio { "/socket.io/" } else { "/engine.io/" }
}

/// Whether a line is a CONNECT.
fn joins(step: &Step) -> bool {
    let (Action::Client(_, Client::Text(content) | Client::Packet(content))
    | Action::Server(_, Server::Text(content) | Server::Packet(content))) = &step.action
    else {
        return false;
    };
    let rest = match content.pattern.pieces().first() {
        Some(Piece::Literal(text)) => text.strip_prefix("40"),
        _ => None,
    };
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['{', '/']))
}

/// Whether a query has a sid.
fn names_session(query: &Pattern) -> bool {
    query.pieces().iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains("sid=")))
}
