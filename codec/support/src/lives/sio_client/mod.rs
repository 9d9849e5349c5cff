//! Any sequence of inputs, timeouts and calls on a client that reconnects: the laws hold in each of its lives.
//!
//! ```text
//! bytes ──ops::all_from──▶ [Op] ──Life──▶ [Step] ──▶ client ──▶ outputs ──▶ Laws (checked after every step)
//! ```
//!
//! The events of a life are recorded as steps, which are played again: with outputs taken together, rarely, or not any more,
//! and with a clock that never jumps back.

mod laws;
mod life;
mod ops;

use life::Life;

use crate::lives::player::{Clock, Draining};

/// Runs a life, checks the laws in it, and returns its events as text.
///
/// The first byte chooses the client's configuration; each four of the others make a move.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) -> Vec<String> {
    let Some((kind, bytes)) = data.split_first() else { return Vec::new() };
    let mut life = Life::live(*kind, &ops::all_from(bytes));
    let (steps, half) = (life.steps.clone(), life.steps.len() / 2);
    life.ends();
    let together = Life::live_again(*kind, &life.steps, Draining::Batched, Clock::AsItIs);
    assert_eq!(together.news(), life.news(), "L7: {:?}", life.steps);
    Life::live_again(*kind, &life.steps, Draining::Heedless, Clock::AsItIs).agrees_with(&life);
    // A call that comes before the application has seen what happened means something else, so these lives go other ways.
    // The laws hold in them.
    for draining in [Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7), Draining::Until(half)] {
        Life::live_again(*kind, &steps, draining, Clock::AsItIs).ends();
    }
    let clamped = Life::live_again(*kind, &life.steps, Draining::Always, Clock::Clamped);
    assert_eq!(clamped.outputs, life.outputs, "L6: {:?}", life.steps);
    life.events
}
