//! A client without a driver, on sockets and with a real clock.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sio_codec::engineio::RequestId;
use sio_codec::engineio::client::Input;
use sio_codec::{Clock, Timestamp};
use tokio::runtime::Handle;

use super::echo::{Echoes, Heard};
use super::listener::Listener;
use super::{MAX_NEWS, REACTION, REST};
use crate::contract::Kind;
use crate::party::client::script::Wish;
use crate::party::client::subject::{Patience, Subject};
use crate::party::driver::{Doing, News};

/// How long a client may take to connect after it has learned the URL.
const ARRIVAL: Duration = Duration::from_secs(30);

/// The packets of a payload are separated by this.
const SEPARATOR: char = '\u{1e}';

/// A client that only echoes, during one case.
#[derive(Debug)]
pub(crate) struct Visitor {
    listener: Listener,
    news: Receiver<News>,
    clock: Clock,
    started: Instant,
    echoes: Echoes,
    doings: VecDeque<Doing>,
    told: VecDeque<String>,
    seen: usize,
    rest: Option<Instant>,
}

impl Visitor {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// If the address cannot be used.
    pub(crate) fn expect(at: SocketAddr, runtime: &Handle) -> io::Result<Self> {
        let (sender, news) = mpsc::sync_channel(MAX_NEWS);
        let listener = Listener::start(at, 0, Kind::Socket.default_path(), sender, runtime)?;
        Ok(Self {
            listener,
            news,
            clock: Clock::start(),
            started: Instant::now(),
            echoes: Echoes::default(),
            doings: VecDeque::new(),
            told: VecDeque::new(),
            seen: 0,
            rest: None,
        })
    }

    /// Where the client must connect.
    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// Waits until the client connects, or until it has taken too long.
    pub(crate) fn arrive(&mut self) {
        self.wait(Instant::now() + ARRIVAL);
        (self.clock, self.started) = (Clock::start(), Instant::now());
    }

    fn wait(&mut self, deadline: Instant) -> bool {
        match self.news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(News::Doing(_, doing)) if self.seen < MAX_NEWS => {
                self.seen += 1;
                self.take(doing);
                true
            }
            _ => false,
        }
    }

    /// Takes echoes out of what the client does.
    fn take(&mut self, doing: Doing) {
        match doing {
            Doing::Send { id, frame } => match self.echoes.frame(&frame) {
                Heard::Other => self.doings.push_back(Doing::Send { id, frame }),
                Heard::Part => {}
                Heard::Event(event) => self.told.push_back(event),
            },
            Doing::Post { id, query, content_type, body } => {
                let payload = String::from_utf8_lossy(&body);
                let mut others: Vec<&str> = Vec::new();
                for packet in payload.split(SEPARATOR) {
                    match self.echoes.packet(packet) {
                        Heard::Other => others.push(packet),
                        Heard::Part => {}
                        Heard::Event(event) => self.told.push_back(event),
                    }
                }
                if others.is_empty() {
                    self.accept(id);
                } else {
                    let body = Bytes::from(others.join("\u{1e}"));
                    self.doings.push_back(Doing::Post { id, query, content_type, body });
                }
            }
            doing => self.doings.push_back(doing),
        }
    }

    /// Answers a POST that has only echoes, which no line of the trace mentions.
    fn accept(&self, id: u64) {
        let format = sio_codec::engineio::BodyFormat::Text;
        let body = Bytes::from_static(b"ok");
        self.listener.handle(Input::Response { id: RequestId(id), status: 200, format, body });
    }
}

impl Subject for Visitor {
    fn wish(&mut self, _: Timestamp, wish: &Wish) -> Result<(), String> {
        Err(format!("there is no driver to {wish}"))
    }

    fn handle(&mut self, _: Timestamp, input: Input) {
        self.listener.handle(input);
    }

    fn poll_doing(&mut self) -> Option<Doing> {
        self.doings.pop_front()
    }

    fn told(&mut self) -> &mut VecDeque<String> {
        &mut self.told
    }

    fn closed(&self) -> Option<&str> {
        None
    }

    fn now(&self, last: Timestamp) -> Timestamp {
        self.clock.now().max(last)
    }

    fn pass(&mut self, _: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let deadline = self.started + Duration::from_micros(until.as_micros());
        self.wait(deadline).then(|| self.clock.now())
    }

    fn catch_up(&mut self, patience: Patience) -> bool {
        let deadline = match patience {
            Patience::Reaction => Instant::now() + REACTION,
            Patience::Rest => *self.rest.get_or_insert_with(|| Instant::now() + REST),
        };
        self.wait(deadline)
    }
}
