//! Compares one S step with what has arrived on its channel.

use std::collections::VecDeque;

use sio_codec::Timestamp;
use sio_codec::engineio::jsonp;

use super::aside::{CLOSE, NOOP};
use super::command::Answer as Arrived;
use super::excerpt::{lossy, shorten, shorten_hex};
use super::framing::Packet;
use super::outcome::{Departure, Evidence};
use super::reading::Reading;
use super::refusal::says_unknown;
use super::wire::{Arrival, Exchange, Kind, Raw, Received, Reply, Rest, Socket, Wire, describe, show};
use crate::trace::{Answer, Bindings, Comparison, Content, Data, Field, Pattern, Server};

/// The result of comparing a step with a channel.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing has arrived yet.
    Pending,
    /// It arrived; `lenient` has a remark if it is accepted but differs from the reference.
    Matched { at: Timestamp, lenient: Option<String> },
    /// Something else arrived.
    Differs(Departure),
}

impl Look {
    const fn matched(at: Timestamp) -> Self {
        Self::Matched { at, lenient: None }
    }

    pub(super) fn differs(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self::Differs(Departure::new(Evidence::Content, expected, actual))
    }

    /// The request or connection is over, but something else was expected.
    fn ended(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self::Differs(Departure::new(Evidence::Ended, expected, actual))
    }
}

impl Wire {
    /// Compares the step with the oldest unread item, and removes that if they agree.
    pub(super) fn look(&mut self, expected: &Server, reading: Reading<'_>, now: Timestamp) -> Look {
        match &mut self.kind {
            Kind::Request(exchange) => exchange.look(expected, reading, now),
            Kind::Socket(socket) => socket.look(expected, reading),
            Kind::Raw(raw) => raw.look(expected),
        }
    }

    /// Removes the oldest unread item that a step of this kind would be compared with.
    pub(super) fn skip(&mut self, expected: &Server) {
        match &mut self.kind {
            Kind::Request(exchange) => exchange.skip(expected),
            Kind::Socket(socket) => drop(socket.inbox.pop_front()),
            Kind::Raw(_) => {}
        }
    }
}

impl Raw {
    /// An error status also counts as the end, even if the connection stays open; any other status must be expected.
    fn look(&mut self, expected: &Server) -> Look {
        match (expected, self.status, &self.end) {
            (Server::Status(wanted), Some((at, status)), _) if wanted.statuses.accepts(status) => {
                self.status = None;
                Look::matched(at)
            }
            (Server::End, Some((at, 400..)), _) | (Server::Over, Some((at, _)), _) => {
                self.status = None;
                Look::matched(at)
            }
            (_, Some((_, status)), _) => Look::differs(verb(expected), format!("status {status}")),
            (Server::End | Server::Over, None, Some((at, _))) => Look::matched(*at),
            (_, None, Some((_, reason))) => Look::ended(verb(expected), reason.clone()),
            (_, None, None) => Look::Pending,
        }
    }
}

impl Exchange {
    fn look(&mut self, expected: &Server, reading: Reading<'_>, now: Timestamp) -> Look {
        match (&mut self.answer, expected) {
            (Reply::Pending { .. }, Server::Quiet(_)) => Look::Pending,
            (_, Server::Quiet(_)) => match self.answer.news() {
                Some(news) if self.is_end() => Look::ended("silence", news),
                Some(news) => Look::differs("silence", news),
                None => Look::Pending,
            },
            (Reply::Pending { .. }, _) => Look::Pending,
            (Reply::Lost { at, .. }, Server::End | Server::Over) => {
                let at = *at;
                self.answer = Reply::Spent { answer: None };
                Look::matched(at)
            }
            (Reply::Lost { reason, .. }, _) => Look::ended(verb(expected), reason.clone()),
            (Reply::Spent { answer: Some(answer) }, Server::Header(field)) => {
                header(field, answer, reading.bindings, now)
            }
            (Reply::Spent { .. }, _) => Look::differs(verb(expected), "the answer holds nothing more"),
            (Reply::Arrived { .. }, _) => self.look_at_answer(expected, reading),
        }
    }

