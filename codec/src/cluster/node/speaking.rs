//! What a program says to the cluster.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Node;
use super::bus::{Sent, UnderWay};
use super::command::{Command, CommandId, Transmit};
use super::config::Adapter;
use super::echoes::Echo;
use super::event::{AskError, QuestionId, ReplyId};
use super::questions::{Collected, Own, add_rooms};
use super::wire::{Outgoing, Wire};
use crate::cluster::event::{Event as Said, Packet};
use crate::cluster::id::{RequestId, Sender};
use crate::cluster::message::Message;
use crate::cluster::options::{Flags, Options};
use crate::cluster::room::RoomKey;
use crate::machine::Machine as _;
use crate::socketio::hub::{Room, Target};
use crate::socketio::{Args, EmitError, Namespace, ToArgs, Value};
use crate::time::Timestamp;

/// Broadcasts.
impl Node {
    /// Sends an event to every member of the target on all servers; tells how many of them are on this one.
    ///
    /// This server's own members get it as with [`Hub::broadcast`](crate::socketio::hub::Hub::broadcast), whether or not the
    /// bus can be reached; a target that is [local](Target::local) is not sent to the others. With
    /// [recovery](crate::cluster::streams::Config::with_recovery), they get it [when it is read back](super#recovery), unless
    /// the target is local or [volatile](Target::volatile).
    ///
    /// # Errors
    ///
    /// [`EmitError::ReservedName`], and [`EmitError::Args`] if the arguments cannot be written.
    //= SRV-BC-01
    //= CLU-BC-01
    //= CLU-BC-03
    pub fn broadcast(
        &mut self,
        now: Timestamp,
        target: &Target,
        name: &str,
        args: impl ToArgs,
    ) -> Result<usize, EmitError> {
        self.handle_timeout(now);
        if target.is_local() {
            return self.hub.broadcast(now, target, name, args);
        }
        let parser = self.config.hub.parser;
        let packet = Packet::from(said(parser, name, &args)?);
        if self.is_read_back(target) {
            // What is wrong with it is to be told now.
            self.hub.write(target.namespace(), name, &args, None)?;
            let (name, args) = (packet.event.name.clone(), args.with_args(parser, Args::clone)?);
            let receivers = self.hub.fetch(target).len();
            let message = Message::Broadcast { packet, options: options(target) };
            self.broadcast_by_stream(&message, Echo { target: target.clone(), name, args });
            return Ok(receivers);
        }
        let receivers = self.hub.broadcast(now, target, name, args)?;
        if !target.is_volatile() {
            self.doubt();
        }
        self.publish(target.namespace(), &Message::Broadcast { packet, options: options(target) });
        Ok(receivers)
    }

    /// Sends an event that every member of the target on all servers is to acknowledge within `timeout`.
    /// [`Event::Answered`](super::Event::Answered) follows.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast), and [`EmitError::TooManyAcks`] if as many questions wait as
    /// [allowed](super::Config::max_requests), or this server has no room for the answers of its own members.
    //= SRV-BC-05
    //= CLU-ACK-01
    //= CLU-ACK-03
    pub fn broadcast_with_ack(
        &mut self,
        now: Timestamp,
        target: &Target,
        name: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<QuestionId, EmitError> {
        self.handle_timeout(now);
        if self.questions.len() >= self.config.max_requests {
            return Err(EmitError::TooManyAcks);
        }
        let event = said(self.config.hub.parser, name, &args)?;
        let (ack, _) = self.hub.broadcast_with_ack(now, target, name, args, timeout)?;
        let clients = Collected::Clients { own: Own::Asked(ack), promised: 0, answers: Vec::new() };
        let (question, request) = self.ask(timeout, clients);
        if target.is_local() {
            self.counted(question, 0);
            return Ok(question);
        }
        let mut options = options(target);
        options.flags = options.flags.with_timeout(timeout);
        let message = Message::BroadcastWithAck { request, packet: Packet::from(event), options };
        self.publish_question(target.namespace(), &message, question);
        self.count(target.namespace(), question);
        Ok(question)
    }
}

/// Members of all servers.
impl Node {
    /// Adds the selected members of all servers to a room; returns how many of this one's were refused because they are in too
    /// many rooms.
    //= CLU-SOCK-02
    pub fn join_all(&mut self, now: Timestamp, target: &Target, room: impl Into<Room>) -> usize {
        self.handle_timeout(now);
        let room = room.into();
        let refused = self.hub.join_all(target, &room);
        let rooms = Vec::from([RoomKey::Name(room)]);
        self.publish_unless_local(target, |options| Message::Join { options, rooms });
        refused
    }

    /// Makes the selected members of all servers leave a room.
    //= CLU-SOCK-03
    pub fn leave_all(&mut self, now: Timestamp, target: &Target, room: impl Into<Room>) {
        self.handle_timeout(now);
        let room = room.into();
        self.hub.leave_all(target, &room);
        let rooms = Vec::from([RoomKey::Name(room)]);
        self.publish_unless_local(target, |options| Message::Leave { options, rooms });
    }

