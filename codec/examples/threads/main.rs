//! A Socket.IO server without a runtime: a thread for each connection, a second one for each WebSocket, and one for the clock.
//! How is in `server.rs`, what it needs of HTTP in `http1.rs`, and of a runtime in `wait.rs`.
//!
//! ```text
//! cargo run -p sio-codec --features http --example threads -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.

#[path = "../application/mod.rs"]
mod application;
mod http1;
mod server;
mod wait;

use std::error::Error;
use std::time::Duration;

use application::{fresh_sid, react};
use sio_codec::engineio::server::Config;

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    server::serve(&address, Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200)))
}
