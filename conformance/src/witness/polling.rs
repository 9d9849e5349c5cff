//! The requests of polling, and their answers.

use std::collections::BTreeMap;

use super::book::{Book, Lane, Place};
use super::closing::PATIENCE;
use super::opening::Opening;
use super::upgrade::MARGIN;
use crate::capture::{Exchange, query};
use crate::replay::Packet;
use crate::trace::{Revision, Side};

/// The requests of one session that have no answer yet.
#[derive(Debug, Default)]
pub(super) struct Polling {
    pending: BTreeMap<Exchange, Pending>,
    /// Those of each kind that no other was sent after.
    newest: BTreeMap<Lane, Exchange>,
}

/// A request.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) place: Place,
    /// The first request of the same kind that was sent since.
    later: Option<Place>,
    /// What is known of the request.
    fault: Fault,
}

/// What a server has to refuse in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    /// It was sent while another one was pending.
    Second,
    /// Its body is longer than `maxPayload`.
    TooLong { bytes: u64, most: u64 },
}

impl Polling {
    pub(super) fn requested(&mut self, place: &Place) {
        let before = self.newest.insert(place.lane, place.exchange);
        if let Some(pending) = before.and_then(|exchange| self.pending.get_mut(&exchange)) {
            pending.later = Some(place.clone());
        }
        self.pending.insert(place.exchange, Pending { place: place.clone(), later: None, fault: Fault::None });
    }

    /// Keeps whether the body of a POST is too long. Some recordings keep texts that are not ASCII in a longer form.
    pub(super) fn sized(&mut self, opening: &Opening, exchange: Exchange, body: &[u8]) {
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if let (Some(pending), Some(most)) = (self.pending.get_mut(&exchange), opening.max_payload)
            && body.is_ascii()
            && bytes > most
        {
            pending.fault = Fault::TooLong { bytes, most };
        }
    }

    /// Judges whether a request was the only one of its kind until its answer, which has the status 200. Returns the
    /// request.
    //= EIO4-GET-05
    //= EIO4-POST-03
    pub(super) fn answered(&mut self, book: &mut Book, answer: &Place) -> Option<Pending> {
        let pending = self.pending.remove(&answer.exchange)?;
        let at = answer.at;
        if book.revision == Revision::Three {
            return Some(pending);
        }
        let (requirement, kind) = match pending.place.lane {
            Lane::Post => ("EIO4-POST-03", "POST"),
            Lane::Poll | Lane::Direct | Lane::Candidate | Lane::Unknown => ("EIO4-GET-05", "GET"),
        };
        match &pending.later {
            Some(later) if later.at.saturating_add(MARGIN) < at => {
                let since = at.saturating_sub(later.at);
                let fault = format!("a second {kind} is sent {since:.1?} before the first is answered");
                book.violated(requirement, later, fault);
                // The network may have carried the answer to the first one meanwhile.
                if since >= PATIENCE
                    && let Some(second) = self.pending.get_mut(&later.exchange)
                {
                    second.fault = Fault::Second;
                }
            }
            _ => book.fulfilled(requirement, Side::Client),
        }
        Some(pending)
    }

    /// A request was answered with an error, which says nothing of the others.
    pub(super) fn refused(&mut self, exchange: Exchange) {
        self.pending.remove(&exchange);
    }

    /// The requests without an answer, of which there is no more to say.
    pub(super) fn unanswered(&self) -> usize {
        self.pending.len()
    }
}

impl Pending {
    /// Judges the server, which has accepted the request.
    //= EIO4-GET-06
    //= EIO4-POST-04
    //= EIO4-POST-10
    pub(super) fn accepted(&self, book: &mut Book, answer: &Place) {
        match (self.fault, self.place.lane) {
            (Fault::None, _) => {}
            (Fault::Second, Lane::Post) => {
                book.violated("EIO4-POST-04", answer, "the server accepts a second POST while another one is pending");
            }
            (Fault::Second, _) => {
                book.violated("EIO4-GET-06", answer, "the server accepts a second GET while another one is pending");
            }
            (Fault::TooLong { bytes, most }, _) => {
                let fault = format!("the server accepts a body of {bytes} bytes; maxPayload is {most}");
                book.violated("EIO4-POST-10", answer, fault);
            }
        }
    }
}

/// Judges the address of a request of a session that exists.
//= EIO4-URL-01
pub(super) fn address(book: &mut Book, place: &Place, target: &str) {
    let has = |key: &str| query(target).split('&').any(|field| field.split('=').next() == Some(key));
    if book.revision == Revision::Three || !has("sid") {
        return;
    }
    match ["EIO", "transport"].into_iter().find(|key| !has(key)) {
        Some(key) => book.violated("EIO4-URL-01", place, format!("the address of this request has no {key}")),
        None => book.fulfilled("EIO4-URL-01", Side::Client),
    }
}

/// Judges the type of the answer to a poll. Some recordings leave it out, or keep only its first part.
//= EIO4-GET-03
pub(super) fn content_type(book: &mut Book, place: &Place, content_type: Option<&str>) {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if book.revision == Revision::Three || kind.contains("javascript") {
        return;
    }
    if kind == "text/plain" {
        book.fulfilled("EIO4-GET-03", Side::Server);
    } else if kind == "text/html" || kind.starts_with("application/") {
        book.violated("EIO4-GET-03", place, format!("the Content-Type of the answer to a poll is {kind}"));
    }
}

/// Judges the answer to a POST that was accepted.
//= EIO4-POST-01
//= EIO3-POLL-01: POST answer `ok`
pub(super) fn accepted(book: &mut Book, place: &Place, body: &str) {
    let requirement = match book.revision {
        Revision::Three => "EIO3-POLL-01",
        Revision::Four => "EIO4-POST-01",
    };
    match body {
        "ok" => book.fulfilled(requirement, Side::Server),
        // Some recordings leave out the bodies of answers.
        "" => {}
        _ => book.violated(requirement, place, "the answer to an accepted POST is not ok"),
    }
}

/// Judges the size of a body that the client sends. A single packet cannot be divided, and of binary ones the reference
/// counts the size differently.
//= EIO4-LIM-01
pub(super) fn size(book: &mut Book, opening: &Opening, place: &Place, bytes: usize, packets: &[Packet]) {
    let Some(most) = opening.max_payload else { return };
    let is_text = |packet: &Packet| matches!(packet, Packet::Text(text) if !text.starts_with('b'));
    if book.revision == Revision::Three || packets.len() < 2 || !packets.iter().all(is_text) {
        return;
    }
    if u64::try_from(bytes).is_ok_and(|bytes| bytes > most) {
        let fault = format!("a body of {} packets has {bytes} bytes; maxPayload is {most}", packets.len());
        book.violated("EIO4-LIM-01", place, fault);
    } else {
        book.fulfilled("EIO4-LIM-01", Side::Client);
    }
}
