//! Random lives of a server's machines: an Engine.IO session, and a session with Socket.IO on it.
//!
//! Operations name packets in the notation of revision 4; the `Dialect` of the life writes them.

mod dialect;
mod laws;
mod ops;
mod play;
mod subject;

use dialect::Dialect;
use ops::Op;
use play::Play;
use subject::Subject;

use crate::lives::player::{Clock, Draining};

/// How a life begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Whether the session opens on a WebSocket instead of a GET.
    pub websocket: bool,
    /// Whether the client joins the namespaces `/` and `/a` first.
    pub joined: bool,
    /// Chooses the client's revision and what it requests in its handshake.
    pub dialect: u8,
}

impl Start {
    /// The operations that these bytes describe.
    fn ops(self, bytes: &[u8]) -> Vec<Op> {
        Op::life(self.joined, bytes)
    }

    fn play<M: Subject>(self, draining: Draining, clock: Clock) -> Play<M> {
        Play::new(self.websocket, Dialect::from_byte(self.dialect), draining, clock)
    }
}

/// Checks L1 to L5 and L8 after every step of a life, and L11 by programs that take outputs rarely or never.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn laws_hold_at_every_step<M: Subject>(start: Start, bytes: &[u8]) {
    let ops = start.ops(bytes);
    let live = |draining| start.play::<M>(draining, Clock::AsItIs).whole_life(&ops);
    let life = live(Draining::Always);
    for draining in M::LAZILY {
        live(*draining).agrees_with(&life);
    }
    for draining in M::OTHERWISE {
        live(*draining);
    }
}

/// Checks L7: inputs that follow each other directly cause the same events as one by one, in the same order.
///
/// # Panics
///
/// Panics if the law is broken.
pub fn batching_changes_no_event<M: Subject>(start: Start, bytes: &[u8]) {
    let ops = start.ops(bytes);
    let [apart, together] = [Draining::Always, Draining::Batched]
        .map(|draining| start.play::<M>(draining, Clock::AsItIs).whole_life(&ops).news());
    assert_eq!(apart, together, "L7: {ops:?}");
}

/// Checks L6: a clock that jumps back is like a clock that stands still.
///
/// # Panics
///
/// Panics if the law is broken.
pub fn a_clock_that_jumps_back_stands_still<M: Subject>(start: Start, bytes: &[u8]) {
    let ops = start.ops(bytes);
    let [raw, clamped] =
        [Clock::AsItIs, Clock::Clamped].map(|clock| start.play::<M>(Draining::Always, clock).whole_life(&ops).outputs);
    assert_eq!(raw, clamped, "L6: {ops:?}");
}
