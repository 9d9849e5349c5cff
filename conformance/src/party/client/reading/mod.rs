//! Turns a trace into a script for a client, or into the reason why it does not apply to one.
//!
//! A trace applies if a correct client can be made to send its C lines with the methods that an application has. Some
//! details are up to the client: which GET is in flight, and the ids of its events. When the session is over for the
//! client, requests that are refused only inspect the server, and are skipped; so are `alive`, and `gone` for another
//! session.

mod client;
pub(super) mod direct;
mod server;

use std::collections::BTreeSet;

use serde_json::json;
use sio_codec::engineio::client::Transports;
use sio_codec::engineio::{BinaryForm, Open};

use super::answers::{Answers, Pace};
use super::course::Course;
use super::reason::Reason;
use super::script::{Act, Aftermath, Move, Script, Setup, rules};
use super::wishes::Talk;
use crate::contract::Kind;
use crate::party::driver::words::Options;
use crate::replay::{Conditions, Play, Rule, known_timers, plays};
use crate::trace::{
    Action, Answer, Bindings, Channel, Client, Expr, Need, Node, Revision, Server, Session, Span, Trace, UnboundHole,
};

/// Turns a trace into a script for a client.
pub(super) fn read(trace: &Trace, conditions: &Conditions, pace: Pace) -> Result<Script, Reason> {
    if trace.header.needs.contains(&Need::Client) {
        return direct::read(trace);
    }
    if trace.header.needs.contains(&Need::Msgpack) {
        return Err(Reason::new("writes packets in MessagePack, whose form the client decides"));
    }
    if trace.last_node() != Node::FIRST {
        return Err(Reason::new("is about several servers"));
    }
    let transports = transports(trace);
    let kind = kind(trace);
    let is_upgraded = transports == Transports::PollingThenUpgrade && opens_websocket(trace);
    let upgrades = if is_upgraded { json!(["websocket"]) } else { json!([]) };
    let mut reader = Reader {
        plays: plays(trace),
        cursor: 0,
        bindings: known_timers(conditions),
        answers: Answers { kind, upgrades, drawn: 0, pace: if is_timed(trace) { pace } else { Pace::Default } },
        course: Course::new(),
        talk: Talk::new(kind),
        open: None,
        parameters: None,
        unplayed: BTreeSet::new(),
        held: Vec::new(),
        moves: Vec::new(),
    };
    while let Some(play) = reader.plays.get(reader.cursor).cloned() {
        reader.cursor += 1;
        reader.bindings.bind("i", play.counter);
        reader.play(&play)?;
        reader.bindings.unbind("i");
    }
    reader.talk.check_complete()?;
    let mut parameters = reader.parameters.unwrap_or_default();
    let binary = if wants_base64(&parameters) { BinaryForm::Base64 } else { BinaryForm::Native };
    parameters.retain(|(name, _)| name != BASE64);
    Ok(Script {
        setup: Setup { kind, revision: Revision::Four, transports, parameters, binary, options: Options::default() },
        rule: Rule::of(&trace.header),
        rules: rules(trace),
        end: reader.course.outcome(),
        aftermath: Aftermath { pong: reader.course.owes_pong(), upgrade: reader.course.is_pausing() },
        moves: reader.moves,
    })
}

/// The smallest delay of a line of the server in milliseconds, and the channel after whose last line it begins.
fn delay(channel: &Channel, play: &Play, bindings: &Bindings) -> Result<Option<(i64, Channel)>, UnboundHole> {
    let Some(window) = &play.step.notes.window else { return Ok(None) };
    let millis = match &window.span {
        Span::About { at, .. } => Some(at.eval(bindings)?),
        Span::Between { low, .. } => low.as_ref().map(|low| low.eval(bindings)).transpose()?,
    };
    Ok(millis.map(|millis| (millis, window.after.clone().unwrap_or_else(|| channel.clone()))))
}

/// Whether a trace waits for a heartbeat: it names the interval outside of the open packet.
fn is_timed(trace: &Trace) -> bool {
    let named = |exprs: &mut dyn Iterator<Item = &Expr>| {
        exprs.flat_map(Expr::holes).any(|hole| matches!(hole.as_str(), "interval" | "timeout"))
    };
    trace.steps().any(|step| {
        let in_action = match &step.action {
            Action::Session(Session::Wait(time) | Session::Quiet(time)) | Action::Server(_, Server::Quiet(time)) => {
                named(&mut std::iter::once(time))
            }
            _ => false,
        };
        in_action || step.notes.window.as_ref().is_some_and(|window| named(&mut window.exprs()))
    })
}

