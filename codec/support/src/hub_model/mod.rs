//! Compares a hub with a naive model of it: they agree after any sequence of calls, whenever the outputs are taken out.

mod model;
mod outputs;

use std::collections::BTreeSet;
use std::time::Duration;

use sio_codec::engineio::{CloseReason, Encoded, Sid};
use sio_codec::socketio::hub::{self, Event, Hub, MemberId, Recovery, RoomError};
use sio_codec::socketio::{AckId, Args, DisconnectReason, Json, Namespace};
use sio_codec::{Frame, Limits, Machine as _, Text, Timestamp};

use model::{
    MAX_DISCONNECTION, MOST_ANSWER_BYTES, MOST_AWAY, MOST_EVENTS, MOST_QUESTIONS, MOST_ROOMS, Member, Model, Question,
    TIMEOUT, Target,
};

const NAMESPACES: [&str; 3] = ["/", "/a", "/b"];
/// Enough that a member can be in many.
const ROOMS: [&str; 12] = ["red", "blue", "sid-0", "sid-1", "c", "d", "e", "f", "g", "h", "i", "j"];

/// Rooms that many calls name, so that some members are in one of two, and some in both.
const POPULAR: [&str; 4] = ["red", "blue", "sid-0", "c"];

/// After how many calls the outputs are taken out; the last program does not take any before the end.
const TAKEN_AFTER: [usize; 4] = [1, 3, 16, usize::MAX];

/// Makes calls, four bytes for each, on a hub and on the model.
///
/// # Panics
///
/// Panics if the two differ.
pub fn run(data: &[u8]) {
    TAKEN_AFTER.into_iter().for_each(|calls| live(data, calls));
}

fn live(data: &[u8], taken_after: usize) {
    let limits = Limits::default().with_max_rooms_per_member(MOST_ROOMS).with_max_pending_acks(MOST_QUESTIONS);
    let recovery = Recovery::new([0; 6]).with_max_disconnection(MAX_DISCONNECTION);
    let recovery = recovery.with_max_sessions(MOST_AWAY).with_max_packets(MOST_EVENTS);
    let config = hub::Config::default().with_limits(limits).with_recovery(recovery);
    let mut hub = Hub::new(config.with_max_answer_bytes(MOST_ANSWER_BYTES));
    let mut model = Model::default();
    for (call, verb) in data.chunks_exact(4).enumerate() {
        model.step(&mut hub, [verb[0], verb[1], verb[2], verb[3]]);
        model.agrees(&hub);
        if (call + 1).is_multiple_of(taken_after) {
            model.outputs.are_taken_from(&mut hub);
        }
    }
    // Everything that is waited for ends.
    while let Some(due) = hub.next_deadline() {
        assert!(due > model.now, "L4: {due:?}");
        model.passes(&mut hub, due);
    }
    model.outputs.are_taken_from(&mut hub);
    assert!(model.questions.is_empty() && model.away.is_empty());
}

/// Makes each call on both.
impl Model {
    fn step(&mut self, hub: &mut Hub, [verb, a, b, c]: [u8; 4]) {
        match verb {
            250 | 251 => self.disconnect_all(hub, &target(b, c), verb == 250),
            252 | 253 => self.join_all(hub, &target(b, c), ROOMS[usize::from(a) % ROOMS.len()]),
            254 | 255 => self.leave_all(hub, &target(b, c), ROOMS[usize::from(a) % ROOMS.len()]),
            _ => self.step_of_one(hub, [verb % 10, a, b, c]),
        }
    }

