//! Plays inputs on a machine, and asserts what holds for all machines: L4, L5, and that the same steps, played in
//! another way, have the same meaning.

use std::fmt::Debug;
use std::time::Duration;

use sio_codec::{Machine, Output, Timestamp};

/// The time when lives start, which is not the program's epoch.
pub(crate) const START: Timestamp = Timestamp::from_millis(5_000);

/// When outputs are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draining {
    /// After every input.
    Always,
    /// Before time passes, before an answer, before and after a call, when the machine takes no more input, and at the end;
    /// so inputs follow each other directly.
    Batched,
    /// Before and after a call, for which an application must know what happened, and at the end; inputs continue even
    /// if the machine takes no more.
    Heedless,
    /// Only at the end.
    Never,
    /// After every step whose number is a multiple of this.
    NowAndThen(usize),
    /// After every step, but at most so many: the program cannot write more for the moment.
    Few(usize),
    /// After each of so many steps, and then only at the end: the program cannot write any more.
    Until(usize),
}

impl Draining {
    /// Whether the application has seen all that happened when it makes a call.
    pub(crate) const fn around_verbs(self) -> bool {
        matches!(self, Self::Always | Self::Batched | Self::Heedless)
    }
}

/// The time that the machine gets when the clock jumps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    AsItIs,
    /// The latest time so far.
    Clamped,
}

/// Something that happened at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step<I, V> {
    at: Timestamp,
    what: What<I, V>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What<I, V> {
    Input(I),
    Timeout,
    Verb(V),
}

/// A change of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// It advances, and the machine gets the new time.
    Told(Duration),
    /// It advances, and the machine gets the new time with the next input.
    Untold(Duration),
    /// It jumps back.
    Back(Duration),
}

/// The environment of a machine: its application, and the laws that are checked.
pub(crate) trait World<M: Machine> {
    /// A call of the application.
    type Verb: Copy;

    /// Whether results of timers come before this input.
    fn after_timers(_: &M::Input) -> bool {
        true
    }

    /// Whether this input can only come after what was caused before it has been taken out: a client polls again when it
    /// has the answer.
    fn is_an_answer(&mut self, _: &M::Input) -> bool {
        false
    }

    /// The application must notice calls that are not possible now.
    fn act(&mut self, machine: &mut M, now: Timestamp, verb: Self::Verb);

    /// Checks an input of a life whose outputs are taken at once.
    fn input(&mut self, _: &M::Input) {}

    fn transmit(&mut self, transmit: &M::Transmit, draining: Draining);

    fn event(&mut self, event: M::Event);

    /// All outputs were taken.
    fn drained(&mut self) {}

    /// All outputs were taken, in a life whose outputs are taken at once.
    fn at_rest(&self, _: &M) {}
}

/// A life: the machine, its world, and the outputs.
pub(crate) struct Player<M: Machine, W: World<M>> {
    pub(crate) machine: M,
    pub(crate) world: W,
    draining: Draining,
    clock: Clock,
    now: Timestamp,
    /// The latest time that the machine got.
    told: Timestamp,
    /// What happened.
    pub(crate) steps: Vec<Step<M::Input, W::Verb>>,
    /// All events, as text.
    pub(crate) events: Vec<String>,
    /// All outputs of a life whose outputs are taken at once, as text.
    pub(crate) outputs: Vec<String>,
}

