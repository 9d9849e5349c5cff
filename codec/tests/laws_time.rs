//! L6: a clock that jumps back is a clock that stands still.

mod cases;
mod common;

use common::dialect::Dialect;
use common::ops::Op;
use common::play::Play;
use common::player::{Clock, Draining};
use common::subject::Subject;
use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fn outputs<M: Subject>(websocket: bool, dialect: u8, clock: Clock, ops: &[Op]) -> Vec<String> {
    Play::<M>::new(websocket, Dialect::from_byte(dialect), Draining::Always, clock).whole_life(ops).outputs
}

proptest! {
    #![proptest_config(cases::at_least(1_000))]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(false, &bytes);
        let [raw, clamped] =
            [Clock::AsItIs, Clock::Clamped].map(|clock| outputs::<ServerSession>(websocket, dialect, clock, &ops));
        prop_assert_eq!(raw, clamped, "{:?}", ops);
    }

    #[test]
    fn a_peer(websocket: bool, dialect: u8, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(joined, &bytes);
        let [raw, clamped] =
            [Clock::AsItIs, Clock::Clamped].map(|clock| outputs::<Peer<ServerSession>>(websocket, dialect, clock, &ops));
        prop_assert_eq!(raw, clamped, "{:?}", ops);
    }
}
