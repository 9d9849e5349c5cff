//! L9 to L12: what one session sends the other receives, each message once and in order, over polling, a WebSocket, the
//! upgrade from one to the other, and to the end if that is a graceful one; in bursts as well, over lines that hold little,
//! with limits that are met.

mod world;

use sio_codec::engineio::SendError;
use world::World;
use world::plan::{Closer, Plan};
use world::random::Random;
use world::verdict::judge;

/// How many lives are lived; `WORLDS` asks for more.
const WORLDS: u64 = 10_000;

/// What the lives had in them.
#[derive(Debug, Default)]
struct Census {
    upgraded: usize,
    lossless: usize,
    complete_to_client: usize,
    complete_to_server: usize,
    closed_by_client: usize,
    closed_by_server: usize,
    messages: usize,
    /// In which somebody was refused, and had to wait.
    postponed: usize,
}

//= EIO4-UP-07
#[test]
fn nothing_is_lost_doubled_or_reordered() {
    let worlds = std::env::var("WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(WORLDS);
    let mut census = Census::default();
    for seed in 0..worlds {
        let (plan, story) = World::live(Random::new(seed), false);
        let verdict = judge(&plan, &story).unwrap_or_else(|fault| {
            let (_, story) = World::live(Random::new(seed), true);
            panic!(
                "{fault}\n{plan:#?}\n{}\n{fault}\nto see it again: WORLD={seed} cargo test -p sio-codec --test pair",
                story.script()
            )
        });
        census.upgraded += usize::from(story.upgraded);
        census.lossless += usize::from(verdict.lossless);
        census.complete_to_client += usize::from(verdict.complete_to_client);
        census.complete_to_server += usize::from(verdict.complete_to_server);
        census.closed_by_client += usize::from(verdict.lossless && plan.closer == Closer::Client);
        census.closed_by_server += usize::from(verdict.lossless && plan.closer == Closer::Server);
        census.postponed += usize::from(story.refusals.iter().any(|(_, error)| *error == SendError::QueueFull));
        census.messages += story.told_to_client.len() + story.told_to_server().len();
    }
    // The law would hold in empty worlds as well.
    let many = |count: usize| assert!(count as u64 > worlds / 10, "{census:?}");
    many(census.upgraded);
    many(census.lossless);
    many(census.complete_to_client);
    many(census.complete_to_server);
    many(census.closed_by_client);
    many(census.closed_by_server);
    assert!(census.messages as u64 > worlds * 20, "{census:?}");
    assert!(census.postponed as u64 > worlds / 50, "{census:?}");
}

/// Hours of protocol: heartbeats by the thousand, and what is said in between arrives.
//= EIO4-HB-13
#[test]
fn hours_pass() {
    let (mut beats, mut upgraded) = (0, 0);
    for seed in 0..100 {
        let mut random = Random::new(seed);
        let plan = Plan::draw_hours(&mut random);
        let (plan, story) = World::live_by(plan, random, false);
        let verdict = judge(&plan, &story).unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{plan:#?}"));
        assert!(verdict.complete_to_client && verdict.complete_to_server, "seed {seed}: {plan:#?}");
        upgraded += usize::from(story.upgraded);
        beats += plan.deeds.last().map_or(0, |(close, _)| close.as_secs() / 25);
    }
    assert!(beats > 10_000 && upgraded > 10, "{beats} heartbeats, {upgraded} upgrades");
}

/// The life of one seed, told: `WORLD=7 cargo test -p sio-codec --test pair one_world -- --nocapture`.
#[test]
fn one_world() {
    let seed = std::env::var("WORLD").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (plan, story) = World::live(Random::new(seed), true);
    println!("{plan:#?}\n{}", story.script());
    judge(&plan, &story).unwrap();
}
