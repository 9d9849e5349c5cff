//! Writes what was seen of a session as a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use super::log::Conversation;
use super::payloads::{Payloads, is_heartbeat, query};
use super::polls::{idle, is_message, polls};
use super::sighting::{Body, Exchange, Sighting, What};
use crate::replay::{Packet, Wrapping, plural};
use crate::trace::{
    Action, Answer, Bindings, Channel, Client, Comment, Content, Data, Extent, Field, FieldName, Hole, Kind, Line,
    Method, Need, ParseError, Pattern, Piece, Request, Revision, Sentence, Server, Side, Statuses, Step, Trace,
    generalise,
};

/// What a trace says about itself, and a recording cannot know.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// The title of the traces; otherwise the name of the client.
    pub title: Option<Sentence>,
    /// The server that was recorded: "socket.io 4.8.4".
    pub source: Option<Sentence>,
    /// What the server must offer, in addition to the transports of the conversation.
    pub needs: BTreeSet<Need>,
}

/// Writes a conversation as a trace, with holes for what differs from run to run. What cannot be written becomes a
/// comment.
///
/// Which packets an answer to a GET carries is a matter of chance. So GETs whose messages come one after the other,
/// while the client says nothing, become one that is repeated until all of them have come. Heartbeats and noops are left
/// out; the engine answers and expects them.
///
/// The trace has the level `reference`, since it says what one server did.
///
/// # Errors
///
/// If the labels and the client's name make no valid header.
pub fn draft(conversation: &Conversation, labels: &Labels) -> Result<Trace, ParseError> {
    let payloads = Payloads::of(&conversation.sightings);
    let idle = idle(conversation, &payloads);
    let mut draft = Draft { polls: polls(conversation, &payloads), payloads, ..Draft::default() };
    for sighting in conversation.sightings.iter().filter(|sighting| !idle.contains(&sighting.exchange)) {
        draft.write(sighting);
    }
    let handshake = match (draft.needs.contains(&Need::Eio3), draft.needs.contains(&Need::Polling)) {
        (false, true) => "EIO4-HS-01",
        (false, false) => "EIO4-HS-06",
        (true, true) => "EIO3-HS-01",
        (true, false) => "EIO3-HS-08",
    };
    let agent = conversation.sightings.iter().find_map(agent).unwrap_or_else(|| "a client without a name".to_owned());
    let named = || format!("A session of {agent}");
    let title = labels.title.as_ref().map_or_else(named, |title| title.as_str().to_owned());
    let header = format!("title     {title}\ncovers    {handshake}\nlevel     reference\n");
    let mut trace = Trace::parse("the header", &header)?;
    trace.header.needs = draft.needs;
    trace.header.needs.extend(labels.needs.iter().cloned());
    trace.header.recorded.clone_from(&labels.source);
    // The places of lines that were taken back.
    trace.lines = draft.lines.into_iter().filter(|line| *line != Line::Blank).collect();
    Ok(trace)
}

/// The name of a client, without what a header of a trace cannot hold.
fn agent(sighting: &Sighting) -> Option<String> {
    let (What::Request { agent, .. } | What::Open { agent, .. }) = &sighting.what else { return None };
    let words: Vec<&str> = agent.as_deref()?.split(|character: char| !character.is_ascii_graphic()).collect();
    Some(words.join(" ").trim().to_owned()).filter(|name| !name.is_empty())
}

/// A trace as far as it is written.
#[derive(Debug, Default)]
struct Draft {
    lines: Vec<Line>,
    channels: BTreeMap<Exchange, Course>,
    counts: BTreeMap<&'static str, u32>,
    known: Bindings,
    needs: BTreeSet<Need>,
    /// The number of the client's lines, without GETs.
    said: usize,
    payloads: Payloads,
    /// The GETs with messages.
    polls: BTreeSet<Exchange>,
    /// The lines of those that have no answer yet.
    asked: BTreeMap<Exchange, usize>,
    /// The last one that was answered.
    poll: Option<Poll>,
}

