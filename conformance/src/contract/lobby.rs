//! The clients of all sessions of one server: their rooms, and what one session has to do for another.
//!
//! Each session has a [`Seat`]. What a broadcast, or another client's event, makes a session do is put into its inbox
//! as an [`Errand`]; the session is called, and takes it out when it is polled. A session takes its own errands out
//! at once, so that its client receives broadcasts and answers in the order in which they were made.
//!
//! In a [cluster](super::clustered), other servers make errands as well. While many wait, nothing is taken from the bus.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sio_codec::cluster::node::QuestionId;
use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::{Broadcast, MemberId, Recovered, Recovery, Target, Transmit};
use sio_codec::socketio::{AckId, Args, DisconnectReason, EmitError, Json, Namespace, Object, Reply, Value};
use sio_codec::{Machine as _, Timestamp};
use tokio::sync::Notify;

use super::operation::Done;
use super::outcome::{Form, Outcome, Question};
use super::rooms::{Count, Rooms};
use crate::mutants::Lapses;

/// The room whose members are told about each client that leaves.
const WATCHERS: &str = "watchers";

/// How many errands may wait for their sessions, which take them out at once, until nothing is taken from the bus any more.
const ERRANDS: usize = 4096;

/// What all sessions of a server share; cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Lobby(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    rooms: Rooms,
    inboxes: BTreeMap<u64, Inbox>,
    /// The session of each member.
    members: BTreeMap<MemberId, u64>,
    /// What waits for answers.
    questions: BTreeMap<Question, Asked>,
    /// Who wants to be where it was.
    returning: BTreeMap<QuestionId, Returning>,
    seats: u64,
    /// Errands in all inboxes.
    waiting: usize,
    /// Notified after each action.
    changed: Arc<Notify>,
}

/// The session that asked, and how it answers its own client.
#[derive(Debug)]
struct Asked {
    seat: u64,
    reply: Reply,
    form: Form,
}

/// The session whose client wants to be where it was.
#[derive(Debug)]
struct Returning {
    seat: u64,
    namespace: Namespace,
    auth: Option<Json>,
}

#[derive(Debug)]
struct Inbox {
    errands: VecDeque<Errand>,
    call: Arc<Notify>,
}

/// What a session has to do.
#[derive(Debug)]
pub(super) enum Errand {
    Deliver(Broadcast),
    Disconnect {
        namespace: Namespace,
        /// Whether the connection ends, and not only the membership.
        close: bool,
    },
    /// What its client asked for has been answered.
    Answer {
        reply: Reply,
        values: Vec<Value>,
    },
    /// Its client asked with `auth` to be where it was: it is that member again, or is new.
    Return {
        namespace: Namespace,
        auth: Option<Json>,
        recovered: Option<Recovered>,
    },
}

impl Lobby {
    pub(super) fn new(rooms: Rooms) -> Self {
        let (inboxes, members) = (BTreeMap::new(), BTreeMap::new());
        let (questions, returning) = (BTreeMap::new(), BTreeMap::new());
        let changed = Arc::default();
        let mut inside = Inside { rooms, inboxes, members, questions, returning, seats: 0, waiting: 0, changed };
        inside.dispatch();
        Self(Arc::new(Mutex::new(inside)))
    }

    /// The place of a new session.
    pub(super) fn seat(&self, lapses: Lapses) -> Seat {
        let mut inside = self.lock();
        let (number, call) = (inside.seats, Arc::new(Notify::new()));
        inside.seats = inside.seats.saturating_add(1);
        inside.inboxes.insert(number, Inbox { errands: VecDeque::new(), call: Arc::clone(&call) });
        Seat { lobby: self.clone(), number, call, lapses }
    }

    /// Does something with the rooms, and puts the consequences into the inboxes.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Rooms) -> T) -> T {
        let mut inside = self.lock();
        let result = act(&mut inside.rooms);
        inside.dispatch();
        result
    }

    /// Looks at the rooms, or does something without consequences.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Rooms) -> T) -> T {
        look(&mut self.lock().rooms)
    }

    /// Whether the sessions keep up with their errands.
    pub(super) fn keeps_up(&self) -> bool {
        self.lock().waiting < ERRANDS
    }

    /// Notified after each action, and when the sessions keep up again.
    pub(super) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.lock().changed)
    }

    /// A panic in another session leaves every map as it is between two statements, which is usable.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session's place in the lobby.
#[derive(Debug)]
pub(super) struct Seat {
    lobby: Lobby,
    number: u64,
    call: Arc<Notify>,
    lapses: Lapses,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inside = self.lobby.lock();
        let Some(Inbox { errands, .. }) = inside.inboxes.remove(&self.number) else { return };
        inside.taken(errands.len());
        for errand in errands {
            if let Errand::Return { recovered: Some(recovered), .. } = errand {
                inside.lose(recovered.member);
            }
        }
        inside.dispatch();
    }
}

