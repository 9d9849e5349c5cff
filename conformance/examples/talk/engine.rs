//! The checks of a session with a server that echoes every message.

use std::time::Duration;

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::client::{ClientSession, Config, Transports};
use sio_codec::engineio::{BinaryForm, CloseReason, Encoded, Event, Session as _, Transport};

use crate::checks::{Check, Verdict, Way};
use crate::embedding::Embedding;

/// The checks for a server with both transports.
pub(crate) const ALL: &[(&str, Check)] = &[
    ("polling: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::PollingOnly, BinaryForm::Native, Transport::Polling))
    }),
    ("polling without binary: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::PollingOnly, BinaryForm::Base64, Transport::Polling))
    }),
    ("websocket: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::WebSocketOnly, BinaryForm::Native, Transport::WebSocket))
    }),
    ("websocket without binary: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::WebSocketOnly, BinaryForm::Base64, Transport::WebSocket))
    }),
    ("websocket first: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::WebSocketThenPolling, BinaryForm::Native, Transport::WebSocket))
    }),
    ("upgrade: 500 messages in order", |way| Box::pin(upgrade(way))),
    ("polling: three heartbeats", |way| Box::pin(idle(way, Transports::PollingOnly))),
    ("websocket: three heartbeats", |way| Box::pin(idle(way, Transports::WebSocketOnly))),
    ("upgrade: three heartbeats", |way| Box::pin(idle(way, Transports::PollingThenUpgrade))),
];

/// The checks for a server without WebSockets.
pub(crate) const WITHOUT_WEBSOCKET: &[(&str, Check)] = &[
    ("websocket first, then polling: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::WebSocketThenPolling, BinaryForm::Native, Transport::Polling))
    }),
    ("no upgrade: text and binary, both ways", |way| {
        Box::pin(exchange(way, Transports::PollingThenUpgrade, BinaryForm::Native, Transport::Polling))
    }),
];

async fn exchange(way: Way, transports: Transports, binary: BinaryForm, expected: Transport) -> Verdict {
    let mut talk = Talk::begin(way, Config::default().with_transports(transports).with_binary(binary)).await?;
    if talk.0.machine().0.transport() != Some(expected) {
        return Err(format!("the session is on {:?}", talk.0.machine().0.transport()));
    }
    for content in [
        Frame::from("hello"),
        Frame::from("é€😀"),
        Frame::from(Bytes::from_static(&[0, 1, 2, 253, 254, 255])),
        Frame::from(Bytes::from((0..=255).cycle().take(5_000).collect::<Vec<u8>>())),
        Frame::from("bye"),
    ] {
        talk.ask(&content)?;
        let answer = talk.answer().await?;
        if answer != content {
            return Err(format!("{content:?} came back as {answer:?}"));
        }
    }
    talk.end().await
}

/// Sends a few messages every two milliseconds, beginning at once.
async fn upgrade(way: Way) -> Verdict {
    const MESSAGES: usize = 500;
    let mut talk = Talk::begin(way, Config::default()).await?;
    let mut ticks = tokio::time::interval(Duration::from_millis(2));
    let (mut sent, mut received, mut received_before) = (0, 0, None);
    while received < MESSAGES {
        tokio::select! {
            _ = ticks.tick(), if sent < MESSAGES => {
                for _ in 0..5 {
                    talk.ask(&numbered(sent))?;
                    sent += 1;
                }
            }
            event = talk.0.next() => match event {
                Event::Upgraded => received_before = Some(received),
                event => {
                    let Some(answer) = content(event)? else { continue };
                    if answer != numbered(received) {
                        return Err(format!("message {received} came back as {answer:?}"));
                    }
                    received += 1;
                }
            },
        }
    }
    match received_before {
        None => return Err("the session was not upgraded".to_owned()),
        Some(before) if before == MESSAGES => return Err("the upgrade came after all messages".to_owned()),
        Some(_) => {}
    }
    talk.end().await
}

async fn idle(way: Way, transports: Transports) -> Verdict {
    let mut talk = Talk::begin(way, Config::default().with_transports(transports)).await?;
    while talk.0.heartbeats() < 3 {
        // A heartbeat causes no event, so its number is read from time to time.
        if let Ok(event) = tokio::time::timeout(Duration::from_millis(50), talk.0.next()).await {
            content(event)?;
        }
    }
    talk.ask(&Frame::from("still here"))?;
    let answer = talk.answer().await?;
    if answer != Frame::from("still here") {
        return Err(format!("something else came back: {answer:?}"));
    }
    talk.end().await
}

fn numbered(index: usize) -> Frame {
    Frame::Text(format!("message {index}").into())
}

/// An open session.
struct Talk(Embedding<ClientSession>);

impl Talk {
    async fn begin(way: Way, config: Config) -> Result<Self, String> {
        let config = config.with_revision(way.revision);
        let mut talk = Self(Embedding::new(way.target, config, ClientSession::connect));
        match talk.0.next().await {
            Event::Opened => Ok(talk),
            Event::Closed(reason) => Err(format!("the session did not open: {reason}")),
            other => Err(format!("the session began with {other:?}")),
        }
    }

    fn ask(&mut self, content: &Frame) -> Verdict {
        let sent = self.0.machine().0.send(&Encoded::from(content.clone()));
        sent.map_err(|error| error.to_string())
    }

    /// The next message that comes back.
    async fn answer(&mut self) -> Result<Frame, String> {
        loop {
            if let Some(content) = content(self.0.next().await)? {
                return Ok(content);
            }
        }
    }

    /// Closes the session, with the messages that are on their way.
    async fn end(mut self) -> Verdict {
        let (session, now) = self.0.machine();
        session.close(now);
        loop {
            match self.0.next().await {
                Event::Closed(CloseReason::ForcedClose) => break,
                Event::Closed(reason) => return Err(format!("the close ended with {reason}")),
                _ => {}
            }
        }
        self.0.finish().await;
        Ok(())
    }
}

fn content(event: Event) -> Result<Option<Frame>, String> {
    match event {
        Event::Message(message) => Ok(Some(message)),
        Event::Closed(reason) => Err(format!("the session closed: {reason}")),
        _ => Ok(None),
    }
}
