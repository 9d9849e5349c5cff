//! One session with the server that behaves like a correct client: it answers pings, polls again after each poll, and
//! sends a POST only after the one before was answered.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::open::Open;
use crate::party::network::{Talk, Target};
use crate::replay::{Answer, Command, Happening, Id, Outgoing, Seen};
use crate::trace::{Node, Transport};

/// Packets of a payload are separated by this character.
const SEPARATOR: char = '\u{1e}';

/// A session after its handshake.
pub(super) struct Session {
    talk: Talk,
    line: Line,
    /// What the open packet announces.
    pub(super) open: Open,
    /// When the handshake was done.
    pub(super) since: Instant,
    /// The time from then to the first ping.
    pub(super) first_ping: Option<Duration>,
    /// The last sign of life that this client gave.
    beat: Instant,
    punctuality: Punctuality,
    inbox: VecDeque<Packet>,
}

enum Line {
    Websocket(Id),
    Polling(Polling),
}

struct Polling {
    query: String,
    headers: Vec<(String, String)>,
    poll: Id,
    post: Option<Id>,
    outbox: Vec<String>,
    /// The encodings and lengths of the answers to polls.
    encoding: Vec<(Option<String>, usize)>,
}

/// Whether this client sent its pongs in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Punctuality {
    /// Its pongs were on time.
    Kept,
    /// No pong was sent for so long that the server may have closed the session: this machine was busy.
    Missed,
}

/// What arrives in a session, without heartbeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packet {
    /// A packet in text form, which begins with its type.
    Text(String),
    /// A binary message.
    Binary,
    /// The session is over, for this reason. It is the last packet.
    Over(String),
}

/// What happened to a candidate that was probed and then received nothing more.
pub(super) enum Probed {
    /// It was closed after this time.
    Closed(Duration),
    /// It is still open.
    Open,
    /// The session ended before that.
    Over,
}

/// Why a handshake did not start a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It was answered with this.
    Answer(Answer),
    /// The connection ended without an answer, for this reason.
    Lost(String),
    /// No answer came in time.
    Silent,
}

impl Session {
    /// Performs a handshake. The cookies are added to the target. An open WebSocket is a session even if no open packet
    /// comes.
    pub(super) async fn open(target: Target, transport: Transport, patience: Duration) -> Result<Self, Refused> {
        match transport {
            Transport::Polling => Self::poll(target, Vec::new(), patience).await,
            Transport::Websocket => Self::websocket(target, patience).await,
        }
    }

    /// Performs a handshake by polling, with these header fields on every GET.
    pub(super) async fn poll(
        target: Target,
        headers: Vec<(String, String)>,
        patience: Duration,
    ) -> Result<Self, Refused> {
        let mut talk = Talk::new(target);
        let query = "EIO=4&transport=polling".to_owned();
        let id = get(&mut talk, &query, &headers);
        let answer = answer(&mut talk, id, Instant::now() + patience).await?;
        let open = Open::read(&answer).filter(|_| answer.status == 200);
        let Some(open) = open else { return Err(Refused::Answer(answer)) };
        let query = format!("{query}&sid={}", open.sid_in_query());
        let poll = get(&mut talk, &query, &headers);
        let polling = Polling { query, headers, poll, post: None, outbox: Vec::new(), encoding: Vec::new() };
        let mut session = Self::new(talk, Line::Polling(polling), open);
        // The first message of the application may be in the same answer.
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        body.split(SEPARATOR).skip(1).for_each(|packet| session.arrive(packet));
        Ok(session)
    }

    async fn websocket(target: Target, patience: Duration) -> Result<Self, Refused> {
        let until = Instant::now() + patience;
        let mut talk = Talk::new(target);
        let query = "EIO=4&transport=websocket".to_owned();
        let id = talk.start(|id| Command::Open { id, node: Node::FIRST, query, headers: Vec::new() });
        opened(&mut talk, until).await?;
        let mut session = Self::new(talk, Line::Websocket(id), Open::default());
        while session.open == Open::default() && session.inbox.is_empty() {
            match timeout_at(until, session.talk.next()).await.map(|happening| happening.seen) {
                Ok(Seen::Text(text)) if text.starts_with('0') => {
                    session.open = Open::parse(&text).unwrap_or_default();
                    break;
                }
                Ok(seen) => session.take(Happening { id, seen }),
                Err(_) => break,
            }
        }
        session.since = Instant::now();
        session.beat = session.since;
        Ok(session)
    }

    fn new(talk: Talk, line: Line, open: Open) -> Self {
        let now = Instant::now();
        Self {
            talk,
            line,
            open,
            since: now,
            first_ping: None,
            beat: now,
            punctuality: Punctuality::Kept,
            inbox: VecDeque::new(),
        }
    }

