//! Random lives of servers, over buses that lose, delay and repeat what they may.

mod bus;
mod clients;
mod questions;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use self::bus::Wires;
use self::clients::Clients;
use self::questions::Asked;
use super::adapters;
use super::recovery::recovering;
use crate::cluster::node::draws::Draws;
use crate::cluster::node::{Adapter, Config, Event, Node, ReplyId, Transmit};
use crate::engineio::CloseReason;
use crate::machine::{Machine as _, Output};
use crate::socketio::hub::{self, MemberId};
use crate::socketio::{AckId, Args, DisconnectReason, Json, Namespace, Object, Value};
use crate::time::Timestamp;

/// What a life goes by.
struct Choices<'b>(core::slice::Iter<'b, u8>);

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
    told: Vec<String>,
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
            self.told.push(format!("{number} {output:?}"));
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
        let mut none = Choices([].iter());
        self.wires.mend_all();
        for wait in [0, 1, 5_000, 700_000] {
            self.pass(Duration::from_millis(wait));
            for _ in 0..4 {
                for server in 0..self.servers.len() {
                    self.drain(server, &mut none);
                    while self.wires.carry_all(server, self.now, &mut self.servers[server].node) {
                        self.drain(server, &mut none);
                    }
                }
            }
        }
        self.asked.all_have_ended();
        for Server { node, .. } in &self.servers {
            assert!(node.is_idle(), "{node:?}");
        }
        if self.wires.is_perfect() {
            self.clients.everyone_has_got_everything();
        }
    }
}

fn life(adapter: &Adapter, bytes: &[u8]) -> World {
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
    world
}

/// As everywhere, and with recovery.
fn all_adapters() -> impl Iterator<Item = Adapter> {
    adapters().into_iter().chain([recovering()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_life_keeps_the_laws(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        for adapter in all_adapters() {
            life(&adapter, &bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_life_is_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for adapter in all_adapters() {
            prop_assert_eq!(life(&adapter, &bytes).told, life(&adapter, &bytes).told);
        }
    }
}

/// Some of those that lose their connection find their places.
#[test]
fn clients_come_back_in_random_lives() {
    let mut found = 0;
    let mut draws = Draws::new([5; 16]);
    for _ in 0..30 {
        let bytes: Vec<_> = (0..100).flat_map(|_| draws.next().to_le_bytes()).collect();
        found += life(&recovering(), &bytes).clients.found;
    }
    assert!(found >= 10, "{found}");
}

/// By server and member, or question.
type Per<K, V> = BTreeMap<(usize, K), V>;
