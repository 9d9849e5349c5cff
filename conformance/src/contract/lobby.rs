//! The clients of all sessions of one server: their rooms, and what one session has to do for another.
//!
//! Each session has a [`Seat`]. What a broadcast, or another client's event, makes a session do is put into its inbox
//! as an [`Errand`]; the session is called, and takes it out when it is polled. A session takes its own errands out
//! at once, so that its client receives broadcasts and answers in the order in which they were made.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::{self, Broadcast, Event, Hub, MemberId, Recovered, Recovery, Room, Target, Transmit};
use sio_codec::socketio::{AckId, Args, DisconnectReason, EmitError, Json, Namespace, Reply};
use sio_codec::{Machine as _, Output, Timestamp};
use tokio::sync::Notify;

use crate::mutants::Lapses;

/// The room whose members are told about each client that leaves.
const WATCHERS: &str = "watchers";

/// What all sessions of a server share; cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct Lobby(Arc<Mutex<Inside>>);

#[derive(Debug)]
struct Inside {
    hub: Hub,
    inboxes: BTreeMap<u64, Inbox>,
    /// The session of each member.
    members: BTreeMap<MemberId, u64>,
    /// The session that asked, and how it answers its own client, of each broadcast that waits for acknowledgements.
    questions: BTreeMap<AckId, (u64, Reply)>,
    seats: u64,
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
    /// A broadcast that its client asked for has been answered.
    Settled {
        reply: Reply,
        answers: Vec<Args>,
        /// How many did not answer in time.
        missing: usize,
    },
}

impl Lobby {
    pub(super) fn new(config: hub::Config) -> Self {
        let (inboxes, members, questions) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(Inside { hub: Hub::new(config), inboxes, members, questions, seats: 0 })))
    }

    /// The place of a new session.
    pub(super) fn seat(&self, lapses: Lapses) -> Seat {
        let mut inside = self.lock();
        let (number, call) = (inside.seats, Arc::new(Notify::new()));
        inside.seats = inside.seats.saturating_add(1);
        inside.inboxes.insert(number, Inbox { errands: VecDeque::new(), call: Arc::clone(&call) });
        Seat { lobby: self.clone(), number, call, lapses }
    }

    /// Does something with the hub, and puts the consequences into the inboxes.
    fn act<T>(&self, act: impl FnOnce(&mut Hub) -> T) -> T {
        let mut inside = self.lock();
        let result = act(&mut inside.hub);
        inside.dispatch();
        result
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
        self.lobby.lock().inboxes.remove(&self.number);
    }
}

impl Seat {
    /// Notified when there is an errand.
    pub(super) fn call(&self) -> Arc<Notify> {
        Arc::clone(&self.call)
    }

    pub(super) fn next_errand(&self) -> Option<Errand> {
        self.lobby.lock().inboxes.get_mut(&self.number)?.errands.pop_front()
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.lobby.lock().hub.next_deadline()
    }

    pub(super) fn handle_timeout(&self, now: Timestamp) {
        self.act(|hub| hub.handle_timeout(now));
    }

    /// Adds the session's client to a namespace. With a private id it can come back after a lost connection.
    pub(super) fn enter(&mut self, namespace: &Namespace, sid: &Sid, pid: Option<&Sid>) -> MemberId {
        let (lobby, lapses) = (&self.lobby, &mut self.lapses);
        let member = lobby.act(|hub| {
            let member = match pid {
                Some(pid) => hub.add_recoverable(namespace, sid, pid),
                None => hub.add(namespace, sid),
            };
            lapses.entered(hub, member);
            member
        });
        self.lobby.lock().members.insert(member, self.number);
        member
    }

    /// Takes a client back that lost its connection.
    pub(super) fn recover(&self, now: Timestamp, namespace: &Namespace, auth: Option<&Json>) -> Option<Recovered> {
        let recovered = self.act(|hub| {
            let mut recovered = hub.recover(now, namespace, auth)?;
            self.lapses.recovered(hub, &mut recovered);
            Some(recovered)
        })?;
        self.lobby.lock().members.insert(recovered.member, self.number);
        Some(recovered)
    }

    /// Removes a client, and forgets nothing that it may come back for.
    pub(super) fn leave(&mut self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        let (lobby, lapses) = (&self.lobby, &mut self.lapses);
        lobby.act(|hub| {
            let reason = lapses.leaving(hub, member, reason);
            hub.remove(now, member, reason);
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
            .act(|hub| {
                let namespace = hub.namespace_of(member).cloned()?;
                let sid = hub.sid_of(member).cloned()?;
                let rooms = hub.rooms_of(member).map(Room::as_str).filter(|room| *room != sid.as_str());
                let rooms: Vec<_> = rooms.map(str::to_owned).collect();
                Some((Target::everyone(&namespace).to(WATCHERS).except(sid), rooms))
            })
            .ok_or(EmitError::NotJoined)?;
        let leaving = Args::encode(&(reason.as_str(), rooms)).map_err(EmitError::Args)?;
        let left = Args::encode(&(reason.as_str(), [(); 0])).map_err(EmitError::Args)?;
        self.broadcast(now, &target, "leaving", &leaving)?;
        self.leave(now, member, reason);
        self.broadcast(now, &target, "left", &left)
    }

    pub(super) fn broadcast(&self, now: Timestamp, target: &Target, name: &str, args: &Args) -> Result<(), EmitError> {
        self.act(|hub| hub.broadcast(now, target, name, args)).map(drop)
    }

    /// Broadcasts an event that is to be acknowledged; [`Errand::Settled`] follows.
    pub(super) fn ask(
        &self,
        now: Timestamp,
        target: &Target,
        (name, args): (&str, &Args),
        timeout: Duration,
        reply: Reply,
    ) -> Result<(), EmitError> {
        let mut inside = self.lobby.lock();
        let (id, _) = inside.hub.broadcast_with_ack(now, target, name, args, timeout)?;
        inside.questions.insert(id, (self.number, reply));
        inside.dispatch();
        Ok(())
    }

    pub(super) fn acked(&self, now: Timestamp, member: MemberId, id: AckId, args: Args) {
        self.act(|hub| hub.acknowledge(now, member, id, &args));
    }

    /// As [`Lobby::act`].
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Hub) -> T) -> T {
        self.lobby.act(act)
    }
}

impl Inside {
    fn dispatch(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            let (seat, errand) = match output {
                Output::Transmit(Transmit::Deliver { member, broadcast }) => {
                    (self.members.get(&member).copied(), Errand::Deliver(broadcast))
                }
                Output::Transmit(Transmit::Disconnect { member, close }) => {
                    let Some(namespace) = self.hub.namespace_of(member).cloned() else { continue };
                    (self.members.get(&member).copied(), Errand::Disconnect { namespace, close })
                }
                Output::Event(Event::Settled { id, answers, missing }) => {
                    let Some((seat, reply)) = self.questions.remove(&id) else { continue };
                    let answers = answers.into_iter().map(|(_, args)| args).collect();
                    (Some(seat), Errand::Settled { reply, answers, missing: missing.len() })
                }
                Output::Event(_) => continue,
            };
            if let Some(inbox) = seat.and_then(|seat| self.inboxes.get_mut(&seat)) {
                inbox.errands.push_back(errand);
                inbox.call.notify_one();
            }
        }
    }
}

/// How long a client may be away, and how it is found again.
pub(super) fn recovery(entropy: [u8; 15], away: Duration) -> Recovery {
    let [a, b, c, d, e, f, ..] = entropy;
    Recovery::new([a, b, c, d, e, f]).with_max_disconnection(away)
}
