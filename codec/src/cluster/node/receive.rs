//! What comes from the bus.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::Node;
use super::asked::Asker;
use super::command::Channel;
use super::event::{Event, Rejection};
use super::wire::Addressed;
use crate::cluster::event::{Event as Said, Packet};
use crate::cluster::id::{RequestId, Sender};
use crate::cluster::message::{Envelope, Message};
use crate::cluster::options::Options;
use crate::cluster::room::RoomKey;
use crate::cluster::streams::EntryId;
use crate::engineio::Sid;
use crate::socketio::hub::{MemberId, Room, Target};
use crate::socketio::{AckId, Args, EmitError, Namespace};

impl Node {
    /// A message of a channel or pattern that this server listens to. What came from one that it does not listen to any
    /// more is passed over.
    pub(super) fn message(&mut self, subscription: &Channel, channel: String, message: Bytes) {
        let Some((namespace, wire)) = self.presences.reader(subscription) else { return };
        // Most of what a server hears is not for it; that much can be seen without reading it.
        match wire.addressed(&channel) {
            Addressed::Elsewhere => return,
            Addressed::Room(room) if self.hub.is_empty_room(namespace, room) => return,
            Addressed::Room(_) | Addressed::Wider => {}
        }
        let bytes = message.len();
        match wire.read(&channel, message) {
            // One namespace's pattern may fit another's channel.
            Ok(Some(envelope)) if self.presences.hears(&envelope.namespace, subscription) => {
                self.envelope(channel, envelope, bytes, None);
            }
            Ok(_) => {}
            Err(error) => self.rejected(channel, Rejection::Unreadable(error)),
        }
    }

    /// A message for a namespace that this server has; `at` is its place in a stream, if clients can come back to it.
    pub(super) fn envelope(&mut self, place: String, envelope: Envelope, bytes: usize, at: Option<EntryId>) {
        let Envelope { sender, namespace, message } = envelope;
        // The bus brings what this server said back to it.
        if sender.uid() == Some(&self.uid) {
            return;
        }
        if message.is_response() {
            let ended = self.questions.answered(&sender, message, bytes);
            self.ended(ended);
        } else if message.request().is_some_and(|request| self.questions.knows(request)) {
            // Its own question, in somebody else's name.
        } else if let Err(fault) = self.obey(&namespace, &sender, message, at) {
            self.rejected(place, fault);
        }
    }

    fn obey(
        &mut self,
        namespace: &Namespace,
        sender: &Sender,
        message: Message,
        at: Option<EntryId>,
    ) -> Result<(), Rejection> {
        match message {
            Message::Broadcast { packet, options } => self.deliver(namespace, packet, &options, at),
            Message::BroadcastWithAck { request, packet, options } => {
                self.deliver_with_ack(namespace, sender, request, packet, &options)
            }
            Message::ServerSideEmit { event } => {
                self.event(Event::ServerSide { namespace: namespace.clone(), event, reply: None });
                Ok(())
            }
            Message::ServerSideEmitWithAck { request, event } => self.server_side(namespace, sender, request, event),
            Message::Join { options, rooms } => self.join_rooms(namespace, &options, &rooms),
            Message::JoinOne { request, socket, room } => self.join_one(namespace, sender, request, &socket, &room),
            Message::Leave { options, rooms } => {
                self.leave_rooms(namespace, &options, &rooms);
                Ok(())
            }
            Message::Disconnect { options, close } => {
                if let Some(target) = target(namespace, &options) {
                    self.hub.disconnect_all(&target, close);
                }
                Ok(())
            }
            other => {
                if let Some(answer) = self.answer_to(namespace, other) {
                    self.respond(namespace, sender, &answer);
                }
                Ok(())
            }
        }
    }

    /// How many rooms a member may be in is not for others to say. That it is in too many is told once, and no further room is
    /// tried with that member.
    fn join_rooms(&mut self, namespace: &Namespace, options: &Options, rooms: &[RoomKey]) -> Result<(), Rejection> {
        let mut result = Ok(());
        let members = target(namespace, options).map(|target| self.hub.fetch(&target));
        let rooms = names(rooms);
        for member in members.into_iter().flatten() {
            if rooms.iter().try_for_each(|room| self.hub.join(member, *room)).is_err() {
                result = Err(Rejection::TooManyRooms);
            }
        }
        result
    }

    fn join_one(
        &mut self,
        namespace: &Namespace,
        sender: &Sender,
        request: RequestId,
        socket: &Sid,
        room: &RoomKey,
    ) -> Result<(), Rejection> {
        let Some(member) = self.member(namespace, socket) else { return Ok(()) };
        let joined = room.name().map_or(Ok(()), |room| self.hub.join(member, room));
        // It answers that it has the socket, as servers of the reference do.
        self.respond(namespace, sender, &Message::Done { request });
        joined.map_err(|_| Rejection::TooManyRooms)
    }

    fn leave_rooms(&mut self, namespace: &Namespace, options: &Options, rooms: &[RoomKey]) {
        let members = target(namespace, options).map(|target| self.hub.fetch(&target));
        let rooms = names(rooms);
        for member in members.into_iter().flatten() {
            // It may be in fewer than are named.
            let left: Vec<_> = self.hub.rooms_of(member).filter(|room| rooms.contains(room)).cloned().collect();
            for room in left {
                // It is there: it was just selected.
                let _ = self.hub.leave(member, room);
            }
        }
    }

