//! The memory of one idle session among many, in bytes of heap: the Engine.IO session, the Socket.IO connection with
//! one namespace, and the hub's member in one room.
//!
//! Fails above twice the target. `--test` uses fewer sessions.

use std::process::ExitCode;

use sio_support::allocator::{self, Counting, held};
use sio_support::crowd::{Crowd, Transport};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

const AIM: usize = 1 << 10;

fn main() -> ExitCode {
    let count: u32 = if std::env::args().any(|arg| arg == "--test") { 1_000 } else { 100_000 };
    let mut worst = 0;
    for transport in [Transport::Polling, Transport::WebSocket] {
        let (crowd, held) = held(|| Crowd::open(count, transport));
        let each = held / crowd.peers.len();
        println!("{count} idle sessions, {transport:?}: {each} bytes each (aim {AIM})");
        worst = worst.max(each);
    }
    if worst <= 2 * AIM { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
