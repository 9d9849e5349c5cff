//! The connection of a node to Redis: commands go out in their order, and what comes back is handed to whoever keeps the node.
//!
//! ```text
//!  commands ──▶ publisher ──▶ one connection ──▶ Done, Counted, Taken, Entries, Failed
//!               listener  ◀── (RESP3)        ──▶ Message
//!               reader    ──▶ one connection for each stream ──▶ Entries
//! ```
//!
//! When Redis goes away, whatever was on its way has failed, and so does whatever is published until it is back. Then everything
//! is subscribed to again. What is to be added to a stream, or stored, is kept until then. What Redis is sent, and what it
//! answers, is in `command.rs`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo as _, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError,
    RedisResult, Value, cmd, pipe,
};
use sio_codec::Text;
use sio_codec::cluster::node::{Channel, Command, Input};
use sio_codec::cluster::streams::{Entry, EntryId};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::command::{RawEntries, id, input, parsed, request, subscribe, unsubscribe};

/// How many messages wait to be taken. A server that stays behind further is disconnected, as Redis itself does with one for
/// which it has kept too much.
const BACKLOG: usize = 1024;
/// How many commands go to Redis at a time.
const BATCH: usize = 64;
/// How long Redis may take to answer, and how long the program waits until it connects again.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(200);
/// How long Redis waits for a new entry of a stream.
const BLOCK: Duration = Duration::from_secs(5);

/// Whoever keeps the node.
pub(crate) trait Keeper: Send + Sync + 'static {
    /// Hands an input to the node, and carries out what comes of it.
    fn feed(&self, input: Input);

    /// Waits until the node wants to hear more.
    fn wants_input(&self) -> impl Future<Output = ()> + Send;

    /// What the node listens to.
    fn subscriptions(&self) -> Vec<Channel>;

    /// Hears how it stands with the connection: of each change, and not of each attempt.
    fn report(&self, link: Link);
}

/// How it stands with the connection to Redis.
#[derive(Debug)]
pub(crate) enum Link {
    /// It is there, and everything is subscribed to.
    Up,
    /// It broke, or the program took too little of what came.
    Lost,
    /// There is none, for this reason. It is tried again and again.
    Down(RedisError),
}

/// Redis at an address: `redis://127.0.0.1:6379`.
///
/// # Errors
///
/// If it is no such address.
pub(crate) fn client(url: &str) -> RedisResult<Client> {
    // Messages come between the answers to commands only in the newer protocol.
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}

/// Serves the node until its commands end. Then everything is unsubscribed from, and the connections are closed.
pub(crate) async fn run<K: Keeper>(client: Client, keeper: Arc<K>, mut commands: mpsc::UnboundedReceiver<Command>) {
    let (readings, reader) = mpsc::unbounded_channel();
    let mut reading = JoinSet::new();
    reading.spawn(read(client.clone(), Arc::clone(&keeper), reader));
    // What lasts is kept until Redis is back: the node bounds its bytes.
    let mut held = Vec::new();
    let mut told = None;
    loop {
        match connect(&client, &*keeper).await {
            Ok((connection, messages)) => {
                told = None;
                keeper.report(Link::Up);
                let (over, ended) = oneshot::channel();
                let publisher = Publisher { connection, keeper: &*keeper, readings: &readings };
                // The publisher alone says when it is over: so it tells the end of each command that it has taken.
                let end = tokio::select! {
                    end = publisher.run(&mut commands, &mut held, ended) => end,
                    never = listen_until(&*keeper, messages, over) => match never {},
                };
                if end == End::NoMoreCommands {
                    break;
                }
                keeper.report(Link::Lost);
            }
            Err(error) => {
                let reason = Some(error.to_string());
                if told != reason {
                    told = reason;
                    keeper.report(Link::Down(error));
                }
            }
        }
        let until = Instant::now() + PAUSE;
        while let Ok(command) = timeout_at(until, commands.recv()).await {
            match command {
                None => break,
                Some(command @ (Command::Append { .. } | Command::Store { .. })) => held.push(command),
                Some(command @ (Command::Read { .. } | Command::Tail { .. })) => drop(readings.send(command)),
                // Whoever waits for what was said meanwhile hears at once that it was not sent. A channel is subscribed to
                // with all others.
                Some(command) => {
                    if let Some(id) = id(&command) {
                        keeper.feed(Input::Failed(id));
                    }
                }
            }
        }
        if commands.is_closed() && commands.is_empty() {
            break;
        }
    }
    // Redis did not come back in time.
    for id in held.iter().filter_map(id) {
        keeper.feed(Input::Failed(id));
    }
}

