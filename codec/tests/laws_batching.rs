//! L7: inputs that are fed back to back cause the events that they cause one by one, in the same order.

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

fn events<M: Subject>(websocket: bool, dialect: u8, draining: Draining, ops: &[Op]) -> Vec<String> {
    Play::<M>::new(websocket, Dialect::from_byte(dialect), draining, Clock::AsItIs).whole_life(ops).news()
}

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(false, &bytes);
        let [apart, together] =
            [Draining::Always, Draining::Batched].map(|draining| events::<ServerSession>(websocket, dialect, draining, &ops));
        prop_assert_eq!(apart, together, "{:?}", ops);
    }

    #[test]
    fn a_peer(websocket: bool, dialect: u8, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(joined, &bytes);
        let [apart, together] = [Draining::Always, Draining::Batched]
            .map(|draining| events::<Peer<ServerSession>>(websocket, dialect, draining, &ops));
        prop_assert_eq!(apart, together, "{:?}", ops);
    }
}
