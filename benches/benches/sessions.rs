//! The memory of one idle session among many, in bytes of heap: the Engine.IO session, the Socket.IO connection with
//! one namespace, and the hub's member in one room, after its first heartbeat. And that of one more room for a member.
//!
//! Fails above twice the target, or if a session among many takes a quarter more than among a few. `--test` uses fewer sessions.

use std::process::ExitCode;

use sio_codec::Machine as _;
use sio_codec::socketio::Namespace;
use sio_codec::socketio::hub::Target;
use sio_support::allocator::{self, Counting, held};
use sio_support::crowd::{Crowd, Transport};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

const AIM: usize = 1 << 10;
/// Rooms that every member joins; they are shared by all.
const ROOMS: usize = 10;

fn main() -> ExitCode {
    let counts: &[u32] = if std::env::args().any(|arg| arg == "--test") { &[1_000] } else { &[1_000, 10_000, 100_000] };
    let mut holds = true;
    for transport in [Transport::Polling, Transport::WebSocket] {
        let mut few = None;
        for count in counts {
            let (mut crowd, held) = held(|| Crowd::open(*count, transport).after_a_heartbeat());
            let each = held / crowd.peers.len();
            println!("{count} idle sessions, {transport:?}: {each} bytes each (aim {AIM})");
            holds &= each <= 2 * AIM && each * 4 <= *few.get_or_insert(each) * 5;
            println!("{count} members in one more room, {transport:?}: {} bytes each", membership(&mut crowd));
        }
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What it takes that a member is in one more room.
fn membership(crowd: &mut Crowd) -> usize {
    let everyone = Target::everyone(&Namespace::root());
    let (refused, held) = held(|| {
        let names = (0..ROOMS).map(|number| format!("room {number}"));
        let refused: usize = names.map(|room| crowd.hub.join_all(&everyone, room)).sum();
        while crowd.hub.poll_output().is_some() {}
        refused
    });
    assert_eq!(refused, 0, "few rooms");
    held / (ROOMS * crowd.peers.len())
}
