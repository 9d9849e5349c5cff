//! Coming and going: members, rooms, namespaces.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::member_rooms::MemberRooms;
use super::rooms::{Creation, Joined, Left, Member};
use super::{Children, Event, Hub, MemberId, Queued, Recovered, Room, RoomError, Target};
use crate::engineio::Sid;
use crate::machine::Machine as _;
use crate::socketio::args::Json;
use crate::socketio::layer::DisconnectReason;
use crate::socketio::namespace::Namespace;
use crate::time::Timestamp;

/// Members.
impl Hub {
    /// Makes a namespace that stays, with members or without. A program need not: the first member makes its namespace, and a
    /// broadcast in one that nobody is in has no receivers.
    pub fn declare(&mut self, namespace: &Namespace) {
        self.index.create(namespace);
        self.declared.insert(namespace.clone());
    }

    /// Adds a client that was just [accepted](crate::socketio::Connection::accept) into a namespace, under its public id,
    /// and lets it into the room of that name.
    ///
    /// Call it after `accept`: before that a client must get no broadcasts.
    //= SRV-ROOM-02: the room named by its own id
    //= SRV-ROOM-09: sockets whose connection completed
    //= SRV-NSP-02
    pub fn add(&mut self, namespace: &Namespace, sid: &Sid) -> MemberId {
        self.admit(namespace, sid, None)
    }

    /// Adds a client that may [come back](Self::recover) under its private id `pid`, if it loses its connection.
    //= SIO5-CSR-02
    pub fn add_recoverable(&mut self, namespace: &Namespace, sid: &Sid, pid: &Sid) -> MemberId {
        self.admit(namespace, sid, Some(pid.clone()))
    }

    fn admit(&mut self, namespace: &Namespace, sid: &Sid, pid: Option<Sid>) -> MemberId {
        let id = MemberId(self.next_member);
        self.next_member = self.next_member.saturating_add(1);
        let namespace = self.enter_namespace(namespace);
        self.index.add(id, Member { namespace, sid: sid.clone(), pid, rooms: MemberRooms::new() });
        self.enter(id, &Room::from(sid), usize::MAX);
        id
    }

