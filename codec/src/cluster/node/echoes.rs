//! This server's own broadcasts that clients may miss and get later. They are delivered when they are read back from the
//! stream, which tells their offsets: so all servers deliver them in the same order, and whatever is behind a client's offset
//! is what it has not got.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString as _;
use alloc::vec::Vec;

use bytes::Bytes;

use super::Node;
use super::command::CommandId;
use super::event::{Event, Rejection};
use super::wire::{Outgoing, Wire};
use crate::Text;
use crate::cluster::id::Sender;
use crate::cluster::message::Message;
use crate::cluster::streams::{Entry, EntryId};
use crate::socketio::hub::Target;
use crate::socketio::{Args, EmitError};
use crate::time::Timestamp;

/// What this server has put into a stream and not read there.
#[derive(Debug)]
pub(super) struct Echoes {
    /// By their commands, which are in the order of the broadcasts, and of their deadlines.
    waiting: BTreeMap<CommandId, Waiting>,
    /// The same by what is in the entry. Two that say the same are as good as each other.
    written: BTreeMap<Fields, BTreeSet<CommandId>>,
    bytes: usize,
    max_bytes: usize,
}

type Fields = Vec<Bytes>;

#[derive(Debug)]
struct Waiting {
    echo: Echo,
    fields: Fields,
    bytes: usize,
    deadline: Timestamp,
}

/// A broadcast that this server's members are to get.
#[derive(Debug)]
pub(super) struct Echo {
    pub(super) target: Target,
    pub(super) name: Text,
    pub(super) args: Args,
}

impl Echoes {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self { waiting: BTreeMap::new(), written: BTreeMap::new(), bytes: 0, max_bytes }
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.waiting.first_key_value().map(|(_, first)| first.deadline)
    }

    /// Whether an entry of this server's is to be delivered when it is read.
    pub(super) fn expects(&self, entry: &Entry) -> bool {
        self.written.contains_key(&fields(entry))
    }

    fn expect(&mut self, id: CommandId, entry: &Entry, deadline: Timestamp, echo: Echo) {
        let (fields, bytes) = (fields(entry), entry.fields().map(|(_, value)| value.len()).sum());
        self.bytes = self.bytes.saturating_add(bytes);
        self.written.entry(fields.clone()).or_default().insert(id);
        self.waiting.insert(id, Waiting { echo, fields, bytes, deadline });
    }

    fn read(&mut self, entry: &Entry) -> Option<Echo> {
        let id = *self.written.get(&fields(entry))?.first()?;
        self.take(id)
    }

    /// The earliest one, if it is overdue at `now`, or there are more bytes than there may be.
    fn take_surplus(&mut self, now: Timestamp) -> Option<Echo> {
        let (id, first) = self.waiting.first_key_value()?;
        if first.deadline <= now || self.bytes > self.max_bytes { self.take(*id) } else { None }
    }

    /// The earliest one, if it is not later than `last`.
    fn take_through(&mut self, last: CommandId) -> Option<Echo> {
        let id = *self.waiting.first_key_value()?.0;
        if id <= last { self.take(id) } else { None }
    }

    fn take(&mut self, id: CommandId) -> Option<Echo> {
        let Waiting { echo, fields, bytes, .. } = self.waiting.remove(&id)?;
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(same) = self.written.get_mut(&fields) {
            same.remove(&id);
            if same.is_empty() {
                self.written.remove(&fields);
            }
        }
        Some(echo)
    }
}

#[cfg(test)]
impl Echoes {
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.written.is_empty() && self.bytes == 0
    }
}

fn fields(entry: &Entry) -> Fields {
    entry.fields().map(|(_, value)| value.clone()).collect()
}

impl Node {
    /// Whether a broadcast is read back from a stream. Before the end of the stream was found nobody knows whether it would be.
    pub(super) fn is_read_back(&self, target: &Target) -> bool {
        if self.recovery().is_none() || target.is_volatile() {
            return false;
        }
        let position = match self.presences.of(target.namespace()) {
            Some(wire) => self.streams.position(wire),
            None => self.streams.position(&Wire::new(&self.config.adapter, target.namespace())),
        };
        position.is_some()
    }

    /// Adds a broadcast to the stream, to be delivered here when it is read there.
    pub(super) fn broadcast_by_stream(&mut self, message: &Message, echo: Echo) {
        match self.room_for(echo.target.namespace(), &Sender::Unnamed, message, None) {
            Ok((id, outgoing)) => {
                if let Outgoing::Append { entry, .. } = &outgoing {
                    let deadline = self.now.saturating_add(self.config.request_timeout);
                    self.echoes.expect(id, entry, deadline, echo);
                }
                self.command(outgoing.command(id));
                self.expire_echoes();
            }
            Err(sent) => {
                self.give_up_echoes(CommandId(u64::MAX));
                self.deliver_without_offset(&echo);
                self.unsent(sent);
            }
        }
    }

    /// An entry of this server's own was read.
    pub(super) fn read_back(&mut self, at: EntryId, entry: &Entry) {
        if let Some(echo) = self.echoes.read(entry) {
            self.deliver_echo(&echo, Some(at));
        }
    }

    /// A command has failed. If it was to add a broadcast to a stream, this server's members get it now, and before it those
    /// that were said before.
    pub(super) fn unecho(&mut self, last: CommandId) {
        if self.echoes.waiting.contains_key(&last) {
            self.give_up_echoes(last);
        }
    }

    fn give_up_echoes(&mut self, last: CommandId) {
        while let Some(echo) = self.echoes.take_through(last) {
            self.deliver_without_offset(&echo);
        }
    }

    pub(super) fn expire_echoes(&mut self) {
        while let Some(echo) = self.echoes.take_surplus(self.now) {
            self.deliver_without_offset(&echo);
        }
    }

    /// It may be in the stream or not. If it is, its place is unknown: so nobody can be told apart who has got it and who has
    /// not among those that are just coming back.
    fn deliver_without_offset(&mut self, echo: &Echo) {
        self.deliver_echo(echo, None);
        self.doubt();
    }

    fn deliver_echo(&mut self, Echo { target, name, args }: &Echo, at: Option<EntryId>) {
        if self.send(target, name.as_str(), args, at).is_err() {
            let channel = target.namespace().as_str().into();
            self.event(Event::Rejected { channel, fault: Rejection::Unsendable });
        }
    }

    /// Sends an event to this server's members, with its offset if it has one.
    pub(super) fn send(
        &mut self,
        target: &Target,
        name: &str,
        args: &Args,
        at: Option<EntryId>,
    ) -> Result<usize, EmitError> {
        let offset = at.map(|at| at.to_string());
        let messages = self.hub.write(target.namespace(), name, args, offset.as_deref())?;
        Ok(self.hub.send(target, messages))
    }
}
