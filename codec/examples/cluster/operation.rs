//! What a client tells the server to do with the cluster: `["cluster", {"op": ..., ...}]`, acknowledged with an error or `null`,
//! and a result.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::Deserialize;
use sio_codec::cluster::node::{Answers, Missing};
use sio_codec::cluster::{RoomKey, SocketDescriptor};
use sio_codec::socketio::hub::{MemberId, Target};
use sio_codec::socketio::{Args, Namespace, Object, Value};
use tokio::sync::oneshot;

use crate::house::{Ending, House};

/// An error or `null`, and a result.
type Outcome = (Value, Value);

pub(crate) enum Done {
    Now(Value, Value),
    Later(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Operation {
    op: String,
    rooms: Vec<String>,
    to: Vec<String>,
    except: Vec<String>,
    local: bool,
    volatile: bool,
    event: String,
    args: Vec<Value>,
    /// Milliseconds.
    timeout: u64,
    close: bool,
    data: Value,
}

pub(crate) fn perform(house: &House, member: MemberId, args: &Args) -> Done {
    match args.decode::<(Operation,)>() {
        Ok((operation,)) => act(house, member, &operation).unwrap_or_else(|error| failed(&error)),
        Err(error) => failed(&error.to_string()),
    }
}

fn act(house: &House, member: MemberId, operation: &Operation) -> Result<Done, String> {
    let target = operation.target();
    match operation.op.as_str() {
        "join" => operation.rooms.iter().try_for_each(|room| house.with(|node, _| node.join(member, room.as_str()))),
        "leave" => operation.rooms.iter().try_for_each(|room| house.with(|node, _| node.leave(member, room.as_str()))),
        "data" => {
            let data = [("value".into(), operation.data.clone())].into_iter().collect();
            house.with(|node, _| node.attach(member, Value::Object(data)));
            Ok(())
        }
        "socketsJoin" => {
            operation.rooms.iter().for_each(|room| house.with(|node, now| node.join_all(now, &target, room.as_str())));
            Ok(())
        }
        "socketsLeave" => {
            operation.rooms.iter().for_each(|room| house.with(|node, now| node.leave_all(now, &target, room.as_str())));
            Ok(())
        }
        "disconnectSockets" => {
            house.with(|node, now| node.disconnect_all(now, &target, operation.close));
            Ok(())
        }
        "emit" => {
            let args = Args::from_values(&operation.args).map_err(|error| error.to_string())?;
            let sent = house.with(|node, now| node.broadcast(now, &target, &operation.event, args));
            return sent.map(|_| done()).map_err(|error| error.to_string());
        }
        "serverSideEmit" => {
            let args = Args::from_values(&operation.args).map_err(|error| error.to_string())?;
            let sent = house.with(|node, now| node.server_side_emit(now, &Namespace::root(), "said", args));
            return sent.map(|()| done()).map_err(|error| error.to_string());
        }
        _ => return ask(house, &target, operation),
    }
    .map(|()| done())
    .map_err(|error| error.to_string())
}

fn ask(house: &House, target: &Target, operation: &Operation) -> Result<Done, String> {
    let root = Namespace::root();
    let args = Args::from_values(&operation.args).map_err(|error| error.to_string())?;
    let ending = match operation.op.as_str() {
        "emitWithAck" => {
            let timeout = Duration::from_millis(operation.timeout);
            let asked = house.ask(|node, now| node.broadcast_with_ack(now, target, &operation.event, args, timeout));
            asked.map_err(|error| error.to_string())?
        }
        "serverSideEmitWithAck" => {
            let asked = house.ask(|node, now| node.server_side_emit_with_ack(now, &root, "asked", args));
            asked.map_err(|error| error.to_string())?
        }
        "fetchSockets" => house.ask(|node, now| node.fetch(now, target)).map_err(|error| error.to_string())?,
        "allRooms" => house.ask(|node, now| node.all_rooms(now, &root)).map_err(|error| error.to_string())?,
        other => return Err(format!("unknown operation {other}")),
    };
    Ok(Done::Later(Box::pin(outcome(ending))))
}

async fn outcome(ending: oneshot::Receiver<Ending>) -> Outcome {
    let Ok((answers, missing)) = ending.await else { return (Value::from("the server ends"), Value::Null) };
    let result = Value::Array(match answers {
        Answers::Sockets(sockets) => sockets.into_iter().map(socket).collect(),
        Answers::Rooms(rooms) => sorted(rooms),
        Answers::Servers(answers) | Answers::Clients(answers) => answers,
        _ => Vec::new(),
    });
    (error(missing), result)
}

fn error(missing: Missing) -> Value {
    if missing.is_nobody() {
        return Value::Null;
    }
    let servers = missing.servers.map_or_else(|| "nobody knows how many".into(), |servers| servers.to_string());
    Value::String(format!("missing: servers {servers}, clients {}", missing.clients).into())
}

fn socket(SocketDescriptor { id, rooms, data, .. }: SocketDescriptor) -> Value {
    let members = [
        ("id".into(), Value::String(id.as_str().to_owned().into())),
        ("rooms".into(), Value::Array(sorted(rooms))),
        ("data".into(), data),
    ];
    Value::Object(members.into_iter().collect::<Object>())
}

fn sorted(rooms: Vec<RoomKey>) -> Vec<Value> {
    let mut names: Vec<_> = rooms.iter().filter_map(|room| Some(room.name()?.as_str().to_owned())).collect();
    names.sort_unstable();
    names.into_iter().map(|name| Value::String(name.into())).collect()
}

impl Operation {
    fn target(&self) -> Target {
        let mut target = Target::everyone(&Namespace::root());
        for room in &self.to {
            target = target.to(room.as_str());
        }
        for room in &self.except {
            target = target.except(room.as_str());
        }
        if self.local {
            target = target.local();
        }
        if self.volatile { target.volatile() } else { target }
    }
}

fn done() -> Done {
    Done::Now(Value::Null, Value::Bool(true))
}

fn failed(words: &str) -> Done {
    Done::Now(Value::String(words.to_owned().into()), Value::Null)
}
