//! What a node asks of the program that has the connection to Redis, and what that tells it.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::Text;
use crate::cluster::streams::{Entry, EntryId};
use crate::socketio::hub;

/// A command that the program will tell the end of.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number, for tables of the program's")]
pub struct CommandId(pub u64);

/// What a node asks of the program.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    /// Something about this node's own connections.
    Local(hub::Transmit),
    /// A command for Redis. Commands are to be sent in their order.
    Bus(Command),
}

/// A command for Redis.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Command {
    /// PUBLISH or SPUBLISH.
    Publish {
        /// What [`Input::Done`] or [`Input::Failed`] names.
        id: CommandId,
        /// Where.
        channel: Channel,
        /// What.
        message: Bytes,
    },
    /// XADD, with the options `MAXLEN ~` and `*`.
    Append {
        /// What [`Input::Done`] or [`Input::Failed`] names.
        id: CommandId,
        /// Which stream.
        stream: Text,
        /// About how many entries it keeps.
        max_len: u64,
        /// What is added: its [fields](Entry::fields).
        entry: Entry,
    },
    /// PUBSUB NUMSUB or PUBSUB SHARDNUMSUB of one channel. In a Redis cluster the numbers of all masters add up.
    Count {
        /// What [`Input::Counted`] or [`Input::Failed`] names.
        id: CommandId,
        /// The channel.
        channel: Channel,
    },
    /// SUBSCRIBE, PSUBSCRIBE or SSUBSCRIBE, one channel at a time. Nothing is to be reported; what was lost with a connection
    /// is subscribed to again with the list of [`Node::subscriptions`](super::Node::subscriptions).
    Subscribe(Channel),
    /// The opposite.
    Unsubscribe(Channel),
    /// XREAD of what a stream has behind an entry. It waits for some seconds if there is nothing (`BLOCK 5000`), on a connection
    /// of its own, and gives a hundred entries at most (`COUNT 100`).
    Read {
        /// What [`Input::Entries`] or [`Input::Failed`] names.
        id: CommandId,
        /// The stream.
        stream: Text,
        /// The last entry that is known.
        after: EntryId,
    },
    /// XREVRANGE `+ - COUNT 1`: the last entry of a stream, if it has one.
    Tail {
        /// What [`Input::Entries`] or [`Input::Failed`] names.
        id: CommandId,
        /// The stream.
        stream: Text,
    },
    /// SET, with the option `PX`: the place of a client that lost its connection.
    Store {
        /// What [`Input::Done`] or [`Input::Failed`] names.
        id: CommandId,
        /// The key.
        key: Text,
        /// The value.
        value: Bytes,
        /// How long Redis keeps it.
        time_to_live: Duration,
    },
    /// GET and DEL between MULTI and EXEC, or GETDEL, which Redis has from version 6.2: a value can be had once.
    Take {
        /// What [`Input::Taken`] or [`Input::Failed`] names.
        id: CommandId,
        /// The key.
        key: Text,
    },
    /// XRANGE from an entry to `+`, two hundred at most (`COUNT 200`). It does not wait.
    Range {
        /// What [`Input::Entries`] or [`Input::Failed`] names.
        id: CommandId,
        /// The stream.
        stream: Text,
        /// The first entry, if it exists.
        from: EntryId,
    },
}

/// A channel, and which kind of subscription it is for.
///
/// ```
/// use sio_codec::cluster::node::Channel;
///
/// assert_eq!(Channel::Pattern("socket.io#/#*".into()).name(), "socket.io#/#*");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the kinds that Redis has")]
pub enum Channel {
    /// SUBSCRIBE and PUBLISH.
    Plain(String),
    /// PSUBSCRIBE.
    Pattern(String),
    /// SSUBSCRIBE and SPUBLISH.
    Sharded(String),
}

impl Channel {
    /// The name, or the pattern.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plain(name) | Self::Pattern(name) | Self::Sharded(name) => name,
        }
    }
}

/// What happened on the connection to Redis.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A message came.
    Message {
        /// The channel or pattern that was subscribed to. If several fit a message, Redis sends it once for each, and so is
        /// this to be told.
        subscription: Channel,
        /// The channel.
        channel: String,
        /// The message.
        message: Bytes,
    },
    /// A message is on the bus, or a value is stored: the command that named it was answered.
    Done(CommandId),
    /// How many subscribers a channel has.
    Counted {
        /// The command.
        id: CommandId,
        /// How many.
        subscribers: usize,
    },
    /// What was read of a stream: nothing if the time was over, or there is nothing in it.
    Entries {
        /// The command.
        id: CommandId,
        /// The entries, in their order.
        entries: Vec<(EntryId, Entry)>,
    },
    /// What a key had.
    Taken {
        /// The command.
        id: CommandId,
        /// The value, if there was one.
        value: Option<Bytes>,
    },
    /// A command could not be carried out, or nobody knows whether it was.
    Failed(CommandId),
}
