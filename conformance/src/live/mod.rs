//! The sessions of many clients, shown and judged while they go on.
//!
//! [`Live`] is told what a relay sees, in the order of time, and says at once what that means: a session begins, one side
//! says something, a requirement is broken, a session is over. It does no I/O and has no clock.
//!
//! ```text
//! Sighting ──▶ Live ──▶ Session, one per sid, and one per request that leads to none
//!                          ├──▶ Narrator ──▶ lines of the timeline
//!                          ├──▶ Witness  ──▶ violations, and the testimony at the end
//!                          └──▶ the recording, if it is wanted
//! ```
//!
//! Sessions that are over are forgotten. A session is over when its WebSocket has ended and nothing of it is waiting for an
//! answer, a little after a side has closed it, or when no request of it was seen for [`QUIET`]. What the sessions that go
//! on take is bounded: see [`Why::Room`].

mod session;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use session::{Pace, Session};

use crate::capture::{Conversation, Exchange, MOST, Payloads, Sighting, What, query, sid};
use crate::witness::{Testimony, Violation};

/// A session without a request or a WebSocket is over after this time.
pub const QUIET: Duration = Duration::from_secs(60);

/// How many bytes may be remembered.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Of a session.
    one: usize,
    /// Of all of them.
    all: usize,
}

const ROOM: Room = Room { one: MOST, all: 2 * MOST };

/// What a session takes at least.
const SESSION: usize = 4096;

/// Whether the sessions are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What was seen is dropped once it is judged.
    Nothing,
    /// What was seen is returned when the session is over.
    Recordings,
}

/// Something that is known of the session with this number. The numbers count from 1.
#[derive(Debug)]
pub struct News {
    /// The number of the session.
    pub number: u32,
    /// What is known.
    pub event: Event,
}

/// What is known of a session.
#[derive(Debug)]
pub enum Event {
    /// The session with this sid begins, or is seen for the first time. Without a sid, it is a request that does not
    /// belong to a session: so far, or at all.
    Began {
        /// The sid, if there is one.
        sid: Option<String>,
        /// The `User-Agent` of the first request, if it has one.
        agent: Option<String>,
    },
    /// A side said something: one or more lines of the timeline.
    Said(String),
    /// A requirement is broken.
    Broken(Violation),
    /// Nothing more follows.
    Ended(Box<End>),
}

/// The end of a session.
#[derive(Debug)]
pub struct End {
    /// Why it is taken to be over.
    pub why: Why,
    /// What is said of it. The violations that were told before are in it again.
    pub testimony: Testimony,
    /// Those of its violations that were not told before.
    pub late: Vec<Violation>,
    /// Whether there is a session, and not only a request that leads to none.
    pub has_session: bool,
    /// Whether the session was seen from its beginning.
    pub has_beginning: bool,
    /// What was seen of it, if recordings are wanted.
    pub conversation: Option<Conversation>,
}

/// Why a session is taken to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was closed, its WebSocket ended, or a request was refused.
    Over,
    /// No request of it was seen for [`QUIET`].
    Quiet,
    /// What is remembered of it has reached 64 MiB, or that of all sessions 128 MiB. It goes on as another session whose
    /// beginning was not seen.
    Room,
    /// The program stops.
    Stopped,
}

/// What a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Sid(String),
    /// No session, so far.
    Stray(Exchange),
}

/// The sessions that go on.
#[derive(Debug)]
pub struct Live {
    keep: Keep,
    /// The exchanges of the connections that are open.
    courses: BTreeMap<Exchange, Course>,
    sessions: BTreeMap<Key, Session>,
    next: u32,
    others: u64,
    /// The bytes that all sessions take.
    taken: usize,
    room: Room,
}

/// Where an exchange belongs.
#[derive(Debug)]
enum Course {
    /// It asks for a session; it is not known yet whether it gets one.
    Asked(Vec<Sighting>),
    Of(Key),
    /// It is nothing of Engine.IO.
    Other,
}

