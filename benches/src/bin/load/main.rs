//! Loads a server that echoes the event `message` as `message-back`, for a bounded time, and prints as JSON what that cost.
//!
//! ```text
//! load URL PID TRANSPORT CONNECTIONS BYTES IN_FLIGHT
//! ```
//!
//! Each connection keeps IN_FLIGHT messages with a text of BYTES on the way. TRANSPORT is `websocket` or `polling`, or `idle` for
//! WebSockets that say nothing. PID is the server's process, whose processor time and memory are read, so Linux only.

use std::cell::Cell;
use std::env;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::task::LocalSet;
use tokio::time::sleep;

mod polling;
mod process;
mod websocket;

use self::process::Process;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// For connections to reach the pace that they keep, and for a server to compile what it runs. Of its processor time.
const WARM_UP: Duration = Duration::from_secs(1);
/// What is measured. Of the server's processor time, too.
const WINDOW: Duration = Duration::from_millis(500);
/// Both end after this time at the latest: a server that has little to do takes little of its processor.
const BOUND: Duration = Duration::from_secs(2);
/// For buffers of a handshake to be given back.
const IDLE: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [url, pid, transport, connections, bytes, in_flight] = &args[..] else {
        return Err("load URL PID TRANSPORT CONNECTIONS BYTES IN_FLIGHT".into());
    };
    let load = Load {
        server: url.trim_start_matches("http://").to_owned(),
        text: format!(r#"42["message","{}"]"#, "x".repeat(bytes.parse()?)),
        in_flight: in_flight.parse()?,
        echoes: Rc::default(),
    };
    let (process, connections) = (Process::new(pid.parse()?), connections.parse()?);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match transport.as_str() {
            "idle" => idle(&load, connections, &process).await,
            "polling" => {
                let mut clients = Vec::new();
                for _ in 0..connections {
                    clients.push(polling::Client::open(&load.server).await?);
                }
                for client in clients {
                    let load = load.clone();
                    tokio::task::spawn_local(async move { ended(client.run(&load).await) });
                }
                measure(&load, &process).await
            }
            "websocket" => {
                for socket in open(&load, connections).await? {
                    let load = load.clone();
                    tokio::task::spawn_local(async move { ended(websocket::run(socket, &load).await) });
                }
                measure(&load, &process).await
            }
            other => Err(format!("no transport {other}").into()),
        }
    })
}

/// What every connection does.
#[derive(Clone, Debug)]
struct Load {
    /// Host and port.
    server: String,
    /// The packet that is sent.
    text: String,
    in_flight: usize,
    /// How many came back, in all.
    echoes: Rc<Cell<u64>>,
}

impl Load {
    /// Counts a packet if it is an echo.
    fn is_echo(&self, packet: &str) -> bool {
        let is_echo = packet.starts_with(r#"42["message-back""#);
        self.echoes.set(self.echoes.get() + u64::from(is_echo));
        is_echo
    }
}

async fn open(load: &Load, connections: usize) -> Result<Vec<websocket::Socket>> {
    let mut sockets = Vec::with_capacity(connections);
    for _ in 0..connections {
        sockets.push(websocket::open(&load.server).await?);
    }
    Ok(sockets)
}

async fn measure(load: &Load, process: &Process) -> Result<()> {
    spend(process, WARM_UP).await?;
    let (start, echoes) = (Instant::now(), load.echoes.get());
    let cpu = spend(process, WINDOW).await?;
    let (messages, seconds) = (load.echoes.get() - echoes, start.elapsed().as_secs_f64());
    println!(r#"{{"messages":{messages},"seconds":{seconds},"cpu":{}}}"#, cpu.as_secs_f64());
    Ok(())
}

/// Waits until the server has taken so much of its processor; returns how much it has.
async fn spend(process: &Process, enough: Duration) -> Result<Duration> {
    let (start, before) = (Instant::now(), process.cpu_time()?);
    loop {
        sleep(Duration::from_millis(5)).await;
        let spent = process.cpu_time()?.saturating_sub(before);
        if spent >= enough || start.elapsed() >= BOUND {
            return Ok(spent);
        }
    }
}

async fn idle(load: &Load, connections: usize, process: &Process) -> Result<()> {
    // What the first ones leave behind, later ones use.
    drop(open(load, 20).await?);
    sleep(IDLE).await;
    let before = process.memory()?;
    let sockets = open(load, connections).await?;
    sleep(IDLE).await;
    println!(r#"{{"connections":{},"bytes":{}}}"#, sockets.len(), process.memory()?.saturating_sub(before));
    Ok(())
}

/// A measurement without one of its connections is none.
fn ended(result: Result<()>) {
    let reason = result.err().map_or_else(|| "the server closed a connection".into(), |error| error.to_string());
    eprintln!("load: {reason}");
    std::process::exit(1);
}
