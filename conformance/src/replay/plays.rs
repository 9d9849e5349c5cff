//! The steps of a trace in the order of play.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::trace::{Action, Line, Server, Session, Step, Trace};

/// One step, one time: a step that is repeated becomes several plays.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) step: Arc<Step>,
    /// The number of the step in the trace, from 0.
    pub(super) ordinal: usize,
    pub(crate) counter: u32,
}

/// The steps of a trace, with repetitions.
pub(crate) fn plays(trace: &Trace) -> Vec<Play> {
    repeated(trace.steps().cloned())
}

/// The steps of an Engine.IO trace on a path where sessions that join no namespace are closed after some time: if time
/// passes in the trace, its sessions join a namespace.
pub(super) fn plays_joined(trace: &Trace) -> Vec<Play> {
    let steps = trace.lines.iter().flat_map(|line| match line {
        Line::Setup(setup) => setup.joined_steps().unwrap_or_else(|| setup.steps().to_vec()),
        line => line.steps().to_vec(),
    });
    repeated(steps)
}

fn repeated(steps: impl Iterator<Item = Step>) -> Vec<Play> {
    let plays = steps.enumerate().flat_map(|(ordinal, step)| {
        let step = Arc::new(step);
        let times = step.notes.repeat.map_or(1, NonZeroU32::get);
        (0..times).map(move |counter| Play { step: Arc::clone(&step), ordinal, counter })
    });
    plays.collect()
}

/// Whether any part of a trace may take as long as a timer of the server.
pub(super) fn takes_time(trace: &Trace) -> bool {
    trace.steps().any(|step| {
        let is_end = matches!(
            step.action,
            Action::Server(_, Server::Closed(_) | Server::End | Server::Quiet(_))
                | Action::Session(Session::Wait(_) | Session::Quiet(_) | Session::Gone(_))
        );
        is_end || step.notes.window.is_some()
    })
}
