//! A bus without Redis, and servers on it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use crate::Text;
use crate::cluster::node::{Adapter, Channel, Command, CommandId, Config, Event, Input, Node, Transmit};
use crate::cluster::streams::{Entry, EntryId};
use crate::engineio::Sid;
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::hub::{self, MemberId};
use crate::socketio::{Namespace, Object};
use crate::time::Timestamp;

/// Servers, and what goes between them. Messages arrive at once, unless the bus is down.
pub(super) struct Cluster {
    pub(super) now: Timestamp,
    pub(super) nodes: Vec<Server>,
    pub(super) is_down: bool,
    /// The stream of the streams adapter, and who waits for more of it.
    pub(super) entries: Vec<(EntryId, Entry)>,
    /// What keys have, until when.
    pub(super) keys: BTreeMap<Text, (bytes::Bytes, Timestamp)>,
    readers: Vec<(usize, CommandId, EntryId)>,
    /// Whether nobody is told of new entries.
    pub(super) hold_reads: bool,
    /// What was published, in order.
    pub(super) published: Vec<(Channel, bytes::Bytes)>,
    waiting: VecDeque<(usize, Input)>,
}

/// One of them, and what came out of it.
pub(super) struct Server {
    pub(super) node: Node,
    subscriptions: Vec<Channel>,
    /// What each member was delivered.
    pub(super) delivered: Vec<(MemberId, hub::Broadcast)>,
    pub(super) disconnected: Vec<(MemberId, bool)>,
    pub(super) events: Vec<Event>,
    /// Whether it hears nothing and says nothing, as a process that was stopped.
    pub(super) is_frozen: bool,
}

impl Cluster {
    pub(super) fn new(adapter: &Adapter, servers: u8) -> Self {
        Self::with(adapter, servers, |config| config)
    }

    pub(super) fn with(adapter: &Adapter, servers: u8, change: impl Fn(Config) -> Config) -> Self {
        let nodes = (0..servers).map(|number| {
            let adapter = adapter.clone();
            let mut node = Node::new(change(Config::new(adapter, [number + 1; 16])));
            node.declare(&Namespace::root());
            Server {
                node,
                subscriptions: Vec::new(),
                delivered: Vec::new(),
                disconnected: Vec::new(),
                events: Vec::new(),
                is_frozen: false,
            }
        });
        let (now, nodes) = (Timestamp::ZERO, nodes.collect());
        let mut cluster = Self {
            now,
            nodes,
            is_down: false,
            entries: Vec::new(),
            keys: BTreeMap::new(),
            readers: Vec::new(),
            hold_reads: false,
            published: Vec::new(),
            waiting: VecDeque::new(),
        };
        cluster.run();
        cluster
    }

    /// A client comes to a server.
    pub(super) fn client(&mut self, server: usize, seed: u8) -> (MemberId, Sid) {
        let sid = Sid::from_entropy([seed; 15]);
        let member = self.nodes[server].node.add(&Namespace::root(), &sid, Object::default());
        self.run();
        (member, sid)
    }

    /// Lets everything happen that is on its way.
    pub(super) fn run(&mut self) {
        loop {
            for server in 0..self.nodes.len() {
                self.drain(server);
            }
            let Some((server, input)) = self.waiting.pop_front() else { return };
            if self.nodes[server].is_frozen {
                continue;
            }
            let now = self.now;
            self.nodes[server].node.handle(now, input);
        }
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
        for server in &mut self.nodes {
            if !server.is_frozen {
                server.node.handle_timeout(self.now);
            }
        }
        self.run();
    }

    fn drain(&mut self, number: usize) {
        if self.nodes[number].is_frozen {
            return;
        }
        while let Some(output) = self.nodes[number].node.poll_output() {
            let server = &mut self.nodes[number];
            match output {
                Output::Transmit(Transmit::Local(hub::Transmit::Deliver { member, broadcast })) => {
                    server.delivered.push((member, broadcast));
                }
                Output::Transmit(Transmit::Local(hub::Transmit::Disconnect { member, close })) => {
                    server.disconnected.push((member, close));
                }
                Output::Transmit(Transmit::Bus(command)) => self.command(number, command),
                Output::Event(Event::Local(_)) => {}
                Output::Event(event) => server.events.push(event),
            }
        }
    }

