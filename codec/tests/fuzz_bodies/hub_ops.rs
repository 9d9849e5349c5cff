//! Any sequence of verbs on a hub: what comes out is what a naive model of sets says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sio_codec::socketio::hub::{Config, Event, Hub, Input, MemberId, RoomError, Target, Transmit};
use sio_codec::socketio::{AckId, Args, DisconnectReason, Namespace};
use sio_codec::{Limits, Machine as _, Output, Timestamp};

const NAMESPACES: [&str; 3] = ["/", "/a", "/b"];
const ROOMS: [&str; 4] = ["red", "blue", "sid-0", "sid-1"];
const MOST_ROOMS: usize = 3;
const MOST_QUESTIONS: usize = 2;

/// What is true, as sets.
#[derive(Default)]
struct Model {
    now: Timestamp,
    /// In the order of joining.
    members: BTreeMap<MemberId, (usize, BTreeSet<String>)>,
    added: u64,
    /// Who was asked, who has not answered, who has, and until when.
    questions: BTreeMap<AckId, Question>,
    asked: u64,
}

struct Question {
    waiting: BTreeSet<MemberId>,
    answers: BTreeSet<MemberId>,
    missing: BTreeSet<MemberId>,
    deadline: Timestamp,
}

/// Four bytes are one verb.
pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default().with_max_rooms_per_member(MOST_ROOMS).with_max_pending_acks(MOST_QUESTIONS);
    let mut hub = Hub::new(Config::default().with_limits(limits));
    let mut model = Model::default();
    for verb in data.chunks_exact(4) {
        model.step(&mut hub, [verb[0], verb[1], verb[2], verb[3]]);
        model.agrees(&hub);
    }
    // Whatever is waited for ends.
    while let Some(due) = hub.next_deadline() {
        assert!(due > model.now, "L4: {due:?}");
        model.now = due;
        hub.handle_timeout(due);
        model.settle(&mut hub);
    }
    assert!(model.questions.is_empty());
}

impl Model {
    fn step(&mut self, hub: &mut Hub, [verb, a, b, c]: [u8; 4]) {
        let member = self.member(a);
        let room = ROOMS[usize::from(b) % ROOMS.len()];
        match verb % 8 {
            0 => self.add(hub, usize::from(a) % NAMESPACES.len()),
            1 => self.remove(hub, member),
            2 | 3 => self.join(hub, member, room),
            4 => self.leave(hub, member, room),
            5 => self.broadcast(hub, target(b, c)),
            6 => self.ask(hub, target(b, c)),
            _ if c % 2 == 0 => self.answer(hub, member, b),
            _ => {
                self.now = self.now.saturating_add(Duration::from_millis(u64::from(b)));
                hub.handle_timeout(self.now);
                self.settle(hub);
            }
        }
        assert_eq!(hub.poll_output(), None, "an output that the model does not know");
    }

    fn member(&self, selector: u8) -> MemberId {
        // One more than there ever were.
        MemberId(u64::from(selector) % (self.added + 1))
    }

    fn add(&mut self, hub: &mut Hub, namespace: usize) {
        let sid = format!("sid-{}", self.added);
        let is_new = self.everyone(namespace).next().is_none();
        let creates = !self.is_room(namespace, &sid);
        let member = hub.add(&name(namespace), &sid);
        assert_eq!(member, MemberId(self.added));
        self.added += 1;
        self.members.insert(member, (namespace, BTreeSet::from([sid.clone()])));
        if is_new {
            assert_eq!(event(hub), Event::NamespaceCreated { namespace: name(namespace) });
        }
        expect_joined(hub, namespace, &sid, member, creates);
    }

    fn remove(&mut self, hub: &mut Hub, member: MemberId) {
        let rooms: Vec<_> = hub.rooms_of(member).map(|room| room.as_str().to_owned()).collect();
        hub.remove(self.now, member, DisconnectReason::ClientNamespace);
        let Some((namespace, known)) = self.members.remove(&member) else { return };
        assert_eq!(rooms.iter().cloned().collect::<BTreeSet<_>>(), known);
        for room in rooms {
            self.expect_left(hub, namespace, &room, member);
        }
        for question in self.questions.values_mut() {
            if question.waiting.remove(&member) {
                question.missing.insert(member);
            }
        }
        self.settle(hub);
        if self.everyone(namespace).next().is_none() {
            assert_eq!(event(hub), Event::NamespaceRemoved { namespace: name(namespace) });
        }
    }

