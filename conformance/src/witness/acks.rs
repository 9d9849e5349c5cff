//! Acknowledgements: each is asked for, and given once.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, Place};
use crate::trace::Side;

/// Who asks, in which namespace, with which id.
type Key = (bool, String, u64);

/// The acknowledgements of one session.
#[derive(Debug, Default)]
pub(super) struct Acks {
    asked: BTreeMap<Key, usize>,
    answered: BTreeMap<Key, Vec<Place>>,
    /// Asked for and not given yet.
    pending: BTreeSet<Key>,
}

impl Acks {
    /// A side asks for an acknowledgement.
    //= SIO5-ACK-05
    //= SIO5-ACK-06
    pub(super) fn ask(&mut self, book: &mut Book, place: &Place, namespace: &str, id: u64) {
        let key = (place.side == Side::Server, namespace.to_owned(), id);
        let requirement = match place.side {
            Side::Client => "SIO5-ACK-05",
            Side::Server => "SIO5-ACK-06",
        };
        let times = self.asked.entry(key.clone()).or_default();
        *times = times.saturating_add(1);
        if self.pending.insert(key) {
            book.fulfilled(requirement, place.side);
        } else if book.is_all_whole() {
            let fault = format!("the id {id} is used again while an event with it waits for its acknowledgement");
            book.violated(requirement, place, fault);
        }
    }

    /// A side acknowledges an event of the other.
    pub(super) fn answer(&mut self, place: &Place, namespace: &str, id: u64) {
        let key = (place.side == Side::Client, namespace.to_owned(), id);
        self.pending.remove(&key);
        self.answered.entry(key).or_default().push(place.clone());
    }

    /// A side leaves or joins a namespace, and may count from the beginning.
    pub(super) fn restart(&mut self, namespace: &str) {
        self.pending.retain(|(_, own, _)| own != namespace);
    }

    /// Judges all acknowledgements. The times of requests and answers on two connections cannot be compared exactly, so
    /// this counts, at the end. `is_resumed` says of which namespaces an earlier session may have asked.
    //= SIO5-ACK-01
    pub(super) fn finish(self, book: &mut Book, is_resumed: impl Fn(&str) -> bool) {
        for (key, places) in self.answered {
            let asked = self.asked.get(&key).copied().unwrap_or(0);
            let (is_server, namespace, id) = &key;
            let asker = if *is_server { Side::Server } else { Side::Client };
            for place in places.iter().take(asked) {
                book.fulfilled("SIO5-ACK-01", place.side);
            }
            if !book.is_whole(asker) || is_resumed(namespace) {
                continue;
            }
            for place in places.iter().skip(asked) {
                let fault = match asked {
                    0 => format!("no event of {namespace} asked for an acknowledgement with the id {id}"),
                    _ => format!("the event of {namespace} with the id {id} was acknowledged before"),
                };
                book.violated("SIO5-ACK-01", place, fault);
            }
        }
    }
}
