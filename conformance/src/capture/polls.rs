//! Which requests of a conversation carry messages.

use std::collections::BTreeSet;

use super::log::Conversation;
use super::payloads::{Payloads, is_heartbeat};
use super::sighting::{Exchange, Sighting, What};
use crate::replay::Packet;
use crate::trace::{Revision, Side};

/// The requests that carry no messages, only heartbeats and noops.
pub(super) fn idle(conversation: &Conversation, payloads: &Payloads) -> BTreeSet<Exchange> {
    let is_idle = |sighting: &&Sighting| {
        let side = if matches!(sighting.what, What::Request { .. }) { Side::Client } else { Side::Server };
        let revision = payloads.framing(sighting.exchange).revision;
        let packets = payloads.packets(sighting);
        !packets.is_empty() && !packets.iter().any(|packet| is_message(revision, side, packet))
    };
    conversation.sightings.iter().filter(is_idle).map(|sighting| sighting.exchange).collect()
}

/// The GETs of a session whose answers carry messages.
pub(super) fn polls(conversation: &Conversation, payloads: &Payloads) -> BTreeSet<Exchange> {
    let of_session = conversation.sightings.iter().filter_map(|sighting| match &sighting.what {
        What::Request { method, target, .. } if method == "GET" && target.contains("sid=") => Some(sighting.exchange),
        _ => None,
    });
    let idle = idle(conversation, payloads);
    let is_payload =
        |sighting: &&Sighting| matches!(sighting.what, What::Answer { .. }) && !payloads.packets(sighting).is_empty();
    let answered: BTreeSet<Exchange> =
        conversation.sightings.iter().filter(is_payload).map(|sighting| sighting.exchange).collect();
    of_session.filter(|exchange| answered.contains(exchange) && !idle.contains(exchange)).collect()
}

/// Whether a packet is neither a heartbeat nor a noop.
pub(super) fn is_message(revision: Revision, side: Side, packet: &Packet) -> bool {
    match packet {
        Packet::Text(text) => !is_heartbeat(revision, side, text) && text != "6",
        Packet::Binary(_) => true,
    }
}
