//! What a witness notes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sio_codec::socketio::Parser;

use super::closing::{Closing, Question, duty, other};
use crate::capture::{Clock, Exchange};
use crate::replay::{shorten, visible};
use crate::trace::{Revision, Side};

/// What a witness says of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Testimony {
    /// What broke a requirement, in the order of time.
    pub violations: Vec<Violation>,
    /// What was seen to be right, by requirement.
    pub fulfilled: Vec<Fulfilled>,
    /// What the recording does not show, in words.
    pub unseen: Vec<String>,
    /// The form of the session's Socket.IO packets, if it has any.
    pub parser: Option<Parser>,
}

impl Testimony {
    /// The same, and nothing about this side.
    #[must_use]
    pub fn without(mut self, side: Option<Side>) -> Self {
        self.violations.retain(|violation| Some(violation.side) != side);
        self.fulfilled.retain(|fulfilled| Some(fulfilled.side) != side);
        self
    }
}

/// A requirement that a side broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The id of the requirement.
    pub requirement: &'static str,
    /// Who broke it.
    pub side: Side,
    /// When, since the recording began.
    pub at: Duration,
    /// In which request or WebSocket.
    pub exchange: Exchange,
    /// What is wrong.
    pub fault: String,
    /// The packet or body that shows it, shortened.
    pub evidence: String,
}

/// A requirement that a side was seen to fulfil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fulfilled {
    /// The id of the requirement.
    pub requirement: &'static str,
    /// Who fulfilled it.
    pub side: Side,
    /// How often.
    pub times: usize,
}

/// By which way a packet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// A GET.
    Poll,
    /// A POST.
    Post,
    /// A WebSocket on which the session began.
    Direct,
    /// A WebSocket to which the session may move.
    Candidate,
    /// One that the recording does not tell.
    Unknown,
}

impl Lane {
    pub(super) const fn is_socket(self) -> bool {
        matches!(self, Self::Direct | Self::Candidate)
    }
}

/// When, where and by whom something was said.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) at: Duration,
    pub(super) exchange: Exchange,
    pub(super) lane: Lane,
    pub(super) side: Side,
    /// What was said, shortened.
    pub(super) evidence: String,
}

impl Place {
    pub(super) fn quote(text: &str) -> String {
        shorten(&visible(text))
    }
}

/// How much of what a side said is in the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Coverage {
    /// Its beginning is not, or something in the middle.
    #[default]
    Partial,
    /// Everything so far.
    Whole,
    /// Something is missing, and what comes later does not change that.
    Broken,
}

/// The notes about one session.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) revision: Revision,
    pub(super) clock: Clock,
    violations: Vec<Violation>,
    fulfilled: BTreeMap<(&'static str, bool), usize>,
    unseen: BTreeSet<String>,
    client: Coverage,
    server: Coverage,
    closing: Closing,
}

impl Book {
    /// A side broke a requirement. If the other one has to end the session because of that, it is watched whether it does.
    pub(super) fn violated(&mut self, requirement: &'static str, place: &Place, fault: impl Into<String>) {
        let fault = fault.into();
        if let Some(duty) = duty(requirement, place.side, place.lane) {
            self.must_end(other(place.side), duty, place, fault.clone());
        }
        self.violations.push(Violation {
            requirement,
            side: place.side,
            at: place.at,
            exchange: place.exchange,
            fault,
            evidence: place.evidence.clone(),
        });
    }

    /// A side has to end the session from here on, for the reason `why`.
    pub(super) fn must_end(&mut self, side: Side, requirement: &'static str, cause: &Place, why: impl Into<String>) {
        if self.revision == Revision::Four {
            self.closing.due(side, requirement, cause, why);
        }
    }

    /// A side says something that it says only while the session goes on.
    pub(super) fn goes_on(&mut self, place: &Place) {
        if let Some((requirement, fault)) = self.closing.says(place) {
            self.violated(requirement, place, fault);
        }
    }

    /// The server answers a request.
    pub(super) fn answered(&mut self, answer: &Place) {
        self.closing.answered(answer.exchange, answer.at);
    }

    /// A side asks something.
    pub(super) fn asks(&mut self, side: Side, question: Question) {
        self.closing.asks(side, question);
    }

    /// A side answers what the other one asked.
    pub(super) fn answers(&mut self, place: &Place, question: &Question) {
        if let Some((requirement, fault)) = self.closing.answers(place.side, question) {
            self.violated(requirement, place, fault);
        }
    }

    pub(super) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    pub(super) fn fulfilled(&mut self, requirement: &'static str, side: Side) {
        let times = self.fulfilled.entry((requirement, side == Side::Server)).or_default();
        *times = times.saturating_add(1);
    }

    /// The session begins here, so what follows can be complete.
    pub(super) fn begins(&mut self) {
        for coverage in [&mut self.client, &mut self.server] {
            if *coverage == Coverage::Partial {
                *coverage = Coverage::Whole;
            }
        }
    }

    /// Something that a side said is not in the recording.
    pub(super) fn gap(&mut self, side: Side, words: impl Into<String>) {
        *self.coverage(side) = Coverage::Broken;
        self.unseen.insert(words.into());
    }

    /// Whether everything that a side has said so far is in the recording.
    pub(super) const fn is_whole(&self, side: Side) -> bool {
        matches!(
            match side {
                Side::Client => self.client,
                Side::Server => self.server,
            },
            Coverage::Whole
        )
    }

    pub(super) const fn is_all_whole(&self) -> bool {
        self.is_whole(Side::Client) && self.is_whole(Side::Server)
    }

    /// Whether the first packet of the session is in the recording.
    pub(super) const fn has_beginning(&self) -> bool {
        !matches!(self.server, Coverage::Partial)
    }

    /// Notes what the recording does not show.
    pub(super) fn unseen(&mut self, words: impl Into<String>) {
        self.unseen.insert(words.into());
    }

    const fn coverage(&mut self, side: Side) -> &mut Coverage {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    pub(super) fn close(mut self, parser: Option<Parser>) -> Testimony {
        self.violations.sort_by_key(|violation| violation.at);
        let fulfilled = self.fulfilled.into_iter().map(|((requirement, is_server), times)| {
            let side = if is_server { Side::Server } else { Side::Client };
            Fulfilled { requirement, side, times }
        });
        Testimony {
            violations: self.violations,
            fulfilled: fulfilled.collect(),
            unseen: self.unseen.into_iter().collect(),
            parser,
        }
    }
}
