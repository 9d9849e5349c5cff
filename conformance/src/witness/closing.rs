//! Who has to end the session, and goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use super::book::{Lane, Place};
use crate::capture::Exchange;
use crate::trace::Side;

/// What was sent before the end was due arrives within this time, also on a busy machine. The reference ends a session at
/// once.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// The ends that are due in one session: at most one for each side, the first.
#[derive(Debug, Default)]
pub(super) struct Closing {
    server: Option<Due>,
    client: Option<Due>,
}

/// An end that is due.
#[derive(Debug)]
struct Due {
    requirement: &'static str,
    since: Since,
    why: String,
    /// What the other side has asked since. An answer shows that the session goes on, however early it comes.
    asked: BTreeSet<Question>,
}

/// When the side that has to end the session knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Heard(Duration),
    /// When it answers this request.
    Answer(Exchange),
}

/// Something that only a session that goes on answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// An event of this namespace that wants an acknowledgement with this id.
    Ack(String, u64),
    /// A CONNECT for this namespace.
    Connect(String),
}

impl Closing {
    /// A side has to end the session from now on, because of what the other one said.
    pub(super) fn due(&mut self, side: Side, requirement: &'static str, cause: &Place, why: impl Into<String>) {
        let since = match cause.lane {
            Lane::Post => Since::Answer(cause.exchange),
            Lane::Poll | Lane::Direct | Lane::Candidate | Lane::Unknown => Since::Heard(cause.at),
        };
        let due = || Due { requirement, since, why: why.into(), asked: BTreeSet::new() };
        self.of(side).get_or_insert_with(due);
    }

    /// The server answers a request, so it has heard what the request says.
    pub(super) fn answered(&mut self, exchange: Exchange, at: Duration) {
        if let Some(due) = self.server.as_mut().filter(|due| due.since == Since::Answer(exchange)) {
            due.since = Since::Heard(at);
        }
    }

    /// A side asks.
    pub(super) fn asks(&mut self, side: Side, question: Question) {
        if let Some(due) = self.of(other(side)) {
            due.asked.insert(question);
        }
    }

    /// A side answers. Returns what it broke by that, and how.
    pub(super) fn answers(&mut self, side: Side, question: &Question) -> Option<(&'static str, String)> {
        let due = self.of(side).take_if(|due| due.asked.contains(question))?;
        Some((due.requirement, format!("{}, and the session goes on", due.why)))
    }

    /// A side says something. Returns what it broke by that, and how.
    pub(super) fn says(&mut self, place: &Place) -> Option<(&'static str, String)> {
        let Since::Heard(since) = self.of(place.side).as_ref()?.since else { return None };
        let passed = place.at.saturating_sub(since);
        let due = self.of(place.side).take_if(|_| passed >= PATIENCE)?;
        Some((due.requirement, format!("{}, and the session goes on {passed:.1?} later", due.why)))
    }

    const fn of(&mut self, side: Side) -> &mut Option<Due> {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

pub(super) const fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// What a side has to do about a requirement that the other one broke: the requirement that says that it ends the session.
pub(super) fn duty(broken: &str, culprit: Side, lane: Lane) -> Option<&'static str> {
    match (broken, culprit) {
        ("EIO4-PLD-04" | "EIO4-PKT-05" | "EIO4-PKT-06" | "EIO4-PKT-08", Side::Client) => match lane {
            Lane::Direct | Lane::Candidate => Some("EIO4-WS-04"),
            Lane::Poll | Lane::Post => Some("EIO4-POST-05"),
            Lane::Unknown => None,
        },
        //= EIO4-WS-19
        ("EIO4-PKT-05" | "EIO4-PKT-06" | "EIO4-PKT-08", Side::Server) if lane.is_socket() => Some("EIO4-WS-19"),
        //= EIO4-HB-07
        ("EIO4-HB-15", Side::Client) => Some("EIO4-HB-07"),
        //= SIO5-PKT-08
        ("SIO5-EVT-02", Side::Client) => Some("SIO5-PKT-08"),
        //= SIO5-ERR-01
        //= SIO5-ERR-03
        ("SIO5-PKT-05" | "SIO5-PKT-07" | "SIO5-PKT-10" | "SIO5-PKT-15" | "SIO5-ATT-09", culprit) => {
            Some(if culprit == Side::Client { "SIO5-ERR-01" } else { "SIO5-ERR-03" })
        }
        _ => None,
    }
}
