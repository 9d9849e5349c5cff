//! The rooms of one member.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::room::Room;

/// From how many on they are looked for in an index.
const MANY: usize = 8;

/// In the order of joining. Most members are in two or three, and pay for a list alone; whether a member is in one of
/// many, and to leave it, takes the logarithm of their number.
#[derive(Debug)]
pub(super) enum MemberRooms {
    Few(Vec<Room>),
    Many(Box<Many>),
}

/// A member that was once in many rooms is likely to be in many again: it does not go back to a list.
#[derive(Debug, Default)]
pub(super) struct Many {
    in_order: BTreeMap<u64, Room>,
    places: BTreeMap<Room, u64>,
    next_place: u64,
}

impl MemberRooms {
    pub(super) const fn new() -> Self {
        Self::Few(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(rooms) => rooms.len(),
            Self::Many(rooms) => rooms.places.len(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Room> {
        let (few, many) = match self {
            Self::Few(rooms) => (rooms.as_slice(), None),
            Self::Many(rooms) => (&[][..], Some(rooms.in_order.values())),
        };
        few.iter().chain(many.into_iter().flatten())
    }

    pub(super) fn contains(&self, room: &str) -> bool {
        match self {
            Self::Few(rooms) => rooms.iter().any(|name| name.as_str() == room),
            Self::Many(rooms) => rooms.places.contains_key(room),
        }
    }

    /// Adds a room that is not among them.
    pub(super) fn push(&mut self, room: Room) {
        match self {
            Self::Few(rooms) if rooms.len() < MANY => {
                // The room of its id and one more: space for four is not needed.
                if rooms.len() == rooms.capacity() {
                    rooms.reserve_exact(rooms.len().max(2));
                }
                rooms.push(room);
            }
            Self::Few(rooms) => {
                let mut many = Many::default();
                rooms.drain(..).chain([room]).for_each(|room| many.push(room));
                *self = Self::Many(Box::new(many));
            }
            Self::Many(rooms) => rooms.push(room),
        }
    }

    /// `true` if it was among them.
    pub(super) fn remove(&mut self, room: &str) -> bool {
        match self {
            Self::Few(rooms) => match rooms.iter().position(|name| name.as_str() == room) {
                Some(at) => {
                    rooms.remove(at);
                    true
                }
                None => false,
            },
            Self::Many(rooms) => match rooms.places.remove(room) {
                Some(place) => rooms.in_order.remove(&place).is_some(),
                None => false,
            },
        }
    }
}

impl Many {
    fn push(&mut self, room: Room) {
        self.in_order.insert(self.next_place, room.clone());
        self.places.insert(room, self.next_place);
        self.next_place = self.next_place.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn few_and_many_are_in_the_order_of_joining() {
        for count in [0, 1, MANY, MANY + 1, 3 * MANY] {
            let mut rooms = MemberRooms::new();
            let mut names: Vec<_> = (0..count).rev().map(|number| Room::from(&*format!("{number}"))).collect();
            names.iter().cloned().for_each(|room| rooms.push(room));
            for leaves in ["1", "2", "nowhere"] {
                let was_there = names.iter().any(|room| room.as_str() == leaves);
                assert_eq!(
                    (rooms.contains(leaves), rooms.remove(leaves)),
                    (was_there, was_there),
                    "{leaves} of {count}"
                );
                names.retain(|room| room.as_str() != leaves);
                assert!(rooms.iter().eq(&names), "{rooms:?}");
                assert_eq!((rooms.contains(leaves), rooms.len()), (false, names.len()));
            }
        }
    }
}
