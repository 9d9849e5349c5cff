//! Reads a trace that was written for clients: its lines are calls, expectations and answers as they stand.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::Value;
use sio_codec::Frame;
use sio_codec::engineio::BinaryForm;
use sio_codec::engineio::client::Transports;
use sio_codec::socketio::{Json, Namespace};

use super::super::reason::Reason;
use super::super::script::{
    Ack, Act, Aftermath, Body, End, Expected, Hear, Move, Say, Saying, Script, Setup, Wish, Within, kind_of, rules,
};
use super::{delay, status};
use crate::contract::Kind;
use crate::party::driver::words::{self, Call, Layer, Options, Transport};
use crate::replay::{Packet, Play, Rule, plays};
use crate::trace::{
    Action, Bindings, Channel, Client, Field, Method, Need, Pattern, Revision, Server, Session, Trace, Window,
};

/// Turns a trace for clients into a script.
pub(super) fn read(trace: &Trace) -> Result<Script, Reason> {
    let mut plays: VecDeque<_> = plays(trace).into();
    let options = options(&mut plays)?;
    let mut reader = Reader { plays, bindings: Bindings::default(), moves: Vec::new() };
    while let Some(play) = reader.plays.pop_front() {
        reader.bindings.bind("i", play.counter);
        let act = reader.act(&play)?;
        reader.moves.extend(act.map(|act| Move { line: play.step.line, act }));
    }
    Ok(Script {
        setup: setup(revision(trace), options),
        rule: Rule::of(&trace.header),
        rules: rules(trace),
        end: End::Unsaid,
        aftermath: Aftermath::default(),
        moves: reader.moves,
    })
}

/// The options of the first call, if it is `open`.
fn options(plays: &mut VecDeque<Play>) -> Result<Options, Reason> {
    let first = plays.front().and_then(|play| match &play.step.action {
        Action::Session(Session::Call(pattern)) => Some(pattern),
        _ => None,
    });
    match first.map(|pattern| call(pattern, &Bindings::default())).transpose()? {
        Some(Call::Open(options)) => {
            plays.pop_front();
            Ok(options)
        }
        _ => Ok(Options::default()),
    }
}

/// The revision of Engine.IO that the client speaks.
fn revision(trace: &Trace) -> Revision {
    if trace.header.needs.contains(&Need::Eio3) { Revision::Three } else { Revision::Four }
}

pub(crate) fn setup(revision: Revision, options: Options) -> Setup {
    let transports = match options.transports.as_slice() {
        [Transport::Polling] => Transports::PollingOnly,
        [Transport::Websocket] => Transports::WebSocketOnly,
        [Transport::Websocket, ..] => Transports::WebSocketThenPolling,
        _ => Transports::PollingThenUpgrade,
    };
    let parameters = options.query.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let binary = if options.base64 { BinaryForm::Base64 } else { BinaryForm::Native };
    let kind = match options.layer {
        Layer::Socketio => Kind::Socket,
        Layer::Engineio => Kind::Engine,
    };
    Setup { kind, revision, transports, parameters, binary, options }
}

fn call(pattern: &Pattern, bindings: &Bindings) -> Result<Call, Reason> {
    let text = pattern.render(bindings)?;
    serde_json::from_str(&text).map_err(|error| Reason::new(format!("has no call of the driver protocol: {error}")))
}

struct Reader {
    plays: VecDeque<Play>,
    bindings: Bindings,
    moves: Vec<Move>,
}

impl Reader {
    fn act(&mut self, play: &Play) -> Result<Option<Act>, Reason> {
        let within = play.step.notes.window.as_ref().map(|window| self.within(window)).transpose()?;
        Ok(Some(match &play.step.action {
            Action::Client(channel, act) => Act::Expect(channel.clone(), self.expected(channel, act)?, within),
            Action::Server(channel, act) => return self.server(channel, act, play),
            Action::Session(Session::Wait(millis)) => Act::Pass { millis: millis.eval(&self.bindings)? },
            Action::Session(Session::Quiet(millis)) => Act::Quiet { millis: millis.eval(&self.bindings)? },
            Action::Session(Session::Call(pattern)) => Act::Wish(wish(call(pattern, &self.bindings)?)?),
            Action::Session(Session::Event(content)) => {
                let next = self.kinds_below();
                Act::Hear(Hear { content: content.clone(), within, next })
            }
            Action::Session(Session::Gone(_) | Session::Alive) => {
                return Err(Reason::new("asks for what only servers have"));
            }
        }))
    }

    /// The kinds of the events on the lines below this one, up to a line that is no event.
    fn kinds_below(&self) -> Vec<String> {
        let events = self.plays.iter().map_while(|play| match &play.step.action {
            Action::Session(Session::Event(content)) => Some(content),
            _ => None,
        });
        events.filter_map(kind_of).collect()
    }

    fn within(&self, window: &Window) -> Result<Within, Reason> {
        Ok(Within { bounds: window.bounds(&self.bindings)?, after: window.after.clone() })
    }

