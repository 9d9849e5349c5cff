//! Writes exchanges as the lines of a trace.

use std::num::NonZeroU32;

use super::exchange::{Exchange, Packet, Packets};
use super::family::{Family, Way};
use super::opening;
use crate::trace::{
    Action, Answer, Channel, Client, Comparison, Content, Data, Expr, Extent, Header, Line, Method, Notes, Pattern,
    Request, Requirement, Server, Statuses, Step, Trace,
};

/// The number of short messages in one polling payload.
const TOGETHER: usize = 4;

/// A payload of this many bytes gets no further messages.
const ENOUGH: usize = 4096;

/// The exchanges of a trace that is being written.
#[derive(Debug)]
pub(super) struct Conversation {
    family: Family,
    way: Way,
    lines: Vec<Line>,
    /// The exchange that each line belongs to.
    owners: Vec<Option<usize>>,
    /// The size of the largest message or payload, in bytes.
    largest: usize,
}

impl Conversation {
    pub(super) fn new(family: Family, way: Way, exchanges: &[Exchange]) -> Self {
        let mut conversation = Self { family, way, lines: Vec::new(), owners: Vec::new(), largest: 0 };
        let requirement = |exchange: &Exchange| match family {
            // There, all lines are about the number of arguments.
            Family::Arguments => None,
            _ => exchange.rule(way),
        };
        let turns = exchanges.iter().enumerate().map(|(ordinal, exchange)| Turn {
            ordinal,
            packets: exchange.packets(ordinal),
            rule: requirement(exchange),
        });
        match way {
            Way::Polling => conversation.over_polling(turns.collect()),
            Way::Websocket | Way::Upgraded => turns.for_each(|turn| conversation.over_websocket(turn)),
        }
        conversation
    }

    pub(super) const fn largest(&self) -> usize {
        self.largest
    }

    /// The exchange that a line of the trace belongs to, if the trace has this header.
    pub(super) fn owner(&self, header: &Header, line: u32) -> Option<usize> {
        let opening = opening::lines(header, self.family, self.way);
        let index = line.checked_sub(first_line(header, &opening))?;
        self.owners.get(usize::try_from(index).ok()?).copied().flatten()
    }

    /// The trace: a session is opened, then the exchanges follow. Its lines are numbered as in a file.
    pub(super) fn trace(mut self, header: Header) -> Trace {
        let mut lines = opening::lines(&header, self.family, self.way);
        for (line, number) in self.lines.iter_mut().zip(first_line(&header, &lines)..) {
            if let Line::Step(step) = line {
                step.line = number;
            }
        }
        lines.append(&mut self.lines);
        lines.shrink_to_fit();
        Trace { header, lines }
    }

    fn over_websocket(&mut self, turn: Turn) {
        let ws = channel("ws", None);
        let Turn { ordinal, packets: Packets { sent, returned }, rule } = turn;
        self.largest = sent.iter().chain(&returned).map(Packet::len).fold(self.largest, usize::max);
        for packet in sent {
            let action = match packet {
                Packet::Text(text, comparison) => Client::Text(sent_text(text, comparison)),
                Packet::Binary(bytes) => Client::Binary(data(bytes)),
            };
            self.push(Some(ordinal), client(&ws, action), None);
        }
        for packet in returned {
            let action = match packet {
                Packet::Text(text, comparison) => Server::Text(returned_text(text, comparison)),
                Packet::Binary(bytes) => Server::Binary(data(bytes)),
            };
            self.push(Some(ordinal), server(&ws, action), rule.clone());
        }
    }

    fn over_polling(&mut self, turns: Vec<Turn>) {
        let mut requests = 1..;
        let mut payload: Vec<Turn> = Vec::new();
        for turn in turns {
            let is_full = payload.len() == TOGETHER || payload.iter().map(Turn::size).sum::<usize>() > ENOUGH;
            let is_alike = payload
                .first()
                .is_none_or(|first| first.rule == turn.rule && first.is_acknowledged() == turn.is_acknowledged());
            if is_full || !is_alike {
                self.payload(std::mem::take(&mut payload), requests.next());
            }
            payload.push(turn);
        }
        self.payload(payload, requests.next());
    }

