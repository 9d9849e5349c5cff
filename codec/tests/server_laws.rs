//! The laws of a server's machines, in random lives: an Engine.IO session, and a session with Socket.IO on it.

use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;
use sio_support::cases;
use sio_support::lives::server::{
    Start, a_clock_that_jumps_back_stands_still, batching_changes_no_event, laws_hold_at_every_step,
};

fn session() -> impl Strategy<Value = Start> {
    any::<(bool, u8)>().prop_map(|(websocket, dialect)| Start { websocket, joined: false, dialect })
}

fn peer() -> impl Strategy<Value = Start> {
    any::<(bool, bool, u8)>().prop_map(|(websocket, joined, dialect)| Start { websocket, joined, dialect })
}

/// Four bytes make an operation, or a few that make sense together.
fn operations() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_session_keeps_the_laws_at_every_step(start in session(), bytes in operations()) {
        laws_hold_at_every_step::<ServerSession>(start, &bytes);
    }

    #[test]
    fn a_peer_keeps_the_laws_at_every_step(start in peer(), bytes in operations()) {
        laws_hold_at_every_step::<Peer<ServerSession>>(start, &bytes);
    }

    #[test]
    fn a_session_reports_the_same_events_when_inputs_are_batched(start in session(), bytes in operations()) {
        batching_changes_no_event::<ServerSession>(start, &bytes);
    }

    #[test]
    fn a_peer_reports_the_same_events_when_inputs_are_batched(start in peer(), bytes in operations()) {
        batching_changes_no_event::<Peer<ServerSession>>(start, &bytes);
    }
}

proptest! {
    #![proptest_config(cases::at_least(1_000))]

    #[test]
    fn a_session_takes_a_clock_that_jumps_back_for_one_that_stands_still(start in session(), bytes in operations()) {
        a_clock_that_jumps_back_stands_still::<ServerSession>(start, &bytes);
    }

    #[test]
    fn a_peer_takes_a_clock_that_jumps_back_for_one_that_stands_still(start in peer(), bytes in operations()) {
        a_clock_that_jumps_back_stands_still::<Peer<ServerSession>>(start, &bytes);
    }
}
