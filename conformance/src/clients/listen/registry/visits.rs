//! Agents that visit cases: which case an agent may begin, where its server is, and its result.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use hyper::StatusCode;
use tokio::time::{Instant, timeout_at};

use super::agent::Agent;
use super::refusal::Refusal;
use super::turns::{Look, Place, Turns};
use super::{Entry, Registry, State, Way, run_is_over};
use crate::run::Course;

/// How long a request waits for the server of its case.
const OPENING: Duration = Duration::from_secs(10);

/// How long the result of a case that has not begun is waited for: its first request may be on its way.
const BEGINNING: Duration = Duration::from_secs(5);

/// How long the result of a case that is being played is waited for.
const RESULT: Duration = Duration::from_secs(50);

const NO_COURSE: &str = "an agent that visits cases chooses their order itself, and how often it plays them; start siospec without \
                         --repeat, --shuffle and --fail-fast";

impl Registry {
    /// Begins a case, unless the agent is playing it already.
    ///
    /// # Errors
    ///
    /// Why it cannot be played now.
    pub(crate) fn begin(&self, agent: &Agent, case: &str, look: Look) -> Result<(), Refusal> {
        let mut agents = self.lock();
        let Some(entry) = agents.get_mut(agent) else {
            if self.course != Course::default() {
                return Err(Refusal::conflict(NO_COURSE));
            }
            Turns::default().check(case, look).map_err(Refusal::conflict)?;
            let (wishes, wanted) = mpsc::sync_channel(1);
            // There is room for the only one.
            let _ = wishes.try_send(case.to_owned());
            let stop = self.admit(&agents, agent, Way::Visits(wanted)).map_err(Refusal::conflict)?;
            let mut entry = Entry::new(State::Visiting { wishes, stop }, self.to_visit);
            entry.turns.open(case);
            agents.insert(agent.clone(), entry);
            return Ok(());
        };
        if entry.turns.place(case).is_some() {
            return Ok(());
        }
        let State::Visiting { wishes, .. } = &entry.state else {
            return Err(Refusal::conflict(not_visiting(agent, &entry.state)));
        };
        entry.turns.check(case, look).map_err(Refusal::conflict)?;
        wishes
            .try_send(case.to_owned())
            .map_err(|_| Refusal::conflict(format!("the run of the agent {agent} is just ending")))?;
        entry.turns.open(case);
        Ok(())
    }

    /// Whether an agent is playing a case, or its server is being opened.
    pub(crate) fn plays(&self, agent: &Agent, case: &str) -> bool {
        self.lock().get(agent).is_some_and(|entry| entry.turns.place(case).is_some())
    }

    /// The path of the server of a case that the agent is playing.
    ///
    /// # Errors
    ///
    /// If it is not playing that case, or not any more.
    pub(crate) async fn place(&self, agent: &Agent, case: &str) -> Result<Arc<str>, Refusal> {
        let deadline = Instant::now() + OPENING;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.lock().get(agent).and_then(|entry| entry.turns.place(case)) {
                Some(Place::At(path)) => return Ok(path),
                Some(Place::Pending) => {}
                None => return Err(Refusal::new(StatusCode::NOT_FOUND, "this case is over, or was not begun")),
            }
            if timeout_at(deadline, changed).await.is_err() {
                return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the case did not begin in time"));
            }
        }
    }

    /// The result of a case, as JSON, when it is over.
    ///
    /// # Errors
    ///
    /// If the agent does not begin it, or it takes too long.
    pub(crate) async fn result(&self, agent: &Agent, case: &str) -> Result<Arc<str>, Refusal> {
        let asked = Instant::now();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let (deadline, late) = match self.lock().get(agent) {
                None => {
                    let why = format!("there is no agent {agent}; the first request of a case makes it one");
                    (asked + BEGINNING, Refusal::new(StatusCode::NOT_FOUND, why))
                }
                Some(entry) => {
                    if let Some(result) = entry.turns.result(case) {
                        return Ok(result);
                    }
                    if !matches!(entry.state, State::Visiting { .. }) {
                        return Err(Refusal::conflict(not_visiting(agent, &entry.state)));
                    }
                    if entry.turns.place(case).is_some() {
                        let why = "the case is still being played; ask again";
                        (asked + RESULT, Refusal::new(StatusCode::ACCEPTED, why))
                    } else {
                        let why = format!("the agent {agent} has not begun {case}");
                        (asked + BEGINNING, Refusal::conflict(why))
                    }
                }
            };
            if timeout_at(deadline, changed).await.is_err() {
                return Err(late);
            }
        }
    }

    /// The server of the case that the agent has begun is at this path.
    pub(crate) fn opened(&self, agent: &Agent, case: &str, path: &str) {
        if let Some(entry) = self.lock().get_mut(agent) {
            entry.playing = Some(case.to_owned());
            entry.turns.begin(path);
        }
        self.changed.notify_waiters();
    }

    /// The case was played, with this result as JSON. Returns how many were, and how many of them did not pass.
    pub(crate) fn visited(&self, agent: &Agent, case: &str, verdict: &'static str, result: &str) -> (usize, usize) {
        let mut agents = self.lock();
        let Some(entry) = agents.get_mut(agent) else { return (0, 0) };
        entry.playing = None;
        entry.turns.finish(verdict, result);
        match entry.played.iter_mut().find(|(id, _)| id == case) {
            Some((_, last)) => *last = verdict,
            None => entry.played.push((case.to_owned(), verdict)),
        }
        self.changed.notify_waiters();
        (entry.played.len(), entry.failed())
    }
}

fn not_visiting(agent: &Agent, state: &State) -> String {
    match state {
        State::Playing { .. } => format!("the agent {agent} is a driver, which is told its cases; choose another name"),
        _ => run_is_over(agent),
    }
}
