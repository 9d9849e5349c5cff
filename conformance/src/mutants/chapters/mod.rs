//! The mutants, one file per chapter of the suite.

mod acks;
mod binary;
mod close;
mod connect;
mod errors;
mod handshake;
mod heartbeat;
mod limits;
mod namespaces;
mod packets;
mod payload;
mod polling;
mod upgrade;
mod websocket;

use super::mutant::Mutant;

/// Every chapter.
pub(super) static ALL: &[&[Mutant]] = &[
    handshake::ALL,
    heartbeat::ALL,
    polling::ALL,
    payload::ALL,
    upgrade::ALL,
    websocket::ALL,
    close::ALL,
    limits::ALL,
    errors::ALL,
    connect::ALL,
    namespaces::ALL,
    packets::ALL,
    acks::ALL,
    binary::ALL,
];
