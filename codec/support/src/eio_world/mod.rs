//! A client's session and a server's, in one world with a virtual clock and a virtual network.
//!
//! ```text
//! seed ──▶ Plan ──▶ World { client, Site { Front { router, sessions } }, Network } ──▶ Story ──▶ Verdict
//! ```
//!
//! A [`Plan`] says what the two sides send and when, how slow the network is, what breaks in it, and which side closes.
//! The world then carries out the plan and what the machines ask for, one event after another in the order of the
//! clock. So a seed determines a whole life. A life that breaks a law is repeated with a record of its steps.

pub(crate) mod front;
pub(crate) mod network;
mod plan;
mod random;
mod site;
mod story;
mod verdict;

pub use plan::{Closer, Plan};
pub use random::Random;
pub use story::Story;
pub use verdict::Verdict;

use std::collections::{BTreeMap, VecDeque};

use sio_codec::engineio::client::ClientSession;
use sio_codec::engineio::{Encoded, Event, SendError, Session as _, Sid, WsId, client, server};
use sio_codec::{Machine as _, Output, Timestamp};

use self::network::{Channel, Message, Network, Side};
use self::site::Site;
use self::verdict::judge;

/// A life after its end.
#[derive(Debug)]
pub struct Life {
    /// The plan of the life.
    pub plan: Plan,
    /// What happened in it.
    pub story: Story,
    /// The verdict if it kept all laws; otherwise the law that it broke.
    pub verdict: Result<Verdict, String>,
}

impl Life {
    /// Runs the life of these numbers.
    #[must_use]
    pub fn live(random: Random) -> Self {
        Self::lived(World::live(random, Plan::draw, Story::default()))
    }

    /// Runs a life of several hours, with few messages and without losses.
    #[must_use]
    pub fn live_for_hours(random: Random) -> Self {
        Self::lived(World::live(random, Plan::draw_hours, Story::default()))
    }

    /// Runs the life of these numbers, and records its steps.
    #[must_use]
    pub fn told(random: Random) -> Self {
        Self::lived(World::live(random, Plan::draw, Story::verbose()))
    }

    fn lived((plan, story): (Plan, Story)) -> Self {
        let verdict = judge(&plan, &story);
        Self { plan, story, verdict }
    }
}

/// Runs the life of these numbers. If it breaks a law, runs it again and returns what happened, step by step.
///
/// # Errors
///
/// The law that was broken, the plan and the steps, as text.
pub fn lawful(random: &Random) -> Result<(Life, Verdict), String> {
    let life = Life::live(random.clone());
    match life.verdict {
        Ok(verdict) => Ok((life, verdict)),
        Err(ref fault) => {
            let Life { plan, story, .. } = Life::told(random.clone());
            Err(format!("{fault}\n{plan:#?}\n{}\n{fault}", story.script()))
        }
    }
}

/// The state of a world.
struct World {
    plan: Plan,
    now: Timestamp,
    client: ClientSession,
    site: Site,
    network: Network,
    /// How many deeds of the plan were done.
    done: usize,
    opened_at: Option<Timestamp>,
    sid: Option<Sid>,
    /// WebSockets to which the client has just moved its session, from the server's view.
    moves: Vec<WsId>,
    /// Messages that were refused, and that the application sends when there is room.
    postponed: BTreeMap<Side, VecDeque<Encoded>>,
    story: Story,
}

/// An entry of a plan.
#[derive(Clone, Debug)]
enum Deed {
    Send(Side, Encoded),
    /// Many messages at once.
    Burst(Side, Vec<Encoded>),
    /// The newest connection of a kind breaks.
    BreakRequest,
    BreakWebSocket,
    Close(Closer),
}

impl World {
    /// Makes a plan from these numbers, runs its life, and records it in the story.
    fn live(mut random: Random, plan: fn(&mut Random) -> Plan, story: Story) -> (Plan, Story) {
        let plan = plan(&mut random);
        let client = ClientSession::connect(Timestamp::ZERO, plan.client.clone());
        let site = Site::new(plan.server.clone(), plan.echo, random.fork());
        let network = Network::new(random.fork(), plan.slowest);
        let now = Timestamp::ZERO;
        let (done, opened_at, sid, moves, postponed) = (0, None, None, Vec::new(), BTreeMap::new());
        let mut world = Self { plan, now, client, site, network, done, opened_at, sid, moves, postponed, story };
        world.run();
        (world.plan, world.story)
    }

    fn run(&mut self) {
        self.drain();
        // Far more steps than any life has; a life that does not end is an error.
        for _ in 0..100_000 {
            let Some(next) = self.next() else {
                self.story.ended = true;
                break;
            };
            self.now = self.now.max(next);
            self.step();
            self.drain();
            let lost = self.moves.drain(..).filter(|ws| self.network.is_given_up(*ws)).count();
            self.story.losses += lost;
        }
        self.story.sid = self.sid.take();
        self.story.told_to_server = self.site.take_received();
        self.story.server_ends = self.site.take_ends();
    }

    /// The time of the next event.
    fn next(&self) -> Option<Timestamp> {
        let arrival = self.network.next(|channel, side| self.wants(channel, side));
        let deadlines = [self.client.next_deadline(), self.site.next_deadline(), arrival, self.next_deed()];
        deadlines.into_iter().flatten().min()
    }

