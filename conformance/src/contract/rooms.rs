//! The members and rooms of a server: of one that is alone, or of one in a cluster.

use std::time::Duration;

use sio_codec::cluster::node::{Answers, Missing};
use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::{Event, Hub, MemberId, Room, Target};
use sio_codec::socketio::{AckId, Args, DisconnectReason, EmitError, Namespace, Object, Value};
use sio_codec::{Machine as _, Output, Timestamp};

use super::clustered::Clustered;
use super::outcome::{Outcome, Question};

/// Whom a server reaches.
#[derive(Debug)]
pub(super) enum Rooms {
    /// Its own clients.
    Alone(Box<Hub>),
    /// Those of other servers as well.
    Clustered(Box<Clustered>),
}

/// How many members there are.
#[derive(Debug)]
pub(super) enum Count {
    Known(usize),
    /// The answers to this are the members.
    Asked(Question),
}

/// Who is there.
impl Rooms {
    /// This server's own part, to read.
    pub(super) const fn hub(&self) -> &Hub {
        match self {
            Self::Alone(hub) => hub,
            Self::Clustered(clustered) => clustered.node.hub(),
        }
    }

    /// The hub of a server that is alone.
    pub(super) const fn alone(&mut self) -> Option<&mut Hub> {
        match self {
            Self::Alone(hub) => Some(hub),
            Self::Clustered(_) => None,
        }
    }

    pub(super) fn clustered(&mut self) -> Option<&mut Clustered> {
        match self {
            Self::Alone(_) => None,
            Self::Clustered(clustered) => Some(clustered),
        }
    }

    /// The rooms of a member, except its own.
    pub(super) fn rooms_of(&self, member: MemberId) -> Vec<String> {
        let own = self.hub().sid_of(member).map(Sid::as_str);
        let rooms = self.hub().rooms_of(member).map(Room::as_str).filter(|room| Some(*room) != own);
        rooms.map(str::to_owned).collect()
    }

    /// Adds a client. With a private id it can come back after a lost connection.
    pub(super) fn add(&mut self, namespace: &Namespace, sid: &Sid, pid: Option<&Sid>) -> MemberId {
        match (self, pid) {
            (Self::Alone(hub), Some(pid)) => hub.add_recoverable(namespace, sid, pid),
            (Self::Alone(hub), None) => hub.add(namespace, sid),
            (Self::Clustered(clustered), Some(pid)) => {
                clustered.node.add_recoverable(namespace, sid, pid, Object::default())
            }
            (Self::Clustered(clustered), None) => clustered.node.add(namespace, sid, Object::default()),
        }
    }

    pub(super) fn remove(&mut self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        match self {
            Self::Alone(hub) => hub.remove(now, member, reason),
            Self::Clustered(clustered) => clustered.node.remove(now, member, reason),
        }
    }

    /// A client that is in too many rooms joins no more.
    pub(super) fn join(&mut self, member: MemberId, room: &str) {
        let _ = match self {
            Self::Alone(hub) => hub.join(member, room),
            Self::Clustered(clustered) => clustered.node.join(member, room),
        };
    }

    pub(super) fn leave(&mut self, member: MemberId, room: &str) {
        let _ = match self {
            Self::Alone(hub) => hub.leave(member, room),
            Self::Clustered(clustered) => clustered.node.leave(member, room),
        };
    }
}

/// What concerns the members of all servers.
impl Rooms {
    pub(super) fn broadcast(
        &mut self,
        now: Timestamp,
        target: &Target,
        name: &str,
        args: &Args,
    ) -> Result<(), EmitError> {
        match self {
            Self::Alone(hub) => hub.broadcast(now, target, name, args),
            Self::Clustered(clustered) => clustered.node.broadcast(now, target, name, args),
        }
        .map(drop)
    }

    pub(super) fn ask(
        &mut self,
        now: Timestamp,
        target: &Target,
        (name, args): (&str, &Args),
        timeout: Duration,
    ) -> Result<Question, EmitError> {
        match self {
            Self::Alone(hub) => {
                hub.broadcast_with_ack(now, target, name, args, timeout).map(|(id, _)| Question::Alone(id))
            }
            Self::Clustered(clustered) => {
                clustered.node.broadcast_with_ack(now, target, name, args, timeout).map(Question::Clustered)
            }
        }
    }

    /// How many of this server's members were refused.
    pub(super) fn join_all(&mut self, now: Timestamp, target: &Target, room: &str) -> usize {
        match self {
            Self::Alone(hub) => hub.join_all(target, room),
            Self::Clustered(clustered) => clustered.node.join_all(now, target, room),
        }
    }

    pub(super) fn leave_all(&mut self, now: Timestamp, target: &Target, room: &str) {
        match self {
            Self::Alone(hub) => hub.leave_all(target, room),
            Self::Clustered(clustered) => clustered.node.leave_all(now, target, room),
        }
    }

    pub(super) fn disconnect_all(&mut self, now: Timestamp, target: &Target, close: bool) {
        match self {
            Self::Alone(hub) => hub.disconnect_all(target, close),
            Self::Clustered(clustered) => clustered.node.disconnect_all(now, target, close),
        }
    }

    pub(super) fn count(&mut self, now: Timestamp, target: &Target) -> Result<Count, EmitError> {
        match self {
            Self::Alone(hub) => Ok(Count::Known(hub.fetch(target).len())),
            Self::Clustered(clustered) => {
                let asked = clustered.node.fetch(now, target).map_err(|_| EmitError::TooManyAcks)?;
                Ok(Count::Asked(Question::Clustered(asked)))
            }
        }
    }

    pub(super) fn acknowledge(&mut self, now: Timestamp, member: MemberId, id: AckId, args: &Args) {
        match self {
            Self::Alone(hub) => hub.acknowledge(now, member, id, args),
            Self::Clustered(clustered) => clustered.node.acknowledge(now, member, id, args),
        }
    }
}

impl Rooms {
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        match self {
            Self::Alone(hub) => hub.handle_timeout(now),
            Self::Clustered(clustered) => clustered.node.handle_timeout(now),
        }
    }

    pub(super) fn poll_outcome(&mut self) -> Option<Outcome> {
        match self {
            Self::Alone(hub) => poll(hub),
            Self::Clustered(clustered) => clustered.poll_outcome(),
        }
    }
}

fn poll(hub: &mut Hub) -> Option<Outcome> {
    loop {
        match hub.poll_output()? {
            Output::Transmit(transmit) => return Some(Outcome::Local(transmit)),
            Output::Event(Event::Settled { id, answers, missing: silent }) => {
                // Of each answer, only the first argument counts.
                let first = |args: &Args| args.values().ok()?.into_iter().next();
                let answers = answers.iter().map(|(_, args)| first(args).unwrap_or(Value::Null)).collect();
                let mut missing = Missing::default();
                (missing.servers, missing.clients) = (Some(0), silent.len());
                return Some(Outcome::Answered {
                    question: Question::Alone(id),
                    answers: Answers::Clients(answers),
                    missing,
                });
            }
            Output::Event(_) => {}
        }
    }
}