impl Seat {
    /// Notified when there is an errand.
    pub(super) fn call(&self) -> Arc<Notify> {
        Arc::clone(&self.call)
    }

    pub(super) fn next_errand(&self) -> Option<Errand> {
        let mut inside = self.lobby.lock();
        let errand = inside.inboxes.get_mut(&self.number)?.errands.pop_front()?;
        inside.taken(1);
        Some(errand)
    }

    /// When the rooms are to be told the time, if the sessions are to do it.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.lobby.look(|rooms| rooms.alone()?.next_deadline())
    }

    pub(super) fn handle_timeout(&self, now: Timestamp) {
        self.act(|rooms| rooms.handle_timeout(now));
    }

    /// Adds the session's client to a namespace. With a private id it can come back after a lost connection.
    pub(super) fn enter(&mut self, namespace: &Namespace, sid: &Sid, pid: Option<&Sid>) -> MemberId {
        let mut inside = self.lobby.lock();
        let member = inside.rooms.add(namespace, sid, pid);
        inside.members.insert(member, self.number);
        if let Some(hub) = inside.rooms.alone() {
            self.lapses.entered(hub, member);
        }
        inside.dispatch();
        member
    }

    /// Takes a client back that lost its connection to a server that is alone.
    pub(super) fn recover(&self, now: Timestamp, namespace: &Namespace, auth: Option<&Json>) -> Option<Recovered> {
        let recovered = self.act(|rooms| {
            let hub = rooms.alone()?;
            let mut recovered = hub.recover(now, namespace, auth)?;
            self.lapses.recovered(hub, &mut recovered);
            Some(recovered)
        })?;
        self.lobby.lock().members.insert(recovered.member, self.number);
        Some(recovered)
    }

    /// Looks in the cluster, if there is one, for the place of a client that lost its connection; [`Errand::Return`] follows.
    /// `false` if the client does not ask for that.
    pub(super) fn seek(&self, now: Timestamp, namespace: &Namespace, auth: Option<&Json>) -> bool {
        let mut inside = self.lobby.lock();
        let question = inside
            .rooms
            .clustered()
            .and_then(|clustered| clustered.node.recover(now, namespace, auth, Object::default()));
        if let Some(question) = question {
            let (namespace, auth) = (namespace.clone(), auth.cloned());
            inside.returning.insert(question, Returning { seat: self.number, namespace, auth });
        }
        inside.dispatch();
        question.is_some()
    }

    /// Removes a client, and forgets nothing that it may come back for.
    pub(super) fn leave(&mut self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        let (lobby, lapses) = (&self.lobby, &mut self.lapses);
        lobby.act(|rooms| {
            let reason = match rooms.alone() {
                Some(hub) => lapses.leaving(hub, member, reason),
                None => reason,
            };
            rooms.remove(now, member, reason);
        });
        self.lobby.lock().members.remove(&member);
    }

    /// Removes a client, and tells the watchers of its namespace which rooms it was in, and afterwards that it has left
    /// them.
    //= SRV-ROOM-03: leaves all rooms after `disconnecting` was reported and before `disconnect` is
    //= SRV-DISC-01: with one of the reasons
    pub(super) fn leave_watched(
        &mut self,
        now: Timestamp,
        member: MemberId,
        reason: DisconnectReason,
    ) -> Result<(), EmitError> {
        let (target, rooms) = self
            .look(|rooms| {
                let namespace = rooms.hub().namespace_of(member).cloned()?;
                let sid = rooms.hub().sid_of(member).cloned()?;
                Some((Target::everyone(&namespace).to(WATCHERS).except(sid), rooms.rooms_of(member)))
            })
            .ok_or(EmitError::NotJoined)?;
        let leaving = Args::encode(&(reason.as_str(), rooms)).map_err(EmitError::Args)?;
        let left = Args::encode(&(reason.as_str(), [(); 0])).map_err(EmitError::Args)?;
        self.broadcast(now, &target, "leaving", &leaving)?;
        self.leave(now, member, reason);
        self.broadcast(now, &target, "left", &left)
    }

    pub(super) fn broadcast(&self, now: Timestamp, target: &Target, name: &str, args: &Args) -> Result<(), EmitError> {
        self.act(|rooms| rooms.broadcast(now, target, name, args))
    }

    /// Broadcasts an event that is to be acknowledged; [`Errand::Answer`] follows.
    pub(super) fn ask(
        &self,
        now: Timestamp,
        target: &Target,
        said: (&str, &Args),
        timeout: Duration,
        reply: Reply,
    ) -> Result<(), EmitError> {
        let mut inside = self.lobby.lock();
        let question = inside.rooms.ask(now, target, said, timeout)?;
        inside.ask(question, Asked { seat: self.number, reply, form: Form::Ask });
        Ok(())
    }

    /// Counts members; [`Errand::Answer`] follows.
    pub(super) fn count(&self, now: Timestamp, target: &Target, reply: Reply) -> Result<(), EmitError> {
        let mut inside = self.lobby.lock();
        let asked = Asked { seat: self.number, reply, form: Form::Count };
        match inside.rooms.count(now, target)? {
            Count::Asked(question) => inside.ask(question, asked),
            Count::Known(count) => inside.put(self.number, asked.answer(vec![Value::from(count as u64)])),
        }
        Ok(())
    }

    /// Does what the session's client wants with the cluster, if there is one; [`Errand::Answer`] follows.
    pub(super) fn perform(&self, now: Timestamp, member: MemberId, args: &Args, reply: Reply) {
        let mut inside = self.lobby.lock();
        let asked = Asked { seat: self.number, reply, form: Form::Operation };
        match inside.rooms.clustered().map(|clustered| clustered.perform(now, member, args)) {
            Some(Done::Later(question)) => inside.ask(Question::Clustered(question), asked),
            Some(Done::Now(error, result)) => {
                inside.dispatch();
                inside.put(self.number, asked.answer(vec![error, result]));
            }
            None => {}
        }
    }

    pub(super) fn acked(&self, now: Timestamp, member: MemberId, id: AckId, args: Args) {
        self.act(|rooms| rooms.acknowledge(now, member, id, &args));
    }

    /// As [`Lobby::act`].
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Rooms) -> T) -> T {
        self.lobby.act(act)
    }

    /// As [`Lobby::look`].
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Rooms) -> T) -> T {
        self.lobby.look(look)
    }
}

