//! The agents: which there are, how far each is, and who may come.

mod agent;
mod refusal;
mod turns;
mod visits;

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::list::List;
use crate::party::driver::link::{Link, Wire, link};
use crate::run::{CancellationToken, Course};
pub(super) use agent::Agent;
pub(super) use refusal::Refusal;
pub(super) use turns::Look;
use turns::Turns;

/// An agent that comes for the first time.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) agent: Agent,
    pub(super) way: Way,
    /// Ends its run.
    pub(super) stop: CancellationToken,
}

/// How an agent plays.
#[derive(Debug)]
pub(super) enum Way {
    /// It is told what to do.
    Driver {
        link: Link,
        /// Its later WebSockets, if it goes away and comes back.
        links: Receiver<Link>,
        /// The address that it connected to, as a URL, if it names one.
        origin: Option<String>,
    },
    /// It visits the cases that it begins, whose ids arrive here.
    Visits(Receiver<String>),
}

/// The results of an agent.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) json: String,
    pub(super) text: String,
}

/// All agents of a run.
#[derive(Debug)]
pub(super) struct Registry {
    wanted: usize,
    /// How many cases a driver plays, each as often as it is to be.
    to_drive: usize,
    /// How many of the cases can be visited.
    to_visit: usize,
    /// How drivers play the cases.
    course: Course,
    arrivals: SyncSender<Arrival>,
    stop: CancellationToken,
    agents: Mutex<BTreeMap<Agent, Entry>>,
    changed: Notify,
}

#[derive(Debug)]
struct Entry {
    state: State,
    /// How many cases it may play.
    cases: usize,
    playing: Option<String>,
    played: Vec<(String, &'static str)>,
    turns: Turns,
}

#[derive(Debug)]
enum State {
    Playing {
        links: SyncSender<Link>,
        /// Cancelled when its WebSocket is closed.
        gone: CancellationToken,
        stop: CancellationToken,
    },
    Visiting {
        wishes: SyncSender<String>,
        stop: CancellationToken,
    },
    /// Its report waits for a reader.
    Over(Arc<Pages>),
    Read(Arc<Pages>),
}

impl Registry {
    /// For this many agents.
    pub(super) fn new(
        wanted: usize,
        course: Course,
        list: &List,
        arrivals: SyncSender<Arrival>,
        stop: CancellationToken,
    ) -> Self {
        let (to_drive, to_visit) = (list.cases().len() * usize::from(course.repeat.get()), list.to_visit());
        let agents = Mutex::default();
        Self { wanted, to_drive, to_visit, course, arrivals, stop, agents, changed: Notify::new() }
    }

    /// How many cases a driver plays at most.
    pub(super) const fn to_drive(&self) -> usize {
        self.to_drive
    }

    /// Takes a new agent, or one that went away before. The token is to be cancelled when its WebSocket is closed.
    ///
    /// # Errors
    ///
    /// Why it cannot play, in a sentence.
    pub(super) fn arrive(&self, agent: Agent, origin: Option<String>) -> Result<(Wire, CancellationToken), String> {
        let mut agents = self.lock();
        let (link, wire) = link();
        let now_gone = CancellationToken::new();
        match agents.get_mut(&agent).map(|entry| &mut entry.state) {
            None => {
                let (links, later) = mpsc::sync_channel(1);
                let way = Way::Driver { link, links: later, origin };
                let stop = self.admit(&agents, &agent, way)?;
                agents.insert(agent, Entry::new(State::Playing { links, gone: now_gone.clone(), stop }, self.to_drive));
            }
            Some(State::Visiting { .. }) => {
                return Err(format!("the agent {agent} visits cases without a driver; choose another name"));
            }
            Some(State::Playing { gone, .. }) if !gone.is_cancelled() => {
                return Err(format!(
                    "the agent {agent} is connected already; close its other page, or choose another name"
                ));
            }
            Some(State::Playing { links, gone, .. }) => match links.try_send(link) {
                Ok(()) => *gone = now_gone.clone(),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    return Err(format!("the run of the agent {agent} is just ending"));
                }
            },
            Some(State::Over(_) | State::Read(_)) => {
                return Err(run_is_over(&agent));
            }
        }
        Ok((wire, now_gone))
    }