    /// Sends a packet.
    pub(super) fn send(&mut self, packet: impl Into<String>) {
        match &mut self.line {
            Line::Websocket(id) => {
                let command = Command::Text { id: *id, text: packet.into() };
                self.talk.tell(command);
            }
            Line::Polling(polling) => {
                polling.outbox.push(packet.into());
                polling.flush(&mut self.talk);
            }
        }
    }

    /// Sends a binary message.
    pub(super) fn send_binary(&mut self, bytes: &'static [u8], base64: &str) {
        match &self.line {
            Line::Websocket(id) => {
                let command = Command::Binary { id: *id, bytes: Bytes::from_static(bytes) };
                self.talk.tell(command);
            }
            Line::Polling(_) => self.send(format!("b{base64}")),
        }
    }

    /// Opens a WebSocket for the upgrade of a polling session, and waits until it is open.
    pub(super) async fn candidate(&mut self, until: Instant) -> Result<Id, Refused> {
        let query = format!("EIO=4&transport=websocket&sid={}", self.open.sid_in_query());
        let candidate = self.talk.start(|id| Command::Open { id, node: Node::FIRST, query, headers: Vec::new() });
        loop {
            let happening = timeout_at(until, self.talk.next()).await.map_err(|_| Refused::Silent)?;
            if happening.id != candidate {
                self.take(happening);
                continue;
            }
            return match happening.seen {
                Seen::Opened => Ok(candidate),
                Seen::Refused(answer) => Err(Refused::Answer(answer)),
                _ => Err(Refused::Lost("the connection ended without an answer".to_owned())),
            };
        }
    }

    /// Sends a probe on a candidate, and waits until the candidate is closed or the session is over.
    pub(super) async fn probe(&mut self, candidate: Id, until: Instant) -> Probed {
        let since = Instant::now();
        self.talk.tell(Command::Text { id: candidate, text: "2probe".to_owned() });
        while let Ok(happening) = timeout_at(until, self.talk.next()).await {
            match happening {
                Happening { id, seen: Seen::Closed(_) | Seen::Lost(_) | Seen::Broken(_) | Seen::Flooded(_) }
                    if id == candidate =>
                {
                    return Probed::Closed(since.elapsed());
                }
                other => self.take(other),
            }
            if self.inbox.iter().any(|packet| matches!(packet, Packet::Over(_))) {
                return Probed::Over;
            }
        }
        Probed::Open
    }

    /// The next packet; `None` if there is none before `until`.
    pub(super) async fn next(&mut self, until: Instant) -> Option<Packet> {
        loop {
            if let Some(packet) = self.inbox.pop_front() {
                return Some(packet);
            }
            let happening = timeout_at(until, self.talk.next()).await.ok()?;
            self.take(happening);
        }
    }

    /// Whether the session, if it ended now, may have ended because this busy machine sent no pong.
    pub(super) fn punctuality(&self) -> Punctuality {
        if self.open.is_overdue(self.beat.elapsed()) { Punctuality::Missed } else { self.punctuality }
    }

    /// The encoding of the last answer to a poll that had at least `bytes` bytes.
    pub(super) fn encoding_of(&self, bytes: usize) -> Option<&str> {
        let Line::Polling(polling) = &self.line else { return None };
        let seen = polling.encoding.iter().rev();
        let mut encoded = seen.filter(|(encoding, length)| encoding.is_some() || *length >= bytes);
        encoded.next().and_then(|(encoding, _)| encoding.as_deref())
    }

    fn take(&mut self, happening: Happening) {
        let Happening { id, seen } = happening;
        match (&mut self.line, seen) {
            (Line::Polling(polling), Seen::Answer(answer)) if id == polling.poll => self.polled(&answer),
            (Line::Polling(polling), Seen::Answer(answer)) if polling.post == Some(id) => {
                polling.post = None;
                if answer.status == 200 {
                    polling.flush(&mut self.talk);
                } else {
                    self.end(format!("a POST is answered with status {}", answer.status));
                }
            }
            (Line::Polling(_), Seen::Lost(reason)) => self.end(reason),
            (Line::Websocket(socket), seen) if id == *socket => match seen {
                Seen::Text(text) => self.arrive(&text),
                Seen::Binary(_) => self.inbox.push_back(Packet::Binary),
                Seen::Closed(Some(code)) => self.end(format!("the WebSocket is closed with code {code}")),
                Seen::Closed(None) => self.end("the WebSocket is closed".to_owned()),
                Seen::Broken(reason) | Seen::Flooded(reason) => self.end(reason),
                _ => {}
            },
            _ => {}
        }
    }

