//! The cases that an agent without a driver visits, one after the other.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::list::{self, List};
use crate::cases::Case;
use crate::clients::limits::Limits;
use crate::clients::{Played, Report, Result};
use crate::party::client::{self, Place, Visiting};
use crate::replay::{Conditions, Outcome, Timeline, Verdict};
use crate::run::{Course, Ending, Left};

/// How often the end of the run is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// How an agent plays the cases that it visits.
pub(super) struct Tour<'a> {
    pub(super) list: &'a List,
    /// Where the servers of the cases are.
    pub(super) place: Place,
    /// How long a step without a window may take.
    pub(super) step: Duration,
    /// How long the agent may begin cases.
    pub(super) limits: Limits<'a>,
    /// Is told what happens.
    pub(super) told: &'a dyn Fn(Moment<'_>),
}

/// What happens on a tour.
pub(super) enum Moment<'a> {
    /// The server of a case is at this path.
    Opened(&'a Case, &'a str),
    /// A case was played, for the first or the second time.
    Played(&'a Played),
}

impl Tour<'_> {
    /// Plays the cases whose ids arrive, until the run is over.
    pub(super) fn play(&self, wishes: &Receiver<String>, agent: &str) -> Report {
        let mut played = BTreeMap::new();
        let left = loop {
            if let Some(left) = self.limits.over() {
                break left;
            }
            match wishes.recv_timeout(LOOK) {
                Ok(id) => self.visit(&id, &mut played),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Left::Ended,
            }
        };
        self.report(played, left, agent)
    }

    fn visit(&self, id: &str, played: &mut BTreeMap<String, Played>) {
        let Some(case) = self.list.find(id) else { return };
        let conditions = Conditions { step: self.step, ..Conditions::default() };
        let invite = |path: &str| (self.told)(Moment::Opened(case, path));
        let outcome = client::play_visitor(&case.trace, conditions, &self.place, invite);
        let result = outcome.map_or(Result::Left(Left::ServerGone), Result::Through);
        let one = match played.remove(id) {
            Some(first) => Played { again: Some(result), ..first },
            None => Played::new(case.clone(), result),
        };
        (self.told)(Moment::Played(&one));
        played.insert(id.to_owned(), one);
    }

    /// The results of all cases. The agent was to play those for clients like it: with transports, and of a revision, that it
    /// has used. This is why it did not play the others.
    fn report(&self, mut played: BTreeMap<String, Played>, left: Left, agent: &str) -> Report {
        let visited = played.values().filter_map(|one| self.list.visiting(&one.case).ok());
        let mut used: Vec<Visiting> = Vec::new();
        visited.for_each(|one| {
            if !used.contains(&one) {
                used.push(one);
            }
        });
        let ways: Vec<String> =
            used.iter().map(|one| format!("on {}", list::transports(*one).join(", then "))).collect();
        let second_looks = played.values().filter(|one| one.again.is_some()).count();
        let all = self.list.cases().iter().map(|case| {
            played.remove(&case.id).unwrap_or_else(|| {
                let result = match self.list.visiting(case) {
                    Err(why) => not_applicable(why),
                    Ok(visiting) if used.contains(&visiting) => Result::Left(left),
                    Ok(_) => not_applicable("is for clients with other transports, or of another revision"),
                };
                Played::new(case.clone(), result)
            })
        });
        Report {
            name: format!("a client that echoes ({agent})"),
            version: ways.join("; "),
            played: all.collect(),
            second_looks,
            course: Course::default(),
            ending: Ending::Complete,
            duration: self.limits.started.elapsed(),
        }
    }
}

fn not_applicable(why: &str) -> Result {
    let (verdict, timeline) = (Verdict::NotApplicable(why.to_owned()), Timeline::default());
    Result::Through(Outcome { verdict, timeline, duration: Duration::ZERO, noise: Duration::ZERO })
}
