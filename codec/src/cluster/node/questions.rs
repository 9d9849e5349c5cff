//! What this node has asked, and what was answered so far.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use super::event::{Answers, Missing, QuestionId};
use crate::cluster::id::{RequestId, Sender, Uid};
use crate::cluster::message::Message;
use crate::cluster::room::RoomKey;
use crate::cluster::socket::SocketDescriptor;
use crate::socketio::hub::Room;
use crate::socketio::{AckId, Value};
use crate::time::Timestamp;

/// The questions that wait for answers.
#[derive(Debug)]
pub(super) struct Questions {
    pending: BTreeMap<QuestionId, Question>,
    requests: BTreeMap<RequestId, QuestionId>,
    /// Broadcasts, by the id that this node's own clients answer with.
    broadcasts: BTreeMap<AckId, QuestionId>,
    order: BTreeSet<(Timestamp, QuestionId)>,
    next: u64,
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Question {
    request: RequestId,
    deadline: Timestamp,
    stage: Stage,
    /// The other servers, as soon as Redis has counted them.
    servers: Option<usize>,
    /// Those that have answered, or told how many clients they asked.
    answered: Roll,
    collected: Collected,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    /// The time is over, and this node's own clients are about to be told so.
    Overdue,
}

/// Who has answered. A server that answers twice counts once, if answers say who gave them.
#[derive(Debug, Default)]
struct Roll {
    count: usize,
    names: BTreeSet<Uid>,
}

/// What a question is about, with the answers to it.
#[derive(Debug)]
pub(super) enum Collected {
    Sockets(Vec<SocketDescriptor>),
    Rooms { names: BTreeSet<Room>, numbers: BTreeSet<i64> },
    Servers(Vec<Value>),
    Clients { own: Own, promised: u64, answers: Vec<Value> },
}

/// This node's own clients.
#[derive(Debug)]
pub(super) enum Own {
    Asked(AckId),
    Settled { answers: Vec<Value>, missing: usize },
}

/// A question that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) question: QuestionId,
    pub(super) answers: Answers,
    pub(super) missing: Missing,
}

impl Questions {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self {
            pending: BTreeMap::new(),
            requests: BTreeMap::new(),
            broadcasts: BTreeMap::new(),
            order: BTreeSet::new(),
            next: 1,
            bytes: 0,
            max_bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    pub(super) fn ask(&mut self, request: RequestId, deadline: Timestamp, collected: Collected) -> QuestionId {
        let id = self.draw_id();
        if let Collected::Clients { own: Own::Asked(ack), .. } = collected {
            self.broadcasts.insert(ack, id);
        }
        self.requests.insert(request.clone(), id);
        self.order.insert((deadline, id));
        let (stage, answered) = (Stage::Open, Roll::default());
        self.pending.insert(id, Question { request, deadline, stage, servers: None, answered, collected, bytes: 0 });
        id
    }

