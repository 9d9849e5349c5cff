//! Finds the application's calls that explain what a trace's client sends.
//!
//! A client has one way to write each packet. Packets in other forms, and unreadable ones, do not come from a correct
//! client.

use std::collections::BTreeSet;

use bytes::Bytes;
use sio_codec::engineio::{Packet, Revision};
use sio_codec::socketio::{self, Decoder, Namespace, PacketKind, Parser};
use sio_codec::{Frame, Limits, Text};

use super::reason::Reason;
use super::script::{Ack, Wish};
use super::told;
use crate::contract::Kind;
use crate::trace::{Bindings, Comparison, Pattern};

/// The messages of both sides, in the order of sending.
#[derive(Debug)]
pub(super) enum Talk {
    Engine,
    Socket(Box<Namespaces>),
}

impl Talk {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Engine => Self::Engine,
            Kind::Socket => Self::Socket(Box::default()),
        }
    }

    /// The application's call for this message; `None` while attachments are missing.
    pub(super) fn client_says(&mut self, message: Frame) -> Result<Option<Wish>, Reason> {
        match self {
            Self::Engine => Ok(Some(Wish::Send(message))),
            Self::Socket(namespaces) => namespaces.client_says(message),
        }
    }

    /// What the application receives when the server sends this, if anything.
    pub(super) fn server_says(&mut self, message: Frame) -> Result<Option<String>, Reason> {
        match self {
            Self::Engine => Ok(Some(told::message(&message))),
            Self::Socket(namespaces) => namespaces.server_says(message),
        }
    }

    /// A packet of the client that lacks attachments must not be interrupted.
    pub(super) fn check_complete(&self) -> Result<(), Reason> {
        match self {
            Self::Socket(namespaces) if !namespaces.group.is_empty() => {
                Err(Reason::new("parts an event from its attachments"))
            }
            Self::Engine | Self::Socket(_) => Ok(()),
        }
    }

    /// Whether the client has left all namespaces. It then closes the session.
    pub(super) fn is_for_nothing(&self) -> bool {
        match self {
            Self::Engine => false,
            Self::Socket(namespaces) => namespaces.any && namespaces.active.is_empty(),
        }
    }
}

/// The namespaces of both sides, and their pending acknowledgements.
#[derive(Debug)]
pub(super) struct Namespaces {
    from_client: Decoder,
    from_server: Decoder,
    /// The messages of the client's incomplete packet.
    group: Vec<Frame>,
    /// Requested, and perhaps joined.
    active: BTreeSet<Namespace>,
    joined: BTreeSet<Namespace>,
    any: bool,
    /// Events of the client and of the server that request an acknowledgement.
    of_client: BTreeSet<(Namespace, u64)>,
    of_server: BTreeSet<(Namespace, u64)>,
    /// The events that the client received and can answer, in order.
    answerable: Vec<(Namespace, u64)>,
}

impl Default for Namespaces {
    fn default() -> Self {
        Self {
            from_client: Decoder::new(&Limits::default()),
            from_server: Decoder::new(&Limits::default()),
            group: Vec::new(),
            active: BTreeSet::new(),
            joined: BTreeSet::new(),
            any: false,
            of_client: BTreeSet::new(),
            of_server: BTreeSet::new(),
            answerable: Vec::new(),
        }
    }
}

impl Namespaces {
    fn client_says(&mut self, message: Frame) -> Result<Option<Wish>, Reason> {
        self.group.push(message.clone());
        let packet = self.from_client.push(message);
        let packet = packet.map_err(|error| Reason::new(format!("sends an invalid packet: {error}")))?;
        let Some(packet) = packet else { return Ok(None) };
        check_form(&packet, &std::mem::take(&mut self.group))?;
        self.wish(packet).map(Some)
    }

    fn wish(&mut self, socketio::Packet { namespace, kind }: socketio::Packet) -> Result<Wish, Reason> {
        if let PacketKind::Connect { payload } = kind {
            return self.join(namespace, payload);
        }
        if !self.joined.contains(&namespace) {
            return Err(Reason::new("speaks in a namespace that it is not in"));
        }
        match kind {
            PacketKind::Event { name, args, ack } => {
                let items = serde_json::from_str::<serde_json::Value>(&format!("[{}]", args.items()));
                if items.is_err_and(|error| error.to_string().contains("number")) {
                    return Err(Reason::new("sends a number beyond the range of a double, which no program has"));
                }
                if let Some(id) = ack {
                    self.of_client.insert((namespace.clone(), id.value()));
                }
                let ack = ack.map_or(Ack::Unwanted, |_| Ack::Wanted { timeout: None });
                Ok(Wish::Emit { namespace, name: name.as_str().to_owned(), args, ack })
            }
            PacketKind::Ack { id, args } => match id.map(|id| id.value()) {
                Some(id) if self.of_server.remove(&(namespace.clone(), id)) => {
                    let event = (namespace, id);
                    // An id may be used again when its event was answered: the last one is meant.
                    let at = self.answerable.iter().rposition(|one| *one == event);
                    let at = at.ok_or_else(|| Reason::new("acknowledges an event that it did not receive"))?;
                    Ok(Wish::Acknowledge(at, args))
                }
                _ => Err(Reason::new("acknowledges an event that requests no acknowledgement")),
            },
            PacketKind::Disconnect => {
                self.leave(&namespace);
                Ok(Wish::Leave(namespace))
            }
            PacketKind::Connect { .. } | PacketKind::ConnectError { .. } => {
                Err(Reason::new("sends a packet that only servers send"))
            }
        }
    }

