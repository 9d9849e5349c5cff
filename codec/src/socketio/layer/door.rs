//! The way out of a connection, for both roles.
//!
//! ```text
//!   events ─────────────────────────────────▶ the application
//!   messages ──▶ Free ──────────────────────▶ the session
//!                 │ no room      ▲ Writable
//!                 ▼              │
//!                Held ── wait here, in their order
//! ```
//!
//! An application that emits unprompted is refused when too much waits; in direct reaction to an event, when somewhat
//! more does. Answers are always taken. When half as much again waits, the connection
//! [wants no more input](crate::Machine::wants_input): what causes reactions and answers stays where it is.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::num::NonZeroUsize;

use super::{EmitError, Transmit};
use crate::engineio::Encoded;
use crate::limits::Limits;
use crate::machine::Output;
use crate::outputs::Outputs;

/// What a connection has for its application, `E`, and for the session below.
#[derive(Debug)]
pub(in crate::socketio) struct Door<E> {
    outputs: Outputs<Output<Transmit, E>>,
    flow: Flow,
    /// What the messages weigh that wait here, the volatile ones left aside.
    load: usize,
    volatile: Volatile,
    pressure: Pressure,
    occasion: Occasion,
}

/// Why the application emits now.
#[derive(Clone, Copy, Debug)]
enum Occasion {
    /// Of its own accord.
    Own,
    /// In direct reaction to an event: so much may wait then.
    Reaction { share: NonZeroUsize },
}

/// Whether a volatile message waits to be taken out. Another one would find that the session has something to send already,
/// so it is dropped at once: a program that cannot write may emit them for a long time. None is left while the session has no
/// room. In `Flow` it would cost each connection a word; here it takes what is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Volatile {
    None,
    Leaving,
}

/// Whether an event was refused since there was last room.
#[derive(Debug)]
enum Pressure {
    Low,
    Refused,
}

/// Whether the session takes what is sent.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "nearly all connections are free, and smaller for it")]
enum Flow {
    Free,
    /// It has no room, and will say when it has. These wait for that.
    Held(Box<VecDeque<Transmit>>),
}

impl<E> Door<E> {
    pub(in crate::socketio) const fn new() -> Self {
        Self {
            outputs: Outputs::new(),
            flow: Flow::Free,
            load: 0,
            volatile: Volatile::None,
            pressure: Pressure::Low,
            occasion: Occasion::Own,
        }
    }

    /// Something for the application.
    #[inline(always)]
    pub(in crate::socketio) fn event(&mut self, event: E) {
        self.outputs.push(Output::Event(event));
    }

    /// Something for the session, in its turn.
    pub(in crate::socketio) fn transmit(&mut self, transmit: Transmit) {
        if let Transmit::Send(messages) = &transmit {
            self.load = self.load.saturating_add(messages.weight());
        }
        match (&mut self.flow, transmit) {
            // A volatile message that cannot leave at once is dropped.
            (Flow::Held(_), Transmit::SendVolatile(_)) => {}
            (Flow::Free, Transmit::SendVolatile(_)) if self.volatile == Volatile::Leaving => {}
            (Flow::Free, transmit) => {
                if matches!(transmit, Transmit::SendVolatile(_)) {
                    self.volatile = Volatile::Leaving;
                }
                self.outputs.push(Output::Transmit(transmit));
            }
            (Flow::Held(waiting), transmit) => waiting.push_back(transmit),
        }
    }

    /// Whether another event may be emitted.
    ///
    /// # Errors
    ///
    /// [`EmitError::BufferFull`]: too much waits. [`relieved`](Self::relieved) tells when there is room.
    pub(in crate::socketio) fn room_for_event(&mut self, limits: &Limits) -> Result<(), EmitError> {
        let share = match self.occasion {
            Occasion::Own => limits.max_buffered_bytes.max(1),
            Occasion::Reaction { share } => share.get(),
        };
        if self.load < share { Ok(()) } else { Err(self.refuse()) }
    }

