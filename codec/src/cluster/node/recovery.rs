//! Clients that lost their connection, and come back to this server or another.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::Node;
use super::bus::{Sent, UnderWay};
use super::command::Command;
use super::config::Adapter;
use super::event::{Event, QuestionId, Rejection};
use super::membership::Described;
use super::returns::{Delivery, Return, Stage};
use super::wire::Wire;
use crate::Text;
use crate::cluster::event::Event as Said;
use crate::cluster::room::RoomKey;
use crate::cluster::streams::{Entry, EntryId, Session};
use crate::engineio::Sid;
use crate::machine::Machine as _;
use crate::socketio::hub::{Claim, MemberId, Recovered};
use crate::socketio::{Args, DisconnectReason, EmitError, Json, Namespace, Object, Value};
use crate::time::Timestamp;

/// How many entries are asked for at a time.
pub(super) const ROUND: usize = 200;

/// Connection state recovery, with the [streams](super::Adapter::Streams) adapter.
impl Node {
    /// Adds a client that may [come back](Self::recover) under its private id `pid`, to any server of the cluster, if it loses
    /// its connection. Without [recovery](crate::cluster::streams::Config::with_recovery) it is [`add`](Self::add).
    //= SIO5-CSR-02
    pub fn add_recoverable(&mut self, namespace: &Namespace, sid: &Sid, pid: &Sid, handshake: Object) -> MemberId {
        let member = self.add(namespace, sid, handshake);
        if let Some(described) = self.described.get_mut(&member) {
            described.pid = Some(pid.clone());
        }
        member
    }

    /// Looks for the place of a client that lost its connection, here or on another server, and asks with `auth` to be where
    /// it was. [`Event::Recovery`] follows, within [`request_timeout`](super::Config::request_timeout): the client waits for
    /// its answer until then.
    ///
    /// `None` if it does not ask for that, or cannot be helped: treat it as a new client then; this is not an error. Nothing
    /// has been asked of Redis.
    ///
    /// # What a client gets back
    ///
    /// | | |
    /// |---|---|
    /// | its ids | the public one, and the private one, under which it may come back again |
    /// | its rooms | those that it was in when it lost its connection; a number that a program in JavaScript calls a room by is none here |
    /// | its data | what was [attached](Self::attach), or is `socket.data` in JavaScript: [`data_of`](Self::data_of) |
    /// | what it missed | the broadcasts behind its offset that it would have got, each once, in the order of the stream |
    ///
    /// Volatile broadcasts are not among them: they are for who is there. Those of a server of Node.js are, if the client
    /// comes back there. A packet that waits for an acknowledgement, which servers of Node.js put into the stream as well,
    /// is a plain event when it comes late, as it is there: whoever asked does not wait any more.
    ///
    /// # When it is new
    ///
    /// If it was away too long, comes a second time, or its server crashed and stored nothing; if the stream does not have
    /// the entry of its offset any more, or it belongs to another namespace; if it missed more than 100 times 200 entries
    /// of the stream, or more bytes than there is [room](super::Config::max_answer_bytes) for; if Redis does not answer, or
    /// at the same time fails to say whether it has added a broadcast of this server.
    ///
    /// ```
    /// use core::time::Duration;
    /// use sio_codec::cluster::node::{Adapter, Command, Config, Event, Input, Node, Transmit};
    /// use sio_codec::cluster::streams::{self, Entry, EntryId, Session};
    /// use sio_codec::engineio::Sid;
    /// use sio_codec::socketio::{Json, Namespace, Object};
    /// use sio_codec::{Machine, Output, Timestamp};
    ///
    /// let (now, root) = (Timestamp::ZERO, Namespace::root());
    /// let streams = streams::Config::default().with_recovery(Duration::from_secs(120));
    /// let mut node = Node::new(Config::new(Adapter::Streams(streams), [7; 16]));
    /// node.declare(&root);
    ///
    /// /// The next command for Redis that is no subscription.
    /// fn bus(node: &mut Node) -> Option<Command> {
    ///     let mut outputs = std::iter::from_fn(|| node.poll_output());
    ///     outputs.find_map(|output| match output {
    ///         Output::Transmit(Transmit::Bus(Command::Subscribe(_))) => None,
    ///         Output::Transmit(Transmit::Bus(command)) => Some(command),
    ///         _ => None,
    ///     })
    /// }
    /// // Two entries are in the stream.
    /// let entry = |at: u64| {
    ///     let data = r#"{"packet":{"type":2,"data":["news"]},"opts":{"rooms":[],"except":[],"flags":{}}}"#;
    ///     let fields = [("uid", "1111111111111111"), ("nsp", "/"), ("type", "3"), ("data", data)];
    ///     (EntryId { milliseconds: at, sequence: 0 }, Entry::new(fields))
    /// };
    /// let Some(Command::Tail { id, .. }) = bus(&mut node) else { unreachable!() };
    /// node.handle(now, Input::Entries { id, entries: vec![entry(8)] });
    /// let Some(Command::Read { .. }) = bus(&mut node) else { unreachable!() };
    ///
    /// // A client has got the first, and asks for its place.
    /// let auth = Json::new(r#"{"pid":"j1of5bZzaPTfmww-AAAB","offset":"7-0"}"#.into())?;
    /// let question = node.recover(now, &root, Some(&auth), Object::default()).unwrap();
    /// let Some(Command::Take { id, key }) = bus(&mut node) else { unreachable!() };
    /// assert_eq!(key.as_str(), "sio:session:j1of5bZzaPTfmww-AAAB");
    /// let [sid, pid] = ["WCSuvQvKHmpx00suAAAA", "j1of5bZzaPTfmww-AAAB"].map(|id| Sid::from_wire(id).unwrap());
    /// node.handle(now, Input::Taken { id, value: Some(Session::new(&sid, &pid).encode()) });
    /// let Some(Command::Range { id, from, .. }) = bus(&mut node) else { unreachable!() };
    /// assert_eq!(from.to_string(), "7-0");
    /// node.handle(now, Input::Entries { id, entries: vec![entry(7), entry(8)] });
    ///
    /// // It is back, and has missed the second.
    /// let Some(Output::Event(Event::Recovery { question: of, recovered: Some(back) })) = node.poll_output() else {
    ///     unreachable!()
    /// };
    /// assert_eq!((of, back.sid, back.missed.len()), (question, sid, 1));
    /// assert_eq!(back.missed[0].frames().next(), Some(r#"42["news","8-0"]"#.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    //= SIO5-CSR-04
    pub fn recover(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        auth: Option<&Json>,
        handshake: Object,
    ) -> Option<QuestionId> {
        self.handle_timeout(now);
        self.recovery()?;
        let claim = Claim::read(auth?)?;
        let (pid, offset) = (Sid::from_wire(&claim.pid)?, EntryId::parse(&claim.offset)?);
        if self.returns.len() >= self.config.max_requests {
            return None;
        }
        let wire = Wire::new(&self.config.adapter, namespace);
        let key = wire.session_key(&pid)?;
        let question = self.questions.draw_id();
        let deadline = self.now.saturating_add(self.config.request_timeout);
        let (namespace, stage) = (namespace.clone(), Stage::Taking);
        self.returns.begin(question, Return { namespace, wire, pid, handshake, offset, deadline, stage });
        let id = self.bus.ask(UnderWay::Take(question));
        self.command(Command::Take { id, key });
        Some(question)
    }

