//! Who is where, and what was said: what all sessions share.
//!
//! Everything happens under one lock, which nobody holds while waiting. What the hub has for a member is put into the
//! mailbox of its session, in order, before the lock is given back.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::{self, Broadcast, Hub, MemberId, Room, RoomError, Target, Transmit};
use sio_codec::socketio::{DisconnectReason, Namespace};
use sio_codec::{Limits, Machine as _, Output, Timestamp};
use tokio::sync::mpsc;

use crate::access::Claim;
use crate::wire::{Answer, Fault, Joined, Left, Lobby, Message, RoomEntry, Typing};
use crate::words::{Name, RoomName, Words};

/// The most rooms that a member may be in, beside that of its own id.
const ROOMS_PER_MEMBER: usize = 8;

/// The most rooms.
const ROOMS: usize = 64;

/// The most tabs of one user.
const TABS: usize = 4;

/// The most messages of a room that are kept for those who come later.
const HISTORY: usize = 50;

/// The most deliveries that wait for the task of a session.
const MAILBOX: usize = 1_024;

pub(crate) struct Chat {
    pub(crate) lobby: Namespace,
    pub(crate) chat: Namespace,
    state: Mutex<State>,
}

/// A place in a namespace, and the mail for it.
pub(crate) struct Place {
    pub(crate) member: MemberId,
    /// It ends when the client has missed something.
    pub(crate) mail: mpsc::Receiver<Broadcast>,
}

struct State {
    hub: Hub,
    chat: Namespace,
    lobby: Namespace,
    members: HashMap<MemberId, Member>,
    /// By [`Name::key`].
    users: HashMap<String, User>,
    rooms: BTreeMap<Room, VecDeque<Message>>,
    messages: u64,
}

/// A client in one namespace.
struct Member {
    /// `None` when it was full: the client has missed something, and is to come again.
    mailbox: Option<mpsc::Sender<Broadcast>>,
    /// In the lobby nobody has one.
    name: Option<Name>,
}

/// Somebody who is in the chat.
struct User {
    id: String,
    tabs: usize,
}

impl Chat {
    pub(crate) fn new(lobby: Namespace, chat: Namespace) -> Self {
        // The room of its own id is one more.
        let limits = Limits::default().with_max_rooms_per_member(ROOMS_PER_MEMBER + 1);
        let mut hub = Hub::new(hub::Config::default().with_limits(limits));
        hub.declare(&lobby);
        hub.declare(&chat);
        let state = State {
            hub,
            lobby: lobby.clone(),
            chat: chat.clone(),
            members: HashMap::new(),
            users: HashMap::new(),
            rooms: BTreeMap::new(),
            messages: 0,
        };
        Self { lobby, chat, state: Mutex::new(state) }
    }

    /// Takes in a client that was accepted into the lobby.
    pub(crate) fn watch(&self, now: Timestamp, sid: &Sid) -> Place {
        let mut state = self.state();
        let place = state.add(&self.lobby, sid, None);
        let people = state.users.len();
        state.tell(now, &Target::everyone(&self.lobby).to(sid), "lobby", &Lobby { people });
        state.hand_out();
        place
    }

    /// Takes in a client that is to be accepted into the chat. Its mail waits until it is.
    ///
    /// # Errors
    ///
    /// If the name is somebody else's at present, or the user has too many tabs.
    pub(crate) fn enter(&self, now: Timestamp, claim: &Claim, sid: &Sid) -> Result<Place, Fault> {
        let mut state = self.state();
        let user = state.users.entry(claim.name.key()).or_insert_with(|| User { id: claim.user.clone(), tabs: 0 });
        if user.id != claim.user {
            return Err(Fault::new("name-taken", "somebody else has this name at present"));
        }
        if user.tabs >= TABS {
            return Err(Fault::new("too-many-tabs", format!("at most {TABS} tabs at once")));
        }
        user.tabs += 1;
        let place = state.add(&self.chat, sid, Some(claim.name.clone()));
        let entries = state.entries();
        state.tell(now, &Target::everyone(&self.chat).to(sid), "rooms", &entries);
        state.tell_lobby(now);
        state.hand_out();
        Ok(place)
    }

    /// Takes out a client whose connection left the namespace, and tells the others why.
    pub(crate) fn depart(&self, now: Timestamp, member: MemberId, reason: DisconnectReason) {
        let mut state = self.state();
        let rooms: Vec<_> = state.hub.rooms_of(member).cloned().collect();
        state.hub.remove(now, member, reason);
        let name = state.members.remove(&member).and_then(|member| member.name);
        if let Some(name) = name {
            for room in rooms {
                state.tell_left(now, &room, &name, reason.as_str());
            }
            let key = name.key();
            if let Some(user) = state.users.get_mut(&key) {
                user.tabs -= 1;
                if user.tabs == 0 {
                    state.users.remove(&key);
                }
            }
            state.hand_out();
            state.tell_rooms(now);
            state.tell_lobby(now);
        }
        state.hand_out();
    }

