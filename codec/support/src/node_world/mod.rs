//! Servers of a cluster with their clients, on a bus that loses, delays and repeats what it may.
//!
//! ```text
//!   Clients ◀──▶ Node ◀──▶ Wires ◀──▶ Node ◀──▶ Clients
//!                  └─▶ Asked: questions, until they end
//! ```
//!
//! | law | statement |
//! |---|---|
//! | deliveries | nobody gets what is not for it, or gets it twice; on a bus where nothing goes wrong everybody gets everything |
//! | questions | each ends once, in time, and its numbers add up |
//! | the bus | no more bytes are under way than allowed; no channel is subscribed to twice, no stream read twice at a time |
//! | progress | whatever was due has been done |
//! | rest | when everything has arrived and all time has passed, nothing is kept but members, rooms and subscriptions |
//! | agreement | asked then, every server names the same members and rooms, those that there are |

mod clients;
mod questions;
mod wires;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sio_codec::cluster::node::{Adapter, Answers, Config, Event, Node, ReplyId, Transmit};
use sio_codec::cluster::{RoomKey, classic, sharded, streams};
use sio_codec::engineio::CloseReason;
use sio_codec::socketio::hub::{self, MemberId, Room, Target};
use sio_codec::socketio::{AckId, Args, DisconnectReason, Json, Namespace, Object, Value};
use sio_codec::{Machine as _, Output, Timestamp};

use self::clients::Clients;
use self::questions::Asked;
use self::wires::Wires;

/// All adapters, each in its modes.
#[must_use]
pub fn adapters() -> [Adapter; 5] {
    let sharded = |mode| Adapter::Sharded(sharded::Config::default().with_mode(mode));
    let streams = streams::Config::default();
    [
        Adapter::Classic(classic::Config::default()),
        sharded(sharded::Mode::Dynamic),
        sharded(sharded::Mode::DynamicPrivate),
        Adapter::Streams(streams.clone()),
        recovering(),
    ]
}

/// The adapter with which clients come back.
#[must_use]
pub fn recovering() -> Adapter {
    Adapter::Streams(streams::Config::default().with_recovery(Duration::from_secs(120)))
}

/// How a life went.
#[derive(Debug)]
pub struct Story {
    /// Everything that came out of the servers, with their numbers.
    pub told: Vec<(usize, Output<Transmit, Event>)>,
    /// How many clients found their places.
    pub found: usize,
}

/// A life of two to four servers that use this adapter, as the bytes describe it.
///
/// # Panics
///
/// Panics if a law is broken.
#[must_use]
pub fn life(adapter: &Adapter, bytes: &[u8]) -> Story {
    let mut choices = Choices(bytes.iter());
    let (servers, is_calm) = (2 + choices.of(3), choices.of(3) == 0);
    let max_bus_bytes = if is_calm { 16 << 20 } else { [600, 3_000, 16 << 20][choices.of(3)] };
    let mut world = World::new(adapter, servers, max_bus_bytes, is_calm);
    for server in 0..servers {
        world.drain(server, &mut choices);
        world.come(server, &mut choices);
        world.drain(server, &mut choices);
    }
    // The ends of streams are found before anything is said.
    for server in 0..servers {
        world.wires.carry_all(server, world.now, &mut world.servers[server].node);
        world.drain(server, &mut choices);
    }
    while !choices.is_over() {
        world.step(&mut choices);
    }
    world.end();
    Story { told: world.told, found: world.clients.found }
}

/// What the debug text of a server says of which nobody waits for anything: the interface tells no such thing.
const NOTHING: [&str; 7] = [
    "unasked: {}",
    "pending: {}, requests: {}, broadcasts: {}, order: {}",
    "asked: Asked { broadcasts: {}, replies: {}, order: {}",
    "asked: {}, next: ",
    "waiting: {}, written: {}, bytes: 0",
    "pending: {}, ahead: {}, bytes: 0",
    "arrivals: Outputs([]), outputs: Outputs([])",
];

/// What a life goes by.
struct Choices<'b>(std::slice::Iter<'b, u8>);

impl Choices<'_> {
    fn of(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % count.max(1))
    }

    fn is_over(&self) -> bool {
        self.0.as_slice().is_empty()
    }
}

/// Servers, their clients, and the bus between them.
struct World {
    now: Timestamp,
    servers: Vec<Server>,
    wires: Wires,
    clients: Clients,
    asked: Asked,
    /// Everything that came out, to be compared.
    told: Vec<(usize, Output<Transmit, Event>)>,
}

struct Server {
    node: Node,
    /// Broadcasts that its clients are to acknowledge.
    acks: Vec<(MemberId, AckId)>,
    replies: Vec<ReplyId>,
}

