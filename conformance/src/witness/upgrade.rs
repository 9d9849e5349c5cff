//! How a session moves from polling to a WebSocket.

use std::collections::BTreeMap;
use std::time::Duration;

use sio_codec::engineio::Packet;

use super::book::{Book, Lane, Place};
use super::opening::Opening;
use crate::capture::Exchange;
use crate::trace::{Revision, Side};

/// A poll that is answered within this time, and twice the round trip of the probe, was ended promptly. The reference
/// takes at most 100 ms.
const PROMPT: Duration = Duration::from_secs(1);

/// Times of two connections differ from the truth by less than this.
pub(super) const MARGIN: Duration = Duration::from_millis(250);

/// The upgrade of one session.
#[derive(Debug, Default)]
pub(super) struct Upgrade {
    stage: Stage,
    /// When each GET was sent that has no answer yet.
    polls: BTreeMap<Exchange, Duration>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Stage {
    #[default]
    Polling,
    /// The client asked on this WebSocket.
    Asked { on: Exchange, at: Duration },
    /// The server answered; the poll has to end by then.
    Probed { on: Exchange, at: Duration, round_trip: Duration },
    /// The client moved.
    Moved { on: Exchange, at: Duration, probed: Option<(Duration, Duration)> },
}

impl Upgrade {
    /// The WebSocket to which the session has moved.
    pub(super) fn moved_to(&self) -> Option<Exchange> {
        match self.stage {
            Stage::Moved { on, .. } => Some(on),
            _ => None,
        }
    }

    /// The client asks for a WebSocket.
    //= EIO4-HS-15
    pub(super) fn connecting(book: &mut Book, opening: &Opening, place: &Place) {
        if book.revision == Revision::Four
            && place.lane == Lane::Candidate
            && let Some(upgrades) = &opening.upgrades
        {
            if upgrades.iter().any(|name| name == "websocket") {
                book.fulfilled("EIO4-HS-15", Side::Client);
            } else {
                book.violated("EIO4-HS-15", place, "the client tries an upgrade that the open packet does not offer");
            }
        }
    }

    /// A request for polling is sent.
    //= EIO4-UP-05: start no new ones
    pub(super) fn requested(&mut self, book: &mut Book, place: &Place) {
        if place.lane == Lane::Poll {
            self.polls.insert(place.exchange, place.at);
        }
        if let Stage::Moved { at, .. } = self.stage
            && place.at > at.saturating_add(MARGIN)
            && book.revision == Revision::Four
        {
            book.violated("EIO4-UP-05", place, "the client uses polling after it has moved to the WebSocket");
        }
    }

    /// A poll is answered. Returns how long it was open.
    pub(super) fn answered(&mut self, book: &mut Book, place: &Place, is_noop: bool) -> Option<Duration> {
        let began = self.polls.remove(&place.exchange)?;
        let (probed, moved) = match self.stage {
            Stage::Probed { at, round_trip, .. } => (Some((at, round_trip)), None),
            Stage::Moved { at, probed, .. } => (probed, Some(at)),
            Stage::Polling | Stage::Asked { .. } => (None, None),
        };
        if let Some((probed, round_trip)) = probed
            && moved.is_none_or(|moved| began < moved)
        {
            ended(book, place, began.max(probed), round_trip, is_noop);
        }
        if let Some(moved) = moved
            && began < moved
            && place.at > moved.saturating_add(PROMPT)
            && book.revision == Revision::Four
        {
            let place = Place { side: Side::Client, ..place.clone() };
            book.violated("EIO4-UP-05", &place, "the client moved to the WebSocket while this poll was pending");
        }
        if let Some(moved) = moved {
            served_late(book, place, began, moved);
        }
        Some(place.at.saturating_sub(began))
    }

    /// A POST that was sent at this time is accepted.
    pub(super) fn accepted(&self, book: &mut Book, place: &Place, sent: Duration) {
        if let Stage::Moved { at, .. } = self.stage {
            served_late(book, place, sent, at);
        }
    }

    /// Whether a GET has been pending since this time or longer.
    pub(super) fn is_polled_since(&self, at: Duration) -> bool {
        self.polls.values().any(|since| *since <= at)
    }