    fn look_at_answer(&mut self, expected: &Server, reading: Reading<'_>) -> Look {
        let Reply::Arrived { at, answer, rest } = &mut self.answer else { return Look::Pending };
        let at = *at;
        match expected {
            Server::Status(wanted) => match rest {
                Rest::All(packets) => {
                    let look = status(wanted, answer, at);
                    if matches!(look, Look::Matched { .. }) {
                        *rest = Rest::Body(std::mem::take(packets));
                    }
                    look
                }
                Rest::Body(_) | Rest::Packets(_) => Look::differs("a status", "it was read already"),
            },
            Server::Over => {
                self.spend();
                Look::matched(at)
            }
            Server::End if answer.status >= 400 => {
                self.spend();
                Look::matched(at)
            }
            Server::End => Look::differs("an error status or a reset", describe(answer)),
            Server::Header(field) => header(field, answer, reading.bindings, at),
            Server::Script(index) => script(index, answer, reading.bindings, at),
            Server::Body(content) => {
                let look = body(content, answer, reading.bindings, at);
                if matches!(look, Look::Matched { .. }) {
                    self.spend();
                }
                look
            }
            Server::Packet(_) | Server::Binary(_) => {
                let mut packets = match rest {
                    Rest::All(packets) | Rest::Body(packets) | Rest::Packets(packets) => std::mem::take(packets),
                };
                let look = packet(expected, &mut packets, reading, at);
                *rest = Rest::Packets(packets);
                look
            }
            _ => Look::differs(verb(expected), "this channel is an HTTP request"),
        }
    }

    fn skip(&mut self, expected: &Server) {
        let Reply::Arrived { rest, .. } = &mut self.answer else { return };
        match (expected, rest) {
            (Server::Status(_), rest @ Rest::All(_)) => {
                if let Rest::All(packets) = rest {
                    *rest = Rest::Body(std::mem::take(packets));
                }
            }
            (Server::Body(_) | Server::End | Server::Over, _) => self.spend(),
            (
                Server::Packet(_) | Server::Binary(_),
                Rest::All(packets) | Rest::Body(packets) | Rest::Packets(packets),
            ) => {
                packets.pop_front();
            }
            _ => {}
        }
    }

    fn spend(&mut self) {
        let spent = std::mem::replace(&mut self.answer, Reply::Spent { answer: None });
        if let Reply::Arrived { answer, .. } = spent {
            self.answer = Reply::Spent { answer: Some(answer) };
        }
    }
}

impl Socket {
    fn look(&mut self, expected: &Server, reading: Reading<'_>) -> Look {
        let is_pong = |received: &Received| matches!(received.arrival, Arrival::Pong(_));
        while !matches!(expected, Server::Pong(_)) && self.inbox.front().is_some_and(is_pong) {
            self.inbox.pop_front();
        }
        let Some(Received { at, arrival, .. }) = self.inbox.front() else { return Look::Pending };
        let at = *at;
        let look = match (expected, arrival) {
            (Server::Text(content), Arrival::Text(text)) => text_look(content, text, reading, at),
            (Server::Binary(data), Arrival::Binary(bytes)) => binary_look(data, bytes, reading.bindings, at),
            (Server::Pong(data), Arrival::Pong(bytes)) => binary_look(data, bytes, reading.bindings, at),
            (Server::Refused(wanted), Arrival::Refused(answer)) => status(wanted, answer, at),
            (Server::Closed(codes), Arrival::Closed(code)) => closed(codes, *code, at),
            (Server::Closed(codes), Arrival::Refused(_) | Arrival::Broken(_)) if codes.is_empty() => Look::matched(at),
            (Server::Quiet(_), arrival) => return Look::differs("silence", arrival.describe()),
            (_, arrival) if arrival.is_end() => Look::ended(verb(expected), arrival.describe()),
            (_, arrival) => Look::differs(verb(expected), arrival.describe()),
        };
        if matches!(look, Look::Matched { .. }) {
            self.inbox.pop_front();
        }
        look
    }
}

fn status(wanted: &Answer, answer: &Arrived, at: Timestamp) -> Look {
    let first = wanted.statuses.as_slice().first().copied();
    if !wanted.statuses.accepts(answer.status) {
        let statuses: Vec<_> = wanted.statuses.as_slice().iter().map(ToString::to_string).collect();
        let wanted = format!("status {}", statuses.join(" or "));
        if says_unknown(answer) {
            return Look::ended(wanted, describe(answer));
        }
        return Look::differs(wanted, describe(answer));
    }
    if let Some(content_type) = &wanted.content_type
        && first == Some(answer.status)
    {
        let actual = answer.header("content-type").unwrap_or_default();
        if !same_media_type(content_type.as_str(), actual) {
            return Look::differs(format!("content type {content_type}"), format!("content type {actual:?}"));
        }
    }
    let lenient = (first != Some(answer.status)).then(|| describe(answer));
    Look::Matched { at, lenient }
}

/// Compares media types and their parameters, ignoring case, spaces, and quotes around values.
pub(crate) fn same_media_type(wanted: &str, actual: &str) -> bool {
    let normal = |text: &str| text.replace([' ', '"'], "").to_ascii_lowercase();
    normal(wanted) == normal(actual)
}

fn header(field: &Field, answer: &Arrived, bindings: &mut Bindings, at: Timestamp) -> Look {
    let name = field.name.as_str();
    match answer.header(name) {
        None => Look::differs(format!("header {name}"), "there is no such header"),
        Some(value) => match field.value.matches(value, Comparison::Exact, bindings) {
            Ok(()) => Look::matched(at),
            Err(mismatch) => Look::differs(format!("header {name}: {}", field.value), mismatch.to_string()),
        },
    }
}

