//! A Socket.IO server on axum in which all sessions are behind one lock: the shortest one. How is in `server.rs`.
//!
//! ```text
//! cargo run -p sio-codec --features http --example one_lock -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.

#[path = "../application/mod.rs"]
mod application;
mod server;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use application::{fresh_sid, react};
use axum::routing::any;
use axum::serve::ListenerExt as _;
use server::{App, endpoint};
use sio_codec::engineio::server::Config;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    let config = Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200));
    let app = App::start(config)?;
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = axum::Router::new().route("/socket.io/", any(endpoint)).with_state(Arc::clone(&app));
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move {
            // Without signals, it is stopped by force.
            if ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            app.shut_down().await;
        })
        .await?;
    Ok(())
}
