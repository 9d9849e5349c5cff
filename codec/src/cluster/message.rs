//! The messages.

use alloc::vec::Vec;

use super::error::EncodeError;
use super::event::{Event, Packet};
use super::id::{RequestId, Sender};
use super::options::Options;
use super::room::RoomKey;
use super::socket::SocketDescriptor;
use crate::engineio::Sid;
use crate::names::names;
use crate::socketio::{Namespace, Value};

/// A message with who sent it, and for which namespace.
///
/// A server is a member of the cluster once for each of its namespaces. It ignores what is for another namespace, and what it
/// sent itself: the bus brings a message back to its sender as well.
///
/// The example of [`classic`](super::classic) has one.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "what the reference's envelope has")]
pub struct Envelope {
    /// Who sent it.
    pub sender: Sender,
    /// The namespace whose members are meant.
    pub namespace: Namespace,
    /// What it says.
    pub message: Message,
}

/// What servers of a cluster say to each other.
///
/// Three adapters share these, but not each has all. The number is the type on the wire; answers of the classic adapter
/// without one are known by their members.
///
/// | message | classic | sharded, streams |
/// |---|---|---|
/// | [`Broadcast`](Self::Broadcast) | an array of its own | 3 |
/// | [`BroadcastWithAck`](Self::BroadcastWithAck) | 7 | 3 |
/// | [`Join`](Self::Join), [`Leave`](Self::Leave), [`Disconnect`](Self::Disconnect) | 2, 3, 4 | 4, 5, 6 |
/// | [`FetchSockets`](Self::FetchSockets) | 5 | 7 |
/// | [`ServerSideEmit`](Self::ServerSideEmit), [`ServerSideEmitWithAck`](Self::ServerSideEmitWithAck) | 6 | 9 |
/// | [`AllRooms`](Self::AllRooms), [`SocketIds`](Self::SocketIds) | 1, 0 | |
/// | [`JoinOne`](Self::JoinOne), [`LeaveOne`](Self::LeaveOne), [`DisconnectOne`](Self::DisconnectOne) | 2, 3, 4 | |
/// | [`BroadcastClientCount`](Self::BroadcastClientCount), [`BroadcastAck`](Self::BroadcastAck) | 8, 9 | 11, 12 |
/// | [`FetchSocketsResponse`](Self::FetchSocketsResponse) | `sockets` | 8 |
/// | [`ServerSideEmitResponse`](Self::ServerSideEmitResponse) | 6 | 10 |
/// | [`AllRoomsResponse`](Self::AllRoomsResponse), [`SocketIdsResponse`](Self::SocketIdsResponse) | `rooms`, `sockets` | |
/// | [`Done`](Self::Done) | `requestId` alone | |
/// | [`InitialHeartbeat`](Self::InitialHeartbeat), [`Heartbeat`](Self::Heartbeat), [`AdapterClose`](Self::AdapterClose) | | 1, 2, 13 |
///
/// ```
/// use sio_codec::cluster::{Event, Message, Options, Packet};
///
/// let packet = Packet::from(Event::new("hello", []));
/// let hello = Message::Broadcast { packet, options: Options::everyone().to("red") };
/// assert_eq!((hello.name(), hello.is_response()), ("Broadcast", false));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// Deliver a packet to the members that are meant. No answer.
    Broadcast {
        /// The packet.
        packet: Packet,
        /// Its recipients.
        options: Options,
    },
    /// The same, and tell what the clients answer: each server sends a
    /// [`BroadcastClientCount`](Self::BroadcastClientCount), even of none, and a [`BroadcastAck`](Self::BroadcastAck) for each
    /// client that acknowledges.
    BroadcastWithAck {
        /// What the answers carry.
        request: RequestId,
        /// The packet, without an id.
        packet: Packet,
        /// Its recipients, and in the flags how long the sender waits.
        options: Options,
    },
    /// Put members into rooms. No answer.
    Join {
        /// Which members.
        options: Options,
        /// Which rooms.
        rooms: Vec<RoomKey>,
    },
    /// Take members out of rooms. No answer.
    Leave {
        /// Which members.
        options: Options,
        /// Which rooms.
        rooms: Vec<RoomKey>,
    },
    /// Disconnect members from the namespace. No answer.
    Disconnect {
        /// Which members.
        options: Options,
        /// Whether to close their connections as well, for all namespaces.
        close: bool,
    },
    /// Tell which sockets there are. Each server answers with a [`FetchSocketsResponse`](Self::FetchSocketsResponse).
    FetchSockets {
        /// What the answers carry.
        request: RequestId,
        /// Which sockets.
        options: Options,
    },
    /// An event between servers, which no client sees. No answer.
    ServerSideEmit {
        /// What it says.
        event: Event,
    },
    /// The same; each server answers with a [`ServerSideEmitResponse`](Self::ServerSideEmitResponse).
    ServerSideEmitWithAck {
        /// What the answers carry.
        request: RequestId,
        /// What it says.
        event: Event,
    },
    /// Tell which rooms there are. Each server answers with an [`AllRoomsResponse`](Self::AllRoomsResponse).
    AllRooms {
        /// What the answers carry.
        request: RequestId,
    },
    /// Tell the ids of the sockets in some rooms. Only old versions ask; each server answers with a
    /// [`SocketIdsResponse`](Self::SocketIdsResponse).
    SocketIds {
        /// What the answers carry.
        request: RequestId,
        /// In which rooms; if empty, all.
        rooms: Vec<RoomKey>,
    },
    /// Put one socket into a room. Only old versions ask; the server that has the socket answers with
    /// [`Done`](Self::Done), the others not at all.
    JoinOne {
        /// What the answer carries.
        request: RequestId,
        /// Which socket.
        socket: Sid,
        /// Which room.
        room: RoomKey,
    },
    /// Take one socket out of a room; as [`JoinOne`](Self::JoinOne).
    LeaveOne {
        /// What the answer carries.
        request: RequestId,
        /// Which socket.
        socket: Sid,
        /// Which room.
        room: RoomKey,
    },
    /// Disconnect one socket from the namespace; as [`JoinOne`](Self::JoinOne).
    DisconnectOne {
        /// What the answer carries.
        request: RequestId,
        /// Which socket.
        socket: Sid,
        /// Whether to close its connection as well.
        close: bool,
    },
    /// How many clients of a server got a broadcast with acknowledgements.
    BroadcastClientCount {
        /// Which broadcast.
        request: RequestId,
        /// How many.
        count: u64,
    },
    /// What one client answers to a broadcast with acknowledgements.
    BroadcastAck {
        /// Which broadcast.
        request: RequestId,
        /// The first argument of the acknowledgement; `undefined` if there is none.
        answer: Value,
    },
    /// Which sockets a server has.
    FetchSocketsResponse {
        /// Which question.
        request: RequestId,
        /// The sockets.
        sockets: Vec<SocketDescriptor>,
    },
    /// What a server answers to an event between servers.
    ServerSideEmitResponse {
        /// Which event.
        request: RequestId,
        /// The first argument of the acknowledgement; `undefined` if there is none.
        answer: Value,
    },
    /// Which rooms a server has.
    AllRoomsResponse {
        /// Which question.
        request: RequestId,
        /// The rooms, those of single sockets included.
        rooms: Vec<RoomKey>,
    },
    /// Which sockets a server has in some rooms. An empty answer cannot be told from a
    /// [`FetchSocketsResponse`](Self::FetchSocketsResponse), and is read as that.
    SocketIdsResponse {
        /// Which question.
        request: RequestId,
        /// The ids.
        sockets: Vec<Sid>,
    },
    /// The server that had the socket did what was asked.
    Done {
        /// Which question.
        request: RequestId,
    },
    /// A server begins. Others answer at once with a [`Heartbeat`](Self::Heartbeat). Neither the sharded adapter nor the
    /// present streams adapter sends this, nor the two that follow; those for other databases and streams before 0.3 do.
    InitialHeartbeat,
    /// A server is there; sent when it said nothing else for five seconds.
    Heartbeat,
    /// A server leaves.
    AdapterClose,
}