    /// Sends a new agent to the host. Returns what ends its run.
    fn admit(&self, agents: &BTreeMap<Agent, Entry>, agent: &Agent, way: Way) -> Result<CancellationToken, String> {
        if agents.len() >= self.wanted {
            let names: Vec<&str> = agents.keys().map(|agent| &**agent).collect();
            let names = names.join(", ");
            return Err(match self.wanted {
                1 => format!("the run is for one agent, which is {names}; --agents 2 allows two"),
                wanted => format!("the run is for {wanted} agents, and has them: {names}"),
            });
        }
        let stop = self.stop.child_token();
        let arrival = Arrival { agent: agent.clone(), way, stop: stop.clone() };
        self.arrivals.try_send(arrival).map_err(|_| "the run is over".to_owned())?;
        Ok(stop)
    }

    /// The agent was none.
    pub(super) fn forget(&self, agent: &Agent) {
        self.lock().remove(agent);
        self.changed.notify_waiters();
    }

    /// A case begins.
    pub(super) fn playing(&self, agent: &Agent, case: &str) {
        if let Some(entry) = self.lock().get_mut(agent) {
            entry.playing = Some(case.to_owned());
        }
    }

    /// A case was played. Returns how many were, and how many of them did not pass.
    pub(super) fn played(&self, agent: &Agent, case: &str, verdict: &'static str) -> (usize, usize) {
        let mut agents = self.lock();
        let Some(entry) = agents.get_mut(agent) else { return (0, 0) };
        entry.played.push((case.to_owned(), verdict));
        (entry.played.len(), entry.failed())
    }

    /// An agent's run is over.
    pub(super) fn end(&self, agent: &Agent, pages: Pages) {
        if let Some(entry) = self.lock().get_mut(agent) {
            entry.playing = None;
            entry.turns.close();
            entry.state = State::Over(Arc::new(pages));
        }
        self.changed.notify_waiters();
    }

    /// How far an agent is, without the first results.
    pub(super) fn progress(&self, agent: &Agent, after: usize) -> Option<Value> {
        let agents = self.lock();
        let entry = agents.get(agent)?;
        let played: Vec<Value> =
            entry.played.iter().skip(after).map(|(id, verdict)| json!({ "id": id, "verdict": verdict })).collect();
        Some(json!({
            "agent": &**agent,
            "state": if matches!(entry.state, State::Playing { .. } | State::Visiting { .. }) { "playing" } else { "over" },
            "cases": entry.cases,
            "done": entry.played.len(),
            "playing": entry.playing,
            "played": played,
        }))
    }

    /// Ends an agent's run, and waits for its results; `None` if there is no such agent.
    pub(super) async fn report(&self, agent: &Agent) -> Option<Arc<Pages>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.lock().get_mut(agent).map(|entry| &mut entry.state)? {
                State::Playing { stop, .. } | State::Visiting { stop, .. } => stop.cancel(),
                State::Over(pages) | State::Read(pages) => return Some(Arc::clone(pages)),
            }
            changed.await;
        }
    }

    /// An agent's results were sent.
    pub(super) fn was_read(&self, agent: &Agent) {
        if let Some(entry) = self.lock().get_mut(agent)
            && let State::Over(pages) = &entry.state
        {
            entry.state = State::Read(Arc::clone(pages));
        }
    }

    /// Whether an agent has not asked for its results yet.
    pub(super) fn awaits_readers(&self) -> bool {
        self.lock().values().any(|entry| matches!(entry.state, State::Over(_)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Agent, Entry>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(state: State, cases: usize) -> Self {
        Self { state, cases, playing: None, played: Vec::new(), turns: Turns::default() }
    }

    fn failed(&self) -> usize {
        self.played
            .iter()
            .filter(|(_, verdict)| !matches!(*verdict, "passed" | "not-applicable" | "unsupported"))
            .count()
    }
}

fn run_is_over(agent: &Agent) -> String {
    format!("the run of the agent {agent} is over; choose another name, or start siospec again")
}
