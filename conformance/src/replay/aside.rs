//! Packets that are not part of a conversation, and are not a fault.
//!
//! | what | where | why |
//! |---|---|---|
//! | a ping | anywhere | it can come at any time, and is answered |
//! | a close packet `1` | WebSocket | a server may send one before it closes |
//! | a noop | WebSocket, and polls that continue until a number of packets have come | a client ignores it |
//! | events | a session of Engine.IO on the path of Socket.IO | the application greets each client that joins |
//! | a recovery id (`pid`), other keys | the answer to a CONNECT | a client reads `sid` |
//! | `data` | the refusal of a CONNECT | it belongs to the application |
//! | an offset as the last argument | events, if a recovery id was given | it belongs to connection state recovery |
//!
//! Packets that the trace itself mentions are part of its conversation.

use std::collections::VecDeque;

use super::plays::Play;
use crate::trace::{Action, Server};

/// What is set aside in one conversation.
#[derive(Debug)]
pub(super) struct Asides {
    pub(super) heartbeats: Heartbeats,
    farewells: Mention,
    noops: Mention,
    polled_noops: Mention,
    pub(super) messages: Messages,
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
    Other,
}

const OPEN: char = '0';
pub(super) const PONG: char = '3';
const PING: &str = "2";
pub(super) const CLOSE: &str = "1";
const NOOP: &str = "6";

/// How Socket.IO events begin, without and with attachments.
const EVENTS: [&str; 2] = ["42", "45"];

impl Asides {
    pub(super) fn of(plays: &[Play], messages: Messages) -> Self {
        let mentioned = |packet: &str, on_websocket: bool| {
            plays.iter().any(|play| match &play.step.action {
                Action::Server(_, Server::Text(content)) => content.pattern.to_string() == packet,
                Action::Server(_, Server::Packet(content)) if !on_websocket => content.pattern.to_string() == packet,
                _ => false,
            })
        };
        let mention = |packet, on_websocket| {
            if mentioned(packet, on_websocket) { Mention::Made } else { Mention::None }
        };
        // If a trace mentions a ping, all pings are part of its conversation.
        let heartbeats = if mentioned(PING, false) { Heartbeats::Expected } else { Heartbeats::SetAside };
        Self {
            heartbeats,
            farewells: mention(CLOSE, true),
            noops: mention(NOOP, true),
            polled_noops: mention(NOOP, false),
            messages,
        }
    }

    /// Whether a text message of a WebSocket is set aside.
    //= EIO4-CL-08
    //= EIO4-WS-18
    pub(super) fn text(&self, text: &str) -> Option<Aside> {
        match text {
            PING => (self.heartbeats == Heartbeats::SetAside).then_some(Aside::Ping),
            CLOSE => (self.farewells == Mention::None).then_some(Aside::Other),
            NOOP => (self.noops == Mention::None).then_some(Aside::Other),
            text => self.is_message(text).then_some(Aside::Other),
        }
    }

    /// Removes the packets of a payload that are set aside, and returns them. A ping in the same payload as the open
    /// packet is never part of a conversation: a trace cannot poll for it.
    //= EIO4-HS-11
    pub(super) fn take_from(&self, packets: &mut VecDeque<String>) -> Vec<Aside> {
        let mut taken = Vec::new();
        let is_opening = packets.front().is_some_and(|packet| packet.starts_with(OPEN));
        packets.retain(|packet| {
            let aside = match packet.as_str() {
                PING => (is_opening || self.heartbeats == Heartbeats::SetAside).then_some(Aside::Ping),
                packet => self.is_message(packet).then_some(Aside::Other),
            };
            taken.extend(aside);
            aside.is_none()
        });
        taken
    }

    /// How many packets of a poll count towards those that the trace waits for.
    pub(super) fn count<'a>(&self, packets: impl Iterator<Item = &'a String>) -> usize {
        packets.filter(|packet| self.polled_noops == Mention::Made || *packet != NOOP).count()
    }

    fn is_message(&self, packet: &str) -> bool {
        self.messages == Messages::SetAside && EVENTS.iter().any(|event| packet.starts_with(event))
    }
}
