//! A server's and clients' `Shared`, their tasks, and the WebSockets between them, on a virtual clock.
//!
//! ```text
//!             ┌─ client::Shared ─ tasks ─┐              ┌─ tasks ─ server::Shared
//!   bytes ──▶ │                          ├── Socket ────┤
//!             └─ Conversation::run ──────┘              └─ Conversation, Reader, Writer ── strangers
//! ```
//!
//! No thread and no timer of the system: an executor polls those tasks that were woken, in an order that the bytes choose,
//! and time passes when the bytes say so.
//!
//! | law | statement |
//! |---|---|
//! | woken | a task that has something to do was woken; it may be moved, so that only its latest waker is right |
//! | L11 nothing vanishes | what is accepted arrives once and in order, also if a wait is given up, until a session ends; if one side ends it, the other has everything |
//! | L4 deadlines | when the tasks rest, no deadline has passed, whoever keeps them |
//! | agreement | a while after the last failure both sides say of each session that it lives, or that it is over |
//! | ends | after the server is stopped all tasks end in bounded time, and so does the wait for that |
//! | nothing stays | then the table is empty, no waker is kept, and what was shared is freed |

mod clock;
mod executor;
mod socket;
mod strangers;
mod tasks;
mod told;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use sio_codec::Limits;
use sio_codec::engineio::client::{self, ClientSession, Transports};
use sio_codec::engineio::server::{self, ServerSession, Shared};
use sio_codec::engineio::{BinaryForm, Revision, Session as _};

use self::clock::Timers;
use self::executor::Executor;
use self::socket::{Line, Message};
use self::strangers::Stranger;
use self::tasks::{Bell, Client};
use self::told::Told;
use crate::eio_world::Random;
use crate::lives::moves::duration;

/// At most so many clients in a life, and so many strangers at a time.
const MOST: usize = 8;

/// After the end of the server nothing may take longer: a client waits 30 s for its last words, and so does a WebSocket.
const LONGEST: Duration = Duration::from_secs(100);

/// Makes calls, four bytes for each. The first byte says how the life begins, and whether there is peace before it ends; the
/// second one chooses whose turn it is.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let [start, seed, calls @ ..] = data else { return };
    let mut world = World::begin(*start, *seed);
    for call in calls.chunks_exact(4) {
        world.step([call[0], call[1], call[2], call[3]]);
    }
    if start & 1 == 0 {
        world.is_at_peace();
    }
    world.end();
}

/// What all tasks share.
#[derive(Clone)]
struct Net(Rc<Common>);

struct Common {
    executor: Executor,
    timers: Timers,
    random: RefCell<Random>,
    server: Shared<ServerSession>,
    told: Told,
    /// Rings for those who have waited long enough.
    bell: Bell,
    /// Requests of clients, and those of WebSockets: each may break.
    connections: RefCell<Vec<(Bell, usize)>>,
    /// WebSockets.
    lines: RefCell<Vec<(Line, usize)>>,
    /// Whether nothing is delayed any more.
    is_fast: Cell<bool>,
    sids: Cell<u16>,
}

impl std::ops::Deref for Net {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0
    }
}

impl Net {
    /// A number below `end`.
    fn below(&self, end: usize) -> usize {
        self.random.borrow_mut().below(end as u64) as usize
    }

    fn forgets_connections(&self) {
        self.bell.ring();
        self.connections.borrow_mut().clear();
        self.lines.borrow_mut().clear();
    }

    fn delay(&self) -> Option<Duration> {
        let millis = self.random.borrow_mut().pick(&[0, 0, 0, 0, 1, 7, 40]);
        (millis > 0 && !self.is_fast.get()).then(|| Duration::from_millis(millis))
    }
}

struct World {
    net: Net,
    clients: Vec<Client>,
    strangers: Vec<Stranger>,
}