    fn step_of_one(&mut self, hub: &mut Hub, [verb, a, b, c]: [u8; 4]) {
        let member = self.member(a);
        let room = room(b);
        match verb {
            0 => self.add(hub, usize::from(a) % NAMESPACES.len()),
            1 => self.remove(hub, member, c),
            2 => self.join(hub, member, room),
            3 => (0..=c % 8).for_each(|more| {
                self.join(hub, member, ROOMS[(usize::from(b) + usize::from(more)) % ROOMS.len()]);
            }),
            4 => self.leave(hub, member, room),
            5 => self.broadcast(hub, &target(b, c)),
            6 => self.ask(hub, &target(b, c)),
            7 => self.answers(hub, member, b, c),
            8 => self.recover(hub, member, b, usize::from(c) % NAMESPACES.len()),
            _ => self.passes(hub, self.now.saturating_add(Duration::from_millis(u64::from(b)))),
        }
    }

    fn member(&self, selector: u8) -> MemberId {
        // Up to one more than ever existed.
        MemberId(u64::from(selector) % (self.added + 1))
    }

    fn add(&mut self, hub: &mut Hub, namespace: usize) {
        let [sid, pid] =
            ["sid", "pid"].map(|kind| Sid::from_wire(&format!("{kind}-{}", self.added)).expect("no spaces"));
        let id = hub.add_recoverable(&name(namespace), &sid, &pid);
        assert_eq!(id, MemberId(self.added));
        self.added += 1;
        self.enters(id, Member { namespace, rooms: vec![sid.to_string()] });
    }

    fn remove(&mut self, hub: &mut Hub, id: MemberId, how: u8) {
        let rooms: Vec<_> = hub.rooms_of(id).map(|room| room.as_str().to_owned()).collect();
        let lost = DisconnectReason::Engine(CloseReason::TransportClose);
        let reason = if how.is_multiple_of(2) { DisconnectReason::ClientNamespace } else { lost };
        hub.remove(self.now, id, reason);
        let Some(member) = self.members.remove(&id) else { return };
        assert_eq!(rooms, member.rooms);
        for room in &member.rooms {
            self.expect_left(member.namespace, room, id);
        }
        for question in self.questions.values_mut() {
            if question.waiting.remove(&id) {
                question.missing.insert(id);
            }
        }
        self.settle();
        let namespace = member.namespace;
        if reason == lost
            && let Some(member) = self.suspend(id, member)
        {
            self.outputs.event(Event::Forgotten { member });
        }
        if self.everyone(namespace).next().is_none() {
            self.outputs.event(Event::NamespaceRemoved { namespace: name(namespace) });
        }
    }