names!(Message: Broadcast BroadcastWithAck Join Leave Disconnect FetchSockets ServerSideEmit ServerSideEmitWithAck AllRooms SocketIds JoinOne LeaveOne DisconnectOne BroadcastClientCount BroadcastAck FetchSocketsResponse ServerSideEmitResponse AllRoomsResponse SocketIdsResponse Done InitialHeartbeat Heartbeat AdapterClose);

impl Message {
    /// Whether it is an answer, which is meant for the server that asked.
    #[must_use]
    pub const fn is_response(&self) -> bool {
        matches!(
            self,
            Self::BroadcastClientCount { .. }
                | Self::BroadcastAck { .. }
                | Self::FetchSocketsResponse { .. }
                | Self::ServerSideEmitResponse { .. }
                | Self::AllRoomsResponse { .. }
                | Self::SocketIdsResponse { .. }
                | Self::Done { .. }
        )
    }

    /// Whether it can be sent to everyone by this sender: answers go to one server, and emitters get none.
    pub(super) fn check_speaker(&self, sender: &Sender) -> Result<(), EncodeError> {
        if self.is_response() {
            return Err(EncodeError::Response);
        }
        if *sender == Sender::Emitter && self.request().is_some() {
            return Err(EncodeError::Unsupported);
        }
        Ok(())
    }

    /// What ties answers to their question: in both.
    #[must_use]
    pub const fn request(&self) -> Option<&RequestId> {
        match self {
            Self::BroadcastWithAck { request, .. }
            | Self::FetchSockets { request, .. }
            | Self::ServerSideEmitWithAck { request, .. }
            | Self::AllRooms { request }
            | Self::SocketIds { request, .. }
            | Self::JoinOne { request, .. }
            | Self::LeaveOne { request, .. }
            | Self::DisconnectOne { request, .. }
            | Self::BroadcastClientCount { request, .. }
            | Self::BroadcastAck { request, .. }
            | Self::FetchSocketsResponse { request, .. }
            | Self::ServerSideEmitResponse { request, .. }
            | Self::AllRoomsResponse { request, .. }
            | Self::SocketIdsResponse { request, .. }
            | Self::Done { request } => Some(request),
            Self::Broadcast { .. }
            | Self::Join { .. }
            | Self::Leave { .. }
            | Self::Disconnect { .. }
            | Self::ServerSideEmit { .. }
            | Self::InitialHeartbeat
            | Self::Heartbeat
            | Self::AdapterClose => None,
        }
    }
}
