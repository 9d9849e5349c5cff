//! Any sequence of inputs, timeouts and verbs against the server's machines: the laws that the property tests check hold.
#![no_main]

#[path = "../../codec/tests/common/mod.rs"]
mod common;

use common::dialect::Dialect;
use common::ops::Op;
use common::play::live_in_all_ways;
use libfuzzer_sys::fuzz_target;
use sio_codec::engineio::server::ServerSession;
use sio_codec::socketio::Peer;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let (websocket, joined, dialect) = (choice & 1 == 0, choice & 2 == 0, Dialect::from_byte(choice >> 3));
    if choice & 4 == 0 {
        live_in_all_ways::<ServerSession>(websocket, dialect, &Op::life(false, bytes));
    } else {
        live_in_all_ways::<Peer<ServerSession>>(websocket, dialect, &Op::life(joined, bytes));
    }
});