/// A GET whose answer may go on in that of the next GET.
#[derive(Debug)]
struct Poll {
    channel: Channel,
    /// The place of its line.
    line: usize,
    /// The number of its packets.
    packets: u32,
    /// The lines of the client, other than GETs, when it was answered.
    said: usize,
}

/// A request or WebSocket.
#[derive(Clone, Debug)]
struct Course {
    channel: Channel,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asked,
    Open,
    Over,
}

impl Draft {
    fn write(&mut self, sighting: &Sighting) {
        match &sighting.what {
            What::Request { method, target, .. } => self.request(sighting, method, target),
            What::Open { target, .. } => self.open(sighting.exchange, target),
            _ => {
                let Some(course) = self.channels.get(&sighting.exchange).cloned() else { return };
                self.go_on(sighting, course);
            }
        }
    }

    fn request(&mut self, sighting: &Sighting, method: &str, target: &str) {
        let Some(method) = Method::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method)) else {
            return self.comment(&format!("a request with the method {method}"));
        };
        let exchange = sighting.exchange;
        self.needs.insert(Need::Polling);
        self.needs_of(exchange);
        let query = query(target);
        let kind = match method {
            Method::Get if !query.contains("sid=") => "hs",
            Method::Get => "g",
            Method::Post => "p",
            _ => "r",
        };
        let Some(channel) = self.enter(exchange, kind, Stage::Asked) else { return };
        let query = self.content(query).pattern;
        if self.polls.contains(&exchange) {
            self.asked.insert(exchange, self.lines.len());
        }
        let request = Request { method, query, extent: Extent::Whole };
        self.client(&channel, Client::Request(request));
        self.posted(&channel, sighting);
    }

    /// The body of a request.
    fn posted(&mut self, channel: &Channel, sighting: &Sighting) {
        let What::Request { content_type, body, .. } = &sighting.what else { return };
        if let Body::Unreadable(why) = body {
            return self.comment(why);
        }
        let framing = self.payloads.framing(sighting.exchange);
        let packets = self.payloads.packets(sighting);
        let is_binary = |packet: &Packet| matches!(packet, Packet::Binary(_));
        if packets.iter().any(is_binary)
            && let (Some(name), Some(media)) = (FieldName::new("Content-Type"), content_type)
        {
            let value = Pattern::literal(media.as_str());
            self.client(channel, Client::Header(Field { name, value }));
        }
        for packet in packets {
            match packet {
                Packet::Text(text) if is_heartbeat(framing.revision, Side::Client, &text) => {}
                Packet::Text(text) => {
                    let content = self.content(&text);
                    self.client(channel, Client::Packet(content));
                }
                Packet::Binary(bytes) => self.client(channel, Client::Binary(data(&bytes))),
            }
        }
    }

    /// What the server must offer for an exchange.
    fn needs_of(&mut self, exchange: Exchange) {
        let framing = self.payloads.framing(exchange);
        if framing.revision == Revision::Three {
            self.needs.insert(Need::Eio3);
        }
        if framing.wrapping == Wrapping::Script {
            self.needs.insert(Need::Jsonp);
        }
    }

    /// What the server must offer for an open packet like this one.
    fn needs_of_open(&mut self, text: &str) {
        if text.starts_with("0{") && text.contains(r#""maxPayload":"#) {
            self.needs.insert(Need::MaxPayload);
        }
    }

    fn open(&mut self, exchange: Exchange, target: &str) {
        self.needs.insert(Need::Websocket);
        self.needs_of(exchange);
        let query = query(target);
        if query.contains("sid=") {
            self.needs.insert(Need::Upgrade);
        }
        let Some(channel) = self.enter(exchange, "ws", Stage::Asked) else { return };
        let query = self.content(query).pattern;
        self.client(&channel, Client::Open(query));
    }

    fn go_on(&mut self, sighting: &Sighting, Course { channel, stage }: Course) {
        let exchange = sighting.exchange;
        let next = match (stage, &sighting.what) {
            (Stage::Over, _) => return,
            (_, What::Unreadable(side, why)) => {
                self.comment(&format!("{}: {} sent {why}", channel.as_str(), name(*side)));
                Stage::Over
            }
            (Stage::Asked, What::Opened) => Stage::Open,
            (Stage::Asked, What::Answer { .. }) if self.polls.contains(&exchange) => {
                self.poll_answer(sighting, channel.clone());
                Stage::Over
            }
            (Stage::Asked, What::Answer { status, body, .. }) => {
                self.answer(&channel, *status, body, sighting);
                Stage::Over
            }
            (Stage::Asked, What::End(Side::Client)) => {
                self.client(&channel, Client::Abort);
                Stage::Over
            }
            (Stage::Asked, What::End(Side::Server)) => {
                self.server(&channel, Server::End);
                Stage::Over
            }
            (Stage::Open, what) => self.message(&channel, self.payloads.framing(exchange).revision, what),
            (Stage::Asked, _) => stage,
        };
        self.channels.insert(exchange, Course { channel, stage: next });
    }

    fn answer(&mut self, channel: &Channel, status: u16, body: &Body, sighting: &Sighting) {
        let Some(statuses) = Statuses::new([status]) else { return };
        let answer = Answer { statuses, content_type: None };
        if channel.as_str().starts_with("ws") {
            return self.server(channel, Server::Refused(answer));
        }
        self.server(channel, Server::Status(answer));
        let is_payload = status == 200 && !channel.as_str().starts_with('p');
        match (body, body.text()) {
            (Body::Unreadable(why), _) => self.comment(why),
            (Body::Whole(bytes), _) if bytes.is_empty() => {}
            _ if is_payload => self.packets(channel, sighting),
            (_, Some(text)) => {
                let content = self.content(text);
                self.server(channel, Server::Body(content));
            }
            (Body::Whole(bytes), None) => {
                self.comment(&format!("a body of {} that is no text", plural(bytes.len(), "byte")))
            }
        }
    }

    /// The messages of an answer; a heartbeat and a noop are no messages.
    fn packets(&mut self, channel: &Channel, sighting: &Sighting) {
        let revision = self.payloads.framing(sighting.exchange).revision;
        for packet in self.payloads.packets(sighting) {
            if !is_message(revision, Side::Server, &packet) {
                continue;
            }
            match packet {
                Packet::Text(text) => {
                    self.needs_of_open(&text);
                    let content = self.content(&text);
                    self.server(channel, Server::Packet(content));
                }
                Packet::Binary(bytes) => self.server(channel, Server::Binary(data(&bytes))),
            }
        }
    }

    fn poll_answer(&mut self, sighting: &Sighting, channel: Channel) {
        let Some(line) = self.asked.remove(&sighting.exchange) else { return };
        let said = self.said;
        let mut poll = match self.poll.take().filter(|poll| poll.said == said) {
            Some(poll) => {
                // It goes on with the one before, which is repeated.
                self.replace(line, Line::Blank);
                poll
            }
            None => {
                if let Some(statuses) = Statuses::new([200]) {
                    self.server(&channel, Server::Status(Answer { statuses, content_type: None }));
                }
                Poll { channel, line, packets: 0, said }
            }
        };
        let before = self.lines.len();
        self.packets(&poll.channel, sighting);
        poll.packets += u32::try_from(self.lines.len() - before).unwrap_or(u32::MAX);
        if let (Some(Line::Step(step)), Some(packets)) = (self.lines.get_mut(poll.line), NonZeroU32::new(poll.packets))
            && let Action::Client(_, Client::Request(request)) = &mut step.action
        {
            request.extent = Extent::Until(packets);
        }
        self.poll = Some(poll);
    }

    fn replace(&mut self, line: usize, by: Line) {
        if let Some(place) = self.lines.get_mut(line) {
            *place = by;
        }
    }

    fn message(&mut self, channel: &Channel, revision: Revision, what: &What) -> Stage {
        match what {
            What::Text(side, text) if is_heartbeat(revision, *side, text) => {}
            What::Text(Side::Client, text) => {
                let content = self.content(text);
                self.client(channel, Client::Text(content));
            }
            What::Text(Side::Server, text) => {
                self.needs_of_open(text);
                let content = self.content(text);
                self.server(channel, Server::Text(content));
            }
            What::Binary(side, bytes) => {
                let data = data(bytes);
                match side {
                    Side::Client => self.client(channel, Client::Binary(data)),
                    Side::Server => self.server(channel, Server::Binary(data)),
                }
            }
            What::Close(Side::Client, code) => {
                self.client(channel, Client::Close(*code));
                return Stage::Over;
            }
            What::End(Side::Client) => {
                self.client(channel, Client::Close(None));
                return Stage::Over;
            }
            What::Close(Side::Server, _) | What::End(Side::Server) => {
                self.server(channel, Server::Closed(Vec::new()));
                return Stage::Over;
            }
            What::Request { .. }
            | What::Open { .. }
            | What::Opened
            | What::Joined(_)
            | What::Hidden(..)
            | What::Answer { .. }
            | What::Unreadable(..) => {}
        }
        Stage::Open
    }

    /// Names a channel: the first of its kind has no number, except for GETs and POSTs.
    fn enter(&mut self, exchange: Exchange, kind: &'static str, stage: Stage) -> Option<Channel> {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = if *count == 1 && kind.len() > 1 { kind.to_owned() } else { format!("{kind}{count}") };
        let channel = Channel::new(name)?;
        self.channels.insert(exchange, Course { channel: channel.clone(), stage });
        Some(channel)
    }

    fn content(&mut self, text: &str) -> Content {
        let generalised = generalise(text, &self.known);
        self.known.extend(generalised.learned.iter().map(|(name, value)| (name.to_owned(), value.clone())));
        let pattern = if text.starts_with("0{") { any_upgrades(&generalised.pattern) } else { generalised.pattern };
        Content::from(pattern)
    }

    fn client(&mut self, channel: &Channel, action: Client) {
        if !matches!(&action, Client::Request(Request { method: Method::Get, .. })) {
            self.said += 1;
        }
        self.lines.push(Line::Step(Step::new(Action::Client(channel.clone(), action))));
    }

    fn server(&mut self, channel: &Channel, action: Server) {
        self.lines.push(Line::Step(Step::new(Action::Server(channel.clone(), action))));
    }

    fn comment(&mut self, words: &str) {
        self.lines.extend(Comment::new(format!("not recorded: {words}")).map(Line::Comment));
    }
}

/// An open packet that may offer other transports than the recorded server did.
//= EIO4-HS-04
fn any_upgrades(open: &Pattern) -> Pattern {
    const OFFERED: &str = r#""upgrades":["websocket"]"#;
    const KEY: &str = r#""upgrades":"#;
    let pieces = open.pieces().iter().flat_map(|piece| match piece {
        Piece::Literal(text) => match text.split_once(OFFERED) {
            Some((before, behind)) => vec![
                Piece::Literal(format!("{before}{KEY}")),
                Piece::Hole(Hole { name: None, kind: Kind::Any }),
                Piece::Literal(behind.to_owned()),
            ],
            None => vec![piece.clone()],
        },
        Piece::Hole(_) => vec![piece.clone()],
    });
    Pattern::new(pieces)
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "the client",
        Side::Server => "the server",
    }
}

fn data(bytes: &[u8]) -> Data {
    Data { bytes: bytes.to_vec(), fill: None }
}

#[cfg(test)]
mod tests;
