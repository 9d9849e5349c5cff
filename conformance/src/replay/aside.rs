//! Packets that are not part of a conversation, and are not a fault.
//!
//! | what | where | why |
//! |---|---|---|
//! | a ping | anywhere, except in revision 3 | it can come at any time, and is answered |
//! | a pong | anywhere in revision 3 | it answers a ping that the replay sent by itself |
//! | a close packet `1` | WebSocket | a server may send one before it closes |
//! | a noop | WebSocket, and polls that continue until a number of packets have come | a client ignores it |
//! | events | a session of Engine.IO on the path of Socket.IO | the application greets each client that joins |
//! | a recovery id (`pid`), other keys | the answer to a CONNECT | a client reads `sid` |
//! | `data` | the refusal of a CONNECT | it belongs to the application |
//! | an offset as the last argument | events, if a recovery id was given and the trace does not need recovery | it belongs to connection state recovery |
//!
//! Packets that the trace itself mentions are part of its conversation.

use std::collections::VecDeque;

use super::framing::Packet;
use super::plays::Play;
use crate::trace::{Action, Client, Revision, Server};

/// What is set aside in one conversation.
#[derive(Debug)]
pub(super) struct Asides {
    pub(super) heartbeats: Heartbeats,
    /// The same in sessions of revision 3, where the client pings.
    pub(super) pings: Heartbeats,
    farewells: Mention,
    noops: Mention,
    polled_noops: Mention,
    pub(super) messages: Messages,
}

/// What is known about the heartbeat of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heart {
    pub(super) revision: Revision,
    /// Pings that the replay sent by itself, and that were not answered yet.
    pub(super) unanswered: u32,
}

/// Whether heartbeats are part of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heartbeats {
    SetAside,
    Expected,
}

/// Whether the application's messages are part of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Messages {
    SetAside,
    Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mention {
    None,
    Made,
}

/// A packet that is not part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// A ping, which must be answered.
    Ping,
    /// The answer to a ping of the replay.
    Pong,
    Other,
}

const OPEN: char = '0';
pub(super) const PONG: &str = "3";
const PING: &str = "2";
pub(super) const CLOSE: &str = "1";
pub(super) const NOOP: &str = "6";

/// The answer to a CONNECT in Socket.IO 4.
const GREETING: &str = "40";

/// How Socket.IO events begin, without and with attachments.
const EVENTS: [&str; 2] = ["42", "45"];

impl Asides {
    pub(super) fn of(plays: &[Play], messages: Messages) -> Self {
        let mentioned = |packet: &str, on_websocket: bool| {
            plays.iter().any(|play| match &play.step.action {
                Action::Server(_, Server::Text(content)) => content.pattern.is(packet),
                Action::Server(_, Server::Packet(content)) if !on_websocket => content.pattern.is(packet),
                _ => false,
            })
        };
        let mention = |packet, on_websocket| {
            if mentioned(packet, on_websocket) { Mention::Made } else { Mention::None }
        };
        // If a trace mentions a ping, all pings are part of its conversation.
        let heartbeats = if mentioned(PING, false) { Heartbeats::Expected } else { Heartbeats::SetAside };
        let pings = if plays.iter().any(pings) { Heartbeats::Expected } else { Heartbeats::SetAside };
        Self {
            heartbeats,
            pings,
            farewells: mention(CLOSE, true),
            noops: mention(NOOP, true),
            polled_noops: mention(NOOP, false),
            messages,
        }
    }

    /// Whether a text message of a WebSocket is set aside.
    //= EIO4-CL-08
    //= EIO4-WS-18
    pub(super) fn text(&self, text: &str, heart: &mut Heart) -> Option<Aside> {
        match text {
            CLOSE => (self.farewells == Mention::None).then_some(Aside::Other),
            NOOP => (self.noops == Mention::None).then_some(Aside::Other),
            text => self.either(text, heart),
        }
    }

    /// Whether a packet is set aside, no matter how it came.
    //= EIO3-HB-03
    fn either(&self, packet: &str, heart: &mut Heart) -> Option<Aside> {
        match (packet, heart.revision) {
            (PING, Revision::Four) => (self.heartbeats == Heartbeats::SetAside).then_some(Aside::Ping),
            // A pong that answers no ping is not set aside.
            (PONG, Revision::Three) if heart.unanswered > 0 => {
                heart.unanswered -= 1;
                Some(Aside::Pong)
            }
            (packet, revision) => self.is_message(packet, revision).then_some(Aside::Other),
        }
    }

    /// Removes the packets of a payload that are set aside, and returns them. A ping in the same payload as the open
    /// packet is never part of a conversation: a trace cannot poll for it.
    //= EIO4-HS-11
    pub(super) fn take_from(&self, packets: &mut VecDeque<Packet>, heart: &mut Heart) -> Vec<Aside> {
        let mut taken = Vec::new();
        let is_opening = packets.front().is_some_and(|packet| packet.text().starts_with(OPEN));
        packets.retain(|packet| {
            let aside = match (packet.text(), heart.revision) {
                (PING, Revision::Four) if is_opening => Some(Aside::Ping),
                (packet, _) => self.either(packet, heart),
            };
            taken.extend(aside);
            aside.is_none()
        });
        taken
    }

    /// How many packets of a poll count towards those that the trace waits for.
    pub(super) fn count<'a>(&self, packets: impl Iterator<Item = &'a Packet>) -> usize {
        packets.filter(|packet| self.polled_noops == Mention::Made || packet.text() != NOOP).count()
    }

    /// Whether a packet is one of the application. In revision 3 the client is in the main namespace without asking.
    //= SIO4-CON-01
    fn is_message(&self, packet: &str, revision: Revision) -> bool {
        let is_greeting = revision == Revision::Three && packet == GREETING;
        let is_event = EVENTS.iter().any(|event| packet.starts_with(event));
        self.messages == Messages::SetAside && (is_greeting || is_event)
    }
}

/// Whether a step is a ping of the client, or the server's answer to one.
fn pings(play: &Play) -> bool {
    match &play.step.action {
        Action::Client(_, Client::Text(content) | Client::Packet(content)) => content.pattern.is(PING),
        Action::Server(_, Server::Text(content) | Server::Packet(content)) => content.pattern.is(PONG),
        _ => false,
    }
}
