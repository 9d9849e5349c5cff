//! The mutants, by the chapters of the suite.

mod acks;
mod close;
mod connect;
mod disconnect;
mod events;
mod handshake;
mod heartbeat;
mod polling;
mod reconnection;
mod recovery;
mod upgrade;
mod websocket;

use sio_codec::engineio::client::Transmit;

use super::mutant::Mutant;

/// All of them.
pub(super) const ALL: &[&[Mutant]] = &[
    handshake::ALL,
    polling::ALL,
    heartbeat::ALL,
    upgrade::ALL,
    websocket::ALL,
    close::ALL,
    connect::ALL,
    events::ALL,
    acks::ALL,
    disconnect::ALL,
    reconnection::ALL,
    recovery::ALL,
];

/// The query of a request or a WebSocket, without a parameter.
fn without(query: &str, parameter: &str) -> String {
    let is_other = |pair: &&str| pair.split('=').next() != Some(parameter);
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

/// A request or a WebSocket with another query.
fn with_query(mut transmit: Transmit, change: impl FnOnce(&str) -> String) -> Vec<Transmit> {
    if let Transmit::Request { query, .. } | Transmit::WsConnect { query, .. } = &mut transmit {
        *query = change(query);
    }
    vec![transmit]
}

/// Whether it is a request that names a session, and has no body.
fn is_poll(transmit: &Transmit) -> bool {
    matches!(transmit, Transmit::Request { query, body: None, .. } if query.contains("sid="))
}

const fn is_post(transmit: &Transmit) -> bool {
    matches!(transmit, Transmit::Request { body: Some(_), .. })
}
