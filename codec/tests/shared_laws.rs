//! Tasks that share a server and clients, over random sequences of calls and turns.

use proptest::prelude::*;
use sio_support::{cases, shared_world};

proptest! {
    #![proptest_config(cases::at_least(300))]

    #[test]
    fn nothing_is_lost_and_nobody_is_forgotten(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        shared_world::run(&bytes);
    }
}
