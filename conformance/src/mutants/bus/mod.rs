//! The layer between one server of a cluster and its bus, in which a mutant changes what servers say to each other.

mod wire;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use sio_codec::Text;
use sio_codec::cluster::node::{Adapter, Command, CommandId, Input};
use sio_codec::cluster::streams::{Entry, EntryId};
use sio_codec::cluster::{Envelope, Sender, Uid};
use sio_codec::socketio::Namespace;

use self::wire::{Wire, Written};

/// What a mutant makes of a message: as many as are to be there in its place.
pub(super) type OnEnvelope = fn(&Known, Envelope) -> Vec<Envelope>;

/// What a mutant makes of a command that carries no message; in the error, what the server is told as if Redis had answered.
pub(super) type OnCommand = fn(&Known, Command) -> Result<Vec<Command>, Input>;

/// The functions of a mutant. One that is absent changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hooks {
    pub(super) says: Option<OnEnvelope>,
    pub(super) hears: Option<OnEnvelope>,
    pub(super) keeps: Option<OnCommand>,
    /// Another number of servers than Redis tells.
    pub(super) counts: Option<fn(usize) -> usize>,
}

/// The layer around one server's end of the bus.
#[derive(Debug)]
pub struct BusTap {
    hooks: Hooks,
    adapter: Adapter,
    known: Known,
}

/// What is known of a server, from what it said so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    uid: Option<Uid>,
    pub(super) namespaces: BTreeSet<Namespace>,
    /// The places of clients, by their keys.
    pub(super) stored: BTreeMap<Text, Bytes>,
}

impl Known {
    /// Whether the server itself said this.
    pub(super) fn is_own(&self, envelope: &Envelope) -> bool {
        self.uid.is_some() && envelope.sender.uid() == self.uid.as_ref()
    }
}

impl BusTap {
    pub(super) fn new(hooks: Hooks, adapter: Adapter) -> Self {
        Self { hooks, adapter, known: Known::default() }
    }

    /// What Redis is told in place of a command.
    ///
    /// # Errors
    ///
    /// If it is told nothing: what the server is told, which waits for the end of the command.
    pub fn say(&mut self, command: Command) -> Result<Vec<Command>, Input> {
        let Some((id, said)) = self.read(&command) else { return self.keep(command) };
        match self.change(said) {
            None => Ok(vec![command]),
            Some(said) if said.is_empty() => Err(Input::Done(id)),
            // One that cannot be written is not said.
            Some(said) => Ok(said.iter().filter_map(|envelope| self.write(envelope)?.in_place_of(&command)).collect()),
        }
    }

    fn keep(&mut self, command: Command) -> Result<Vec<Command>, Input> {
        if let Command::Store { key, value, .. } = &command {
            self.known.stored.insert(key.clone(), value.clone());
        }
        match self.hooks.keeps {
            Some(change) => change(&self.known, command),
            None => Ok(vec![command]),
        }
    }

    /// What the server hears in place of what Redis tells.
    pub fn hear(&self, input: Input) -> Vec<Input> {
        match (input, self.hooks.hears) {
            (Input::Message { subscription, channel, message }, Some(hears)) => {
                let heard = Wire::of(&self.adapter, &channel).and_then(|wire| wire.read(&channel, message.clone()));
                let Some(heard) = heard else { return vec![Input::Message { subscription, channel, message }] };
                let changed = hears(&self.known, heard.clone());
                if changed == [heard] {
                    return vec![Input::Message { subscription, channel, message }];
                }
                let written = changed.iter().filter_map(|envelope| self.write(envelope));
                written.filter_map(|written| written.heard(&subscription, &channel)).collect()
            }
            (Input::Entries { id, entries }, Some(hears)) => {
                let entries = entries.into_iter().map(|entry| self.hear_entry(hears, entry)).collect();
                vec![Input::Entries { id, entries }]
            }
            (Input::Counted { id, subscribers }, _) => {
                let subscribers = self.hooks.counts.map_or(subscribers, |change| change(subscribers));
                vec![Input::Counted { id, subscribers }]
            }
            (input, _) => vec![input],
        }
    }

    /// An entry that is not heard is one that nobody can read: the next one is behind it.
    fn hear_entry(&self, hears: OnEnvelope, (id, entry): (EntryId, Entry)) -> (EntryId, Entry) {
        let Some(heard) = self.read_entry(&entry) else { return (id, entry) };
        let changed = hears(&self.known, heard.clone());
        match changed.first() {
            Some(first) if *first == heard => (id, entry),
            Some(first) => (id, self.write(first).and_then(Written::into_entry).unwrap_or_default()),
            None => (id, Entry::default()),
        }
    }

    /// The message in a command, and what its end is told by.
    fn read(&self, command: &Command) -> Option<(CommandId, Envelope)> {
        match command {
            Command::Publish { id, channel, message } => {
                Some((*id, Wire::of(&self.adapter, channel.name())?.read(channel.name(), message.clone())?))
            }
            Command::Append { id, entry, .. } => Some((*id, self.read_entry(entry)?)),
            _ => None,
        }
    }

    /// What is said in place of a message; `None` if it stays as it is.
    fn change(&mut self, said: Envelope) -> Option<Vec<Envelope>> {
        if let Sender::Node(uid) = &said.sender {
            self.known.uid = Some(uid.clone());
        }
        self.known.namespaces.insert(said.namespace.clone());
        let changed = (self.hooks.says?)(&self.known, said.clone());
        (changed != [said]).then_some(changed)
    }

    fn read_entry(&self, entry: &Entry) -> Option<Envelope> {
        Wire::new(&self.adapter, Namespace::root())?.read_entry(entry.clone())
    }

    fn write(&self, envelope: &Envelope) -> Option<Written> {
        Wire::new(&self.adapter, envelope.namespace.clone())?.write(envelope)
    }
}
