//! Random lives of a client's Engine.IO session.
//!
//! ```text
//! bytes ──Op::life──▶ [Op] ──Life──▶ [Step] ──▶ session ──▶ outputs ──▶ Laws (checked after every step)
//! ```
//!
//! A client numbers its requests itself, so an `Op` refers to the requests that are in flight. Each life is recorded as
//! steps, and the steps are played again in other ways.

mod laws;
mod life;
mod ops;

use life::Life;
use ops::{Op, config};

use crate::lives::player::{Clock, Draining};

const LAZILY: [Draining; 6] = [
    Draining::Heedless,
    Draining::Never,
    Draining::NowAndThen(2),
    Draining::NowAndThen(7),
    Draining::Few(1),
    Draining::Until(20),
];

/// Runs a life, checks the laws L1 to L8 in it, and returns its outputs as text.
///
/// `kind` chooses the client's configuration, `opened` whether its server opens the session first, and the bytes are
/// the operations, four for each.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(kind: u8, opened: bool, bytes: &[u8]) -> Vec<String> {
    let life = Life::live(config(kind), &Op::life(opened, bytes));
    let again = |draining, clock| Life::live_again(config(kind), &life.steps, draining, clock);
    assert_eq!(again(Draining::Batched, Clock::AsItIs).news(), life.news(), "L7: {:?}", life.steps);
    // A client's requests depend on when it can send them, so the answers in these steps may belong to other requests.
    // The events may differ here, but the laws hold.
    for draining in LAZILY {
        again(draining, Clock::AsItIs);
    }
    assert_eq!(again(Draining::Always, Clock::Clamped).outputs, life.outputs, "L6: {:?}", life.steps);
    life.outputs
}
