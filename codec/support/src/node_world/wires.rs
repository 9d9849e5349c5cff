//! What goes between servers. Messages that are published are lost for who is away, and arrive late but in their order;
//! entries of a stream may be told again; counts may be wrong by one; the ends of commands are told late, in any order, or
//! say that nobody knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use sio_codec::cluster::node::{Channel, Command, CommandId, Input, Node};
use sio_codec::cluster::streams::{Entry, EntryId};
use sio_codec::{Machine as _, Text, Timestamp};

use super::Choices;

pub(super) struct Wires {
    wires: Vec<Wire>,
    entries: Vec<(EntryId, Entry)>,
    keys: BTreeMap<Text, Bytes>,
    max_bytes: usize,
    /// Whether nothing goes wrong.
    is_calm: bool,
}

/// One server's connections.
#[derive(Default)]
struct Wire {
    is_broken: bool,
    subscriptions: BTreeSet<Channel>,
    /// In their order.
    arriving: VecDeque<Input>,
    /// In any order.
    ends: Vec<Input>,
    reads: Vec<(CommandId, Option<EntryId>)>,
    /// Bytes of the messages whose end was not told.
    under_way: BTreeMap<CommandId, usize>,
    most_others: usize,
}

impl Wires {
    pub(super) fn new(servers: usize, max_bytes: usize, is_calm: bool) -> Self {
        let wires = (0..servers).map(|_| Wire::default()).collect();
        Self { wires, entries: Vec::new(), keys: BTreeMap::new(), max_bytes, is_calm }
    }

    pub(super) fn is_perfect(&self) -> bool {
        self.is_calm
    }

    pub(super) fn counted(&self, server: usize) -> usize {
        self.wires[server].most_others
    }

    pub(super) fn break_or_mend(&mut self, server: usize) {
        let wire = &mut self.wires[server];
        wire.is_broken = !self.is_calm && !wire.is_broken;
    }

    /// Nothing goes wrong any more.
    pub(super) fn mend_all(&mut self) {
        self.is_calm = true;
        self.wires.iter_mut().for_each(|wire| wire.is_broken = false);
    }

    pub(super) fn command(&mut self, server: usize, command: Command, choices: &mut Choices<'_>) {
        match command {
            Command::Subscribe(channel) => {
                assert!(self.wires[server].subscriptions.insert(channel.clone()), "{channel:?} twice");
            }
            Command::Unsubscribe(channel) => {
                assert!(self.wires[server].subscriptions.remove(&channel), "{channel:?} twice");
            }
            Command::Count { id, channel } => {
                let real = self.wires.iter().filter(|wire| wire.subscriptions.contains(&channel)).count();
                let told = if self.is_calm { real } else { (real + choices.of(3)).saturating_sub(1) };
                let wire = &mut self.wires[server];
                wire.most_others = wire.most_others.max(told.saturating_sub(1));
                let end = if wire.is_broken { Input::Failed(id) } else { Input::Counted { id, subscribers: told } };
                wire.ends.push(end);
            }
            Command::Publish { id, channel, message } => {
                let is_sent = self.send(server, id, channel.name().len() + message.len(), choices);
                for wire in self.wires.iter_mut().filter(|wire| is_sent && !wire.is_broken) {
                    let fits = |subscription: &&Channel| match subscription {
                        Channel::Pattern(pattern) => channel.name().starts_with(pattern.trim_end_matches('*')),
                        other => **other == channel,
                    };
                    for subscription in wire.subscriptions.iter().filter(fits) {
                        let (channel, message) = (channel.name().into(), message.clone());
                        wire.arriving.push_back(Input::Message {
                            subscription: subscription.clone(),
                            channel,
                            message,
                        });
                    }
                }
            }
            Command::Append { id, entry, .. } => {
                let bytes = entry.fields().map(|(name, value)| name.len() + value.len()).sum();
                if self.send(server, id, bytes, choices) {
                    let at = EntryId { milliseconds: 7, sequence: self.entries.len() as u64 };
                    self.entries.push((at, entry));
                }
            }
            Command::Store { id, key, value, .. } => {
                if self.send(server, id, key.len() + value.len(), choices) {
                    self.keys.insert(key, value);
                }
            }
            Command::Take { id, key } => {
                let value = self.keys.remove(&key);
                self.end(server, id, Input::Taken { id, value });
            }
            // As it is now, however late it is told.
            Command::Range { id, from, .. } => {
                let entries = self.entries.iter().filter(|(at, _)| *at >= from).take(200).cloned().collect();
                self.end(server, id, Input::Entries { id, entries });
            }
            Command::Tail { id, .. } => self.wires[server].reads.push((id, None)),
            Command::Read { id, after, .. } => self.wires[server].reads.push((id, Some(after))),
        }
        assert!(self.wires[server].reads.len() <= 1, "one stream is read once at a time");
    }

