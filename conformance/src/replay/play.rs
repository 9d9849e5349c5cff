//! The client's half: steps become commands, and happenings become what the server's half is checked against.

use std::collections::VecDeque;
use std::mem;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::timeline::shorten;
use super::wire::{Arrival, Exchange, Kind, Received, Reply, Rest, Socket, SocketState, Wire, describe, hex, packets};
use super::{
    Answer, Command, Difference, Happening, Heartbeats, Id, Mode, Outgoing, Owner, Play, Replay, Seen, Stage, Verdict,
};
use crate::trace::{Action, Bindings, Channel, Client, Content, Extent, Request, Side, UnboundHole};

impl Replay {
    /// Plays a client's step, along with the lines that describe the same request.
    pub(super) fn play(&mut self, channel: &Channel, action: &Client, play: &Play) {
        let played = self.with_counter(play, |replay| match action {
            Client::Request(request) => replay.start_request(channel, request),
            Client::Open(query) => replay.open(channel, &query.render(&replay.bindings)?),
            Client::Raw(content) => replay.send_raw(channel, content),
            Client::Part(content) => replay.send_part(channel, content),
            Client::Abort => replay.abort(channel),
            Client::Text(_) | Client::Binary(_) | Client::Close(_) => replay.send_frame(channel, action),
            // Read together with the line that starts the request.
            Client::Header(_) | Client::Packet(_) | Client::Body(_) | Client::Bytes(_) => {
                replay.cursor += 1;
                Ok(())
            }
        });
        if let Err(unbound) = played {
            self.fail(play, "values for every hole", unbound.to_string());
        }
        if matches!(self.stage, Stage::Ready) {
            self.settle_if_fresh();
        }
    }

    fn with_counter<T>(&mut self, play: &Play, act: impl FnOnce(&mut Self) -> T) -> T {
        self.bindings.bind("i", play.counter);
        let result = act(self);
        self.bindings.unbind("i");
        result
    }

    fn start_request(&mut self, channel: &Channel, request: &Request) -> Result<(), UnboundHole> {
        let mut outgoing = Outgoing {
            method: request.method.as_str().to_ascii_uppercase(),
            query: request.query.render(&self.bindings)?,
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        let mut until = 0;
        match &request.extent {
            Extent::Whole => {}
            Extent::Declared(length) => outgoing.length = u64::try_from(length.eval(&self.bindings)?).ok(),
            Extent::Until(packets) => until = packets.get() as usize,
        }
        self.cursor += 1;
        let mut body = Body::default();
        while let Some(play) = self.continuation(channel) {
            self.with_counter(&play, |replay| body.add(&play, &replay.bindings, &mut outgoing))?;
            self.cursor += 1;
        }
        outgoing.body = body.finish();
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.log_request(channel, &outgoing);
        let exchange = Exchange { request: outgoing.clone(), until, answer: Reply::Pending(Vec::new()), entry: None };
        self.add_channel(channel, id, Kind::Request(Box::new(exchange)));
        self.command(Command::Request { id, request: outgoing });
        Ok(())
    }

    /// The next step, if it goes on to describe the request that was just started.
    fn continuation(&self, of: &Channel) -> Option<Play> {
        let play = self.plays.get(self.cursor)?;
        match &play.step.action {
            Action::Client(
                channel,
                Client::Header(_) | Client::Packet(_) | Client::Body(_) | Client::Bytes(_) | Client::Part(_),
            ) if channel == of => Some(play.clone()),
            _ => None,
        }
    }

    fn open(&mut self, channel: &Channel, query: &str) -> Result<(), UnboundHole> {
        self.cursor += 1;
        let mut outgoing = Outgoing {
            method: String::new(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        while let Some(play) = self.continuation(channel) {
            self.with_counter(&play, |replay| Body::default().add(&play, &replay.bindings, &mut outgoing))?;
            self.cursor += 1;
        }
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.timeline.client(self.now, channel, format!("open {query}"));
        self.add_channel(channel, id, Kind::Socket(Socket { state: SocketState::Opening, inbox: VecDeque::new() }));
        self.command(Command::Open { id, query: outgoing.query, headers: outgoing.headers });
        Ok(())
    }

    fn send_raw(&mut self, channel: &Channel, content: &Content) -> Result<(), UnboundHole> {
        let text = content.render(&self.bindings)?;
        self.cursor += 1;
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.timeline.client(self.now, channel, format!("raw {text}"));
        self.add_channel(channel, id, Kind::Raw(None));
        self.command(Command::Raw { id, bytes: Bytes::from(text) });
        Ok(())
    }

    fn send_part(&mut self, channel: &Channel, content: &Content) -> Result<(), UnboundHole> {
        let text = content.render(&self.bindings)?;
        self.cursor += 1;
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = self.now;
            let id = wire.id;
            self.timeline.client(self.now, channel, format!("part {text}"));
            self.command(Command::Part { id, bytes: Bytes::from(text) });
        }
        Ok(())
    }

    fn abort(&mut self, channel: &Channel) -> Result<(), UnboundHole> {
        self.cursor += 1;
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = self.now;
            wire.kind = Kind::Raw(None);
            let id = wire.id;
            self.timeline.client(self.now, channel, "abort".to_owned());
            self.command(Command::Abort { id });
        }
        Ok(())
    }

    /// Sends a message, once the WebSocket is open.
    fn send_frame(&mut self, channel: &Channel, action: &Client) -> Result<(), UnboundHole> {
        let state = match self.channels.get(channel).map(|wire| &wire.kind) {
            Some(Kind::Socket(socket)) => socket.state,
            _ => SocketState::Over,
        };
        if state == SocketState::Opening {
            let until = self.now.saturating_add(self.conditions.step + self.noise);
            self.stage = Stage::Opening { channel: channel.clone(), until };
            return Ok(());
        }
        let id = self.channels.get(channel).map_or(Id(u32::MAX), |wire| wire.id);
        let (command, shown) = match action {
            Client::Text(content) => {
                let text = content.render(&self.bindings)?;
                (Command::Text { id, text: text.clone() }, format!("text {text}"))
            }
            Client::Binary(data) => {
                let bytes = data.render(&self.bindings)?;
                let shown = format!("binary {}", hex(&bytes));
                (Command::Binary { id, bytes: Bytes::from(bytes) }, shown)
            }
            Client::Close(code) => {
                let shown = code.map_or_else(|| "close".to_owned(), |code| format!("close {code}"));
                (Command::Close { id, code: *code }, shown)
            }
            _ => return Ok(()),
        };
        self.cursor += 1;
        self.timeline.client(self.now, channel, shown);
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = self.now;
        }
        self.command(command);
        Ok(())
    }

