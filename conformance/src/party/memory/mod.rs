//! Our own machines with the contract application, without sockets, threads and waiting.
//!
//! When neither side can act, the clock jumps to the next deadline. So an hour of heartbeats takes a moment, and every
//! run is the same.
//!
//! Servers of a cluster have a Redis in memory, on which nothing takes time.

mod joint;
mod redis;

use std::collections::{BTreeMap, VecDeque};

use bytes::{Bytes, BytesMut};
use sio_codec::cluster::node::Adapter;
use sio_codec::engineio::server::{
    Action, Carrier, Handshake, Input, RequestId, Route, SessionRequest, Transmit, WsId,
};
use sio_codec::engineio::{ConfigError, HttpError, RequestHead, Response, Sid};
use sio_codec::socketio::Parser;
use sio_codec::{Frame, Machine as _, Output, Text, Timestamp};

use joint::{Joined, Joint};
use redis::Redis;

use crate::contract::{Application, Eio3, Entropy, Kind, Membership, Recovery, Site};
use crate::mutants::Mutant;
use crate::party::tongue::Tongue;
use crate::replay::{Answer, Command, Happening, Id, Outcome, Outgoing, Recording, Replay, Seen};
use crate::trace::Node;

/// A server in memory, or several of a cluster.
#[derive(Debug)]
pub struct World {
    kind: Kind,
    /// The first server.
    site: Site,
    /// The other servers of its cluster.
    peers: Vec<Site>,
    redis: Redis,
    tongue: Tongue,
    entropy: Entropy,
    now: Timestamp,
    sessions: BTreeMap<Sid, Application>,
    /// The session that owns each request or WebSocket.
    owners: BTreeMap<Id, Sid>,
    /// POSTs whose body has not arrived completely.
    uploads: BTreeMap<Id, Upload>,
    /// WebSocket messages that are being joined.
    joints: BTreeMap<Id, Joint>,
    happenings: VecDeque<Happening>,
}

#[derive(Debug)]
struct Upload {
    expected: u64,
    body: BytesMut,
}

impl World {
    /// A server that runs one of the contract's applications, for clients of Engine.IO 3 too if they are allowed.
    ///
    /// # Errors
    ///
    /// As [`Site::contract`].
    pub fn new(kind: Kind, eio3: Eio3) -> Result<Self, ConfigError> {
        Ok(Self {
            kind,
            site: Site::contract(eio3)?,
            peers: Vec::new(),
            redis: Redis::default(),
            tongue: Tongue::new(Parser::Json),
            entropy: Entropy::Counter(0),
            now: Timestamp::ZERO,
            sessions: BTreeMap::new(),
            owners: BTreeMap::new(),
            uploads: BTreeMap::new(),
            joints: BTreeMap::new(),
            happenings: VecDeque::new(),
        })
    }

    /// A server that runs one of the contract's applications with a defect.
    ///
    /// # Errors
    ///
    /// As [`Site::with_mutant`].
    pub fn with_mutant(kind: Kind, eio3: Eio3, mutant: &'static Mutant) -> Result<Self, ConfigError> {
        let world = Self::new(kind, eio3)?;
        Ok(Self { site: world.site.with_mutant(mutant)?, ..world })
    }

    /// The same server, whose clients can come back after a lost connection, or not, and whose packets have this form.
    #[must_use]
    pub fn with(mut self, parser: Parser, recovery: Recovery) -> Self {
        self.site = self.site.with(parser, recovery, &mut self.entropy);
        self.tongue = Tongue::new(parser);
        self
    }

