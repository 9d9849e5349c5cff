//! What the client does in a trace.

use super::super::super::recording::Lack;
use super::super::super::sighting::What;
use super::examples::Open;
use super::exchange::{Asking, Parts, Request, Stage, left_open};
use super::player::{Course, Full, Notation, Player, binary, hidden};
use super::socket::Socket;
use crate::replay::{Framing, Packet};
use crate::trace::{self, Channel, Client, Content, Extent, Pattern, Side, Step};

impl Player {
    pub(super) fn client(&mut self, step: &Step, channel: &Channel, act: &Client) -> Result<(), Full> {
        if self.asking.as_ref().is_some_and(|(asking, _)| asking == channel) && self.goes_on(step, act)? {
            return Ok(());
        }
        self.ask();
        self.answer();
        match act {
            Client::Request(request) => self.request(step, channel, request),
            Client::Open(query) => self.open(step, channel, query),
            Client::Raw(_) => {
                self.seen.lack(Lack::Part(format!("the bytes on a connection of their own, in line {}", step.line)));
            }
            Client::Abort => {
                if let Some(Course::Request(request)) = self.channels.get_mut(channel) {
                    request.stage = Stage::Over;
                    let exchange = request.exchange;
                    self.see(step.line, exchange, What::End(Side::Client));
                }
            }
            Client::Text(_) | Client::Binary(_) | Client::Frame(_) | Client::Close(_) => {
                return self.client_message(step, channel, act);
            }
            Client::Part(_) => self.seen.lack(Lack::Part(format!("a later part of a body, in line {}", step.line))),
            Client::Header(_) | Client::Packet(_) | Client::Body(_) | Client::Bytes(_) => self.fact(step),
        }
        Ok(())
    }

    fn request(&mut self, step: &Step, channel: &Channel, request: &trace::Request) {
        let Some(query) = self.query(step, channel, &request.query) else { return };
        let declared = match &request.extent {
            Extent::Declared(length) => self.examples.number(length),
            Extent::Whole | Extent::Until(_) => None,
        };
        let request = Request {
            exchange: self.next(),
            method: request.method,
            target: format!("{}?{query}", self.path),
            framing: Framing::of(&query),
            extent: request.extent.clone(),
            stage: Stage::Asked,
        };
        let asking = Asking { line: step.line, request, content_type: None, parts: Parts::default(), declared };
        self.asking = Some((channel.clone(), asking));
    }

    fn open(&mut self, step: &Step, channel: &Channel, query: &Pattern) {
        let Some(query) = self.query(step, channel, query) else { return };
        let (exchange, target) = (self.next(), format!("{}?{query}", self.path));
        self.see(step.line, exchange, What::Open { target, agent: None });
        self.channels.insert(channel.clone(), Course::Socket(Socket::new(exchange)));
    }

    /// The query of a request; `None` if it cannot be known, and so nothing of its channel.
    fn query(&mut self, step: &Step, channel: &Channel, query: &Pattern) -> Option<String> {
        let query = self.examples.query(query);
        if query == Err(Open) {
            self.channels.remove(channel);
            self.seen.lack(Lack::Part(left_open(step.line)));
        }
        query.ok()
    }

    /// Adds a line to the request that is being written, if it belongs to it.
    fn goes_on(&mut self, step: &Step, act: &Client) -> Result<bool, Full> {
        let line = step.line;
        match act {
            Client::Header(field) => {
                let value = self.examples.text(&Content::from(field.value.clone()), &[]);
                let is_type = field.name.as_str().eq_ignore_ascii_case("content-type");
                match (value, &mut self.asking) {
                    (Ok(value), Some((_, asking))) if is_type => asking.content_type = Some(value),
                    _ => self.fact(step),
                }
            }
            Client::Packet(content) => {
                let packet = self.text(step, content, &[])?.and_then(|text| self.packet(text));
                self.parts(|parts| parts.packet(line, packet));
            }
            Client::Binary(data) => {
                let packet = self.data(step, data)?.map(|bytes| Packet::Binary(bytes.into()));
                self.parts(|parts| parts.packet(line, packet));
            }
            Client::Body(content) | Client::Part(content) => {
                let bytes = self.text(step, content, &[])?.map(String::into_bytes);
                self.parts(|parts| parts.bytes(line, bytes));
            }
            Client::Bytes(data) => {
                let bytes = self.data(step, data)?;
                self.parts(|parts| parts.bytes(line, bytes));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn parts(&mut self, add: impl FnOnce(&mut Parts)) {
        if let Some((_, asking)) = &mut self.asking {
            add(&mut asking.parts);
        }
    }

    fn client_message(&mut self, step: &Step, channel: &Channel, act: &Client) -> Result<(), Full> {
        let side = Side::Client;
        let said = match act {
            Client::Text(content) => vec![match self.text(step, content, &[])? {
                Ok(text) => self.message(side, text),
                Err(Open) => What::Unreadable(side, left_open(step.line)),
            }],
            Client::Binary(data) => vec![binary(step, side, self.data(step, data)?)],
            Client::Frame(frame) => match self.data(step, &frame.payload)? {
                Ok(_) if self.notation == Notation::MessagePack => vec![hidden(side)],
                Ok(payload) => match self.channels.get_mut(channel) {
                    Some(Course::Socket(socket)) => socket.frame(frame.head, &payload),
                    _ => Vec::new(),
                },
                Err(Open) => vec![What::Unreadable(side, left_open(step.line))],
            },
            Client::Close(code) => vec![What::Close(side, *code)],
            _ => Vec::new(),
        };
        if said.is_empty() {
            self.fact(step);
        }
        self.say(step, channel, said);
        Ok(())
    }
}
