//! A client's life, told as scenarios.

mod acknowledgements;
mod endings;
mod events;
mod namespaces;
mod protocol4;
mod recovery;
mod retries;
mod script;
