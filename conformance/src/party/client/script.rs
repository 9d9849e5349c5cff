//! A trace as a script for a client: the calls of its application, what it must do itself, and what the server sends.

use std::fmt;

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::BinaryForm;
use sio_codec::engineio::client::Transports;
use sio_codec::socketio::{Args, Json, Namespace};

use crate::contract::Kind;
use crate::replay::{Rule, hex, shorten};
use crate::trace::{Channel, Comparison};

/// A trace with all holes filled and all lines interpreted.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) setup: Setup,
    /// The rule of the trace.
    pub(super) rule: Rule,
    pub(super) moves: Vec<Move>,
    /// Whether the session is over at the end, as far as the client can know.
    pub(super) ends: bool,
    /// What the client may still do after the last line.
    pub(super) aftermath: Aftermath,
}

impl Script {
    /// The kinds of client that can play this script.
    pub(super) fn assemblies(&self) -> &'static [Assembly] {
        match self.setup.kind {
            Kind::Engine => &[Assembly::Session],
            Kind::Socket if self.first_connect().is_none() => &[Assembly::Peer],
            Kind::Socket => &[Assembly::Peer, Assembly::Client],
        }
    }

    /// The move that first joins a namespace.
    pub(super) fn first_connect(&self) -> Option<usize> {
        self.moves.iter().position(|step| matches!(step.act, Act::Wish(Wish::Connect(..))))
    }
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
    pub(super) transports: Transports,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) binary: BinaryForm,
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
    Expect(Channel, Expected),
    /// The server does this.
    Say(Say),
    /// Time passes.
    Pass { millis: i64 },
}

/// A call of the application. What a client does by itself is not one of these.
#[derive(Debug, PartialEq)]
pub(super) enum Wish {
    /// Send a message of Engine.IO.
    Send(Frame),
    Connect(Namespace, Option<Json>),
    Emit {
        namespace: Namespace,
        name: String,
        args: Args,
        wants_ack: bool,
    },
    /// Answer the event with this id.
    Acknowledge(Namespace, u64, Args),
    Leave(Namespace),
    /// Close the session.
    Close,
}

/// What the client must do.
#[derive(Debug)]
pub(super) enum Expected {
    Get { query: String },
    Post { query: String, packets: Vec<String> },
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
    /// What the client's application receives from it.
    pub(super) told: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Saying {
    Answer {
        status: u16,
        body: String,
    },
    /// The connection of the request breaks.
    Lost,
    Text(String),
    Binary(Bytes),
    /// The WebSocket is closed, or was never opened.
    Closed,
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
            Self::Post { query, packets } => write!(f, "post {query} {}", shorten(&packets.join("\u{1e}"))),
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
            Self::Answer { status, body } => write!(f, "{status} {}", shorten(body)),
            Self::Lost => f.write_str("end"),
            Self::Text(text) => write!(f, "text {}", shorten(text)),
            Self::Binary(bytes) => write!(f, "binary {}", shorten(&hex(bytes))),
            Self::Closed => f.write_str("closed"),
        }
    }
}
