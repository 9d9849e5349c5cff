//! Reads the client's lines: calls of the application, and expectations.

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::Query;

use super::super::course::{Farewell, Role};
use super::super::reason::Reason;
use super::super::script::{Act, Expected, Move, Wish};
use super::super::wishes::Sent;
use super::{Reader, wants_base64};
use crate::replay::{Packet, Play};
use crate::trace::{Action, Channel, Client, Comparison, Extent, Method, Request};

impl Reader {
    pub(super) fn client(&mut self, channel: &Channel, act: &Client, play: &Play) -> Result<(), Reason> {
        let starts = matches!(act, Client::Request(_) | Client::Open(_));
        if starts && self.course.is_over() && self.is_refused(channel) {
            self.unplayed.insert(channel.clone());
            return Ok(());
        }
        if !matches!(act, Client::Text(_) | Client::Binary(_)) {
            self.talk.check_complete()?;
        }
        match act {
            Client::Request(request) => self.request(channel, request, play),
            Client::Open(query) => {
                let query = query.render(&self.bindings)?;
                self.check_query(&query, "websocket")?;
                self.course.open(channel)?;
                self.act(play, Act::Expect(channel.clone(), Expected::Open { query }, None));
                Ok(())
            }
            Client::Text(content) => {
                let text = content.render(&self.bindings)?;
                self.text(channel, text, content.comparison, play)
            }
            Client::Binary(data) => {
                let bytes = Bytes::from(data.render(&self.bindings)?);
                self.course.binary(channel)?;
                if self.parameters.as_deref().is_some_and(wants_base64) {
                    return Err(Reason::new("asks for base64 and sends bytes"));
                }
                let expected = Act::Expect(channel.clone(), Expected::Binary(bytes.clone()), None);
                self.sent(Sent::of_bytes(bytes), expected, play)
            }
            Client::Close(None) => {
                if self.course.close(channel)? == Farewell::Application {
                    self.act(play, Act::Wish(Wish::Close));
                }
                self.act(play, Act::Expect(channel.clone(), Expected::Close, None));
                Ok(())
            }
            Client::Close(Some(_)) => Err(Reason::new("closes its WebSocket with a code, which the program decides")),
            Client::Abort => Err(Reason::new("loses its connection, which is not an action of a client")),
            Client::Frame(_) => Err(Reason::new("sends frames that are not messages, which the program decides")),
            Client::Raw(_) | Client::Part(_) => Err(Reason::new("sends raw bytes")),
            Client::Header(_) => Err(Reason::new("sets a header field, which the program decides")),
            Client::Packet(_) | Client::Body(_) | Client::Bytes(_) => Err(Reason::new("has a body in a GET")),
        }
    }

    fn request(&mut self, channel: &Channel, request: &Request, play: &Play) -> Result<(), Reason> {
        let query = request.query.render(&self.bindings)?;
        self.check_query(&query, "polling")?;
        match (request.method, &request.extent) {
            (_, Extent::Declared(_)) => Err(Reason::new("declares a length that its body does not have")),
            (Method::Get, _) => {
                self.course.get(channel)?;
                self.act(play, Act::Expect(channel.clone(), Expected::Get { query }, None));
                Ok(())
            }
            (Method::Post, _) => self.post(channel, query, play),
            (method, _) => Err(Reason::new(format!("sends the method {}", method.as_str()))),
        }
    }

    fn post(&mut self, channel: &Channel, query: String, play: &Play) -> Result<(), Reason> {
        let packets = self.packets(channel)?;
        if packets.is_empty() {
            return Err(Reason::new("sends a POST without packets"));
        }
        if self.course.post(channel, packets == ["1"])? == Farewell::Client {
            self.act(play, Act::Expect(channel.clone(), posted(query, packets), None));
            return Ok(());
        }
        let mut is_closing = false;
        for packet in &packets {
            if is_closing {
                return Err(Reason::new("sends packets after a close packet"));
            }
            let sent = Sent::of_text(packet)?;
            is_closing = sent == Sent::Close;
            self.wish(sent, packet.len(), play)?;
        }
        self.talk.check_complete()?;
        if packets.len() > 1 && packets.iter().any(|packet| packet == "3") {
            return Err(Reason::new("sends a pong with other packets, which the client decides"));
        }
        self.act(play, Act::Expect(channel.clone(), posted(query, packets), None));
        self.end_if_for_nothing();
        if is_closing {
            self.course.end();
        }
        Ok(())
    }

