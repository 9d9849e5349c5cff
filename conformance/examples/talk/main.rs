//! Our clients on real sockets: connects to a server in every possible way and checks what comes back.
//!
//! ```text
//!   engine.rs  ──▶ Embedding<ClientSession> ──▶ http.rs, socket.rs ──▶ the server
//!   sockets.rs ──▶ Embedding<Client> ─────────▶    "         "
//! ```
//!
//! The server is expected to echo every message of Engine.IO; or, with `--socketio`, to run the application that
//! `fixtures/reference/check-servers.js` gives it. Its ping interval should be below a second.
//!
//! Usage: `cargo run -p siospec --example talk -- URL [--path PATH] [--eio 3|4] [--socketio]
//! [--without-websocket]`. One line per check; the exit code is 0 if all passed, 1 if one failed, 2 for bad usage.

mod checks;
mod embedding;
mod engine;
mod http;
mod socket;
mod sockets;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use sio_codec::engineio::Revision;

use checks::Way;
use embedding::Target;

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects to a server in every possible way and checks what comes back.
#[derive(Parser)]
struct Arguments {
    /// The URL of the server: http://host:port.
    url: String,
    /// The path of Engine.IO or Socket.IO on the server.
    #[arg(long, default_value = "/engine.io/")]
    path: String,
    /// The Engine.IO revision.
    #[arg(long, default_value = "4", value_parser = revision)]
    eio: Revision,
    /// Expect the Socket.IO application of `check-servers.js`, not the Engine.IO echo.
    #[arg(long)]
    socketio: bool,
    /// The server has no WebSockets.
    #[arg(long)]
    without_websocket: bool,
}

fn revision(text: &str) -> Result<Revision, &'static str> {
    Revision::from_query(text).ok_or("it is neither 3 nor 4")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(target) = Target::new(&arguments.url, &arguments.path) else {
        eprintln!("talk: {} is not of the form http://host:port", arguments.url);
        return ExitCode::from(2);
    };
    let mut failures = 0;
    for (title, check) in checks::all(arguments.socketio, arguments.without_websocket) {
        let way = Way { target: target.clone(), revision: arguments.eio };
        let since = Instant::now();
        let verdict = tokio::time::timeout(PATIENCE, check(way)).await;
        match verdict.unwrap_or_else(|_| Err(format!("it takes more than {} s", PATIENCE.as_secs()))) {
            Ok(()) => println!("ok    {title} ({} ms)", since.elapsed().as_millis()),
            Err(reason) => {
                println!("FAIL  {title}: {reason}");
                failures += 1;
            }
        }
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
