//! L1 to L5 and L8, asserted after every step of random lives: each request is answered once, the end is told once, nothing
//! panics, timeouts make progress and early ones do no harm, and what goes out is what the client can read.
//!
//! And L11 for programs that take outputs out rarely or never: nothing is lost in between, doubled or told in another order.

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

fn live<M: Subject>(websocket: bool, dialect: u8, ops: &[Op], lazily: &[Draining]) {
    let live =
        |draining| Play::<M>::new(websocket, Dialect::from_byte(dialect), draining, Clock::AsItIs).whole_life(ops);
    let life = live(Draining::Always);
    for draining in lazily {
        live(*draining).agrees_with(&life);
    }
}

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    #[test]
    fn a_session(websocket: bool, dialect: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let lazily = [Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7)];
        live::<ServerSession>(websocket, dialect, &Op::life(false, &bytes), &lazily);
    }

    #[test]
    fn a_peer(websocket: bool, dialect: u8, joined: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        live::<Peer<ServerSession>>(websocket, dialect, &Op::life(joined, &bytes), &[Draining::Heedless]);
    }
}
