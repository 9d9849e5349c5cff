//! One server of a cluster: sessions on axum, and a node that speaks with the other servers through Redis. The others may be of
//! the same program, or of Node.js with one of Socket.IO's adapters for Redis.
//!
//! ```text
//! cargo run -p sio-codec --features http,cluster --example cluster -- \
//!     --redis redis://127.0.0.1:6379 --adapter classic --name one --port 0
//! ```
//!
//! ```text
//!  clients ◀──▶ serving ◀──▶ Visitor ── join, broadcast, fetch ──▶ ┌────────────┐ commands  ┌───────┐
//!                               ▲                                  │ House      │──────────▶│ redis │◀──▶ others
//!                               └────── Letter, one for each ───── │  Node      │◀──────────│       │
//!                                       member of a broadcast      └────────────┘ inputs    └───────┘
//! ```
//!
//! With `--adapter streams --recovery`, a client that lost its connection finds its place on any of them, also when its own was
//! ended with SIGTERM.
//!
//! What its clients tell it to do with the cluster, in the event `cluster`, is in `operation.rs`.

mod command;
mod house;
mod operation;
mod redis;
#[path = "../serving/mod.rs"]
mod serving;
#[path = "../application/sid.rs"]
mod sid;
mod visitor;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use sio_codec::cluster::node::Adapter;
use sio_codec::cluster::{classic, sharded, streams};
use sio_codec::engineio::server::Config;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use self::house::House;
use self::serving::{App, endpoint};
use self::sid::fresh_sid;
use self::visitor::Door;

const USAGE: &str =
    "usage: cluster --redis URL --adapter classic|sharded|streams --name NAME [--port PORT] [--recovery, with streams]";

/// How long a client may be away, as in the reference.
const MAX_DISCONNECTION: Duration = Duration::from_secs(120);
/// How long Redis may take at the end.
const PATIENCE: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { redis: url, adapter, name, port } = Arguments::read()?;
    let client = redis::client(&url)?;
    let (sender, commands) = mpsc::unbounded_channel();
    let house = Arc::new(House::new(adapter, name, sender));
    let speaking = tokio::spawn(redis::run(client, Arc::clone(&house), commands));
    tokio::spawn(house::tick(Arc::clone(&house)));

    let app = App::new(Config::default(), Door(Arc::clone(&house)))?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = axum::Router::new().route("/socket.io/", axum::routing::any(endpoint::<Door>)).with_state(app);
    let mut end = signal(SignalKind::terminate())?;
    tokio::select! {
        result = axum::serve(listener, routes) => Ok(result?),
        // Redis forgets what this server listened to, and its clients come back to another one.
        _ = end.recv() => {
            house.close();
            let _ = tokio::time::timeout(PATIENCE, speaking).await;
            Ok(())
        }
    }
}

struct Arguments {
    redis: String,
    adapter: Adapter,
    name: String,
    port: u16,
}

impl Arguments {
    fn read() -> Result<Self, Box<dyn Error>> {
        let (mut redis, mut adapter, mut name, mut port, mut recovers) = (None, None, None, 0, false);
        let mut words = std::env::args().skip(1);
        while let Some(option) = words.next() {
            if option == "--recovery" {
                recovers = true;
                continue;
            }
            let value = words.next().ok_or(USAGE)?;
            match option.as_str() {
                "--redis" => redis = Some(value),
                "--adapter" => adapter = Some(adapter_of(&value).ok_or(USAGE)?),
                "--name" => name = Some(value),
                "--port" => port = value.parse()?,
                _ => return Err(USAGE.into()),
            }
        }
        let adapter = match (adapter, recovers) {
            (Some(Adapter::Streams(config)), true) => Adapter::Streams(config.with_recovery(MAX_DISCONNECTION)),
            (Some(adapter), false) => adapter,
            _ => return Err(USAGE.into()),
        };
        Ok(Self { redis: redis.ok_or(USAGE)?, adapter, name: name.ok_or(USAGE)?, port })
    }
}

fn adapter_of(word: &str) -> Option<Adapter> {
    match word {
        "classic" => Some(Adapter::Classic(classic::Config::default())),
        "sharded" => Some(Adapter::Sharded(sharded::Config::default())),
        "streams" => Some(Adapter::Streams(streams::Config::default())),
        _ => None,
    }
}