    /// Goes on with the step that waits for a WebSocket, if it can.
    pub(super) fn await_open(&mut self, channel: &Channel, until: Timestamp) -> bool {
        let opening = match self.channels.get(channel).map(|wire| &wire.kind) {
            Some(Kind::Socket(socket)) => socket.state == SocketState::Opening,
            _ => false,
        };
        if opening && until <= self.now {
            if let Some(play) = self.plays.get(self.cursor).cloned() {
                self.fail(&play, "an open WebSocket", "the handshake is not answered".to_owned());
            }
            return false;
        }
        if !opening {
            self.stage = Stage::Ready;
        }
        !opening
    }

    fn add_channel(&mut self, channel: &Channel, id: Id, kind: Kind) {
        self.channels.insert(channel.clone(), Wire { id, last: self.now, kind });
    }

    fn log_request(&mut self, channel: &Channel, request: &Outgoing) {
        let method = request.method.to_ascii_lowercase();
        self.timeline.client(self.now, channel, format!("{method} {}", request.query));
        for (name, value) in &request.headers {
            self.timeline.client(self.now, channel, format!("header {name}: {value}"));
        }
        if !request.body.is_empty() {
            let body = String::from_utf8_lossy(&request.body);
            self.timeline.client(self.now, channel, format!("body {}", shorten(&body)));
        }
    }

