//! A client's life, told as scenarios.

mod acknowledgements;
mod endings;
mod events;
mod namespaces;
mod peer;
mod protocol_4;
mod reconnecting;
mod recovery;
mod retries;
mod script;
