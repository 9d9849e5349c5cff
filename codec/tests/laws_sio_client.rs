//! The laws of a client that connects again, in random lives; the body of the fuzz target `sio_client_ops`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

#[path = "fuzz_bodies/sio_client_ops.rs"]
mod sio_client_ops;

use std::collections::BTreeSet;

use proptest::prelude::*;

/// `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(2_000), ..config }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_life(bytes in prop::collection::vec(any::<u8>(), 0..240)) {
        sio_client_ops::run(&bytes);
    }
}

/// The lives are worth living: every kind of event is met.
#[test]
fn lives_are_various() {
    let mut seen = BTreeSet::new();
    let mut state = 1_u64;
    for _ in 0..600 {
        let bytes: Vec<u8> = std::iter::repeat_with(|| next(&mut state)).take(160).collect();
        let events = sio_client_ops::run(&bytes);
        seen.extend(events.into_iter().map(|event| event.split([' ', '(']).next().unwrap().to_owned()));
    }
    let all = [
        "AckLost",
        "AckTimedOut",
        "Acked",
        "AuthWanted",
        "Closed",
        "Connected",
        "Disconnected",
        "Opened",
        "Received",
        "ReconnectFailed",
        "Reconnected",
        "Reconnecting",
        "Refused",
        "Writable",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
}

fn next(state: &mut u64) -> u8 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 56) as u8
}
