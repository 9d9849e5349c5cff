//! The Socket.IO application.
//!
//! | the client | the application |
//! |---|---|
//! | asks for `/` or `/custom` | accepts it and emits `auth` with the auth payload, `{}` if there is none |
//! | asks for `/refused` | refuses it: `not authorized`, with the data `{"code":7}` |
//! | asks for another namespace | refuses it: `Invalid namespace` |
//! | emits `message` on `/` | emits `message-back` with the same arguments |
//! | emits `message-with-ack` on `/` | acknowledges with the same arguments |
//! | emits `leave` on `/` | emits `bye`, and makes it leave the namespace |
//! | emits `close` on `/` | emits `bye`, and closes the connection |
//! | emits `shut-down` on `/` | emits `bye`, and ends the connection like a server that shuts down |
//! | emits `cluster` on `/` | in a cluster: see `operation.rs` |
//! | asks for `/siospec`, or emits on it | see `extended.rs` |
//!
//! An event `message` that requests an acknowledgement is answered with a `message-back` that also requests one. The
//! client's answer to it is sent back as the acknowledgement of the first event: in the reference, the callback is one
//! of the arguments that are sent back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sio_codec::engineio::server::{Input, ServerSession, Transmit};
use sio_codec::engineio::{CloseReason, Sid};
use sio_codec::socketio::hub::{MemberId, Recovered, Target};
use sio_codec::socketio::{AckId, Args, DisconnectReason, EmitError, Event, Json, Namespace, Peer, Reply};
use sio_codec::{Machine as _, Output, Text, Timestamp};
use tokio::sync::Notify;

use super::extended::{Admission, Place, Sender, Verb};
use super::lobby::{Errand, Seat};
use super::{Ended, Entropy, Recovery};

/// How long a client may take to acknowledge a `message-back`.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Sockets {
    peer: Peer<ServerSession>,
    seat: Seat,
    recovery: Recovery,
    entropy: Entropy,
    now: Timestamp,
    /// The client in each of its namespaces.
    members: BTreeMap<Namespace, MemberId>,
    /// Clients that are accepted later.
    waiting: Vec<Waiting>,
    /// Acknowledgements that are sent when the client has acknowledged.
    forwarded: BTreeMap<AckId, Reply>,
}

/// A client that is accepted later.
#[derive(Debug)]
struct Waiting {
    until: Timestamp,
    namespace: Namespace,
    auth: Option<Json>,
}

impl Sockets {
    pub(super) fn new(
        now: Timestamp,
        peer: Peer<ServerSession>,
        seat: Seat,
        recovery: Recovery,
        entropy: Entropy,
    ) -> Self {
        let (members, waiting, forwarded) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { peer, seat, recovery, entropy, now, members, waiting, forwarded }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        self.peer.handle(now, input);
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.peer.handle_timeout(now);
        self.seat.handle_timeout(self.now);
        let due: Vec<_> = self.waiting.extract_if(.., |waiting| waiting.until <= self.now).collect();
        for Waiting { namespace, auth, .. } in due {
            let accepted = self.accept(&namespace, auth.as_ref());
            self.mind(accepted);
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let waiting = self.waiting.iter().map(|waiting| waiting.until).min();
        [self.peer.next_deadline(), self.seat.next_deadline(), waiting].into_iter().flatten().min()
    }

    pub(super) fn wants_input(&self) -> bool {
        self.peer.wants_input()
    }

    /// Notified when another session has something for this one.
    pub(super) fn call(&self) -> Arc<Notify> {
        self.seat.call()
    }

    /// Ends the session because the server shuts down.
    pub(super) fn shut_down(&mut self) {
        self.peer.socketio().shut_down();
    }

    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        loop {
            match self.peer.poll_output() {
                Some(Output::Transmit(transmit)) => return Some(Output::Transmit(transmit)),
                Some(Output::Event(Event::Closed(_))) => return Some(Output::Event(Ended)),
                Some(Output::Event(event)) => {
                    let reaction = self.reaction(event);
                    self.mind(reaction);
                }
                None => {
                    let errand = self.seat.next_errand()?;
                    let done = self.run(errand);
                    self.mind(done);
                }
            }
        }
    }

    /// Ends the connection if something could not be done, so that an error does not go unnoticed.
    fn mind(&mut self, done: Result<(), EmitError>) {
        match done {
            // The client has left in the meantime and needs no reaction.
            Ok(()) | Err(EmitError::NotJoined | EmitError::NotAsking | EmitError::Closed) => {}
            Err(_) => self.peer.socketio().close(),
        }
    }