    fn join(&mut self, namespace: Namespace, payload: Option<socketio::Json>) -> Result<Wish, Reason> {
        if namespace.split_query().1.is_some() {
            return Err(Reason::new("sends a query after the name of a namespace"));
        }
        if !self.active.insert(namespace.clone()) {
            return Err(Reason::new("asks twice for the same namespace"));
        }
        self.any = true;
        Ok(Wish::Connect(namespace, payload))
    }

    fn leave(&mut self, namespace: &Namespace) {
        self.active.remove(namespace);
        self.joined.remove(namespace);
        self.of_client.retain(|(of, _)| of != namespace);
        self.of_server.retain(|(of, _)| of != namespace);
    }

    fn server_says(&mut self, message: Frame) -> Result<Option<String>, Reason> {
        let packet = self.from_server.push(message);
        let packet = packet.map_err(|error| Reason::new(format!("has the server send an invalid packet: {error}")))?;
        let Some(packet) = packet else { return Ok(None) };
        let namespace = packet.namespace.clone();
        let is_news = match &packet.kind {
            PacketKind::Connect { .. } => self.active.contains(&namespace) && self.joined.insert(namespace),
            PacketKind::ConnectError { .. } => {
                let is_awaited = self.active.contains(&namespace) && !self.joined.contains(&namespace);
                self.leave(&namespace);
                is_awaited
            }
            PacketKind::Event { ack, .. } => {
                let is_joined = self.joined.contains(&namespace);
                let event = ack.map(|id| (namespace, id.value()));
                self.answerable.extend(event.clone().filter(|_| is_joined));
                self.of_server.extend(event);
                is_joined
            }
            PacketKind::Ack { id, .. } => id.is_some_and(|id| self.of_client.remove(&(namespace, id.value()))),
            PacketKind::Disconnect => {
                self.leave(&namespace);
                false
            }
        };
        Ok(told::by_packet(&packet).filter(|_| is_news))
    }
}

/// Checks that a client would write the packet in this form. The notation and the order within JSON make no difference.
fn check_form(packet: &socketio::Packet, written: &[Frame]) -> Result<(), Reason> {
    let other = || Reason::new("writes a packet as no client does");
    let own: Vec<_> = packet.encode_with(Parser::Json).map_err(|_| other())?.frames().collect();
    let same = own.len() == written.len() && own.iter().zip(written).all(|(own, written)| is_same(own, written));
    if same { Ok(()) } else { Err(other()) }
}

/// Compares a message in its Engine.IO form with its content.
fn is_same(own: &Frame, written: &Frame) -> bool {
    match (own, written) {
        (Frame::Text(own), Frame::Text(written)) => {
            let written = Pattern::literal(format!("4{}", written.as_str()));
            written.matches(own.as_str(), Comparison::Json, &mut Bindings::default()).is_ok()
        }
        (own, written) => own == written,
    }
}

/// The kind of a packet of the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Message(Frame),
    Pong,
    Close,
}

impl Sent {
    /// Reads the text form of a packet.
    pub(super) fn of_text(text: &str) -> Result<Self, Reason> {
        let packet = Packet::parse(Revision::V4, Frame::Text(Text::from(text.to_owned())));
        let packet = packet.map_err(|error| Reason::new(format!("sends an invalid packet: {error}")))?;
        if packet.to_text(Revision::V4).as_str() != text {
            return Err(Reason::new("writes a packet as no client does"));
        }
        match packet {
            Packet::Message(frame) => Ok(Self::Message(frame)),
            Packet::Pong(data) if data.is_empty() => Ok(Self::Pong),
            Packet::Close => Ok(Self::Close),
            Packet::Pong(_) => Err(Reason::new("sends a pong with data that no ping had")),
            Packet::Ping(_) | Packet::Open(_) | Packet::Noop => {
                Err(Reason::new("sends a packet that only servers send"))
            }
            Packet::Upgrade => Err(Reason::new("sends an upgrade packet where none belongs")),
        }
    }

    pub(super) const fn of_bytes(bytes: Bytes) -> Self {
        Self::Message(Frame::Binary(bytes))
    }
}
