//! Which requests of a conversation carry messages.

use std::collections::BTreeSet;

use super::log::Conversation;
use super::sighting::{Exchange, Sighting, What};
use crate::trace::Side;

/// The requests that carry no messages, only heartbeats and noops.
pub(super) fn idle(conversation: &Conversation) -> BTreeSet<Exchange> {
    with_packets(conversation, |side, packet| !is_message(side, packet))
}

/// The GETs of a session whose answers carry messages.
pub(super) fn polls(conversation: &Conversation) -> BTreeSet<Exchange> {
    let of_session = conversation.sightings.iter().filter_map(|sighting| match &sighting.what {
        What::Request { method, target, .. } if method == "GET" && target.contains("sid=") => Some(sighting.exchange),
        _ => None,
    });
    let idle = idle(conversation);
    let answered = answered(conversation);
    of_session.filter(|exchange| answered.contains(exchange) && !idle.contains(exchange)).collect()
}

/// The requests with a payload of which `all` packets are such.
fn with_packets(conversation: &Conversation, all: impl Fn(Side, &str) -> bool) -> BTreeSet<Exchange> {
    let carries = |sighting: &&Sighting| {
        let (side, body) = match &sighting.what {
            What::Request { body, .. } => (Side::Client, body),
            What::Answer { status: 200, body, .. } => (Side::Server, body),
            _ => return false,
        };
        body.text().is_some_and(|text| !text.is_empty() && packets(text).all(|packet| all(side, packet)))
    };
    conversation.sightings.iter().filter(carries).map(|sighting| sighting.exchange).collect()
}

/// The requests whose answer is a payload.
fn answered(conversation: &Conversation) -> BTreeSet<Exchange> {
    let is_payload = |sighting: &&Sighting| matches!(&sighting.what, What::Answer { status: 200, body, .. } if body.text().is_some_and(|text| !text.is_empty()));
    conversation.sightings.iter().filter(is_payload).map(|sighting| sighting.exchange).collect()
}

/// Whether a packet is neither a heartbeat nor a noop.
pub(super) fn is_message(side: Side, packet: &str) -> bool {
    !is_heartbeat(side, packet) && packet != "6"
}

/// A ping of the server, or a pong of the client.
//= EIO4-HB-01
pub(super) fn is_heartbeat(side: Side, packet: &str) -> bool {
    match side {
        Side::Server => packet == "2",
        Side::Client => packet == "3",
    }
}

/// The packets of a payload.
//= EIO4-PLD-01
pub(super) fn packets(payload: &str) -> impl Iterator<Item = &str> {
    payload.split('\u{1e}')
}
