//! The node behind its lock, with the ways to its members.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sio_codec::cluster::node::{Adapter, Channel, Command, Config, Event, Input, Node, QuestionId, Transmit};
use sio_codec::engineio::{CloseReason, Sid};
use sio_codec::socketio::hub::{self, Broadcast, MemberId, Recovered};
use sio_codec::socketio::{AckId, Args, DisconnectReason, Json, Namespace, Object, Reply, Value};
use sio_codec::{Clock, Machine, Output, Timestamp};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::operation::{self, Done};
use crate::redis::{Keeper, Link};

/// What somebody has for a session.
pub(crate) enum Letter {
    /// Who wanted to come back has done so, or is new.
    Returned(Option<Recovered>),
    Deliver(Broadcast),
    /// Leave the namespace, or close the connection.
    Disconnect {
        close: bool,
    },
    /// What a question brought.
    Answer {
        reply: Reply,
        error: Value,
        result: Value,
    },
}

/// How many letters wait for a session. One that stays behind further is closed.
pub(crate) const MAILBOX: usize = 4096;

pub(crate) struct House {
    clock: Clock,
    state: Mutex<State>,
    /// Something has changed that may let the node hear more, or moves its deadline.
    changed: Notify,
}

struct State {
    recovers: bool,
    name: String,
    node: Node,
    mailboxes: HashMap<MemberId, mpsc::Sender<Letter>>,
    /// Who wants to come back, and waits for what is found.
    returning: HashMap<QuestionId, mpsc::Sender<Letter>>,
    /// Who asked, and how it is answered.
    questions: HashMap<QuestionId, (MemberId, Reply)>,
    commands: mpsc::UnboundedSender<Command>,
}