    fn end(&mut self, server: usize, id: CommandId, end: Input) {
        let wire = &mut self.wires[server];
        wire.ends.push(if wire.is_broken { Input::Failed(id) } else { end });
    }

    /// Whether a message gets to the bus. If the connection breaks, nobody knows.
    fn send(&mut self, server: usize, id: CommandId, bytes: usize, choices: &mut Choices<'_>) -> bool {
        let wire = &mut self.wires[server];
        let before: usize = wire.under_way.values().sum();
        assert!(before == 0 || before + bytes <= self.max_bytes, "{before} and {bytes} bytes");
        wire.under_way.insert(id, bytes);
        wire.ends.push(if wire.is_broken { Input::Failed(id) } else { Input::Done(id) });
        !wire.is_broken || choices.of(2) == 0
    }

    /// Something happens on a server's connections, if anything is to.
    pub(super) fn carry(&mut self, server: usize, now: Timestamp, node: &mut Node, choices: &mut Choices<'_>) {
        let wire = &mut self.wires[server];
        let input = match choices.of(4) {
            0 | 1 => wire.arriving.pop_front(),
            2 if !wire.ends.is_empty() => {
                let at = choices.of(wire.ends.len());
                Some(wire.ends.remove(at))
            }
            _ => self.read(server, choices),
        };
        self.hand(server, now, node, input);
    }

    /// Whether anything happened.
    pub(super) fn carry_all(&mut self, server: usize, now: Timestamp, node: &mut Node) -> bool {
        let wire = &mut self.wires[server];
        let input = wire.ends.pop().or_else(|| wire.arriving.pop_front());
        let input = input.or_else(|| self.read(server, &mut Choices([].iter())));
        self.hand(server, now, node, input)
    }

    fn hand(&mut self, server: usize, now: Timestamp, node: &mut Node, input: Option<Input>) -> bool {
        if let Some(Input::Done(id) | Input::Failed(id)) = &input {
            self.wires[server].under_way.remove(id);
        }
        input.map(|input| node.handle(now, input)).is_some()
    }

    /// What a stream has for who reads it; some of it may have been told before, and some twice.
    fn read(&mut self, server: usize, choices: &mut Choices<'_>) -> Option<Input> {
        let wire = &mut self.wires[server];
        let (id, after) = wire.reads.first().copied()?;
        if wire.is_broken {
            wire.reads.clear();
            return Some(Input::Failed(id));
        }
        let Some(after) = after else {
            wire.reads.clear();
            return Some(Input::Entries { id, entries: self.entries.last().cloned().into_iter().collect() });
        };
        let back = if self.is_calm { 0 } else { choices.of(3) };
        let new = self.entries.partition_point(|(at, _)| *at <= after);
        if new == self.entries.len() {
            return None;
        }
        let mut entries = self.entries[new.saturating_sub(back)..].to_vec();
        if back == 2 {
            let again: Vec<_> = entries.iter().flat_map(|entry| [entry.clone(), entry.clone()]).collect();
            entries = again;
        }
        wire.reads.clear();
        Some(Input::Entries { id, entries })
    }
}
