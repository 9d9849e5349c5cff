//! One session, from what was seen and what the witness says of it.

use super::lines::{Said, said};
use super::{Fulfilled, Line, Session, Violation};
use crate::capture::{Clock, Conversation};
use crate::replay::visible;
use crate::report::results::{Mark, Sender};
use crate::requirements::catalogue;
use crate::trace::Side;
use crate::witness::{self, Testimony};

/// A session with its judgement. A conversation without a sid is what belongs to no session.
#[must_use]
pub fn session(conversation: &Conversation, testimony: &Testimony) -> Session {
    let mut said = said(conversation, testimony.parser);
    let violations = testimony.violations.iter().map(|violation| {
        let line = place(&said, violation);
        if let Some(said) = line.and_then(|line| said.get_mut(line)) {
            said.line.mark = Mark::Fault;
        }
        broken(violation, line, conversation.clock)
    });
    let violations = violations.collect();
    Session {
        sid: Some(visible(&conversation.sid)).filter(|sid| !sid.is_empty()),
        violations,
        fulfilled: testimony.fulfilled.iter().map(fulfilled).collect(),
        unseen: testimony.unseen.iter().map(|unseen| visible(unseen)).collect(),
        conversation: said.into_iter().map(|said| said.line).collect(),
    }
}

pub(super) const fn sender(side: Side) -> Sender {
    match side {
        Side::Client => Sender::Client,
        Side::Server => Sender::Server,
    }
}

/// The line that shows a violation: the one that has the evidence, or else any of its side at this time and place.
fn place(said: &[Said], violation: &witness::Violation) -> Option<usize> {
    let is_there = |said: &Said| {
        let Line { sender, .. } = said.line;
        said.at == violation.at && said.exchange == violation.exchange && sender == Some(self::sender(violation.side))
    };
    let shows = |said: &Said| is_there(said) && said.line.text.contains(violation.evidence.as_str());
    said.iter().position(shows).or_else(|| said.iter().position(is_there))
}

fn broken(violation: &witness::Violation, line: Option<usize>, clock: Clock) -> Violation {
    let known = catalogue().get(violation.requirement);
    Violation {
        requirement: violation.requirement.to_owned(),
        sentence: known.map(|known| known.text.clone()),
        basis: known.map(|known| known.basis.clone()),
        level: known.map(|known| known.weight().as_str().to_owned()),
        side: sender(violation.side),
        at_ms: super::lines::millis(violation.at, clock),
        fault: visible(&violation.fault),
        evidence: visible(&violation.evidence),
        line,
    }
}

fn fulfilled(fulfilled: &witness::Fulfilled) -> Fulfilled {
    let requirement = fulfilled.requirement.to_owned();
    Fulfilled { requirement, side: sender(fulfilled.side), times: fulfilled.times }
}
