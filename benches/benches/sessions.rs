//! What one of many idle sessions costs, in bytes of heap: the Engine.IO session, the Socket.IO connection with one
//! namespace, and the hub's member in one room.
//!
//! Fails above twice the aim. With `--test` there are fewer of them.

#[path = "../../codec/tests/crowd/mod.rs"]
mod crowd;

use std::alloc::System;
use std::process::ExitCode;

use crowd::{Crowd, Transport};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const AIM: usize = 1 << 10;

fn main() -> ExitCode {
    let count: u32 = if std::env::args().any(|arg| arg == "--test") { 1_000 } else { 100_000 };
    let mut worst = 0;
    for transport in [Transport::Polling, Transport::WebSocket] {
        let region = Region::new(ALLOCATOR);
        let crowd = Crowd::open(count, transport);
        let change = region.change();
        let each = change.bytes_allocated.saturating_sub(change.bytes_deallocated) / crowd.peers.len();
        println!("{count} idle sessions, {transport:?}: {each} bytes each (aim {AIM})");
        worst = worst.max(each);
    }
    if worst <= 2 * AIM { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