    /// Whether a side reads from a channel now.
    fn wants(&self, channel: Channel, side: Side) -> bool {
        match side {
            Side::Client => self.client.wants_input(),
            Side::Server => self.site.front.wants_input(channel),
        }
    }

    fn next_deed(&self) -> Option<Timestamp> {
        let (after, _) = self.plan.deeds.get(self.done)?;
        Some(self.opened_at?.saturating_add(*after))
    }

    /// Handles one event: a message arrives, or else an application acts, or else time has passed. In some worlds all
    /// messages that are there arrive before outputs are taken from the machines.
    fn step(&mut self) {
        let mut quiet = true;
        loop {
            let wants = |channel, side| match side {
                Side::Client => self.client.wants_input(),
                Side::Server => self.site.front.wants_input(channel),
            };
            let Some((channel, message)) = self.network.arrive(self.now, wants) else { break };
            self.story.note(self.now, format_args!("arrives on {channel:?}: {message:?}"));
            self.moves.extend(message.moves_to(channel));
            self.deliver(channel, message);
            quiet = false;
            if !self.plan.batched {
                break;
            }
        }
        if !quiet {
            return;
        }
        if self.next_deed().is_some_and(|at| at <= self.now) {
            let (_, deed) = self.plan.deeds[self.done].clone();
            self.done += 1;
            self.act(deed);
        } else {
            self.client.handle_timeout(self.now);
            self.site.handle_timeout(self.now);
        }
    }

    fn deliver(&mut self, channel: Channel, message: Message) {
        let now = self.now;
        match message.for_client() {
            Ok(input) => self.client.handle(now, input),
            Err(message) => self.site.take(now, channel, message, &mut self.network),
        }
    }

    fn act(&mut self, deed: Deed) {
        self.story.note(self.now, format_args!("{deed:?}"));
        match deed {
            Deed::Send(side, message) => {
                self.postponed.entry(side).or_default().push_back(message);
                self.send(side);
            }
            Deed::Burst(side, messages) => {
                self.postponed.entry(side).or_default().extend(messages);
                self.send(side);
            }
            Deed::BreakRequest => self.story.losses += usize::from(self.network.break_request(self.now)),
            Deed::BreakWebSocket => self.story.losses += usize::from(self.network.break_websocket(self.now)),
            Deed::Close(Closer::Client) => self.client.close(self.now),
            Deed::Close(Closer::Server) => self.site.close(self.now, self.sid.as_ref()),
            Deed::Close(Closer::Nobody) => self.story.losses += self.network.go_dark(self.now),
        }
    }

    /// An application sends its messages until one is refused.
    fn send(&mut self, side: Side) {
        let waiting = self.postponed.entry(side).or_default();
        while let Some(message) = waiting.front() {
            let (result, sent) = match side {
                Side::Client => (self.client.send(message), &mut self.story.sent_by_client),
                Side::Server => (self.site.send(self.sid.as_ref(), message), &mut self.story.sent_by_server),
            };
            match result {
                Ok(()) => sent.extend(message.frames()),
                Err(error) => self.story.refused(side, error),
            }
            if result == Err(SendError::QueueFull) {
                break;
            }
            waiting.pop_front();
        }
    }

    fn drain(&mut self) {
        loop {
            while let Some((ws, to)) = self.network.became_writable() {
                match to {
                    Side::Server => self.client.handle(self.now, client::Input::WsWritable { ws }),
                    Side::Client => self.site.front.writer(self.now, server::Input::WsWritable { ws }),
                }
            }
            self.drain_client();
            self.site.drain(self.now, &mut self.network, &mut self.story);
            let relieved: Vec<_> = self.story.relieved.drain(..).collect();
            if relieved.is_empty() {
                break;
            }
            relieved.into_iter().for_each(|side| self.send(side));
        }
    }

    fn drain_client(&mut self) {
        while let Some(output) = self.client.poll_output() {
            self.story.note(self.now, format_args!("client: {output:?}"));
            match output {
                Output::Transmit(transmit) => {
                    let sent_on = if let client::Transmit::WsSend { ws, .. } = &transmit { Some(*ws) } else { None };
                    self.story.losses += usize::from(self.network.for_client(self.now, transmit));
                    if let Some(ws) = sent_on.filter(|ws| self.network.became_full(*ws, Side::Server)) {
                        self.client.handle(self.now, client::Input::WsFull { ws });
                    }
                }
                Output::Event(event) => self.note_event(event),
            }
        }
    }

    fn note_event(&mut self, event: Event) {
        match event {
            Event::Opened => {
                self.opened_at = Some(self.now);
                self.sid = self.client.sid().cloned();
            }
            Event::Upgraded => self.story.upgraded = true,
            Event::Writable => self.story.writable(Side::Client),
            Event::Message(frame) => self.story.told_to_client.push(frame),
            Event::Closed(reason) => {
                // A session that never opened has no messages to send.
                self.opened_at = self.opened_at.or(Some(self.now));
                self.story.client_ends.push(reason);
            }
            _ => {}
        }
    }
}
