//! What was seen, put together by session.

use std::collections::{BTreeMap, BTreeSet};

use super::payloads::{Payloads, query};
use super::sighting::{Clock, Exchange, Sighting, What};

/// The most bytes of bodies and messages that are kept: 64 MiB.
pub(crate) const MOST: usize = 64 << 20;

/// What was seen so far, and to which session each exchange belongs.
///
/// An exchange belongs to a session if its query has the sid, or if its answer or first message is the open packet.
///
/// ```
/// use std::time::Duration;
/// use siospec::capture::{Body, Exchange, Log, Sighting, What};
///
/// let exchange = Exchange { connection: 0, request: 0 };
/// let target = "/socket.io/?EIO=4&transport=polling".to_owned();
/// let request = What::Request { method: "GET".to_owned(), target, agent: None, content_type: None, body: Body::empty() };
/// let open = br#"0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[]}"#;
/// let answer = What::Answer { status: 200, content_type: None, body: Body::Whole(open.to_vec()) };
/// let mut log = Log::default();
/// for what in [request, answer] {
///     log.see(Sighting { at: Duration::ZERO, exchange, what });
/// }
/// assert_eq!(log.conversations()[0].sid, "lv_VI97HAXpY6yYWAAAB");
/// ```
#[derive(Debug, Default)]
pub struct Log {
    sightings: Vec<Sighting>,
    sids: BTreeMap<Exchange, String>,
    payloads: Payloads,
    /// Those of which the recording does not show the request.
    joined: BTreeSet<Exchange>,
    clock: Clock,
    room: Room,
}

#[derive(Debug)]
enum Room {
    /// This number of bytes is left.
    Left(usize),
    Full,
}

impl Default for Room {
    fn default() -> Self {
        Self::Left(MOST)
    }
}

/// All that was seen of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The session's id; empty if it is not in the recording.
    pub sid: String,
    /// How exact the times are.
    pub clock: Clock,
    /// What was said, in the order in which it was seen.
    pub sightings: Vec<Sighting>,
}

/// What tells one session from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Session<'l> {
    Sid(&'l str),
    /// The messages of one exchange, which do not name their session.
    Unnamed(Exchange),
}

impl Log {
    /// A log whose times are as exact as those of this clock.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self { clock, ..Self::default() }
    }

    /// Keeps a sighting, unless the log is full.
    pub fn see(&mut self, sighting: Sighting) {
        let Room::Left(left) = self.room else { return };
        match left.checked_sub(size(&sighting.what)) {
            Some(left) => self.room = Room::Left(left),
            None => {
                self.room = Room::Full;
                return;
            }
        }
        self.payloads.see(&sighting);
        if let Some(sid) = sid(&self.payloads, &sighting) {
            self.sids.entry(sighting.exchange).or_insert(sid);
        }
        if matches!(sighting.what, What::Joined(_)) {
            self.joined.insert(sighting.exchange);
        }
        self.sightings.push(sighting);
    }

    /// Whether more was seen than is kept, which is 64 MiB.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.room, Room::Full)
    }

    /// Whether a client asked for a WebSocket. Some tools leave WebSockets out of their recordings.
    #[must_use]
    pub fn has_websocket(&self) -> bool {
        self.sightings.iter().any(|sighting| matches!(sighting.what, What::Open { .. } | What::Joined(_)))
    }

    /// The sessions, in the order in which they began.
    #[must_use]
    pub fn conversations(&self) -> Vec<Conversation> {
        let mut conversations: Vec<Conversation> = Vec::new();
        let mut places: BTreeMap<Session<'_>, usize> = BTreeMap::new();
        for sighting in &self.sightings {
            let Some(session) = self.session(sighting.exchange) else { continue };
            let place = *places.entry(session).or_insert_with(|| {
                let sid = match session {
                    Session::Sid(sid) => sid.to_owned(),
                    Session::Unnamed(_) => String::new(),
                };
                conversations.push(Conversation { sid, clock: self.clock, sightings: Vec::new() });
                conversations.len().saturating_sub(1)
            });
            if let Some(conversation) = conversations.get_mut(place) {
                conversation.sightings.push(sighting.clone());
            }
        }
        conversations
    }

    /// The session that an exchange belongs to.
    fn session(&self, exchange: Exchange) -> Option<Session<'_>> {
        let unnamed = || self.joined.contains(&exchange).then_some(Session::Unnamed(exchange));
        self.sids.get(&exchange).map(|sid| Session::Sid(sid)).or_else(unnamed)
    }

    /// What belongs to no session: refused handshakes, and what is neither Engine.IO nor Socket.IO.
    pub fn strays(&self) -> impl Iterator<Item = &Sighting> {
        self.sightings.iter().filter(|sighting| self.session(sighting.exchange).is_none())
    }
}

