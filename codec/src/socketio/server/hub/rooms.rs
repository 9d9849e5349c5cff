//! The index of members and rooms, to be read both ways.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::member_rooms::MemberRooms;
use super::room::{MemberId, Room};
use super::target::Target;
use crate::engineio::Sid;
use crate::socketio::namespace::Namespace;

/// A member, seen from its side.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) namespace: Arc<Namespace>,
    pub(super) sid: Sid,
    /// Under which it may come back.
    pub(super) pid: Option<Sid>,
    pub(super) rooms: MemberRooms,
}

/// Whether a namespace was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Creation {
    New,
    Existing,
}

/// The result of joining a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// Into a room that came into being with it.
    Created,
    Entered,
    /// It was there already.
    Already,
    /// It is in too many rooms.
    Refused,
}

/// The result of leaving a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It was the last one.
    Deleted,
    /// Others are still there.
    Remains,
    /// It was not there.
    NotIn,
}

/// All members of all namespaces.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Boxed, because a tree is never full.
    members: BTreeMap<MemberId, Box<Member>>,
    spaces: BTreeMap<Arc<Namespace>, Space>,
}

/// The members of one namespace, seen from the rooms' side.
#[derive(Debug, Default)]
struct Space {
    everyone: BTreeSet<MemberId>,
    rooms: BTreeMap<Room, Crowd>,
}

/// The members of one room; never empty. Most rooms are those that every member has for itself.
#[derive(Debug)]
enum Crowd {
    One(MemberId),
    #[expect(clippy::box_collection, reason = "most rooms hold one, and shall not be as large as a set")]
    Many(Box<BTreeSet<MemberId>>),
}

impl Index {
    /// A namespace, created if it is not there.
    pub(super) fn create(&mut self, namespace: &Namespace) -> (Arc<Namespace>, Creation) {
        if let Some((name, _)) = self.spaces.get_key_value(namespace) {
            return (Arc::clone(name), Creation::Existing);
        }
        let name = Arc::new(namespace.clone());
        self.spaces.insert(Arc::clone(&name), Space::default());
        (name, Creation::New)
    }

    /// Removes a namespace without members.
    pub(super) fn remove_empty(&mut self, namespace: &Namespace) -> bool {
        let is_empty = self.spaces.get(namespace).is_some_and(|space| space.everyone.is_empty());
        is_empty && self.spaces.remove(namespace).is_some()
    }

    /// Takes a member into its namespace, and into no room yet.
    pub(super) fn add(&mut self, id: MemberId, member: Member) {
        self.spaces.entry(Arc::clone(&member.namespace)).or_default().everyone.insert(id);
        self.members.insert(id, Box::new(member));
    }

    /// Takes out a member, which is still in the [rooms](Self::vacate) that it names.
    pub(super) fn remove(&mut self, id: MemberId) -> Option<Member> {
        let member = self.members.remove(&id)?;
        if let Some(space) = self.spaces.get_mut(&member.namespace) {
            space.everyone.remove(&id);
        }
        Some(*member)
    }

    //= SRV-ROOM-01
    //= SRV-ROOM-04
    pub(super) fn join(&mut self, id: MemberId, room: &Room, most: usize) -> Option<Joined> {
        let member = self.members.get_mut(&id)?;
        let space = self.spaces.get_mut(&member.namespace)?;
        let crowd = space.rooms.get_mut(room);
        if crowd.as_ref().is_some_and(|crowd| crowd.contains(id)) {
            return Some(Joined::Already);
        }
        if member.rooms.len() >= most {
            return Some(Joined::Refused);
        }
        let (joined, name) = match crowd {
            None => {
                space.rooms.insert(room.clone(), Crowd::One(id));
                (Joined::Created, room.clone())
            }
            Some(crowd) => {
                crowd.insert(id);
                // Every member shares the name that the room was created with.
                let name = space.rooms.get_key_value(room).map_or_else(|| room.clone(), |(name, _)| name.clone());
                (Joined::Entered, name)
            }
        };
        member.rooms.push(name);
        Some(joined)
    }

    //= SRV-ROOM-04
    pub(super) fn leave(&mut self, id: MemberId, room: &str) -> Option<Left> {
        let member = self.members.get_mut(&id)?;
        if !member.rooms.remove(room) {
            return Some(Left::NotIn);
        }
        let namespace = Arc::clone(&member.namespace);
        Some(self.vacate(&namespace, id, room))
    }

