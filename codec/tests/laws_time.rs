//! L6: a clock that jumps back is a clock that stands still.

mod common;

use common::ops::Op;
use common::play::{Clock, Draining, Play};
use common::subject::Subject;
use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fn outputs<M: Subject>(websocket: bool, clock: Clock, ops: &[Op]) -> Vec<String> {
    Play::<M>::new(websocket, Draining::Always, clock).whole_life(ops).outputs
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(1_000), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_session(websocket: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::all_from(&bytes);
        let [raw, clamped] =
            [Clock::AsItIs, Clock::Clamped].map(|clock| outputs::<ServerSession>(websocket, clock, &ops));
        prop_assert_eq!(raw, clamped, "{:?}", ops);
    }

    #[test]
    fn a_peer(websocket: bool, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(joined, &bytes);
        let [raw, clamped] =
            [Clock::AsItIs, Clock::Clamped].map(|clock| outputs::<Peer<ServerSession>>(websocket, clock, &ops));
        prop_assert_eq!(raw, clamped, "{:?}", ops);
    }
}