    /// Files what happened.
    pub(super) fn receive(&mut self, Happening { id, seen }: Happening) {
        match self.ids.get(&id).cloned() {
            Some(Owner::Channel(channel)) => {
                let current = self.channels.get(&channel).is_some_and(|wire| wire.id == id);
                if current {
                    self.receive_on(&channel, seen);
                }
            }
            Some(Owner::GoneProbe) => self.receive_gone(seen),
            Some(Owner::AliveProbe) => self.receive_alive(seen),
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
                    Some(Kind::Raw(end)) => *end = Some(now),
                    Some(Kind::Socket(_)) | None => {}
                }
            }
            Seen::Opened => {
                if let Some(Wire { kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) {
                    socket.state = SocketState::Open;
                }
            }
            Seen::Text(text) if text == "2" && self.heartbeats == Heartbeats::SetAside => {
                self.timeline.set_aside(now, channel, Side::Server, "text 2".to_owned());
                self.timeline.set_aside(now, channel, Side::Client, "text 3".to_owned());
                if let Some(id) = self.channels.get(channel).map(|wire| wire.id) {
                    self.command(Command::Text { id, text: "3".to_owned() });
                }
            }
            Seen::Text(text) => self.arrive(channel, Arrival::Text(text)),
            Seen::Binary(bytes) => self.arrive(channel, Arrival::Binary(bytes)),
            Seen::Refused(answer) => self.arrive(channel, Arrival::Refused(answer)),
            Seen::Closed(code) => self.arrive(channel, Arrival::Closed(code)),
            Seen::Broken(reason) => self.give_up(channel, reason),
            Seen::Pong(_) | Seen::Head(_) => {}
        }
    }

    /// No line of a trace stands for a connection that no client can read on from.
    fn give_up(&mut self, channel: &Channel, reason: String) {
        self.timeline.server(self.now, channel, format!("broken ({reason})"));
        let line = self.plays.get(self.cursor).map_or(0, |play| play.step.line);
        self.timeline.fault(self.now, Some(self.timeline.last()), "");
        let expected = "a WebSocket that can be read".to_owned();
        self.conclude(Verdict::Failed(Difference { line, expected, actual: reason }));
    }

    fn arrive(&mut self, channel: &Channel, arrival: Arrival) {
        self.timeline.server(self.now, channel, arrival.describe());
        let Some(Wire { kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) else { return };
        if matches!(arrival, Arrival::Refused(_) | Arrival::Closed(_)) {
            socket.state = SocketState::Over;
        }
        socket.inbox.push_back(Received { at: self.now, entry: self.timeline.last(), arrival });
    }

    fn receive_answer(&mut self, channel: &Channel, answer: Answer) {
        let now = self.now;
        let heartbeats = self.heartbeats;
        let Some(Wire { kind: Kind::Request(exchange), .. }) = self.channels.get_mut(channel) else {
            if let Some(Wire { kind: Kind::Raw(end), .. }) = self.channels.get_mut(channel) {
                *end = Some(now);
            }
            self.timeline.server(now, channel, describe(&answer));
            return;
        };
        let request = exchange.request.clone();
        let is_payload = answer.status == 200 && request.method == "GET" && !answer.body.is_empty();
        let mut all = if let Reply::Pending(earlier) = &mut exchange.answer {
            VecDeque::from(mem::take(earlier))
        } else {
            VecDeque::new()
        };
        let mut arrived = if is_payload { packets(&answer.body) } else { VecDeque::new() };
        let pings = match heartbeats {
            Heartbeats::SetAside => set_aside(&mut arrived, "2"),
            Heartbeats::Expected => 0,
        };
        all.extend(arrived);
        let again = is_payload && (all.len() < exchange.until || (pings > 0 && all.is_empty()));
        exchange.answer = if again {
            Reply::Pending(all.into())
        } else {
            Reply::Arrived { at: now, answer: answer.clone(), rest: Rest::All(all) }
        };
        if again {
            self.timeline.set_aside(now, channel, Side::Server, describe(&answer));
        } else {
            self.timeline.server(now, channel, describe(&answer));
            exchange.entry = Some(self.timeline.last());
        }
        if pings > 0 {
            self.answer_ping(channel, &request.query);
        }
        if again {
            self.poll_again(channel, request);
        }
    }

    /// Does for a heartbeat on polling what a client does.
    fn answer_ping(&mut self, channel: &Channel, query: &str) {
        self.timeline.set_aside(self.now, channel, Side::Client, "post 3".to_owned());
        self.courtesy(query, "3");
    }

    /// Posts a packet whose answer does not matter.
    pub(super) fn courtesy(&mut self, query: &str, packet: &'static str) {
        let id = self.new_id(Owner::Courtesy);
        let request = Outgoing {
            method: "POST".to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Bytes::from_static(packet.as_bytes()),
            length: None,
        };
        self.command(Command::Request { id, request });
    }

    fn poll_again(&mut self, channel: &Channel, request: Outgoing) {
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.timeline.set_aside(self.now, channel, Side::Client, format!("get {}", request.query));
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.id = id;
        }
        self.command(Command::Request { id, request });
    }

    fn settle_if_fresh(&mut self) {
        if let Mode::Record(recording) = &self.mode
            && let Some(settle) = recording.settle()
        {
            self.stage = Stage::Settling { until: self.now.saturating_add(settle) };
        }
    }
}

/// Removes every packet that is exactly `what`; how many there were.
fn set_aside(packets: &mut VecDeque<String>, what: &str) -> usize {
    let before = packets.len();
    packets.retain(|packet| packet != what);
    before - packets.len()
}

/// The body of a request in the making.
#[derive(Default)]
enum Body {
    #[default]
    Empty,
    Packets(String),
    Exact(Vec<u8>),
}

impl Body {
    fn add(&mut self, play: &Play, bindings: &Bindings, outgoing: &mut Outgoing) -> Result<(), UnboundHole> {
        let Action::Client(_, action) = &play.step.action else { return Ok(()) };
        match action {
            Client::Header(field) => {
                outgoing.headers.push((field.name.as_str().to_owned(), field.value.render(bindings)?));
            }
            Client::Packet(content) => {
                let packet = content.render(bindings)?;
                match self {
                    Self::Packets(payload) => {
                        payload.push('\u{1e}');
                        payload.push_str(&packet);
                    }
                    Self::Empty | Self::Exact(_) => *self = Self::Packets(packet),
                }
            }
            Client::Body(content) | Client::Part(content) => self.append(content.render(bindings)?.into_bytes()),
            Client::Bytes(data) => self.append(data.render(bindings)?),
            _ => {}
        }
        Ok(())
    }

    fn append(&mut self, bytes: Vec<u8>) {
        match self {
            Self::Exact(body) => body.extend(bytes),
            Self::Empty | Self::Packets(_) => *self = Self::Exact(bytes),
        }
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::Packets(payload) => Bytes::from(payload),
            Self::Exact(body) => Bytes::from(body),
        }
    }
}