    fn reaction(&mut self, event: Event) -> Result<(), EmitError> {
        match event {
            Event::ConnectRequested { namespace, auth } => self.on_connect(namespace, auth),
            Event::Received { namespace, name, args, reply } => match Place::of(namespace.as_str()) {
                Place::Extended | Place::Dynamic => match Verb::read(name.as_str(), &args) {
                    Some(verb) => self.on_verb(&namespace, verb, reply),
                    None => Ok(()),
                },
                _ if namespace == Namespace::root() => self.on_event(name.as_str(), &args, reply),
                _ => Ok(()),
            },
            Event::Acked { id, args, .. } => match self.forwarded.remove(&id) {
                Some(reply) => self.peer.socketio().acknowledge(reply, &args),
                None => Ok(()),
            },
            Event::AckTimedOut { id, .. } => {
                self.forwarded.remove(&id);
                Ok(())
            }
            Event::BroadcastAcked { namespace, id, args } => {
                if let Some(member) = self.members.get(&namespace) {
                    self.seat.acked(self.now, *member, id, args);
                }
                Ok(())
            }
            Event::Disconnected { namespace, reason } => match self.members.remove(&namespace) {
                Some(member) if matches!(Place::of(namespace.as_str()), Place::Extended | Place::Dynamic) => {
                    self.seat.leave_watched(self.now, member, reason)
                }
                Some(member) => {
                    self.seat.leave(self.now, member, reason);
                    Ok(())
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn run(&mut self, errand: Errand) -> Result<(), EmitError> {
        let io = self.peer.socketio();
        match errand {
            Errand::Deliver(broadcast) => io.deliver(self.now, &broadcast),
            Errand::Disconnect { close: true, .. } => {
                io.close();
                Ok(())
            }
            Errand::Disconnect { namespace, close: false } => io.disconnect(&namespace),
            Errand::Answer { reply, values } => {
                io.acknowledge(reply, &Args::from_values(&values).map_err(EmitError::Args)?)
            }
            Errand::Return { namespace, auth, recovered: Some(recovered) } => {
                self.go_on(namespace, auth.as_ref(), &recovered)
            }
            Errand::Return { namespace, auth, recovered: None } => self.admit(namespace, auth),
        }
    }

    /// Does what is in the inbox, before anything else is said to the client.
    fn run_errands(&mut self) -> Result<(), EmitError> {
        while let Some(errand) = self.seat.next_errand() {
            self.run(errand)?;
        }
        Ok(())
    }
}

/// Who is accepted.
impl Sockets {
    fn on_connect(&mut self, namespace: Namespace, auth: Option<Json>) -> Result<(), EmitError> {
        let place = Place::of(namespace.as_str());
        let io = self.peer.socketio();
        match place {
            Place::Unknown => return io.refuse_unknown(&namespace),
            Place::Refused => {
                let data = Json::new(Text::from(r#"{"code":7}"#)).ok();
                return io.refuse(&namespace, "not authorized", data.as_ref());
            }
            Place::Greeting | Place::Extended | Place::Dynamic => {}
        }
        if self.recovery == Recovery::Offered {
            if let Some(recovered) = self.seat.recover(self.now, &namespace, auth.as_ref()) {
                return self.go_on(namespace, auth.as_ref(), &recovered);
            }
            if self.seat.seek(self.now, &namespace, auth.as_ref()) {
                return Ok(());
            }
        }
        self.admit(namespace, auth)
    }

    /// As the member that it was.
    fn go_on(&mut self, namespace: Namespace, auth: Option<&Json>, recovered: &Recovered) -> Result<(), EmitError> {
        let Recovered { member, sid, pid, missed, .. } = recovered;
        if let Err(error) = self.peer.socketio().accept_recoverable(&namespace, sid, pid, missed) {
            // Its connection was lost while it waited. It may come back once more.
            self.seat.leave(self.now, *member, DisconnectReason::Engine(CloseReason::TransportClose));
            return Err(error);
        }
        self.members.insert(namespace.clone(), *member);
        match Place::of(namespace.as_str()) {
            Place::Extended | Place::Dynamic => self.tell(&namespace, "recovered", &Args::empty()),
            _ => self.tell(&namespace, "auth", &auth_args(auth)),
        }
    }

    /// As a new member, if it is let in.
    fn admit(&mut self, namespace: Namespace, auth: Option<Json>) -> Result<(), EmitError> {
        let place = Place::of(namespace.as_str());
        let io = self.peer.socketio();
        match (place, Admission::of(place, auth.as_ref())) {
            (Place::Greeting, _) | (_, Admission::Accepted(Duration::ZERO)) => self.accept(&namespace, auth.as_ref()),
            (_, Admission::Accepted(delay)) => {
                self.waiting.push(Waiting { until: self.now.saturating_add(delay), namespace, auth });
                Ok(())
            }
            (_, Admission::Refused(message, data)) => io.refuse(&namespace, &message, data.as_ref()),
            (_, Admission::Unknown) => io.refuse_unknown(&namespace),
        }
    }

    fn accept(&mut self, namespace: &Namespace, auth: Option<&Json>) -> Result<(), EmitError> {
        let sid = Sid::from_entropy(self.entropy.draw());
        let pid = (self.recovery == Recovery::Offered).then(|| Sid::from_entropy(self.entropy.draw()));
        let io = self.peer.socketio();
        match &pid {
            Some(pid) => io.accept_recoverable(namespace, &sid, pid, &[])?,
            None => io.accept(namespace, &sid)?,
        }
        self.members.insert(namespace.clone(), self.seat.enter(namespace, &sid, pid.as_ref()));
        self.tell(namespace, "auth", &auth_args(auth))
    }

    /// Emits to the client alone. If clients can come back, that is a broadcast to the room of its id, which is logged.
    fn tell(&mut self, namespace: &Namespace, name: &str, args: &Args) -> Result<(), EmitError> {
        match (self.recovery, self.own_room(namespace)) {
            (Recovery::Offered, Some(own)) => {
                self.seat.broadcast(self.now, &own, name, args)?;
                self.run_errands()
            }
            _ => self.peer.socketio().emit(namespace, name, args),
        }
    }

    /// The same, before the client is disconnected. In a cluster, what can be recovered comes back from Redis, and too late.
    fn take_leave(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        if self.seat.look(|rooms| rooms.alone().is_some()) {
            self.tell(namespace, "bye", &Args::empty())
        } else {
            self.peer.socketio().emit(namespace, "bye", ())
        }
    }

    fn own_room(&self, namespace: &Namespace) -> Option<Target> {
        let member = *self.members.get(namespace)?;
        let sid = self.seat.look(|rooms| rooms.hub().sid_of(member).cloned())?;
        Some(Target::everyone(namespace).to(sid))
    }
}

/// What is answered.
impl Sockets {
    fn on_event(&mut self, name: &str, args: &Args, reply: Option<Reply>) -> Result<(), EmitError> {
        let root = Namespace::root();
        if matches!(name, "leave" | "close" | "shut-down") {
            self.take_leave(&root)?;
        }
        let io = self.peer.socketio();
        match (name, reply) {
            ("message", None) => self.tell(&root, "message-back", args)?,
            ("message", Some(reply)) => {
                let id = io.emit_with_ack(self.now, &root, "message-back", args, ACK_TIMEOUT)?;
                self.forwarded.insert(id, reply);
            }
            ("message-with-ack", Some(reply)) => io.acknowledge(reply, args)?,
            ("leave", _) => io.disconnect(&root)?,
            ("close", _) => io.close(),
            ("shut-down", _) => io.shut_down(),
            ("cluster", Some(reply)) => {
                if let Some(member) = self.members.get(&root) {
                    self.seat.perform(self.now, *member, args, reply);
                }
                return self.run_errands();
            }
            _ => {}
        }
        Ok(())
    }

    /// Carries out an event of the extended contract, and acknowledges it.
    fn on_verb(&mut self, namespace: &Namespace, verb: Verb, reply: Option<Reply>) -> Result<(), EmitError> {
        let Some(member) = self.members.get(namespace).copied() else { return Ok(()) };
        let now = self.now;
        match verb {
            Verb::Join(names) => self.seat.act(|rooms| names.iter().for_each(|name| rooms.join(member, name))),
            Verb::Leave(room) => self.seat.act(|rooms| rooms.leave(member, &room)),
            Verb::Broadcast(whom, sender, said) => {
                let mut target = whom.target(namespace);
                if sender == Sender::Excluded
                    && let Some(sid) = self.seat.look(|rooms| rooms.hub().sid_of(member).cloned())
                {
                    target = target.except(sid);
                }
                self.seat.broadcast(now, &target, &said.name, &said.args)?;
            }
            Verb::Ask(whom, timeout, said) => {
                let Some(reply) = reply else { return Ok(()) };
                let asked = (said.name.as_str(), &said.args);
                self.seat.ask(now, &whom.target(namespace), asked, timeout, reply)?;
                return self.run_errands();
            }
            Verb::Gather(whom, room) => {
                self.seat.act(|rooms| rooms.join_all(now, &whom.target(namespace), &room));
            }
            Verb::Scatter(whom, room) => {
                self.seat.act(|rooms| rooms.leave_all(now, &whom.target(namespace), &room));
            }
            Verb::Count(whom) => {
                let Some(reply) = reply else { return Ok(()) };
                self.seat.count(now, &whom.target(namespace), reply)?;
                return self.run_errands();
            }
            Verb::Expel(whom, close) => {
                // The client may be among those that are disconnected.
                self.acknowledge(reply)?;
                self.seat.act(|rooms| rooms.disconnect_all(now, &whom.target(namespace), close));
                return self.run_errands();
            }
        }
        self.run_errands()?;
        self.acknowledge(reply)
    }

    fn acknowledge(&mut self, reply: Option<Reply>) -> Result<(), EmitError> {
        reply.map_or(Ok(()), |reply| self.peer.socketio().acknowledge(reply, Args::empty()))
    }
}

fn auth_args(auth: Option<&Json>) -> Args {
    let auth = auth.map_or("{}", Json::as_str);
    // The payload was validated when it arrived.
    Args::from_json(format!("[{auth}]"), Vec::new()).unwrap_or_default()
}
