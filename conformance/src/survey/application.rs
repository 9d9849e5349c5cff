//! Finds out which application runs on Engine.IO, by sending messages that the contract's applications answer.
//!
//! A server with a defect must still be judged, so hardly any conditions are put on the answers: any answer to a
//! message that the application should answer is enough.

use std::time::Duration;

use tokio::time::Instant;

use super::service::Application;
use super::session::{Packet, Punctuality, Session};
use crate::contract::Kind;
use crate::party::network::Target;
use crate::trace::Transport;

/// What was learned about the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Learned {
    pub(super) application: Application,
    pub(super) recovery: bool,
    pub(super) event_before_connect: bool,
}

impl Learned {
    pub(super) const fn nothing(application: Application) -> Self {
        Self { application, recovery: false, event_before_connect: false }
    }

    /// Combines the results of two transports: the one that showed more counts.
    pub(super) fn and(self, other: Self) -> Self {
        let recovery = self.recovery || other.recovery;
        let event_before_connect = self.event_before_connect || other.event_before_connect;
        let better = if rank(&other.application) < rank(&self.application) { other } else { self };
        Self { recovery, event_before_connect, ..better }
    }
}

const fn rank(application: &Application) -> u8 {
    match application {
        Application::Echo | Application::Contract => 0,
        Application::MessagePack => 1,
        Application::OtherSocketIo => 2,
        Application::JoinRefused(_) => 3,
        Application::Closed(_) => 4,
        Application::Silent => 5,
        Application::NotAsked(_) => 6,
    }
}

/// Asks over one transport. A session is ignored if it ended because this machine was too busy to keep it alive.
pub(super) async fn ask(target: &Target, kind: Kind, transport: Transport, patience: Duration) -> Option<Learned> {
    let mut learned = None;
    for _ in 0..TRIES {
        let mut session = Session::open(target.apart(), transport, patience).await.ok()?;
        let until = Instant::now() + patience;
        let heard = match kind {
            Kind::Engine => Learned::nothing(echo(&mut session, until).await),
            Kind::Socket => sockets(&mut session, until).await,
        };
        let is_closed = matches!(heard.application, Application::Closed(_));
        learned = Some(heard);
        if !is_closed || session.punctuality() == Punctuality::Kept {
            break;
        }
    }
    match learned.as_ref().map(|learned| &learned.application) {
        // Another parser does not understand the CONNECT of the default parser.
        Some(Application::Silent | Application::Closed(_))
            if kind == Kind::Socket && msgpack(target, transport, patience).await =>
        {
            Some(Learned::nothing(Application::MessagePack))
        }
        _ => learned,
    }
}

/// How often a session is started again if this machine was too busy for the one before.
const TRIES: usize = 3;

async fn echo(session: &mut Session, until: Instant) -> Application {
    session.send("4siospec");
    match session.next(until).await {
        Some(Packet::Text(_) | Packet::Binary) => Application::Echo,
        Some(Packet::Over(how)) => Application::Closed(how),
        None => Application::Silent,
    }
}

async fn sockets(session: &mut Session, until: Instant) -> Learned {
    let greeting = format!("42[\"message\",\"{GREETING}\"]");
    session.send("40");
    let mut learned = Learned::nothing(Application::Silent);
    while let Some(packet) = session.next(until).await {
        let text = match packet {
            Packet::Text(text) => text,
            Packet::Binary if learned.application == Application::Silent => {
                return Learned { application: Application::MessagePack, ..learned };
            }
            Packet::Binary => continue,
            Packet::Over(how) => {
                if learned.application == Application::Silent {
                    learned.application = Application::Closed(how);
                }
                return learned;
            }
        };
        // An application that echoes every message answers with the same words.
        let is_answer = text.contains(GREETING) && text != greeting;
        if text.contains("\"auth\"") || text.contains("message-back") || is_answer {
            learned.event_before_connect |= learned.application == Application::Silent;
            learned.application = Application::Contract;
            // Otherwise the answer to CONNECT is still to come, and shows whether recovery is offered.
            if !learned.event_before_connect {
                return learned;
            }
        } else if let Some(answer) = text.strip_prefix("40") {
            //= SIO5-CSR-01
            learned.recovery = answer.contains("\"pid\"");
            match learned.application {
                Application::Contract => return learned,
                _ => learned.application = Application::OtherSocketIo,
            }
            session.send(&greeting);
        } else if let Some(error) = text.strip_prefix("44") {
            learned.application = Application::JoinRefused(message(error));
            return learned;
        } else if text.starts_with('4') {
            learned.event_before_connect |= learned.application == Application::Silent;
        }
    }
    learned
}

/// Whether the namespace of the extended contract exists, and answers one of its events.
pub(super) async fn extended(target: &Target, transport: Transport, patience: Duration) -> bool {
    let Ok(mut session) = Session::open(target.apart(), transport, patience).await else { return false };
    session.send("40/siospec,");
    let until = Instant::now() + patience;
    while let Some(Packet::Text(text)) = session.next(until).await {
        if text.starts_with("40/siospec,") {
            session.send("42/siospec,0[\"count\",{\"to\":[\"nobody\"]}]");
        } else if text.starts_with("43/siospec,0") {
            return true;
        } else if text.starts_with("44/siospec,") {
            return false;
        }
    }
    false
}

/// The text that is sent to the contract's application and that it sends back.
const GREETING: &str = "siospec asks";

/// The words of a CONNECT_ERROR.
fn message(error: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(error).ok();
    let said = value.as_ref().and_then(|value| value.get("message").and_then(serde_json::Value::as_str));
    said.unwrap_or(error).to_owned()
}

/// Whether the server understands a CONNECT in MessagePack form.
async fn msgpack(target: &Target, transport: Transport, patience: Duration) -> bool {
    let Ok(mut session) = Session::open(target.apart(), transport, patience).await else { return false };
    session.send_binary(CONNECT, CONNECT_BASE64);
    matches!(session.next(Instant::now() + patience).await, Some(Packet::Binary))
}

/// `{type: 0, nsp: "/"}`.
const CONNECT: &[u8] = b"\x82\xa4type\x00\xa3nsp\xa1/";
const CONNECT_BASE64: &str = "gqR0eXBlAKNuc3ChLw==";

/// How the server compresses its messages; asks with a message that is large enough to be compressed.
pub(super) async fn compression(target: &Target, kind: Kind, patience: Duration) -> Option<String> {
    let headers = vec![("accept-encoding".to_owned(), "gzip".to_owned())];
    let mut session = Session::poll(target.apart(), headers, patience).await.ok()?;
    let until = Instant::now() + patience;
    let long = "siospec ".repeat(WORTHWHILE / 8);
    match kind {
        Kind::Engine => session.send(format!("4{long}")),
        Kind::Socket => {
            session.send("40");
            session.next(until).await?;
            session.send(format!("42[\"message\",\"{long}\"]"));
        }
    }
    loop {
        if let Some(encoding) = session.encoding_of(WORTHWHILE) {
            return Some(encoding.to_owned());
        }
        // A compressed message is not read, so it is recognised when no other message comes.
        match session.next(until).await {
            Some(Packet::Text(text)) if text.len() >= WORTHWHILE => return None,
            Some(Packet::Text(_) | Packet::Binary) => {}
            Some(Packet::Over(_)) | None => return session.encoding_of(WORTHWHILE).map(str::to_owned),
        }
    }
}

/// A size that is compressed: the reference compresses answers of 1,024 bytes and more.
const WORTHWHILE: usize = 2048;
