//! Clients in rooms that they do not leave, and what each was told.

use std::collections::{BTreeMap, BTreeSet};

use sio_codec::Frame;
use sio_codec::cluster::node::QuestionId;
use sio_codec::cluster::streams::EntryId;
use sio_codec::engineio::Sid;
use sio_codec::socketio::hub::{Broadcast, MemberId, Recovered, Target};
use sio_codec::socketio::{AckId, Namespace};

use super::{Choices, Per};

#[derive(Default)]
pub(super) struct Clients {
    here: Per<MemberId, Client>,
    /// Those that lost their connection.
    away: Vec<Client>,
    /// Those that want to be where they were.
    coming: Per<QuestionId, Client>,
    sids: Vec<Sid>,
    broadcasts: BTreeMap<u32, Said>,
    got: BTreeMap<(Sid, u32), Got>,
    /// How many found their places.
    pub(super) found: usize,
    /// Whether servers deliver what they say when they read it.
    reads_back: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Got {
    place: (usize, MemberId),
    has_offset: bool,
}

struct Client {
    sid: Sid,
    /// The last one that it got.
    offset: Option<String>,
    rooms: BTreeSet<String>,
    /// The first broadcast that it was there for.
    since: u32,
}

struct Said {
    server: usize,
    target: Target,
    /// Who was there and meant.
    meant: Vec<(usize, MemberId)>,
    /// Who is meant and may get it later.
    awaited: Vec<Sid>,
}

impl Clients {
    pub(super) fn new(reads_back: bool) -> Self {
        Self { reads_back, ..Self::default() }
    }

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
        let since = self.broadcasts.len() as u32;
        self.here.insert((server, member), Client { sid: sid.clone(), offset: None, rooms, since });
        self.sids.push(sid.clone());
    }

    pub(super) fn one_of(&self, server: usize, choices: &mut Choices<'_>) -> Option<MemberId> {
        let own: Vec<_> = self.here.keys().filter(|(of, _)| *of == server).map(|(_, member)| *member).collect();
        own.get(choices.of(own.len())).copied()
    }

    pub(super) fn went(&mut self, server: usize, member: MemberId, may_come_back: bool) {
        let client = self.here.remove(&(server, member));
        self.away.extend(client.filter(|_| may_come_back));
    }

    /// One that lost its connection, with its last offset.
    pub(super) fn one_away(&self, choices: &mut Choices<'_>) -> Option<(usize, Sid, String)> {
        let at = choices.of(self.away.len());
        let client = self.away.get(at)?;
        Some((at, client.sid.clone(), client.offset.clone()?))
    }

    pub(super) fn asks(&mut self, at: usize, server: usize, question: QuestionId) {
        let client = self.away.remove(at);
        self.coming.insert((server, question), client);
    }

    /// It is back with what it missed, or new.
    pub(super) fn returned(&mut self, server: usize, question: QuestionId, recovered: Option<Recovered>) {
        let mut client = self.coming.remove(&(server, question)).unwrap();
        let Some(Recovered { member, sid, missed, .. }) = recovered else { return };
        assert_eq!(sid, client.sid);
        self.found += 1;
        for messages in &missed {
            let Some(Frame::Text(text)) = messages.frames().next() else { panic!("{messages:?}") };
            let (_, tag, offset) = read(text.as_str());
            let said = &self.broadcasts[&tag];
            assert!(client.is_meant(&said.target) && !said.target.is_local(), "{text} is not for {sid}");
            assert!(offset.is_some(), "{text} is in the stream");
            self.gets(&sid, tag, Got { place: (server, member), has_offset: true });
            client.offset = offset;
        }
        self.here.insert((server, member), client);
    }

    /// Where each one is, and its id.
    pub(super) fn here(&self) -> impl Iterator<Item = (usize, MemberId, &Sid)> {
        self.here.iter().map(|((server, member), client)| (*server, *member, &client.sid))
    }

    pub(super) fn matching(&self, server: usize, target: &Target) -> usize {
        self.here.iter().filter(|((of, _), client)| *of == server && client.is_meant(target)).count()
    }

    /// `lasts` if who is away may get it later.
    pub(super) fn said(&mut self, server: usize, target: &Target, lasts: bool) -> u32 {
        let meant = self
            .here
            .iter()
            .filter(|((of, _), client)| client.is_meant(target) && (*of == server || !target.is_local()));
        let meant = meant.map(|(place, _)| *place).collect();
        let tag = self.broadcasts.len() as u32;
        let all = self.here.values().chain(&self.away).chain(self.coming.values());
        let awaited = all.filter(|client| lasts && !target.is_local() && client.is_meant(target));
        let awaited = awaited.map(|client| client.sid.clone()).collect();
        self.broadcasts.insert(tag, Said { server, target: target.clone(), meant, awaited });
        tag
    }

    /// Nobody gets what is not for it, or gets it twice; the id that is to be acknowledged.
    pub(super) fn delivered(&mut self, server: usize, member: MemberId, broadcast: &Broadcast) -> Option<AckId> {
        let Some(Frame::Text(text)) = broadcast.messages().frames().next() else { panic!("{broadcast:?}") };
        let (id, tag, offset) = read(text.as_str());
        let said = &self.broadcasts[&tag];
        assert!(said.server == server || !said.target.is_local(), "{text} is local");
        if let Some(client) = self.here.get_mut(&(server, member)) {
            assert!(client.is_meant(&said.target), "{text} is not for {member:?}");
            // With an offset it comes by the stream, to whoever is there then.
            let is_early = said.server != server || client.since <= tag || self.reads_back;
            assert!(is_early, "{text} came back to its own");
            let (sid, got) = (client.sid.clone(), Got { place: (server, member), has_offset: offset.is_some() });
            client.offset = offset.or_else(|| client.offset.take());
            self.gets(&sid, tag, got);
        }
        id
    }

    /// Once; but what carried no offset it may get again where it comes to.
    fn gets(&mut self, sid: &Sid, tag: u32, got: Got) {
        let before = self.got.insert((sid.clone(), tag), got);
        let is_new = before.is_none_or(|before| !before.has_offset && before.place != got.place);
        assert!(is_new, "{tag} to {sid}: {before:?} {got:?}");
    }

    pub(super) fn everyone_has_got_everything(&self) {
        for (tag, said) in &self.broadcasts {
            for (place, client) in said.meant.iter().filter_map(|place| self.here.get_key_value(place)) {
                assert!(self.got.contains_key(&(client.sid.clone(), *tag)), "{tag} to {place:?}");
            }
            for client in self.here.values().filter(|client| said.awaited.contains(&client.sid)) {
                assert!(self.got.contains_key(&(client.sid.clone(), *tag)), "{tag} to {}", client.sid);
            }
        }
    }
}

/// The id of an acknowledgement, the number of a broadcast, and its offset.
fn read(text: &str) -> (Option<AckId>, u32, Option<String>) {
    let (id, args) = text.strip_prefix("42").unwrap().split_once("[\"t\",").unwrap();
    let tag = args.split([',', ']']).next().unwrap().parse().unwrap();
    let last = args.trim_end_matches(['"', ']']).rsplit('"').next().unwrap();
    (id.parse().ok().and_then(AckId::new), tag, EntryId::parse(last).map(|_| last.into()))
}

impl Client {
    fn is_meant(&self, target: &Target) -> bool {
        let is_in =
            |rooms: &[sio_codec::socketio::hub::Room]| rooms.iter().any(|room| self.rooms.contains(room.as_str()));
        (target.rooms().is_empty() || is_in(target.rooms())) && !is_in(target.excepted())
    }
}
