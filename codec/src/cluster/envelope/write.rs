//! Writing envelopes, and what is in them, each member in the place where the reference has it.

use serde::Serialize;

use super::kind;
use crate::cluster::error::EncodeError;
use crate::cluster::event::Event;
use crate::cluster::id::{RequestId, Sender};
use crate::cluster::message::Message;
use crate::cluster::options::Options;
use crate::cluster::write::{Layout, Rooms, Sockets, WrittenEvent, WrittenOptions, WrittenPacket};
use crate::socketio::Value;

/// `{type, data, uid, nsp}`.
#[derive(Serialize)]
pub(in crate::cluster) struct WrittenEnvelope<'m> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'m>>,
    uid: &'m str,
    nsp: &'m str,
}

impl<'m> WrittenEnvelope<'m> {
    pub(in crate::cluster) fn new(
        sender: &'m Sender,
        namespace: &'m str,
        written: Written<'m>,
    ) -> Result<Self, EncodeError> {
        let Written { kind, data } = written;
        Ok(Self { kind, data, uid: sender.name().ok_or(EncodeError::Unnamed)?, nsp: namespace })
    }
}

/// A message: its type, and its data if it has any.
pub(in crate::cluster) struct Written<'m> {
    pub(in crate::cluster) kind: u8,
    pub(in crate::cluster) data: Option<Data<'m>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::cluster) enum Data<'m> {
    Broadcast {
        packet: WrittenPacket<'m>,
        #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
        request: Option<&'m str>,
        opts: WrittenOptions<'m>,
    },
    Rooms {
        opts: WrittenOptions<'m>,
        rooms: Rooms<'m>,
    },
    Disconnect {
        opts: WrittenOptions<'m>,
        close: bool,
    },
    Fetch {
        opts: WrittenOptions<'m>,
        #[serde(rename = "requestId")]
        request: &'m str,
    },
    Sockets {
        #[serde(rename = "requestId")]
        request: &'m str,
        sockets: Sockets<'m>,
    },
    Event {
        #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
        request: Option<&'m str>,
        packet: WrittenEvent<'m>,
    },
    Answer {
        #[serde(rename = "requestId")]
        request: &'m str,
        packet: &'m Value,
    },
    Count {
        #[serde(rename = "requestId")]
        request: &'m str,
        #[serde(rename = "clientCount")]
        count: u64,
    },
}

impl<'m> Written<'m> {
    /// As servers write it, or, with the namespace in the packet of a broadcast and its own layout, as emitters do.
    pub(in crate::cluster) fn new(
        message: &'m Message,
        layout: Layout,
        namespace: Option<&'m str>,
    ) -> Result<Self, EncodeError> {
        let opts = |options: &'m Options| WrittenOptions { options, layout: Layout::Server };
        let event = |request: Option<&'m RequestId>, event: &'m Event| Data::Event {
            request: request.map(RequestId::as_str),
            packet: WrittenEvent(event),
        };
        let answer =
            |request: &'m RequestId, answer: &'m Value| Data::Answer { request: request.as_str(), packet: answer };
        let (kind, data) = match message {
            Message::InitialHeartbeat => return Ok(Self { kind: kind::INITIAL_HEARTBEAT, data: None }),
            Message::Heartbeat => return Ok(Self { kind: kind::HEARTBEAT, data: None }),
            Message::AdapterClose => return Ok(Self { kind: kind::ADAPTER_CLOSE, data: None }),
            Message::Broadcast { packet, options } | Message::BroadcastWithAck { packet, options, .. } => {
                let (packet, request) = (WrittenPacket { packet, namespace }, message.request().map(RequestId::as_str));
                (kind::BROADCAST, Data::Broadcast { packet, request, opts: WrittenOptions { options, layout } })
            }
            Message::Join { options, rooms } => (kind::JOIN, Data::Rooms { opts: opts(options), rooms: Rooms(rooms) }),
            Message::Leave { options, rooms } => {
                (kind::LEAVE, Data::Rooms { opts: opts(options), rooms: Rooms(rooms) })
            }
            Message::Disconnect { options, close } => {
                (kind::DISCONNECT, Data::Disconnect { opts: opts(options), close: *close })
            }
            Message::FetchSockets { request, options } => {
                (kind::FETCH_SOCKETS, Data::Fetch { opts: opts(options), request: request.as_str() })
            }
            Message::FetchSocketsResponse { request, sockets } => {
                let (request, sockets) = (request.as_str(), Sockets(sockets));
                (kind::FETCH_SOCKETS_RESPONSE, Data::Sockets { request, sockets })
            }
            Message::ServerSideEmit { event: said } => (kind::SERVER_SIDE_EMIT, event(None, said)),
            Message::ServerSideEmitWithAck { request, event: said } => {
                (kind::SERVER_SIDE_EMIT, event(Some(request), said))
            }
            Message::ServerSideEmitResponse { request, answer: value } => {
                (kind::SERVER_SIDE_EMIT_RESPONSE, answer(request, value))
            }
            Message::BroadcastClientCount { request, count } => {
                (kind::CLIENT_COUNT, Data::Count { request: request.as_str(), count: *count })
            }
            Message::BroadcastAck { request, answer: value } => (kind::BROADCAST_ACK, answer(request, value)),
            Message::AllRooms { .. }
            | Message::AllRoomsResponse { .. }
            | Message::SocketIds { .. }
            | Message::SocketIdsResponse { .. }
            | Message::JoinOne { .. }
            | Message::LeaveOne { .. }
            | Message::DisconnectOne { .. }
            | Message::Done { .. } => return Err(EncodeError::Unsupported),
        };
        Ok(Self { kind, data: Some(data) })
    }
}

/// Whether a message holds something binary where the reference looks for it, which makes the whole MessagePack.
pub(in crate::cluster) fn has_binary(message: &Message) -> bool {
    match message {
        Message::Broadcast { packet, .. } | Message::BroadcastWithAck { packet, .. } => {
            packet.event.args.iter().any(Value::has_binary)
        }
        Message::ServerSideEmit { event } | Message::ServerSideEmitWithAck { event, .. } => {
            event.args.iter().any(Value::has_binary)
        }
        Message::FetchSocketsResponse { sockets, .. } => sockets
            .iter()
            .any(|socket| socket.data.has_binary() || socket.handshake.iter().any(|(_, value)| value.has_binary())),
        Message::ServerSideEmitResponse { answer, .. } | Message::BroadcastAck { answer, .. } => answer.has_binary(),
        _ => false,
    }
}
