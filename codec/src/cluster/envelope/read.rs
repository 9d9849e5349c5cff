//! Reading envelopes, and what is in them.

use super::kind;
use crate::Limits;
use crate::cluster::error::Violation;
use crate::cluster::message::{Envelope, Message};
use crate::cluster::read;
use crate::socketio::Value;

/// Members that others add, such as `source` and `requesterUid`, mean nothing here.
pub(in crate::cluster) fn envelope(value: Value, limits: &Limits) -> Result<Envelope, Violation> {
    let [kind, data, uid, namespace] = read::members(value, ["type", "data", "uid", "nsp"]).ok_or(Violation::Shape)?;
    let sender = read::sender(uid)?;
    let namespace = read::namespace(read::required("nsp", namespace)?, limits)?;
    Ok(Envelope { sender, namespace, message: message(read::kind(kind)?, data, limits)? })
}

/// What the data of a message of this type says.
pub(in crate::cluster) fn message(kind: u8, data: Option<Value>, limits: &Limits) -> Result<Message, Violation> {
    match kind {
        kind::INITIAL_HEARTBEAT => return Ok(Message::InitialHeartbeat),
        kind::HEARTBEAT => return Ok(Message::Heartbeat),
        kind::ADAPTER_CLOSE => return Ok(Message::AdapterClose),
        kind::BROADCAST..=kind::BROADCAST_ACK => {}
        _ => return Err(Violation::UnknownType),
    }
    let names = ["packet", "requestId", "opts", "rooms", "close", "sockets", "clientCount"];
    let [packet, id, opts, rooms, close, sockets, count] = read::inside("data", data, names)?;
    Ok(match kind {
        kind::BROADCAST => {
            let ((packet, _), options) = (read::packet(packet)?, read::options(opts, limits)?);
            match read::optional_request(id)? {
                None => Message::Broadcast { packet, options },
                Some(request) => Message::BroadcastWithAck { request, packet, options },
            }
        }
        kind::JOIN => Message::Join { options: read::options(opts, limits)?, rooms: read::rooms(rooms, limits)? },
        kind::LEAVE => Message::Leave { options: read::options(opts, limits)?, rooms: read::rooms(rooms, limits)? },
        kind::DISCONNECT => Message::Disconnect { options: read::options(opts, limits)?, close: read::close(close)? },
        kind::FETCH_SOCKETS => {
            Message::FetchSockets { request: read::request(id)?, options: read::options(opts, limits)? }
        }
        kind::FETCH_SOCKETS_RESPONSE => {
            let sockets = read::array("sockets", read::required("sockets", sockets)?)?;
            Message::FetchSocketsResponse { request: read::request(id)?, sockets: read::sockets(sockets)? }
        }
        kind::SERVER_SIDE_EMIT => {
            let event = read::event("packet", packet)?;
            match read::optional_request(id)? {
                None => Message::ServerSideEmit { event },
                Some(request) => Message::ServerSideEmitWithAck { request, event },
            }
        }
        kind::SERVER_SIDE_EMIT_RESPONSE => {
            Message::ServerSideEmitResponse { request: read::request(id)?, answer: read::answer(packet) }
        }
        kind::CLIENT_COUNT => Message::BroadcastClientCount { request: read::request(id)?, count: read::count(count)? },
        _ => Message::BroadcastAck { request: read::request(id)?, answer: read::answer(packet) },
    })
}
