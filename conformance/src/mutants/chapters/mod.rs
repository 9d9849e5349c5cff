//! The mutants, one file per chapter of the suite.

mod acks;
mod binary;
mod broadcasts;
mod close;
mod connect;
mod eio3;
mod eio3_payload;
mod ends;
mod errors;
mod handshake;
mod heartbeat;
mod jsonp;
mod limits;
mod middlewares;
mod namespaces;
mod packets;
mod payload;
mod polling;
mod recovery;
mod rooms;
mod security;
mod sio4;
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
    eio3::ALL,
    eio3_payload::ALL,
    jsonp::ALL,
    connect::ALL,
    namespaces::ALL,
    packets::ALL,
    acks::ALL,
    binary::ALL,
    rooms::ALL,
    broadcasts::ALL,
    middlewares::ALL,
    ends::ALL,
    recovery::ALL,
    sio4::ALL,
    security::ALL,
];
