//! A table of sessions beside a naive one, over random sequences of calls.

use proptest::prelude::*;
use sio_support::{cases, sessions_model};

proptest! {
    #![proptest_config(cases::at_least(500))]

    #[test]
    fn a_table_does_what_a_driver_for_each_session_does(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        sessions_model::run(&bytes);
    }
}