    /// A cluster of Socket.IO servers which speak this, one for each of these defects; `None` is one without a defect.
    ///
    /// # Errors
    ///
    /// As [`Site::with_mutant`].
    pub fn cluster(
        adapter: &Adapter,
        first: Option<&'static Mutant>,
        others: &[Option<&'static Mutant>],
    ) -> Result<Self, ConfigError> {
        let mut world = Self::new(Kind::Socket, Eio3::Refused)?;
        world.site = world.member(adapter, first)?;
        world.peers = others.iter().map(|mutant| world.member(adapter, *mutant)).collect::<Result<_, _>>()?;
        Ok(world)
    }

    /// One more server of the cluster.
    fn member(&mut self, adapter: &Adapter, mutant: Option<&'static Mutant>) -> Result<Site, ConfigError> {
        let site = Site::contract(Eio3::Refused)?;
        let site = match mutant {
            Some(mutant) => site.with_mutant(mutant)?,
            None => site,
        };
        let name = format!("server {}", self.redis.servers() + 1);
        let membership = Membership { adapter: adapter.clone(), name };
        let (site, bus, commands) = site.in_cluster(membership, &mut self.entropy);
        self.redis.connect(bus, commands);
        Ok(site)
    }

    /// Plays a replay to its end.
    pub fn play(&mut self, mut replay: Replay) -> (Box<Outcome>, Option<Recording>) {
        self.tongue.learn(&replay);
        loop {
            while let Some(output) = replay.poll_output() {
                match output {
                    Output::Event(outcome) => return (outcome, replay.into_recording()),
                    Output::Transmit(command) => match self.tongue.say(command) {
                        Ok(command) => command.into_iter().for_each(|command| self.carry_out(command)),
                        Err(why) => replay.does_not_apply(why),
                    },
                }
            }
            self.drain_sessions();
            if let Some(happening) = self.happenings.pop_front() {
                self.tongue.hear(happening).into_iter().for_each(|happening| replay.handle(self.now, happening));
                continue;
            }
            self.advance(&mut replay);
        }
    }

    /// Moves the clock to the next deadline of either side.
    fn advance(&mut self, replay: &mut Replay) {
        let sessions = self.sessions.values().filter_map(Application::next_deadline).min();
        let next = [sessions, self.redis.next_deadline(), replay.next_deadline()].into_iter().flatten().min();
        // A replay that is not over always has a deadline.
        self.now = next.map_or(self.now, |next| next.max(self.now));
        for session in self.sessions.values_mut() {
            session.handle_timeout(self.now);
        }
        self.redis.handle_timeout(self.now);
        self.drain_sessions();
        if self.happenings.is_empty() {
            replay.handle_timeout(self.now);
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Request { id, node, request } => self.request(id, node, request),
            Command::Part { id, bytes } => self.upload(id, &bytes),
            Command::Abort { id } => {
                self.uploads.remove(&id);
                // The id is either a request or a WebSocket; the session ignores the other kind.
                self.input(id, Input::Aborted { id: RequestId(u64::from(id.0)) });
                self.input(id, Input::WsClosed { ws: WsId(u64::from(id.0)) });
            }
            Command::Open { id, node, query, .. } => self.open(id, node, &query),
            Command::Text { id, text } => self.frame(id, Frame::Text(Text::from(text))),
            Command::Binary { id, bytes } => self.frame(id, Frame::Binary(bytes)),
            // The session receives complete messages, regardless of cuts.
            Command::Frame { id, head, payload, .. } => self.join(id, head, &payload),
            Command::Close { id, .. } => self.close(id, None),
            // There is no connection for raw bytes.
            Command::Raw { id, .. } => self.happen(id, Seen::Lost("memory carries no raw bytes".to_owned())),
        }
    }

    /// The server of a line; a line about one that is not there goes to the first.
    fn site(&self, node: Node) -> &Site {
        node.index().checked_sub(1).and_then(|at| self.peers.get(at)).unwrap_or(&self.site)
    }

    fn request(&mut self, id: Id, node: Node, request: Outgoing) {
        let header = |name: &str| {
            let field = request.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
            field.map(|(_, value)| value.as_str())
        };
        let head = RequestHead {
            method: &request.method,
            query: &request.query,
            content_type: header("content-type"),
            origin: header("origin").map(str::as_bytes),
            wants_websocket: header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")),
        };
        match self.site(node).route(&head) {
            Err(error) => self.answer(id, &self.site.refusal(error, false)),
            Ok(Route::Handshake(handshake)) => {
                self.accept(id, node, handshake, Carrier::Request(RequestId(u64::from(id.0))));
            }
            Ok(Route::Session(to)) if !self.sessions.contains_key(&to.sid) => {
                self.answer(id, &self.site.refusal(HttpError::UnknownSid, false));
            }
            Ok(Route::Session(to)) => self.exchange(id, to, request.body, request.length),
        }
    }

    fn exchange(&mut self, id: Id, to: SessionRequest, body: Bytes, length: Option<u64>) {
        let SessionRequest { sid, revision, action, .. } = to;
        self.owners.insert(id, sid);
        let request = RequestId(u64::from(id.0));
        match action {
            Action::Refuse(error) => self.answer(id, &self.site.refusal(error, false)),
            Action::Poll => self.input(id, Input::Poll { id: request, revision }),
            // The callers below open WebSockets; a plain request never asks for one.
            Action::Upgrade => self.answer(id, &HttpError::NotAnUpgrade.response()),
            Action::Post(format) => {
                self.input(id, Input::Post { id: request, revision, format });
                let expected = length.unwrap_or(body.len() as u64);
                self.uploads.insert(id, Upload { expected, body: BytesMut::new() });
                self.upload(id, &body);
            }
        }
    }

    /// Adds a piece of a body, and counts its bytes like a program that reads from a socket.
    fn upload(&mut self, id: Id, bytes: &[u8]) {
        let limit = self.site.router().config().limits.max_payload;
        let Some(upload) = self.uploads.get_mut(&id) else { return };
        upload.body.extend_from_slice(bytes);
        let request = RequestId(u64::from(id.0));
        if upload.body.len() > limit || upload.expected > limit as u64 {
            self.uploads.remove(&id);
            self.input(id, Input::BodyTooLarge { id: request });
        } else if upload.body.len() as u64 >= upload.expected {
            let body = self.uploads.remove(&id).map(|upload| upload.body.freeze()).unwrap_or_default();
            self.input(id, Input::Body { id: request, body });
        }
    }

    fn accept(&mut self, id: Id, node: Node, handshake: Handshake, carrier: Carrier) {
        let site = self.site(node).clone();
        let (sid, session) = site.accept(self.kind, handshake, self.now, carrier, &mut self.entropy);
        self.owners.insert(id, sid.clone());
        self.sessions.insert(sid, session);
    }

    fn open(&mut self, id: Id, node: Node, query: &str) {
        let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
        let ws = WsId(u64::from(id.0));
        match self.site(node).route(&head) {
            Err(error) => self.refuse(id, &self.site.refusal(error, true)),
            Ok(Route::Handshake(handshake)) => {
                self.accept(id, node, handshake, Carrier::WebSocket(ws));
                self.happen(id, Seen::Opened);
            }
            Ok(Route::Session(SessionRequest { sid, revision, binary, action: Action::Upgrade, .. }))
                if self.sessions.contains_key(&sid) =>
            {
                self.owners.insert(id, sid);
                self.input(id, Input::Upgrade { ws, revision, binary });
            }
            Ok(Route::Session(SessionRequest { action: Action::Refuse(error), .. })) => {
                self.refuse(id, &self.site.refusal(error, true));
            }
            Ok(Route::Session(_)) => self.refuse(id, &self.site.refusal(HttpError::UnknownSid, true)),
        }
    }

    /// Passes a message on, unless it exceeds the limit of a WebSocket library.
    //= EIO4-WS-06
    fn frame(&mut self, id: Id, frame: Frame) {
        let ws = WsId(u64::from(id.0));
        if frame.len() > self.site.router().config().limits.max_payload {
            self.close(id, Some(1009));
        } else {
            self.input(id, Input::WsFrame { ws, frame });
        }
    }

    /// Does what a WebSocket library does with a frame: the session receives complete messages, and no other frames.
    //= EIO4-WS-02
    fn join(&mut self, id: Id, head: u8, payload: &[u8]) {
        match self.joints.entry(id).or_default().push(head, payload) {
            Ok(Some(Joined::Message(frame))) => self.frame(id, frame),
            Ok(Some(Joined::Ping)) => self.happen(id, Seen::Pong(Bytes::copy_from_slice(payload))),
            Ok(Some(Joined::Close)) => self.close(id, None),
            Ok(Some(Joined::Pong) | None) => {}
            Err(code) => self.close(id, Some(code)),
        }
    }

    fn close(&mut self, id: Id, code: Option<u16>) {
        self.input(id, Input::WsClosed { ws: WsId(u64::from(id.0)) });
        self.happen(id, Seen::Closed(code));
    }

    /// Passes an input to the session that owns a request or WebSocket.
    fn input(&mut self, id: Id, input: Input) {
        let session = self.owners.get(&id).and_then(|sid| self.sessions.get_mut(sid));
        match (session, input) {
            (Some(session), input) => session.handle(self.now, input),
            (None, Input::Body { .. } | Input::Poll { .. }) => {
                self.answer(id, &self.site.refusal(HttpError::UnknownSid, false));
            }
            (None, _) => {}
        }
    }

    /// Takes the output of all sessions, until none of them has anything for another, here or on another server.
    fn drain_sessions(&mut self) {
        while self.drain_each_session() || self.redis.carry(self.now) {}
    }

    /// Takes the output of each session once; whether there was any.
    fn drain_each_session(&mut self) -> bool {
        let mut ended = Vec::new();
        let mut transmits = Vec::new();
        for (sid, session) in &mut self.sessions {
            while let Some(output) = session.poll_output() {
                match output {
                    Output::Transmit(transmit) => transmits.push(transmit),
                    Output::Event(_) => ended.push(sid.clone()),
                }
            }
        }
        let was_any = !transmits.is_empty() || !ended.is_empty();
        for transmit in transmits {
            self.transmit(transmit);
        }
        for sid in ended {
            self.sessions.remove(&sid);
        }
        was_any
    }

    fn transmit(&mut self, transmit: Transmit) {
        let id = |id: u64| Id(u32::try_from(id).unwrap_or(u32::MAX));
        match transmit {
            Transmit::Respond { id: RequestId(request), response } => {
                self.uploads.remove(&id(request));
                self.answer(id(request), &response);
            }
            Transmit::WsAccept { ws } => self.happen(id(ws.0), Seen::Opened),
            Transmit::WsRefuse { ws, response } => self.refuse(id(ws.0), &response),
            Transmit::WsSend { ws, frame: Frame::Text(text) } => {
                self.happen(id(ws.0), Seen::Text(text.as_str().to_owned()));
            }
            Transmit::WsSend { ws, frame: Frame::Binary(bytes) } => self.happen(id(ws.0), Seen::Binary(bytes)),
            Transmit::WsClose { ws } => self.happen(id(ws.0), Seen::Closed(None)),
        }
    }

    fn answer(&mut self, id: Id, response: &Response) {
        self.happen(id, Seen::Answer(answer_of(response)));
    }

    fn refuse(&mut self, id: Id, response: &Response) {
        self.happen(id, Seen::Refused(answer_of(response)));
    }

    fn happen(&mut self, id: Id, seen: Seen) {
        self.happenings.push_back(Happening { id, seen });
    }
}

fn answer_of(response: &Response) -> Answer {
    let headers = response.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Answer { status: response.status, headers: headers.collect(), body: response.body.clone() }
}
