//! Plays cases against clients that come by themselves: pages in browsers, phones, consoles.
//!
//! A client under test is an *agent*, with a name that it chooses. Everything is served at one address:
//!
//! | request | what it is |
//! |---|---|
//! | `GET /` | a page that drives socket.io-client in a browser, with the scripts `/page.mjs`, `/calls.mjs` and `/client.js` |
//! | `GET /cases` | the cases that a client can play, as JSON: id, title, level, and what the client is to do, in calls of the driver protocol |
//! | `/driver?agent=NAME` | a WebSocket that speaks the [driver protocol](crate::party::driver): a text message for each line. The agent is told what to do, until every case was played |
//! | `/play/N/` | the server of the case that an agent is playing; `open` names it |
//! | `GET /cases?visitor=WORD` | the cases for clients without a driver: `polling`, `websocket`, `both` of them, or `all`; with `eio=3` or `eio=4` those of one revision; JSON, or one id in each line if the request accepts `text/plain` |
//! | `GET /case/ID?agent=NAME` | how a client without a driver plays a case: URL, path, query and transports, as JSON |
//! | `/case/ID/?agent=NAME&EIO=…` | the server of that case; the first request begins it |
//! | `GET /result?agent=NAME&case=ID` | the result of that case when it is over, as in the report |
//! | `GET /progress?agent=NAME` | how far the agent is, as JSON; with `after=N` without the first N results |
//! | `GET /report?agent=NAME` | ends the agent's run, and answers with its results: JSON, or text if the request accepts `text/plain` |
//!
//! # Visits
//!
//! A client without a driver only echoes: on each event `x` it emits `x-back` with the same arguments. It has the path `/case/ID/`
//! (or `/case/ID/socket.io/`) and the query parameter `agent=NAME` in all its requests, and does not reconnect. Its first request
//! without a `sid` begins the case. `agent` is taken out of the query before it is judged. An agent plays one case at a time, and
//! each once; one that failed is played once more if the query has `again=1`, which is taken out, too. A request that cannot be
//! served is refused in a sentence: with status 400 (the agent has no name), 404 (no such case, or it is over) or 409. If the
//! client goes away, the time limits of the case end it.
//!
//! An agent chooses the order of its visits itself. So in a run with `--repeat`, `--shuffle` or `--fail-fast`, there are only
//! drivers: a visit is refused with status 409.
//!
//! The report has the cases for the transports that the agent has used. Those that it did not play by then are lost, which fails
//! the run, so choose the cases with selectors. The other cases do not apply.
//!
//! # Bounds
//!
//! | what | bound |
//! |---|---|
//! | agents | as many as the run is for; the next one is refused |
//! | connections | 512; others wait until they are accepted |
//! | open cases | one per agent |
//! | second looks | 40 per agent; of a driver, in each round of cases |
//! | a result | 5 s until the case begins, then 50 s until status 202 says that it is still being played |
//! | a name | 60 characters |
//! | the head of a request | 30 s |
//! | an agent that went away during its cases | 10 s; if it is not back by then, its other cases are not played |
//! | an agent's run, and the wait for the next agent | `max_time` |
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`gather`] |
//! | `registry/` | the agents |
//! | `front.rs`, `answers.rs` | the server of the requests above |
//! | `visits.rs` | those of clients without a driver |
//! | `reply.rs` | the parts of requests and answers |
//! | `tour.rs` | plays the cases that an agent visits |
//! | `page/` | the page; `fixtures/drivers/calls.mjs` is the driver that it shares with Node |
//! | `list.rs` | the list of cases |

mod answers;
mod front;
mod list;
mod registry;
mod reply;
mod tour;
mod visits;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::runtime::Handle;