/// The query parameter that requests binary packets in base64.
const BASE64: &str = "b64";

fn wants_base64(parameters: &[(String, String)]) -> bool {
    parameters.iter().any(|(name, _)| name == BASE64)
}

/// The layer of a trace, which follows from what it covers.
fn kind(trace: &Trace) -> Kind {
    let is_about_socketio = trace.header.covers.iter().any(|id| id.as_str().starts_with("SIO"));
    if is_about_socketio { Kind::Socket } else { Kind::Engine }
}

/// The transports of the client. If a trace offers an upgrade that its client does not take, the client is
/// polling-only.
fn transports(trace: &Trace) -> Transports {
    let mut clients = trace.steps().filter_map(|step| match &step.action {
        Action::Client(_, act) => Some(act),
        _ => None,
    });
    match clients.next() {
        Some(Client::Open(_)) => Transports::WebSocketOnly,
        _ if !opens_websocket(trace) && offers_upgrade(trace) => Transports::PollingOnly,
        _ => Transports::PollingThenUpgrade,
    }
}

fn opens_websocket(trace: &Trace) -> bool {
    trace.steps().any(|step| matches!(&step.action, Action::Client(_, Client::Open(_))))
}

/// Whether the trace itself offers the upgrade, instead of leaving it to the server.
fn offers_upgrade(trace: &Trace) -> bool {
    trace.steps().any(|step| match &step.action {
        Action::Server(_, Server::Packet(content)) => {
            content.pattern.to_string().contains(r#""upgrades":["websocket"]"#)
        }
        _ => false,
    })
}

struct Reader {
    plays: Vec<Play>,
    cursor: usize,
    bindings: Bindings,
    answers: Answers,
    course: Course,
    talk: Talk,
    open: Option<Open>,
    /// The query parameters of the application; `None` before the first request.
    parameters: Option<Vec<(String, String)>>,
    /// Channels that only inspect the server.
    unplayed: BTreeSet<Channel>,
    /// The client's messages of an incomplete packet.
    held: Vec<Move>,
    moves: Vec<Move>,
}

impl Reader {
    fn play(&mut self, play: &Play) -> Result<(), Reason> {
        match &play.step.action {
            Action::Client(channel, _) | Action::Server(channel, _) if self.unplayed.contains(channel) => Ok(()),
            Action::Client(channel, act) => self.client(channel, act, play),
            Action::Server(channel, act) => {
                self.talk.check_complete()?;
                self.server(channel, act, play)
            }
            Action::Session(Session::Wait(millis) | Session::Quiet(millis)) => {
                self.talk.check_complete()?;
                let millis = millis.eval(&self.bindings)?;
                self.act(play, Act::Pass { millis });
                Ok(())
            }
            Action::Session(Session::Alive | Session::Call(_) | Session::Event(_)) => Ok(()),
            Action::Session(Session::Gone(sid)) => {
                let is_own = self
                    .open
                    .as_ref()
                    .is_some_and(|open| sid.render(&self.bindings).is_ok_and(|sid| sid == open.sid.as_str()));
                if is_own && !self.course.is_over() {
                    return Err(Reason::new("has the server forget the session without notice"));
                }
                Ok(())
            }
        }
    }

    fn act(&mut self, play: &Play, act: Act) {
        self.moves.push(Move { line: play.step.line, act });
    }

    /// A client closes its session itself when it has left all namespaces.
    fn end_if_for_nothing(&mut self) {
        if self.talk.is_for_nothing() {
            self.course.leave();
        }
    }

    /// Whether the next event on a channel is a refusal.
    fn is_refused(&self, on: &Channel) -> bool {
        let answers = self.plays.iter().skip(self.cursor).find_map(|play| match &play.step.action {
            Action::Server(channel, act) if channel == on => Some(act),
            _ => None,
        });
        match answers {
            Some(Server::Status(answer)) => status(answer) >= 400,
            Some(Server::Refused(_) | Server::Closed(_) | Server::End) => true,
            _ => false,
        }
    }
}

/// The status that the reference sends.
fn status(answer: &Answer) -> u16 {
    answer.statuses.as_slice().first().copied().unwrap_or_default()
}