    /// What was [attached](Self::attach) to a member, or came [back](Self::recover) with it.
    #[must_use]
    pub fn data_of(&self, member: MemberId) -> Option<&Value> {
        self.described.get(&member).map(|described| &described.data)
    }

    pub(super) const fn recovery(&self) -> Option<Duration> {
        if let Adapter::Streams(config) = &self.config.adapter { config.max_disconnection } else { None }
    }

    /// Stores the place of a member that lost its connection, for any server to find.
    //= SIO5-CSR-08: Not recover after an explicit DISCONNECT
    pub(super) fn store(&mut self, member: MemberId, reason: DisconnectReason) {
        let Some(max_disconnection) = self.recovery().filter(|_| reason.is_recoverable()) else { return };
        let place = self.hub.namespace_of(member).zip(self.hub.sid_of(member)).zip(self.described.get(&member));
        let Some(((namespace, sid), Described { pid: Some(pid), data, .. })) = place else { return };
        let rooms = self.hub.rooms_of(member).cloned().map(RoomKey::Name).collect();
        let session = Session { rooms, data: data.clone(), ..Session::new(sid, pid) };
        let Some(key) = self.presences.of(namespace).and_then(|wire| wire.session_key(pid)) else { return };
        let sent = Sent { namespace: namespace.clone(), message: "Session", question: None };
        let value = session.encode();
        match self.bus.message(sent, key.len().saturating_add(value.len())) {
            Ok(id) => self.command(Command::Store { id, key, value, time_to_live: max_disconnection }),
            Err(sent) => self.unsent(sent),
        }
    }