    /// Takes back a client that lost its connection and asks with `auth` to be where it was.
    ///
    /// `None` if it does not ask for that, was away too long, or missed what is no longer known: treat it as a new client
    /// then; this is not an error.
    ///
    /// ```
    /// use sio_codec::engineio::{self, CloseReason, Sid};
    /// use sio_codec::socketio::hub::{self, Hub, Recovery, Target, Transmit};
    /// use sio_codec::socketio::{self, Connection, DisconnectReason, Event, Namespace};
    /// use sio_codec::{Frame, Machine, Output, Timestamp};
    ///
    /// let (now, root) = (Timestamp::ZERO, Namespace::root());
    /// let mut hub = Hub::new(hub::Config::default().with_recovery(Recovery::new([0; 6])));
    ///
    /// /// What the client is sent when it asks to be let in.
    /// fn enter(hub: &mut Hub, connect: &'static str) -> Vec<Frame> {
    ///     let (now, root) = (Timestamp::ZERO, Namespace::root());
    ///     let mut connection = Connection::new(socketio::Config::default());
    ///     connection.handle(now, engineio::Event::Opened);
    ///     connection.handle(now, engineio::Event::Message(Frame::from(connect)));
    ///     let Some(Output::Event(Event::ConnectRequested { auth, .. })) = connection.poll_output() else { panic!() };
    ///     if let Some(back) = hub.recover(now, &root, auth.as_ref()) {
    ///         connection.accept_recoverable(&root, &back.sid, &back.pid, &back.missed).unwrap();
    ///     } else {
    ///         // Random bytes of the program's.
    ///         let [sid, pid] = [1, 2].map(|seed| Sid::from_entropy([seed; 15]));
    ///         connection.accept_recoverable(&root, &sid, &pid, &[]).unwrap();
    ///         hub.add_recoverable(&root, &sid, &pid);
    ///     }
    ///     let sent = std::iter::from_fn(|| connection.poll_output()).map(|output| match output {
    ///         Output::Transmit(socketio::Transmit::Send(messages)) => messages.frames().next().unwrap(),
    ///         other => panic!("{other:?}"),
    ///     });
    ///     sent.collect()
    /// }
    ///
    /// let welcome = Frame::from(r#"40{"sid":"AQEBAQEBAQEBAQEBAQEB","pid":"AgICAgICAgICAgICAgIC"}"#);
    /// assert_eq!(enter(&mut hub, "0"), [welcome.clone()]);
    /// while hub.poll_output().is_some() {}
    ///
    /// // It gets one event, loses its connection, and misses another.
    /// hub.broadcast(now, &Target::everyone(&root), "news", (1,))?;
    /// let Some(Output::Transmit(Transmit::Deliver { member, broadcast })) = hub.poll_output() else { unreachable!() };
    /// let first = Frame::from(r#"42["news",1,"AAAAAAAA.0"]"#);
    /// assert_eq!(broadcast.messages().frames().next(), Some(first));
    /// hub.remove(now, member, DisconnectReason::Engine(CloseReason::TransportClose));
    /// hub.broadcast(now, &Target::everyone(&root), "news", (2,))?;
    ///
    /// let second = Frame::from(r#"42["news",2,"AAAAAAAA.1"]"#);
    /// let back = r#"0{"pid":"AgICAgICAgICAgICAgIC","offset":"AAAAAAAA.0"}"#;
    /// assert_eq!(enter(&mut hub, back), [second, welcome]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recover(&mut self, now: Timestamp, namespace: &Namespace, auth: Option<&Json>) -> Option<Recovered> {
        self.handle_timeout(now);
        let (member, mut place, missed) = self.log.as_mut()?.recover(namespace, auth?)?;
        let sid = place.sid.clone();
        let pid = place.pid.clone()?;
        let rooms = core::mem::replace(&mut place.rooms, MemberRooms::new());
        place.namespace = self.enter_namespace(namespace);
        self.index.add(member, place);
        self.answers.came_back(member, self.next_ack);
        // The limit is for rooms that are joined later.
        for room in rooms.iter() {
            self.enter(member, room, usize::MAX);
        }
        Some(Recovered { member, sid, pid, missed })
    }

    fn enter_namespace(&mut self, namespace: &Namespace) -> Arc<Namespace> {
        let (name, creation) = self.index.create(namespace);
        if creation == Creation::New {
            self.event(Event::NamespaceCreated { namespace: namespace.clone() });
        }
        name
    }

    /// Takes out a member whose connection is [no longer](crate::socketio::Event::Disconnected) in the namespace. It leaves
    /// all rooms; until then they can be [read](Self::rooms_of).
    ///
    /// Whether it can come back depends on the reason: not if either side meant to part.
    //= SRV-ROOM-03: leaves all rooms
    //= SRV-NSP-05: when its last socket leaves
    //= SIO5-CSR-08: Not recover after an explicit DISCONNECT
    pub fn remove(&mut self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        self.handle_timeout(now);
        let Some(place) = self.index.remove(member) else { return };
        for room in place.rooms.iter() {
            let left = self.index.vacate(&place.namespace, member, room.as_str());
            self.left(&place.namespace, room, member, left);
        }
        for settled in self.answers.left(&self.index, member) {
            self.settled(settled);
        }
        let namespace = Namespace::clone(&place.namespace);
        if let (Some(log), Some(pid), true) = (&mut self.log, &place.pid, reason.is_recoverable()) {
            let pid = pid.clone();
            if let Some(member) = log.suspend(self.now, member, pid, place) {
                self.event(Event::Forgotten { member });
            }
        }
        let is_child = self.config.children == Children::Remove && !self.declared.contains(&namespace);
        if is_child && self.index.remove_empty(&namespace) {
            self.event(Event::NamespaceRemoved { namespace });
        }
    }
}

/// Rooms.
impl Hub {
    /// Lets a member into a room. Joining twice is joining once.
    ///
    /// # Errors
    ///
    /// [`RoomError`].
    //= SRV-ROOM-04
    //= SRV-ROOM-12
    pub fn join(&mut self, member: MemberId, room: impl Into<Room>) -> Result<(), RoomError> {
        match self.enter(member, &room.into(), self.config.limits.max_rooms_per_member) {
            Some(Joined::Created | Joined::Entered | Joined::Already) => Ok(()),
            Some(Joined::Refused) => Err(RoomError::TooManyRooms),
            None => Err(RoomError::UnknownMember),
        }
    }