    /// Has the selected members of all servers leave the namespace, or close their connections.
    //= CLU-SOCK-04
    pub fn disconnect_all(&mut self, now: Timestamp, target: &Target, close: bool) {
        self.handle_timeout(now);
        self.hub.disconnect_all(target, close);
        self.publish_unless_local(target, |options| Message::Disconnect { options, close });
    }

    fn publish_unless_local(&mut self, target: &Target, message: impl FnOnce(Options) -> Message) {
        if !target.is_local() {
            self.publish(target.namespace(), &message(Options { flags: Flags::default(), ..options(target) }));
        }
    }

    /// Asks all servers for the selected sockets. [`Event::Answered`](super::Event::Answered) follows, with this server's own
    /// first.
    ///
    /// # Errors
    ///
    /// [`AskError::TooManyRequests`].
    //= CLU-SOCK-01
    pub fn fetch(&mut self, now: Timestamp, target: &Target) -> Result<QuestionId, AskError> {
        self.handle_timeout(now);
        self.check_room_for_questions()?;
        let own = self.describe(target);
        let (question, _) = self.ask(self.config.request_timeout, Collected::Sockets(own));
        if target.is_local() {
            self.counted(question, 0);
        } else {
            self.unasked.insert(question, (target.namespace().clone(), Unasked::Fetch(options(target))));
            self.count(target.namespace(), question);
        }
        Ok(question)
    }

    /// Asks all servers for the rooms of a namespace, those of single members included.
    /// [`Event::Answered`](super::Event::Answered) follows.
    ///
    /// # Errors
    ///
    /// [`AskError`]; only the classic adapter has this question.
    pub fn all_rooms(&mut self, now: Timestamp, namespace: &Namespace) -> Result<QuestionId, AskError> {
        self.handle_timeout(now);
        if !matches!(self.config.adapter, Adapter::Classic(_)) {
            return Err(AskError::Unsupported);
        }
        self.check_room_for_questions()?;
        let (mut names, mut numbers) = Default::default();
        add_rooms(&mut names, &mut numbers, self.hub.rooms(namespace).cloned().map(RoomKey::Name));
        let (question, _) = self.ask(self.config.request_timeout, Collected::Rooms { names, numbers });
        self.unasked.insert(question, (namespace.clone(), Unasked::Rooms));
        self.count(namespace, question);
        Ok(question)
    }
}

/// Events between servers.
impl Node {
    /// Sends an event to all other servers that have the namespace.
    ///
    /// # Errors
    ///
    /// [`EmitError::ReservedName`] for `connect`, `connection` and `new_namespace`; [`EmitError::Args`].
    //= CLU-SSE-01
    pub fn server_side_emit(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: impl ToArgs,
    ) -> Result<(), EmitError> {
        self.handle_timeout(now);
        let event = between_servers(self.config.hub.parser, name, &args)?;
        self.publish(namespace, &Message::ServerSideEmit { event });
        Ok(())
    }

    /// The same, and each of them is to answer. [`Event::Answered`](super::Event::Answered) follows.
    ///
    /// # Errors
    ///
    /// As [`server_side_emit`](Self::server_side_emit), and [`EmitError::TooManyAcks`] if as many questions wait as
    /// [allowed](super::Config::max_requests).
    //= CLU-SSE-02
    pub fn server_side_emit_with_ack(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: impl ToArgs,
    ) -> Result<QuestionId, EmitError> {
        self.handle_timeout(now);
        let event = between_servers(self.config.hub.parser, name, &args)?;
        self.check_room_for_questions().map_err(|_| EmitError::TooManyAcks)?;
        let (question, _) = self.ask(self.config.request_timeout, Collected::Servers(Vec::new()));
        self.unasked.insert(question, (namespace.clone(), Unasked::Emit(event)));
        self.count(namespace, question);
        Ok(question)
    }

    /// Answers another server's event; tells whether it still waits for that.
    ///
    /// ```
    /// use sio_codec::cluster::node::{Event, Node};
    /// use sio_codec::socketio::Value;
    /// use sio_codec::Timestamp;
    ///
    /// /// How many clients are connected, for a server that asks.
    /// fn answer(node: &mut Node, now: Timestamp, event: &Event, connected: i64) {
    ///     if let Event::ServerSide { event, reply: Some(reply), .. } = event
    ///         && event.name.as_str() == "count"
    ///     {
    ///         node.answer(now, *reply, Value::from(connected));
    ///     }
    /// }
    /// ```
    pub fn answer(&mut self, now: Timestamp, reply: ReplyId, answer: Value) -> bool {
        self.handle_timeout(now);
        let Some(asker) = self.asked.take(reply) else { return false };
        let message = Message::ServerSideEmitResponse { request: asker.request.clone(), answer };
        self.respond(&asker.namespace, &asker.sender, &message);
        true
    }
}

/// A question that is asked as soon as it is known that there is somebody to ask.
#[derive(Debug)]
pub(super) enum Unasked {
    Fetch(Options),
    Rooms,
    Emit(Said),
}

/// On to the bus.
impl Node {
    fn check_room_for_questions(&self) -> Result<(), AskError> {
        if self.questions.len() < self.config.max_requests { Ok(()) } else { Err(AskError::TooManyRequests) }
    }

