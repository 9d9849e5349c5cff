//! Any bytes from the bus of a cluster: no panic. What can be read can be written, and is read again as the same. A server
//! that hears it does no more than it says, and nothing but an event if it cannot be read.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::cluster::classic::{self, Route};
use sio_codec::cluster::node::{Adapter, Channel, Command, Config, Event, Input, Node, Rejection, Transmit};
use sio_codec::cluster::streams::{Entry, EntryId, Outgoing};
use sio_codec::cluster::{DecodeError, EncodeError, Envelope, Sender, Uid, sharded, streams};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Namespace, Object};
use sio_codec::{Machine as _, Output, Timestamp};

/// Where the bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Broadcast,
    Request,
    Response,
    Sharded,
    Channel,
    /// The number of the type, a line feed, and the data.
    Entry,
}

pub(super) const PLACES: [Place; 6] =
    [Place::Broadcast, Place::Request, Place::Response, Place::Sharded, Place::Channel, Place::Entry];

/// The first byte says where the others stand.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Some((place, bytes)) = data.split_first() else { return };
    let place = PLACES[usize::from(*place) % PLACES.len()];
    let bytes = Bytes::copy_from_slice(bytes);
    let read = place.read(bytes.clone());
    match &read {
        Ok(envelope) => place.check(envelope, bytes.first() == Some(&b'{')),
        Err(DecodeError::Undecodable { offset, .. }) => assert!(*offset <= bytes.len()),
        Err(_) => {}
    }
    Heard::of(place, &bytes).check(&bytes, read.err());
}

impl Place {
    fn read(self, bytes: Bytes) -> Result<Envelope, DecodeError> {
        let root = Namespace::root();
        let classic =
            |route| classic::Codec::new(classic::Config::default(), root.clone()).decode(route, bytes.clone());
        match self {
            Self::Broadcast => classic(Route::Broadcast { room: None }),
            Self::Request => classic(Route::Request),
            Self::Response => classic(Route::Response),
            Self::Sharded => sharded::Codec::new(sharded::Config::default(), root).decode(bytes),
            Self::Channel => streams::Codec::new(streams::Config::default(), root).decode(bytes),
            Self::Entry => streams::Codec::new(streams::Config::default(), root).decode_entry(entry(&bytes)),
        }
    }

    /// What is written may stand elsewhere than what was read.
    fn write(self, envelope: &Envelope) -> Result<(Self, Bytes), EncodeError> {
        let Envelope { sender, namespace, message } = envelope;
        let namespace = namespace.clone();
        let (me, to) = (Sender::Node(Uid::short([1; 6])), Sender::Unnamed);
        Ok(match self {
            Self::Broadcast | Self::Request | Self::Response => {
                let codec = classic::Codec::new(classic::Config::default(), namespace);
                if message.is_response() {
                    return Ok((Self::Response, codec.respond(&to, message)?.payload));
                }
                (self, codec.publish(sender, message)?.payload)
            }
            Self::Sharded => {
                let codec = sharded::Codec::new(sharded::Config::default(), namespace);
                let publish = if message.is_response() {
                    codec.respond(&me, &to, message)
                } else {
                    codec.publish(sender, message)
                };
                (self, publish?.payload)
            }
            Self::Channel | Self::Entry => {
                let codec = streams::Codec::new(streams::Config::default(), namespace);
                if message.is_response() {
                    return Ok((Self::Channel, codec.respond(&me, &to, message)?.payload));
                }
                match codec.publish(sender, message)? {
                    Outgoing::Publish(publish) => (Self::Channel, publish.payload),
                    Outgoing::Add { entry, .. } => (Self::Entry, line(&entry)),
                    other => panic!("{other:?}"),
                }
            }
        })
    }

    /// What was JSON stays as it was. MessagePack has values that its writers or JSON lack, and keeps what is left of them.
    fn check(self, envelope: &Envelope, was_json: bool) {
        let Ok((place, once)) = self.write(envelope) else { return };
        let again = place.read(once.clone()).unwrap_or_else(|error| panic!("{error}: {envelope:?} as {once:?}"));
        // Compared as text, because NaN is not equal to itself.
        if was_json {
            assert_eq!(format!("{:?}", again.message), format!("{:?}", envelope.message));
        }
        // By who wrote it: an answer of nobody's was given a sender.
        let (_, twice) = place.write(&again).expect("what was written once");
        let last = place.read(twice).expect("written by ourselves");
        assert_eq!(format!("{:?}", last.message), format!("{:?}", again.message));
    }
}

