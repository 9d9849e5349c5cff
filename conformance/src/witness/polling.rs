//! The requests of polling, and their answers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::book::{Book, Lane, Place};
use super::opening::Opening;
use super::upgrade::MARGIN;
use crate::capture::Exchange;
use crate::replay::Packet;
use crate::trace::{Revision, Side};

/// The requests of one session that have no answer yet.
#[derive(Debug, Default)]
pub(super) struct Polling {
    pending: BTreeMap<Exchange, Pending>,
}

#[derive(Debug)]
struct Pending {
    place: Place,
    /// The requests of the same kind that were sent since.
    later: Vec<Place>,
}

impl Polling {
    pub(super) fn requested(&mut self, place: &Place) {
        for pending in self.pending.values_mut().filter(|pending| pending.place.lane == place.lane) {
            // One more is enough to say so.
            if pending.later.is_empty() {
                pending.later.push(place.clone());
            }
        }
        self.pending.insert(place.exchange, Pending { place: place.clone(), later: Vec::new() });
    }

    /// Judges whether a request was the only one of its kind until its answer.
    //= EIO4-GET-05
    //= EIO4-POST-03
    pub(super) fn answered(&mut self, book: &mut Book, exchange: Exchange, at: Duration) {
        let Some(pending) = self.pending.remove(&exchange) else { return };
        if book.revision == Revision::Three {
            return;
        }
        let (requirement, kind) = match pending.place.lane {
            Lane::Post => ("EIO4-POST-03", "POST"),
            Lane::Poll | Lane::Direct | Lane::Candidate => ("EIO4-GET-05", "GET"),
        };
        match pending.later.first() {
            Some(later) if later.at.saturating_add(MARGIN) < at => {
                let since = at.saturating_sub(later.at);
                let fault = format!("a second {kind} is sent {since:.1?} before the first is answered");
                book.violated(requirement, later, fault);
            }
            _ => book.fulfilled(requirement, Side::Client),
        }
    }

    /// The requests without an answer, of which there is no more to say.
    pub(super) fn unanswered(&self) -> usize {
        self.pending.len()
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
