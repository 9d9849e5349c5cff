//! The mutants of a server in a cluster, one file for each kind of message.

mod acks;
mod broadcasts;
mod recovery;
mod servers;
mod sockets;

use sio_codec::cluster::{Envelope, Message};

use super::mutant::Mutant;

/// Every chapter.
pub(super) static ALL: &[&[Mutant]] = &[broadcasts::ALL, acks::ALL, sockets::ALL, servers::ALL, recovery::ALL];

/// The message, or nothing if it fits.
fn unless(envelope: Envelope, fits: fn(&Message) -> bool) -> Vec<Envelope> {
    if fits(&envelope.message) { Vec::new() } else { vec![envelope] }
}

/// The message, twice if it fits.
fn twice(envelope: Envelope, fits: fn(&Message) -> bool) -> Vec<Envelope> {
    if fits(&envelope.message) { vec![envelope.clone(), envelope] } else { vec![envelope] }
}

/// The message with a change.
fn edit(mut envelope: Envelope, change: impl FnOnce(&mut Message)) -> Vec<Envelope> {
    change(&mut envelope.message);
    vec![envelope]
}
