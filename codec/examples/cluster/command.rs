//! The commands of a node as Redis takes them, and what it answers.

use redis::{Cmd, FromRedisValue, Value, cmd};
use sio_codec::cluster::node::{Channel, Command, CommandId, Input};
use sio_codec::cluster::streams::{Entry, EntryId};

/// What Redis is sent, except for streams that are read.
pub(crate) fn request(command: &Command) -> Option<Cmd> {
    Some(match command {
        Command::Publish { channel, message, .. } => {
            let mut publish = cmd(if matches!(channel, Channel::Sharded(_)) { "SPUBLISH" } else { "PUBLISH" });
            publish.arg(channel.name()).arg(&message[..]);
            publish
        }
        Command::Append { stream, max_len, entry, .. } => {
            let mut append = cmd("XADD");
            append.arg(stream.as_str()).arg("MAXLEN").arg("~").arg(*max_len).arg("*");
            for (name, value) in entry.fields() {
                append.arg(name).arg(&value[..]);
            }
            append
        }
        Command::Count { channel, .. } => {
            let mut count = cmd("PUBSUB");
            count.arg(if matches!(channel, Channel::Sharded(_)) { "SHARDNUMSUB" } else { "NUMSUB" });
            count.arg(channel.name());
            count
        }
        Command::Store { key, value, time_to_live, .. } => {
            let mut store = cmd("SET");
            store.arg(key.as_str()).arg(&value[..]).arg("PX").arg(time_to_live.as_millis() as u64);
            store
        }
        // For a Redis before 6.2 it would be MULTI, GET, DEL and EXEC.
        Command::Take { key, .. } => {
            let mut take = cmd("GETDEL");
            take.arg(key.as_str());
            take
        }
        Command::Range { stream, from, .. } => {
            let mut range = cmd("XRANGE");
            range.arg(stream.as_str()).arg(from.to_string()).arg("+").arg("COUNT").arg(200);
            range
        }
        Command::Subscribe(channel) => subscribe(channel),
        Command::Unsubscribe(channel) => unsubscribe(channel),
        Command::Read { .. } | Command::Tail { .. } => return None,
    })
}

pub(crate) fn subscribe(channel: &Channel) -> Cmd {
    by_kind(channel, ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"])
}

pub(crate) fn unsubscribe(channel: &Channel) -> Cmd {
    by_kind(channel, ["UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"])
}

fn by_kind(channel: &Channel, [plain, pattern, sharded]: [&str; 3]) -> Cmd {
    let mut command = cmd(match channel {
        Channel::Plain(_) => plain,
        Channel::Pattern(_) => pattern,
        Channel::Sharded(_) => sharded,
    });
    command.arg(channel.name());
    command
}

/// What the node will be told the end of.
pub(crate) fn id(command: &Command) -> Option<CommandId> {
    match command {
        Command::Publish { id, .. }
        | Command::Append { id, .. }
        | Command::Count { id, .. }
        | Command::Read { id, .. }
        | Command::Tail { id, .. }
        | Command::Store { id, .. }
        | Command::Take { id, .. }
        | Command::Range { id, .. } => Some(*id),
        Command::Subscribe(_) | Command::Unsubscribe(_) => None,
    }
}

/// What the node is told of an answer; `None` if it makes no sense.
pub(crate) fn input(id: CommandId, command: &Command, answer: Value) -> Option<Input> {
    Some(match command {
        Command::Count { .. } => Input::Counted { id, subscribers: subscribers(&answer)? },
        Command::Take { .. } => {
            let value = Option::<Vec<u8>>::from_redis_value(answer).ok()?;
            Input::Taken { id, value: value.map(Into::into) }
        }
        Command::Range { .. } => Input::Entries { id, entries: parsed(RawEntries::from_redis_value(answer).ok()?) },
        _ => Input::Done(id),
    })
}

/// Entries as Redis tells them: the id, and the fields.
pub(crate) type RawEntries = Vec<(String, Vec<(String, Vec<u8>)>)>;

pub(crate) fn parsed(entries: RawEntries) -> Vec<(EntryId, Entry)> {
    entries.into_iter().filter_map(|(id, fields)| Some((EntryId::parse(&id)?, Entry::new(fields)))).collect()
}

/// `[channel, number]`, or a map of the same.
fn subscribers(answer: &Value) -> Option<usize> {
    let number = match answer {
        Value::Array(items) => items.get(1)?,
        Value::Map(pairs) => &pairs.first()?.1,
        _ => return None,
    };
    usize::from_redis_value(number.clone()).ok()
}
