//! What comes out of a hub.

use alloc::vec::Vec;
use core::fmt;

use super::broadcast::Broadcast;
use super::room::{MemberId, Room};
use crate::names::names;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::socketio::namespace::Namespace;

/// What a hub asks of the program.
///
/// The example of a [whole life](super#a-whole-life) delivers, that of the [JavaScript calls](crate::guide::javascript#a-server) also disconnects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    /// Have the member's connection [deliver](crate::socketio::Connection::deliver) this. A member that is gone in the
    /// meantime is passed over.
    Deliver {
        /// The member.
        member: MemberId,
        /// What to deliver.
        broadcast: Broadcast,
    },
    /// Have the member's connection [leave](crate::socketio::Connection::disconnect) the namespace, or
    /// [close](crate::socketio::Connection::close).
    Disconnect {
        /// The member.
        member: MemberId,
        /// Whether the whole connection is to close.
        close: bool,
    },
}

/// What a hub tells the application.
///
/// The example of a [whole life](super#a-whole-life) has most of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody came into a namespace that was not [declared](super::Hub::declare).
    NamespaceCreated {
        /// The namespace.
        namespace: Namespace,
    },
    /// The last member left such a namespace, which is forgotten.
    NamespaceRemoved {
        /// The namespace.
        namespace: Namespace,
    },
    /// A room has its first member; [`Joined`](Self::Joined) follows.
    RoomCreated {
        /// The namespace.
        namespace: Namespace,
        /// The room.
        room: Room,
    },
    /// A member is in a room now.
    Joined {
        /// The namespace.
        namespace: Namespace,
        /// The room.
        room: Room,
        /// The member.
        member: MemberId,
    },
    /// A member is no longer in a room.
    Left {
        /// The namespace.
        namespace: Namespace,
        /// The room.
        room: Room,
        /// The member.
        member: MemberId,
    },
    /// A room has no members any more; it comes after [`Left`](Self::Left).
    RoomDeleted {
        /// The namespace.
        namespace: Namespace,
        /// The room.
        room: Room,
    },
    /// All that will ever be answered to a broadcast was, or its time is over.
    Settled {
        /// The broadcast's id.
        id: AckId,
        /// The answers, in the order of joining the namespace.
        answers: Vec<(MemberId, Args)>,
        /// Who was asked and did not answer in time, left before, or gave an answer that there was no
        /// [room](super::Config::max_answer_bytes) for.
        missing: Vec<MemberId>,
    },
    /// A member that lost its connection did not come back in time: what the program keeps for it can go.
    Forgotten {
        /// The member.
        member: MemberId,
    },
}

/// Why a member cannot be in a room.
///
/// ```
/// use sio_codec::socketio::hub::{Config, Hub, MemberId, RoomError};
///
/// let mut hub = Hub::new(Config::default());
/// assert_eq!(hub.join(MemberId(7), "red"), Err(RoomError::UnknownMember));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoomError {
    /// There is no such member.
    UnknownMember,
    /// [`Limits::max_rooms_per_member`](crate::Limits::max_rooms_per_member) is reached.
    TooManyRooms,
}

names!(RoomError: UnknownMember TooManyRooms);

impl fmt::Display for RoomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownMember => "no such member",
            Self::TooManyRooms => "the member is in too many rooms",
        })
    }
}

impl core::error::Error for RoomError {}