impl<M, W> Player<M, W>
where
    M: Machine<Input: Clone, Transmit: Debug, Event: Debug>,
    W: World<M>,
{
    pub(crate) fn new(machine: M, world: W, draining: Draining, clock: Clock) -> Self {
        let mut player = Self {
            machine,
            world,
            draining,
            clock,
            now: START,
            told: START,
            steps: Vec::new(),
            events: Vec::new(),
            outputs: Vec::new(),
        };
        player.drain();
        player
    }

    /// Plays the steps of another life.
    pub(crate) fn again(mut self, steps: &[Step<M::Input, W::Verb>]) -> Self {
        for step in steps {
            self.step(step.clone());
        }
        self.drain();
        self
    }

    pub(crate) fn happens(&mut self, what: What<M::Input, W::Verb>) {
        self.step(Step { at: self.now, what });
    }

    pub(crate) fn passes(&mut self, time: Time) {
        match time {
            Time::Told(step) => {
                self.now = self.now.saturating_add(step);
                self.happens(What::Timeout);
            }
            Time::Untold(step) => self.now = self.now.saturating_add(step),
            Time::Back(step) => {
                let back = Timestamp::ZERO.saturating_add(step);
                self.now = Timestamp::ZERO.saturating_add(self.now.saturating_since(back));
            }
        }
    }

    /// All events except the hints that there is room again, whose time depends on when outputs are taken.
    pub(crate) fn news(&self) -> Vec<String> {
        self.events.iter().filter(|event| *event != "Writable").cloned().collect()
    }

    /// L11: what was reported in one life was reported in the other, in the same order, until the session of one of them
    /// ended. A client connects again only after the end of its session was taken out, so that later inputs may come before
    /// that.
    pub(crate) fn agrees_with(&self, other: &Self) {
        let told = |life: &Self| {
            let session = life.events.iter().take_while(|event| !event.starts_with("Closed"));
            let news = session.filter(|event| event.starts_with("Message") || event.starts_with("Received"));
            news.cloned().collect::<Vec<_>>()
        };
        let (this, that) = (told(self), told(other));
        assert!(this.starts_with(&that) || that.starts_with(&this), "L11: {this:?} and {that:?}");
    }

    /// L4: a machine without further input comes to rest after at most this many deadlines.
    pub(crate) fn rests_within(&mut self, deadlines: usize) {
        self.drain();
        for _ in 0..deadlines {
            let Some(due) = self.machine.next_deadline() else { break };
            self.step(Step { at: due, what: What::Timeout });
            self.drain();
        }
        assert_eq!(self.machine.next_deadline(), None, "L4: alone and still busy");
    }

    fn step(&mut self, step: Step<M::Input, W::Verb>) {
        self.steps.push(step.clone());
        self.now = step.at;
        match step.what {
            What::Input(input) => self.input(input),
            What::Timeout => self.timeout(),
            What::Verb(verb) => {
                self.drain_in(self.draining.around_verbs());
                self.timeout();
                self.drain_in(self.draining.around_verbs());
                let now = self.tell();
                self.world.act(&mut self.machine, now, verb);
                self.drain_in(self.draining.around_verbs());
            }
        }
        match self.draining {
            Draining::NowAndThen(every) => self.drain_in(self.steps.len().is_multiple_of(every)),
            Draining::Few(most) => {
                self.take(most);
            }
            Draining::Until(steps) => self.drain_in(self.steps.len() <= steps),
            Draining::Always | Draining::Batched | Draining::Heedless | Draining::Never => {}
        }
    }

    fn input(&mut self, input: M::Input) {
        let in_turn = self.world.is_an_answer(&input) || self.now > self.told || !self.machine.wants_input();
        self.drain_in(self.draining == Draining::Batched && in_turn);
        if W::after_timers(&input) {
            self.timeout();
        }
        let now = self.tell();
        if self.draining == Draining::Always {
            self.world.input(&input);
        }
        self.machine.handle(now, input);
        self.progresses();
        if self.draining == Draining::Always {
            self.drain();
            self.progresses();
        }
    }

    /// L4 and L5.
    fn timeout(&mut self) {
        self.drain_in(self.draining == Draining::Batched && self.now > self.told);
        let before = self.machine.next_deadline();
        let now = self.tell();
        self.machine.handle_timeout(now);
        self.progresses();
        if self.draining == Draining::Always {
            if before.is_none_or(|due| due > self.told) {
                assert_eq!(self.machine.next_deadline(), before, "L5: a deadline moved");
                assert_eq!(self.drain(), 0, "L5: outputs before the deadline");
            } else {
                self.drain();
                self.progresses();
            }
        }
    }

    /// L4: everything that was due has been done.
    fn progresses(&self) {
        let next = self.machine.next_deadline();
        assert!(next.is_none_or(|due| due > self.told), "L4: {next:?} is due at {:?}", self.told);
    }

    /// The time for the machine.
    fn tell(&mut self) -> Timestamp {
        self.told = self.told.max(self.now);
        match self.clock {
            Clock::AsItIs => self.now,
            Clock::Clamped => self.told,
        }
    }

    fn drain_in(&mut self, case: bool) {
        if case {
            self.drain();
        }
    }

    /// Takes all outputs, and returns their number.
    fn drain(&mut self) -> usize {
        self.take(usize::MAX)
    }

    /// Takes at most so many outputs, and returns their number.
    fn take(&mut self, most: usize) -> usize {
        let at_once = self.draining == Draining::Always;
        for taken in 0..most {
            let Some(output) = self.machine.poll_output() else {
                self.world.drained();
                if at_once {
                    self.world.at_rest(&self.machine);
                }
                return taken;
            };
            match output {
                Output::Transmit(transmit) => {
                    self.world.transmit(&transmit, self.draining);
                    if at_once {
                        self.outputs.push(format!("{transmit:?}"));
                    }
                }
                Output::Event(event) => {
                    let told = format!("{event:?}");
                    if at_once {
                        self.outputs.push(told.clone());
                    }
                    self.events.push(told);
                    self.world.event(event);
                }
            }
        }
        most
    }
}