    /// An id that no other question has.
    pub(super) fn draw_id(&mut self) -> QuestionId {
        let id = QuestionId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// The request id of a question that has not ended.
    pub(super) fn request(&self, id: QuestionId) -> Option<&RequestId> {
        self.pending.get(&id).map(|question| &question.request)
    }

    /// Whether this node asked it.
    pub(super) fn knows(&self, request: &RequestId) -> bool {
        self.requests.contains_key(request)
    }

    /// There are so many other servers.
    pub(super) fn counted(&mut self, id: QuestionId, servers: usize) -> Option<Ended> {
        self.pending.get_mut(&id)?.servers = Some(servers);
        self.end_if_complete(id)
    }

    /// Nobody else will hear of it, or nobody knows who will.
    pub(super) fn give_up(&mut self, id: QuestionId) -> Option<Ended> {
        self.overdue(id)
    }

    /// Takes an answer of another server; `bytes` is what it took on the bus. What answers nothing is ignored: the common
    /// channel carries the answers to others as well, and those that come too late.
    pub(super) fn answered(&mut self, sender: &Sender, message: Message, bytes: usize) -> Option<Ended> {
        let id = *self.requests.get(message.request()?)?;
        let question = self.pending.get_mut(&id)?;
        if self.bytes.saturating_add(bytes) > self.max_bytes {
            return None;
        }
        if question.take(sender, message) {
            question.bytes = question.bytes.saturating_add(bytes);
            self.bytes = self.bytes.saturating_add(bytes);
        }
        self.end_if_complete(id)
    }

    /// What this node's own clients answered to a broadcast; `None` if it was not asked here.
    pub(super) fn settled(&mut self, ack: AckId, answers: Vec<Value>, missing: usize) -> Option<Settled> {
        let id = self.broadcasts.remove(&ack)?;
        let question = self.pending.get_mut(&id)?;
        if let Collected::Clients { own, .. } = &mut question.collected {
            *own = Own::Settled { answers, missing };
        }
        let ended = if question.stage == Stage::Overdue { self.take(id) } else { self.end_if_complete(id) };
        Some(Settled(ended))
    }

    /// Takes out the earliest one that is overdue at `now`. One that waits for this node's own clients alone stays until
    /// [`settled`](Self::settled), which comes at the same time.
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<Option<Ended>> {
        let (_, id) = *self.order.first().filter(|(deadline, _)| *deadline <= now)?;
        Some(self.overdue(id))
    }

    //= CLU-ACK-02
    fn overdue(&mut self, id: QuestionId) -> Option<Ended> {
        let question = self.pending.get_mut(&id)?;
        self.order.remove(&(question.deadline, id));
        question.stage = Stage::Overdue;
        if matches!(question.collected, Collected::Clients { own: Own::Asked(_), .. }) { None } else { self.take(id) }
    }

    fn end_if_complete(&mut self, id: QuestionId) -> Option<Ended> {
        if self.pending.get(&id)?.is_complete() { self.take(id) } else { None }
    }

    fn take(&mut self, id: QuestionId) -> Option<Ended> {
        let question = self.pending.remove(&id)?;
        self.requests.remove(&question.request);
        self.order.remove(&(question.deadline, id));
        self.bytes = self.bytes.saturating_sub(question.bytes);
        Some(question.end(id))
    }
}

#[cfg(test)]
impl Questions {
    pub(super) fn is_idle(&self) -> bool {
        let is_answered = self.pending.is_empty() && self.requests.is_empty() && self.broadcasts.is_empty();
        is_answered && self.order.is_empty() && self.bytes == 0
    }
}

/// A broadcast that this node's own clients have answered, and its end if there was nobody else to wait for.
#[derive(Debug)]
pub(super) struct Settled(pub(super) Option<Ended>);

impl Question {
    /// Whether it was an answer to this, and not one that was here before.
    fn take(&mut self, sender: &Sender, message: Message) -> bool {
        match (&mut self.collected, message) {
            (Collected::Sockets(all), Message::FetchSocketsResponse { sockets, .. }) => {
                self.answered.enter(sender) && {
                    all.extend(sockets);
                    true
                }
            }
            (Collected::Rooms { names, numbers }, Message::AllRoomsResponse { rooms, .. }) => {
                self.answered.enter(sender) && {
                    add_rooms(names, numbers, rooms);
                    true
                }
            }
            (Collected::Servers(all), Message::ServerSideEmitResponse { answer, .. }) => {
                self.answered.enter(sender) && {
                    all.push(answer);
                    true
                }
            }
            (Collected::Clients { promised, .. }, Message::BroadcastClientCount { count, .. }) => {
                self.answered.enter(sender) && {
                    *promised = promised.saturating_add(count);
                    true
                }
            }
            (Collected::Clients { answers, .. }, Message::BroadcastAck { answer, .. }) => {
                answers.push(answer);
                true
            }
            _ => false,
        }
    }

    fn is_complete(&self) -> bool {
        let Some(servers) = self.servers else { return false };
        let all_clients = match &self.collected {
            Collected::Clients { own: Own::Asked(_), .. } => false,
            Collected::Clients { promised, answers, .. } => answers.len() as u64 >= *promised,
            _ => true,
        };
        self.answered.count >= servers && all_clients
    }

    fn end(self, question: QuestionId) -> Ended {
        let servers = self.servers.map(|servers| servers.saturating_sub(self.answered.count));
        let mut clients = 0;
        let answers = match self.collected {
            Collected::Sockets(sockets) => Answers::Sockets(sockets),
            Collected::Rooms { names, numbers } => {
                let names = names.into_iter().map(RoomKey::Name);
                Answers::Rooms(names.chain(numbers.into_iter().map(RoomKey::Number)).collect())
            }
            Collected::Servers(answers) => Answers::Servers(answers),
            Collected::Clients { own, promised, answers } => {
                let promised = usize::try_from(promised).unwrap_or(usize::MAX);
                clients = promised.saturating_sub(answers.len());
                let mut all = answers;
                if let Own::Settled { answers, missing } = own {
                    clients = clients.saturating_add(missing);
                    let others = mem::replace(&mut all, answers);
                    all.extend(others);
                }
                Answers::Clients(all)
            }
        };
        Ended { question, answers, missing: Missing { servers, clients } }
    }
}

impl Roll {
    /// Whether it is the first answer of this server, as far as that can be known.
    fn enter(&mut self, sender: &Sender) -> bool {
        let is_new = sender.uid().is_none_or(|uid| self.names.insert(uid.clone()));
        if is_new {
            self.count = self.count.saturating_add(1);
        }
        is_new
    }
}

pub(super) fn add_rooms(
    names: &mut BTreeSet<Room>,
    numbers: &mut BTreeSet<i64>,
    rooms: impl IntoIterator<Item = RoomKey>,
) {
    for room in rooms {
        match room {
            RoomKey::Name(name) => drop(names.insert(name)),
            RoomKey::Number(number) => drop(numbers.insert(number)),
            RoomKey::Other(_) => {}
        }
    }
}
