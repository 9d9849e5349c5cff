//! One session that goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{End, Event, Keep, News, QUIET, Why};
use crate::capture::{Body, Clock, Conversation, Exchange, Payloads, Sighting, What, sid, size};
use crate::explain::Narrator;
use crate::trace::Side;
use crate::witness::{Violation, Witness};

/// What the witness and the narrator remember of each thing that they note.
const NOTE: usize = 1024;

/// How long a session that one side has closed may be silent before it is over.
const CLOSING: Duration = Duration::from_secs(2);

/// A session that goes on, or a request that belongs to none.
#[derive(Debug)]
pub(super) struct Session {
    number: u32,
    sid: Option<String>,
    witness: Witness,
    narrator: Narrator,
    payloads: Payloads,
    /// The requests without an answer, and the WebSockets.
    open: BTreeMap<Exchange, Head>,
    /// The number of violations that were told.
    told: usize,
    beginning: Beginning,
    stage: Stage,
    last: Duration,
    recording: Recording,
}

/// The beginning of an exchange, without its body.
#[derive(Debug)]
struct Head {
    sighting: Sighting,
    carries: Carries,
}

/// Whether the session is on a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    /// It is a request, or a WebSocket to which the session has not moved.
    Other,
    Session,
}

/// Whether the open packet was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    Unseen,
    Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    GoesOn,
    /// A side said so, and the other may have to say something yet.
    Closing,
    /// Its WebSocket ended, or the server does not know it.
    Closed,
}

#[derive(Debug)]
enum Recording {
    Nothing,
    Kept(Vec<Sighting>, usize),
}

/// Whether anything is expected of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    GoesOn,
    Over,
}

impl Session {
    pub(super) fn new(number: u32, sid: Option<String>, keep: Keep) -> Self {
        let recording = match keep {
            Keep::Nothing => Recording::Nothing,
            Keep::Recordings => Recording::Kept(Vec::new(), 0),
        };
        Self {
            number,
            sid,
            witness: Witness::default(),
            narrator: Narrator::default(),
            payloads: Payloads::default(),
            open: BTreeMap::new(),
            told: 0,
            beginning: Beginning::Unseen,
            stage: Stage::GoesOn,
            last: Duration::ZERO,
            recording,
        }
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    /// When something was last seen of it.
    pub(super) const fn last(&self) -> Duration {
        self.last
    }

    /// What is remembered, in bytes.
    pub(super) fn size(&self) -> usize {
        let kept = match self.recording {
            Recording::Nothing => 0,
            Recording::Kept(_, bytes) => bytes,
        };
        self.witness.weight().saturating_mul(NOTE).saturating_add(kept)
    }

    pub(super) fn pace(&self) -> Pace {
        match (self.stage, self.sid.is_some()) {
            // A request that leads to no session is over with its answer.
            (Stage::Closed, _) | (_, false) if self.open.is_empty() => Pace::Over,
            _ => Pace::GoesOn,
        }
    }

    /// Why it is over at this time, if nothing of it goes on.
    pub(super) fn is_over(&self, now: Duration) -> Option<Why> {
        let silence = now.saturating_sub(self.last);
        match self.stage {
            _ if !self.open.is_empty() => None,
            Stage::Closing if silence > CLOSING => Some(Why::Over),
            _ if silence > QUIET => Some(Why::Quiet),
            _ => None,
        }
    }

    /// What goes on, for a session that takes the place of this one.
    pub(super) fn heads(&self) -> Vec<Sighting> {
        self.open.values().map(|head| head.sighting.clone()).collect()
    }

    pub(super) fn see(&mut self, sighting: Sighting, tell: &mut impl FnMut(News)) {
        self.last = sighting.at;
        self.course(&sighting);
        self.witness.see(&sighting);
        let number = self.number;
        tell(News { number, event: Event::Said(self.narrator.tell(self.witness.parser(), &sighting)) });
        for violation in self.news() {
            tell(News { number, event: Event::Broken(violation) });
        }
        if let Recording::Kept(sightings, bytes) = &mut self.recording {
            *bytes = bytes.saturating_add(size(&sighting.what));
            sightings.push(sighting);
        }
    }

    /// The connection of an exchange ended.
    pub(super) fn leave(&mut self, exchange: Exchange) {
        if self.open.remove(&exchange).is_some_and(|head| head.carries == Carries::Session) {
            self.stage = Stage::Closed;
        }
    }

    pub(super) fn end(self, why: Why, tell: &mut impl FnMut(News)) {
        let before = self.witness.violations().to_vec();
        let told = self.told;
        let is_stray = self.sid.is_none();
        let mut testimony = self.witness.finish();
        if is_stray {
            // Where no session began, only that can be judged.
            testimony.violations.retain(is_of_handshake);
        }
        let known = before.get(..told).unwrap_or_default();
        let late = testimony.violations.iter().filter(|violation| !known.contains(violation)).cloned().collect();
        let conversation = match self.recording {
            Recording::Nothing => None,
            Recording::Kept(sightings, _) => {
                Some(Conversation { sid: self.sid.unwrap_or_default(), clock: Clock::default(), sightings })
            }
        };
        let end = End {
            why,
            testimony,
            late,
            has_session: !is_stray,
            has_beginning: self.beginning == Beginning::Seen,
            conversation,
        };
        tell(News { number: self.number, event: Event::Ended(Box::new(end)) });
    }

    /// The violations that were not told.
    fn news(&mut self) -> Vec<Violation> {
        let all = self.witness.violations();
        let new = all.get(self.told..).unwrap_or_default().to_vec();
        self.told = all.len();
        match self.sid {
            Some(_) => new,
            None => new.into_iter().filter(is_of_handshake).collect(),
        }
    }

    /// Notes what begins and ends.
    fn course(&mut self, sighting: &Sighting) {
        let exchange = sighting.exchange;
        match &sighting.what {
            What::Request { target, .. } | What::Open { target, .. } => {
                self.payloads.see(sighting);
                let carries = match &sighting.what {
                    What::Open { .. } if !target.contains("sid=") => Carries::Session,
                    _ => Carries::Other,
                };
                self.open.insert(exchange, Head { sighting: without_body(sighting), carries });
                self.closed(sighting);
            }
            What::Answer { status, .. } => {
                self.closed(sighting);
                self.begins(sighting);
                self.open.remove(&exchange);
                self.payloads.forget(exchange);
                if *status >= 400 && self.beginning == Beginning::Unseen {
                    self.stage = Stage::Closed;
                }
            }
            What::Text(Side::Server, _) => self.begins(sighting),
            //= EIO4-UP-05
            What::Text(Side::Client, text) if text == "5" => {
                if let Some(head) = self.open.get_mut(&exchange) {
                    head.carries = Carries::Session;
                }
            }
            _ => {}
        }
    }

    /// Notes the open packet.
    fn begins(&mut self, sighting: &Sighting) {
        if sid(&self.payloads, sighting).is_some() {
            self.beginning = Beginning::Seen;
        }
    }

    /// Notes a close packet in a body.
    fn closed(&mut self, sighting: &Sighting) {
        if self.stage == Stage::GoesOn && self.payloads.packets(sighting).iter().any(|packet| packet.text() == "1") {
            self.stage = Stage::Closing;
        }
    }
}

fn is_of_handshake(violation: &Violation) -> bool {
    violation.requirement.contains("-HS-")
}

fn without_body(sighting: &Sighting) -> Sighting {
    let mut sighting = sighting.clone();
    if let What::Request { body, .. } = &mut sighting.what {
        *body = Body::empty();
    }
    sighting
}