    fn join(&mut self, hub: &mut Hub, member: MemberId, room: &str) {
        let result = hub.join(member, room);
        let Some((namespace, rooms)) = self.members.get(&member) else {
            assert_eq!(result, Err(RoomError::UnknownMember));
            return;
        };
        if rooms.contains(room) {
            assert_eq!(result, Ok(()));
        } else if rooms.len() >= MOST_ROOMS {
            assert_eq!(result, Err(RoomError::TooManyRooms));
        } else {
            let namespace = *namespace;
            let creates = !self.is_room(namespace, room);
            if let Some((_, rooms)) = self.members.get_mut(&member) {
                rooms.insert(room.to_owned());
            }
            expect_joined(hub, namespace, room, member, creates);
        }
    }

    fn leave(&mut self, hub: &mut Hub, member: MemberId, room: &str) {
        let result = hub.leave(member, room);
        assert_eq!(result.is_ok(), self.members.contains_key(&member));
        let left = self.members.get_mut(&member).filter(|(_, rooms)| rooms.contains(room)).map(|(namespace, rooms)| {
            rooms.remove(room);
            *namespace
        });
        if let Some(namespace) = left {
            self.expect_left(hub, namespace, room, member);
        }
    }

    fn broadcast(&self, hub: &mut Hub, (namespace, to, except): (usize, Vec<&str>, Vec<&str>)) {
        let selected = self.select(namespace, &to, &except);
        let sent = hub.broadcast(self.now, &hub_target(namespace, &to, &except), "x", &Args::empty());
        assert_eq!(sent, Ok(selected.len()));
        expect_delivered(hub, &selected);
    }

    fn ask(&mut self, hub: &mut Hub, (namespace, to, except): (usize, Vec<&str>, Vec<&str>)) {
        let selected = self.select(namespace, &to, &except);
        let (target, timeout) = (hub_target(namespace, &to, &except), Duration::from_millis(100));
        let asked = hub.broadcast_with_ack(self.now, &target, "q", &Args::empty(), timeout);
        if self.questions.len() >= MOST_QUESTIONS {
            assert!(asked.is_err());
            return;
        }
        let id = AckId::new(self.asked * 2 + 1).expect("small");
        self.asked += 1;
        assert_eq!(asked, Ok((id, selected.len())));
        expect_delivered(hub, &selected);
        let (answers, missing) = (BTreeSet::new(), BTreeSet::new());
        let deadline = self.now.saturating_add(timeout);
        let waiting = selected.into_iter().collect();
        self.questions.insert(id, Question { waiting, answers, missing, deadline });
        self.settle(hub);
    }

    fn answer(&mut self, hub: &mut Hub, member: MemberId, selector: u8) {
        let id = AckId::new(u64::from(selector) % (self.asked * 2 + 2)).expect("small");
        hub.handle(self.now, Input::Acked { member, id, args: Args::empty() });
        if let Some(question) = self.questions.get_mut(&id)
            && question.waiting.remove(&member)
        {
            question.answers.insert(member);
        }
        self.settle(hub);
    }

    /// Takes out what the hub says of questions that are complete, or whose time is over.
    fn settle(&mut self, hub: &mut Hub) {
        let now = self.now;
        let over = |question: &Question| question.waiting.is_empty() || question.deadline <= now;
        let over: Vec<_> = self.questions.iter().filter(|(_, question)| over(question)).map(|(id, _)| *id).collect();
        for over in over {
            let mut question = self.questions.remove(&over).expect("just found");
            question.missing.append(&mut question.waiting);
            let Event::Settled { id, answers, missing } = event(hub) else { panic!("{over:?} is not settled") };
            assert_eq!(id, over);
            assert!(answers.into_iter().map(|(member, _)| member).eq(question.answers));
            assert!(missing.into_iter().eq(question.missing));
        }
    }

