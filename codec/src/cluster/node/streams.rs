//! Reading streams: what is known of them, and what is asked next.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Node;
use super::bus::UnderWay;
use super::command::Command;
use super::event::{Event, Rejection};
use super::wire::Wire;
use crate::Text;
use crate::cluster::streams::{Config, Entry, EntryId};
use crate::socketio::Namespace;
use crate::time::Timestamp;

/// How long a node waits until it asks for a stream again that could not be read.
const RETRY: Duration = Duration::from_secs(1);

/// The streams of a cluster.
#[derive(Debug, Default)]
pub(super) struct Streams(BTreeMap<Text, Reader>);

/// How far a stream is read, and what happens with it.
#[derive(Clone, Copy, Debug)]
struct Reader {
    /// The last entry that is known; `None` until the end of the stream was found.
    after: Option<EntryId>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be asked for when everything that came was taken out.
    Idle,
    Asked,
    /// To be asked for again.
    Retry(Timestamp),
}

impl Streams {
    /// All streams that namespaces may be in, from their ends.
    pub(super) fn new(config: &Config) -> Self {
        let reader = Reader { after: None, state: State::Idle };
        Self(config.streams().map(|stream| (stream, reader)).collect())
    }

    /// How far the stream of a namespace is read; `None` as long as its end was not found.
    pub(super) fn position(&self, wire: &Wire) -> Option<EntryId> {
        self.0.get(wire.stream()?)?.after
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let retries = self.0.values().filter_map(|reader| match reader.state {
            State::Retry(at) => Some(at),
            State::Idle | State::Asked => None,
        });
        retries.min()
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        for reader in self.0.values_mut() {
            if matches!(reader.state, State::Retry(at) if at <= now) {
                reader.state = State::Idle;
            }
        }
    }

    pub(super) fn failed(&mut self, stream: &Text, now: Timestamp) {
        if let Some(reader) = self.0.get_mut(stream) {
            reader.state = State::Retry(now.saturating_add(RETRY));
        }
    }
}

impl Node {
    /// Asks for more of every stream that is not asked for. Called when all outputs were taken: so a server that cannot keep
    /// up reads more slowly, and Redis keeps what it has not read.
    pub(super) fn read_on(&mut self) {
        if self.bus.is_busy() {
            return;
        }
        let mut asked = Vec::new();
        for (stream, reader) in &mut self.streams.0 {
            if reader.state == State::Idle {
                reader.state = State::Asked;
                asked.push((stream.clone(), reader.after));
            }
        }
        for (stream, after) in asked {
            let id = self.bus.ask(UnderWay::Read(stream.clone()));
            self.command(match after {
                Some(after) => Command::Read { id, stream, after },
                None => Command::Tail { id, stream },
            });
        }
    }

    /// What came of a stream, or where it ends: whatever is there was said before this server came. An entry that cannot
    /// be read is passed over like any other: the next one is behind it.
    pub(super) fn entries(&mut self, stream: &Text, entries: Vec<(EntryId, Entry)>) {
        let Some(reader) = self.streams.0.get_mut(stream) else { return };
        reader.state = State::Idle;
        let last = entries.iter().map(|(id, _)| *id).max();
        let Some(mut after) = reader.after else {
            let end = last.unwrap_or_default();
            reader.after = Some(end);
            return self.resume(stream, end);
        };
        let end = last.unwrap_or_default().max(after);
        reader.after = Some(end);
        for (id, entry) in entries {
            // One that is told twice is the same one.
            if id > after {
                after = id;
                self.entry(stream, id, entry);
            }
        }
        self.resume(stream, end);
    }

    fn entry(&mut self, stream: &Text, at: EntryId, entry: Entry) {
        if entry.is_by(&self.uid) {
            return self.read_back(at, &entry);
        }
        let Some(namespace) = entry.namespace().and_then(|name| Namespace::new(name).ok()) else {
            // Nobody's; the reference passes it over as well.
            return;
        };
        let Some(wire) = self.presences.of(&namespace) else { return };
        let bytes = entry.fields().map(|(_, value)| value.len()).sum();
        let place = String::from(stream.as_str());
        match wire.read_entry(entry) {
            Ok(Some(envelope)) => self.envelope(place, envelope, bytes, self.recovery().map(|_| at)),
            Ok(None) => {}
            Err(error) => self.event(Event::Rejected { channel: place, fault: Rejection::Unreadable(error) }),
        }
    }
}
