//! The packets in the bodies of requests and answers.

use std::collections::{BTreeMap, BTreeSet};

use sio_codec::engineio::jsonp;

use super::sighting::{Body, Exchange, Sighting, What};
use crate::replay::{Framing, Packet, Wrapping};
use crate::trace::{Revision, Side};

/// How each exchange joins packets, which its query says.
#[derive(Debug, Default)]
pub(crate) struct Payloads {
    framings: BTreeMap<Exchange, Framing>,
    /// The requests for a session that name no revision, and have no answer yet.
    unnamed: BTreeSet<Exchange>,
    /// The revision that was seen last.
    latest: Revision,
}

impl Payloads {
    /// Those of a conversation.
    pub(crate) fn of<'s>(sightings: impl IntoIterator<Item = &'s Sighting>) -> Self {
        let mut payloads = Self::default();
        sightings.into_iter().for_each(|sighting| payloads.see(sighting));
        payloads
    }

    /// Notes what a request, a WebSocket or the messages of an exchange show. If a query names no revision, it is of that of its session. A handshake
    /// without one is of revision 3 for the reference; other servers take it for the newest, which their answers show.
    pub(crate) fn see(&mut self, sighting: &Sighting) {
        let exchange = sighting.exchange;
        match &sighting.what {
            What::Request { target, .. } | What::Open { target, .. } => {
                let has = |name: &str| query(target).split('&').any(|field| field.starts_with(name));
                let mut framing = Framing::of(query(target));
                if !has("EIO=") && has("sid=") {
                    framing.revision = self.latest;
                } else if !has("EIO=") {
                    framing.revision = Revision::Three;
                    self.unnamed.insert(exchange);
                }
                self.latest = framing.revision;
                self.framings.insert(exchange, framing);
            }
            What::Joined(joined) => {
                self.latest = joined.revision;
                self.framings.insert(exchange, Framing { revision: joined.revision, ..Framing::default() });
            }
            What::Answer { status, content_type, body } if self.unnamed.remove(&exchange) => {
                let Some(framing) = self.framings.get_mut(&exchange) else { return };
                let Body::Whole(body) = body else { return };
                if *status == 200 && framing.split(content_type.as_deref(), body).is_none() {
                    framing.revision = Revision::Four;
                    self.latest = framing.revision;
                }
            }
            _ => {}
        }
    }

    /// Nothing more is seen of an exchange.
    pub(crate) fn forget(&mut self, exchange: Exchange) {
        self.framings.remove(&exchange);
    }

    pub(crate) fn framing(&self, exchange: Exchange) -> Framing {
        self.framings.get(&exchange).copied().unwrap_or_default()
    }

    /// The packets of a request, or of an answer with status 200; none if there is no body, or no text where one is due.
    pub(crate) fn packets(&self, sighting: &Sighting) -> Vec<Packet> {
        let framing = self.framing(sighting.exchange);
        match &sighting.what {
            What::Request { content_type, body: Body::Whole(body), .. } if !body.is_empty() => match framing.wrapping {
                Wrapping::Bare => framing.packets(content_type.as_deref(), body).into(),
                Wrapping::Script => {
                    let payload = jsonp::decode_form(body).unwrap_or_default();
                    let bare = Framing { wrapping: Wrapping::Bare, ..framing };
                    bare.packets(None, payload.as_bytes()).into()
                }
            },
            What::Answer { status: 200, content_type, body: Body::Whole(body) } if !body.is_empty() => {
                framing.packets(content_type.as_deref(), body).into()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether a packet is half of a heartbeat. In revision 4 the server pings, in revision 3 the client.
//= EIO4-HB-01
//= EIO3-HB-01
pub(super) fn is_heartbeat(revision: Revision, side: Side, packet: &str) -> bool {
    match (revision, side) {
        (Revision::Four, Side::Server) | (Revision::Three, Side::Client) => packet == "2",
        (Revision::Four, Side::Client) | (Revision::Three, Side::Server) => packet == "3",
    }
}

/// The query of a request's target.
pub(crate) fn query(target: &str) -> &str {
    target.split_once('?').map_or("", |(_, query)| query)
}

/// The path and the query of a URL.
pub(super) fn target(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind.find('/').and_then(|at| behind.get(at..)).unwrap_or("/")
}
