//! A trace as a script for a client: the calls of its application, what it must do itself, and what the server sends.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::BinaryForm;
use sio_codec::engineio::client::Transports;
use sio_codec::socketio::{Args, Json, Namespace};

use super::told::Scope;
use crate::contract::Kind;
use crate::party::driver::words::Options;
use crate::replay::{Packet, Rule, hex, shorten};
use crate::trace::{Bounds, Channel, Comparison, Content, Revision, Trace};

/// A trace with all holes filled and all lines interpreted.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) setup: Setup,
    /// The rule of the trace.
    pub(super) rule: Rule,
    /// The rules of lines that name another one.
    pub(super) rules: BTreeMap<u32, Rule>,
    pub(super) moves: Vec<Move>,
    pub(super) end: End,
    /// What the client may still do after the last line.
    pub(super) aftermath: Aftermath,
}

impl Script {
    /// The kinds of client that can play this script.
    pub(super) fn assemblies(&self) -> &'static [Assembly] {
        match self.setup.kind {
            Kind::Engine => &[Assembly::Session],
            Kind::Socket if self.end == End::Unsaid => &[Assembly::Client],
            Kind::Socket if self.first_connect().is_none() => &[Assembly::Peer],
            Kind::Socket => &[Assembly::Peer, Assembly::Client],
        }
    }

    /// Which events of the application are compared.
    pub(super) const fn scope(&self) -> Scope {
        match self.end {
            End::Unsaid => Scope::Whole,
            End::Over | End::Left | End::Lives => Scope::Derived,
        }
    }

    /// The move that first joins a namespace.
    pub(super) fn first_connect(&self) -> Option<usize> {
        self.moves.iter().position(|step| matches!(step.act, Act::Wish(Wish::Connect(..))))
    }
}

/// The rules of the lines that name another one than their trace.
pub(super) fn rules(trace: &Trace) -> BTreeMap<u32, Rule> {
    let own = Rule::of(&trace.header);
    let named = trace.steps().filter(|step| step.notes.rule.is_some());
    named.map(|step| (step.line, own.for_step(step))).collect()
}

/// The session at the end of a trace, as far as the client can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Over,
    /// The client has no namespace any more. Whether it closes the session then is its own decision, unless a line says it.
    Left,
    Lives,
    /// The trace was written for clients, and says itself what must have happened.
    Unsaid,
}

/// The kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assembly {
    /// An Engine.IO session.
    Session,
    /// A session, and a connection of Socket.IO on it.
    Peer,
    /// A connection that manages its session itself: it opens one for the first namespace that the application joins.
    Client,
}

/// How the client is configured.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) kind: Kind,
    pub(super) revision: Revision,
    pub(super) transports: Transports,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) binary: BinaryForm,
    /// Further options.
    pub(super) options: Options,
}

/// One thing that happens, and its line in the trace.
#[derive(Debug)]
pub(super) struct Move {
    pub(super) line: u32,
    pub(super) act: Act,
}

#[derive(Debug)]
pub(super) enum Act {
    /// The application calls a method.
    Wish(Wish),
    /// The client does this.
    Expect(Channel, Expected, Option<Within>),
    /// Its application receives this.
    Hear(Hear),
    /// The server does this.
    Say(Say),
    /// Time passes.
    Pass { millis: i64 },
    /// Time passes, and the client starts nothing.
    Quiet { millis: i64 },
}

/// An event that the application receives.
#[derive(Debug)]
pub(super) struct Hear {
    pub(super) content: Content,
    pub(super) within: Option<Within>,
    /// The kinds of the events on the lines below, up to a line that is no event. Those of other kinds than this one may
    /// come before it.
    pub(super) next: Vec<String>,
}