    fn recover(&mut self, hub: &mut Hub, id: MemberId, seen: u8, namespace: usize) {
        // Up to one more than ever existed.
        let seen = usize::from(seen) % (self.dropped_events + self.events.len() + 1);
        let claim = format!(r#"{{"pid":"pid-{}","offset":"AAAAAAAA.{seen}"}}"#, id.0);
        let back = hub.recover(self.now, &name(namespace), Some(&Json::new(Text::from(claim)).expect("valid")));
        let known = self.comes_back(id, namespace, seen);
        assert_eq!(back.is_some(), known.is_some());
        let (Some(back), Some((member, missed))) = (back, known) else { return };
        assert_eq!((back.member, back.sid.as_str()), (id, &*format!("sid-{}", id.0)));
        assert_eq!(back.missed.iter().map(number).collect::<Vec<_>>(), missed);
        self.enters(id, member);
    }

    fn enters(&mut self, id: MemberId, Member { namespace, rooms }: Member) {
        if self.everyone(namespace).next().is_none() {
            self.outputs.event(Event::NamespaceCreated { namespace: name(namespace) });
        }
        self.members.insert(id, Member { namespace, rooms: Vec::new() });
        for room in rooms {
            self.enters_room(id, &room);
        }
    }

    fn enters_room(&mut self, id: MemberId, room: &str) {
        let namespace = self.members[&id].namespace;
        if !self.is_room(namespace, room) {
            self.outputs.event(Event::RoomCreated { namespace: name(namespace), room: room.into() });
        }
        self.outputs.event(Event::Joined { namespace: name(namespace), room: room.into(), member: id });
        if let Some(member) = self.members.get_mut(&id) {
            member.rooms.push(room.to_owned());
        }
    }

    fn join(&mut self, hub: &mut Hub, id: MemberId, room: &str) {
        let result = hub.join(id, room);
        let Some(member) = self.members.get(&id) else {
            assert_eq!(result, Err(RoomError::UnknownMember));
            return;
        };
        if member.is_in(room) {
            assert_eq!(result, Ok(()));
        } else if member.rooms.len() >= MOST_ROOMS {
            assert_eq!(result, Err(RoomError::TooManyRooms));
        } else {
            assert_eq!(result, Ok(()));
            self.enters_room(id, room);
        }
    }

    fn leave(&mut self, hub: &mut Hub, id: MemberId, room: &str) {
        let result = hub.leave(id, room);
        assert_eq!(result.is_ok(), self.members.contains_key(&id));
        self.leaves(id, room);
    }

    fn leaves(&mut self, id: MemberId, room: &str) {
        let left = self.members.get_mut(&id).filter(|member| member.is_in(room)).map(|member| {
            member.rooms.retain(|name| name != room);
            member.namespace
        });
        if let Some(namespace) = left {
            self.expect_left(namespace, room, id);
        }
    }

    fn broadcast(&mut self, hub: &mut Hub, target: &Target) {
        let selected = self.select(target);
        let sent = hub.broadcast(self.now, &hub_target(target), "x", Args::empty());
        assert_eq!(sent, Ok(selected.len()));
        let number = self.log(target);
        self.outputs.deliver(&selected, &format!(r#"42{}["x","AAAAAAAA.{number}"]"#, path(target)));
    }

    fn ask(&mut self, hub: &mut Hub, target: &Target) {
        let selected = self.select(target);
        let asked = hub.broadcast_with_ack(self.now, &hub_target(target), "q", Args::empty(), TIMEOUT);
        if !self.has_room_for_question(selected.len()) {
            assert!(asked.is_err());
            return;
        }
        let id = AckId::new(self.asked * 2 + 1).expect("small");
        self.asked += 1;
        assert_eq!(asked, Ok((id, selected.len())));
        self.outputs.deliver(&selected, &format!(r#"42{}{}["q"]"#, path(target), id.value()));
        self.questions.insert(id, Question::of(&selected, self.now.saturating_add(TIMEOUT)));
        self.settle();
    }

    fn disconnect_all(&mut self, hub: &mut Hub, target: &Target, close: bool) {
        hub.disconnect_all(&hub_target(target), close);
        self.outputs.disconnect(&self.select(target), close);
    }

    fn join_all(&mut self, hub: &mut Hub, target: &Target, room: &str) {
        let outside = self.select(target).into_iter().filter(|id| !self.members[id].is_in(room));
        let (entering, refused): (Vec<_>, Vec<_>) = outside.partition(|id| self.members[id].rooms.len() < MOST_ROOMS);
        assert_eq!(hub.join_all(&hub_target(target), room), refused.len());
        entering.into_iter().for_each(|id| self.enters_room(id, room));
    }

    fn leave_all(&mut self, hub: &mut Hub, target: &Target, room: &str) {
        hub.leave_all(&hub_target(target), room);
        self.select(target).into_iter().for_each(|id| self.leaves(id, room));
    }

    fn answers(&mut self, hub: &mut Hub, member: MemberId, question: u8, length: u8) {
        let id = AckId::new(u64::from(question) % (self.asked * 2 + 2)).expect("small");
        let args = Args::encode(&("x".repeat(usize::from(length) % 100),)).expect("a list");
        hub.acknowledge(self.now, member, id, &args);
        self.answer(member, id, &args);
        self.settle();
    }

    fn passes(&mut self, hub: &mut Hub, now: Timestamp) {
        self.now = now;
        hub.handle_timeout(now);
        self.settle();
        while let Some(member) = self.forget() {
            self.outputs.event(Event::Forgotten { member });
        }
    }

    /// Expects the results of questions that are complete or have timed out.
    fn settle(&mut self) {
        let now = self.now;
        let over = |question: &Question| question.waiting.is_empty() || question.deadline <= now;
        let over: Vec<_> = self.questions.iter().filter(|(_, question)| over(question)).map(|(id, _)| *id).collect();
        for over in over {
            let mut question = self.questions.remove(&over).expect("just found");
            question.missing.append(&mut question.waiting);
            let (answers, missing) = (question.answers.into_iter().collect(), question.missing.into_iter().collect());
            self.outputs.event(Event::Settled { id: over, answers, missing });
        }
    }

    /// The index agrees in both directions.
    fn agrees(&self, hub: &Hub) {
        for (index, namespace) in NAMESPACES.iter().enumerate() {
            let namespace = Namespace::new(namespace).expect("no comma");
            let known: BTreeSet<_> =
                self.everyone(index).flat_map(|(_, member)| member.rooms.iter().cloned()).collect();
            assert!(hub.rooms(&namespace).map(|room| room.as_str()).eq(known.iter()));
            for room in &known {
                let members = hub.fetch(&hub::Target::everyone(&namespace).to(room.as_str()));
                assert!(
                    members
                        .into_iter()
                        .eq(self.everyone(index).filter(|(_, member)| member.is_in(room)).map(|(id, _)| id))
                );
            }
        }
        let namespaces: BTreeSet<_> = self.members.values().map(|member| NAMESPACES[member.namespace]).collect();
        assert!(hub.namespaces().map(Namespace::as_str).eq(namespaces));
        assert_eq!(hub.next_deadline(), self.next_deadline());
    }

    fn expect_left(&mut self, namespace: usize, room: &str, member: MemberId) {
        self.outputs.event(Event::Left { namespace: name(namespace), room: room.into(), member });
        if !self.is_room(namespace, room) {
            self.outputs.event(Event::RoomDeleted { namespace: name(namespace), room: room.into() });
        }
    }
}

/// The number of an event in the log: `42["x","AAAAAAAA.7"]` is number 7.
fn number(messages: &Encoded) -> usize {
    let Some(Frame::Text(text)) = messages.frames().next() else { panic!("no text") };
    text.as_str()
        .trim_end_matches(r#""]"#)
        .rsplit('.')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("an offset")
}

/// One of all, or, in half of the cases, of the popular ones.
fn room(choice: u8) -> &'static str {
    if choice < 128 { ROOMS[usize::from(choice) % ROOMS.len()] } else { POPULAR[usize::from(choice) % POPULAR.len()] }
}

/// Up to two included rooms, and two excluded ones; in half of the cases of the popular ones.
fn target(rooms: u8, choice: u8) -> Target {
    let room = |shift: u8| {
        let from: &[&str] = if choice < 128 { &ROOMS } else { &POPULAR };
        from[usize::from(rooms >> shift) % from.len()]
    };
    let to = [room(0), room(2)].into_iter().take(usize::from(choice & 3) % 3).collect();
    let except = [room(4), room(6)].into_iter().take(usize::from(choice >> 2 & 3) % 3).collect();
    Target { namespace: usize::from(choice >> 4 & 7) % NAMESPACES.len(), to, except }
}

/// The namespace as it stands in a packet.
fn path(target: &Target) -> String {
    match NAMESPACES[target.namespace] {
        "/" => String::new(),
        name => format!("{name},"),
    }
}

fn hub_target(target: &Target) -> hub::Target {
    let everyone = hub::Target::everyone(&name(target.namespace));
    let meant = target.to.iter().fold(everyone, |target, room| target.to(*room));
    target.except.iter().fold(meant, |target, room| target.except(*room))
}

fn name(index: usize) -> Namespace {
    Namespace::new(NAMESPACES[index]).expect("no comma")
}
