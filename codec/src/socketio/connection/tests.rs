//! A connection's life, told as scenarios.

mod endings;
mod events;
mod namespaces;
mod script;
mod sessions;
