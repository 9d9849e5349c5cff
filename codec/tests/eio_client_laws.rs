//! The laws of a client's Engine.IO session, in random lives.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sio_support::cases;
use sio_support::lives::eio_client;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_session_keeps_the_laws(kind: u8, opened: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        eio_client::run(kind, opened, &bytes);
    }
}

/// Otherwise the laws would hold because nothing happens.
#[test]
fn random_lives_meet_all_kinds_of_ends() {
    let mut seen = BTreeSet::new();
    let mut random = cases::bytes();
    for kind in 0..=255 {
        for opened in [true, false] {
            let bytes: Vec<u8> = random.by_ref().take(120).collect();
            let outputs = eio_client::run(kind, opened, &bytes);
            seen.extend(outputs.into_iter().map(|output| output.chars().take(20).collect::<String>()));
        }
    }
    for kind in
        ["Opened", "Upgraded", "Writable", "Cancel", "WsClose", "Closed(ForcedClose", "Closed(Ping", "Closed(Connect"]
    {
        assert!(seen.iter().any(|output| output.starts_with(kind)), "{kind} is not among {seen:?}");
    }
}