type Messages = mpsc::Receiver<PushInfo>;

async fn connect<K: Keeper>(client: &Client, keeper: &K) -> RedisResult<(MultiplexedConnection, Messages)> {
    let (sender, messages) = mpsc::channel(BACKLOG);
    // If there is no room, the sender is gone with it, and so is the connection: `listen` ends.
    let sender = Mutex::new(Some(sender));
    let push = move |push: PushInfo| {
        let mut sender = sender.lock().map_err(|_| ())?;
        if push.kind == PushKind::Disconnection || sender.as_ref().is_none_or(|sender| sender.try_send(push).is_err()) {
            *sender = None;
            return Err(());
        }
        Ok(())
    };
    let config = AsyncConnectionConfig::new()
        .set_push_sender(push)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    for channel in keeper.subscriptions() {
        subscribe(&channel).exec_async(&mut connection).await?;
    }
    Ok((connection, messages))
}

/// Sends commands, as long as the connection lasts.
struct Publisher<'a, K> {
    connection: MultiplexedConnection,
    keeper: &'a K,
    readings: &'a mpsc::UnboundedSender<Command>,
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Broken,
    NoMoreCommands,
}

impl<K: Keeper> Publisher<'_, K> {
    async fn run(
        mut self,
        commands: &mut mpsc::UnboundedReceiver<Command>,
        held: &mut Vec<Command>,
        mut ended: oneshot::Receiver<Infallible>,
    ) -> End {
        let mut batch = mem::take(held);
        loop {
            if self.send(batch.drain(..)).await.is_err() {
                return End::Broken;
            }
            let count = tokio::select! {
                count = commands.recv_many(&mut batch, BATCH) => count,
                _ = &mut ended => return End::Broken,
            };
            if count == 0 {
                self.unsubscribe().await;
                return End::NoMoreCommands;
            }
        }
    }

    /// The others do not count this server any more, nor wait for it.
    async fn unsubscribe(&mut self) {
        for channel in self.keeper.subscriptions() {
            // It fails if the connection is lost, which has the same effect.
            let _ = unsubscribe(&channel).exec_async(&mut self.connection).await;
        }
    }

    /// Sends commands in their order, as many as possible at a time. All of them have ended then.
    async fn send(&mut self, commands: impl Iterator<Item = Command>) -> RedisResult<()> {
        let (mut pipeline, mut sent, mut result) = (pipe(), Vec::new(), Ok(()));
        for command in commands {
            match (request(&command), id(&command)) {
                (Some(request), Some(_)) => {
                    pipeline.add_command(request);
                    sent.push(command);
                }
                (Some(request), None) => {
                    result = result.and(self.flush(&mut pipeline, &mut sent).await);
                    result = result.and(request.exec_async(&mut self.connection).await);
                }
                (None, _) => drop(self.readings.send(command)),
            }
        }
        result.and(self.flush(&mut pipeline, &mut sent).await)
    }

    async fn flush(&mut self, pipeline: &mut Pipeline, sent: &mut Vec<Command>) -> RedisResult<()> {
        if sent.is_empty() {
            return Ok(());
        }
        let answers = pipeline.query_async::<Vec<Value>>(&mut self.connection).await;
        pipeline.clear();
        let (answers, result) = match answers {
            Ok(answers) => (answers, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        let mut answers = answers.into_iter();
        for command in sent.drain(..) {
            let Some(id) = id(&command) else { continue };
            let input = answers.next().and_then(|answer| input(id, &command, answer));
            self.keeper.feed(input.unwrap_or(Input::Failed(id)));
        }
        result
    }
}

/// Listens, and says when that is over by dropping `over`.
async fn listen_until<K: Keeper>(keeper: &K, messages: Messages, over: oneshot::Sender<Infallible>) -> Infallible {
    listen(keeper, messages).await;
    drop(over);
    pending().await
}

/// Takes messages until the connection breaks.
async fn listen<K: Keeper>(keeper: &K, mut messages: Messages) {
    while let Some(PushInfo { kind, data }) = messages.recv().await {
        let data: Vec<_> = data.into_iter().filter_map(bytes).collect();
        let text = |at: usize| data.get(at).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let (subscription, at) = match kind {
            PushKind::Message => (text(0).map(Channel::Plain), 0),
            PushKind::SMessage => (text(0).map(Channel::Sharded), 0),
            PushKind::PMessage => (text(0).map(Channel::Pattern), 1),
            _ => continue,
        };
        if let (Some(subscription), Some(channel), Some(message)) = (subscription, text(at), data.get(at + 1)) {
            keeper.wants_input().await;
            keeper.feed(Input::Message { subscription, channel, message: message.clone().into() });
        }
    }
}

/// Reads streams: each waits on a connection of its own.
async fn read<K: Keeper>(client: Client, keeper: Arc<K>, mut commands: mpsc::UnboundedReceiver<Command>) {
    let mut streams = HashMap::<Text, mpsc::UnboundedSender<Command>>::new();
    let mut readers = JoinSet::new();
    while let Some(command) = commands.recv().await {
        let (Command::Read { stream, .. } | Command::Tail { stream, .. }) = &command else { continue };
        let reader = streams.entry(stream.clone()).or_insert_with(|| {
            let (sender, commands) = mpsc::unbounded_channel();
            readers.spawn(read_one(client.clone(), Arc::clone(&keeper), commands));
            sender
        });
        let _ = reader.send(command);
    }
}

async fn read_one<K: Keeper>(client: Client, keeper: Arc<K>, mut commands: mpsc::UnboundedReceiver<Command>) {
    let mut connection = None;
    while let Some(command) = commands.recv().await {
        let Some(id) = id(&command) else { continue };
        let entries = timeout(BLOCK + PATIENCE, entries(&client, &mut connection, &command)).await;
        keeper.feed(match entries {
            Ok(Ok(entries)) => Input::Entries { id, entries },
            Ok(Err(_)) | Err(_) => {
                connection = None;
                Input::Failed(id)
            }
        });
    }
}

async fn entries(
    client: &Client,
    connection: &mut Option<MultiplexedConnection>,
    command: &Command,
) -> RedisResult<Vec<(EntryId, Entry)>> {
    let connection = match connection {
        Some(connection) => connection,
        none => {
            let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(Some(PATIENCE));
            none.insert(client.get_multiplexed_async_connection_with_config(&config).await?)
        }
    };
    let entries = match command {
        Command::Tail { stream, .. } => {
            let mut tail = cmd("XREVRANGE");
            tail.arg(stream.as_str()).arg("+").arg("-").arg("COUNT").arg(1);
            tail.query_async::<RawEntries>(connection).await?
        }
        Command::Read { stream, after, .. } => {
            let mut read = cmd("XREAD");
            read.arg("COUNT").arg(100).arg("BLOCK").arg(BLOCK.as_millis() as u64);
            read.arg("STREAMS").arg(stream.as_str()).arg(after.to_string());
            let streams: Option<Vec<(String, RawEntries)>> = read.query_async(connection).await?;
            streams.into_iter().flatten().flat_map(|(_, entries)| entries).collect()
        }
        _ => Vec::new(),
    };
    Ok(parsed(entries))
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.into_bytes()),
        _ => None,
    }
}
