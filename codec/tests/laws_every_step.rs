//! L1 to L5 and L8, asserted after every step of random lives: each request is answered once, the end is told once, nothing
//! panics, timeouts make progress and early ones do no harm, and what goes out is what the client can read.

mod common;

use common::dialect::Dialect;
use common::ops::Op;
use common::play::Play;
use common::player::{Clock, Draining};
use common::subject::Subject;
use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fn live<M: Subject>(websocket: bool, dialect: u8, ops: &[Op]) {
    Play::<M>::new(websocket, Dialect::from_byte(dialect), Draining::Always, Clock::AsItIs).whole_life(ops);
}

/// `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(2_000), ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live::<ServerSession>(websocket, dialect, &Op::all_from(&bytes));
    }

    #[test]
    fn a_peer(websocket: bool, dialect: u8, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live::<Peer<ServerSession>>(websocket, dialect, &Op::life(joined, &bytes));
    }
}
