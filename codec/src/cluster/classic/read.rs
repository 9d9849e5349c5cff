//! Reading the classic adapter's messages.

use super::kind;
use crate::Limits;
use crate::cluster::error::Violation;
use crate::cluster::id::{RequestId, Sender};
use crate::cluster::message::{Envelope, Message};
use crate::cluster::read;
use crate::socketio::{Namespace, Value};

/// `[uid, packet, opts]`.
pub(super) fn broadcast(value: Value, limits: &Limits) -> Result<Envelope, Violation> {
    let Value::Array(parts) = value else { return Err(Violation::Shape) };
    let mut parts = parts.into_iter();
    let sender = read::sender(parts.next())?;
    let (packet, namespace) = read::packet(parts.next())?;
    let namespace = match namespace {
        None => Namespace::root(),
        Some(name) => read::namespace(name, limits)?,
    };
    let options = read::options(parts.next(), limits)?;
    Ok(Envelope { sender, namespace, message: Message::Broadcast { packet, options } })
}

/// `{uid, requestId, type, ..}`. Without options, joining, leaving and disconnecting is about one socket.
pub(super) fn request(value: Value, limits: &Limits) -> Result<(Sender, Message), Violation> {
    let names = ["uid", "requestId", "type", "opts", "rooms", "sid", "room", "close", "data", "packet"];
    let [uid, id, kind, opts, rooms, sid, room, close, data, packet] =
        read::members(value, names).ok_or(Violation::Shape)?;
    let sender = read::sender(uid)?;
    // Emitters do not say so here.
    let operator = if sender == Sender::Unnamed { Sender::Emitter } else { sender.clone() };
    Ok(match (read::kind(kind)?, opts) {
        (kind::SOCKET_IDS, _) => {
            let rooms = read::optional_rooms(rooms, limits)?;
            (sender, Message::SocketIds { request: read::request(id)?, rooms })
        }
        (kind::ALL_ROOMS, _) => (sender, Message::AllRooms { request: read::request(id)? }),
        (kind::JOIN, Some(opts)) => {
            let options = read::options(Some(opts), limits)?;
            (operator, Message::Join { options, rooms: read::rooms(rooms, limits)? })
        }
        (kind::LEAVE, Some(opts)) => {
            let options = read::options(Some(opts), limits)?;
            (operator, Message::Leave { options, rooms: read::rooms(rooms, limits)? })
        }
        (kind::DISCONNECT, Some(opts)) => {
            let options = read::options(Some(opts), limits)?;
            (operator, Message::Disconnect { options, close: read::close(close)? })
        }
        (kind @ (kind::JOIN | kind::LEAVE), None) => {
            let (request, socket) = (read::request(id)?, read::sid("sid", sid)?);
            let room = read::room(read::required("room", room)?);
            let message = match kind {
                kind::JOIN => Message::JoinOne { request, socket, room },
                _ => Message::LeaveOne { request, socket, room },
            };
            (sender, message)
        }
        (kind::DISCONNECT, None) => {
            let (request, socket) = (read::request(id)?, read::sid("sid", sid)?);
            (sender, Message::DisconnectOne { request, socket, close: read::close(close)? })
        }
        (kind::FETCH_SOCKETS, opts) => {
            let options = read::options(opts, limits)?;
            (sender, Message::FetchSockets { request: read::request(id)?, options })
        }
        (kind::SERVER_SIDE_EMIT, _) => {
            let event = read::event("data", data)?;
            let message = match read::optional_request(id)? {
                None => Message::ServerSideEmit { event },
                Some(request) => Message::ServerSideEmitWithAck { request, event },
            };
            (sender, message)
        }
        (kind::BROADCAST, opts) => {
            let (request, (packet, _)) = (read::request(id)?, read::packet(packet)?);
            let options = read::options(opts, limits)?;
            (sender, Message::BroadcastWithAck { request, packet, options })
        }
        _ => return Err(Violation::UnknownType),
    })
}

/// `{type, requestId, ..}`. Most answers have no type, and are known by what they hold.
pub(super) fn response(value: Value) -> Result<Message, Violation> {
    let names = ["type", "requestId", "clientCount", "packet", "data", "sockets", "rooms"];
    let [kind, id, count, packet, data, sockets, rooms] = read::members(value, names).ok_or(Violation::Shape)?;
    let request = read::request(id)?;
    let Some(kind) = kind else { return untyped(request, sockets, rooms) };
    Ok(match read::kind(Some(kind))? {
        kind::SERVER_SIDE_EMIT => Message::ServerSideEmitResponse { request, answer: read::answer(data) },
        kind::CLIENT_COUNT => Message::BroadcastClientCount { request, count: read::count(count)? },
        kind::BROADCAST_ACK => Message::BroadcastAck { request, answer: read::answer(packet) },
        _ => return Err(Violation::UnknownType),
    })
}

fn untyped(request: RequestId, sockets: Option<Value>, rooms: Option<Value>) -> Result<Message, Violation> {
    Ok(match (sockets, rooms) {
        (Some(sockets), _) => {
            let sockets = read::array("sockets", sockets)?;
            if let Some(Value::String(_)) = sockets.first() {
                let ids = sockets.into_iter().map(|id| read::sid("sockets", Some(id))).collect::<Result<_, _>>()?;
                Message::SocketIdsResponse { request, sockets: ids }
            } else {
                Message::FetchSocketsResponse { request, sockets: read::sockets(sockets)? }
            }
        }
        (None, Some(rooms)) => Message::AllRoomsResponse { request, rooms: read::room_list("rooms", Some(rooms))? },
        (None, None) => Message::Done { request },
    })
}
