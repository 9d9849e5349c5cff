//! Plans of lives.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Limits;
use sio_codec::engineio::{BinaryForm, Encoded, Revision, client, server};

use super::Deed;
use super::network::Side;
use super::random::Random;
use super::site::Echo;

/// The plan of one life.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) client: client::Config,
    pub(crate) server: server::Config,
    /// The longest time that a message takes.
    pub(crate) slowest: Duration,
    /// What is done, in order, with the time since the session opened.
    pub(super) deeds: Vec<(Duration, Deed)>,
    /// The side that ends the session.
    pub closer: Closer,
    pub(super) echo: Echo,
    /// Messages that arrive at one moment are passed to the machines before any output is taken.
    pub(crate) batched: bool,
}

/// The side that ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closer {
    /// The client closes.
    Client,
    /// The server closes.
    Server,
    /// Neither side: the network goes down.
    Nobody,
}

impl Plan {
    /// How long after its opening the session is closed, unless a later deed is planned.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.deeds.last().map_or(Duration::ZERO, |(after, _)| *after)
    }

    pub(crate) fn draw(random: &mut Random) -> Self {
        let span = random.pick(&[1_u64, 50, 400, 2_500]);
        let mut deeds = Self::deeds(random, span);
        if random.one_in(4) {
            deeds.push((millis(random, span), Deed::BreakWebSocket));
        }
        if random.one_in(12) {
            deeds.push((millis(random, span), Deed::BreakRequest));
        }
        let closer = random.pick(&[Closer::Client, Closer::Server, Closer::Client, Closer::Server, Closer::Nobody]);
        let close = if random.one_in(3) { millis(random, span) } else { Duration::from_millis(span) };
        Self::with(random, deeds, close, closer)
    }

    /// A session of several hours with few messages, over a network without losses.
    pub(crate) fn draw_hours(random: &mut Random) -> Self {
        let span = (1 + random.below(8)) * 3_600_000;
        let deeds = Self::deeds(random, span);
        let mut plan = Self::with(random, deeds, Duration::from_millis(span), Closer::Client);
        plan.server = plan.server.with_heartbeat(Duration::from_secs(25), Duration::from_secs(20));
        plan
    }

    fn with(random: &mut Random, mut deeds: Vec<(Duration, Deed)>, close: Duration, closer: Closer) -> Self {
        deeds.push((close, Deed::Close(closer)));
        // The sort is stable, so messages keep their order.
        deeds.sort_by_key(|(after, _)| *after);
        let slowest = Duration::from_millis(random.pick(&[0, 1, 5, 20, 60]));
        let (client, server) = (client(random), server(random));
        let echo = random.pick(&[Echo::Nothing, Echo::Nothing, Echo::Everything]);
        Self { client, server, slowest, deeds, closer, echo, batched: random.one_in(3) }
    }

    /// The deeds of the two sides.
    fn deeds(random: &mut Random, span: u64) -> Vec<(Duration, Deed)> {
        let mut deeds = Vec::new();
        for side in [Side::Client, Side::Server] {
            let mut messages = Messages { side, next: 0 };
            for _ in 0..random.below(9) {
                deeds.push((millis(random, span), Deed::Send(side, messages.draw(random))));
            }
            // Some sides send many messages at once.
            if random.one_in(6) {
                let burst = (0..20 + random.below(180)).map(|_| messages.draw(random)).collect();
                deeds.push((millis(random, span), Deed::Burst(side, burst)));
            }
            // Some sides send at the moment when the session opens.
            if random.one_in(3) {
                deeds.push((Duration::ZERO, Deed::Send(side, messages.draw(random))));
            }
        }
        deeds
    }
}

fn millis(random: &mut Random, span: u64) -> Duration {
    Duration::from_micros(random.below(span * 1_000))
}

fn client(random: &mut Random) -> client::Config {
    use client::Transports;
    let transports = [
        Transports::PollingThenUpgrade,
        Transports::PollingThenUpgrade,
        Transports::PollingThenUpgrade,
        Transports::PollingOnly,
        Transports::WebSocketOnly,
        Transports::WebSocketThenPolling,
    ];
    client::Config::default()
        .with_revision(random.pick(&[Revision::V4, Revision::V4, Revision::V3]))
        .with_transports(random.pick(&transports))
        .with_binary(random.pick(&[BinaryForm::Native, BinaryForm::Native, BinaryForm::Base64]))
        .with_connect_timeout(Duration::from_secs(3))
        .with_close_timeout(Duration::from_secs(30))
        .with_limits(Limits::default().with_max_payload(16 << 20).with_max_queued_bytes(most_queued(random)))
}

/// Half of this is for messages of the application: room for a dozen messages, or for all.
fn most_queued(random: &mut Random) -> usize {
    random.pick(&[4_000, 20_000, 4 << 20])
}

fn server(random: &mut Random) -> server::Config {
    use server::Transports;
    // The last one is a client that tries a WebSocket first.
    let transports = [Transports::Both, Transports::Both, Transports::Both, Transports::BothWithoutUpgrade];
    server::Config::default()
        .with_transports(random.pick(&transports))
        .with_heartbeat(Duration::from_millis(random.pick(&[300, 1_000, 25_000])), Duration::from_millis(1_500))
        .with_upgrade_timeout(Duration::from_millis(random.pick(&[30, 2_000])))
        .with_close_timeout(Duration::from_secs(30))
        .with_allow_eio3(true)
        .with_limits(
            Limits::default()
                .with_max_payload(random.pick(&[60, 300, 100_000]))
                .with_max_queued_bytes(most_queued(random)),
        )
}

/// The messages of one side, which are all different.
struct Messages {
    side: Side,
    next: u64,
}

impl Messages {
    fn draw(&mut self, random: &mut Random) -> Encoded {
        self.next += 1;
        let name = format!("{}{}", if self.side == Side::Client { "c" } else { "s" }, self.next);
        match random.below(6) {
            0 => Encoded::binary(Bytes::from(name)),
            1 => Encoded::text(&format!("{name} {}", "é€😀".repeat(random.below(4) as usize))),
            2 => Encoded::text(&format!("{name} {}", "x".repeat(random.below(30) as usize))),
            _ => Encoded::text(&name),
        }
    }
}
