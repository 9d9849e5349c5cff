//! The language of the scenarios: what happens, and what the hub makes of it.
//!
//! Members are called by their ids. Every step takes all outputs out; an expectation names all of them, one line each:
//!
//! ```text
//! +/a -/a          namespace created, removed
//! +/#red -/#red    room created, deleted
//! /#red+ann        joined          /#red-ann        left
//! ann< 42["x"]     deliver         ann<? 42["x"]    deliver, volatile
//! ann!  ann!!      disconnect from the namespace, close
//! 1: ann=[1] -bob  answers to the broadcast 1, and who gave none
//! forgotten ann
//! ```

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use crate::engineio::Encoded;
use crate::frame::Frame;
use crate::machine::Output;
use crate::scenario::{self, args, id, json};
pub(super) use crate::scenario::{namespace, s};
use crate::socketio::server::hub::{Config, Event, Hub, MemberId, Recovered, Target, Transmit};
use crate::socketio::{AckId, Args, DisconnectReason, Namespace};

/// The hub, and who has which name.
pub(super) type Script = scenario::Script<Hub, BTreeMap<String, MemberId>>;

pub(super) fn root() -> Target {
    Target::everyone(&Namespace::root())
}

pub(super) fn hub() -> Script {
    hub_with(Config::default())
}

/// A hub whose main namespace is declared.
pub(super) fn hub_with(config: Config) -> Script {
    let mut hub = Hub::new(config);
    hub.declare(&Namespace::root());
    Script::new(hub, BTreeMap::new())
}

/// A hub with these members in the main namespace, in this order.
pub(super) fn with_members(names: &[&str]) -> Script {
    names.iter().fold(hub(), |script, name| script.add("/", name).whatever())
}

/// What happens.
impl Script {
    #[track_caller]
    pub(super) fn add(self, of: &str, sid: &str) -> Self {
        self.adds(sid, |hub| hub.add(&namespace(of), &id(sid)))
    }

    /// Its private id is its public one with `-pid`.
    #[track_caller]
    pub(super) fn add_recoverable(self, of: &str, sid: &str) -> Self {
        self.adds(sid, |hub| hub.add_recoverable(&namespace(of), &id(sid), &id(&format!("{sid}-pid"))))
    }

    #[track_caller]
    fn adds(self, sid: &str, add: impl FnOnce(&mut Hub) -> MemberId) -> Self {
        let mut script = self.expect_nothing();
        let member = add(&mut script.machine);
        script.notes.insert(String::from(sid), member);
        script.drain()
    }

    #[track_caller]
    pub(super) fn remove(self, sid: &str) -> Self {
        self.lose(sid, DisconnectReason::ClientNamespace)
    }

    #[track_caller]
    pub(super) fn lose(self, sid: &str, reason: DisconnectReason) -> Self {
        let member = self.id(sid);
        self.does(|hub, now| hub.remove(now, member, reason))
    }

    #[track_caller]
    pub(super) fn join(self, sid: &str, room: &str) -> Self {
        let member = self.id(sid);
        self.does(|hub, _| hub.join(member, room).unwrap())
    }

    #[track_caller]
    pub(super) fn leave(self, sid: &str, room: &str) -> Self {
        let member = self.id(sid);
        self.does(|hub, _| hub.leave(member, room).unwrap())
    }

    /// Broadcasts the event `x`.
    #[track_caller]
    pub(super) fn broadcast(self, target: &Target) -> Self {
        self.says(target, "x", "[]")
    }

    #[track_caller]
    pub(super) fn says(self, target: &Target, name: &str, json: &str) -> Self {
        self.does(|hub, now| assert!(hub.broadcast(now, target, name, args(json)).is_ok()))
    }

    /// Broadcasts the event `ask`, to be answered within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, target: &Target, id: u64, receivers: usize) -> Self {
        self.does(|hub, now| {
            let asked = hub.broadcast_with_ack(now, target, "ask", Args::empty(), Duration::from_secs(10));
            assert_eq!(asked, Ok((AckId::new(id).unwrap(), receivers)));
        })
    }

    #[track_caller]
    pub(super) fn answer(self, sid: &str, id: u64, json: &str) -> Self {
        let (member, id) = (self.id(sid), AckId::new(id).unwrap());
        self.does(|hub, now| hub.acknowledge(now, member, id, &args(json)))
    }

    #[track_caller]
    pub(super) fn recover(self, of: &str, auth: &str, recovered: &mut Option<Recovered>) -> Self {
        let auth = json(auth);
        self.does(|hub, now| *recovered = hub.recover(now, &namespace(of), Some(&auth)))
    }
}

/// What the hub makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect(mut self, lines: &[&str]) -> Self {
        let seen: Vec<_> = self.rest().into_iter().map(|output| self.line(output)).collect();
        assert_eq!(seen, lines);
        self
    }

    #[track_caller]
    pub(super) fn expect_selected(self, target: &Target, sids: &[&str]) -> Self {
        let found: Vec<_> = self.machine.fetch(target).into_iter().map(|member| self.name(member)).collect();
        assert_eq!(found, sids);
        self
    }

    #[track_caller]
    pub(super) fn expect_rooms_of(self, sid: &str, rooms: &[&str]) -> Self {
        assert_eq!(self.machine.rooms_of(self.id(sid)).map(|room| room.as_str()).collect::<Vec<_>>(), rooms);
        self
    }

    #[track_caller]
    pub(super) fn id(&self, sid: &str) -> MemberId {
        self.notes[sid]
    }

    fn name(&self, member: MemberId) -> &str {
        self.notes.iter().find(|(_, id)| **id == member).unwrap().0
    }

    fn line(&self, output: Output<Transmit, Event>) -> String {
        match output {
            Output::Transmit(Transmit::Deliver { member, broadcast }) => {
                let volatile = if broadcast.is_volatile() { "?" } else { "" };
                format!("{}<{volatile} {}", self.name(member), frames(broadcast.messages()))
            }
            Output::Transmit(Transmit::Disconnect { member, close }) => {
                format!("{}{}", self.name(member), if close { "!!" } else { "!" })
            }
            Output::Event(event) => self.line_of_event(event),
        }
    }

    fn line_of_event(&self, event: Event) -> String {
        match event {
            Event::NamespaceCreated { namespace } => format!("+{namespace}"),
            Event::NamespaceRemoved { namespace } => format!("-{namespace}"),
            Event::RoomCreated { namespace, room } => format!("+{namespace}#{room}"),
            Event::RoomDeleted { namespace, room } => format!("-{namespace}#{room}"),
            Event::Joined { namespace, room, member } => format!("{namespace}#{room}+{}", self.name(member)),
            Event::Left { namespace, room, member } => format!("{namespace}#{room}-{}", self.name(member)),
            Event::Settled { id, answers, missing } => {
                let answers =
                    answers.iter().map(|(member, args)| format!(" {}=[{}]", self.name(*member), args.items()));
                let missing = missing.iter().map(|member| format!(" -{}", self.name(*member)));
                format!("{}:{}", id.value(), answers.chain(missing).collect::<String>())
            }
            Event::Forgotten { member } => format!("forgotten {}", self.name(member)),
        }
    }
}

/// Messages as they are on a framed transport.
pub(super) fn frames(messages: &Encoded) -> String {
    let frame = |frame| match frame {
        Frame::Text(text) => text.as_str().to_string(),
        Frame::Binary(bytes) => format!("{bytes:?}"),
    };
    messages.frames().map(frame).collect::<Vec<_>>().join(" + ")
}
