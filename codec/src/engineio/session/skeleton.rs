//! The skeleton of both roles' sessions: what they hold beside their state, and the order in which things happen.
//!
//! ```text
//!   arrived ──▶ inbox ──▶ advance ──▶ no message: has its effect
//!                            │
//!                            └──────▶ a message ──▶ next_message ──▶ the application ──▶ queue ──▶ left
//!                                                       ▲                                 │
//!                                                       └── only while there is room ◀────┘
//! ```
//!
//! A session goes no faster than its peer reads. Messages are handed on one by one, and only while there is room for what
//! the application may answer. Until then the peer is not listened to, and its silence is not held against it; but some of
//! what waits for the peer must leave within each ping timeout, or it has stopped reading.

use alloc::sync::Arc;

use super::inbox::{Arrival, Inbox};
use super::queue::Queue;
use super::{Encoded, Event, Intake, Lately, Writer, sealed};
use crate::engineio::error::{PayloadError, SendError, Violation};
use crate::engineio::packet::Packet;
use crate::engineio::revision::{Revision, Transport};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::time::Timestamp;
use crate::timers::{Name, Timers};

/// What a session holds beside its state. `N` names its timers, `X` is what it transmits, and `B` is what its inbox knows
/// about a body.
#[derive(Debug)]
pub(in crate::engineio) struct Common<N: Name, X, B> {
    pub(in crate::engineio) now: Timestamp,
    pub(in crate::engineio) timers: Timers<N>,
    pub(in crate::engineio) queue: Queue,
    /// What arrived and was not handed on yet.
    pub(in crate::engineio) inbox: Inbox<B>,
    pub(in crate::engineio) outputs: Outputs<Output<X, Event>>,
    /// Up to how many bytes may be queued now: less by the program on its own, more in reaction to a message.
    share: usize,
    intake: Intake,
    /// Since when the peer is not listened to, while the stall timer runs.
    deaf_since: Timestamp,
    pub(in crate::engineio) writer: Writer,
    pub(in crate::engineio) lately: Lately,
}

impl<N: Name, X, B> Common<N, X, B> {
    pub(in crate::engineio) fn new(now: Timestamp, limits: &Limits) -> Self {
        Self {
            now,
            timers: Timers::new(),
            queue: Queue::default(),
            inbox: Inbox::default(),
            outputs: Outputs::new(),
            share: Queue::own_share(limits),
            intake: Intake::Open,
            deaf_since: now,
            writer: Writer::Ready,
            lately: Lately::Heartbeats,
        }
    }

    /// Everything was taken out: room in which nothing waits is kept for the next message, if there was one lately.
    fn rest(&mut self) {
        if self.lately == Lately::Heartbeats {
            self.outputs.rest();
            self.queue.rest();
        }
    }
}

/// A session of one role: what differs between the roles is required, what is the same is provided.
pub(in crate::engineio) trait Role: Machine<Event = Event> + Sized {
    /// The names of its timers.
    type Timer: Name;
    /// What its inbox knows about a body.
    type Body;

    /// The timer that runs while the peer is not listened to, until some of what waits has left.
    const STALL: Self::Timer;

    fn common(&self) -> &Common<Self::Timer, Self::Transmit, Self::Body>;
    fn common_mut(&mut self) -> &mut Common<Self::Timer, Self::Transmit, Self::Body>;
    fn limits(&self) -> &Arc<Limits>;
    fn revision(&self) -> Revision;

    /// Whether messages go both ways: the session is neither being opened nor ending.
    fn is_open(&self) -> bool;

    /// The transport that carries packets now.
    fn carrier(&self) -> Option<Transport>;

    /// Whether the session, as it is now, and its transport can carry a group of messages.
    fn check_sendable(&self, messages: &Encoded) -> Result<(), SendError>;

    fn on_timer(&mut self, timer: Self::Timer);

    /// Handles a packet of the established transport that arrived while nothing waited.
    fn on_packet(&mut self, packet: Packet);

    /// Handles a packet that comes out of the inbox.
    fn on_arrival(&mut self, packet: Packet);

    /// The packet in a WebSocket message; if there is none, the session ends.
    fn read(&mut self, frame: Frame) -> Option<Packet>;

    /// Every packet of a body was handed on.
    fn on_body_done(&mut self, body: Self::Body);

    /// The rest of a body is no payload.
    fn on_body_fault(&mut self, body: Self::Body, error: PayloadError);

    /// Takes out the next message of the session's WebSocket, if there is one and the WebSocket has room for it.
    fn next_frame(&mut self) -> Option<Self::Transmit>;

    /// Produces the next output that was put off until now; `false` if there is none.
    fn produce(&mut self) -> bool;

    /// Ends the session with this violation.
    fn fail(&mut self, violation: Violation);

    /// Gives the peer one ping timeout from now to read something.
    fn await_reader(&mut self);

    /// Starts the wait for the peer's half of the heartbeat anew: the peer is listened to again.
    fn renew_patience(&mut self);

    fn transmit(&mut self, transmit: Self::Transmit) {
        self.common_mut().outputs.push(Output::Transmit(transmit));
    }

    fn emit(&mut self, event: Event) {
        self.common_mut().outputs.push(Output::Event(event));
    }

    /// [`Machine::handle_timeout`].
    fn tick(&mut self, now: Timestamp) {
        self.common_mut().share = Queue::own_share(self.limits());
        if now > self.common().now {
            // A packet that was not looked at yet may be just what a timer waits for.
            self.settle();
            self.common_mut().now = now;
        }
        let now = self.common().now;
        while let Some((timer, _)) = self.common_mut().timers.expire(now) {
            self.common_mut().lately = Lately::Heartbeats;
            self.on_timer(timer);
        }
    }

