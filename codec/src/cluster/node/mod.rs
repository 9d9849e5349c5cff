//! One server of a cluster: its members and rooms, and what it says and hears on the bus.
//!
//! A [`Node`] is a [`Hub`] with other servers around it. It takes the hub's place in a program: the same
//! functions add members and let them into rooms, and what it broadcasts reaches the members of all servers. The program
//! carries its commands to Redis with whatever client it likes, and hands in what comes from there.
//!
//! ```text
//!    connection                        node                                 Redis
//!   ┌──────────────┐             ┌──────────────────┐  Subscribe, Publish  ┌─────────┐
//!   │ ...          │────────────▶│ add join remove  │─────────────────────▶│         │◀──▶ other
//!   │ BroadcastAcked ───────────▶│ acknowledge      │    Count, Append,    │         │     servers
//!   │              │  Deliver    │ broadcast        │    Read, Store ...   │         │
//!   │ deliver      │◀────────────│ fetch ...        │◀─────────────────────│         │
//!   └──────────────┘ Disconnect  └────────┬─────────┘  Message, Entries,   └─────────┘
//!                                         ▼            Done, Failed ...
//!               Local, Answered, ServerSide, Recovery, Unsent, Rejected
//! ```
//!
//! # What happens on the bus
//!
//! | the program calls | Redis gets | then |
//! |---|---|---|
//! | [`declare`](Node::declare), or the first [`add`](Node::add) in a namespace | `Subscribe`, once for each channel | the server counts as one that has the namespace |
//! | [`broadcast`](Node::broadcast), [`join_all`](Node::join_all), [`disconnect_all`](Node::disconnect_all), ... | `Publish` | nothing: nobody answers |
//! | [`fetch`](Node::fetch), [`all_rooms`](Node::all_rooms), [`server_side_emit_with_ack`](Node::server_side_emit_with_ack) | `Count`, and if there are others, `Publish` | [`Event::Answered`], once |
//! | [`broadcast_with_ack`](Node::broadcast_with_ack) | `Publish`, `Count` | [`Event::Answered`], once |
//! | [`remove`](Node::remove) of a member that may come back | `Store` | nothing |
//! | [`recover`](Node::recover) | `Take`, and if there was something, `Range` until nothing is behind | [`Event::Recovery`], once |
//!
//! This server's own members get a broadcast at once, before it is on the bus; so they get it also while Redis is away, and what
//! a program sends to one of them afterwards comes after it. With [recovery](#recovery) that is different.
//!
//! Redis tells how many servers there are, by their subscriptions. A server that has crashed is not counted any more; one that
//! hangs is, and is among the [`Missing`] of every question until it goes on.
//!
//! With the streams adapter there are also `Tail`, once for each stream, and `Read`, again and again; the reader begins where
//! the stream ends when the server comes. Broadcasts, and what moves members, are `Append` there instead of `Publish`.
//!
//! # Recovery
//!
//! The streams adapter keeps what was said for a while. With [`recovery`](crate::cluster::streams::Config::with_recovery) a client
//! that lost its connection finds its place, and what it missed, on any server of the cluster.
//!
//! ```text
//!   broadcast ──▶ Append ──▶ stream: [ 17-0 │ 18-0 │ 19-0 ] ──▶ Read, by all servers, this one as well: Deliver, with "18-0"
//!   connection lost ──▶ Store sio:session:<pid>: sid, pid, rooms, data ──── too late, or taken ──▶ gone
//!   CONNECT {"pid":…,"offset":"18-0"} ──▶ Take, Range ──▶ 19-0, as far as it was for it, then the answer
//! ```
//!
//! Each broadcast that asks for no acknowledgement, and is not volatile or local, gets one more argument, the last one: its
//! offset, a string. Clients see it, whether they use it or not; they take any string at that place for one. This server's
//! own members get such a broadcast when it is read back, so that all clients get all of them in one order, that of the
//! stream, and whatever is behind a client's offset is what it has not got. It comes later than what is emitted to one of
//! them on its connection in the meantime.
//!
//! If it cannot be added to the stream, or is not read back within [`Config::request_timeout`], or more of it waits than
//! [`Config::max_bus_bytes`], they get it without an offset, and before it those that wait longer. Should it be in the stream
//! all the same, a client that then comes back may get it a second time.
//!
//! # Timers
//!
//! | timer | armed | default | on expiry |
//! |---|---|---|---|
//! | question | whatever ends with [`Event::Answered`] | 5 s, or the caller's for acknowledgements | `Answered`, with what there is and who is missing |
//! | clients asked by another server | its broadcast with acknowledgements | the other's, at most 10 min | nobody waits any more |
//! | answer to another server | [`Event::ServerSide`] with a reply | 5 s | [`answer`](Node::answer) gives `false` |
//! | recovery | [`recover`](Node::recover) | 5 s | [`Event::Recovery`]: it is new |
//! | reading back | a broadcast with recovery | 5 s | this server's members get it without an offset |
//! | stream | it could not be read | 1 s | `Read` or `Tail` again |
//!
//! # Faults
//!
//! | what goes wrong | effect |
//! |---|---|
//! | a message of another server cannot be read, or says what it must not | [`Event::Rejected`], and nothing else |
//! | a message does not reach Redis, or nobody knows | [`Event::Unsent`]; a question ends at once instead |
//! | Redis is away | the same for each message; the server's own members are served |
//! | the connection to Redis was lost | the program subscribes to all [`subscriptions`](Node::subscriptions) again; what was said meanwhile is lost |
//! | a server answers twice, too late, or without a question | ignored |
//! | a server does not answer | it is among the missing |
//! | a client claims a place that it never had, or that is gone | it is new |
//! | a place cannot be stored | [`Event::Unsent`]; the client will be new |
//!
//! # Bounds
//!
//! What is on its way to Redis is bounded by [`Config::max_bus_bytes`]; what there is no room for is not sent, and an event says
//! so. Questions are bounded by [`Config::max_requests`], for the node's own and for those of others, and what is answered by
//! [`Config::max_answer_bytes`]. Clients that come back are bounded by the same: as many at a time, and as many bytes of what they
//! missed. While the node does not [want input](Machine::wants_input), because the program has not taken out
//! what came of the last message, or Redis takes messages more slowly than others cause them, the program reads nothing from
//! Redis: then Redis keeps what it can, and ends the connection of a reader that stays behind too far
//! (`client-output-buffer-limit pubsub`). So a server that is flooded loses messages, and does not grow. The ends of commands
//! are told in any case: they make the room.
//!
//! # A whole life
//!
//! ```
//! use sio_codec::cluster::classic;
//! use sio_codec::cluster::node::{Adapter, Answers, Channel, Command, Config, Event, Input, Node, Transmit};
//! use sio_codec::engineio::Sid;
//! use sio_codec::socketio::hub::{self, Target};
//! use sio_codec::socketio::{DisconnectReason, Namespace, Object};
//! use sio_codec::{Machine, Output, Timestamp};
//!
//! let (now, root) = (Timestamp::ZERO, Namespace::root());
//! // Two servers, with random bytes of their own, and a client on each.
//! let [mut ann, mut bob] = [1, 2].map(|seed| {
//!     let mut node = Node::new(Config::new(Adapter::Classic(classic::Config::default()), [seed; 16]));
//!     node.declare(&root);
//!     node
//! });
//! let [a, b] = [(&mut ann, 3), (&mut bob, 4)].map(|(node, seed)| {
//!     node.add(&root, &Sid::from_entropy([seed; 15]), Object::default())
//! });
//!
//! /// What a server has to tell Redis, of all its outputs.
//! fn commands(node: &mut Node) -> Vec<Command> {
//!     let outputs = std::iter::from_fn(|| node.poll_output());
//!     outputs.filter_map(|output| match output {
//!         Output::Transmit(Transmit::Bus(command)) => Some(command),
//!         _ => None,
//!     }).collect()
//! }
//! let pattern = Channel::Pattern("socket.io#/#*".into());
//! assert_eq!(commands(&mut ann)[0], Command::Subscribe(pattern.clone()));
//! assert_eq!(commands(&mut bob).len(), 4);
//!
//! // What the one broadcasts, its own client gets at once.
//! ann.broadcast(now, &Target::everyone(&root), "hello", ("from Ann",))?;
//! let Some(Output::Transmit(Transmit::Local(hub::Transmit::Deliver { member, .. }))) = ann.poll_output() else {
//!     unreachable!()
//! };
//! assert_eq!(member, a);
//! let [Command::Publish { id, channel, message }] = &commands(&mut ann)[..] else { unreachable!() };
//! ann.handle(now, Input::Done(*id));
//!
//! // Redis brings it to all, by the pattern; the sender knows its own.
//! for node in [&mut ann, &mut bob] {
//!     let (channel, message) = (channel.name().to_owned(), message.clone());
//!     node.handle(now, Input::Message { subscription: pattern.clone(), channel, message });
//! }
//! assert_eq!(ann.poll_output(), None);
//! let Some(Output::Transmit(Transmit::Local(hub::Transmit::Deliver { member, broadcast }))) = bob.poll_output() else {
//!     unreachable!()
//! };
//! assert_eq!((member, broadcast.messages().frames().next()), (b, Some(r#"42["hello","from Ann"]"#.into())));
//!
//! // A question: who is there? Redis knows of two servers; only then the other is asked. Here it is too slow.
//! let question = ann.fetch(now, &Target::everyone(&root))?;
//! let [Command::Count { id, .. }] = commands(&mut ann)[..] else { unreachable!() };
//! ann.handle(now, Input::Counted { id, subscribers: 2 });
//! assert!(matches!(commands(&mut ann)[..], [Command::Publish { .. }]));
//! let later = ann.next_deadline().unwrap();
//! ann.handle_timeout(later);
//! let Some(Output::Event(Event::Answered { answers: Answers::Sockets(sockets), missing, .. })) = ann.poll_output() else {
//!     unreachable!()
//! };
//! assert_eq!((sockets.len(), missing.servers), (1, Some(1)));
//!
//! // A client goes.
//! ann.remove(later, a, DisconnectReason::ClientNamespace);
//! assert!(matches!(ann.poll_output(), Some(Output::Event(Event::Local(hub::Event::Left { .. })))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Floors
//!
//! ```text
//! mod                                  the machine
//! receive, speaking, membership        what others say, what the program says, coming and going
//! recovery, echoes                     coming back; own broadcasts that are read back
//! questions, asked, presences, bus     tables: own questions, those of others, what is listened to, commands under way
//! returns, streams                     tables: who is coming back, how far streams are read
//! wire                                 the adapter
//! command, event, config, draws        what goes in and out, settings, ids
//! ```