    fn polled(&mut self, answer: &Answer) {
        if answer.status != 200 {
            self.end(format!("a GET is answered with status {}", answer.status));
            return;
        }
        let encoding = answer.header("content-encoding").map(str::to_owned);
        let readable = encoding.is_none();
        if let Line::Polling(polling) = &mut self.line {
            polling.encoding.push((encoding, answer.body.len()));
        }
        if readable {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            body.split(SEPARATOR).for_each(|packet| self.arrive(packet));
        }
        if let Line::Polling(polling) = &mut self.line
            && !matches!(self.inbox.back(), Some(Packet::Over(_)))
        {
            polling.poll = get(&mut self.talk, &polling.query, &polling.headers);
        }
    }

    fn arrive(&mut self, packet: &str) {
        match packet.bytes().next() {
            Some(b'2') => {
                let after = self.since.elapsed();
                self.first_ping.get_or_insert(after);
                self.punctuality = self.punctuality();
                self.beat = Instant::now();
                self.send(format!("3{}", packet.get(1..).unwrap_or_default()));
            }
            Some(b'1') => self.end("the server closes the session".to_owned()),
            Some(b'6') | None => {}
            Some(b'b') => self.inbox.push_back(Packet::Binary),
            Some(_) => self.inbox.push_back(Packet::Text(packet.to_owned())),
        }
    }

    fn end(&mut self, reason: String) {
        self.inbox.push_back(Packet::Over(reason));
    }
}

impl Polling {
    /// Sends the waiting packets, unless a POST is still in progress.
    fn flush(&mut self, talk: &mut Talk) {
        if self.outbox.is_empty() || self.post.is_some() {
            return;
        }
        let body = self.outbox.join(&SEPARATOR.to_string());
        self.outbox.clear();
        let request = Outgoing {
            method: "POST".to_owned(),
            query: self.query.clone(),
            headers: Vec::new(),
            body: Bytes::from(body),
            length: None,
        };
        self.post = Some(talk.start(|id| Command::Request { id, node: Node::FIRST, request }));
    }
}

fn get(talk: &mut Talk, query: &str, headers: &[(String, String)]) -> Id {
    let request = Outgoing {
        method: "GET".to_owned(),
        query: query.to_owned(),
        headers: headers.to_vec(),
        body: Bytes::new(),
        length: None,
    };
    talk.start(|id| Command::Request { id, node: Node::FIRST, request })
}

async fn answer(talk: &mut Talk, id: Id, until: Instant) -> Result<Answer, Refused> {
    loop {
        let happening = timeout_at(until, talk.next()).await.map_err(|_| Refused::Silent)?;
        match happening {
            Happening { id: of, seen: Seen::Answer(answer) } if of == id => return Ok(answer),
            Happening { id: of, seen: Seen::Lost(reason) } if of == id => return Err(Refused::Lost(reason)),
            _ => {}
        }
    }
}

async fn opened(talk: &mut Talk, until: Instant) -> Result<(), Refused> {
    match timeout_at(until, talk.next()).await.map(|happening| happening.seen) {
        Ok(Seen::Opened) => Ok(()),
        Ok(Seen::Refused(answer)) => Err(Refused::Answer(answer)),
        Ok(Seen::Lost(reason) | Seen::Broken(reason) | Seen::Flooded(reason)) => Err(Refused::Lost(reason)),
        Ok(_) => Err(Refused::Lost("the connection ended without an answer".to_owned())),
        Err(_) => Err(Refused::Silent),
    }
}

/// One request outside any session.
pub(super) async fn ask(
    target: Target,
    query: &str,
    headers: &[(String, String)],
    patience: Duration,
) -> Result<Answer, Refused> {
    let mut talk = Talk::new(target);
    let id = get(&mut talk, query, headers);
    answer(&mut talk, id, Instant::now() + patience).await
}

/// Opens a WebSocket outside any session, sends a text, and returns the first messages that come.
pub(super) async fn say(target: Target, query: &str, text: &str, patience: Duration) -> Result<Vec<String>, Refused> {
    let until = Instant::now() + patience;
    let mut talk = Talk::new(target);
    let id = talk.start(|id| Command::Open { id, node: Node::FIRST, query: query.to_owned(), headers: Vec::new() });
    opened(&mut talk, until).await?;
    talk.tell(Command::Text { id, text: text.to_owned() });
    let mut heard = Vec::new();
    while let Ok(Happening { seen: Seen::Text(text), .. }) = timeout_at(until, talk.next()).await {
        heard.push(text);
        if heard.len() >= ENOUGH {
            break;
        }
    }
    Ok(heard)
}

/// An open packet, the greeting of an application, and an answer.
const ENOUGH: usize = 3;
