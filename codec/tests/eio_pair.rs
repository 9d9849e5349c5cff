//! L9 to L12: what one session sends the other receives, each message once and in order, over polling, a WebSocket, the
//! upgrade from one to the other, and to the end if that is a graceful one; in bursts as well, over lines that hold little,
//! with limits that are met.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use sio_support::eio_world::{Closer, Life, Random, lawful};

/// How many lives are lived, unless `WORLDS` says another number.
const WORLDS: u64 = 10_000;

/// What happened in the lives.
#[derive(Debug, Default)]
struct Census {
    upgraded: usize,
    lossless: usize,
    complete_to_client: usize,
    complete_to_server: usize,
    closed_by_client: usize,
    closed_by_server: usize,
    messages: usize,
    /// Lives in which a side could not send at first, because its queue was full.
    postponed: usize,
}

//= EIO4-UP-07
#[test]
fn nothing_is_lost_doubled_or_reordered() {
    let worlds = std::env::var("WORLDS").ok().and_then(|worlds| worlds.parse().ok()).unwrap_or(WORLDS);
    let mut census = Census::default();
    for seed in 0..worlds {
        let (Life { plan, story, .. }, verdict) = lawful(&Random::new(seed)).unwrap_or_else(|told| {
            panic!("{told}\nto see it again: WORLD={seed} cargo test -p sio-codec --test eio_pair")
        });
        census.upgraded += usize::from(story.upgraded);
        census.lossless += usize::from(verdict.lossless);
        census.complete_to_client += usize::from(verdict.complete_to_client);
        census.complete_to_server += usize::from(verdict.complete_to_server);
        census.closed_by_client += usize::from(verdict.lossless && plan.closer == Closer::Client);
        census.closed_by_server += usize::from(verdict.lossless && plan.closer == Closer::Server);
        census.postponed += usize::from(story.postponed());
        census.messages += story.messages();
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
fn a_session_lasts_for_hours() {
    let (mut beats, mut upgraded) = (0, 0);
    for seed in 0..100 {
        let Life { plan, story, verdict } = Life::live_for_hours(Random::new(seed));
        let verdict = verdict.unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{plan:#?}"));
        assert!(verdict.complete_to_client && verdict.complete_to_server, "seed {seed}: {plan:#?}");
        upgraded += usize::from(story.upgraded);
        beats += plan.duration().as_secs() / 25;
    }
    assert!(beats > 10_000 && upgraded > 10, "{beats} heartbeats, {upgraded} upgrades");
}

/// The life of one seed, step by step: `WORLD=7 cargo test -p sio-codec --test eio_pair one_world -- --nocapture`.
#[test]
fn one_world_keeps_the_laws() {
    let seed = std::env::var("WORLD").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let Life { plan, story, verdict } = Life::told(Random::new(seed));
    println!("{plan:#?}\n{}", story.script());
    verdict.unwrap();
}
