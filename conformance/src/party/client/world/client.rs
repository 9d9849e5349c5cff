//! Plays the client's lines: checks what the client has done.

use sio_codec::Frame;
use sio_codec::engineio::WsId;
use sio_codec::engineio::client::Input;

use super::wire::{Kind, State, Wire, describe, same_query};
use super::{Differs, World};
use crate::party::client::script::Expected;
use crate::replay::{hex, shorten};
use crate::trace::{Bindings, Channel, Comparison, Pattern};

/// The result of a search for something that the client should have done.
enum Search {
    Pending,
    Seen,
    /// A part was found; the rest may follow.
    Part,
    Differs(String, String),
}

impl World {
    /// Waits until the client has done something.
    pub(super) fn expect(&mut self, channel: &Channel, expected: &Expected) -> Result<(), Differs> {
        let until = self.now.saturating_add(self.conditions.step);
        let mut taken = 0;
        self.drain();
        loop {
            match self.search(channel, expected, &mut taken) {
                Search::Seen => break,
                Search::Differs(expected, actual) => return Err((expected, actual)),
                Search::Part => {}
                Search::Pending if self.release_poll() => {}
                Search::Pending => {
                    let due = self.subject.next_deadline().filter(|due| *due <= until);
                    let Some(due) = due else { return Err((expected.to_string(), self.pending(channel))) };
                    self.pass(due);
                }
            }
        }
        self.last.insert(channel.clone(), self.now);
        self.timeline.client(self.now, channel, expected.to_string());
        Ok(())
    }

    /// Describes what the client did instead, when nothing more happens.
    fn pending(&self, channel: &Channel) -> String {
        if let Some(reason) = &self.subject.closed {
            return format!("the session is closed: {reason}");
        }
        let others: Vec<_> = self.wires.values().filter_map(Wire::unread).collect();
        if others.is_empty() { format!("nothing on channel {channel}") } else { others.join(", ") }
    }

    fn search(&mut self, channel: &Channel, expected: &Expected, taken: &mut usize) -> Search {
        match expected {
            Expected::Get { query } => self.claim(channel, query, |kind| matches!(kind, Kind::Get)),
            Expected::Post { query, packets } => self.claim_post(channel, query, packets, taken),
            Expected::Open { query } => {
                let search = self.claim(channel, query, |kind| matches!(kind, Kind::Socket(_)));
                if let (Search::Seen, Some(id)) = (&search, self.channels.get(channel)) {
                    self.tell(Input::WsOpened { ws: WsId(*id) });
                }
                search
            }
            Expected::Text(text, comparison) => match self.next_frame(channel) {
                None => Search::Pending,
                Some(Frame::Text(actual)) => self.compare(text, *comparison, actual.as_str()),
                Some(Frame::Binary(bytes)) => Search::Differs(expected.to_string(), format!("binary {}", hex(&bytes))),
            },
            Expected::Binary(wanted) => match self.next_frame(channel) {
                None => Search::Pending,
                Some(Frame::Binary(bytes)) if bytes == *wanted => Search::Seen,
                Some(frame) => Search::Differs(expected.to_string(), describe(&frame)),
            },
            Expected::Close => match self.channels.get(channel).and_then(|id| self.wires.get(id)) {
                Some(Wire { kind: Kind::Socket(sent), state: State::GivenUp, .. }) => match sent.front() {
                    Some(frame) => Search::Differs(expected.to_string(), describe(frame)),
                    None => Search::Seen,
                },
                _ => Search::Pending,
            },
        }
    }

    fn next_frame(&mut self, channel: &Channel) -> Option<Frame> {
        match &mut self.wires.get_mut(self.channels.get(channel)?)?.kind {
            Kind::Socket(sent) => sent.pop_front(),
            Kind::Get | Kind::Post(_) => None,
        }
    }

    fn compare(&mut self, wanted: &str, comparison: Comparison, actual: &str) -> Search {
        let translated = self.ids.of_trace(actual, wanted);
        match Pattern::literal(wanted).matches(&translated, comparison, &mut Bindings::default()) {
            Ok(()) => Search::Seen,
            Err(mismatch) => Search::Differs(shorten(wanted), format!("{}: {mismatch}", shorten(actual))),
        }
    }

    /// Finds the oldest request or WebSocket of a kind that no line has claimed yet.
    fn claim(&mut self, channel: &Channel, query: &str, is_it: fn(&Kind) -> bool) -> Search {
        let found =
            self.wires.iter_mut().find(|(_, wire)| !wire.claimed && wire.state == State::Open && is_it(&wire.kind));
        let Some((id, wire)) = found else { return Search::Pending };
        if !same_query(query, &wire.query) {
            return Search::Differs(query.to_owned(), wire.query.clone());
        }
        wire.claimed = true;
        self.channels.insert(channel.clone(), *id);
        Search::Seen
    }

    /// A client may spread the packets of one POST over several.
    fn claim_post(&mut self, channel: &Channel, query: &str, packets: &[String], taken: &mut usize) -> Search {
        let wanted = packets.get(*taken..).unwrap_or_default();
        let actual = self.wires.values().find_map(|wire| match wire {
            Wire { kind: Kind::Post(packets), state: State::Open, claimed: false, .. } => Some(packets.clone()),
            _ => None,
        });
        let Some(actual) = actual else { return Search::Pending };
        if actual.len() > wanted.len() {
            return Search::Differs(shorten(&wanted.join(" ")), shorten(&actual.join(" ")));
        }
        for (wanted, actual) in wanted.iter().zip(&actual) {
            let search = self.compare(wanted, Comparison::Json, actual);
            if !matches!(search, Search::Seen) {
                return search;
            }
        }
        let search = self.claim(channel, query, |kind| matches!(kind, Kind::Post(_)));
        if !matches!(search, Search::Seen) || actual.len() == wanted.len() {
            return search;
        }
        *taken += actual.len();
        self.settle(channel, "ok");
        Search::Part
    }
}
