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
use crate::machine::{Machine as _, Output};
use crate::socketio::hub::{Config, Event, Hub, Input, MemberId, Recovered, Target, Transmit};
use crate::socketio::{AckId, Args, DisconnectReason, EmitError, Json, Namespace};
use crate::text::Text;
use crate::time::Timestamp;

pub(super) struct Script {
    hub: Hub,
    now: Timestamp,
    names: BTreeMap<String, MemberId>,
    seen: Vec<String>,
}

pub(super) const fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

pub(super) fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}

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
    Script { hub, now: s(0), names: BTreeMap::new(), seen: Vec::new() }
}

/// A hub with these members in the main namespace, in this order.
pub(super) fn with_members(names: &[&str]) -> Script {
    names.iter().fold(hub(), |script, name| script.add("/", name).whatever())
}

/// What happens.
impl Script {
    #[track_caller]
    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self.does(|hub, _| hub.handle_timeout(now))
    }

    #[track_caller]
    pub(super) fn add(mut self, of: &str, sid: &str) -> Self {
        self.assert_seen_all();
        let member = self.hub.add(&namespace(of), sid);
        self.names.insert(String::from(sid), member);
        self.drain()
    }

    /// Its private id is its public one with `-pid`.
    #[track_caller]
    pub(super) fn add_recoverable(mut self, of: &str, sid: &str) -> Self {
        self.assert_seen_all();
        let member = self.hub.add_recoverable(&namespace(of), sid, &format!("{sid}-pid"));
        self.names.insert(String::from(sid), member);
        self.drain()
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
        self.does(|hub, now| assert!(hub.broadcast(now, target, name, &args(json)).is_ok()))
    }

    /// Broadcasts the event `ask`, to be answered within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, target: &Target, id: u64, receivers: usize) -> Self {
        self.does(|hub, now| {
            let asked = hub.broadcast_with_ack(now, target, "ask", &Args::empty(), Duration::from_secs(10));
            assert_eq!(asked, Ok((AckId::new(id).unwrap(), receivers)));
        })
    }

    #[track_caller]
    pub(super) fn answer(self, sid: &str, id: u64, json: &str) -> Self {
        let input = Input::Acked { member: self.id(sid), id: AckId::new(id).unwrap(), args: args(json) };
        self.does(|hub, now| hub.handle(now, input))
    }

    #[track_caller]
    pub(super) fn cannot(
        self,
        error: EmitError,
        verb: impl FnOnce(&mut Hub, Timestamp) -> Result<(), EmitError>,
    ) -> Self {
        self.does(|hub, now| assert_eq!(verb(hub, now), Err(error)))
    }

    #[track_caller]
    pub(super) fn does(mut self, verb: impl FnOnce(&mut Hub, Timestamp)) -> Self {
        self.assert_seen_all();
        verb(&mut self.hub, self.now);
        self.drain()
    }

    #[track_caller]
    pub(super) fn recover(self, of: &str, auth: &str, recovered: &mut Option<Recovered>) -> Self {
        let auth = Json::new(Text::from(String::from(auth))).unwrap();
        self.does(|hub, now| *recovered = hub.recover(now, &namespace(of), Some(&auth)))
    }
}

/// What the hub makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect(mut self, lines: &[&str]) -> Self {
        assert_eq!(self.seen, lines);
        self.seen.clear();
        self
    }

    #[track_caller]
    pub(super) fn expect_nothing(self) -> Self {
        self.expect(&[])
    }

    /// It is not what the scenario is about.
    pub(super) fn whatever(mut self) -> Self {
        self.seen.clear();
        self
    }

    #[track_caller]
    pub(super) fn expect_selected(self, target: &Target, sids: &[&str]) -> Self {
        let found: Vec<_> = self.hub.fetch(target).into_iter().map(|member| self.name(member)).collect();
        assert_eq!(found, sids);
        self
    }

    #[track_caller]
    pub(super) fn expect_rooms_of(self, sid: &str, rooms: &[&str]) -> Self {
        assert_eq!(self.hub.rooms_of(self.id(sid)).map(|room| room.as_str()).collect::<Vec<_>>(), rooms);
        self
    }

    #[track_caller]
    pub(super) fn expect_deadline(self, at: Option<Timestamp>) -> Self {
        assert_eq!(self.hub.next_deadline(), at);
        self
    }

    #[track_caller]
    pub(super) fn id(&self, sid: &str) -> MemberId {
        self.names[sid]
    }

    fn name(&self, member: MemberId) -> &str {
        self.names.iter().find(|(_, id)| **id == member).unwrap().0
    }

    fn drain(mut self) -> Self {
        while let Some(output) = self.hub.poll_output() {
            let line = match output {
                Output::Transmit(Transmit::Deliver { member, broadcast }) => {
                    let volatile = if broadcast.is_volatile() { "?" } else { "" };
                    format!("{}<{volatile} {}", self.name(member), frames(broadcast.messages()))
                }
                Output::Transmit(Transmit::Disconnect { member, close }) => {
                    format!("{}{}", self.name(member), if close { "!!" } else { "!" })
                }
                Output::Event(event) => self.line(event),
            };
            self.seen.push(line);
        }
        self
    }

    fn line(&self, event: Event) -> String {
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

    #[track_caller]
    fn assert_seen_all(&self) {
        assert!(self.seen.is_empty(), "nobody expected {:?}", self.seen);
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // The first failure is the one to report.
        if !std::thread::panicking() {
            self.assert_seen_all();
        }
    }
}

fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).unwrap()
}

/// Messages as they are on a framed transport.
pub(super) fn frames(messages: &Encoded) -> String {
    let frame = |frame| match frame {
        Frame::Text(text) => text.as_str().to_string(),
        Frame::Binary(bytes) => format!("{bytes:?}"),
    };
    messages.frames().map(frame).collect::<Vec<_>>().join(" + ")
}