use super::drivers::{Drivers, Told};
use super::limits::Limits;
use super::{Played, Report};
use crate::cases::Case;
use crate::party::client::Place;
use crate::party::driver::link::Link;
use crate::party::driver::{Driver, Fault};
use crate::run::{CancellationToken, Course};
use front::Front;
use list::List;
use registry::{Agent, Arrival, Pages, Registry, Way};
use tour::{Moment, Tour};

/// Which agents are waited for, and how they play.
#[derive(Clone, Debug)]
pub struct Agents {
    /// Where they connect.
    pub listen: SocketAddr,
    /// The browser build of socket.io-client that the page drives; without it, a person chooses a file there.
    pub script: Option<Bytes>,
    /// How many there are.
    pub count: usize,
    /// How long a step without a window may take.
    pub step: Duration,
    /// How long an agent's run may take, and how long the next agent is waited for.
    pub max_time: Duration,
    /// In which order drivers play the cases, and how often. Agents that visit cases are refused unless it is the default.
    pub course: Course,
}

/// Who is told how the run goes on, and writes its results.
pub trait Audience: Sync {
    /// The server is listening at a URL.
    fn ready(&self, url: &str);

    /// An agent has played this many cases of all, and not passed this many.
    fn played(&self, agent: &str, done: usize, total: usize, failed: usize);

    /// The result of a case that an agent without a driver has played, as JSON.
    fn visited(&self, played: &Played) -> String;

    /// An agent's run is over: its results as JSON, and as text for a person.
    fn over(&self, agent: &str, report: &Report) -> (String, String);
}

/// The agents' results.
#[derive(Debug)]
pub struct Gathered {
    /// A report for each agent that came, in the order in which their runs were over.
    pub reports: Vec<Report>,
    /// The run was ended before its end.
    pub is_interrupted: bool,
}

/// How often the end of the run is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// How long an agent that went away is waited for.
const RETURN: Duration = Duration::from_secs(10);

/// How long agents may take to ask for their reports.
const LAST: Duration = Duration::from_secs(5);

/// Plays cases against the agents that come. Cancelling `stop` ends the run after the cases that are being played.
///
/// # Errors
///
/// If the address cannot be used.
pub fn gather(
    cases: Vec<Case>,
    agents: &Agents,
    runtime: &Handle,
    stop: &CancellationToken,
    audience: &impl Audience,
) -> io::Result<Gathered> {
    let (sender, arrivals) = mpsc::sync_channel(agents.count);
    let list = Arc::new(List::new(cases));
    let registry = Arc::new(Registry::new(agents.count, agents.course, &list, sender, stop.clone()));
    let front = Front::open(agents, Arc::clone(&list), Arc::clone(&registry), runtime)?;
    audience.ready(front.url());
    let host = Host { agents, stop, audience, list: &list, registry: &registry, front: &front };
    let reports = host.receive(&arrivals);
    // They may want to show their reports.
    let deadline = Instant::now() + LAST;
    while !stop.is_cancelled() && registry.awaits_readers() && Instant::now() < deadline {
        thread::sleep(LOOK);
    }
    runtime.block_on(front.close());
    Ok(Gathered { reports, is_interrupted: stop.is_cancelled() })
}

struct Host<'a, A> {
    agents: &'a Agents,
    stop: &'a CancellationToken,
    audience: &'a A,
    list: &'a List,
    registry: &'a Registry,
    front: &'a Front,
}

