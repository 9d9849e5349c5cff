//! A hub against a naive model of it, over random sequences of verbs; the body of the fuzz target `hub_ops`.
#![allow(clippy::panic, reason = "tests say what they expect by panicking")]

#[path = "fuzz_bodies/hub_ops.rs"]
mod hub_ops;

use proptest::prelude::*;

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(2_000), ..config }
}

proptest! {
    #![proptest_config(config())]

    //= SRV-ROOM-04
    //= SRV-ROOM-05
    //= SRV-ROOM-06
    //= SRV-ROOM-07
    //= SRV-BC-04
    #[test]
    fn a_hub_does_what_sets_do(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        hub_ops::run(&bytes);
    }
}
