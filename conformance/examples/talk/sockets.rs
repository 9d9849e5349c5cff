//! The checks of a Socket.IO client with the application of `fixtures/reference/check-servers.js`.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{Config as Sessions, Transports};
use sio_codec::engineio::{CloseReason, Revision};
use sio_codec::socketio::client::{Auth, Client, Config, Connection, Event, Reconnection};
use sio_codec::socketio::{Args, Binary, DisconnectReason, EmitError, Json, Namespace};

use crate::checks::{Check, Verdict, Way};
use crate::embedding::Embedding;

/// The checks for a server with both transports.
pub(crate) const ALL: &[(&str, Check)] = &[
    ("polling: events, acknowledgements, binary", |way| Box::pin(exchange(way, Transports::PollingOnly))),
    ("websocket: events, acknowledgements, binary", |way| Box::pin(exchange(way, Transports::WebSocketOnly))),
    ("upgrade: events, acknowledgements, binary", |way| Box::pin(exchange(way, Transports::PollingThenUpgrade))),
    ("upgrade: 500 events in order", |way| Box::pin(in_order(way))),
    ("an unknown namespace is refused, the others go on", |way| Box::pin(unknown_namespace(way))),
    ("a refusal says why, and fresh auth helps", |way| Box::pin(refusal(way))),
    ("the server makes the client leave, and it stays away", |way| Box::pin(made_to_leave(way))),
    ("polling: three heartbeats", |way| Box::pin(idle(way, Transports::PollingOnly))),
    ("websocket: three heartbeats", |way| Box::pin(idle(way, Transports::WebSocketOnly))),
    ("upgrade: three heartbeats", |way| Box::pin(idle(way, Transports::PollingThenUpgrade))),
    ("polling: the server restarts", |way| Box::pin(restart(way, Transports::PollingOnly))),
    ("websocket: the server restarts", |way| Box::pin(restart(way, Transports::WebSocketOnly))),
];

/// The checks for a server without WebSockets.
pub(crate) const WITHOUT_WEBSOCKET: &[(&str, Check)] = &[
    ("websocket first, then polling", |way| Box::pin(exchange(way, Transports::WebSocketThenPolling))),
    ("no upgrade", |way| Box::pin(exchange(way, Transports::PollingThenUpgrade))),
];