    /// One request that carries messages under one rule, and the requests that fetch the answers.
    fn payload(&mut self, turns: Vec<Turn>, request: Option<usize>) {
        let Some(first) = turns.first() else { return };
        let (owner, rule) = (Some(first.ordinal), first.rule.clone());
        let (post, get) = (channel("p", request), channel("g", request));
        let count = turns.iter().map(|turn| turn.packets.returned.len()).sum::<usize>();
        let until = u32::try_from(count).ok().and_then(NonZeroU32::new).map_or(Extent::Whole, Extent::Until);
        if !self.lines.is_empty() {
            self.lines.push(Line::Blank);
            self.owners.push(None);
        }
        self.push(owner, client(&post, request_line(Method::Post, Extent::Whole)), None);
        self.packets(
            &turns,
            |turn| &turn.packets.sent,
            |text, comparison| (client(&post, Client::Packet(sent_text(text, comparison))), None),
        );
        self.push(owner, server(&post, ok()), rule.clone());
        self.push(owner, client(&get, request_line(Method::Get, until)), None);
        self.push(owner, server(&get, ok()), rule.clone());
        self.packets(
            &turns,
            |turn| &turn.packets.returned,
            |text, comparison| (server(&get, Server::Packet(returned_text(text, comparison))), rule.clone()),
        );
    }

    /// The packets of one payload, one per line.
    fn packets(
        &mut self,
        turns: &[Turn],
        packets: impl Fn(&Turn) -> &[Packet],
        line: impl Fn(String, Comparison) -> (Action, Option<Requirement>),
    ) {
        let mut size = 0;
        for turn in turns {
            for packet in packets(turn) {
                let (text, comparison) = packet.to_payload();
                size += text.len() + 1;
                let (action, rule) = line(text, comparison);
                self.push(Some(turn.ordinal), action, rule);
            }
        }
        self.largest = self.largest.max(size);
    }

    fn push(&mut self, owner: Option<usize>, action: Action, rule: Option<Requirement>) {
        let notes = Notes { rule, ..Notes::default() };
        self.lines.push(Line::Step(Step { line: 0, action, notes }));
        self.owners.push(owner);
    }
}

/// The packets of one exchange.
struct Turn {
    ordinal: usize,
    packets: Packets,
    rule: Option<Requirement>,
}

impl Turn {
    /// Whether an acknowledgement comes back. The order of an acknowledgement and of another packet's answer is not
    /// defined, so they do not share a payload.
    fn is_acknowledged(&self) -> bool {
        let is_ack = |text: &str| text.starts_with("43") || text.starts_with("46");
        matches!(self.packets.returned.first(), Some(Packet::Text(text, _)) if is_ack(text))
    }

    fn size(&self) -> usize {
        self.packets.sent.iter().map(Packet::len).sum()
    }
}

/// The number of the first line after the header, a blank line, and the opening.
fn first_line(header: &Header, opening: &[Line]) -> u32 {
    let before = header.to_string().lines().count().saturating_add(opening.len());
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(2)
}

fn channel(name: &str, number: Option<usize>) -> Channel {
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    Channel::new(format!("{name}{number}")).expect("it begins with a letter")
}

/// A text without holes, with any content.
fn sent_text(text: String, comparison: Comparison) -> Content {
    Content { comparison: Comparison::Json, ..returned_text(text, comparison) }
}

fn returned_text(mut text: String, comparison: Comparison) -> Content {
    // A text that is filled up is not JSON.
    let fill = if comparison == Comparison::Exact { filled(text.as_bytes()) } else { None };
    let fill = fill.map(|(length, fill)| {
        text.truncate(length);
        fill
    });
    Content { pattern: Pattern::literal(text), comparison, fill }
}

fn data(mut bytes: Vec<u8>) -> Data {
    let fill = filled(&bytes).map(|(length, fill)| {
        bytes.truncate(length);
        fill
    });
    Data { bytes, fill }
}

/// How much must be written if `fill` produces the rest; `None` if that would save little.
fn filled(bytes: &[u8]) -> Option<(usize, Expr)> {
    const LITTLE: usize = 64;
    let filled = bytes.iter().rev().take_while(|byte| **byte == b'x').count();
    let fill = bytes.len().to_string().parse().ok()?;
    (filled > LITTLE).then(|| (bytes.len().saturating_sub(filled), fill))
}

fn client(channel: &Channel, action: Client) -> Action {
    Action::Client(channel.clone(), action)
}

fn server(channel: &Channel, action: Server) -> Action {
    Action::Server(channel.clone(), action)
}

fn request_line(method: Method, extent: Extent) -> Client {
    let query = "EIO=4&transport=polling&sid=$sid".parse().expect("it is a pattern");
    Client::Request(Request { method, query, extent })
}

fn ok() -> Server {
    let statuses = Statuses::new([200]).expect("200 is a status");
    Server::Status(Answer { statuses, content_type: None })
}