    /// Lets a member into a room, and tells the others there.
    pub(crate) fn join(&self, now: Timestamp, member: MemberId, name: &RoomName) -> Result<Answer, Fault> {
        let mut state = self.state();
        let room = name.room();
        if !state.rooms.contains_key(&room) && state.rooms.len() >= ROOMS {
            return Err(Fault::new("too-many-rooms", format!("there are {ROOMS} rooms already")));
        }
        let who = state.name_of(member)?;
        let is_here = state.people(&room).contains(&who);
        state.hub.join(member, &room).map_err(|error| match error {
            RoomError::TooManyRooms => {
                Fault::new("too-many-rooms", format!("you are in {ROOMS_PER_MEMBER} rooms already"))
            }
            _ => gone(),
        })?;
        state.rooms.entry(room.clone()).or_default();
        // Another tab of the same user may be there.
        if !is_here {
            let others = state.others(&room, member);
            state.tell(now, &others, "joined", &Joined { room: name.as_str(), name: &who });
        }
        state.tell_rooms(now);
        state.hand_out();
        let people = state.people(&room).into_iter().cloned().collect();
        let history = state.rooms.get(&room).into_iter().flatten().cloned().collect();
        Ok(Answer::Joined { room: name.as_str().to_owned(), people, history })
    }

    /// Makes a member leave a room, and tells the others there.
    pub(crate) fn leave(&self, now: Timestamp, member: MemberId, name: &RoomName) -> Result<Answer, Fault> {
        let mut state = self.state();
        let room = state.room_of(member, name)?;
        let who = state.name_of(member)?;
        state.hub.leave(member, &room).map_err(|_| gone())?;
        state.tell_left(now, &room, &who, "left the room");
        state.hand_out();
        state.tell_rooms(now);
        state.hand_out();
        Ok(Answer::Done {})
    }

    /// Passes a message on to the others in a room.
    pub(crate) fn say(&self, now: Timestamp, member: MemberId, name: &RoomName, text: Words) -> Result<Answer, Fault> {
        let mut state = self.state();
        let room = state.room_of(member, name)?;
        let from = state.name_of(member)?;
        state.messages += 1;
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or_default();
        let message = Message { id: state.messages, room: name.as_str().to_owned(), from, text, at };
        if let Some(history) = state.rooms.get_mut(&room) {
            history.push_back(message.clone());
            if history.len() > HISTORY {
                history.pop_front();
            }
        }
        let others = state.others(&room, member);
        state.tell(now, &others, "said", &message);
        state.hand_out();
        Ok(Answer::Said(message))
    }

    /// Tells the others in a room that a member types there. Who cannot take it at once does not get it: the next is
    /// soon to come.
    pub(crate) fn types(
        &self,
        now: Timestamp,
        member: MemberId,
        name: &RoomName,
        is_typing: bool,
    ) -> Result<(), Fault> {
        let mut state = self.state();
        let room = state.room_of(member, name)?;
        let who = state.name_of(member)?;
        let others = state.others(&room, member).volatile();
        state.tell(now, &others, "typing", &Typing { room: name.as_str(), name: &who, is_typing });
        state.hand_out();
        Ok(())
    }

    /// Who is in a room that the member is in as well.
    pub(crate) fn who(&self, member: MemberId, name: &RoomName) -> Result<Answer, Fault> {
        let state = self.state();
        let room = state.room_of(member, name)?;
        Ok(Answer::People { people: state.people(&room).into_iter().cloned().collect() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, namespace: &Namespace, sid: &Sid, name: Option<Name>) -> Place {
        let (mailbox, mail) = mpsc::channel(MAILBOX);
        let member = self.hub.add(namespace, sid);
        self.members.insert(member, Member { mailbox: Some(mailbox), name });
        Place { member, mail }
    }

    /// What the hub wants done.
    fn hand_out(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Transmit(Transmit::Deliver { member, broadcast }) => {
                    let Some(member) = self.members.get_mut(&member) else { continue };
                    if member.mailbox.as_ref().is_some_and(|mailbox| mailbox.try_send(broadcast).is_err()) {
                        member.mailbox = None;
                    }
                }
                // Nobody calls `disconnect_all`.
                Output::Transmit(Transmit::Disconnect { .. }) => {}
                Output::Event(hub::Event::RoomDeleted { room, .. }) => drop(self.rooms.remove(&room)),
                Output::Event(_) => {}
            }
        }
    }

    fn tell(&mut self, now: Timestamp, target: &Target, name: &str, what: &impl Serialize) {
        self.hub.broadcast(now, target, name, (what,)).expect("the events of the chat can be written");
    }

