//! The laws of a client that connects again, in random lives; the body of the fuzz target `sio_client_ops`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod cases;
#[path = "fuzz_bodies/sio_client_ops.rs"]
mod sio_client_ops;

use std::collections::BTreeSet;

use proptest::prelude::*;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_life(bytes in prop::collection::vec(any::<u8>(), 0..240)) {
        sio_client_ops::run(&bytes);
    }
}

/// The lives are worth living: every kind of event is met.
#[test]
fn lives_are_various() {
    let mut seen = BTreeSet::new();
    let mut random = cases::bytes();
    for _ in 0..600 {
        let bytes: Vec<u8> = random.by_ref().take(160).collect();
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