impl World {
    fn new(adapter: &Adapter, servers: usize, max_bus_bytes: usize, is_calm: bool) -> Self {
        let server = |number| {
            let config = Config::new(adapter.clone(), [number; 16]).with_max_bus_bytes(max_bus_bytes);
            let mut node = Node::new(config);
            node.declare(&Namespace::root());
            Server { node, acks: Vec::new(), replies: Vec::new() }
        };
        let nodes = (1..=servers as u8).map(server).collect();
        let wires = Wires::new(servers, max_bus_bytes, is_calm);
        let reads_back = matches!(adapter, Adapter::Streams(config) if config.max_disconnection.is_some());
        let (clients, asked) = (Clients::new(reads_back), Asked::default());
        Self { now: Timestamp::ZERO, servers: nodes, wires, clients, asked, told: Vec::new() }
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        let server = choices.of(self.servers.len());
        let (now, root) = (self.now, Namespace::root());
        match choices.of(32) {
            0 => self.come(server, choices),
            1 => self.come_back(server, choices),
            2 => self.go(server, choices),
            3..=5 => {
                let target = self.clients.target(choices);
                let tag = self.clients.said(server, &target, true);
                let long = if choices.of(8) == 0 { "x".repeat(900) } else { String::new() };
                let sent = self.servers[server].node.broadcast(now, &target, "t", (tag, long));
                assert_eq!(sent, Ok(self.clients.matching(server, &target)));
            }
            6 | 7 => {
                let target = self.clients.target(choices);
                let timeout = Duration::from_millis([0, 300, 20_000][choices.of(3)]);
                let own = self.clients.matching(server, &target);
                let tag = self.clients.said(server, &target, false);
                let asked = self.servers[server].node.broadcast_with_ack(now, &target, "t", (tag,), timeout);
                self.asked.clients(server, asked.unwrap(), now.saturating_add(timeout), own);
            }
            8 => {
                let target = self.clients.target(choices);
                let own = self.clients.matching(server, &target);
                let asked = self.servers[server].node.fetch(now, &target).unwrap();
                self.asked.sockets(server, asked, now, own);
            }
            9 => {
                if let Ok(asked) = self.servers[server].node.all_rooms(now, &root) {
                    self.asked.rooms(server, asked, now);
                }
            }
            10 => {
                let asked = self.servers[server].node.server_side_emit_with_ack(now, &root, "s", ()).unwrap();
                self.asked.servers(server, asked, now);
            }
            11 => {
                let target = self.clients.target(choices);
                match choices.of(3) {
                    0 => assert_eq!(self.servers[server].node.join_all(now, &target, "moving"), 0),
                    1 => self.servers[server].node.leave_all(now, &target, "moving"),
                    _ => self.servers[server].node.server_side_emit(now, &root, "s", ()).unwrap(),
                }
            }
            12 => self.acknowledge(server, choices),
            13 => self.answer(server),
            14 if choices.of(2) == 0 => self.pass(Duration::from_millis([1, 100, 1_000, 6_000][choices.of(4)])),
            15 => self.wires.break_or_mend(server),
            _ => self.wires.carry(server, now, &mut self.servers[server].node, choices),
        }
        for server in 0..self.servers.len() {
            self.drain(server, choices);
        }
    }

    /// Some do it twice.
    fn acknowledge(&mut self, server: usize, choices: &mut Choices<'_>) {
        let Server { node, acks, .. } = &mut self.servers[server];
        if let Some((member, id)) = acks.get(choices.of(acks.len())).copied() {
            if choices.of(2) == 0 {
                acks.retain(|ack| *ack != (member, id));
            }
            node.acknowledge(self.now, member, id, &Args::from_values(&[Value::Integer(1)]).unwrap());
        }
    }

    fn answer(&mut self, server: usize) {
        let Server { node, replies, .. } = &mut self.servers[server];
        if let Some(reply) = replies.pop() {
            node.answer(self.now, reply, Value::Integer(2));
            assert!(!node.answer(self.now, reply, Value::Integer(3)), "it was answered");
        }
    }

    fn come(&mut self, server: usize, choices: &mut Choices<'_>) {
        let (sid, rooms) = self.clients.new_one(choices);
        let node = &mut self.servers[server].node;
        let member = node.add_recoverable(&Namespace::root(), &sid, &sid, Object::default());
        for room in &rooms {
            node.join(member, *room).unwrap();
        }
        self.clients.came(server, member, &sid, &rooms);
    }

    fn go(&mut self, server: usize, choices: &mut Choices<'_>) {
        if let Some(member) = self.clients.one_of(server, choices) {
            let is_lost = choices.of(4) > 0;
            let lost = DisconnectReason::Engine(CloseReason::TransportClose);
            let reason = if is_lost { lost } else { DisconnectReason::ClientNamespace };
            self.servers[server].node.remove(self.now, member, reason);
            self.clients.went(server, member, is_lost);
        }
    }

