//! Writing the classic adapter's messages, each member in the place where the reference has it.

use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use super::kind;
use crate::cluster::error::EncodeError;
use crate::cluster::event::Packet;
use crate::cluster::form::{write_json, write_msgpack};
use crate::cluster::id::{RequestId, Sender};
use crate::cluster::message::Message;
use crate::cluster::options::Options;
use crate::cluster::write::{Layout, Rooms, Sockets, WrittenEvent, WrittenOptions, WrittenPacket, WrittenRoom};
use crate::engineio::Sid;
use crate::socketio::Value;
use crate::socketio::msgpack::Library;

/// `[uid, packet, opts]`.
pub(super) fn broadcast(
    sender: &Sender,
    namespace: &str,
    packet: &Packet,
    options: &Options,
) -> Result<Bytes, EncodeError> {
    let uid = sender.name().ok_or(EncodeError::Unnamed)?;
    let layout = if *sender == Sender::Emitter { Layout::Emitter } else { Layout::Server };
    let packet = WrittenPacket { packet, namespace: Some(namespace) };
    Ok(write_msgpack(Library::Notepack3, &(uid, packet, WrittenOptions { options, layout })))
}

/// JSON, except for a broadcast.
pub(super) fn request(sender: &Sender, namespace: &str, message: &Message) -> Result<Bytes, EncodeError> {
    let bare = |options| Some(WrittenOptions { options, layout: Layout::Bare });
    let mut request =
        Request { uid: sender.name(), id: message.request().map(RequestId::as_str), ..Request::default() };
    match message {
        Message::SocketIds { rooms, .. } => {
            (request.kind, request.rooms) = (kind::SOCKET_IDS, Some(Rooms(rooms)));
        }
        Message::AllRooms { .. } => request.kind = kind::ALL_ROOMS,
        Message::Join { options, rooms } => {
            (request.kind, request.options, request.rooms) = (kind::JOIN, bare(options), Some(Rooms(rooms)));
        }
        Message::Leave { options, rooms } => {
            (request.kind, request.options, request.rooms) = (kind::LEAVE, bare(options), Some(Rooms(rooms)));
        }
        Message::Disconnect { options, close } => {
            (request.kind, request.options, request.close) = (kind::DISCONNECT, bare(options), Some(*close));
        }
        Message::JoinOne { socket, room, .. } => {
            (request.kind, request.sid, request.room) = (kind::JOIN, Some(socket.as_str()), Some(WrittenRoom(room)));
        }
        Message::LeaveOne { socket, room, .. } => {
            (request.kind, request.sid, request.room) = (kind::LEAVE, Some(socket.as_str()), Some(WrittenRoom(room)));
        }
        Message::DisconnectOne { socket, close, .. } => {
            (request.kind, request.sid, request.close) = (kind::DISCONNECT, Some(socket.as_str()), Some(*close));
        }
        Message::FetchSockets { options, .. } => {
            (request.kind, request.options) = (kind::FETCH_SOCKETS, bare(options));
        }
        Message::ServerSideEmit { event } | Message::ServerSideEmitWithAck { event, .. } => {
            (request.kind, request.data) = (kind::SERVER_SIDE_EMIT, Some(WrittenEvent(event)));
        }
        Message::BroadcastWithAck { packet, options, .. } => {
            request.kind = kind::BROADCAST;
            request.packet = Some(WrittenPacket { packet, namespace: Some(namespace) });
            request.options = Some(WrittenOptions { options, layout: Layout::Server });
            return Ok(write_msgpack(Library::Notepack3, &request));
        }
        _ => return Err(EncodeError::Unsupported),
    }
    // Emitters do not say here who they are, except with an event.
    if *sender == Sender::Emitter && request.data.is_none() {
        request.uid = None;
    }
    Ok(Bytes::from(write_json(&request)))
}

/// JSON, except for what a client answers.
pub(super) fn response(message: &Message) -> Result<Bytes, EncodeError> {
    let id = message.request().map(RequestId::as_str).ok_or(EncodeError::NotAResponse)?;
    let mut response = Response { id, ..Response::default() };
    match message {
        Message::BroadcastClientCount { count, .. } => {
            (response.kind, response.count) = (Some(kind::CLIENT_COUNT), Some(*count));
        }
        Message::BroadcastAck { answer, .. } => {
            (response.kind, response.packet) = (Some(kind::BROADCAST_ACK), Some(answer));
            return Ok(write_msgpack(Library::Notepack3, &response));
        }
        Message::FetchSocketsResponse { sockets, .. } => response.sockets = Some(Listed::Sockets(Sockets(sockets))),
        Message::SocketIdsResponse { sockets, .. } => {
            response.sockets = Some(Listed::Ids(sockets.iter().map(Sid::as_str).collect()));
        }
        Message::ServerSideEmitResponse { answer, .. } => {
            (response.kind, response.data) = (Some(kind::SERVER_SIDE_EMIT), Some(answer));
        }
        Message::AllRoomsResponse { rooms, .. } => response.rooms = Some(Rooms(rooms)),
        Message::Done { .. } => {}
        _ => return Err(EncodeError::NotAResponse),
    }
    Ok(Bytes::from(write_json(&response)))
}

#[derive(Default, Serialize)]
struct Request<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'m str>,
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    id: Option<&'m str>,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<WrittenPacket<'m>>,
    #[serde(rename = "opts", skip_serializing_if = "Option::is_none")]
    options: Option<WrittenOptions<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<WrittenRoom<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<Rooms<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<WrittenEvent<'m>>,
}

#[derive(Default, Serialize)]
struct Response<'m> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<u8>,
    #[serde(rename = "requestId")]
    id: &'m str,
    #[serde(rename = "clientCount", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Left out if it is undefined, as `data` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<&'m Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'m Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sockets: Option<Listed<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<Rooms<'m>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Listed<'m> {
    Sockets(Sockets<'m>),
    Ids(Vec<&'m str>),
}
