//! Who a broadcast is for.

use alloc::vec::Vec;

use super::room::Room;
use crate::socketio::namespace::Namespace;

/// Some of a namespace's members.
///
/// Rooms that are named with [`to`](Self::to) add up, and without any it is everyone; members of a room that is named with
/// [`except`](Self::except) are left out in any case. A room that does not exist has no members.
///
/// Every member has a room that is named by its id, so `to(id)` is a message to one of them, and `except(id)` is what
/// a server does when it passes a member's words on to the others.
///
/// ```
/// use sio_codec::socketio::Namespace;
/// use sio_codec::socketio::hub::Target;
///
/// let others_in_either = Target::everyone(&Namespace::root()).to("red").to("blue").except("idOfTheSender");
/// assert!(!others_in_either.is_local());
/// ```
//= SRV-ROOM-05: each socket receives once
//= SRV-ROOM-06: removes every member
//= SRV-ROOM-07: No room selected means all sockets
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) namespace: Namespace,
    pub(super) to: Vec<Room>,
    pub(super) except: Vec<Room>,
    scope: Scope,
    pub(super) delivery: Delivery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Cluster,
    Node,
}

/// What the connection does with a packet that cannot leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Queued,
    Volatile,
}

impl Target {
    /// All members of a namespace.
    #[must_use]
    pub fn everyone(namespace: &Namespace) -> Self {
        let (scope, delivery) = (Scope::Cluster, Delivery::Queued);
        Self { namespace: namespace.clone(), to: Vec::new(), except: Vec::new(), scope, delivery }
    }

    /// The members of this room, and of those named before.
    #[must_use]
    pub fn to(mut self, room: impl Into<Room>) -> Self {
        self.to.push(room.into());
        self
    }

    /// Not the members of this room.
    #[must_use]
    pub fn except(mut self, room: impl Into<Room>) -> Self {
        self.except.push(room.into());
        self
    }

    /// For this node of a cluster alone. A hub is one node and knows of no others: this is a note for a program that
    /// passes broadcasts on.
    //= SRV-BC-01
    #[must_use]
    pub const fn local(mut self) -> Self {
        self.scope = Scope::Node;
        self
    }

    /// Whether a program that passes broadcasts on to other nodes keeps this one to itself.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        matches!(self.scope, Scope::Node)
    }

    /// A member whose connection cannot take the packet at once does not get it.
    //= SRV-BC-02
    #[must_use]
    pub const fn volatile(mut self) -> Self {
        self.delivery = Delivery::Volatile;
        self
    }

    /// Whether it was made [volatile](Self::volatile).
    #[must_use]
    pub const fn is_volatile(&self) -> bool {
        matches!(self.delivery, Delivery::Volatile)
    }

    /// The rooms that were named with [`to`](Self::to); if there are none, everyone is meant.
    #[must_use]
    pub fn rooms(&self) -> &[Room] {
        &self.to
    }

    /// The rooms that were named with [`except`](Self::except).
    #[must_use]
    pub fn excepted(&self) -> &[Room] {
        &self.except
    }

    /// The namespace.
    #[must_use]
    pub const fn namespace(&self) -> &Namespace {
        &self.namespace
    }
}
