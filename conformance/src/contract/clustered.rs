//! A server among others: its node, and what it says to them and hears from them.

use std::{fmt, mem};

use sio_codec::cluster::node::{Adapter, Command, Config, Event, Input, Node, Transmit};
use sio_codec::engineio::CloseReason;
use sio_codec::socketio::hub::{self, MemberId};
use sio_codec::socketio::{Args, DisconnectReason, Namespace, Parser};
use sio_codec::{Machine as _, Output, Timestamp};
use tokio::sync::mpsc;

use super::extended::Place;
use super::operation::{self, Done};
use super::outcome::{Outcome, Question};
use crate::mutants::BusTap;

/// Which cluster a server is in, and what it calls itself there.
#[derive(Clone, Debug)]
pub struct Membership {
    /// What the servers of the cluster speak.
    pub adapter: Adapter,
    /// What this one says that it is called, if another asks.
    pub name: String,
}

impl Membership {
    /// Whether clients can come back, to any server of the cluster.
    pub(super) const fn recovers(&self) -> bool {
        matches!(&self.adapter, Adapter::Streams(config) if config.max_disconnection.is_some())
    }
}

/// What did not pass between this server and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Messages that did not reach the others, or nobody knows.
    unsent: u64,
    /// Messages of others that were passed over.
    rejected: u64,
    /// Why the last of them was.
    fault: String,
}

impl Losses {
    /// Whether everything has passed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.unsent == 0 && self.rejected == 0
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unsent, rejected, fault } = self;
        match (unsent, rejected) {
            (unsent, 0) => write!(f, "messages that did not reach the other servers: {unsent}"),
            (0, rejected) => {
                write!(f, "messages from the bus that were passed over: {rejected}, the last because of {fault}")
            }
            (unsent, rejected) => write!(
                f,
                "messages that did not reach the other servers: {unsent}; from the bus that were passed over: {rejected}, \
                 the last because of {fault}"
            ),
        }
    }
}

#[derive(Debug)]
pub(super) struct Clustered {
    pub(super) node: Node,
    name: String,
    now: Timestamp,
    commands: mpsc::UnboundedSender<Command>,
    losses: Losses,
    /// The defect, if there is one.
    tap: Option<BusTap>,
}

impl Clustered {
    /// A server that has the namespaces which are always there, and what it wants Redis to be told.
    pub(super) fn new(
        Membership { adapter, name }: Membership,
        parser: Parser,
        tap: Option<BusTap>,
        entropy: [u8; 15],
    ) -> (Self, mpsc::UnboundedReceiver<Command>) {
        // 120 random bits are a name that no other server has.
        let mut padded = [0; 16];
        padded[1..].copy_from_slice(&entropy);
        let hub = hub::Config::default().with_parser(parser);
        let mut node = Node::new(Config::new(adapter, padded).with_hub(hub));
        for namespace in Place::STATIC {
            if let Ok(namespace) = Namespace::new(namespace) {
                node.declare(&namespace);
            }
        }
        // The node bounds what is on its way to Redis.
        let (sender, commands) = mpsc::unbounded_channel();
        (Self { node, name, now: Timestamp::ZERO, commands: sender, losses: Losses::default(), tap }, commands)
    }

    pub(super) fn feed(&mut self, now: Timestamp, input: Input) {
        self.now = now;
        let inputs = match &self.tap {
            Some(tap) => tap.hear(input),
            None => vec![input],
        };
        for input in inputs {
            self.node.handle(now, input);
        }
    }

    /// Does what a client wants with the cluster.
    pub(super) fn perform(&mut self, now: Timestamp, member: MemberId, args: &Args) -> Done {
        operation::perform(&mut self.node, now, member, args)
    }

    /// Takes out a member whose connection was lost before it was told that it is one.
    pub(super) fn lose(&mut self, member: MemberId) {
        self.node.remove(self.now, member, DisconnectReason::Engine(CloseReason::TransportClose));
    }

    /// Says nothing any more: what was said so far is all.
    pub(super) fn fall_silent(&mut self) {
        self.commands = mpsc::unbounded_channel().0;
    }

    pub(super) fn take_losses(&mut self) -> Losses {
        mem::take(&mut self.losses)
    }

    pub(super) fn poll_outcome(&mut self) -> Option<Outcome> {
        loop {
            match self.node.poll_output()? {
                Output::Transmit(Transmit::Bus(command)) => self.say(command),
                Output::Transmit(Transmit::Local(transmit)) => return Some(Outcome::Local(transmit)),
                Output::Event(Event::Answered { question, answers, missing }) => {
                    let question = Question::Clustered(question);
                    return Some(Outcome::Answered { question, answers, missing });
                }
                Output::Event(Event::Recovery { question, recovered }) => {
                    return Some(Outcome::Returned { question, recovered });
                }
                Output::Event(Event::ServerSide { namespace, event, reply }) if namespace == Namespace::root() => {
                    if let Err(error) = operation::hear(&mut self.node, self.now, &self.name, event, reply) {
                        self.reject(error.to_string());
                    }
                }
                Output::Event(Event::Unsent { .. }) => self.losses.unsent += 1,
                Output::Event(Event::Rejected { channel, fault }) => self.reject(format!("{fault}, on {channel}")),
                Output::Event(_) => {}
            }
        }
    }

    fn say(&mut self, command: Command) {
        let said = match &mut self.tap {
            Some(tap) => tap.say(command),
            None => Ok(vec![command]),
        };
        match said {
            // It fails if this server has fallen silent.
            Ok(commands) => commands.into_iter().for_each(|command| drop(self.commands.send(command))),
            Err(input) => self.node.handle(self.now, input),
        }
    }

    fn reject(&mut self, fault: String) {
        self.losses.rejected += 1;
        self.losses.fault = fault;
    }
}
