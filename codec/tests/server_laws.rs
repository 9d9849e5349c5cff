//! L1 to L5 and L8, asserted after every step of random lives: each request is answered once, the end is told once, nothing
//! panics, timeouts make progress and early ones do no harm, and what goes out is what the client can read.
//!
//! And L11 for programs that take outputs out rarely or never: nothing is lost in between, doubled or told in another order.

mod cases;
mod common;

use common::dialect::Dialect;
use common::ops::Op;
use common::play::live_in_all_ways;
use proptest::prelude::*;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live_in_all_ways::<ServerSession>(websocket, Dialect::from_byte(dialect), &Op::life(false, &bytes));
    }

    #[test]
    fn a_peer(websocket: bool, dialect: u8, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live_in_all_ways::<Peer<ServerSession>>(websocket, Dialect::from_byte(dialect), &Op::life(joined, &bytes));
    }
}
