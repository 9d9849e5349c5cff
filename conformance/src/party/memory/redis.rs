//! What Redis is to the servers of a cluster: channels, streams and values, without time.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sio_codec::Timestamp;
use sio_codec::cluster::node::{Channel, Command, CommandId, Input};
use sio_codec::cluster::streams::{Entry, EntryId};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::contract::Bus;

/// How many entries Redis gives at a time.
const ENTRIES: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Redis {
    servers: Vec<Connected>,
    streams: BTreeMap<String, Vec<(EntryId, Entry)>>,
    values: BTreeMap<String, Bytes>,
}

/// A server, and what Redis knows about it.
#[derive(Debug)]
struct Connected {
    bus: Bus,
    commands: UnboundedReceiver<Command>,
    subscriptions: BTreeSet<Channel>,
    /// Reads that wait for an entry behind one of a stream.
    reads: Vec<(CommandId, String, EntryId)>,
}

impl Redis {
    pub(super) fn connect(&mut self, bus: Bus, commands: UnboundedReceiver<Command>) {
        self.servers.push(Connected { bus, commands, subscriptions: BTreeSet::new(), reads: Vec::new() });
    }

    /// How many servers are connected.
    pub(super) const fn servers(&self) -> usize {
        self.servers.len()
    }

    /// Carries out every command that waits, and what comes of it; whether there was any.
    pub(super) fn carry(&mut self, now: Timestamp) -> bool {
        let mut was_any = false;
        while let Some((from, command)) = self.next_command() {
            was_any = true;
            self.carry_out(now, from, command);
        }
        was_any
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.servers.iter().filter_map(|server| server.bus.next_deadline()).min()
    }

    pub(super) fn handle_timeout(&self, now: Timestamp) {
        self.servers.iter().for_each(|server| server.bus.handle_timeout(now));
    }

    fn next_command(&mut self) -> Option<(usize, Command)> {
        let mut servers = self.servers.iter_mut().enumerate();
        servers.find_map(|(at, server)| Some((at, server.commands.try_recv().ok()?)))
    }

    fn carry_out(&mut self, now: Timestamp, from: usize, command: Command) {
        let answer = match command {
            Command::Publish { id, channel, message } => {
                self.publish(now, &channel, &message);
                Input::Done(id)
            }
            Command::Append { id, stream, entry, .. } => {
                let entries = self.streams.entry(stream.as_str().to_owned()).or_default();
                entries.push((EntryId { milliseconds: entries.len() as u64 + 1, sequence: 0 }, entry));
                self.servers[from].bus.feed(now, Input::Done(id));
                return self.wake(now);
            }
            Command::Count { id, channel } => {
                let subscribers = self.servers.iter().filter(|server| server.subscriptions.contains(&channel)).count();
                Input::Counted { id, subscribers }
            }
            Command::Subscribe(channel) => {
                self.servers[from].subscriptions.insert(channel);
                return;
            }
            Command::Unsubscribe(channel) => {
                self.servers[from].subscriptions.remove(&channel);
                return;
            }
            Command::Read { id, stream, after } => {
                self.servers[from].reads.push((id, stream.as_str().to_owned(), after));
                return self.wake(now);
            }
            Command::Tail { id, stream } => {
                let last = self.streams.get(stream.as_str()).and_then(|entries| entries.last().cloned());
                Input::Entries { id, entries: last.into_iter().collect() }
            }
            Command::Store { id, key, value, .. } => {
                self.values.insert(key.as_str().to_owned(), value);
                Input::Done(id)
            }
            Command::Take { id, key } => Input::Taken { id, value: self.values.remove(key.as_str()) },
            Command::Range { id, stream, from } => {
                Input::Entries { id, entries: self.entries(stream.as_str(), |id| id >= from) }
            }
        };
        self.servers[from].bus.feed(now, answer);
    }

    /// Redis sends a message once for each subscription that fits.
    fn publish(&self, now: Timestamp, channel: &Channel, message: &Bytes) {
        for server in &self.servers {
            for subscription in server.subscriptions.iter().filter(|subscription| fits(subscription, channel)) {
                let (subscription, channel) = (subscription.clone(), channel.name().to_owned());
                server.bus.feed(now, Input::Message { subscription, channel, message: message.clone() });
            }
        }
    }

    /// Answers the reads for which there is something.
    fn wake(&mut self, now: Timestamp) {
        for at in 0..self.servers.len() {
            let reads = std::mem::take(&mut self.servers[at].reads);
            for (id, stream, after) in reads {
                let entries = self.entries(&stream, |id| id > after);
                if entries.is_empty() {
                    self.servers[at].reads.push((id, stream, after));
                } else {
                    self.servers[at].bus.feed(now, Input::Entries { id, entries });
                }
            }
        }
    }

    fn entries(&self, stream: &str, fits: impl Fn(EntryId) -> bool) -> Vec<(EntryId, Entry)> {
        let entries = self.streams.get(stream).into_iter().flatten();
        entries.filter(|(id, _)| fits(*id)).take(ENTRIES).cloned().collect()
    }
}

/// Whether what is published to a channel comes on a subscription. Patterns of the adapters end with the only star.
fn fits(subscription: &Channel, channel: &Channel) -> bool {
    match (subscription, channel) {
        (Channel::Pattern(pattern), Channel::Plain(name)) => {
            pattern.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix))
        }
        (subscription, channel) => subscription == channel,
    }
}
