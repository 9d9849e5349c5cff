//! L1 to L5, asserted after every step of random lives: each request is answered once, the end is told once, nothing
//! panics, timeouts make progress and early ones do no harm.

mod common;

use common::ops::Op;
use common::play::{Clock, Draining, Play};
use common::subject::{Old, Subject};
use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fn live<M: Subject>(websocket: bool, ops: &[Op]) {
    Play::<M>::new(websocket, Draining::Always, Clock::AsItIs).whole_life(ops);
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(2_000), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_session(websocket: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live::<ServerSession>(websocket, &Op::all_from(&bytes));
    }

    #[test]
    fn a_peer(websocket: bool, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live::<Peer<ServerSession>>(websocket, &Op::life(joined, &bytes));
    }

    #[test]
    fn a_peer_of_protocol_4(websocket: bool, hybrid: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(true, &bytes);
        if hybrid {
            live::<Old<true>>(websocket, &ops);
        } else {
            live::<Old<false>>(websocket, &ops);
        }
    }
}