    fn ask(&mut self, timeout: Duration, collected: Collected) -> (QuestionId, RequestId) {
        let mut request = self.draws.request(self.config.adapter.shape());
        while self.questions.knows(&request) {
            request = self.draws.request(self.config.adapter.shape());
        }
        (self.questions.ask(request.clone(), self.now.saturating_add(timeout), collected), request)
    }

    fn count(&mut self, namespace: &Namespace, question: QuestionId) {
        // Without the namespace the answers could not be heard.
        let Some(wire) = self.presences.of(namespace) else { return self.give_up(question) };
        let channel = wire.counted();
        let id = self.bus.ask(UnderWay::Count(question));
        self.command(Command::Count { id, channel });
    }

    /// Redis says that there are so many other servers.
    pub(super) fn counted(&mut self, question: QuestionId, others: usize) {
        if let Some((namespace, unasked)) = self.unasked.remove(&question)
            && others > 0
            && let Some(request) = self.questions.request(question).cloned()
        {
            let message = match unasked {
                Unasked::Fetch(options) => Message::FetchSockets { request, options },
                Unasked::Rooms => Message::AllRooms { request },
                Unasked::Emit(event) => Message::ServerSideEmitWithAck { request, event },
            };
            self.publish_question(&namespace, &message, question);
        }
        let ended = self.questions.counted(question, others);
        self.ended(ended);
    }

    /// Nobody can be asked, or nobody knows how many.
    pub(super) fn give_up(&mut self, question: QuestionId) {
        self.unasked.remove(&question);
        let ended = self.questions.give_up(question);
        self.ended(ended);
    }

    fn publish(&mut self, namespace: &Namespace, message: &Message) {
        self.put(namespace, &Sender::Unnamed, message, None);
    }

    fn publish_question(&mut self, namespace: &Namespace, message: &Message, question: QuestionId) {
        self.put(namespace, &Sender::Unnamed, message, Some(question));
    }

    pub(super) fn respond(&mut self, namespace: &Namespace, to: &Sender, message: &Message) {
        self.put(namespace, to, message, None);
    }

    fn put(&mut self, namespace: &Namespace, to: &Sender, message: &Message, question: Option<QuestionId>) {
        match self.room_for(namespace, to, message, question) {
            Ok((id, outgoing)) => self.command(outgoing.command(id)),
            Err(sent) => self.unsent(sent),
        }
    }

    /// Writes a message, if there is room for it on its way to the bus.
    pub(super) fn room_for(
        &mut self,
        namespace: &Namespace,
        to: &Sender,
        message: &Message,
        question: Option<QuestionId>,
    ) -> Result<(CommandId, Outgoing), Sent> {
        let sent = Sent { namespace: namespace.clone(), message: message.name(), question };
        let written = match self.presences.of(namespace) {
            Some(wire) => wire.write(&self.uid, to, message),
            None => Wire::new(&self.config.adapter, namespace).write(&self.uid, to, message),
        };
        let Ok(outgoing) = written else { return Err(sent) };
        self.bus.message(sent, outgoing.len()).map(|id| (id, outgoing))
    }

    pub(super) fn unsent(&mut self, Sent { namespace, message, question }: Sent) {
        match question {
            // It ends at once, and says who is missing.
            Some(question) => self.give_up(question),
            None => self.event(super::Event::Unsent { namespace, message }),
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        self.outputs.push(crate::machine::Output::Transmit(Transmit::Bus(command)));
    }
}

/// Names that a server of the reference refuses to emit to others.
const BETWEEN_SERVERS: [&str; 3] = ["connect", "connection", "new_namespace"];

fn between_servers(parser: crate::socketio::Parser, name: &str, args: &impl ToArgs) -> Result<Said, EmitError> {
    if BETWEEN_SERVERS.contains(&name) { Err(EmitError::ReservedName) } else { said(parser, name, args) }
}

fn said(parser: crate::socketio::Parser, name: &str, args: &impl ToArgs) -> Result<Said, EmitError> {
    let values = args.with_args(parser, Args::values)??;
    Ok(Said::new(crate::Text::from(String::from(name)), values))
}

fn options(target: &Target) -> Options {
    let flags = if target.is_volatile() { Flags::default().with_volatile() } else { Flags::default() };
    let keys = |rooms: &[Room]| rooms.iter().cloned().map(RoomKey::Name).collect();
    let (rooms, except) = (keys(target.rooms()), keys(target.excepted()));
    Options { rooms, except, flags }
}
