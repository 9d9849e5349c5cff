//! What the server does in a trace.

use super::super::super::recording::Lack;
use super::super::super::sighting::{Body, What};
use super::examples::Open;
use super::exchange::{Answering, Asking, Parts, Stage, left_open};
use super::player::{Course, Full, Player, binary};
use super::socket;
use crate::replay::Packet;
use crate::trace::{Answer, Channel, Content, Extent, Server, Side, Step};

impl Player {
    pub(super) fn server(&mut self, step: &Step, channel: &Channel, act: &Server) -> Result<(), Full> {
        self.ask();
        match act {
            Server::Status(answer) => self.status(step, channel, answer),
            Server::Header(field) => {
                let value = self.examples.text(&Content::from(field.value.clone()), &[]);
                let is_type = field.name.as_str().eq_ignore_ascii_case("content-type");
                match (value, self.answering(channel)) {
                    (Ok(value), Some(answering)) if is_type => answering.content_type = Some(value),
                    _ => self.fact(step),
                }
            }
            Server::Script(index) => {
                let index = self.examples.text(&Content::from(index.clone()), &[]);
                match (index, self.answering(channel)) {
                    (Ok(index), Some(answering)) => answering.script = Some(index),
                    _ => self.fact(step),
                }
            }
            Server::Packet(content) => {
                let packet = self.text(step, content, self.upgrades)?.and_then(|text| self.packet(text));
                self.answered(step, channel, |parts| parts.packet(step.line, packet));
            }
            Server::Body(content) => {
                let bytes = self.text(step, content, self.upgrades)?.map(String::into_bytes);
                self.answered(step, channel, |parts| parts.bytes(step.line, bytes));
            }
            Server::Binary(data) if self.is_request(channel) => {
                let packet = self.data(step, data)?.map(|bytes| Packet::Binary(bytes.into()));
                self.answered(step, channel, |parts| parts.packet(step.line, packet));
            }
            Server::Binary(data) => {
                let bytes = self.data(step, data)?;
                self.say(step, channel, vec![binary(step, Side::Server, bytes)]);
            }
            Server::Text(content) => {
                let said = match self.text(step, content, &[])? {
                    Ok(text) => self.message(Side::Server, text),
                    Err(Open) => What::Unreadable(Side::Server, left_open(step.line)),
                };
                self.say(step, channel, vec![said]);
            }
            Server::Closed(codes) => self.closed(step, channel, codes.first().copied()),
            Server::Refused(answer) => self.refused(step, channel, answer),
            Server::End | Server::Over => {
                self.answer();
                if let Some(Course::Request(request)) = self.channels.get_mut(channel) {
                    request.stage = Stage::Over;
                }
                self.fact(step);
            }
            Server::Pong(_) => self.fact(step),
            Server::Quiet(expr) => {
                let millis = self.examples.number(expr);
                self.wait(millis);
                self.fact(step);
            }
        }
        Ok(())
    }

    fn is_request(&self, channel: &Channel) -> bool {
        matches!(self.channels.get(channel), Some(Course::Request(_)))
    }

    fn answering(&mut self, channel: &Channel) -> Option<&mut Answering> {
        self.answering.iter_mut().find(|(own, _)| own == channel).map(|(_, answering)| answering)
    }

    /// The first line of an answer.
    fn status(&mut self, step: &Step, channel: &Channel, answer: &Answer) {
        let is_due =
            matches!(self.channels.get(channel), Some(Course::Request(request)) if request.stage == Stage::Asked);
        match answer.statuses.as_slice().first() {
            Some(status) if is_due && self.answering(channel).is_none() => {
                let content_type = answer.content_type.as_ref().map(|media| media.as_str().to_owned());
                self.answering.push((channel.clone(), Answering::of(step.line, *status, content_type)));
            }
            _ => self.fact(step),
        }
    }

    /// A part of an answer. A poll that goes on until all packets have come is asked again.
    fn answered(&mut self, step: &Step, channel: &Channel, add: impl FnOnce(&mut Parts)) {
        if let Some(answering) = self.answering(channel) {
            return add(&mut answering.parts);
        }
        let Some(Course::Request(request)) = self.channels.get(channel) else { return self.fact(step) };
        let mut request = request.clone();
        if request.stage != Stage::Answered || !matches!(request.extent, Extent::Until(_)) {
            self.seen.lack(Lack::Part(format!("what carries the answer in line {}", step.line)));
            return;
        }
        (request.exchange, request.stage) = (self.next(), Stage::Asked);
        let asking = Asking { line: step.line, request, content_type: None, parts: Parts::default(), declared: None };
        self.asking = Some((channel.clone(), asking));
        self.ask();
        let mut answering = Answering::of(step.line, 200, None);
        add(&mut answering.parts);
        self.answering.push((channel.clone(), answering));
    }

    /// The end of a WebSocket; of one on which nothing passed, it is not known whether it was ever open.
    fn closed(&mut self, step: &Step, channel: &Channel, code: Option<u16>) {
        let Some(Course::Socket(socket)) = self.channels.get_mut(channel) else { return self.fact(step) };
        let exchange = socket.exchange;
        socket.stage = socket::Stage::Over;
        let end = code.map_or(What::End(Side::Server), |code| What::Close(Side::Server, Some(code)));
        self.see(step.line, exchange, end);
    }

    fn refused(&mut self, step: &Step, channel: &Channel, answer: &Answer) {
        let status = answer.statuses.as_slice().first().copied();
        let (Some(Course::Socket(socket)), Some(status)) = (self.channels.get_mut(channel), status) else {
            return self.fact(step);
        };
        let exchange = socket.exchange;
        socket.stage = socket::Stage::Over;
        let content_type = answer.content_type.as_ref().map(|media| media.as_str().to_owned());
        let body = Body::empty();
        self.see(step.line, exchange, What::Answer { status, content_type, body });
    }
}
