//! What a witness takes from the requests of polling.

use std::time::Duration;

use sio_codec::{Frame, Text};

use super::bodies::{binary, is_counted_in_bytes, packets};
use super::book::{Lane, Place};
use super::heartbeat::HELD;
use super::polling;
use super::session::{Witness, has_sid};
use crate::capture::{Body, Exchange};
use crate::replay::{Packet, Wrapping};
use crate::trace::Side;

impl Witness {
    /// A request; `place` has its method as evidence.
    pub(super) fn request(&mut self, place: Place, target: &str, content_type: Option<&str>, body: &Body) {
        let lane = match place.evidence.as_str() {
            "GET" => Lane::Poll,
            "POST" => Lane::Post,
            _ => return,
        };
        let place = Place { lane, ..place };
        self.lanes.insert(place.exchange, lane);
        if lane == Lane::Poll && !has_sid(target) {
            self.handshakes.insert(place.exchange);
        }
        polling::address(&mut self.book, &place, target);
        if lane == Lane::Poll {
            self.book.goes_on(&place);
        }
        self.upgrade.requested(&mut self.book, &place);
        self.polling.requested(&place);
        if lane == Lane::Post {
            self.payload(&place, content_type, body, None);
        }
    }

    /// The answer to a request.
    pub(super) fn answer(
        &mut self,
        at: Duration,
        exchange: Exchange,
        status: u16,
        content_type: Option<&str>,
        body: &Body,
    ) {
        let lane = self.lanes.get(&exchange).copied();
        if self.handshakes.contains(&exchange) {
            self.book.revision = self.payloads.framing(exchange).revision;
        }
        let evidence = Place::quote(body.text().unwrap_or("a binary body"));
        let place = self.place(at, exchange, Side::Server, evidence);
        self.book.answered(&place);
        if status != 200 {
            self.polling.refused(exchange);
            return;
        }
        let request = self.polling.answered(&mut self.book, &place);
        if let Some(request) = &request {
            request.accepted(&mut self.book, &place);
        }
        match lane {
            Some(Lane::Post) => {
                if let Some(request) = request {
                    self.upgrade.accepted(&mut self.book, &place, request.place.at);
                }
                polling::accepted(&mut self.book, &place, body.text().unwrap_or_default());
                // The ping would have ended this poll.
                if self.upgrade.is_polling() && self.upgrade.is_polled_since(at.saturating_sub(HELD)) {
                    self.beat(&place);
                }
            }
            Some(Lane::Poll) => {
                polling::content_type(&mut self.book, &place, content_type);
                let is_noop = matches!(body.text(), Some("6" | "1:6"));
                let held = self.upgrade.answered(&mut self.book, &place, is_noop);
                self.payload(&place, content_type, body, held);
            }
            _ => {}
        }
    }

    /// The packets of a body.
    fn payload(&mut self, place: &Place, content_type: Option<&str>, body: &Body, held: Option<Duration>) {
        let bytes = match body {
            Body::Whole(bytes) if !bytes.is_empty() => bytes,
            // An empty body is not allowed; more often it is one that was not recorded.
            Body::Whole(_) => return self.book.gap(place.side, "the bodies of some requests"),
            Body::Unreadable(why) => return self.book.gap(place.side, why.clone()),
        };
        let framing = self.payloads.framing(place.exchange);
        let Some(packets) = packets(framing, place.side, content_type, bytes) else {
            let requirement = match framing.wrapping {
                Wrapping::Script => "EIO3-JSONP-01",
                Wrapping::Bare if is_counted_in_bytes(framing, bytes) => "EIO3-PLD-01",
                Wrapping::Bare => "EIO3-PLD-03",
            };
            let evidence = Place::quote(&String::from_utf8_lossy(bytes));
            self.book.violated(requirement, &Place { evidence, ..place.clone() }, "the body is no payload");
            return self.book.gap(place.side, "what a body holds that cannot be taken apart");
        };
        if place.lane == Lane::Post && framing.wrapping == Wrapping::Bare {
            polling::size(&mut self.book, &self.opening, place, bytes.len(), &packets);
            self.polling.sized(&self.opening, place.exchange, bytes);
        }
        if place.side == Side::Server && self.handshakes.remove(&place.exchange) {
            let begins = matches!(packets.first(), Some(Packet::Text(text)) if text.starts_with('0'));
            self.first(place, begins);
        }
        for packet in packets {
            let (evidence, frame) = match packet {
                Packet::Text(text) => (Place::quote(&text), Frame::Text(Text::from(text))),
                Packet::Binary(bytes) => (binary(&bytes), Frame::Binary(bytes)),
            };
            self.hear(&Place { evidence, ..place.clone() }, frame, held);
        }
    }
}