    /// Takes out of a room one that does not name it any more.
    pub(super) fn vacate(&mut self, namespace: &Namespace, id: MemberId, room: &str) -> Left {
        let Some(space) = self.spaces.get_mut(namespace) else { return Left::NotIn };
        let Some(crowd) = space.rooms.get_mut(room) else { return Left::NotIn };
        if crowd.remove(id) {
            space.rooms.remove(room);
            return Left::Deleted;
        }
        Left::Remains
    }

    pub(super) fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id).map(Box::as_ref)
    }

    pub(super) fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.spaces.keys().map(Arc::as_ref)
    }

    pub(super) fn rooms(&self, namespace: &Namespace) -> impl Iterator<Item = &Room> {
        self.spaces.get(namespace).into_iter().flat_map(|space| space.rooms.keys())
    }

    #[cfg(feature = "cluster")]
    pub(super) fn has(&self, namespace: &Namespace) -> bool {
        self.spaces.contains_key(namespace)
    }

    #[cfg(feature = "cluster")]
    pub(super) fn is_empty_room(&self, namespace: &Namespace, room: &str) -> bool {
        self.spaces.get(namespace).is_none_or(|space| !space.rooms.contains_key(room))
    }

    /// The members that a target selects, in the order of joining the namespace, each once. One buffer, whatever their number.
    //= SRV-ROOM-05: each socket receives once
    //= SRV-ROOM-06: removes every member
    //= SRV-ROOM-07: No room selected means all sockets
    pub(super) fn select(&self, target: &Target) -> Vec<MemberId> {
        let Some(space) = self.spaces.get(&target.namespace) else { return Vec::new() };
        let mut selected;
        if target.to.is_empty() {
            selected = Vec::with_capacity(space.everyone.len());
            selected.extend(&space.everyone);
        } else {
            let crowds = || target.to.iter().filter_map(|room| space.rooms.get(room));
            selected = Vec::with_capacity(crowds().map(Crowd::len).sum());
            crowds().for_each(|crowd| crowd.add_to(&mut selected));
            if target.to.len() > 1 {
                selected.sort_unstable();
                selected.dedup();
            }
        }
        space.leave_out(&target.except, &mut selected);
        selected
    }
}

impl Space {
    /// Takes those in any of the rooms out of a selection, which is in order.
    fn leave_out(&self, rooms: &[Room], selected: &mut Vec<MemberId>) {
        let mut is_out = Vec::new();
        for crowd in rooms.iter().filter_map(|room| self.rooms.get(room)) {
            is_out.resize(selected.len(), false);
            // Whatever is smaller is gone through: many rooms of one cost as much as one room of many.
            if crowd.len() < selected.len() {
                crowd.each(|id| {
                    let at = selected.binary_search(&id);
                    if let Some(is_out) = at.ok().and_then(|at| is_out.get_mut(at)) {
                        *is_out = true;
                    }
                });
            } else {
                selected.iter().zip(&mut is_out).for_each(|(id, is_out)| *is_out |= crowd.contains(*id));
            }
        }
        let mut is_out = is_out.into_iter();
        selected.retain(|_| is_out.next() != Some(true));
    }
}

impl Crowd {
    fn contains(&self, id: MemberId) -> bool {
        match self {
            Self::One(one) => *one == id,
            Self::Many(many) => many.contains(&id),
        }
    }

    fn insert(&mut self, id: MemberId) {
        match self {
            Self::One(one) => *self = Self::Many(Box::new(BTreeSet::from([*one, id]))),
            Self::Many(many) => {
                many.insert(id);
            }
        }
    }

    /// `true` if no member is left.
    fn remove(&mut self, id: MemberId) -> bool {
        match self {
            Self::One(one) => *one == id,
            Self::Many(many) => {
                many.remove(&id);
                many.is_empty()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(many) => many.len(),
        }
    }

    /// In one go, which takes two thirds of the time of one by one.
    fn add_to(&self, selected: &mut Vec<MemberId>) {
        match self {
            Self::One(one) => selected.push(*one),
            Self::Many(many) => selected.extend(many.iter()),
        }
    }

    fn each(&self, mut take: impl FnMut(MemberId)) {
        match self {
            Self::One(one) => take(*one),
            Self::Many(many) => many.iter().for_each(|id| take(*id)),
        }
    }
}
