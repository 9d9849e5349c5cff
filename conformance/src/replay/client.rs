//! The client's half: turns steps into commands, and files what happened for the check of the server's half.

use std::collections::VecDeque;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::body::Body;
use super::command::{Answer, Command, Id, Outgoing};
use super::excerpt::{shorten, shorten_hex};
use super::framing::{Framing, Packet, heartbeat, is_heartbeat};
use super::plays::Play;
use super::stage::{Advance, Mode, Owner, Replay, Stage};
use super::wire::{Attention, Exchange, Kind, Posted, Raw, Reply, Socket, SocketState, Speech, Wire};
use crate::trace::{Action, Channel, Client, Content, Extent, Frame, Node, Request, Side, UnboundHole};

impl Replay {
    /// Plays a client's step, with the following lines that describe the same request.
    pub(super) fn play(&mut self, channel: &Channel, action: &Client, play: &Play) -> Advance {
        let node = play.step.notes.node;
        let played = self.with_counter(play, |replay| match action {
            Client::Request(request) => replay.start_request(channel, node, request),
            Client::Open(query) => replay.open(channel, node, &query.render_query(&replay.bindings)?),
            Client::Raw(content) => replay.send_raw(channel, node, content),
            Client::Part(content) => replay.send_part(channel, content),
            Client::Abort => replay.abort(channel),
            // It was read with the line that starts the request.
            Client::Binary(_) if replay.is_request(channel) => {
                replay.cursor += 1;
                Ok(())
            }
            Client::Text(_) | Client::Binary(_) | Client::Frame(_) | Client::Close(_) => {
                replay.send_frame(channel, action)
            }
            // These were read with the line that starts the request.
            Client::Header(_) | Client::Packet(_) | Client::Body(_) | Client::Bytes(_) => {
                replay.cursor += 1;
                Ok(())
            }
        });
        if let Err(unbound) = played {
            return self.hold_up(play, unbound.to_string());
        }
        if matches!(self.stage, Stage::Ready) {
            self.settle_if_fresh();
        }
        Advance::Moved
    }

    fn with_counter<T>(&mut self, play: &Play, act: impl FnOnce(&mut Self) -> T) -> T {
        self.bindings.bind("i", play.counter);
        let result = act(self);
        self.bindings.unbind("i");
        result
    }