mod asked;
mod bus;
mod command;
mod config;
mod draws;
mod echoes;
mod event;
mod membership;
mod presences;
mod questions;
mod receive;
mod recovery;
mod returns;
mod speaking;
mod streams;
mod wire;

use alloc::collections::BTreeMap;

use self::asked::Asked;
use self::bus::{Bus, UnderWay};
pub use self::command::{Channel, Command, CommandId, Input, Transmit};
pub use self::config::{Adapter, Config};
use self::draws::Draws;
use self::echoes::Echoes;
pub use self::event::{Answers, AskError, Event, Missing, QuestionId, Rejection, ReplyId};
use self::membership::{Described, first};
use self::presences::Presences;
use self::questions::{Ended, Questions, Settled};
use self::returns::Returns;
use self::speaking::Unasked;
use self::streams::Streams;
use crate::Limits;
use crate::cluster::id::Uid;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::socketio::Namespace;
use crate::socketio::hub::{self, Hub, MemberId};
use crate::time::Timestamp;

/// A server's members, and its place in a cluster of servers. The [module](self) has its diagram, timers, faults and an
/// example.
#[derive(Debug)]
pub struct Node {
    config: Config,
    now: Timestamp,
    hub: Hub,
    draws: Draws,
    presences: Presences,
    described: BTreeMap<MemberId, Described>,
    questions: Questions,
    /// What is to be asked as soon as it is known whom.
    unasked: BTreeMap<QuestionId, (Namespace, Unasked)>,
    asked: Asked,
    bus: Bus,
    streams: Streams,
    echoes: Echoes,
    returns: Returns,
    /// The same in all namespaces, which servers of the reference are not, and cannot tell: so this server knows its own
    /// words whenever they come back, also to a namespace that was gone in the meantime.
    uid: Uid,
    /// Who is back, before anything for it.
    arrivals: Outputs<Event>,
    outputs: Outputs<Output<Transmit, Event>>,
}

