//! The laws of a Socket.IO client that connects again, in random lives.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use sio_support::cases;
use sio_support::lives::sio_client;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_client_keeps_the_laws(bytes in prop::collection::vec(any::<u8>(), 0..240)) {
        sio_client::run(&bytes);
    }
}

/// Otherwise the laws would hold because nothing happens.
#[test]
fn random_lives_meet_every_kind_of_event() {
    let mut seen = BTreeSet::new();
    let mut random = cases::bytes();
    for _ in 0..600 {
        let bytes: Vec<u8> = random.by_ref().take(160).collect();
        let events = sio_client::run(&bytes);
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
