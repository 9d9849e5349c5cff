//! What a client tells the server to do with the cluster: `["cluster", {"op": ..., ...}]`, acknowledged with an error or `null`,
//! and a result; and what the servers say to each other because of it.

use std::time::Duration;

use serde::Deserialize;
use sio_codec::Timestamp;
use sio_codec::cluster::node::{Answers, Missing, Node, QuestionId, ReplyId};
use sio_codec::cluster::{Event, RoomKey, SocketDescriptor};
use sio_codec::socketio::hub::{MemberId, Target};
use sio_codec::socketio::{Args, EmitError, Namespace, Object, Value};

/// What an operation comes to.
#[derive(Debug)]
pub(crate) enum Done {
    /// An error or `null`, and a result.
    Now(Value, Value),
    /// The [outcome] of this question.
    Later(QuestionId),
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

/// Does what a client of the node wants.
pub(crate) fn perform(node: &mut Node, now: Timestamp, member: MemberId, args: &Args) -> Done {
    let done = match args.decode::<(Operation,)>() {
        Ok((operation,)) => act(node, now, member, &operation),
        Err(error) => Err(error.to_string()),
    };
    done.unwrap_or_else(|error| Done::Now(Value::String(error.into()), Value::Null))
}

fn act(node: &mut Node, now: Timestamp, member: MemberId, operation: &Operation) -> Result<Done, String> {
    let (root, target) = (Namespace::root(), operation.target());
    let args = || Args::from_values(&operation.args).map_err(|error| error.to_string());
    let rooms = || operation.rooms.iter().map(String::as_str);
    match operation.op.as_str() {
        "join" => rooms().try_for_each(|room| node.join(member, room)).map_err(|error| error.to_string())?,
        "leave" => rooms().try_for_each(|room| node.leave(member, room)).map_err(|error| error.to_string())?,
        "data" => {
            let data = [("value".into(), operation.data.clone())].into_iter().collect();
            node.attach(member, Value::Object(data));
        }
        "socketsJoin" => {
            let refused: usize = rooms().map(|room| node.join_all(now, &target, room)).sum();
            if refused > 0 {
                return Err(format!("refused {refused} times: members of this server are in too many rooms"));
            }
        }
        "socketsLeave" => rooms().for_each(|room| node.leave_all(now, &target, room)),
        "disconnectSockets" => node.disconnect_all(now, &target, operation.close),
        "emit" => {
            node.broadcast(now, &target, &operation.event, args()?).map_err(|error| error.to_string())?;
        }
        "serverSideEmit" => {
            node.server_side_emit(now, &root, "said", args()?).map_err(|error| error.to_string())?;
        }
        "emitWithAck" => {
            let timeout = Duration::from_millis(operation.timeout);
            let asked = node.broadcast_with_ack(now, &target, &operation.event, args()?, timeout);
            return asked.map(Done::Later).map_err(|error| error.to_string());
        }
        "serverSideEmitWithAck" => {
            let asked = node.server_side_emit_with_ack(now, &root, "asked", args()?);
            return asked.map(Done::Later).map_err(|error| error.to_string());
        }
        "fetchSockets" => return node.fetch(now, &target).map(Done::Later).map_err(|error| error.to_string()),
        "allRooms" => return node.all_rooms(now, &root).map(Done::Later).map_err(|error| error.to_string()),
        other => return Err(format!("unknown operation {other}")),
    }
    Ok(Done::Now(Value::Null, Value::Bool(true)))
}

/// What a client is told of the answers to its question: an error or `null`, and a result.
pub(crate) fn outcome(answers: Answers, missing: Missing) -> (Value, Value) {
    let result = Value::Array(match answers {
        Answers::Sockets(sockets) => sockets.into_iter().map(socket).collect(),
        Answers::Rooms(rooms) => sorted(rooms),
        Answers::Servers(answers) | Answers::Clients(answers) => answers,
        _ => Vec::new(),
    });
    (error(missing), result)
}

/// Another server says something: `said` is passed on to this server's clients, and `asked` is answered.
///
/// # Errors
///
/// If clients cannot be sent that.
pub(crate) fn hear(
    node: &mut Node,
    now: Timestamp,
    name: &str,
    event: Event,
    reply: Option<ReplyId>,
) -> Result<(), EmitError> {
    let name = Value::String(name.to_owned().into());
    match (event.name.as_str(), reply) {
        ("said", None) => {
            let mut args = vec![name];
            args.extend(event.args);
            let target = Target::everyone(&Namespace::root()).local();
            node.broadcast(now, &target, "server-said", Args::from_values(&args)?)?;
        }
        ("asked", Some(reply)) => {
            let answer = [("name".into(), name), ("args".into(), Value::Array(event.args))];
            node.answer(now, reply, Value::Object(answer.into_iter().collect()));
        }
        _ => {}
    }
    Ok(())
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