impl Node {
    /// A server without namespaces.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut draws = Draws::new(config.entropy);
        let uid = draws.uid(config.adapter.shape());
        Self {
            now: Timestamp::ZERO,
            hub: Hub::new(Self::config_of_hub(&config)),
            draws,
            presences: Presences::default(),
            described: BTreeMap::new(),
            questions: Questions::new(config.max_answer_bytes),
            unasked: BTreeMap::new(),
            asked: Asked::default(),
            bus: Bus::new(config.max_bus_bytes),
            streams: if let Adapter::Streams(config) = &config.adapter {
                Streams::new(config)
            } else {
                Streams::default()
            },
            echoes: Echoes::new(config.max_bus_bytes),
            returns: Returns::new(config.max_answer_bytes),
            uid,
            arrivals: Outputs::new(),
            outputs: Outputs::new(),
            config,
        }
    }
}

impl Machine for Node {
    type Input = Input;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.handle_timeout(now);
        match input {
            Input::Message { subscription, channel, message } => self.message(&subscription, channel, message),
            Input::Done(id) => match self.bus.end(id) {
                Some(UnderWay::Message { .. }) | None => {}
                Some(other) => self.failed(id, other),
            },
            Input::Counted { id, subscribers } => match self.bus.end(id) {
                Some(UnderWay::Count(question)) => self.counted(question, subscribers.saturating_sub(1)),
                other => other.into_iter().for_each(|other| self.failed(id, other)),
            },
            Input::Entries { id, entries } => match self.bus.end(id) {
                Some(UnderWay::Read(stream)) => self.entries(&stream, entries),
                Some(UnderWay::Range(question)) => self.ranged(question, entries),
                other => other.into_iter().for_each(|other| self.failed(id, other)),
            },
            Input::Taken { id, value } => match self.bus.end(id) {
                Some(UnderWay::Take(question)) => self.taken(question, value),
                other => other.into_iter().for_each(|other| self.failed(id, other)),
            },
            Input::Failed(id) => {
                if let Some(command) = self.bus.end(id) {
                    self.failed(id, command);
                }
            }
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.hub.handle_timeout(self.now);
        while let Some(ended) = self.questions.expire(self.now) {
            self.ended(ended);
        }
        self.asked.expire(self.now);
        self.streams.handle_timeout(self.now);
        self.expire_echoes();
        self.expire_returns();
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        if let Some(arrival) = self.arrivals.pop() {
            return Some(Output::Event(arrival));
        }
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Transmit(transmit) => return Some(Output::Transmit(Transmit::Local(transmit))),
                Output::Event(hub::Event::Settled { id, answers, missing }) => {
                    if self.asked.settled(id) {
                        continue;
                    }
                    let answers = answers.iter().map(|(_, args)| first(args)).collect();
                    if let Some(Settled(ended)) = self.questions.settled(id, answers, missing.len()) {
                        self.ended(ended);
                    }
                }
                Output::Event(event) => {
                    self.follow(&event);
                    return Some(Output::Event(Event::Local(event)));
                }
            }
        }
        if self.outputs.is_empty() {
            self.read_on();
        }
        self.outputs.pop()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let deadlines = [
            self.hub.next_deadline(),
            self.questions.next_deadline(),
            self.asked.next_deadline(),
            self.streams.next_deadline(),
            self.echoes.next_deadline(),
            self.returns.next_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// `false` while something waits to be taken out, or half of the [room](Config::max_bus_bytes) for messages is taken.
    fn wants_input(&self) -> bool {
        self.arrivals.is_empty() && self.outputs.is_empty() && self.hub.is_quiet() && !self.bus.is_busy()
    }
}

