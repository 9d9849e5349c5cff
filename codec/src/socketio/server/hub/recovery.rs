//! Connection state recovery: what a client that lost its connection finds when it comes back.
//!
//! ```text
//!   broadcast ──▶ log: [ 17 │ 18 │ 19 │ 20 ]    each event carries its place, the offset, as its last argument
//!   connection lost ──▶ stored under the pid: id, rooms ──── too late ──▶ forgotten
//!   CONNECT {"pid":…,"offset":"….18"} ──▶ 19 and 20, as far as they were for it, then the answer
//! ```

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::room::MemberId;
use super::rooms::Member;
use super::target::Target;
use crate::engineio::{Encoded, Sid};
use crate::socketio::args::Json;
use crate::socketio::namespace::Namespace;
use crate::time::Timestamp;

/// How long, and how much, a server remembers for clients that lost their connection.
///
/// While recovery is on, each broadcast that asks for no acknowledgement and is not volatile is kept in a log and gets one more
/// argument, the last one: its offset, a string. Clients see it, whether they use it or not. What is emitted on a
/// connection directly is not logged; to make a message to one client recoverable, broadcast it to the client's own room.
///
/// # Memory
///
/// At most about `max_bytes` for what was broadcast, 200 bytes for each of `max_packets`, and 300 bytes, plus 100 and the
/// name for each room, for each of `max_sessions`.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::socketio::hub::{Config, Recovery};
///
/// # let random = [1, 2, 3, 4, 5, 6];
/// let recovery = Recovery::new(random).with_max_disconnection(Duration::from_secs(30)).with_max_bytes(1 << 20);
/// let config = Config::default().with_recovery(recovery);
/// assert_eq!(config.recovery.unwrap().max_packets, 10_000);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How long a client may be away. Default 2 minutes, as in the reference.
    pub max_disconnection: Duration,
    /// Events in the log; the oldest go first, and who has not seen them cannot come back. Default 10,000; the reference
    /// has no such bound.
    pub max_packets: usize,
    /// Bytes of all events in the log, and of the names of the rooms that they were for. Default 16 MiB; the reference has
    /// no such bound.
    pub max_bytes: usize,
    /// Clients that are away; those that would be forgotten first are forgotten. Default 10,000; the reference has no such
    /// bound.
    pub max_sessions: usize,
    /// What all offsets of this hub begin with.
    epoch: [u8; 6],
}

impl Recovery {
    /// The reference's timing. The random bytes tell the offsets of one hub from those of another, such as the one before
    /// the program was restarted, and from whatever else may be the last argument of an event.
    #[must_use]
    pub const fn new(entropy: [u8; 6]) -> Self {
        Self {
            max_disconnection: Duration::from_secs(120),
            max_packets: 10_000,
            max_bytes: 16 << 20,
            max_sessions: 10_000,
            epoch: entropy,
        }
    }

    /// Replaces [`max_disconnection`](Self#structfield.max_disconnection).
    #[must_use]
    pub const fn with_max_disconnection(mut self, duration: Duration) -> Self {
        self.max_disconnection = duration;
        self
    }

    /// Replaces [`max_packets`](Self#structfield.max_packets).
    #[must_use]
    pub const fn with_max_packets(mut self, packets: usize) -> Self {
        self.max_packets = packets;
        self
    }

    /// Replaces [`max_bytes`](Self#structfield.max_bytes).
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Replaces [`max_sessions`](Self#structfield.max_sessions).
    #[must_use]
    pub const fn with_max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions;
        self
    }
}

/// A client that is back where it was: to be told with
/// [`Connection::accept_recoverable`](crate::socketio::Connection::accept_recoverable).
///
/// [`Hub::recover`](super::Hub::recover) returns it, and has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// The member that it was, and is again.
    pub member: MemberId,
    /// Its public id.
    pub sid: Sid,
    /// Its private id.
    pub pid: Sid,
    /// What it missed, in order.
    pub missed: Vec<Encoded>,
}

/// The log, and the clients that are away.
#[derive(Debug)]
pub(super) struct Log {
    settings: Recovery,
    /// The place of the oldest entry.
    first: u64,
    entries: VecDeque<Entry>,
    bytes: usize,
    away: BTreeMap<Sid, Away>,
    order: BTreeSet<(Timestamp, Sid)>,
}

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    target: Target,
    messages: Encoded,
    bytes: usize,
}

#[derive(Debug)]
struct Away {
    id: MemberId,
    member: Member,
    until: Timestamp,
}

/// What a client says in its CONNECT to come back.
#[derive(Deserialize)]
pub(crate) struct Claim {
    pub(crate) pid: String,
    pub(crate) offset: String,
}