    fn tell_lobby(&mut self, now: Timestamp) {
        let (everyone, people) = (Target::everyone(&self.lobby), self.users.len());
        self.tell(now, &everyone, "lobby", &Lobby { people });
    }

    fn tell_rooms(&mut self, now: Timestamp) {
        let (everyone, entries) = (Target::everyone(&self.chat), self.entries());
        self.tell(now, &everyone, "rooms", &entries);
    }

    /// Tells a room that somebody left it, unless another tab of the same user is still there.
    fn tell_left(&mut self, now: Timestamp, room: &Room, name: &Name, reason: &str) {
        let Some(ours) = RoomName::of(room) else { return };
        if !self.people(room).contains(name) {
            let target = Target::everyone(&self.chat).to(room);
            self.tell(now, &target, "left", &Left { room: ours, name, reason });
        }
    }

    fn others(&self, room: &Room, member: MemberId) -> Target {
        let target = Target::everyone(&self.chat).to(room);
        match self.hub.sid_of(member) {
            Some(sid) => target.except(sid),
            None => target,
        }
    }

    fn entries(&self) -> Vec<RoomEntry> {
        let rooms = self.rooms.keys().filter_map(|room| Some((RoomName::of(room)?, self.people(room).len())));
        rooms.map(|(room, people)| RoomEntry { room: room.to_owned(), people }).collect()
    }

    /// The names of those in a room, each once.
    fn people(&self, room: &Room) -> BTreeSet<&Name> {
        let members = self.hub.fetch(&Target::everyone(&self.chat).to(room));
        members.into_iter().filter_map(|member| self.members.get(&member)?.name.as_ref()).collect()
    }

    /// The room of the hub, if the member is in it.
    fn room_of(&self, member: MemberId, name: &RoomName) -> Result<Room, Fault> {
        let room = name.room();
        let is_there = self.hub.rooms_of(member).any(|other| *other == room);
        if is_there { Ok(room) } else { Err(Fault::new("not-in-room", "you are not in this room")) }
    }

    fn name_of(&self, member: MemberId) -> Result<Name, Fault> {
        self.members.get(&member).and_then(|member| member.name.clone()).ok_or_else(gone)
    }
}

fn gone() -> Fault {
    Fault::new("gone", "you are no longer in the chat")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Secret;
    use crate::fresh_sid;

    fn claim(secret: &Secret, name: &str) -> Claim {
        secret.claim(&secret.token(Name::try_from(name.to_owned()).unwrap())).unwrap()
    }

    #[test]
    fn mail_ends_where_a_member_has_missed_something() {
        let chat = Chat::new(Namespace::root(), Namespace::new("/chat").unwrap());
        let (now, ann) = (Timestamp::ZERO, claim(&Secret::from_environment().unwrap(), "Ann"));
        let mut lobby = chat.watch(now, &fresh_sid());
        // The lobby is told of both.
        for _ in 0..MAILBOX {
            let place = chat.enter(now, &ann, &fresh_sid()).unwrap();
            chat.depart(now, place.member, DisconnectReason::ClientNamespace);
        }
        let told = std::iter::from_fn(|| lobby.mail.try_recv().ok()).count();
        assert_eq!((told, lobby.mail.is_closed()), (MAILBOX, true));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let chat = Chat::new(Namespace::root(), Namespace::new("/chat").unwrap());
        let (now, secret) = (Timestamp::ZERO, Secret::from_environment().unwrap());
        let room = |number: usize| RoomName::try_from(format!("room {number}")).unwrap();
        let users = ROOMS / ROOMS_PER_MEMBER + 1;
        let places: Vec<_> = (0..users)
            .map(|number| chat.enter(now, &claim(&secret, &format!("user {number}")), &fresh_sid()).unwrap())
            .collect();
        // Nobody is in more rooms than allowed, and nobody makes more than there may be.
        for (number, place) in places.iter().enumerate() {
            for other in 0..=ROOMS_PER_MEMBER {
                let joined = chat.join(now, place.member, &room(number * ROOMS_PER_MEMBER + other));
                assert_eq!(joined.is_ok(), other < ROOMS_PER_MEMBER && number < users - 1, "{number} {other}");
            }
        }
        for _ in 0..=HISTORY {
            let words = Words::try_from("hello".to_owned()).unwrap();
            assert!(chat.say(now, places[0].member, &room(0), words).is_ok());
        }
        let kept = |chat: &Chat| chat.state().rooms.get(&room(0).room()).map(VecDeque::len);
        assert_eq!((kept(&chat), chat.state().rooms.len()), (Some(HISTORY), ROOMS));
        // What was said in a room that nobody is in is forgotten.
        chat.depart(now, places[0].member, DisconnectReason::ClientNamespace);
        assert_eq!((kept(&chat), chat.state().rooms.len()), (None, ROOMS - ROOMS_PER_MEMBER));
    }
}