    fn start_request(&mut self, channel: &Channel, node: Node, request: &Request) -> Result<(), UnboundHole> {
        let mut outgoing = Outgoing {
            method: request.method.as_str().to_ascii_uppercase(),
            query: request.query.render_query(&self.bindings)?,
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
        let framing = Framing::of(&outgoing.query);
        let said = body.finish(framing, &mut outgoing);
        self.sessions.started(channel, node, &outgoing.query, self.now);
        let is_heartbeat = |packet: &Packet| is_heartbeat(framing.revision, packet.text());
        let posted = if said.iter().any(is_heartbeat) { Posted::Heartbeat } else { Posted::Other };
        said.iter().for_each(|packet| self.sessions.said(channel, packet.text(), self.now));
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.log_request(channel, node, &outgoing);
        let early = if outgoing.method == "GET" { self.sessions.take_early(channel) } else { Vec::new() };
        let is_complete = !early.is_empty() && self.asides.count(early.iter()) >= until;
        let exchange = Exchange {
            request: outgoing.clone(),
            framing,
            posted,
            until,
            answer: Reply::Pending { packets: early, again: None },
            again: Vec::new(),
            entry: None,
        };
        self.add_channel(channel, id, Kind::Request(Box::new(exchange)));
        if is_complete {
            self.receive_answer(channel, Answer::of_early());
        } else {
            self.command(Command::Request { id, node, request: outgoing });
        }
        Ok(())
    }

    fn is_request(&self, channel: &Channel) -> bool {
        self.channels.get(channel).is_some_and(|wire| matches!(wire.kind, Kind::Request(_)))
    }

    /// The next step, if it describes the request that was just started.
    fn continuation(&self, of: &Channel) -> Option<Play> {
        let play = self.plays.get(self.cursor)?;
        match &play.step.action {
            Action::Client(
                channel,
                Client::Header(_)
                | Client::Packet(_)
                | Client::Binary(_)
                | Client::Body(_)
                | Client::Bytes(_)
                | Client::Part(_),
            ) if channel == of => Some(play.clone()),
            _ => None,
        }
    }

    fn open(&mut self, channel: &Channel, node: Node, query: &str) -> Result<(), UnboundHole> {
        self.cursor += 1;
        let mut outgoing = Outgoing {
            method: String::new(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        while let Some(play) = self.continuation(channel).filter(|play| !is_binary(play)) {
            self.with_counter(&play, |replay| Body::default().add(&play, &replay.bindings, &mut outgoing))?;
            self.cursor += 1;
        }
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.sessions.started(channel, node, query, self.now);
        self.timeline.client(self.now, channel, format!("open {query}{}", there(node)));
        self.add_channel(
            channel,
            id,
            Kind::Socket(Socket { state: SocketState::Opening, speech: Speech::Done, inbox: VecDeque::new() }),
        );
        self.command(Command::Open { id, node, query: outgoing.query, headers: outgoing.headers });
        Ok(())
    }

    fn send_raw(&mut self, channel: &Channel, node: Node, content: &Content) -> Result<(), UnboundHole> {
        let text = content.render_request(&self.bindings)?;
        self.cursor += 1;
        let id = self.new_id(Owner::Channel(channel.clone()));
        self.timeline.client(self.now, channel, format!("raw {}", shorten(&text)));
        self.add_channel(channel, id, Kind::Raw(Raw::default()));
        self.command(Command::Raw { id, node, bytes: Bytes::from(text) });
        Ok(())
    }

    fn send_part(&mut self, channel: &Channel, content: &Content) -> Result<(), UnboundHole> {
        let text = content.render(&self.bindings)?;
        self.cursor += 1;
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = self.now;
            let id = wire.id;
            self.timeline.client(self.now, channel, format!("part {}", shorten(&text)));
            self.command(Command::Part { id, bytes: Bytes::from(text) });
        }
        Ok(())
    }

    fn abort(&mut self, channel: &Channel) -> Result<(), UnboundHole> {
        self.cursor += 1;
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = self.now;
            wire.kind = Kind::Raw(Raw::default());
            let id = wire.id;
            self.timeline.client(self.now, channel, "abort".to_owned());
            self.command(Command::Abort { id });
        }
        Ok(())
    }

    /// Sends a message when the WebSocket is open.
    fn send_frame(&mut self, channel: &Channel, action: &Client) -> Result<(), UnboundHole> {
        let state = match self.channels.get(channel).map(|wire| &wire.kind) {
            Some(Kind::Socket(socket)) => socket.state,
            _ => SocketState::Over,
        };
        if state == SocketState::Opening {
            let until = self.now.saturating_add(self.conditions.step + self.lateness);
            self.stage = Stage::Opening { channel: channel.clone(), until };
            return Ok(());
        }
        let id = self.channels.get(channel).map_or(Id(u32::MAX), |wire| wire.id);
        let (command, shown) = match action {
            Client::Text(content) => {
                let text = content.render(&self.bindings)?;
                self.sessions.said(channel, &text, self.now);
                if is_heartbeat(self.sessions.revision(channel), &text) {
                    self.sessions.beats(channel, self.now);
                }
                let shown = format!("text {}", shorten(&text));
                (Command::Text { id, text }, shown)
            }
            Client::Binary(data) => {
                let bytes = data.render(&self.bindings)?;
                let shown = format!("binary {}", shorten_hex(&bytes));
                (Command::Binary { id, bytes: Bytes::from(bytes) }, shown)
            }
            Client::Frame(Frame { head, payload, cut }) => {
                let payload = payload.render(&self.bindings)?;
                let shown = format!("frame {head:02x} {}", shorten_hex(&payload));
                let cut = cut.map(|cut| cut.get() as usize);
                (Command::Frame { id, head: *head, payload: Bytes::from(payload), cut }, shown)
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
        if let Client::Frame(frame) = action {
            self.speak(channel, frame);
        }
        Ok(())
    }

    /// Remembers whether a message is complete, and sends the pongs that waited for its end.
    fn speak(&mut self, channel: &Channel, frame: &Frame) {
        let Some(Wire { kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) else { return };
        let owed = match (frame.is_control(), frame.is_final(), socket.speech) {
            (true, ..) => 0,
            (false, false, Speech::Done) => {
                socket.speech = Speech::Amid { pongs: 0 };
                0
            }
            (false, true, Speech::Amid { pongs }) => {
                socket.speech = Speech::Done;
                pongs
            }
            (false, false, Speech::Amid { .. }) | (false, true, Speech::Done) => 0,
        };
        (0..owed).for_each(|_| self.send_heartbeat(channel));
    }

    /// Answers a ping on a WebSocket, or sends one in revision 3, after the message that the client is sending.
    pub(super) fn send_heartbeat(&mut self, channel: &Channel) {
        let Some(Wire { id, kind: Kind::Socket(socket), .. }) = self.channels.get_mut(channel) else { return };
        if let Speech::Amid { pongs } = &mut socket.speech {
            *pongs += 1;
            return;
        }
        let id = *id;
        let text = heartbeat(self.sessions.revision(channel));
        self.timeline.set_aside(self.now, channel, Side::Client, format!("text {text}"));
        self.sessions.beats(channel, self.now);
        self.command(Command::Text { id, text: text.to_owned() });
    }

    /// Continues the step that waits for a WebSocket, if possible.
    pub(super) fn await_open(&mut self, channel: &Channel, until: Timestamp) -> Advance {
        let state = match self.channels.get(channel).map(|wire| &wire.kind) {
            Some(Kind::Socket(socket)) => socket.state,
            _ => SocketState::Over,
        };
        match state {
            SocketState::Opening if until > self.now => Advance::Waits,
            SocketState::Opening => match self.plays.get(self.cursor).cloned() {
                Some(play) => self.fail(&play, "an open WebSocket", "the handshake is not answered"),
                None => Advance::Waits,
            },
            SocketState::Open | SocketState::Over => {
                self.stage = Stage::Ready;
                Advance::Moved
            }
        }
    }

    fn add_channel(&mut self, channel: &Channel, id: Id, kind: Kind) {
        self.channels.insert(channel.clone(), Wire { id, last: self.now, kind, attention: Attention::Paid });
    }

    fn log_request(&mut self, channel: &Channel, node: Node, request: &Outgoing) {
        let method = request.method.to_ascii_lowercase();
        self.timeline.client(self.now, channel, format!("{method} {}{}", request.query, there(node)));
        for (name, value) in &request.headers {
            self.timeline.client(self.now, channel, format!("header {name}: {value}"));
        }
        if !request.body.is_empty() {
            let body = String::from_utf8_lossy(&request.body);
            self.timeline.client(self.now, channel, format!("body {}", shorten(&body)));
        }
    }

    fn settle_if_fresh(&mut self) {
        if let Mode::Record(recording) = &self.mode
            && let Some(settle) = recording.settle()
        {
            self.stage = Stage::Settling { until: self.now.saturating_add(settle) };
        }
    }
}

/// Whether a step is a message of a WebSocket, although it could also be a packet of a request.
fn is_binary(play: &Play) -> bool {
    matches!(play.step.action, Action::Client(_, Client::Binary(_)))
}

/// The server in the timeline, if it is not the only one.
fn there(node: Node) -> String {
    if node == Node::FIRST { String::new() } else { format!("  on {node}") }
}