//= EIO3-JSONP-01
fn script(index: &Pattern, answer: &Arrived, bindings: &mut Bindings, at: Timestamp) -> Look {
    let wanted = format!("a script that calls ___eio[{index}]");
    let text = lossy(&answer.body);
    let Ok((called, _)) = jsonp::unwrap(&text) else {
        return Look::differs(wanted, format!("body {}", shorten(&text)));
    };
    match index.matches(called.as_str(), Comparison::Exact, bindings) {
        Ok(()) => Look::matched(at),
        Err(mismatch) => Look::differs(wanted, mismatch.to_string()),
    }
}

fn body(content: &Content, answer: &Arrived, bindings: &mut Bindings, at: Timestamp) -> Look {
    let text = lossy(&answer.body);
    match content.matches(&text, bindings) {
        Ok(()) => Look::matched(at),
        Err(mismatch) => Look::differs(
            format!("body {}", shorten(&content.pattern.to_string())),
            format!("body {}: {mismatch}", shorten(&text)),
        ),
    }
}

/// Compares the next packet. A noop that the trace does not mention is skipped if another packet follows it.
fn packet(expected: &Server, packets: &mut VecDeque<Packet>, mut reading: Reading<'_>, at: Timestamp) -> Look {
    let is_noop = |content: &Content| content.pattern.is(NOOP);
    let wants_noop = matches!(expected, Server::Packet(content) if is_noop(content));
    while packets.len() > 1 && packets.front().is_some_and(|packet| packet.text() == NOOP) && !wants_noop {
        packets.pop_front();
    }
    let Some(next) = packets.front() else {
        return Look::differs(verb(expected), "the payload holds nothing more");
    };
    let look = match (expected, next) {
        (Server::Packet(content), Packet::Text(text)) => match reading.compare(content, text) {
            Ok(()) => Look::matched(at),
            Err(mismatch) => {
                let actual = format!("{}: {mismatch}", show(next));
                if text == CLOSE { Look::ended(verb(expected), actual) } else { Look::differs(verb(expected), actual) }
            }
        },
        (Server::Binary(data), Packet::Binary(bytes)) => binary_look(data, bytes, reading.bindings, at),
        (_, next) => Look::differs(verb(expected), show(next)),
    };
    if matches!(look, Look::Matched { .. }) {
        packets.pop_front();
    }
    look
}

fn text_look(content: &Content, text: &str, mut reading: Reading<'_>, at: Timestamp) -> Look {
    match reading.compare(content, text) {
        Ok(()) => Look::matched(at),
        Err(mismatch) => Look::differs(
            format!("text {}", shorten(&content.pattern.to_string())),
            format!("text {}: {mismatch}", shorten(text)),
        ),
    }
}

fn binary_look(data: &Data, actual: &[u8], bindings: &Bindings, at: Timestamp) -> Look {
    match data.render(bindings) {
        Ok(expected) if expected == actual => Look::matched(at),
        Ok(expected) => {
            let shown = |bytes: &[u8]| format!("bytes {}", shorten_hex(bytes));
            Look::differs(shown(&expected), shown(actual))
        }
        Err(unbound) => Look::differs("a known payload", unbound.to_string()),
    }
}

fn closed(codes: &[u16], code: Option<u16>, at: Timestamp) -> Look {
    let fits = codes.is_empty() || code.is_some_and(|code| codes.contains(&code));
    if fits {
        return Look::matched(at);
    }
    let wanted: Vec<_> = codes.iter().map(ToString::to_string).collect();
    let actual = code.map_or_else(|| "closed without a code".to_owned(), |code| format!("closed with {code}"));
    Look::differs(format!("closed with {}", wanted.join(" or ")), actual)
}

/// What a step waits for, in a few words.
fn verb(expected: &Server) -> String {
    match expected {
        Server::Status(answer) => format!("status {}", answer.statuses.as_slice().first().copied().unwrap_or(0)),
        Server::Header(field) => format!("header {}", field.name),
        Server::Script(index) => format!("a script that calls ___eio[{index}]"),
        Server::Packet(content) => format!("packet {}", shorten(&content.pattern.to_string())),
        Server::Body(content) => format!("body {}", shorten(&content.pattern.to_string())),
        Server::End => "an error status or a reset".to_owned(),
        Server::Over => "an answer or a reset".to_owned(),
        Server::Text(content) => format!("text {}", shorten(&content.pattern.to_string())),
        Server::Binary(data) => format!("binary {}", shorten_hex(&data.bytes)),
        Server::Pong(data) => format!("pong {}", shorten_hex(&data.bytes)),
        Server::Closed(_) => "the WebSocket to close".to_owned(),
        Server::Refused(_) => "the WebSocket to be refused".to_owned(),
        Server::Quiet(_) => "silence".to_owned(),
    }
}