    /// Whether all packets come by polling.
    pub(super) const fn is_polling(&self) -> bool {
        matches!(self.stage, Stage::Polling)
    }

    /// A packet on a WebSocket to which the session may move.
    pub(super) fn hear(&mut self, book: &mut Book, place: &Place, packet: &Packet) {
        let is_probe = |data: &sio_codec::Text| data.as_str() == "probe";
        match (self.stage, place.side, packet) {
            (Stage::Polling, Side::Client, Packet::Ping(data)) if is_probe(data) => {
                //= EIO4-UP-02
                self.note(book, "EIO4-UP-02", Side::Client);
                self.stage = Stage::Asked { on: place.exchange, at: place.at };
            }
            // The WebSocket before did not work out.
            (Stage::Asked { on, .. } | Stage::Probed { on, .. }, Side::Client, Packet::Ping(data))
                if is_probe(data) && on != place.exchange =>
            {
                self.stage = Stage::Asked { on: place.exchange, at: place.at };
            }
            (Stage::Polling, Side::Client, _) => {
                self.fault(book, "EIO4-UP-02", place, "the first packet on this WebSocket is not 2probe");
                if matches!(packet, Packet::Upgrade) {
                    self.stage = Stage::Moved { on: place.exchange, at: place.at, probed: None };
                }
            }
            (Stage::Asked { on, at }, Side::Server, Packet::Pong(data)) if is_probe(data) && on == place.exchange => {
                //= EIO4-UP-03
                self.note(book, "EIO4-UP-03", Side::Server);
                let round_trip = place.at.saturating_sub(at);
                self.stage = Stage::Probed { on, at: place.at, round_trip };
            }
            (Stage::Asked { on, .. }, Side::Server, _) if on == place.exchange => {
                self.fault(book, "EIO4-UP-03", place, "the answer to 2probe is not 3probe");
            }
            (Stage::Asked { on, at }, Side::Client, Packet::Upgrade) if on == place.exchange => {
                self.fault(book, "EIO4-UP-05", place, "the client sends 5 before the server has sent 3probe");
                self.stage = Stage::Moved { on, at: at.max(place.at), probed: None };
            }
            (Stage::Probed { on, at, round_trip }, Side::Client, Packet::Upgrade) if on == place.exchange => {
                //= EIO4-UP-05
                self.note(book, "EIO4-UP-05", Side::Client);
                self.stage = Stage::Moved { on, at: place.at, probed: Some((at, round_trip)) };
            }
            //= EIO4-UP-06
            (Stage::Probed { on, .. }, Side::Server, Packet::Message(_) | Packet::Ping(_)) if on == place.exchange => {
                self.fault(book, "EIO4-UP-06", place, "the server uses the WebSocket before the client has sent 5");
            }
            _ => {}
        }
    }

    fn note(&self, book: &mut Book, requirement: &'static str, side: Side) {
        book.fulfilled(if book.revision == Revision::Four { requirement } else { "EIO3-UP-01" }, side);
    }

    fn fault(&self, book: &mut Book, requirement: &'static str, place: &Place, words: &str) {
        book.violated(if book.revision == Revision::Four { requirement } else { "EIO3-UP-01" }, place, words);
    }
}

/// The server takes a request for polling that was sent well after the session had moved.
//= EIO4-UP-16
fn served_late(book: &mut Book, place: &Place, sent: Duration, moved: Duration) {
    if sent > moved.saturating_add(PROMPT) && book.revision == Revision::Four {
        book.violated("EIO4-UP-16", place, "the server serves polling after the session has moved to the WebSocket");
    }
}

/// A poll that was pending after the probe has ended; `due` is when the server could end it.
//= EIO4-UP-04
//= EIO3-UP-01
fn ended(book: &mut Book, place: &Place, due: Duration, round_trip: Duration, is_noop: bool) {
    let requirement = match book.revision {
        Revision::Three => "EIO3-UP-01",
        Revision::Four => "EIO4-UP-04",
    };
    let late = place.at.saturating_sub(due);
    if late > PROMPT.saturating_add(round_trip.saturating_mul(2)) {
        let fault = format!("the poll is answered {late:.1?} after the probe; a noop has to end it promptly");
        book.violated(requirement, place, fault);
    } else if is_noop {
        book.fulfilled(requirement, Side::Server);
    }
}
