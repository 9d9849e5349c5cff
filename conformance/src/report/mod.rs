//! The report of a run.
//!
//! [`Summary`] sorts and counts the results; [`human`] prints them for a person, [`clients`] those of a client, [`codec`] those of a
//! codec. [`Results`](results::Results) are the results as plain data, which [`formats`] write for other programs, [`page`] shows as it shows [`recordings`],
//! [`diff`] compares, and [`baseline`] judges by what is expected. [`Progress`] shows how far a run is while it goes on.

mod ascii;
pub mod baseline;
mod cause;
pub mod clients;
pub mod codec;
mod conversation;
pub mod diff;
mod failure;
pub mod formats;
pub mod human;
pub mod page;
mod progress;
pub mod recordings;
pub mod results;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod wrap;

pub use ascii::ascii;
pub use human::{Detail, Skipped};
pub use progress::{Progress, Show};
pub use summary::{Found, Group, Note, Summary, Tally};