    fn enter(&mut self, member: MemberId, room: &Room, most: usize) -> Option<Joined> {
        let joined = self.index.join(member, room, most)?;
        if let (Joined::Created | Joined::Entered, Some(place)) = (joined, self.index.member(member)) {
            let namespace = Namespace::clone(&place.namespace);
            if joined == Joined::Created {
                self.event(Event::RoomCreated { namespace: namespace.clone(), room: room.clone() });
            }
            self.event(Event::Joined { namespace, room: room.clone(), member });
        }
        Some(joined)
    }

    /// Makes a member leave a room. Leaving a room that it is not in is nothing.
    ///
    /// # Errors
    ///
    /// [`RoomError::UnknownMember`].
    //= SRV-ROOM-04
    //= SRV-ROOM-12
    pub fn leave(&mut self, member: MemberId, room: impl Into<Room>) -> Result<(), RoomError> {
        let room = room.into();
        let left = self.index.leave(member, room.as_str()).ok_or(RoomError::UnknownMember)?;
        if let (Left::Deleted | Left::Remains, Some(place)) = (left, self.index.member(member)) {
            let namespace = Arc::clone(&place.namespace);
            self.left(&namespace, &room, member, left);
        }
        Ok(())
    }

    fn left(&mut self, namespace: &Namespace, room: &Room, member: MemberId, left: Left) {
        if left != Left::NotIn {
            self.event(Event::Left { namespace: namespace.clone(), room: room.clone(), member });
        }
        if left == Left::Deleted {
            self.event(Event::RoomDeleted { namespace: namespace.clone(), room: room.clone() });
        }
    }

    /// Adds the selected members to a room; returns how many were refused because they are in too many rooms.
    //= SRV-ROOM-13
    pub fn join_all(&mut self, target: &Target, room: impl Into<Room>) -> usize {
        let room = room.into();
        let members = self.index.select(target);
        members.into_iter().filter(|member| self.join(*member, &room).is_err()).count()
    }

    /// Makes every member of the target leave a room.
    //= SRV-ROOM-13
    pub fn leave_all(&mut self, target: &Target, room: impl Into<Room>) {
        let room = room.into();
        for member in self.index.select(target) {
            // It is there: it was just selected.
            let _ = self.leave(member, &room);
        }
    }

    /// Has every member of the target leave the namespace, or close its connection. They are members until the program
    /// [removes](Self::remove) them.
    //= SRV-ROOM-13
    pub fn disconnect_all(&mut self, target: &Target, close: bool) {
        let members = self.index.select(target).into_iter();
        self.outputs.push(Queued::Disconnect { members, close });
    }
}

/// Who is where.
impl Hub {
    /// The members that the target selects, in the order of joining the namespace.
    //= SRV-ROOM-13
    #[must_use]
    pub fn fetch(&self, target: &Target) -> Vec<MemberId> {
        self.index.select(target)
    }

    /// A member's public id.
    #[must_use]
    pub fn sid_of(&self, member: MemberId) -> Option<&Sid> {
        self.index.member(member).map(|member| &member.sid)
    }

    /// The namespace that a member is in.
    #[must_use]
    pub fn namespace_of(&self, member: MemberId) -> Option<&Namespace> {
        self.index.member(member).map(|member| &*member.namespace)
    }

    /// The rooms that a member is in, in the order of joining. The room of its id comes first, unless the member left it.
    pub fn rooms_of(&self, member: MemberId) -> impl Iterator<Item = &Room> {
        self.index.member(member).into_iter().flat_map(|member| member.rooms.iter())
    }

    /// The rooms of a namespace, in the order of their names.
    pub fn rooms(&self, namespace: &Namespace) -> impl Iterator<Item = &Room> {
        self.index.rooms(namespace)
    }

    /// The namespaces that were declared or have members, in the order of their names.
    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.index.namespaces()
    }

    /// Whether a namespace was declared or has members.
    #[cfg(feature = "cluster")]
    pub(crate) fn has(&self, namespace: &Namespace) -> bool {
        self.index.has(namespace)
    }

    /// Whether nobody is in a room.
    #[cfg(feature = "cluster")]
    pub(crate) fn is_empty_room(&self, namespace: &Namespace, room: &str) -> bool {
        self.index.is_empty_room(namespace, room)
    }
}
