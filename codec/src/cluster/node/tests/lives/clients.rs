//! Clients in rooms that they do not leave, and what each was told.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Choices, Per};
use crate::engineio::Sid;
use crate::frame::Frame;
use crate::socketio::hub::{Broadcast, MemberId, Target};
use crate::socketio::{AckId, Namespace};

#[derive(Default)]
pub(super) struct Clients {
    here: Per<MemberId, Client>,
    sids: Vec<Sid>,
    broadcasts: BTreeMap<u32, Said>,
    got: BTreeMap<(usize, MemberId, u32), usize>,
}

struct Client {
    rooms: BTreeSet<String>,
    /// The first broadcast that it was there for.
    since: u32,
}

struct Said {
    server: usize,
    target: Target,
    /// Who was there and meant.
    meant: Vec<(usize, MemberId)>,
}

impl Clients {
    pub(super) fn target(&self, choices: &mut Choices<'_>) -> Target {
        let all = Target::everyone(&Namespace::root());
        match choices.of(9) {
            0 => all.to("red"),
            1 => all.to("red").to("blue").to("red"),
            2 => all.except("red"),
            3 => all.to("blue").except("red"),
            4 => all.to("nobody"),
            5 => all.local(),
            6 => match self.sids.get(choices.of(self.sids.len())) {
                Some(sid) => all.to(sid),
                None => all,
            },
            _ => all,
        }
    }

    pub(super) fn new_one(&self, choices: &mut Choices<'_>) -> (Sid, Vec<&'static str>) {
        let number = self.sids.len();
        let mut entropy = [0; 15];
        entropy[..8].copy_from_slice(&number.to_le_bytes());
        let rooms = [&[][..], &["red"], &["blue"], &["red", "blue"]];
        (Sid::from_entropy(entropy), rooms[choices.of(4)].to_vec())
    }

    pub(super) fn came(&mut self, server: usize, member: MemberId, sid: &Sid, rooms: &[&str]) {
        let rooms = rooms.iter().copied().chain([sid.as_str()]).map(String::from).collect();
        self.here.insert((server, member), Client { rooms, since: self.broadcasts.len() as u32 });
        self.sids.push(sid.clone());
    }

    pub(super) fn one_of(&self, server: usize, choices: &mut Choices<'_>) -> Option<MemberId> {
        let own: Vec<_> = self.here.keys().filter(|(of, _)| *of == server).map(|(_, member)| *member).collect();
        own.get(choices.of(own.len())).copied()
    }

    pub(super) fn went(&mut self, server: usize, member: MemberId) {
        self.here.remove(&(server, member));
    }

    pub(super) fn matching(&self, server: usize, target: &Target) -> usize {
        self.here.iter().filter(|((of, _), client)| *of == server && client.is_meant(target)).count()
    }

    pub(super) fn said(&mut self, server: usize, target: &Target) -> u32 {
        let meant = self
            .here
            .iter()
            .filter(|((of, _), client)| client.is_meant(target) && (*of == server || !target.is_local()));
        let meant = meant.map(|(place, _)| *place).collect();
        let tag = self.broadcasts.len() as u32;
        self.broadcasts.insert(tag, Said { server, target: target.clone(), meant });
        tag
    }

    /// Nobody gets what is not for it, or gets it twice; the id that is to be acknowledged.
    pub(super) fn delivered(&mut self, server: usize, member: MemberId, broadcast: &Broadcast) -> Option<AckId> {
        let Some(Frame::Text(text)) = broadcast.messages().frames().next() else { panic!("{broadcast:?}") };
        let (id, args) = text.as_str().strip_prefix("42").unwrap().split_once("[\"t\",").unwrap();
        let tag = args.split([',', ']']).next().unwrap().parse().unwrap();
        let said = &self.broadcasts[&tag];
        if let Some(client) = self.here.get(&(server, member)) {
            assert!(client.is_meant(&said.target), "{text} is not for {member:?}");
            assert!(said.server != server || client.since <= tag, "{text} came back to its own");
        }
        assert!(said.server == server || !said.target.is_local(), "{text} is local");
        let times = self.got.entry((server, member, tag)).or_default();
        *times += 1;
        assert_eq!(*times, 1, "{text} to {member:?} of {server}");
        id.parse().ok().and_then(AckId::new)
    }

    pub(super) fn everyone_has_got_everything(&self) {
        for (tag, said) in &self.broadcasts {
            for (server, member) in said.meant.iter().filter(|place| self.here.contains_key(place)) {
                assert!(self.got.contains_key(&(*server, *member, *tag)), "{tag} to {member:?} of {server}");
            }
        }
    }
}

impl Client {
    fn is_meant(&self, target: &Target) -> bool {
        let is_in = |rooms: &[crate::socketio::hub::Room]| rooms.iter().any(|room| self.rooms.contains(room.as_str()));
        (target.rooms().is_empty() || is_in(target.rooms())) && !is_in(target.excepted())
    }
}
