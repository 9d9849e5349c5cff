//! The report of a run.
//!
//! [`Summary`] sorts and counts the results; [`human`] prints them for a person, [`clients`] those of a client, [`codec`] those of a
//! codec; [`Progress`] shows how far a run is while it goes on.

mod cause;
pub mod clients;
pub mod codec;
mod conversation;
mod failure;
pub mod human;
mod progress;
mod summary;
mod table;

pub use human::{Detail, Skipped};
pub use progress::{Progress, Show};
pub use summary::{Found, Group, Note, Summary, Tally};