impl Live {
    /// No session, so far.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self { keep, courses: BTreeMap::new(), sessions: BTreeMap::new(), next: 1, others: 0, taken: 0, room: ROOM }
    }

    /// How many requests were nothing of Engine.IO. They are neither shown nor judged.
    #[must_use]
    pub const fn others(&self) -> u64 {
        self.others
    }

    /// Something was seen.
    pub fn see(&mut self, sighting: Sighting, mut tell: impl FnMut(News)) {
        let exchange = sighting.exchange;
        let key = match self.courses.remove(&exchange) {
            None => match self.first(&sighting) {
                Some(key) => key,
                None => return,
            },
            Some(Course::Other) => {
                self.settle(exchange, Course::Other, &sighting.what);
                return;
            }
            Some(Course::Of(key)) => key,
            Some(Course::Asked(before)) => return self.answered(before, sighting, &mut tell),
        };
        self.settle(exchange, Course::Of(key.clone()), &sighting.what);
        self.tell(key, sighting, &mut tell);
    }

    /// The exchanges of a connection are over.
    pub fn over(&mut self, connection: u32, mut tell: impl FnMut(News)) {
        let range = Exchange { connection, request: 0 }..=Exchange { connection, request: u32::MAX };
        let exchanges: Vec<_> = self.courses.range(range).map(|(exchange, _)| *exchange).collect();
        for exchange in exchanges {
            match self.courses.remove(&exchange) {
                Some(Course::Asked(held)) => {
                    let key = Key::Stray(exchange);
                    held.into_iter().for_each(|sighting| self.tell(key.clone(), sighting, &mut tell));
                    self.leave(&key, exchange, &mut tell);
                }
                Some(Course::Of(key)) => self.leave(&key, exchange, &mut tell),
                Some(Course::Other) | None => {}
            }
        }
    }

    /// Time passes: this much since the beginning.
    pub fn tick(&mut self, now: Duration, mut tell: impl FnMut(News)) {
        let over = |(key, session): (&Key, &Session)| Some((key.clone(), session.is_over(now)?));
        let over: Vec<_> = self.sessions.iter().filter_map(over).collect();
        over.iter().for_each(|(key, why)| self.end(key, *why, &mut tell));
    }

    /// Ends all sessions.
    pub fn stop(mut self, mut tell: impl FnMut(News)) {
        for (exchange, course) in std::mem::take(&mut self.courses) {
            if let Course::Asked(held) = course {
                held.into_iter().for_each(|sighting| self.tell(Key::Stray(exchange), sighting, &mut tell));
            }
        }
        let mut keys: Vec<_> = self.sessions.iter().map(|(key, session)| (session.number(), key.clone())).collect();
        keys.sort();
        keys.iter().for_each(|(_, key)| self.end(key, Why::Stopped, &mut tell));
    }

    /// Where an exchange belongs that is seen for the first time, if that is known. Otherwise it is noted.
    fn first(&mut self, sighting: &Sighting) -> Option<Key> {
        let target = match &sighting.what {
            What::Request { target, .. } | What::Open { target, .. } => target,
            What::Unreadable(..) => return Some(Key::Stray(sighting.exchange)),
            // It was answered before.
            _ => return None,
        };
        if let Some(sid) = sid(&Payloads::default(), sighting) {
            return Some(Key::Sid(sid));
        }
        let is_engine = query(target)
            .split('&')
            .any(|field| field.split_once('=').is_some_and(|(name, _)| matches!(name, "EIO" | "transport")));
        if is_engine {
            self.courses.insert(sighting.exchange, Course::Asked(vec![sighting.clone()]));
        } else {
            self.others = self.others.saturating_add(1);
            self.settle(sighting.exchange, Course::Other, &sighting.what);
        }
        None
    }

    /// Notes where an exchange belongs, unless this is its end.
    fn settle(&mut self, exchange: Exchange, course: Course, what: &What) {
        if !matches!(what, What::Answer { .. }) {
            self.courses.insert(exchange, course);
        }
    }

    /// What follows on a request for a session.
    fn answered(&mut self, mut held: Vec<Sighting>, sighting: Sighting, tell: &mut impl FnMut(News)) {
        let exchange = sighting.exchange;
        let found = sid(&Payloads::of(held.iter().chain([&sighting])), &sighting);
        let is_open = found.is_none() && sighting.what == What::Opened;
        let what = sighting.what.clone();
        held.push(sighting);
        if is_open {
            // The first message can be the open packet.
            self.courses.insert(exchange, Course::Asked(held));
            return;
        }
        let key = found.map_or(Key::Stray(exchange), Key::Sid);
        self.settle(exchange, Course::Of(key.clone()), &what);
        held.into_iter().for_each(|sighting| self.tell(key.clone(), sighting, tell));
    }

    /// Something was seen of a session. The room that it takes may be needed.
    fn tell(&mut self, key: Key, sighting: Sighting, tell: &mut impl FnMut(News)) {
        self.show(&key, sighting, tell);
        let Some(session) = self.sessions.get(&key) else { return };
        if session.pace() == Pace::Over {
            self.end(&key, Why::Over, tell);
        } else if session.size() >= self.room.one {
            self.renew(&key, tell);
        } else if self.taken >= self.room.all {
            // The largest; of those without a size, that which was silent the longest.
            let largest = self.sessions.iter().max_by_key(|(_, session)| (session.size(), Reverse(session.last())));
            if let Some(key) = largest.map(|(key, _)| key.clone()) {
                self.renew(&key, tell);
            }
        }
    }

    fn show(&mut self, key: &Key, sighting: Sighting, tell: &mut impl FnMut(News)) {
        let session = self.sessions.entry(key.clone()).or_insert_with(|| {
            let number = self.next;
            self.next = self.next.saturating_add(1);
            self.taken = self.taken.saturating_add(SESSION);
            let sid = match key {
                Key::Sid(sid) => Some(sid.clone()),
                Key::Stray(_) => None,
            };
            let agent = match &sighting.what {
                What::Request { agent, .. } | What::Open { agent, .. } => agent.clone(),
                _ => None,
            };
            tell(News { number, event: Event::Began { sid: sid.clone(), agent } });
            Session::new(number, sid, self.keep)
        });
        let before = session.size();
        session.see(sighting, tell);
        self.taken = self.taken.saturating_add(session.size()).saturating_sub(before);
    }

    /// Ends a session, and goes on with another one in its place if something of it is open.
    fn renew(&mut self, key: &Key, tell: &mut impl FnMut(News)) {
        let heads = self.sessions.get(key).map(Session::heads).unwrap_or_default();
        self.end(key, Why::Room, tell);
        heads.into_iter().for_each(|head| self.show(key, head, tell));
    }

    /// A connection with this exchange ended.
    fn leave(&mut self, key: &Key, exchange: Exchange, tell: &mut impl FnMut(News)) {
        let Some(session) = self.sessions.get_mut(key) else { return };
        session.leave(exchange);
        if session.pace() == Pace::Over {
            self.end(key, Why::Over, tell);
        }
    }

    fn end(&mut self, key: &Key, why: Why, tell: &mut impl FnMut(News)) {
        let Some(session) = self.sessions.remove(key) else { return };
        self.taken = self.taken.saturating_sub(session.size().saturating_add(SESSION));
        session.end(why, tell);
    }
}
