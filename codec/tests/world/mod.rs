//! A client's session and a server's, in one world with a clock and a network that are numbers.
//!
//! ```text
//! seed ──▶ Plan ──▶ World { client, Site { Front { router, sessions } }, Network } ──▶ Story ──▶ Verdict
//! ```
//!
//! A [`Plan`](plan::Plan) says what the two sides want to tell each other and when, how slow the network is, what of it
//! breaks, and who closes. The world does nothing else: it carries out what the machines ask for, one thing after the other
//! in the order of the clock, so a seed is a whole life. A life that breaks a law is told as it went, step by step.

#![allow(dead_code, reason = "each test crate uses a part of this")]

pub(crate) mod front;
pub(crate) mod network;
pub(crate) mod plan;
pub(crate) mod random;
pub(crate) mod site;
pub(crate) mod story;
pub(crate) mod verdict;

use sio_codec::engineio::client::ClientSession;
use sio_codec::engineio::{Encoded, Event, Session as _, Sid, WsId};
use sio_codec::{Machine as _, Output, Timestamp};

use self::network::{Channel, Message, Network, Side};
use self::plan::{Closer, Plan};
use self::random::Random;
use self::site::Site;
use self::story::Story;

/// A world at a moment.
pub(crate) struct World {
    plan: Plan,
    now: Timestamp,
    client: ClientSession,
    site: Site,
    network: Network,
    /// How many of the planned things were done.
    done: usize,
    opened_at: Option<Timestamp>,
    sid: Option<Sid>,
    /// WebSockets to which the client has just moved its session, as the server sees it.
    moves: Vec<WsId>,
    story: Story,
}

/// Something that a plan contains.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Send(Side, Encoded),
    /// The newest connection of a kind breaks.
    BreakRequest,
    BreakWebSocket,
    Close(Closer),
}

impl World {
    /// Lives the life that follows from some numbers; a told one keeps its steps.
    pub(crate) fn live(mut random: Random, told: bool) -> (Plan, Story) {
        let plan = Plan::draw(&mut random);
        Self::live_by(plan, random, told)
    }

    /// Lives the life that is planned.
    pub(crate) fn live_by(plan: Plan, mut random: Random, told: bool) -> (Plan, Story) {
        let client = ClientSession::connect(Timestamp::ZERO, plan.client.clone());
        let site = Site::new(plan.server.clone(), random.fork());
        let network = Network::new(random.fork(), plan.slowest);
        let story = if told { Story::verbose() } else { Story::default() };
        let now = Timestamp::ZERO;
        let (done, opened_at, sid, moves) = (0, None, None, Vec::new());
        let mut world = Self { plan, now, client, site, network, done, opened_at, sid, moves, story };
        world.run();
        (world.plan, world.story)
    }

    fn run(&mut self) {
        self.drain();
        // Far more than any life has; one that never ends is a fault.
        for _ in 0..20_000 {
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

    /// When the next thing happens.
    fn next(&self) -> Option<Timestamp> {
        let deadlines = [self.client.next_deadline(), self.site.next_deadline(), self.network.next(), self.next_deed()];
        deadlines.into_iter().flatten().min()
    }

    fn next_deed(&self) -> Option<Timestamp> {
        let (after, _) = self.plan.deeds.get(self.done)?;
        Some(self.opened_at?.saturating_add(*after))
    }

    /// One thing happens: a message arrives, or else somebody does something, or else time has passed. In some worlds all
    /// messages that are there arrive before anything is taken out of the machines.
    fn step(&mut self) {
        let mut quiet = true;
        while let Some((channel, message)) = self.network.arrive(self.now) {
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
            Deed::Send(Side::Client, message) => match self.client.send(&message) {
                Ok(()) => self.story.sent_by_client.extend(message.frames()),
                Err(error) => self.story.refused(Side::Client, error),
            },
            Deed::Send(Side::Server, message) => match self.site.send(self.sid.as_ref(), &message) {
                Ok(()) => self.story.sent_by_server.extend(message.frames()),
                Err(error) => self.story.refused(Side::Server, error),
            },
            Deed::BreakRequest => self.story.losses += usize::from(self.network.break_request(self.now)),
            Deed::BreakWebSocket => self.story.losses += usize::from(self.network.break_websocket(self.now)),
            Deed::Close(Closer::Client) => self.client.close(self.now),
            Deed::Close(Closer::Server) => self.site.close(self.now, self.sid.as_ref()),
            Deed::Close(Closer::Nobody) => self.story.losses += self.network.go_dark(self.now),
        }
    }

    fn drain(&mut self) {
        loop {
            let Some(output) = self.client.poll_output() else { break };
            self.story.note(self.now, format_args!("client: {output:?}"));
            match output {
                Output::Transmit(transmit) => {
                    self.story.losses += usize::from(self.network.for_client(self.now, transmit));
                }
                Output::Event(event) => self.note_event(event),
            }
        }
        self.site.drain(self.now, &mut self.network, &mut self.story);
    }

    fn note_event(&mut self, event: Event) {
        match event {
            Event::Opened => {
                self.opened_at = Some(self.now);
                self.sid = self.client.sid().cloned();
            }
            Event::Upgraded => self.story.upgraded = true,
            Event::Message(frame) => self.story.told_to_client.push(frame),
            Event::Closed(reason) => {
                // A session that never opened has nothing to say.
                self.opened_at = self.opened_at.or(Some(self.now));
                self.story.client_ends.push(reason);
            }
            _ => {}
        }
    }
}
