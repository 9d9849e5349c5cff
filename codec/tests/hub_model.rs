//! A hub beside a naive model of it, over random sequences of verbs.

use proptest::prelude::*;
use sio_support::{cases, hub_model};

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    //= SRV-ROOM-04
    //= SRV-ROOM-05
    //= SRV-ROOM-06
    #[test]
    fn a_hub_does_what_sets_do(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        //= SRV-BC-04
        //= SRV-ROOM-07
        hub_model::run(&bytes);
    }
}