impl Node {
    /// The node itself counts what waits for answers, its own questions and those of others.
    fn config_of_hub(config: &Config) -> hub::Config {
        let limits = Limits::clone(&config.hub.limits).with_max_pending_acks(config.max_requests.saturating_mul(2));
        hub::Config { recovery: None, ..config.hub.clone() }.with_limits(limits)
    }

    /// It was not carried out, or nobody knows; also if the program tells of it what it cannot tell of such a command.
    fn failed(&mut self, id: CommandId, command: UnderWay) {
        match command {
            UnderWay::Message { sent, .. } => {
                self.unecho(id);
                self.unsent(sent);
            }
            UnderWay::Count(question) => self.give_up(question),
            UnderWay::Read(stream) => self.streams.failed(&stream, self.now),
            UnderWay::Take(question) | UnderWay::Range(question) => self.not_back(question),
        }
    }

    fn ended(&mut self, ended: Option<Ended>) {
        if let Some(Ended { question, answers, missing }) = ended {
            self.unasked.remove(&question);
            self.bus.ask_no_more(question);
            self.event(Event::Answered { question, answers, missing });
        }
    }

    fn event(&mut self, event: Event) {
        self.outputs.push(Output::Event(event));
    }
}

#[cfg(test)]
impl Node {
    /// Whether nothing is kept but members, rooms, subscriptions, and how far streams are read.
    fn is_idle(&self) -> bool {
        let is_told = self.arrivals.is_empty()
            && self.outputs.is_empty()
            && self.hub.is_quiet()
            && self.hub.next_deadline().is_none();
        let is_answered = self.questions.is_idle() && self.unasked.is_empty() && self.asked.is_idle();
        is_told && is_answered && self.bus.is_idle() && self.echoes.is_idle() && self.returns.is_idle()
    }
}

#[cfg(test)]
mod tests;