impl House {
    pub(crate) fn new(adapter: Adapter, name: String, commands: mpsc::UnboundedSender<Command>) -> Self {
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).expect("the system has random numbers");
        let recovers = matches!(&adapter, Adapter::Streams(config) if config.max_disconnection.is_some());
        let mut node = Node::new(Config::new(adapter, entropy));
        node.declare(&Namespace::root());
        let state = State {
            recovers,
            name,
            node,
            mailboxes: HashMap::new(),
            returning: HashMap::new(),
            questions: HashMap::new(),
            commands,
        };
        let house = Self { clock: Clock::start(), state: Mutex::new(state), changed: Notify::new() };
        house.with(|_, _| ());
        house
    }

    /// Does something with the node, and carries out what comes of it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Node, Timestamp) -> R) -> R {
        let mut state = self.state();
        let result = act(&mut state.node, self.clock.now());
        state.drain(self.clock.now());
        drop(state);
        self.changed.notify_waiters();
        result
    }

    /// Does what a member wants, and gives what it is answered, or sends it that in a letter when it is known.
    pub(crate) fn perform(&self, member: MemberId, reply: Reply, args: &Args) -> Option<(Reply, Value, Value)> {
        let mut state = self.state();
        let now = self.clock.now();
        let answer = match operation::perform(&mut state.node, now, member, args) {
            Done::Now(error, result) => Some((reply, error, result)),
            Done::Later(question) => {
                // Before the outputs are taken: the answer may be one of them.
                state.questions.insert(question, (member, reply));
                None
            }
        };
        state.drain(now);
        drop(state);
        self.changed.notify_waiters();
        answer
    }

    pub(crate) fn add(&self, sid: &Sid, pid: &Sid, mailbox: mpsc::Sender<Letter>) -> MemberId {
        let mut state = self.state();
        let member = state.node.add_recoverable(&Namespace::root(), sid, pid, Object::default());
        state.mailboxes.insert(member, mailbox);
        state.drain(self.clock.now());
        member
    }

    /// Whether clients may come back.
    pub(crate) fn recovers(&self) -> bool {
        self.state().recovers
    }

    /// Looks for the place of a client that wants to come back, and writes what was found. Whether it is worth the wait.
    pub(crate) fn recover(&self, auth: Option<&Json>, mailbox: mpsc::Sender<Letter>) -> bool {
        let mut state = self.state();
        let question = state.node.recover(self.clock.now(), &Namespace::root(), auth, Object::default());
        if let Some(question) = question {
            state.returning.insert(question, mailbox);
        }
        state.drain(self.clock.now());
        drop(state);
        self.changed.notify_waiters();
        question.is_some()
    }

    /// Takes out all members, so that they find their places on other servers, and gives no more commands.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        let members: Vec<_> = state.mailboxes.drain().map(|(member, _)| member).collect();
        for member in members {
            state.node.remove(self.clock.now(), member, DisconnectReason::ServerShuttingDown);
        }
        state.drain(self.clock.now());
        (state.commands, _) = mpsc::unbounded_channel();
    }

    pub(crate) fn remove(&self, member: MemberId, reason: DisconnectReason) {
        self.state().mailboxes.remove(&member);
        self.with(|node, now| node.remove(now, member, reason));
    }

    pub(crate) fn acknowledge(&self, member: MemberId, id: AckId, args: &Args) {
        self.with(|node, now| node.acknowledge(now, member, id, args));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for House {
    fn feed(&self, input: Input) {
        self.with(|node, now| node.handle(now, input));
    }

    async fn wants_input(&self) {
        loop {
            let changed = self.changed.notified();
            if self.state().node.wants_input() {
                return;
            }
            changed.await;
        }
    }

    fn subscriptions(&self) -> Vec<Channel> {
        self.state().node.subscriptions().cloned().collect()
    }

    fn report(&self, link: Link) {
        match link {
            Link::Up => eprintln!("connected to Redis"),
            Link::Lost => eprintln!("the connection to Redis is lost"),
            Link::Down(error) => eprintln!("Redis cannot be reached: {error}"),
        }
    }
}

impl State {
    fn drain(&mut self, now: Timestamp) {
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Transmit(Transmit::Bus(command)) => drop(self.commands.send(command)),
                Output::Transmit(Transmit::Local(hub::Transmit::Deliver { member, broadcast })) => {
                    self.post(member, Letter::Deliver(broadcast));
                }
                Output::Transmit(Transmit::Local(hub::Transmit::Disconnect { member, close })) => {
                    self.post(member, Letter::Disconnect { close });
                }
                Output::Event(event) => self.react(now, event),
            }
        }
    }

    fn post(&mut self, member: MemberId, letter: Letter) {
        // A member that is gone is passed over. One that takes too little loses its mailbox, and finds out when it has
        // read what is in there.
        if self.mailboxes.get(&member).is_some_and(|mailbox| mailbox.try_send(letter).is_err()) {
            self.mailboxes.remove(&member);
        }
    }

    fn react(&mut self, now: Timestamp, event: Event) {
        match event {
            Event::Answered { question, answers, missing } => {
                if let Some((member, reply)) = self.questions.remove(&question) {
                    let (error, result) = operation::outcome(answers, missing);
                    self.post(member, Letter::Answer { reply, error, result });
                }
            }
            Event::Recovery { question, recovered } => {
                let Some(mailbox) = self.returning.remove(&question) else { return };
                let member = recovered.as_ref().map(|recovered| recovered.member);
                let sent = mailbox.try_send(Letter::Returned(recovered));
                match (sent, member) {
                    (Ok(()), Some(member)) => drop(self.mailboxes.insert(member, mailbox)),
                    // Its new connection was lost while it waited: its place is stored once more.
                    (Err(_), Some(member)) => {
                        let reason = DisconnectReason::Engine(CloseReason::TransportClose);
                        self.node.remove(now, member, reason);
                    }
                    (_, None) => {}
                }
            }
            Event::ServerSide { namespace, event, reply } if namespace == "/" => {
                if let Err(error) = operation::hear(&mut self.node, now, &self.name, event, reply) {
                    eprintln!("what another server said cannot be passed on: {error}");
                }
            }
            Event::Unsent { message, .. } => eprintln!("not sent to the other servers: {message}"),
            Event::Rejected { channel, fault } => eprintln!("passed over on {channel}: {fault}"),
            _ => {}
        }
    }
}

/// Calls the node when its deadline comes.
pub(crate) async fn tick(house: Arc<House>) {
    loop {
        let changed = house.changed.notified();
        let left = house.clock.until(house.state().node.next_deadline());
        if timeout(left, changed).await.is_err() {
            house.with(|node, now| node.handle_timeout(now));
        }
    }
}
