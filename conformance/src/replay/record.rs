//! Recording: writes the server's half of a trace from what is received.
//!
//! Steps that match stay unchanged, with their holes, windows and weights. A step that does not match is rewritten from
//! what arrived instead, or removed if nothing arrived. A trace without S steps is filled in: everything that arrives
//! after a C step, until the line is silent, is written after it.

use super::command::Answer as Arrived;
use super::excerpt::lossy;
use super::framing::Packet;
use super::stage::{Mode, Replay};
use super::wire::{Arrival, Kind, Reply, Rest, Wire};
use crate::trace::{Action, Answer, Bindings, Channel, Content, Data, MediaType, Server, Statuses, Step, generalise};

impl Replay {
    /// Replaces a step that did not match by what arrived on its channel.
    pub(super) fn rewrite(&mut self, index: usize) {
        let Some(play) = self.plays.get(index).cloned() else { return };
        let steps = match &play.step.action {
            Action::Server(channel, expected) => {
                let channel = channel.clone();
                let wire = self.channels.get_mut(&channel);
                let seen = wire.and_then(|wire| next_seen(wire, Some(expected)));
                let steps = seen.map(|seen| self.describe(&channel, seen));
                self.pass_over(&play);
                steps.into_iter().collect()
            }
            Action::Session(_) | Action::Client(..) => Vec::new(),
        };
        if let Mode::Record(recording) = &mut self.mode {
            recording.replaced.entry(play.ordinal).or_default().extend(steps);
        }
    }

    /// Writes everything that no step mentions after the last step.
    pub(super) fn record_leftovers(&mut self) {
        let after = self.cursor.checked_sub(1).and_then(|last| self.plays.get(last)).map(|play| play.ordinal);
        let channels: Vec<Channel> = self.channels.keys().cloned().collect();
        let (heartbeats, fresh) =
            (self.asides.heartbeats, matches!(&self.mode, Mode::Record(recording) if recording.is_fresh()));
        for channel in channels {
            // An existing trace may leave out unimportant parts, such as the body of an error.
            let left = |wire: &Wire| fresh || wire.unread(heartbeats).is_some();
            while let Some(seen) =
                self.channels.get_mut(&channel).filter(|wire| left(wire)).and_then(|wire| next_seen(wire, None))
            {
                let consumed = seen.as_server();
                let step = self.describe(&channel, seen);
                if let Mode::Record(recording) = &mut self.mode {
                    recording.inserted.entry(after).or_default().push(step);
                }
                if let Some(wire) = self.channels.get_mut(&channel) {
                    wire.skip(&consumed);
                }
            }
        }
    }

    fn describe(&mut self, channel: &Channel, seen: Unwritten) -> Step {
        let server = match seen {
            Unwritten::Status(answer) => Server::Status(head(&answer)),
            Unwritten::Packet(Packet::Text(text)) => Server::Packet(self.content(&text)),
            Unwritten::Packet(Packet::Binary(bytes)) => Server::Binary(Data { bytes: bytes.to_vec(), fill: None }),
            Unwritten::Body(text) => Server::Body(self.content(&text)),
            Unwritten::Lost => Server::End,
            Unwritten::Arrival(Arrival::Text(text)) => Server::Text(self.content(&text)),
            Unwritten::Arrival(Arrival::Binary(bytes)) => Server::Binary(Data { bytes: bytes.to_vec(), fill: None }),
            Unwritten::Arrival(Arrival::Refused(answer)) => Server::Refused(head(&answer)),
            Unwritten::Arrival(Arrival::Pong(bytes)) => Server::Pong(Data { bytes: bytes.to_vec(), fill: None }),
            Unwritten::Arrival(Arrival::Closed(_) | Arrival::Broken(_)) => Server::Closed(Vec::new()),
        };
        Step::new(Action::Server(channel.clone(), server))
    }

    fn content(&mut self, text: &str) -> Content {
        let generalised = generalise(text, &self.bindings);
        let learned: Bindings = generalised.learned;
        self.bindings.extend(learned.iter().map(|(name, value)| (name.to_owned(), value.clone())));
        Content::from(generalised.pattern)
    }
}

/// The oldest item on a channel that no step mentions.
enum Unwritten {
    Status(Arrived),
    Packet(Packet),
    Body(String),
    Lost,
    Arrival(Arrival),
}

impl Unwritten {
    /// A step that matches it.
    fn as_server(&self) -> Server {
        match self {
            Self::Status(answer) => Server::Status(head(answer)),
            Self::Packet(_) => Server::Packet(Content::default()),
            Self::Body(_) => Server::Body(Content::default()),
            Self::Lost => Server::End,
            Self::Arrival(_) => Server::Text(Content::default()),
        }
    }
}

fn next_seen(wire: &mut Wire, expected: Option<&Server>) -> Option<Unwritten> {
    match &mut wire.kind {
        Kind::Socket(socket) => socket.inbox.front().map(|received| Unwritten::Arrival(received.arrival.clone())),
        Kind::Raw(_) => None,
        Kind::Request(exchange) => match &mut exchange.answer {
            Reply::Lost { .. } => {
                exchange.answer = Reply::Spent { answer: None };
                Some(Unwritten::Lost)
            }
            Reply::Arrived { answer, rest: Rest::All(_), .. } => Some(Unwritten::Status(answer.clone())),
            Reply::Arrived { answer, rest: Rest::Body(packets), .. } => match (packets.front(), expected) {
                (Some(packet), None | Some(Server::Packet(_) | Server::Binary(_))) => {
                    Some(Unwritten::Packet(packet.clone()))
                }
                _ if answer.body.is_empty() => None,
                _ => Some(Unwritten::Body(lossy(&answer.body))),
            },
            Reply::Arrived { rest: Rest::Packets(packets), .. } => packets.front().cloned().map(Unwritten::Packet),
            Reply::Pending { .. } | Reply::Spent { .. } => None,
        },
    }
}

fn head(answer: &Arrived) -> Answer {
    let content_type = answer.header("content-type").and_then(MediaType::new);
    let statuses = Statuses::new([answer.status]).or_else(|| Statuses::new([500]));
    Answer {
        statuses: statuses.expect("500 is a status"),
        content_type: content_type.filter(|_| !answer.body.is_empty()),
    }
}