    /// [`Machine::poll_output`].
    fn next_output(&mut self) -> Option<Output<Self::Transmit, Event>> {
        self.common_mut().share = Queue::own_share(self.limits());
        let output = loop {
            if let Some(output) = self.common_mut().outputs.pop() {
                break Some(output);
            }
            if self.advance() {
                continue;
            }
            if let Some(message) = self.next_message() {
                break Some(Output::Event(Event::Message(message)));
            }
            if let Some(transmit) = self.next_frame() {
                break Some(Output::Transmit(transmit));
            }
            if !self.produce() {
                break None;
            }
        };
        match &output {
            Some(Output::Event(Event::Message(_))) => {
                self.common_mut().share = self.common().queue.reaction_share(self.limits());
                self.common_mut().lately = Lately::Messages;
            }
            None => self.common_mut().rest(),
            Some(_) => {}
        }
        if self.common().timers.is_armed(Self::STALL) {
            self.watch_pace();
        }
        output
    }

    /// [`Machine::wants_input`].
    fn has_room(&self) -> bool {
        self.common().inbox.is_empty() && !self.is_held_back()
    }

    /// Does what need not wait for the program, up to the next message: answers and sends requests, and lets what arrived
    /// have its effect.
    fn settle(&mut self) {
        while self.advance() || (self.carrier() != Some(Transport::WebSocket) && self.produce()) {}
    }

    /// Queues a group of messages; hands it back with the reason if it is not taken.
    fn enqueue(&mut self, messages: Encoded) -> Result<(), (Encoded, SendError)> {
        if let Err(error) = self.check_sendable(&messages) {
            return Err((messages, error));
        }
        let common = self.common_mut();
        common.lately = Lately::Messages;
        let pushed = common.queue.push_group(messages, common.share);
        self.watch_pace();
        // There will be no room again for a session that ends.
        let error = if self.is_open() { SendError::QueueFull } else { SendError::Closed };
        pushed.map_err(|messages| (messages, error))
    }

    /// Whether the peer is not listened to for the moment: there is no room for what its messages may cause.
    fn is_held_back(&self) -> bool {
        let common = self.common();
        self.is_open() && (common.intake == Intake::Shut || !common.queue.has_room_for_reactions(self.limits()))
    }

    /// Lets the next thing that arrived have its effect; `false` if there is none, or it is a message that has to be
    /// handed on first.
    fn advance(&mut self) -> bool {
        let Some(arrival) = self.common_mut().inbox.next() else { return false };
        match arrival {
            Arrival::Packet(packet) => self.on_arrival(packet),
            Arrival::Frame(frame) => {
                if let Some(packet) = self.read(frame) {
                    self.on_arrival(packet);
                }
            }
            Arrival::Done(body) => self.on_body_done(body),
            Arrival::Fault(body, error) => self.on_body_fault(body, error),
        }
        true
    }

    /// The next message for the application, if there is one, and room for its answers.
    ///
    /// One at a time, so that a body of many small packets costs no more memory than itself, and so that the application's
    /// answer to a packet is queued before a bad one behind it ends the session.
    fn next_message(&mut self) -> Option<Frame> {
        if self.is_held_back() { None } else { self.common_mut().inbox.take_message() }
    }

    /// A message of the session's WebSocket arrived.
    fn receive(&mut self, frame: Frame) {
        let common = self.common();
        if common.inbox.is_empty() && common.outputs.is_empty() && !self.is_held_back() {
            // Nothing is in its way, as nearly always.
            if let Some(packet) = self.read(frame) {
                self.on_packet(packet);
            }
        } else if common.inbox.bytes() < self.limits().max_payload {
            self.common_mut().inbox.push_frame(frame);
        } else {
            self.fail(Violation::Overrun);
        }
    }

    /// Notes whether the peer is listened to: as long as it is not, something must leave within each ping timeout.
    fn watch_pace(&mut self) {
        match (self.is_held_back(), self.common().timers.is_armed(Self::STALL)) {
            (true, false) => {
                self.await_reader();
                let common = self.common_mut();
                common.deaf_since = common.now;
            }
            (false, true) => {
                let common = self.common_mut();
                common.timers.cancel(Self::STALL);
                // What the peer has to say may have waited for that. It did not if no time passed, and then it must not
                // matter when the program took its outputs.
                if common.deaf_since < common.now {
                    self.renew_patience();
                }
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Something that waited was taken out, to be written.
    fn note_reading(&mut self) {
        if self.common().timers.is_armed(Self::STALL) {
            self.await_reader();
        }
    }
}

impl<R: Role> sealed::Sealed for R {
    fn now(&self) -> Timestamp {
        self.common().now
    }

    fn limits(&self) -> &Arc<Limits> {
        Role::limits(self)
    }

    fn revision(&self) -> Revision {
        Role::revision(self)
    }

    fn take_message(&mut self) -> Option<Frame> {
        if !self.common().outputs.is_empty() {
            return self.common_mut().outputs.take_message();
        }
        while self.advance() {}
        self.next_message()
    }

    fn offer(&mut self, messages: Encoded) -> Result<(), (Encoded, SendError)> {
        self.enqueue(messages)
    }

    fn is_resting(&self) -> bool {
        self.common().lately == Lately::Heartbeats
    }

    fn set_intake(&mut self, intake: Intake) {
        if self.common().intake != intake {
            self.common_mut().intake = intake;
            self.watch_pace();
        }
    }
}