impl Asked {
    fn answer(self, values: Vec<Value>) -> Errand {
        Errand::Answer { reply: self.reply, values }
    }
}

impl Inside {
    fn ask(&mut self, question: Question, asked: Asked) {
        // Before the outcomes are taken: the answer may be one of them.
        self.questions.insert(question, asked);
        self.dispatch();
    }

    fn dispatch(&mut self) {
        while let Some(outcome) = self.rooms.poll_outcome() {
            match outcome {
                Outcome::Local(Transmit::Deliver { member, broadcast }) => {
                    self.send(member, Errand::Deliver(broadcast));
                }
                Outcome::Local(Transmit::Disconnect { member, close }) => {
                    let Some(namespace) = self.rooms.hub().namespace_of(member).cloned() else { continue };
                    self.send(member, Errand::Disconnect { namespace, close });
                }
                Outcome::Answered { question, answers, missing } => {
                    let Some(asked) = self.questions.remove(&question) else { continue };
                    let values = asked.form.of(answers, missing);
                    self.put(asked.seat, asked.answer(values));
                }
                Outcome::Returned { question, recovered } => self.returned(question, recovered),
            }
        }
        self.changed.notify_waiters();
    }

    fn returned(&mut self, question: QuestionId, recovered: Option<Recovered>) {
        let Some(Returning { seat, namespace, auth }) = self.returning.remove(&question) else { return };
        if let Some(Recovered { member, .. }) = recovered {
            self.members.insert(member, seat);
            if !self.inboxes.contains_key(&seat) {
                return self.lose(member);
            }
        }
        self.put(seat, Errand::Return { namespace, auth, recovered });
    }

    /// A client that came back lost its connection once more, before its session knew.
    fn lose(&mut self, member: MemberId) {
        self.members.remove(&member);
        if let Some(clustered) = self.rooms.clustered() {
            clustered.lose(member);
        }
    }

    fn send(&mut self, member: MemberId, errand: Errand) {
        if let Some(seat) = self.members.get(&member) {
            self.put(*seat, errand);
        }
    }

    fn put(&mut self, seat: u64, errand: Errand) {
        if let Some(inbox) = self.inboxes.get_mut(&seat) {
            inbox.errands.push_back(errand);
            inbox.call.notify_one();
            self.waiting += 1;
        }
    }

    fn taken(&mut self, errands: usize) {
        let kept_up = self.waiting < ERRANDS;
        self.waiting -= errands;
        if !kept_up && self.waiting < ERRANDS {
            self.changed.notify_waiters();
        }
    }
}

/// How long a client may be away, and how it is found again.
pub(super) fn recovery(entropy: [u8; 15], away: Duration) -> Recovery {
    let [a, b, c, d, e, f, ..] = entropy;
    Recovery::new([a, b, c, d, e, f]).with_max_disconnection(away)
}
