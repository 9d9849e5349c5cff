//! What is told of a run.
//!
//! [`Summary`] is what there is to say, sorted and counted; [`human`] writes it for a person; [`Progress`] tells how far a
//! run is while it goes on.

mod cause;
mod conversation;
mod failure;
pub mod human;
mod progress;
mod summary;
mod table;

pub use human::{Detail, Skipped};
pub use progress::{Progress, Show};
pub use summary::{Found, Group, Note, Summary, Tally};