impl<A: Audience> Host<'_, A> {
    /// Gives each agent a thread, until all have come, or none comes any more.
    fn receive(&self, arrivals: &Receiver<Arrival>) -> Vec<Report> {
        let (sender, over) = mpsc::channel();
        let (mut playing, mut reports, mut idle) = (0_usize, Vec::new(), Instant::now());
        thread::scope(|scope| {
            loop {
                if let Ok(arrival) = arrivals.recv_timeout(LOOK) {
                    playing += 1;
                    let sender: Sender<_> = sender.clone();
                    scope.spawn(move || {
                        // It is received as long as an agent plays.
                        let _ = sender.send(self.play(arrival));
                    });
                }
                while let Ok(report) = over.try_recv() {
                    playing -= 1;
                    reports.extend(report);
                    idle = Instant::now();
                }
                let is_over = reports.len() >= self.agents.count
                    || self.stop.is_cancelled()
                    || idle.elapsed() > self.agents.max_time;
                if playing == 0 && is_over {
                    return reports;
                }
            }
        })
    }

    /// Plays cases with an agent. `None` if it is to be a driver and is none.
    fn play(&self, Arrival { agent, way, stop }: Arrival) -> Option<Report> {
        let report = match way {
            Way::Driver { link, links, origin } => self.drive(&agent, link, links, origin, &stop)?,
            Way::Visits(wishes) => self.guide(&agent, &wishes, &stop),
        };
        let report = report.interrupted_by(self.stop);
        let (json, text) = self.audience.over(&agent, &report);
        self.registry.end(&agent, Pages { json, text });
        Some(report)
    }

    /// Plays all cases with a driver.
    fn drive(
        &self,
        agent: &Agent,
        link: Link,
        links: Receiver<Link>,
        origin: Option<String>,
        stop: &CancellationToken,
    ) -> Option<Report> {
        let driver = Driver::from_link(link, || self.registry.forget(agent)).ok()?;
        let origin = origin.unwrap_or_else(|| self.front.url().to_owned());
        let tell = |told: Told<'_>| match told {
            Told::Playing(case) => self.registry.playing(agent, &case.id),
            Told::Played(played) => {
                let (done, failed) = self.registry.played(agent, &played.case.id, played.word());
                self.audience.played(agent, done, self.registry.to_drive(), failed);
            }
        };
        let links = std::sync::Mutex::new(links);
        let drivers = Drivers {
            start: &|| await_return(&links, stop),
            told: &tell,
            place: Place::Path(origin, self.front.paths()),
            jobs: 1,
            step: self.agents.step,
            limits: self.limits(stop),
        };
        let mut report = drivers.play(self.list.cases().to_vec(), self.agents.course, driver);
        report.name = format!("{} ({agent})", report.name);
        Some(report)
    }

    /// Plays the cases that an agent visits.
    fn guide(&self, agent: &Agent, wishes: &Receiver<String>, stop: &CancellationToken) -> Report {
        let tell = |moment: Moment<'_>| match moment {
            Moment::Opened(case, path) => self.registry.opened(agent, &case.id, path),
            Moment::Played(played) => {
                let result = self.audience.visited(played);
                let (done, failed) = self.registry.visited(agent, &played.case.id, played.word(), &result);
                self.audience.played(agent, done, self.list.to_visit(), failed);
            }
        };
        let tour = Tour {
            list: self.list,
            place: Place::Path(self.front.url().to_owned(), self.front.paths()),
            step: self.agents.step,
            limits: self.limits(stop),
            told: &tell,
        };
        tour.play(wishes, agent)
    }

    /// Those of an agent's run that begins now.
    fn limits<'b>(&'b self, end: &'b CancellationToken) -> Limits<'b> {
        Limits { started: Instant::now(), max_time: self.agents.max_time, interrupt: self.stop, end }
    }
}

/// Waits for an agent that went away. If it does not come back, its run is over.
fn await_return(links: &std::sync::Mutex<Receiver<Link>>, stop: &CancellationToken) -> Result<Driver, Fault> {
    let links = links.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let deadline = Instant::now() + RETURN;
    while !stop.is_cancelled() && Instant::now() < deadline {
        if let Ok(link) = links.recv_timeout(LOOK) {
            return Driver::from_link(link, || {});
        }
    }
    if stop.is_cancelled() {
        return Err(Fault::Unstartable("the run was ended while the agent was away".to_owned()));
    }
    stop.cancel();
    Err(Fault::Unstartable(format!("the agent went away and was not back within {} s", RETURN.as_secs())))
}