/// The kind of an event on a line of a trace: `connect`, `message` and so on.
pub(super) fn kind_of(content: &Content) -> Option<String> {
    let text = content.pattern.to_string();
    let (_, rest) = text.split_once(r#""event":""#)?;
    rest.split_once('"').map(|(kind, _)| kind.to_owned())
}

/// When the client must act, in milliseconds after the last line of a channel, or after the last line.
#[derive(Clone, Debug)]
pub(super) struct Within {
    pub(super) bounds: Bounds,
    pub(super) after: Option<Channel>,
}

/// A call of the application. What a client does by itself is not one of these.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// Send a message of Engine.IO.
    Send(Frame),
    Connect(Namespace, Option<Json>),
    Emit {
        namespace: Namespace,
        name: String,
        args: Args,
        ack: Ack,
    },
    /// Emit an event that is dropped if it cannot be sent at once.
    EmitVolatile {
        namespace: Namespace,
        name: String,
        args: Args,
    },
    /// Answer an event; they are numbered from 0, those that ask for no answer left out.
    Acknowledge(usize, Args),
    Leave(Namespace),
    /// Close the session.
    Close,
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_) => f.write_str("send a message"),
            Self::Connect(namespace, _) => write!(f, "join {namespace}"),
            Self::Emit { namespace, name, .. } | Self::EmitVolatile { namespace, name, .. } => {
                write!(f, "emit {name:?} in {namespace}")
            }
            Self::Acknowledge(..) => f.write_str("answer an event"),
            Self::Leave(namespace) => write!(f, "leave {namespace}"),
            Self::Close => f.write_str("close the session"),
        }
    }
}

/// Whether an event asks for an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ack {
    Unwanted,
    Wanted { timeout: Option<Duration> },
}

/// What the client must do.
#[derive(Debug)]
pub(super) enum Expected {
    Get { query: String },
    Post { query: String, content_type: Option<String>, packets: Vec<Packet> },
    Open { query: String },
    Text(String, Comparison),
    Binary(Bytes),
    Close,
}

/// What the server does, and when.
#[derive(Debug)]
pub(super) struct Say {
    pub(super) channel: Channel,
    pub(super) saying: Saying,
    /// The smallest delay in milliseconds after the last line of this channel.
    pub(super) delay: Option<(i64, Channel)>,
    /// What the client's application receives from it; `None` if the trace has lines of its own for that.
    pub(super) told: Option<Vec<String>>,
}

#[derive(Debug)]
pub(super) enum Saying {
    Answer {
        status: u16,
        content_type: Option<String>,
        body: Body,
    },
    /// The connection of the request breaks.
    Lost,
    Text(String),
    Binary(Bytes),
    /// The WebSocket is closed, or was never opened.
    Closed,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// It is made of these packets, in the form that belongs to the request.
    Payload(Vec<Packet>),
    Bare(String),
}

impl Body {
    /// A payload of one packet of text.
    pub(super) fn packet(text: &str) -> Self {
        Self::Payload(vec![Packet::Text(text.to_owned())])
    }
}

/// What a client may do after the last line of a trace, because the last lines require it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Aftermath {
    /// Answer a ping.
    pub(super) pong: bool,
    /// Complete an upgrade.
    pub(super) upgrade: bool,
}

/// In the syntax of a trace.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get { query } => write!(f, "get {query}"),
            Self::Post { query, packets, .. } => write!(f, "post {query} {}", shorten(&shown(packets, "\u{1e}"))),
            Self::Open { query } => write!(f, "open {query}"),
            Self::Text(text, _) => write!(f, "text {}", shorten(text)),
            Self::Binary(bytes) => write!(f, "binary {}", shorten(&hex(bytes))),
            Self::Close => f.write_str("close"),
        }
    }
}

/// In the syntax of a trace.
impl fmt::Display for Saying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, body, .. } => write!(f, "{status} {}", shorten(&body.to_string())),
            Self::Lost => f.write_str("end"),
            Self::Text(text) => write!(f, "text {}", shorten(text)),
            Self::Binary(bytes) => write!(f, "binary {}", shorten(&hex(bytes))),
            Self::Closed => f.write_str("closed"),
        }
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload(packets) => f.write_str(&shown(packets, "\u{1e}")),
            Self::Bare(text) => f.write_str(text),
        }
    }
}

/// Packets one after the other.
pub(super) fn shown(packets: &[Packet], separator: &str) -> String {
    packets.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}