/// Auth data, all kinds of events, and acknowledgements in both directions.
async fn exchange(way: Way, transports: Transports) -> Verdict {
    let revision = way.revision;
    let mut talk = Talk::begin(way, transports).await?;
    if revision == Revision::V4 {
        talk.expect("auth", &[r#"{"token":"abc"}"#]).await?;
    }
    let photo = Bytes::from((0..=255).cycle().take(70_000).collect::<Vec<u8>>());
    let values = ("é€😀", 1.5, vec![None, Some(true)], Binary(photo.clone()), Binary(Bytes::from_static(&[0])));
    talk.say(|it, root| it.emit(root, "message", encoded(&values)))?;
    let returned = talk.received("message-back").await?;
    if returned.decode().as_ref() != Ok(&values) {
        return Err(format!("the event came back as {returned:?}"));
    }
    let mut id = None;
    talk.act(|client, now| {
        let asked = client.emit_with_ack(now, &Namespace::root(), "message-with-ack", encoded(&values), None)?;
        id = Some(asked);
        Ok(())
    })?;
    match talk.next().await? {
        Event::Acked { id: acked, args, .. } if Some(acked) == id && args.decode().as_ref() == Ok(&values) => {}
        other => return Err(format!("no acknowledgement: {other:?}")),
    }
    talk.say(|it, root| it.emit(root, "ask-me", ()))?;
    match talk.next().await? {
        Event::Received { name, args, reply: Some(reply), .. } if name == "question" => {
            let (question,): (u32,) = args.decode().map_err(|error| error.to_string())?;
            talk.say(|it, _| it.acknowledge(reply, (question + 1, Binary(photo))))?;
        }
        other => return Err(format!("no question: {other:?}")),
    }
    talk.expect("answered", &["42", "70000"]).await?;
    talk.end().await
}

/// Emits a few events every two milliseconds, beginning at once.
async fn in_order(way: Way) -> Verdict {
    const EVENTS: u32 = 500;
    let mut talk = Talk::begin(way, Transports::PollingThenUpgrade).await?;
    let mut ticks = tokio::time::interval(Duration::from_millis(2));
    let (mut sent, mut received) = (0, 0);
    while received < EVENTS {
        tokio::select! {
            _ = ticks.tick(), if sent < EVENTS => {
                for _ in 0..5 {
                    talk.say(|it, root| it.emit(root, "message", (sent,)))?;
                    sent += 1;
                }
            }
            event = talk.client.next() => match event {
                Event::Received { name, args, .. } if name == "message-back" => {
                    if args.decode() != Ok((received,)) {
                        return Err(format!("event {received} came back as {args:?}"));
                    }
                    received += 1;
                }
                Event::Closed(reason) => return Err(format!("the session closed: {reason}")),
                _ => {}
            },
        }
    }
    talk.end().await
}

async fn unknown_namespace(way: Way) -> Verdict {
    let mut talk = Talk::begin(way, Transports::WebSocketOnly).await?;
    let [nope, custom] = ["/nope", "/custom"].map(|name| Namespace::new(name).unwrap_or_else(|_| Namespace::root()));
    talk.say(|it, _| it.connect(&nope, Auth::None))?;
    talk.say(|it, _| it.connect(&custom, Auth::None))?;
    talk.until(|event| match event {
        Event::Refused { namespace, refusal } => Some(*namespace == nope && refusal.message == "Invalid namespace"),
        _ => None,
    })
    .await?;
    talk.until(|event| match event {
        Event::Connected { namespace, .. } => Some(*namespace == custom),
        _ => None,
    })
    .await?;
    talk.say(|it, root| it.emit(root, "message", ("still here",)))?;
    talk.expect("message-back", &[r#""still here""#]).await?;
    talk.end().await
}

/// The server refuses a client without the token, with data, and accepts one with it. Clients of protocol 4 write the
/// token behind the namespace.
async fn refusal(way: Way) -> Verdict {
    let revision = way.revision;
    let mut talk = Talk::begin(way, Transports::WebSocketOnly).await?;
    let namespace = |name: &str| Namespace::new(name).unwrap_or_else(|_| Namespace::root());
    talk.say(|it, _| it.connect(&namespace("/admin"), Auth::None))?;
    talk.until(|event| match event {
        Event::Refused { refusal, .. } => {
            let said = (refusal.message.as_str(), refusal.data.as_ref().map(Json::as_str));
            // In protocol 4 the data replaces the message.
            let expected = if revision == Revision::V4 { "who are you?" } else { "" };
            Some(said == (expected, Some(r#"{"code":7}"#)))
        }
        _ => None,
    })
    .await?;
    let admitted = match revision {
        Revision::V4 => {
            talk.say(|it, _| it.connect(&namespace("/admin"), Auth::Fresh))?;
            talk.until(|event| matches!(event, Event::AuthWanted { .. }).then_some(true)).await?;
            let auth = Json::encode(&std::collections::BTreeMap::from([("token", "secret")])).ok();
            talk.say(|it, _| it.authenticate(&namespace("/admin"), auth))?;
            namespace("/admin")
        }
        Revision::V3 => {
            let admin = namespace("/admin?token=secret");
            talk.say(|it, _| it.connect(&admin, Auth::None))?;
            namespace("/admin")
        }
    };
    talk.until(|event| match event {
        Event::Connected { namespace, .. } => Some(namespace.split_query().0 == admitted),
        _ => None,
    })
    .await?;
    talk.end().await
}

async fn made_to_leave(way: Way) -> Verdict {
    let mut talk = Talk::begin(way, Transports::WebSocketOnly).await?;
    talk.say(|it, root| it.emit(root, "leave", ()))?;
    talk.until(|event| match event {
        Event::Disconnected { reason, .. } => Some(*reason == DisconnectReason::ServerNamespace),
        _ => None,
    })
    .await?;
    match talk.client.next().await {
        Event::Closed(_) => {}
        other => return Err(format!("the session goes on: {other:?}")),
    }
    match tokio::time::timeout(Duration::from_millis(300), talk.client.next()).await {
        Err(_) => Ok(()),
        Ok(event) => Err(format!("it does not stay away: {event:?}")),
    }
}

async fn idle(way: Way, transports: Transports) -> Verdict {
    let mut talk = Talk::begin(way, transports).await?;
    while talk.client.heartbeats() < 3 {
        // A heartbeat causes no event, so its number is read from time to time.
        let event = tokio::time::timeout(Duration::from_millis(50), talk.client.next()).await;
        if let Ok(Event::Closed(reason)) = event {
            return Err(format!("the session closed: {reason}"));
        }
    }
    talk.say(|it, root| it.emit(root, "message", ("still here",)))?;
    talk.expect("message-back", &[r#""still here""#]).await?;
    talk.end().await
}

/// The client loses its session, waits and connects again. The events that were emitted in between arrive.
async fn restart(way: Way, transports: Transports) -> Verdict {
    let mut talk = Talk::begin(way, transports).await?;
    talk.say(|it, root| it.emit(root, "restart", ()))?;
    talk.until(|event| matches!(event, Event::Disconnected { .. }).then_some(true)).await?;
    for text in ["one", "two"] {
        talk.say(|it, root| it.emit(root, "message", (text,)))?;
    }
    let mut seen = Vec::new();
    while seen.last() != Some(&"connected") {
        match talk.client.next().await {
            Event::Reconnecting { .. } => seen.push("reconnecting"),
            Event::Reconnected { .. } => seen.push("reconnected"),
            Event::Connected { recovered: false, .. } => seen.push("connected"),
            Event::ReconnectFailed => return Err("it gave up".into()),
            _ => {}
        }
    }
    seen.dedup();
    if seen != ["reconnecting", "reconnected", "connected"] {
        return Err(format!("it came back by {seen:?}"));
    }
    for text in ["\"one\"", "\"two\""] {
        talk.expect("message-back", &[text]).await?;
    }
    talk.end().await
}

/// A client that is in the main namespace.
struct Talk {
    client: Embedding<Client>,
}

impl Talk {
    async fn begin(way: Way, transports: Transports) -> Result<Self, String> {
        let sessions = Sessions::default().with_revision(way.revision).with_transports(transports);
        let soon = Reconnection::default().with_delay(Duration::from_millis(50), Duration::from_millis(200));
        let config = Config::default().with_reconnection(Some(soon));
        let client = Embedding::new(way.target, sessions, |_, sessions| Client::new(sessions, config, 7));
        let mut talk = Self { client };
        let auth = Json::encode(&std::collections::BTreeMap::from([("token", "abc")])).map_err(|it| it.to_string())?;
        talk.say(|it, root| it.connect(root, Auth::Fixed(auth)))?;
        talk.until(|event| matches!(event, Event::Connected { recovered: false, .. }).then_some(true)).await?;
        Ok(talk)
    }

    /// Gives the connection an input for the main namespace.
    fn say(&mut self, verb: impl FnOnce(&mut Connection, &Namespace) -> Result<(), EmitError>) -> Verdict {
        self.act(|connection, _| verb(connection, &Namespace::root()))
    }

    fn act(&mut self, verb: impl FnOnce(&mut Connection, sio_codec::Timestamp) -> Result<(), EmitError>) -> Verdict {
        let (client, now) = self.client.machine();
        verb(client.socketio(now), now).map_err(|error| error.to_string())
    }

    /// The next event of the application.
    async fn next(&mut self) -> Result<Event, String> {
        match self.client.next().await {
            Event::Closed(reason) => Err(format!("the session closed: {reason}")),
            event => Ok(event),
        }
    }

    /// Waits for the first event for which `is_it` has an answer. The answer must be `true`.
    async fn until(&mut self, is_it: impl Fn(&Event) -> Option<bool>) -> Verdict {
        loop {
            let event = self.client.next().await;
            match (is_it(&event), event) {
                (Some(true), _) => return Ok(()),
                (Some(false), event) => return Err(format!("something else happened: {event:?}")),
                (None, Event::Closed(reason)) => return Err(format!("the session closed: {reason}")),
                (None, _) => {}
            }
        }
    }

    async fn received(&mut self, expected: &str) -> Result<Args, String> {
        loop {
            match self.next().await? {
                Event::Received { name, args, .. } if name == *expected => return Ok(args),
                Event::Received { name, .. } if name == "auth" => {}
                other => return Err(format!("something else than {expected} arrived: {other:?}")),
            }
        }
    }

    /// Waits for an event with these arguments, each as JSON text.
    async fn expect(&mut self, name: &str, args: &[&str]) -> Verdict {
        let received = if name == "auth" {
            match self.next().await? {
                Event::Received { name, args, .. } if name == "auth" => args,
                other => return Err(format!("something else than auth arrived: {other:?}")),
            }
        } else {
            self.received(name).await?
        };
        if received.items() == args.join(",") { Ok(()) } else { Err(format!("{name} has {received:?}")) }
    }

    /// Disconnects, with the packets that are on their way.
    async fn end(mut self) -> Verdict {
        self.say(|it, _| {
            it.close();
            Ok(())
        })?;
        loop {
            match self.client.next().await {
                Event::Closed(DisconnectReason::Engine(CloseReason::ForcedClose)) => break,
                Event::Closed(reason) => return Err(format!("the close ended with {reason}")),
                _ => {}
            }
        }
        self.client.finish().await;
        Ok(())
    }
}

fn encoded<T: serde::Serialize>(values: &T) -> Args {
    Args::encode(values).expect("a list of what JSON and attachments can carry")
}
