//! The server of socketioxide that `compare.js` loads: the event `message` with a text comes back as `message-back`.
//!
//! It reads the text into a type, which costs it less than a value of any shape.
//!
//! ```text
//! cargo run --release -p sio-benches --features live --example socketioxide_echo
//! ```

use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use socketioxide::SocketIo;
use socketioxide::extract::{Data, SocketRef};
use tokio::net::TcpListener;
use tokio::runtime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let (layer, io) = SocketIo::builder()
        .ping_interval(Duration::from_secs(25))
        .ping_timeout(Duration::from_secs(20))
        .max_payload(1_000_000)
        .build_layer();
    io.ns("/", async |socket: SocketRef| {
        socket.on("message", async |socket: SocketRef, Data(text): Data<String>| {
            if let Err(error) = socket.emit("message-back", &text) {
                eprintln!("an echo is lost: {error}");
            }
        });
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    // The other servers send without waiting for more, too.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, Router::new().layer(layer)).await?;
    Ok(())
}