    /// What is answered at once. One that asks about a socket gets an answer of the server that has it alone.
    fn answer_to(&mut self, namespace: &Namespace, message: Message) -> Option<Message> {
        match message {
            Message::FetchSockets { request, options } => {
                let sockets = target(namespace, &options).map(|target| self.describe(&target)).unwrap_or_default();
                Some(Message::FetchSocketsResponse { request, sockets })
            }
            Message::AllRooms { request } => {
                let rooms = self.hub.rooms(namespace).cloned().map(RoomKey::Name).collect();
                Some(Message::AllRoomsResponse { request, rooms })
            }
            Message::SocketIds { request, rooms } => {
                let options = Options { rooms, ..Options::everyone() };
                let members = target(namespace, &options).map(|target| self.hub.fetch(&target)).unwrap_or_default();
                let sockets = members.into_iter().filter_map(|member| self.hub.sid_of(member).cloned()).collect();
                Some(Message::SocketIdsResponse { request, sockets })
            }
            Message::LeaveOne { request, socket, room } => {
                let member = self.member(namespace, &socket)?;
                if let Some(room) = room.name() {
                    // It is there: it was just found.
                    let _ = self.hub.leave(member, room);
                }
                Some(Message::Done { request })
            }
            Message::DisconnectOne { request, socket, close } => {
                let member = self.member(namespace, &socket)?;
                self.hub.disconnect(member, close);
                Some(Message::Done { request })
            }
            // Nobody is known by its heartbeats here: Redis counts.
            _ => None,
        }
    }

    /// The member with this id, if it is one of this server's.
    fn member(&self, namespace: &Namespace, sid: &Sid) -> Option<MemberId> {
        let own = self.hub.fetch(&Target::everyone(namespace).to(sid));
        own.into_iter().find(|member| self.hub.sid_of(*member) == Some(sid))
    }

    //= SIO5-CSR-03: append the offset to recoverable events only
    fn deliver(
        &mut self,
        namespace: &Namespace,
        packet: Packet,
        options: &Options,
        at: Option<EntryId>,
    ) -> Result<(), Rejection> {
        let Some(target) = target(namespace, options) else { return Ok(()) };
        let at = at.filter(|_| packet.ack.is_none() && !target.is_volatile());
        let args = Args::from_values(&packet.event.args).map_err(|_| Rejection::Unsendable)?;
        let sent = self.send(&target, packet.event.name.as_str(), &args, at);
        sent.map(drop).map_err(|_| Rejection::Unsendable)
    }

    //= SRV-BC-03
    fn deliver_with_ack(
        &mut self,
        namespace: &Namespace,
        to: &Sender,
        request: RequestId,
        packet: Packet,
        options: &Options,
    ) -> Result<(), Rejection> {
        let asked = self.ask_clients(namespace, packet, options);
        let count = asked.as_ref().map_or(0, |asked| asked.map_or(0, |(_, count)| count as u64));
        // Whoever asks waits for a count, even of none.
        self.respond(namespace, to, &Message::BroadcastClientCount { request: request.clone(), count });
        if let Some((ack, _)) = asked? {
            self.asked.broadcast(ack, Asker { namespace: namespace.clone(), request, sender: to.clone() });
        }
        Ok(())
    }

    fn ask_clients(
        &mut self,
        namespace: &Namespace,
        packet: Packet,
        options: &Options,
    ) -> Result<Option<(AckId, usize)>, Rejection> {
        let Some(target) = target(namespace, options) else { return Ok(None) };
        if self.asked.len() >= self.config.max_requests {
            return Err(Rejection::TooManyRequests);
        }
        let args = Args::from_values(&packet.event.args).map_err(|_| Rejection::Unsendable)?;
        let timeout = options.flags.timeout.unwrap_or(self.config.request_timeout).min(self.config.max_remote_timeout);
        let name = packet.event.name.as_str();
        match self.hub.broadcast_with_ack(self.now, &target, name, args, timeout) {
            Ok(asked) => Ok(Some(asked)),
            Err(EmitError::TooManyAcks) => Err(Rejection::TooManyRequests),
            Err(_) => Err(Rejection::Unsendable),
        }
    }

    fn server_side(
        &mut self,
        namespace: &Namespace,
        to: &Sender,
        request: RequestId,
        event: Said,
    ) -> Result<(), Rejection> {
        if self.asked.len() >= self.config.max_requests {
            return Err(Rejection::TooManyRequests);
        }
        let asker = Asker { namespace: namespace.clone(), request, sender: to.clone() };
        let reply = self.asked.reply(self.now.saturating_add(self.config.request_timeout), asker);
        self.event(Event::ServerSide { namespace: namespace.clone(), event, reply: Some(reply) });
        Ok(())
    }

    fn rejected(&mut self, channel: String, fault: Rejection) {
        self.event(Event::Rejected { channel, fault });
    }
}

/// The members that are meant; `None` if nobody can be, because no room that is named can exist here.
//= CLU-BC-02
//= CLU-BC-05
//= CLU-BC-06
pub(super) fn target(namespace: &Namespace, options: &Options) -> Option<Target> {
    let rooms = names(&options.rooms);
    if rooms.is_empty() && !options.rooms.is_empty() {
        return None;
    }
    let target = rooms.into_iter().fold(Target::everyone(namespace), Target::to);
    let target = names(&options.except).into_iter().fold(target, Target::except);
    Some(if options.flags.volatile { target.volatile() } else { target })
}

/// Rooms, each once: one that is named ten thousand times does not cost more than that.
fn names(rooms: &[RoomKey]) -> BTreeSet<&Room> {
    rooms.iter().filter_map(RoomKey::name).collect()
}
