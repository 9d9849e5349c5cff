//! A hub against a naive model of it, over random sequences of verbs; the body of the fuzz target `hub_ops`.
#![allow(clippy::panic, reason = "tests say what they expect by panicking")]

mod cases;
#[path = "fuzz_bodies/hub_ops.rs"]
mod hub_ops;

use proptest::prelude::*;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

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
