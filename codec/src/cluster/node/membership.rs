//! Coming and going on this server, and who listens to what because of it.

use alloc::vec::Vec;

use super::Node;
use super::command::{Channel, Command};
use super::wire::Wire;
use crate::cluster::message::Message;
use crate::cluster::room::RoomKey;
use crate::cluster::socket::SocketDescriptor;
use crate::engineio::Sid;
use crate::machine::Machine as _;
use crate::socketio::hub::{self, MemberId, Room, RoomError, Target};
use crate::socketio::{AckId, Args, DisconnectReason, Namespace, Object, Value};
use crate::time::Timestamp;

/// What other servers are told of a member that they ask about, or that comes to them.
#[derive(Debug, Default)]
pub(super) struct Described {
    handshake: Object,
    pub(super) data: Value,
    /// Under which it can come back.
    pub(super) pid: Option<Sid>,
}

/// This server's own members; as in [`Hub`](crate::socketio::hub::Hub), whose functions these are.
impl Node {
    /// Makes a namespace that stays, with members or without: this server is one of those that have it from now on.
    pub fn declare(&mut self, namespace: &Namespace) {
        self.hub.declare(namespace);
        self.enter(namespace);
    }

    /// Adds a client that was just accepted into a namespace, with what other servers are to be told of its connection:
    /// [`SocketDescriptor::handshake`].
    pub fn add(&mut self, namespace: &Namespace, sid: &Sid, handshake: Object) -> MemberId {
        self.enter(namespace);
        let member = self.hub.add(namespace, sid);
        let data = Value::Object(Object::default());
        self.described.insert(member, Described { handshake, data, pid: None });
        member
    }

    /// Attaches data to a member that other servers see in [`SocketDescriptor::data`]; tells whether there is such a member.
    pub fn attach(&mut self, member: MemberId, data: Value) -> bool {
        self.described.get_mut(&member).map(|described| described.data = data).is_some()
    }

    /// Takes out a member whose connection is no longer in the namespace. One that was
    /// [added](Self::add_recoverable) to come back may do so, unless either side meant to part.
    pub fn remove(&mut self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        self.handle_timeout(now);
        self.store(member, reason);
        self.described.remove(&member);
        self.hub.remove(now, member, reason);
    }

    /// Lets a member into a room.
    ///
    /// # Errors
    ///
    /// [`RoomError`].
    pub fn join(&mut self, member: MemberId, room: impl Into<Room>) -> Result<(), RoomError> {
        self.hub.join(member, room)
    }

    /// Makes a member leave a room.
    ///
    /// # Errors
    ///
    /// [`RoomError::UnknownMember`].
    pub fn leave(&mut self, member: MemberId, room: impl Into<Room>) -> Result<(), RoomError> {
        self.hub.leave(member, room)
    }

    /// A member answered a broadcast, which this server or another sent.
    pub fn acknowledge(&mut self, now: Timestamp, member: MemberId, id: AckId, args: &Args) {
        self.handle_timeout(now);
        if !self.hub.take_answer(member, id, args) {
            return;
        }
        if let Some(asker) = self.asked.asker(id).cloned() {
            let answer = first(args);
            let message = Message::BroadcastAck { request: asker.request, answer };
            self.respond(&asker.namespace, &asker.sender, &message);
        }
    }

    /// This server's own members and rooms, for what there is to read.
    #[must_use]
    pub const fn hub(&self) -> &hub::Hub {
        &self.hub
    }

    /// All that this server listens to at the moment. The program subscribes to it anew when it has a new connection to
    /// Redis.
    pub fn subscriptions(&self) -> impl Iterator<Item = &Channel> {
        self.presences.subscriptions()
    }

    pub(super) fn describe(&self, target: &Target) -> Vec<SocketDescriptor> {
        self.hub.fetch(target).into_iter().filter_map(|member| self.description(member)).collect()
    }

    fn description(&self, member: MemberId) -> Option<SocketDescriptor> {
        let mut socket = SocketDescriptor::new(self.hub.sid_of(member)?);
        socket.rooms = self.hub.rooms_of(member).cloned().map(RoomKey::Name).collect();
        if let Some(described) = self.described.get(&member) {
            socket.handshake = described.handshake.clone();
            socket.data = described.data.clone();
        }
        Some(socket)
    }
}

/// The first argument of an acknowledgement: no more of it travels.
pub(super) fn first(args: &Args) -> Value {
    args.values().ok().and_then(|values| values.into_iter().next()).unwrap_or(Value::Undefined)
}

/// What is listened to.
impl Node {
    fn enter(&mut self, namespace: &Namespace) {
        if self.presences.of(namespace).is_some() {
            return;
        }
        let wire = Wire::new(&self.config.adapter, namespace);
        for channel in self.presences.enter(namespace, wire, &self.uid) {
            self.command(Command::Subscribe(channel));
        }
    }

    /// What an event of the hub means for the subscriptions.
    pub(super) fn follow(&mut self, event: &hub::Event) {
        match event {
            // It may have been created anew before anybody heard of it.
            hub::Event::NamespaceRemoved { namespace } if !self.hub.has(namespace) => {
                for channel in self.presences.leave(namespace, &self.uid) {
                    self.command(Command::Unsubscribe(channel));
                }
            }
            hub::Event::RoomCreated { namespace, room } => {
                if let Some(channel) = self.new_channel(namespace, room)
                    && self.presences.enter_room(namespace, &channel)
                {
                    self.command(Command::Subscribe(channel));
                }
            }
            hub::Event::RoomDeleted { namespace, room } => {
                if let Some(channel) = self.presences.of(namespace).and_then(|wire| wire.room(room))
                    && self.presences.leave_room(namespace, &channel)
                {
                    self.command(Command::Unsubscribe(channel));
                }
            }
            _ => {}
        }
    }

    /// The channel of a room that has one from now on.
    fn new_channel(&self, namespace: &Namespace, room: &Room) -> Option<Channel> {
        let wire = self.presences.of(namespace)?;
        let channel = wire.room(room)?;
        let own = self.hub.fetch(&Target::everyone(namespace).to(room));
        let mut sids = own.into_iter().filter_map(|member| self.hub.sid_of(member));
        match sids.find(|sid| sid.as_str() == room.as_str()) {
            Some(sid) => wire.own_room(sid),
            None => Some(channel),
        }
    }
}
