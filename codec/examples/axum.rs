//! A Socket.IO server on axum: one task owns each session, and everything else sends it calls. How is in `serving/mod.rs`.
//!
//! ```text
//! cargo run -p sio-codec --features http --example axum -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.

mod application;
mod serving;

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::time::Duration;

use application::{fresh_sid, react};
use axum::serve::ListenerExt as _;
use serving::{App, Guest, Host, endpoint};
use sio_codec::Timestamp;
use sio_codec::engineio::server::Config;
use sio_codec::socketio::{Connection, EmitError, Event};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    let heartbeat = [300, 200].map(Duration::from_millis);
    let app = App::new(Config::default().with_heartbeat(heartbeat[0], heartbeat[1]), Suite)?;
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = axum::Router::new().route("/socket.io/", axum::routing::any(endpoint::<Suite>)).with_state(app);
    Ok(axum::serve(listener, routes).await?)
}

/// The application of the test suite, in which every session is alone.
struct Suite;

impl Host for Suite {
    type Guest = Self;

    fn admit(&self) -> Result<Self, &'static str> {
        Ok(Self)
    }
}

impl Guest for Suite {
    type Letter = Infallible;

    fn react(&mut self, _now: Timestamp, io: &mut Connection, event: Event) -> Result<(), EmitError> {
        react(io, event)
    }

    async fn letter(&mut self) -> Infallible {
        pending().await
    }

    fn read(&mut self, _now: Timestamp, _io: &mut Connection, letter: Infallible) -> Result<(), EmitError> {
        match letter {}
    }
}