    fn come_back(&mut self, server: usize, choices: &mut Choices<'_>) {
        let Some((at, sid, offset)) = self.clients.one_away(choices) else { return self.come(server, choices) };
        let auth = Json::new(format!(r#"{{"pid":"{sid}","offset":"{offset}"}}"#).into()).unwrap();
        let node = &mut self.servers[server].node;
        if let Some(question) = node.recover(self.now, &Namespace::root(), Some(&auth), Object::default()) {
            self.clients.asks(at, server, question);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
        for server in &mut self.servers {
            server.node.handle_timeout(self.now);
        }
    }

    fn drain(&mut self, number: usize, choices: &mut Choices<'_>) {
        self.servers[number].node.handle_timeout(self.now);
        while let Some(output) = self.servers[number].node.poll_output() {
            self.told.push((number, output.clone()));
            match output {
                Output::Transmit(Transmit::Bus(command)) => self.wires.command(number, command, choices),
                Output::Transmit(Transmit::Local(hub::Transmit::Deliver { member, broadcast })) => {
                    if let Some(ack) = self.clients.delivered(number, member, &broadcast) {
                        self.servers[number].acks.push((member, ack));
                    }
                }
                Output::Event(Event::Answered { question, answers, missing }) => {
                    let others = self.wires.counted(number);
                    self.asked.ended(self.now, (number, question), &answers, missing, others);
                }
                Output::Event(Event::Recovery { question, recovered }) => {
                    self.clients.returned(number, question, recovered);
                }
                Output::Event(Event::ServerSide { reply, .. }) => self.servers[number].replies.extend(reply),
                Output::Event(Event::Rejected { .. }) => panic!("{output:?}"),
                Output::Transmit(Transmit::Local(hub::Transmit::Disconnect { .. })) | Output::Event(_) => {}
            }
        }
        assert!(self.servers[number].node.next_deadline().is_none_or(|deadline| deadline > self.now));
        self.asked.none_is_overdue(number, self.now);
    }

    /// Everything arrives that can, and all time passes.
    fn end(&mut self) {
        let was_perfect = self.wires.is_perfect();
        self.wires.mend_all();
        for wait in [0, 1, 5_000, 700_000] {
            self.pass(Duration::from_millis(wait));
            self.carry_all();
        }
        self.asked.all_have_ended();
        if was_perfect {
            self.clients.everyone_has_got_everything();
        }
        self.all_rest();
        self.all_agree();
        self.all_rest();
    }

    /// Everything arrives.
    fn carry_all(&mut self) {
        let mut none = Choices([].iter());
        for _ in 0..4 {
            for server in 0..self.servers.len() {
                self.drain(server, &mut none);
                while self.wires.carry_all(server, self.now, &mut self.servers[server].node) {
                    self.drain(server, &mut none);
                }
            }
        }
    }

    /// No server keeps anything of what is over.
    fn all_rest(&self) {
        for Server { node, .. } in &self.servers {
            assert_eq!((node.next_deadline(), node.wants_input()), (None, true), "{node:?}");
            let kept = format!("{node:?}");
            for nothing in NOTHING {
                assert!(kept.contains(nothing), "not {nothing}: {kept}");
            }
        }
    }

    /// Each server, asked who is there, names all members that there are, with their rooms.
    fn all_agree(&mut self) {
        let rooms = |node: &Node, member| node.hub().rooms_of(member).map(|room| room.to_string()).collect();
        let there = self
            .clients
            .here()
            .map(|(server, member, sid)| (sid.to_string(), rooms(&self.servers[server].node, member)));
        let there: BTreeMap<String, BTreeSet<String>> = there.collect();
        for asker in 0..self.servers.len() {
            let everyone = Target::everyone(&Namespace::root());
            let own = self.clients.matching(asker, &everyone);
            let question = self.servers[asker].node.fetch(self.now, &everyone).unwrap();
            self.asked.sockets(asker, question, self.now, own);
            let before = self.told.len();
            self.carry_all();
            let answered = self.told[before..].iter().find_map(|(server, output)| match output {
                Output::Event(Event::Answered { question: of, answers: Answers::Sockets(sockets), missing }) => {
                    (*server == asker && *of == question).then_some((sockets, missing))
                }
                _ => None,
            });
            let (sockets, missing) = answered.expect("it ends when all have answered");
            assert!(missing.is_nobody(), "{missing:?}");
            let name = |room: &RoomKey| room.name().map(Room::to_string).unwrap();
            let named = sockets.iter().map(|socket| (socket.id.to_string(), socket.rooms.iter().map(name).collect()));
            assert_eq!(named.collect::<BTreeMap<_, _>>(), there, "{asker} says who is there");
            assert_eq!(sockets.len(), there.len(), "nobody is named twice");
        }
    }
}

/// By server and member, or question.
type Per<K, V> = BTreeMap<(usize, K), V>;