    /// The index reads the same from both sides.
    fn agrees(&self, hub: &Hub) {
        for (index, namespace) in NAMESPACES.iter().enumerate() {
            let namespace = Namespace::new(namespace).expect("no comma");
            let known: BTreeSet<_> = self.everyone(index).flat_map(|(_, rooms)| rooms.iter().cloned()).collect();
            assert!(hub.rooms(&namespace).map(|room| room.as_str()).eq(known.iter()));
            for room in &known {
                let members = hub.fetch(&Target::everyone(&namespace).to(room.as_str()));
                assert_eq!(members, self.select(index, &[room.as_str()], &[]));
            }
        }
        let namespaces: BTreeSet<_> = self.members.values().map(|(namespace, _)| NAMESPACES[*namespace]).collect();
        assert!(hub.namespaces().map(Namespace::as_str).eq(namespaces));
        let deadline = self.questions.values().map(|question| question.deadline).min();
        assert_eq!(hub.next_deadline(), deadline);
    }

    fn everyone(&self, namespace: usize) -> impl Iterator<Item = (MemberId, &BTreeSet<String>)> {
        self.members.iter().filter(move |(_, (of, _))| *of == namespace).map(|(member, (_, rooms))| (*member, rooms))
    }

    fn is_room(&self, namespace: usize, room: &str) -> bool {
        self.everyone(namespace).any(|(_, rooms)| rooms.contains(room))
    }

    fn select(&self, namespace: usize, to: &[&str], except: &[&str]) -> Vec<MemberId> {
        let is_in = |rooms: &BTreeSet<String>, some: &[&str]| some.iter().any(|room| rooms.contains(*room));
        self.everyone(namespace)
            .filter(|(_, rooms)| (to.is_empty() || is_in(rooms, to)) && !is_in(rooms, except))
            .map(|(member, _)| member)
            .collect()
    }

    fn expect_left(&self, hub: &mut Hub, namespace: usize, room: &str, member: MemberId) {
        assert_eq!(event(hub), Event::Left { namespace: name(namespace), room: room.into(), member });
        if !self.is_room(namespace, room) {
            assert_eq!(event(hub), Event::RoomDeleted { namespace: name(namespace), room: room.into() });
        }
    }
}

fn expect_joined(hub: &mut Hub, namespace: usize, room: &str, member: MemberId, creates: bool) {
    if creates {
        assert_eq!(event(hub), Event::RoomCreated { namespace: name(namespace), room: room.into() });
    }
    assert_eq!(event(hub), Event::Joined { namespace: name(namespace), room: room.into(), member });
}

fn expect_delivered(hub: &mut Hub, selected: &[MemberId]) {
    for expected in selected {
        let output = hub.poll_output();
        let Some(Output::Transmit(Transmit::Deliver { member, .. })) = output else { panic!("{output:?}") };
        assert_eq!(member, *expected);
    }
}

fn event(hub: &mut Hub) -> Event {
    match hub.poll_output() {
        Some(Output::Event(event)) => event,
        output => panic!("no event: {output:?}"),
    }
}

/// Up to two rooms that are meant, and two that are not.
fn target(rooms: u8, choice: u8) -> (usize, Vec<&'static str>, Vec<&'static str>) {
    let room = |shift: u8| ROOMS[usize::from(rooms >> shift) % ROOMS.len()];
    let to = [room(0), room(2)].into_iter().take(usize::from(choice & 3) % 3).collect();
    let except = [room(4), room(6)].into_iter().take(usize::from(choice >> 2 & 3) % 3).collect();
    (usize::from(choice >> 4) % NAMESPACES.len(), to, except)
}

fn hub_target(namespace: usize, to: &[&str], except: &[&str]) -> Target {
    let target = to.iter().fold(Target::everyone(&name(namespace)), |target, room| target.to(*room));
    except.iter().fold(target, |target, room| target.except(*room))
}

fn name(index: usize) -> Namespace {
    Namespace::new(NAMESPACES[index]).expect("no comma")
}