/// The sid that a sighting shows: in a query, or in the open packet.
pub(crate) fn sid(payloads: &Payloads, sighting: &Sighting) -> Option<String> {
    match &sighting.what {
        What::Request { target, .. } | What::Open { target, .. } => of_query(target),
        What::Joined(joined) => joined.sid.clone(),
        What::Answer { .. } => of_packet(payloads.packets(sighting).first()?.text()),
        What::Text(_, text) => of_packet(text),
        _ => None,
    }
}

/// About how many bytes it takes to keep this.
pub(crate) fn size(what: &What) -> usize {
    /// What the rest of a sighting takes.
    const HEAD: usize = 256;
    HEAD.saturating_add(match what {
        What::Request { target, body, .. } => target.len().saturating_add(body.len()),
        What::Answer { body, .. } => body.len(),
        What::Open { target, .. } => target.len(),
        What::Text(_, text) => text.len(),
        What::Binary(_, bytes) => bytes.len(),
        What::Unreadable(_, words) | What::Hidden(_, words) => words.len(),
        What::Opened | What::Joined(_) | What::Close(..) | What::End(_) => 0,
    })
}

fn of_query(target: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(query(target).as_bytes());
    fields.find(|(name, value)| name == "sid" && !value.is_empty()).map(|(_, sid)| sid.into_owned())
}

fn of_packet(text: &str) -> Option<String> {
    let json = text.strip_prefix('0')?;
    let open = serde_json::Deserializer::from_str(json).into_iter::<serde_json::Value>().next()?.ok()?;
    Some(open.get("sid")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::capture::Body;
    use crate::trace::Side;

    fn see(log: &mut Log, request: u32, what: What) {
        let exchange = Exchange { connection: 0, request };
        log.see(Sighting { at: Duration::ZERO, exchange, what });
    }

    fn request(target: &str) -> What {
        What::Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            agent: None,
            content_type: None,
            body: Body::empty(),
        }
    }

    fn answer(body: &str) -> What {
        What::Answer { status: 200, content_type: None, body: Body::Whole(body.into()) }
    }

    #[test]
    fn what_belongs_together_is_found_by_the_sid() {
        let mut log = Log::default();
        see(&mut log, 0, request("/?EIO=4"));
        see(&mut log, 0, answer("0{\"sid\":\"A\"}\u{1e}40"));
        see(&mut log, 1, request("/?EIO=3"));
        see(&mut log, 1, answer("12:0{\"sid\":\"B\"}2:40"));
        see(&mut log, 2, request("/?EIO=4&sid=A"));
        see(&mut log, 3, What::Open { target: "/?EIO=4".to_owned(), agent: None });
        see(&mut log, 3, What::Text(Side::Server, r#"0{"sid":"C"}"#.to_owned()));
        see(&mut log, 4, request("/favicon.ico"));
        let found: Vec<_> =
            log.conversations().iter().map(|session| (session.sid.clone(), session.sightings.len())).collect();
        assert_eq!(found, [("A".to_owned(), 3), ("B".to_owned(), 2), ("C".to_owned(), 2)]);
        assert_eq!(log.strays().count(), 1);
    }

    #[test]
    fn a_log_has_an_end() {
        let mut log = Log::default();
        for _ in 0..3 {
            see(&mut log, 0, What::Binary(Side::Client, vec![0; MOST / 2 - 1000]));
        }
        assert!(log.is_full());
        assert_eq!(log.sightings.len(), 2);
    }
}
