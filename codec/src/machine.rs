//! The one contract of every machine in this crate.

use crate::time::Timestamp;

/// A protocol state machine that performs no I/O.
///
/// The program that embeds it repeats four steps:
///
/// 1. wait for something to happen: bytes, a lost connection, a deadline, a call of the application;
/// 2. tell the machine, once ([`handle`](Self::handle), [`handle_timeout`](Self::handle_timeout) or a
///    verb of the concrete type);
/// 3. take everything out with [`poll_output`](Self::poll_output) until it returns `None`;
/// 4. do what the outputs say, ask for [`next_deadline`](Self::next_deadline) and
///    [`wants_input`](Self::wants_input), and go to 1.
///
/// A program that cannot write at the moment stops at step 3 and leaves the outputs in the machine. When it can write again,
/// it calls [`handle_timeout`](Self::handle_timeout) and continues with step 3.
///
/// What a peer does is never an `Err`: it becomes outputs (an answer, a close frame) and events. Only the
/// caller's own mistakes are errors, and they are returned by the verbs.
///
/// # Time
///
/// `now` never runs backwards: an earlier value is taken as the latest one seen. Deadlines that are due at `now`
/// fire before the input is applied, so the outcome does not depend on whether the program's timer or its socket
/// woke up first.
///
/// ```
/// use sio_codec::{Machine, Output, Timestamp};
///
/// /// Steps 2 and 3 for any machine; what follows is up to the program.
/// fn feed<M: Machine>(machine: &mut M, now: Timestamp, input: M::Input) -> (Vec<M::Transmit>, Vec<M::Event>) {
///     machine.handle(now, input);
///     let (mut transmits, mut events) = (Vec::new(), Vec::new());
///     while let Some(output) = machine.poll_output() {
///         match output {
///             Output::Transmit(transmit) => transmits.push(transmit),
///             Output::Event(event) => events.push(event),
///         }
///     }
///     (transmits, events)
/// }
/// ```
///
/// The [first page](crate#the-loop) has the whole loop.
pub trait Machine {
    /// What happened outside.
    type Input;
    /// I/O that the program must perform.
    type Transmit;
    /// What the application should know.
    type Event;

    /// Tells the machine what happened at `now`.
    fn handle(&mut self, now: Timestamp, input: Self::Input);

    /// Tells the machine that it is `now`. Calling it early, late or twice does no harm.
    fn handle_timeout(&mut self, now: Timestamp);

    /// Takes out the next thing to do or to know, in order; `None` when there is nothing left for the moment.
    #[must_use = "an output that is not carried out is lost"]
    fn poll_output(&mut self) -> Option<Output<Self::Transmit, Self::Event>>;

    /// When [`handle_timeout`](Self::handle_timeout) has to be called at the latest, if ever.
    #[must_use]
    fn next_deadline(&self) -> Option<Timestamp>;

    /// Whether the program should read from WebSockets now.
    ///
    /// `false` while something that arrived waits to be taken out, or while there is no room for what more messages may
    /// cause. A program that leaves its sockets unread then slows a peer down that sends faster than it reads, and loses
    /// nothing. This is not about requests, answers, bodies and lost requests: report them when they come, through another
    /// channel than messages. The machine keeps what it cannot hand on yet. The end of a WebSocket stays behind its messages.
    ///
    /// WebSocket messages that are handed in nevertheless are kept in their order, up to the size of one payload; then the
    /// session ends.
    ///
    /// By default `true`.
    #[must_use]
    fn wants_input(&self) -> bool {
        true
    }
}

/// What [`Machine::poll_output`] hands out.
///
/// The example of [`Machine`] takes both kinds out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of output is broken")]
pub enum Output<T, E> {
    /// I/O to perform.
    Transmit(T),
    /// Something for the application.
    Event(E),
}
