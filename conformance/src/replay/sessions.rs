//! The timers of the server's sessions, as far as a client can know them.
//!
//! A server ends a session when its heartbeat is not answered or when it joins no namespace. It closes the WebSocket of
//! an upgrade that does not continue. A trace that tests another reason for an end must not pass because of one of
//! these.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sio_codec::Timestamp;

use super::aside::{CLOSE, Heart, PONG};
use super::framing::{Framing, Packet};
use super::outcome::{Conditions, Offsets, Unjoined};
use super::timer::Timer;
use crate::trace::{Channel, Header, Need, Node, Revision};

/// An end this long before a timer runs out may still be caused by it: clocks and networks are not exact.
const TOLERANCE: Duration = Duration::from_millis(20);

/// How long a pong may wait if no ping timeout is announced.
const PONG_MAY_WAIT: Duration = Duration::from_millis(100);

/// All sessions of the conversation.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    sessions: BTreeMap<String, Session>,
    /// The session that a channel belongs to.
    sids: BTreeMap<Channel, String>,
    /// The last request or WebSocket of a channel.
    starts: BTreeMap<Channel, Start>,
    /// How a session speaks and with which server, by its sid; also of those that are over.
    spoken: BTreeMap<String, (Framing, Node)>,
    /// The heart of channels that belong to no session yet.
    heartless: Heart,
    /// WebSockets that are to take a session over.
    candidates: BTreeMap<Channel, Candidate>,
    recovery: Recovery,
}

/// A request or WebSocket that was started.
#[derive(Clone, Copy, Debug)]
struct Start {
    node: Node,
    framing: Framing,
    at: Timestamp,
}

/// A WebSocket that is to take a session over.
#[derive(Debug)]
struct Candidate {
    since: Timestamp,
    /// When the client completed the upgrade. The server learns that later.
    completed: Option<Timestamp>,
}

impl Candidate {
    /// Whether the server may not have known at `at` that the upgrade is complete.
    fn may_be_pending(&self, at: Timestamp, conditions: &Conditions) -> bool {
        let known = |completed: Timestamp| completed.saturating_add(conditions.round_trip + 3 * TOLERANCE);
        self.completed.is_none_or(|completed| at < known(completed))
    }
}

/// Whether the server offers to take a connection up again that was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Recovery {
    #[default]
    Unseen,
    Offered,
    /// The trace is about it, so it says where an offset is.
    Expected,
}

#[derive(Debug)]
struct Session {
    heart: Heart,
    /// When the client pings next, and how often; only in revision 3.
    pings: Option<(Timestamp, Duration)>,
    /// The channel that its packets take.
    carrier: Channel,
    /// Packets that came with the open packet.
    early: Vec<Packet>,
    opened: Timestamp,
    /// The last heartbeat packet that counts; `None` before the first.
    beat: Option<Timestamp>,
    /// When the client sent its last ping, if no pong came since; only in revision 3.
    pinged: Option<Timestamp>,
    /// The announced interval and timeout together; `None` if they are not valid times.
    patience: Option<Duration>,
    /// The announced ping timeout.
    timeout: Option<Duration>,
    namespaces: Namespaces,
}

/// Whether a session has joined a namespace, which ends the connect timeout.
#[derive(Debug)]
enum Namespaces {
    None,
    /// The client asked for one at this time, and was not yet answered.
    Asked(Timestamp),
    Joined,
}

impl Namespaces {
    /// Whether the server may have had no namespace to accept until `deadline`.
    //= SIO5-CON-13: within the connect timeout
    fn may_be_none(&self, deadline: Timestamp, conditions: &Conditions) -> bool {
        match self {
            Self::None => true,
            Self::Asked(at) => at.saturating_add(conditions.round_trip + 3 * TOLERANCE) >= deadline,
            Self::Joined => false,
        }
    }
}

impl Sessions {
    /// No sessions yet.
    pub(super) fn of(header: &Header, offsets: Offsets) -> Self {
        let recovery = match offsets {
            _ if header.needs.contains(&Need::Recovery) => Recovery::Expected,
            Offsets::Added => Recovery::Offered,
            Offsets::None => Recovery::Unseen,
        };
        Self { recovery, ..Self::default() }
    }

    /// Records that the client starts a request or opens a WebSocket.
    pub(super) fn started(&mut self, channel: &Channel, node: Node, query: &str, now: Timestamp) {
        self.starts.insert(channel.clone(), Start { node, framing: Framing::of(query), at: now });
        if let Some(sid) = sid_of(query) {
            self.sids.insert(channel.clone(), sid);
            if query.contains("transport=websocket") {
                self.candidates.insert(channel.clone(), Candidate { since: now, completed: None });
            }
        }
    }

