//! Sessions of revision 3: what is not as in revision 4.

mod heartbeat;
mod polling;
mod websocket;

use super::script::{Script, polling_as, websocket_as};
use crate::engineio::Event;

/// On polling, for a client that takes binary payloads.
fn polling() -> Script {
    polling_as("EIO=3&transport=polling")
}

/// On polling, for a client that takes text only.
fn polling_b64() -> Script {
    polling_as("EIO=3&transport=polling&b64=1")
}

fn websocket() -> Script {
    websocket_as("EIO=3&transport=websocket")
}

/// On polling, with a WebSocket, 1, that was probed.
fn probed() -> Script {
    polling().upgrade(1).expect_accept(1).frame(1, "2probe").expect_send(1, "3probe")
}

/// Moved to WebSocket 1.
fn upgraded() -> Script {
    probed().frame(1, "5").expect_event(&Event::Upgraded)
}
