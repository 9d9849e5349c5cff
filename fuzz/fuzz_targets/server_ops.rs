//! Any sequence of inputs, timeouts and verbs against the server's machines: the laws that the property tests check hold.
#![no_main]

#[path = "../../codec/tests/common/mod.rs"]
mod common;

use common::dialect::Dialect;
use common::ops::Op;
use common::play::Play;
use common::player::{Clock, Draining};
use libfuzzer_sys::fuzz_target;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let (websocket, joined, dialect) = (choice & 1 == 0, choice & 2 == 0, Dialect::from_byte(choice >> 3));
    if choice & 4 == 0 {
        Play::<ServerSession>::new(websocket, dialect, Draining::Always, Clock::AsItIs)
            .whole_life(&Op::all_from(bytes));
    } else {
        Play::<Peer<ServerSession>>::new(websocket, dialect, Draining::Always, Clock::AsItIs)
            .whole_life(&Op::life(joined, bytes));
    }
});