    /// What was stored of a client.
    //= SIO5-CSR-05
    //= CLU-CSR-01
    //= CLU-CSR-02
    pub(super) fn taken(&mut self, question: QuestionId, value: Option<Bytes>) {
        let (Adapter::Streams(config), Some(coming)) = (&self.config.adapter, self.returns.of(question)) else {
            return;
        };
        let Some(value) = value else { return self.not_back(question) };
        match Session::decode(&value, &config.limits) {
            Ok(session) if coming.is_of(&session, self.config.hub.limits.max_rooms_per_member) => {
                coming.found(session);
                self.read_missed(question);
            }
            Ok(_) => self.not_back(question),
            Err(error) => {
                let channel = coming.namespace.as_str().into();
                self.event(Event::Rejected { channel, fault: Rejection::Unreadable(error) });
                self.not_back(question);
            }
        }
    }

    fn read_missed(&mut self, question: QuestionId) {
        let Some(coming) = self.returns.of(question) else { return };
        let position = self.streams.position(&coming.wire).filter(|position| coming.offset <= *position);
        // Otherwise it would be given once more what another server has given it.
        let Some(position) = position else { return self.returns.wait(question) };
        let Some((stream, from)) = coming.ask(position) else { return self.not_back(question) };
        let id = self.bus.ask(UnderWay::Range(question));
        self.command(Command::Range { id, stream, from });
    }

    /// This server has read on.
    pub(super) fn resume(&mut self, stream: &Text, position: EntryId) {
        while let Some(question) = self.returns.resume(stream, position) {
            self.read_missed(question);
        }
    }

    /// What a stream has behind the offset of a client. The first time the offset itself comes first.
    pub(super) fn ranged(&mut self, question: QuestionId, entries: Vec<(EntryId, Entry)>) {
        let are_all = entries.len() < ROUND;
        let last = entries.last().map(|(at, _)| *at);
        for (at, entry) in entries {
            if !self.consider(question, at, entry) {
                return self.not_back(question);
            }
        }
        let Some(coming) = self.returns.of(question) else { return };
        let position = self.streams.position(&coming.wire);
        let Some(reading) = coming.reading() else { return };
        if !reading.cover(last, are_all) {
            return self.not_back(question);
        }
        match position.filter(|position| reading.has_covered(*position)) {
            Some(position) => self.back(question, position),
            None => self.read_missed(question),
        }
    }

    /// Takes an entry for a client; `false` if it is new because of it.
    fn consider(&mut self, question: QuestionId, at: EntryId, entry: Entry) -> bool {
        let Some(coming) = self.returns.of(question) else { return false };
        let is_here = entry.namespace() == Some(coming.namespace.as_str());
        let offset = coming.offset;
        let Some(reading) = coming.reading() else { return false };
        if reading.is_first() {
            // If it is gone, others may be gone as well. A session does not say of which namespace it is; that the client
            // was in this one is all that its offset shows.
            return at == offset && is_here && reading.cover(Some(at), false);
        }
        let is_done = entry.is_by(&self.uid) && !self.echoes.expects(&entry);
        let delivery = if is_done { Delivery::Done } else { Delivery::WhenRead };
        match if is_here { coming.event(entry) } else { None } {
            Some(Said { name, args }) => {
                let written = Args::from_values(&args)
                    .map_err(EmitError::from)
                    .and_then(|args| self.hub.write(&coming.namespace, name.as_str(), args, Some(&at.to_string())));
                // What cannot be sent was told when this server read it.
                written.map_or(true, |messages| self.returns.keep(question, at, delivery, messages))
            }
            None => true,
        }
    }

    /// It is where it was: what comes from now on it gets as a member.
    fn back(&mut self, question: QuestionId, position: EntryId) {
        let Some(Return { namespace, pid, handshake, stage: Stage::Reading(mut reading), .. }) =
            self.returns.take(question)
        else {
            return;
        };
        let missed = reading.missed(position);
        let sid = reading.session.sid.clone();
        let member = self.add_recoverable(&namespace, &sid, &pid, handshake);
        for room in reading.rooms() {
            // Their number was compared with the limit.
            let _ = self.hub.join(member, room);
        }
        if !reading.rooms().contains(sid.as_str()) {
            // It is there: it was just added.
            let _ = self.hub.leave(member, &sid);
        }
        self.attach(member, reading.session.data);
        let recovered = Some(Recovered { member, sid, pid, missed });
        self.arrivals.push(Event::Recovery { question, recovered });
    }

    /// It is a new client.
    pub(super) fn not_back(&mut self, question: QuestionId) {
        self.bus.ask_no_more(question);
        self.returns.take(question);
        self.arrivals.push(Event::Recovery { question, recovered: None });
    }

    /// Nobody knows of a broadcast whether it is in its stream: who is just coming back can no more be told from it what was
    /// missed.
    pub(super) fn doubt(&mut self) {
        while let Some(question) = self.returns.first() {
            self.not_back(question);
        }
    }

    pub(super) fn expire_returns(&mut self) {
        while let Some(question) = self.returns.expire(self.now) {
            self.not_back(question);
        }
    }
}
