//! A client without a driver, on sockets and with a real clock.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sio_codec::Timestamp;
use sio_codec::engineio::RequestId;
use sio_codec::engineio::client::Input;

use super::MAX_NEWS;
use super::echo::{Echoes, Heard};
use super::listener::{Listener, Place};
use super::watch::Watch;
use crate::contract::Kind;
use crate::party::client::script::Wish;
use crate::party::client::subject::{Patience, Subject};
use crate::party::driver::{Doing, News};
use crate::replay::Framing;

/// How long the request that begins the case may take to arrive; it waits for the server of the case.
const ARRIVAL: Duration = Duration::from_secs(10);

/// A client that only echoes, during one case.
#[derive(Debug)]
pub(crate) struct Visitor {
    listener: Listener,
    news: Receiver<News>,
    watch: Watch,
    echoes: Echoes,
    doings: VecDeque<Doing>,
    told: VecDeque<String>,
    seen: usize,
}

impl Visitor {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// If the address cannot be used.
    pub(crate) fn expect(place: &Place) -> io::Result<Self> {
        let (sender, news) = mpsc::sync_channel(MAX_NEWS);
        let listener = Listener::start(place, Kind::Socket.default_path(), sender)?;
        Ok(Self {
            listener,
            news,
            watch: Watch::start(),
            echoes: Echoes::default(),
            doings: VecDeque::new(),
            told: VecDeque::new(),
            seen: 0,
        })
    }

    /// The path of its requests.
    pub(crate) fn path(&self) -> &str {
        &self.listener.path
    }

    /// Waits until the client connects, or until it has taken too long.
    pub(crate) fn arrive(&mut self) {
        self.wait(Instant::now() + ARRIVAL);
        self.watch = Watch::start();
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
                let framing = Framing::of(&query);
                let mut others = Vec::new();
                for packet in framing.packets(content_type.as_deref(), &body) {
                    match self.echoes.packet(packet.text()) {
                        Heard::Other => others.push(packet),
                        Heard::Part => {}
                        Heard::Event(event) => self.told.push_back(event),
                    }
                }
                if others.is_empty() {
                    self.accept(id);
                } else {
                    let body = framing.join(content_type.as_deref(), &others);
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
        self.watch.now().max(last)
    }

    fn pass(&mut self, _: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let deadline = self.watch.moment(until);
        self.wait(deadline).then(|| self.watch.now())
    }

    fn catch_up(&mut self, patience: Patience) -> bool {
        let deadline = self.watch.deadline(patience);
        self.wait(deadline)
    }
}