    /// The packets of the request that was just started.
    fn packets(&mut self, of: &Channel) -> Result<Vec<String>, Reason> {
        let mut packets = Vec::new();
        while let Some(play) = self.plays.get(self.cursor).cloned() {
            let Action::Client(channel, act) = &play.step.action else { break };
            match act {
                Client::Packet(content) if channel == of => {
                    self.bindings.bind("i", play.counter);
                    packets.push(content.render(&self.bindings)?);
                }
                Client::Body(_) | Client::Bytes(_) | Client::Part(_) if channel == of => {
                    return Err(Reason::new("sends a body that is not made of packets"));
                }
                Client::Header(_) if channel == of => {
                    return Err(Reason::new("sets a header field, which the program decides"));
                }
                _ => break,
            }
            self.cursor += 1;
        }
        Ok(packets)
    }

    fn text(&mut self, on: &Channel, text: String, comparison: Comparison, play: &Play) -> Result<(), Reason> {
        let role = self.course.text(on, &text)?;
        let expected = Act::Expect(on.clone(), Expected::Text(text.clone(), comparison), None);
        if role != Role::Packet {
            self.act(play, expected);
            return Ok(());
        }
        match Sent::of_text(&text)? {
            Sent::Close => Err(Reason::new("sends a close packet on a WebSocket, which it would close instead")),
            Sent::Message(Frame::Binary(_)) if !self.parameters.as_deref().is_some_and(wants_base64) => {
                Err(Reason::new("sends base64 on a WebSocket"))
            }
            sent => self.sent(sent, expected, play),
        }
    }

    /// Something is sent on the session's WebSocket.
    fn sent(&mut self, sent: Sent, expected: Act, play: &Play) -> Result<(), Reason> {
        let len = match &expected {
            Act::Expect(_, Expected::Text(text, _), _) => text.len(),
            Act::Expect(_, Expected::Binary(bytes), _) => bytes.len(),
            _ => 0,
        };
        self.held.push(Move { line: play.step.line, act: expected });
        self.wish(sent, len, play)?;
        if self.talk.check_complete().is_ok() {
            self.moves.append(&mut self.held);
        }
        self.end_if_for_nothing();
        Ok(())
    }

    fn wish(&mut self, sent: Sent, len: usize, play: &Play) -> Result<(), Reason> {
        match sent {
            Sent::Pong => self.course.pong(),
            Sent::Close => {
                self.course.message()?;
                self.act(play, Act::Wish(Wish::Close));
                Ok(())
            }
            Sent::Message(message) => {
                self.course.message()?;
                let max = self.open.as_ref().and_then(|open| open.max_payload);
                if max.is_some_and(|max| len > max) {
                    return Err(Reason::new("sends more than the server takes"));
                }
                if let Some(wish) = self.talk.client_says(message)? {
                    self.act(play, Act::Wish(wish));
                }
                Ok(())
            }
        }
    }

    /// A client's query has the revision, the transport, the sid, and constant parameters of its application.
    fn check_query(&mut self, query: &str, transport: &str) -> Result<(), Reason> {
        let query = Query::new(query);
        if query.value("EIO").as_deref() != Some("4") {
            return Err(Reason::new("speaks another revision, or none"));
        }
        if query.value("transport").as_deref() != Some(transport) {
            return Err(Reason::new("names another transport than the one it uses"));
        }
        if query.value("j").is_some() {
            return Err(Reason::new("asks for JSONP"));
        }
        match (self.open.as_ref(), query.value("sid").as_deref()) {
            (None, None) => {}
            (Some(open), Some(sid)) if sid == open.sid.as_str() => {}
            (Some(_), None) => return Err(Reason::new("opens a second session")),
            (_, Some(_)) => return Err(Reason::new("names a session that it does not have")),
        }
        let own = |name: &str| !matches!(name, "EIO" | "transport" | "sid");
        let pairs = query.pairs().filter(|(name, _)| own(name));
        let parameters: Vec<_> = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        match &self.parameters {
            Some(known) if *known != parameters => Err(Reason::new("changes its own parameters")),
            Some(_) => Ok(()),
            None => {
                self.parameters = Some(parameters);
                Ok(())
            }
        }
    }
}

/// A POST with packets of text.
fn posted(query: String, packets: Vec<String>) -> Expected {
    Expected::Post { query, content_type: None, packets: packets.into_iter().map(Packet::Text).collect() }
}