    /// An event was refused for what waits elsewhere.
    pub(in crate::socketio) const fn refuse(&mut self) -> EmitError {
        self.pressure = Pressure::Refused;
        EmitError::BufferFull
    }

    /// Whether a caller that was refused can be told to come back, if so much waits elsewhere; said once.
    pub(in crate::socketio) fn relieved(&mut self, elsewhere: impl FnOnce() -> usize, limits: &Limits) -> bool {
        let relieved = matches!(self.pressure, Pressure::Refused)
            && self.load.saturating_add(elsewhere()) <= limits.max_buffered_bytes / 2;
        if relieved {
            self.pressure = Pressure::Low;
        }
        relieved
    }

    /// Whether an event that was kept back can go on now.
    pub(in crate::socketio) const fn takes_events(&self, limits: &Limits) -> bool {
        self.is_free() && (self.load == 0 || self.load < limits.max_buffered_bytes)
    }

    /// Whether there is room for what more input may cause.
    pub(in crate::socketio) const fn has_room_for_reactions(&self, limits: &Limits) -> bool {
        self.load <= limits.max_buffered_bytes.saturating_add(limits.max_buffered_bytes / 2)
    }

    /// Whether the session takes what is sent.
    pub(in crate::socketio) const fn is_free(&self) -> bool {
        matches!(self.flow, Flow::Free)
    }

    /// Whether nothing can be taken out now.
    pub(in crate::socketio) fn is_quiet(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Gives room back that nothing waits in.
    pub(in crate::socketio) fn rest(&mut self) {
        self.outputs.rest();
    }

    /// Takes out the next output.
    pub(in crate::socketio) fn poll(&mut self, limits: &Limits) -> Option<Output<Transmit, E>> {
        self.occasion = Occasion::Own;
        let output = self.outputs.pop()?;
        match &output {
            Output::Transmit(Transmit::Send(messages)) => self.load = self.load.saturating_sub(messages.weight()),
            Output::Transmit(Transmit::SendVolatile(_)) => self.volatile = Volatile::None,
            Output::Transmit(Transmit::Close) => {}
            Output::Event(_) => {
                let share = self.load.saturating_add(limits.max_buffered_bytes / 8).max(limits.max_buffered_bytes);
                self.occasion = Occasion::Reaction { share: NonZeroUsize::MIN.saturating_add(share) };
            }
        }
        Some(output)
    }

    /// The session had no room for these messages: they wait, and what comes after them.
    pub(in crate::socketio) fn hold(&mut self, messages: Encoded) {
        self.load = self.load.saturating_add(messages.weight());
        let mut waiting = Box::new(VecDeque::from([Transmit::Send(messages)]));
        let mut events = Outputs::new();
        while let Some(output) = self.outputs.pop() {
            match output {
                Output::Event(event) => events.push(Output::Event(event)),
                Output::Transmit(Transmit::SendVolatile(_)) => {}
                Output::Transmit(transmit) => waiting.push_back(transmit),
            }
        }
        self.outputs = events;
        self.volatile = Volatile::None;
        self.flow = Flow::Held(waiting);
    }

    /// The session has room again; `false` if it was not known to have none.
    pub(in crate::socketio) fn release(&mut self) -> bool {
        let Flow::Held(waiting) = core::mem::replace(&mut self.flow, Flow::Free) else { return false };
        waiting.into_iter().for_each(|transmit| self.outputs.push(Output::Transmit(transmit)));
        true
    }

    /// There is no session any more that would take anything.
    pub(in crate::socketio) fn forget_transmits(&mut self) {
        self.flow = Flow::Free;
        self.load = 0;
        self.volatile = Volatile::None;
        self.pressure = Pressure::Low;
        self.outputs.retain(|output| matches!(output, Output::Event(_)));
    }
}