impl World {
    fn begin(start: u8, seed: u8) -> Self {
        let timers = Timers::start();
        let told = Told::default();
        let limits = Limits::default().with_max_payload(100).with_max_queued_bytes(1_000).with_max_buffered_bytes(400);
        let config = server::Config::default()
            .with_heartbeat(Duration::from_millis(300), Duration::from_millis(1_000))
            .with_upgrade_timeout(Duration::from_millis(400))
            .with_close_timeout(Duration::from_millis(700))
            .with_allow_eio3(true)
            .with_limits(limits);
        let reacts = told.clone();
        let server = Shared::new(config, move |table, _| reacts.drain(table)).expect("a valid configuration");
        let common = Common {
            executor: Executor::default(),
            timers,
            random: RefCell::new(Random::new(u64::from(seed))),
            server: server.with_clock(Timers::clock()).with_max_sessions(MOST + 2),
            told,
            bell: Bell::default(),
            connections: RefCell::default(),
            lines: RefCell::default(),
            is_fast: Cell::new(false),
            sids: Cell::new(0),
        };
        let mut world = Self { net: Net(Rc::new(common)), clients: Vec::new(), strangers: Vec::new() };
        world.net.executor.spawn("who keeps the deadlines", tasks::keeps_deadlines(world.net.clone()));
        if start & 2 == 0 {
            world.client_comes(start >> 2, start >> 4);
            world.passes(Duration::from_millis(200));
        }
        world
    }

    fn step(&mut self, [verb, a, b, c]: [u8; 4]) {
        match verb % 32 {
            0 | 1 if self.clients.len() < MOST => self.client_comes(a, b),
            2..=6 => self.server_says(a, 1 + usize::from(b % 3)),
            7 => self.server_says(a, usize::from(b)),
            8..=11 => self.client_says(a, 1 + usize::from(b % 3)),
            12 => self.client_says(a, usize::from(b)),
            13 => self.closes(a, b),
            14 => self.breaks(a, b),
            15 => self.stalls(a, b),
            16 => self.slips_in(a, b, c),
            17 | 18 => self.net.bell.ring(),
            19 => {
                self.rest();
                self.net.executor.none_is_forgotten();
            }
            20 | 21 => self.stranger_comes(a, b),
            22..=24 => self.stranger_acts(a, b, c),
            25 if a > 250 => self.stops(),
            25 => self.net.timers.pass(self.net.timers.now().saturating_add(duration(a))),
            26..=28 => self.passes(duration(a)),
            29 => (0..a % 8).for_each(|_| self.turn()),
            _ => self.rest(),
        }
    }

    /// One of those that were woken has its turn.
    fn turn(&self) {
        self.net.executor.turn(|count| self.net.below(count));
    }

    /// All that were woken get their turns, until nobody is.
    fn rest(&self) {
        self.net.executor.run(|count| self.net.below(count));
        let (now, due) = (self.net.timers.now(), self.net.told.lock().deadline);
        assert!(due.is_none_or(|due| due > now), "L4: {due:?} is not kept at {now:?}");
    }

    /// Time passes, from one timer to the next.
    fn passes(&self, time: Duration) {
        let end = self.net.timers.now().saturating_add(time);
        self.rest();
        while let Some(next) = self.net.timers.next().filter(|next| *next <= end) {
            self.net.timers.pass(next);
            self.rest();
        }
        self.net.timers.pass(end);
        self.rest();
    }

    fn client_comes(&mut self, how: u8, more: u8) {
        const TRANSPORTS: [Transports; 4] = [
            Transports::PollingThenUpgrade,
            Transports::PollingOnly,
            Transports::WebSocketOnly,
            Transports::WebSocketThenPolling,
        ];
        let revision = if more & 1 == 0 { Revision::V4 } else { Revision::V3 };
        let binary = if more & 6 == 6 { BinaryForm::Base64 } else { BinaryForm::Native };
        let transports = TRANSPORTS[usize::from(how % 4)];
        let config = client::Config::default().with_transports(transports).with_revision(revision).with_binary(binary);
        let machine = ClientSession::connect(self.net.timers.now(), config);
        let client = Client::new(machine).with_clock(Timers::clock());
        let number = self.clients.len();
        self.net.told.lock().clients.push(told::Client::default());
        self.net.executor.spawn("a client", tasks::lives(self.net.clone(), number, client.clone()));
        self.clients.push(client);
    }

    /// To one session, or to all.
    fn server_says(&self, whom: u8, times: usize) {
        let told = &self.net.told;
        self.net.server.act(|table, _| {
            for _ in 0..times {
                if whom < 200 {
                    table.machine(&tasks::sid((whom % 8).into())).into_iter().for_each(|session| told.says(session));
                } else {
                    table.machines().for_each(|session| told.says(session));
                }
            }
        });
    }

    fn client_says(&self, who: u8, times: usize) {
        let Some((number, client)) = self.client(who) else { return };
        client.act(|session, _| (0..times).for_each(|_| self.net.told.client_says(number, session)));
    }

    fn client(&self, who: u8) -> Option<(usize, &Client)> {
        let number = usize::from(who).checked_rem(self.clients.len())?;
        Some((number, &self.clients[number]))
    }