    /// The client sends a packet.
    pub(super) fn said(&mut self, channel: &Channel, packet: &str, now: Timestamp) {
        if packet == "5"
            && let Some(candidate) = self.candidates.get_mut(channel)
        {
            candidate.completed.get_or_insert(now);
            if let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid)) {
                session.carrier = channel.clone();
            }
        }
        let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid)) else { return };
        if packet == CLOSE {
            session.pings = None;
        }
        if packet.starts_with("40") && !matches!(session.namespaces, Namespaces::Joined) {
            session.namespaces = Namespaces::Asked(now);
        }
    }

    /// Records that the client sends a heartbeat packet on a WebSocket. A ping counts when its pong comes.
    pub(super) fn beats(&mut self, channel: &Channel, now: Timestamp) {
        if let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid)) {
            match session.heart.revision {
                Revision::Three => session.pinged = Some(now),
                Revision::Four => session.beat = session.beat.max(Some(now)),
            }
        }
    }

    /// Records that a heartbeat packet of the client arrived, which was sent in a POST at this time. It may be too late;
    /// the answer shows that.
    pub(super) fn beat(&mut self, channel: &Channel, sent: Timestamp) {
        if let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid)) {
            session.beat = session.beat.max(Some(sent));
        }
    }

    /// How long a pong may safely wait: half of the ping timeout.
    pub(super) fn pong_may_wait(&self, sid: &str) -> Duration {
        self.sessions.get(sid).and_then(|session| session.timeout).map_or(PONG_MAY_WAIT, |timeout| timeout / 2)
    }

    /// Records that the server sent a packet.
    pub(super) fn heard(&mut self, channel: &Channel, packet: &str, now: Timestamp) {
        if self.recovery == Recovery::Unseen && packet.starts_with("40") && packet.contains("\"pid\"") {
            self.recovery = Recovery::Offered;
        }
        if let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid)) {
            if packet.starts_with(PONG)
                && let Some(pinged) = session.pinged.take()
            {
                session.beat = session.beat.max(Some(pinged));
            }
            match (packet.get(..2), &session.namespaces) {
                (Some("40"), _) => session.namespaces = Namespaces::Joined,
                // A session whose only request was refused is still without a namespace.
                (Some("44"), Namespaces::Asked(_)) => session.namespaces = Namespaces::None,
                _ => {}
            }
        }
        let open = packet.strip_prefix('0').and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
        let Some(open) = open.filter(serde_json::Value::is_object) else { return };
        let Some(sid) = open.get("sid").and_then(serde_json::Value::as_str) else { return };
        let seconds = |key: &str| {
            let millis = open.get(key).and_then(serde_json::Value::as_f64)?;
            Duration::try_from_secs_f64(millis / 1000.0).ok().filter(|time| !time.is_zero())
        };
        let timeout = seconds("pingTimeout");
        let patience = seconds("pingInterval").zip(timeout).map(|(interval, timeout)| interval.saturating_add(timeout));
        let nothing = || Start { node: Node::FIRST, framing: Framing::default(), at: now };
        let Start { node, framing, at: started } = self.starts.get(channel).copied().unwrap_or_else(nothing);
        let heart = Heart { revision: framing.revision, unanswered: 0 };
        //= EIO3-HB-01
        let (opened, pings) = match framing.revision {
            // The time until the client's ping has to come does not begin before the request.
            Revision::Three => {
                (started, seconds("pingInterval").map(|every| (started.saturating_add(every).max(now), every)))
            }
            Revision::Four => (now, None),
        };
        let session = Session {
            heart,
            pings,
            carrier: channel.clone(),
            early: Vec::new(),
            opened,
            beat: None,
            pinged: None,
            patience,
            timeout,
            namespaces: Namespaces::None,
        };
        self.spoken.insert(sid.to_owned(), (framing, node));
        self.sessions.insert(sid.to_owned(), session);
        self.sids.insert(channel.clone(), sid.to_owned());
    }

    /// How the packets of a session are joined.
    pub(super) fn framing(&self, sid: &str) -> Framing {
        self.spoken.get(sid).map(|(framing, _)| *framing).unwrap_or_default()
    }

    /// The server of a session.
    pub(super) fn node(&self, sid: &str) -> Node {
        self.spoken.get(sid).map(|(_, node)| *node).unwrap_or_default()
    }

    /// The server that a channel is with.
    pub(super) fn node_of_channel(&self, channel: &Channel) -> Node {
        self.starts.get(channel).map(|start| start.node).unwrap_or_default()
    }

    /// The revision that is spoken on a channel.
    pub(super) fn revision(&self, channel: &Channel) -> Revision {
        self.starts.get(channel).map_or_else(Revision::default, |start| start.framing.revision)
    }

    /// The sid of the session that a channel belongs to.
    pub(super) fn sid(&self, channel: &Channel) -> Option<&str> {
        self.sids.get(channel).map(String::as_str)
    }

    /// Whether events have an offset after their arguments.
    //= SIO5-CSR-01
    pub(super) const fn offsets(&self) -> Offsets {
        match self.recovery {
            Recovery::Unseen | Recovery::Expected => Offsets::None,
            Recovery::Offered => Offsets::Added,
        }
    }

    /// Whether a channel is a WebSocket that is a candidate for an upgrade.
    pub(super) fn is_candidate(&self, channel: &Channel) -> bool {
        self.candidates.get(channel).is_some_and(|candidate| candidate.completed.is_none())
    }

    /// The heart of the session of a channel.
    pub(super) fn heart(&mut self, channel: &Channel) -> &mut Heart {
        self.heartless = Heart { revision: self.revision(channel), unanswered: 0 };
        let session = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid));
        session.map_or(&mut self.heartless, |session| &mut session.heart)
    }

    /// When the client pings next.
    pub(super) fn next_ping(&self) -> Option<Timestamp> {
        self.sessions.values().filter_map(|session| session.pings).map(|(at, _)| at).min()
    }

    /// The sids of the sessions whose client has to ping now, with the channels that their packets take. They are
    /// counted as pinging.
    //= EIO3-HB-01: every `pingInterval`
    pub(super) fn take_due_pings(&mut self, now: Timestamp) -> Vec<(String, Channel)> {
        let due = self.sessions.iter_mut().filter_map(|(sid, session)| {
            let (_, every) = session.pings.filter(|(at, _)| *at <= now)?;
            session.pings = Some((now.saturating_add(every), every));
            session.heart.unanswered += 1;
            Some((sid.clone(), session.carrier.clone()))
        });
        due.collect()
    }

    /// Takes the packets that came with the open packet in revision 3: the next poll brings them.
    //= SIO4-CON-02
    pub(super) fn put_early(&mut self, channel: &Channel, packets: &mut VecDeque<Packet>) {
        let is_opening = packets.front().is_some_and(|packet| packet.text().starts_with('0'));
        if let Some(session) = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid))
            && is_opening
            && session.heart.revision == Revision::Three
        {
            session.early = packets.split_off(1).into();
        }
    }

    /// The packets that came with the open packet, for the first poll.
    pub(super) fn take_early(&mut self, channel: &Channel) -> Vec<Packet> {
        let session = self.sids.get(channel).and_then(|sid| self.sessions.get_mut(sid));
        session.map(|session| std::mem::take(&mut session.early)).unwrap_or_default()
    }

    /// Records that the session of a channel ended before any timer.
    pub(super) fn over(&mut self, channel: &Channel) {
        if !self.is_candidate(channel)
            && let Some(sid) = self.sids.get(channel)
        {
            self.sessions.remove(sid);
        }
    }

    /// The timer that may have caused the end that was seen on a channel at `at`.
    //= EIO4-HB-04
    pub(super) fn ended_on(
        &self,
        channel: &Channel,
        at: Timestamp,
        conditions: &Conditions,
    ) -> Option<(Timer, Duration)> {
        let pending = self.candidates.get(channel).filter(|candidate| candidate.may_be_pending(at, conditions));
        let upgrade = pending.zip(conditions.upgrade_timeout).and_then(|(Candidate { since, .. }, timeout)| {
            is_due(since.saturating_add(timeout), at, conditions).then(|| (Timer::Upgrade, at.saturating_since(*since)))
        });
        upgrade.or_else(|| self.ended(self.sids.get(channel)?, at, conditions))
    }

    /// The timer that may have ended a session that was found to be gone at `at`.
    pub(super) fn ended(&self, sid: &str, at: Timestamp, conditions: &Conditions) -> Option<(Timer, Duration)> {
        let session = self.sessions.get(sid)?;
        let alive = session.beat.unwrap_or(session.opened);
        let patience = match (conditions.first_ping, session.timeout) {
            // A server that sends its first ping early waits for the pong from then on.
            // Where no interval is announced, the first ping shows how long it is.
            (Some(first), Some(timeout))
                if session.heart.revision == Revision::Four
                    && (session.beat.is_none() || session.patience.is_none()) =>
            {
                Some(first.saturating_add(timeout))
            }
            _ => session.patience,
        };
        if patience.is_some_and(|patience| is_due(alive.saturating_add(patience), at, conditions)) {
            return Some((Timer::Heartbeat, at.saturating_since(alive)));
        }
        match conditions.unjoined {
            Unjoined::Closed(timeout) => {
                let deadline = session.opened.saturating_add(timeout);
                let due = is_due(deadline, at, conditions) && session.namespaces.may_be_none(deadline, conditions);
                due.then(|| (Timer::Connect, at.saturating_since(session.opened)))
            }
            Unjoined::Lives => None,
        }
    }
}

/// The sid in a query.
pub(super) fn sid_of(query: &str) -> Option<String> {
    let sid = query.split('&').find_map(|field| field.strip_prefix("sid=")).filter(|sid| !sid.is_empty())?;
    Some(percent_encoding::percent_decode_str(sid).decode_utf8_lossy().into_owned())
}

fn is_due(deadline: Timestamp, at: Timestamp, conditions: &Conditions) -> bool {
    at.saturating_add(TOLERANCE + conditions.spread) >= deadline
}
