//! Generated cases: many values of every kind, sent to the contract application, which sends them back.
//!
//! The traces of the suite hold values that were chosen by hand, in cases about something else. These cases are about
//! the values alone. All values depend on a seed, so that a failure can be repeated, and a server that passes can be
//! tested with more:
//!
//! ```
//! use siospec::values;
//!
//! let plans = values::plans(values::DEFAULT_SEED);
//! let events = plans.iter().find(|plan| plan.id() == "sio5/values/events-websocket").unwrap();
//! let again = values::plans(values::DEFAULT_SEED);
//! assert!(again.iter().any(|plan| plan.trace() == events.trace()));
//! assert!(values::plans(2).iter().all(|plan| plan.trace() != events.trace()));
//! ```
//!
//! Each sample (`samples.rs`) occurs in every case that has room for it, with any seed; the seed decides where. Only
//! values are sent that `JSON.parse` and `JSON.stringify` keep. What is left out, and why:
//!
//! | left out | because |
//! |---|---|
//! | `-0`, integers beyond 2^53 - 1 that no double holds | JavaScript changes them |
//! | unpaired surrogates | Rust and many other languages cannot represent them |
//! | placeholders that the user wrote | they look like those of attachments |
//! | `__proto__` beside attachments | the reference loses it there |
//! | several members with attachments in one object | languages differ in how they order members |
//! | U+001E in an Engine.IO text over polling | it ends the packet there |
//! | an empty Engine.IO text | the reference hands no text to the application |
//!
//! A failing case is shrunk to the smallest values that still fail: [`minimal()`].
//!
//! | file | what it holds |
//! |---|---|
//! | `family.rs` | the kinds of cases |
//! | `samples.rs`, `deck.rs`, `grower.rs`, `generate.rs` | turn a seed into values |
//! | `value.rs`, `exchange.rs` | values, and the packets that carry them |
//! | `opening.rs`, `conversation.rs`, `plan.rs` | turn values into a trace |
//! | `shrink.rs`, `smaller.rs`, `minimal.rs` | reduce a failing case |

mod conversation;
mod deck;
mod exchange;
mod family;
mod generate;
mod grower;
mod minimal;
mod opening;
mod plan;
mod samples;
mod shrink;
pub(crate) mod smaller;
mod value;

#[cfg(test)]
mod tests;

pub use self::exchange::Exchange;
pub use self::family::{Family, Way};
pub use self::minimal::{Bounds, Minimal, minimal};
pub use self::plan::{Extent, Generated, Plan};
pub use self::shrink::shrink;
pub use self::value::Value;

/// The default seed of a run.
pub const DEFAULT_SEED: u64 = 1;

/// The cases of a seed, in no particular order.
pub fn generated(seed: u64) -> impl Iterator<Item = Generated> {
    Family::ALL.into_iter().flat_map(move |family| Way::ALL.map(|way| Generated { seed, family, way }))
}

/// The contents of these cases.
#[must_use]
pub fn plans(seed: u64) -> Vec<Plan> {
    generated(seed).map(|case| case.plan()).collect()
}
