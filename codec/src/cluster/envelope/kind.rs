//! The numbers of the messages.

pub(super) const INITIAL_HEARTBEAT: u8 = 1;
pub(super) const HEARTBEAT: u8 = 2;
pub(super) const BROADCAST: u8 = 3;
pub(super) const JOIN: u8 = 4;
pub(super) const LEAVE: u8 = 5;
pub(super) const DISCONNECT: u8 = 6;
pub(super) const FETCH_SOCKETS: u8 = 7;
pub(super) const FETCH_SOCKETS_RESPONSE: u8 = 8;
pub(super) const SERVER_SIDE_EMIT: u8 = 9;
pub(super) const SERVER_SIDE_EMIT_RESPONSE: u8 = 10;
pub(super) const CLIENT_COUNT: u8 = 11;
pub(super) const BROADCAST_ACK: u8 = 12;
pub(super) const ADAPTER_CLOSE: u8 = 13;
