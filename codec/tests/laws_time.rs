//! L6: a clock that jumps back is a clock that stands still.

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

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(1_000), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::all_from(&bytes);
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
