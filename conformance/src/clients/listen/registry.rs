//! The agents: which there are, how far each is, and who may come.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::party::driver::link::{Link, Wire, link};
use crate::run::CancellationToken;

/// The longest name of an agent, in characters.
const MAX_NAME: usize = 60;

/// The name of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Agent(String);

/// An agent that comes for the first time.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) agent: Agent,
    pub(super) link: Link,
    /// Its later WebSockets, if it goes away and comes back.
    pub(super) links: Receiver<Link>,
    /// Ends its run.
    pub(super) stop: CancellationToken,
    /// The address that it connected to, as a URL, if it names one.
    pub(super) origin: Option<String>,
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
    cases: usize,
    arrivals: SyncSender<Arrival>,
    stop: CancellationToken,
    agents: Mutex<BTreeMap<Agent, Entry>>,
    changed: Notify,
}

#[derive(Debug)]
struct Entry {
    state: State,
    playing: Option<String>,
    played: Vec<(String, &'static str)>,
}

#[derive(Debug)]
enum State {
    Playing {
        links: SyncSender<Link>,
        /// Cancelled when its WebSocket is closed.
        gone: CancellationToken,
        stop: CancellationToken,
    },
    /// Its report waits for a reader.
    Over(Arc<Pages>),
    Read(Arc<Pages>),
}

impl Agent {
    /// # Errors
    ///
    /// What is wrong with the name, in a sentence.
    pub(super) fn new(name: Option<&str>) -> Result<Self, String> {
        match name {
            None | Some("") => Err("the agent has no name: add ?agent=NAME".to_owned()),
            Some(name) if name.chars().count() > MAX_NAME => {
                Err(format!("the name of the agent has more than {MAX_NAME} characters"))
            }
            Some(name) if name.chars().any(char::is_control) => {
                Err("the name of the agent has a control character".to_owned())
            }
            Some(name) => Ok(Self(name.to_owned())),
        }
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::ops::Deref for Agent {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Registry {
    pub(super) fn new(wanted: usize, cases: usize, arrivals: SyncSender<Arrival>, stop: CancellationToken) -> Self {
        Self { wanted, cases, arrivals, stop, agents: Mutex::default(), changed: Notify::new() }
    }

    /// Takes a new agent, or one that went away before. The token is to be cancelled when its WebSocket is closed.
    ///
    /// # Errors
    ///
    /// Why it cannot play, in a sentence.
    pub(super) fn arrive(&self, agent: Agent, origin: Option<String>) -> Result<(Wire, CancellationToken), String> {
        let mut agents = self.lock();
        let (link, wire) = link();
        let is_full = agents.len() >= self.wanted;
        let now_gone = CancellationToken::new();
        match agents.get_mut(&agent).map(|entry| &mut entry.state) {
            None if is_full => {
                let names: Vec<&str> = agents.keys().map(|agent| &**agent).collect();
                let names = names.join(", ");
                return Err(match self.wanted {
                    1 => format!("the run is for one agent, which is {names}; --agents 2 allows two"),
                    wanted => format!("the run is for {wanted} agents, and has them: {names}"),
                });
            }
            None => {
                let (links, later) = mpsc::sync_channel(1);
                let stop = self.stop.child_token();
                let arrival = Arrival { agent: agent.clone(), link, links: later, stop: stop.clone(), origin };
                self.arrivals.try_send(arrival).map_err(|_| "the run is over".to_owned())?;
                let state = State::Playing { links, gone: now_gone.clone(), stop };
                agents.insert(agent, Entry { state, playing: None, played: Vec::new() });
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
                return Err(format!(
                    "the run of the agent {agent} is over; choose another name, or start siospec again"
                ));
            }
        }
        Ok((wire, now_gone))
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
            "state": if matches!(entry.state, State::Playing { .. }) { "playing" } else { "over" },
            "cases": self.cases,
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
                State::Playing { stop, .. } => stop.cancel(),
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
    fn failed(&self) -> usize {
        self.played.iter().filter(|(_, verdict)| !matches!(*verdict, "passed" | "not-applicable")).count()
    }
}