    fn closes(&self, who: u8, side: u8) {
        if side.is_multiple_of(2) {
            let Some((_, client)) = self.client(who) else { return };
            client.act(|session, now| session.close(now));
        } else {
            self.net.server.act(|table, now| {
                table.machine(&tasks::sid((who % 8).into())).into_iter().for_each(|session| session.close(now));
            });
        }
    }

    fn stops(&self) {
        self.net.server.shut_down(|now, session| session.close(now));
    }

    /// A request or a WebSocket, one of the latest.
    fn breaks(&self, which: u8, kind: u8) {
        if kind.is_multiple_of(2) {
            if let Some((bell, client)) = latest(&self.net.connections.borrow(), which) {
                self.net.told.lock().clients[*client].is_unlucky = true;
                bell.ring();
            }
        } else if let Some((line, client)) = latest(&self.net.lines.borrow(), which) {
            self.net.told.lock().clients[*client].is_unlucky = true;
            line.breaks();
        }
    }

    fn stalls(&self, which: u8, how: u8) {
        if let Some((line, client)) = latest(&self.net.lines.borrow(), which) {
            self.net.told.lock().clients[*client].is_unlucky = true;
            line.stalls(usize::from(how % 2), how & 2 == 0);
        }
    }

    /// A ping, which is no message, or something that is wrong.
    fn slips_in(&self, which: u8, end: u8, what: u8) {
        if let Some((line, client)) = latest(&self.net.lines.borrow(), which) {
            let message = match what % 8 {
                0 => Message::Frame("x".into()),
                1 => Message::Close,
                _ => Message::Ping,
            };
            self.net.told.lock().clients[*client].is_unlucky |= what % 8 < 2;
            line.slips_in(usize::from(end % 2), message);
        }
    }

    fn stranger_comes(&mut self, how: u8, whose: u8) {
        if self.strangers.len() < MOST {
            self.strangers.push(Stranger::comes(&self.net, how, whose));
        }
    }

    fn stranger_acts(&mut self, who: u8, how: u8, text: u8) {
        const TEXTS: [&str; 8] = ["4hello", "2probe", "5", "3", "2", "1", "x", "6"];
        if let Some(at) = usize::from(who).checked_rem(self.strangers.len())
            && !self.strangers[at].acts(how, TEXTS[usize::from(text % 8)])
        {
            self.strangers.swap_remove(at);
        }
    }

    /// The network recovers. From then on what is said arrives without waiting for anything, also if it does not fit an outbox.
    fn is_at_peace(&mut self) {
        self.net.is_fast.set(true);
        // Perhaps nobody else is left.
        [0, 2].into_iter().for_each(|how| self.client_comes(how, how));
        for (line, _) in &*self.net.lines.borrow() {
            [0, 1].into_iter().for_each(|end| line.stalls(end, false));
        }
        self.passes(Duration::from_secs(4));
        self.net.told.lock().is_at_peace();
        // Each time as much as the queue takes.
        (0..6).for_each(|_| self.server_says(u8::MAX, 20));
        self.rest();
        self.net.told.lock().is_at_peace();
    }

    /// The server is stopped, and everybody goes.
    fn end(mut self) {
        self.strangers.clear();
        self.stops();
        let server = self.net.server.clone();
        self.net.executor.spawn("who waits for the end", async move { server.ended().await });
        let latest = self.net.timers.now().saturating_add(LONGEST);
        loop {
            self.rest();
            self.net.executor.none_is_forgotten();
            let waiting = self.net.executor.names();
            if waiting.is_empty() {
                break;
            }
            let next = self.net.timers.next().unwrap_or_else(|| panic!("{waiting:?} wait without end"));
            assert!(next <= latest, "{waiting:?} wait too long, until {next:?}");
            self.net.timers.pass(next);
        }
        let kept = self.net.server.act(|table, _| format!("{table:?}"));
        for nothing in ["entries: {}", "owners: {}", "deadlines: {}", "touched: []"] {
            assert!(kept.contains(nothing), "not {nothing}: {kept}");
        }
        self.net.forgets_connections();
        assert_eq!(self.net.executor.wakers_of_the_dead(), 0, "a waker is kept");
        let told = self.net.told.clone();
        drop(self);
        assert!(told.is_alone(), "the server is kept");
    }
}

/// One of the latest four.
fn latest<T>(all: &[T], which: u8) -> Option<&T> {
    all.iter().rev().take(4).nth(usize::from(which % 4)).or_else(|| all.last())
}