    pub(super) fn command(&mut self, number: usize, command: Command) {
        match command {
            Command::Subscribe(channel) => self.nodes[number].subscriptions.push(channel),
            Command::Unsubscribe(channel) => self.nodes[number].subscriptions.retain(|of| *of != channel),
            Command::Publish { id, .. }
            | Command::Append { id, .. }
            | Command::Count { id, .. }
            | Command::Read { id, .. }
            | Command::Tail { id, .. }
            | Command::Store { id, .. }
            | Command::Take { id, .. }
            | Command::Range { id, .. }
                if self.is_down =>
            {
                self.waiting.push_back((number, Input::Failed(id)));
            }
            Command::Count { id, channel } => {
                let subscribers = self.nodes.iter().filter(|server| server.subscriptions.contains(&channel)).count();
                self.waiting.push_back((number, Input::Counted { id, subscribers }));
            }
            Command::Publish { id, channel, message } => {
                self.publish(&channel, &message);
                self.waiting.push_back((number, Input::Done(id)));
            }
            Command::Append { id, stream, max_len, entry: added } => {
                assert_eq!((stream.as_str(), max_len), ("socket.io", 10_000));
                let entry = EntryId { milliseconds: 1, sequence: self.entries.len() as u64 + 1 };
                let data = added.fields().last().map(|(_, data)| data.clone()).unwrap_or_default();
                self.published.push((Channel::Plain("socket.io".into()), data));
                self.entries.push((entry, added));
                self.waiting.push_back((number, Input::Done(id)));
                self.serve_readers();
            }
            Command::Tail { id, .. } => {
                self.waiting.push_back((
                    number,
                    Input::Entries { id, entries: self.entries.last().cloned().into_iter().collect() },
                ));
            }
            Command::Store { id, key, value, time_to_live } => {
                self.keys.insert(key, (value, self.now.saturating_add(time_to_live)));
                self.waiting.push_back((number, Input::Done(id)));
            }
            Command::Take { id, key } => {
                let value = self.keys.remove(&key).filter(|(_, until)| *until > self.now).map(|(value, _)| value);
                self.waiting.push_back((number, Input::Taken { id, value }));
            }
            Command::Range { id, from, .. } => {
                let found = self.entries.iter().filter(|(entry, _)| *entry >= from).take(200);
                self.waiting.push_back((number, Input::Entries { id, entries: found.cloned().collect() }));
            }
            Command::Read { id, after, .. } => {
                self.readers.push((number, id, after));
                self.serve_readers();
            }
        }
    }

    /// Who waits for entries that are there gets them; the others go on waiting.
    fn serve_readers(&mut self) {
        if self.hold_reads {
            return;
        }
        let entries = &self.entries;
        let waiting = &mut self.waiting;
        self.readers.retain(|(number, id, after)| {
            let new: Vec<_> = entries.iter().filter(|(entry, _)| entry > after).cloned().collect();
            let is_served = !new.is_empty();
            if is_served {
                waiting.push_back((*number, Input::Entries { id: *id, entries: new }));
            }
            !is_served
        });
    }

    /// A server that waits for entries gets so many of those that are there.
    pub(super) fn read_some(&mut self, server: usize, most: usize) {
        let Some(at) = self.readers.iter().position(|(number, ..)| *number == server).filter(|_| most > 0) else {
            return;
        };
        let (_, id, after) = self.readers.remove(at);
        let new = self.entries.iter().filter(|(entry, _)| *entry > after).take(most).cloned().collect();
        self.waiting.push_back((server, Input::Entries { id, entries: new }));
        self.run();
    }

    /// As any program on the bus can.
    pub(super) fn publish(&mut self, channel: &Channel, message: &bytes::Bytes) {
        self.published.push((channel.clone(), message.clone()));
        for (number, server) in self.nodes.iter().enumerate() {
            for subscription in &server.subscriptions {
                let fits = match subscription {
                    Channel::Pattern(pattern) => channel.name().starts_with(pattern.trim_end_matches('*')),
                    other => other == channel,
                };
                if fits && !server.is_frozen {
                    let channel = channel.name().into();
                    let input =
                        Input::Message { subscription: subscription.clone(), channel, message: message.clone() };
                    self.waiting.push_back((number, input));
                }
            }
        }
    }

    /// What came out of a server since the last look, without what is of its own members alone.
    pub(super) fn events(&mut self, server: usize) -> Vec<Event> {
        core::mem::take(&mut self.nodes[server].events)
    }

    /// The first text of what each member of a server was delivered since the last look.
    pub(super) fn delivered(&mut self, server: usize) -> BTreeMap<MemberId, Vec<alloc::string::String>> {
        let mut all = BTreeMap::<_, Vec<_>>::new();
        for (member, broadcast) in core::mem::take(&mut self.nodes[server].delivered) {
            let Some(Frame::Text(text)) = broadcast.messages().frames().next() else { unreachable!() };
            all.entry(member).or_default().push(text.as_str().into());
        }
        all
    }
}

/// Ids that were never given.
pub(super) const UNKNOWN: CommandId = CommandId(u64::MAX);