    fn expected(&mut self, channel: &Channel, act: &Client) -> Result<Expected, Reason> {
        Ok(match act {
            Client::Request(request) => {
                let query = request.query.render(&self.bindings)?;
                match request.method {
                    Method::Get => Expected::Get { query },
                    Method::Post => {
                        let content_type = self.content_type(channel)?;
                        Expected::Post { query, content_type, packets: self.packets(channel)? }
                    }
                    _ => return Err(Reason::new("expects a method that clients do not use")),
                }
            }
            Client::Open(query) => Expected::Open { query: query.render(&self.bindings)? },
            Client::Text(content) => Expected::Text(content.render(&self.bindings)?, content.comparison),
            Client::Binary(data) => Expected::Binary(Bytes::from(data.render(&self.bindings)?)),
            Client::Close(None) => Expected::Close,
            _ => return Err(Reason::new("expects what the program decides")),
        })
    }

    /// The packets of the POST that was just started.
    fn packets(&mut self, of: &Channel) -> Result<Vec<Packet>, Reason> {
        let mut packets = Vec::new();
        while let Some(play) = self.plays.front() {
            self.bindings.bind("i", play.counter);
            packets.push(match &play.step.action {
                Action::Client(channel, Client::Packet(content)) if channel == of => {
                    Packet::Text(content.render(&self.bindings)?)
                }
                Action::Client(channel, Client::Binary(data)) if channel == of => {
                    Packet::Binary(Bytes::from(data.render(&self.bindings)?))
                }
                _ => break,
            });
            self.plays.pop_front();
        }
        Ok(packets)
    }

    /// The content type that the POST that was just started must have.
    fn content_type(&mut self, of: &Channel) -> Result<Option<String>, Reason> {
        let Some(play) = self.plays.front() else { return Ok(None) };
        let Action::Client(channel, Client::Header(Field { name, value })) = &play.step.action else { return Ok(None) };
        if channel != of || !name.as_str().eq_ignore_ascii_case("content-type") {
            return Err(Reason::new("expects a header field that the program decides"));
        }
        let value = value.render(&self.bindings)?;
        self.plays.pop_front();
        Ok(Some(value))
    }

    fn server(&mut self, channel: &Channel, act: &Server, play: &Play) -> Result<Option<Act>, Reason> {
        let saying = match act {
            Server::Status(answer) => Saying::Answer {
                status: status(answer),
                content_type: answer.content_type.as_ref().map(ToString::to_string),
                body: self.body(channel)?,
            },
            Server::End => Saying::Lost,
            Server::Text(content) => Saying::Text(content.render(&self.bindings)?),
            Server::Binary(data) => Saying::Binary(Bytes::from(data.render(&self.bindings)?)),
            Server::Closed(_) => Saying::Closed,
            Server::Quiet(millis) => return Ok(Some(Act::Quiet { millis: millis.eval(&self.bindings)? })),
            _ => return Err(Reason::new("has the server do what this command cannot")),
        };
        let delay = delay(channel, play, &self.bindings)?;
        Ok(Some(Act::Say(Say { channel: channel.clone(), saying, delay, told: None })))
    }

    /// The body of the answer that has just begun.
    fn body(&mut self, of: &Channel) -> Result<Body, Reason> {
        let mut packets = Vec::new();
        while let Some(play) = self.plays.front() {
            self.bindings.bind("i", play.counter);
            packets.push(match &play.step.action {
                Action::Server(channel, Server::Packet(content)) if channel == of => {
                    Packet::Text(content.render(&self.bindings)?)
                }
                Action::Server(channel, Server::Binary(data)) if channel == of => {
                    Packet::Binary(Bytes::from(data.render(&self.bindings)?))
                }
                Action::Server(channel, Server::Body(content)) if channel == of => {
                    let body = Body::Bare(content.render(&self.bindings)?);
                    self.plays.pop_front();
                    return Ok(body);
                }
                _ => break,
            });
            self.plays.pop_front();
        }
        Ok(Body::Payload(packets))
    }
}

pub(crate) fn wish(call: Call) -> Result<Wish, Reason> {
    let args = |items: &[Value]| words::args(items).map_err(|error| Reason::new(error.to_string()));
    let namespace = |name: String| {
        Namespace::new(name.as_str()).map_err(|_| Reason::new(format!("names a namespace that cannot be: {name:?}")))
    };
    Ok(match call {
        Call::Open(_) => return Err(Reason::new("makes its client in the middle")),
        Call::Connect { namespace: name, auth } => {
            let auth = auth.map(|auth| Json::new(auth.to_string().into())).transpose();
            Wish::Connect(namespace(name)?, auth.map_err(|error| Reason::new(error.to_string()))?)
        }
        Call::Emit { namespace: of, name, args: items, volatile: true, .. } => {
            Wish::EmitVolatile { namespace: namespace(of)?, name, args: args(&items)? }
        }
        Call::Emit { namespace: of, name, args: items, ack, timeout, volatile: false } => {
            let ack = if ack { Ack::Wanted { timeout: Call::timeout(timeout) } } else { Ack::Unwanted };
            Wish::Emit { namespace: namespace(of)?, name, args: args(&items)?, ack }
        }
        Call::Ack { event, args: items } => Wish::Acknowledge(event, args(&items)?),
        Call::Disconnect { namespace: name } => Wish::Leave(namespace(name)?),
        Call::Close => Wish::Close,
        Call::Send { data } => match (words::bytes(&data), data.as_str()) {
            (Some(bytes), _) => Wish::Send(Frame::Binary(bytes)),
            (None, Some(text)) => Wish::Send(Frame::Text(text.to_owned().into())),
            (None, None) => return Err(Reason::new("sends what is neither a text nor bytes")),
        },
    })
}