impl Claim {
    /// `None` if it does not ask to come back.
    pub(crate) fn read(auth: &Json) -> Option<Self> {
        auth.decode().ok()
    }
}

impl Log {
    pub(super) const fn new(settings: Recovery) -> Self {
        Self { settings, first: 0, entries: VecDeque::new(), bytes: 0, away: BTreeMap::new(), order: BTreeSet::new() }
    }

    /// The offset of the entry that is pushed next.
    //= SIO5-CSR-03
    pub(super) fn next_offset(&self) -> String {
        let place = self.first.saturating_add(self.entries.len() as u64);
        format!("{}.{place}", URL_SAFE_NO_PAD.encode(self.settings.epoch))
    }

    pub(super) fn push(&mut self, now: Timestamp, target: Target, messages: Encoded) {
        let bytes = messages.frames().map(|frame| frame.len()).sum::<usize>().saturating_add(target.bytes());
        self.bytes = self.bytes.saturating_add(bytes);
        self.entries.push_back(Entry { at: now, target, messages, bytes });
        while self.entries.front().is_some_and(|oldest| self.is_surplus(oldest, now)) {
            if let Some(entry) = self.entries.pop_front() {
                self.bytes = self.bytes.saturating_sub(entry.bytes);
                self.first = self.first.saturating_add(1);
            }
        }
    }

    fn is_surplus(&self, oldest: &Entry, now: Timestamp) -> bool {
        self.entries.len() > self.settings.max_packets
            || self.bytes > self.settings.max_bytes
            || now.saturating_since(oldest.at) > self.settings.max_disconnection
    }

    /// Keeps the place of a member that lost its connection; gives back the one that is forgotten for it, if any.
    pub(super) fn suspend(&mut self, now: Timestamp, id: MemberId, pid: Sid, member: Member) -> Option<MemberId> {
        let until = now.saturating_add(self.settings.max_disconnection);
        if let Some(other) = self.away.insert(pid.clone(), Away { id, member, until }) {
            // A program that gives the same private id twice.
            self.order.remove(&(other.until, pid.clone()));
            self.order.insert((until, pid));
            return Some(other.id);
        }
        self.order.insert((until, pid));
        if self.away.len() > self.settings.max_sessions { self.forget_first() } else { None }
    }

    /// Forgets the earliest member that was away too long at `now`.
    //= SIO5-CSR-08
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<MemberId> {
        self.order.first().filter(|(until, _)| *until <= now)?;
        self.forget_first()
    }

    fn forget_first(&mut self) -> Option<MemberId> {
        let (_, pid) = self.order.pop_first()?;
        self.away.remove(&pid).map(|away| away.id)
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(until, _)| *until)
    }

    /// Takes back a member that is away, if everything it missed is still there.
    //= SIO5-CSR-04
    //= SIO5-CSR-05
    pub(super) fn recover(&mut self, namespace: &Namespace, auth: &Json) -> Option<(MemberId, Member, Vec<Encoded>)> {
        let claim = Claim::read(auth)?;
        let missed_from = self.index(&claim.offset)?.saturating_add(1);
        let away = self.away.get(claim.pid.as_str()).filter(|away| *away.member.namespace == *namespace)?;
        let is_for = |entry: &&Entry| entry.target.includes(&away.member);
        let missed = self.entries.iter().skip(missed_from).filter(is_for).map(|entry| entry.messages.clone()).collect();
        let (pid, away) = self.away.remove_entry(claim.pid.as_str())?;
        self.order.remove(&(away.until, pid));
        Some((away.id, away.member, missed))
    }

    /// Where in the log an offset is.
    fn index(&self, offset: &str) -> Option<usize> {
        let (epoch, place) = offset.split_once('.')?;
        let place: u64 = place.parse().ok()?;
        // Offsets are compared as they were written.
        if format!("{}.{place}", URL_SAFE_NO_PAD.encode(self.settings.epoch)) != offset || epoch.is_empty() {
            return None;
        }
        let index = usize::try_from(place.checked_sub(self.first)?).ok()?;
        (index < self.entries.len()).then_some(index)
    }
}

impl Target {
    /// What its rooms take: for each a handle, and a name that may have no other holder.
    fn bytes(&self) -> usize {
        let rooms = self.to.iter().chain(&self.except);
        rooms.map(|room| room.as_str().len().saturating_add(40)).fold(0, usize::saturating_add)
    }

    /// Whether it means a member that is away, by the rooms it was in.
    fn includes(&self, member: &Member) -> bool {
        self.namespace == *member.namespace
            && (self.to.is_empty() || self.to.iter().any(|room| member.rooms.contains(room.as_str())))
            && !self.except.iter().any(|room| member.rooms.contains(room.as_str()))
    }
}