/// An entry for all namespaces' root.
fn entry(bytes: &Bytes) -> Entry {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let fields = [("uid", Bytes::from("1111111111111111")), ("nsp", Bytes::from("/")), ("type", bytes.slice(..end))];
    let data = (end < bytes.len()).then(|| ("data", bytes.slice(end.saturating_add(1)..)));
    Entry::new(fields.into_iter().chain(data))
}

pub(super) fn line(entry: &Entry) -> Bytes {
    let field = |wanted| entry.fields().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_ref());
    let kind = field("type").expect("a type");
    Bytes::from(field("data").map_or_else(|| kind.to_vec(), |data| [kind, b"\n", data].concat()))
}

/// What came out of a server with one member because of a message.
#[derive(Debug, Default)]
struct Heard {
    outputs: usize,
    rejected: Vec<Rejection>,
    /// Bytes of what it said.
    said: usize,
    events: Vec<Event>,
}

impl Heard {
    fn of(place: Place, message: &Bytes) -> Self {
        let (now, root) = (Timestamp::ZERO, Namespace::root());
        let adapter = match place {
            Place::Broadcast | Place::Request | Place::Response => Adapter::Classic(classic::Config::default()),
            Place::Sharded => Adapter::Sharded(sharded::Config::default()),
            Place::Channel => Adapter::Streams(streams::Config::default()),
            Place::Entry => Adapter::Streams(streams::Config::default().with_recovery(Duration::from_secs(1))),
        };
        let mut node = Node::new(Config::new(adapter, [1; 16]));
        node.add(&root, &Sid::from_entropy([1; 15]), Object::default());
        let mut reads = outputs(&mut node).into_iter().filter_map(|output| match output {
            Output::Transmit(Transmit::Bus(Command::Tail { id, .. } | Command::Read { id, .. })) => Some(id),
            _ => None,
        });
        let subscription = match place {
            Place::Broadcast => Channel::Pattern("socket.io#/#*".into()),
            Place::Request => Channel::Plain("socket.io-request#/#".into()),
            Place::Response => Channel::Plain("socket.io-response#/#".into()),
            Place::Sharded => Channel::Sharded("socket.io#/#".into()),
            Place::Channel | Place::Entry => Channel::Plain("socket.io#/#".into()),
        };
        if place == Place::Entry {
            node.handle(now, Input::Entries { id: reads.next().expect("the end of the stream"), entries: Vec::new() });
            let Some(Output::Transmit(Transmit::Bus(Command::Read { id, .. }))) = node.poll_output() else {
                panic!("it reads on")
            };
            let at = EntryId { milliseconds: 1, sequence: 0 };
            node.handle(now, Input::Entries { id, entries: vec![(at, entry(message))] });
        } else {
            let channel = subscription.name().trim_end_matches('*').to_owned();
            node.handle(now, Input::Message { subscription, channel, message: message.clone() });
        }
        let mut heard = Self::default();
        heard.take(&mut node);
        // Whatever it waits for ends.
        for _ in 0..3 {
            if let Some(deadline) = node.next_deadline() {
                node.handle_timeout(deadline);
                heard.take(&mut node);
            }
        }
        assert_eq!(node.next_deadline(), None);
        heard
    }

    fn take(&mut self, node: &mut Node) {
        for output in outputs(node) {
            match output {
                Output::Transmit(Transmit::Bus(Command::Read { .. })) => continue,
                Output::Transmit(Transmit::Bus(Command::Publish { message, .. })) => {
                    self.said = self.said.saturating_add(message.len());
                }
                Output::Event(Event::Rejected { fault, .. }) => self.rejected.push(fault),
                Output::Event(event) => self.events.push(event),
                Output::Transmit(_) => {}
            }
            self.outputs = self.outputs.saturating_add(1);
        }
    }

    fn check(&self, message: &[u8], fault: Option<DecodeError>) {
        if let Some(fault) = fault {
            assert_eq!((self.outputs, &self.rejected[..]), (1, &[Rejection::Unreadable(fault)][..]), "{self:?}");
        }
        assert!(self.rejected.len() <= 1, "{self:?}");
        assert!(self.outputs <= message.len().saturating_mul(3).saturating_add(4), "{self:?}");
        assert!(self.said <= 1_000, "{self:?}");
        assert!(self.events.iter().all(|event| !matches!(event, Event::Answered { .. })), "{self:?}");
    }
}

fn outputs(node: &mut Node) -> Vec<Output<Transmit, Event>> {
    std::iter::from_fn(|| node.poll_output()).collect()
}
