//! The cases that an agent without a driver visits, one after the other.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::list::{self, List};
use crate::cases::Case;
use crate::clients::{Played, Report, Result};
use crate::party::client::{self, Place, Visiting};
use crate::replay::{Conditions, Outcome, Timeline, Verdict};
use crate::run::CancellationToken;

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
    pub(super) max_time: Duration,
    pub(super) stop: &'a CancellationToken,
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
        let started = Instant::now();
        let mut played = BTreeMap::new();
        while !self.stop.is_cancelled() && started.elapsed() <= self.max_time {
            match wishes.recv_timeout(LOOK) {
                Ok(id) => self.visit(&id, &mut played),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let mut report = self.report(played, agent);
        report.duration = started.elapsed();
        report
    }

    fn visit(&self, id: &str, played: &mut BTreeMap<String, Played>) {
        let Some(case) = self.list.find(id) else { return };
        let conditions = Conditions { step: self.step, ..Conditions::default() };
        let invite = |path: &str| (self.told)(Moment::Opened(case, path));
        let outcome = client::play_visitor(&case.trace, conditions, &self.place, invite);
        let result = outcome.map_or(Result::Left, Result::Through);
        let one = match played.remove(id) {
            Some(first) => Played { again: Some(result), ..first },
            None => Played { case: case.clone(), result, again: None },
        };
        (self.told)(Moment::Played(&one));
        played.insert(id.to_owned(), one);
    }

    /// The results of all cases. The agent was to play those for clients like it: with transports, and of a revision, that it
    /// has used.
    fn report(&self, mut played: BTreeMap<String, Played>, agent: &str) -> Report {
        let visited = played.values().filter_map(|one| self.list.visiting(&one.case).ok());
        let mut used: Vec<Visiting> = Vec::new();
        visited.for_each(|one| {
            if !used.contains(&one) {
                used.push(one);
            }
        });
        let ways: Vec<String> =
            used.iter().map(|one| format!("on {}", list::transports(*one).join(", then "))).collect();
        let mut report = Report::new(&format!("a client that echoes ({agent})"), &ways.join("; "));
        report.second_looks = played.values().filter(|one| one.again.is_some()).count();
        report.played = self
            .list
            .cases()
            .iter()
            .map(|case| {
                played.remove(&case.id).unwrap_or_else(|| {
                    let result = match self.list.visiting(case) {
                        Err(why) => not_applicable(why),
                        Ok(visiting) if used.contains(&visiting) => Result::Left,
                        Ok(_) => not_applicable("is for clients with other transports, or of another revision"),
                    };
                    Played { case: case.clone(), result, again: None }
                })
            })
            .collect();
        report
    }
}

fn not_applicable(why: &str) -> Result {
    let (verdict, timeline) = (Verdict::NotApplicable(why.to_owned()), Timeline::default());
    Result::Through(Outcome { verdict, timeline, duration: Duration::ZERO, noise: Duration::ZERO })
}
