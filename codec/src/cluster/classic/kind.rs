//! The numbers of the classic adapter's requests and answers.

pub(super) const SOCKET_IDS: u8 = 0;
pub(super) const ALL_ROOMS: u8 = 1;
pub(super) const JOIN: u8 = 2;
pub(super) const LEAVE: u8 = 3;
pub(super) const DISCONNECT: u8 = 4;
pub(super) const FETCH_SOCKETS: u8 = 5;
pub(super) const SERVER_SIDE_EMIT: u8 = 6;
pub(super) const BROADCAST: u8 = 7;
pub(super) const CLIENT_COUNT: u8 = 8;
pub(super) const BROADCAST_ACK: u8 = 9;
