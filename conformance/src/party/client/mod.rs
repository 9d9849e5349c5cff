//! A client machine in memory, with the roles swapped: the trace's S lines are played, its C lines expected.
//!
//! A C line is one of two things. What an application wants, to open a session, send a message, be in a namespace, emit,
//! acknowledge, leave, is issued as the verb that makes a client say so; what a client does on its own account, to poll,
//! answer a ping, probe, upgrade, it must do unprompted. Either way it must say what the line says, where the line says it.
//! S lines are the server's answers, their holes filled with the reference's defaults, and the application must be told
//! what they carry, once, and nothing else.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`play`] |
//! | `reading.rs`, `script.rs` | from a trace to what is wished for, expected and answered |
//! | `course.rs` | what a client may do at which point of a session |
//! | `wishes.rs` | from packets to verbs |
//! | `answers.rs` | from holes to what a server would say |
//! | `reason.rs` | why a trace does not apply |
//! | `world.rs` | the network, the server and the clock |
//! | `subject.rs`, `told.rs` | the machine, and what its application is told |
//! | `ids.rs` | the acknowledgement ids, which a client draws itself |
//!
//! # What is left to the client
//!
//! When it polls, as long as it has one GET in flight and never two; over how many POSTs it spreads its packets; the order
//! of query parameters and the spelling of JSON; the ids of its acknowledgements; whether it acts before the trace's
//! client would, which waits where it need not. While an upgrade is probed, a GET that the trace does not mention is
//! answered with a noop.
//!
//! # Which traces apply
//!
//! Those whose C lines a correct client can be made to say. Many traces are about clients that misbehave; `reading.rs`
//! finds that in the lines themselves, and the outcome is [`Verdict::NotApplicable`] with the reason. Nothing that the
//! machine does has an influence on it.

mod answers;
mod course;
mod ids;
mod reading;
mod reason;
mod script;
mod subject;
mod told;
mod wishes;
mod world;

use std::time::Duration;

use sio_codec::Timestamp;

use crate::replay::{Conditions, Outcome, Timeline, Verdict};
use crate::trace::Trace;
use world::World;

/// Plays a trace to a client machine, on a clock that moves only when nobody can.
///
/// What is about Socket.IO is played twice: to a connection on a session, and to a client that opens its session itself.
///
/// ```
/// use siospec::party::client;
/// use siospec::replay::{Conditions, Verdict};
/// use siospec::trace::Trace;
///
/// let trace = |text| Trace::parse("example.trace", &format!("\
/// title     A message comes back
/// covers    EIO4-PKT-12
/// level     must
///
/// ws C open  EIO=4&transport=websocket
/// ws S text  0{{\"sid\":$sid,\"upgrades\":[],\"pingInterval\":$interval,\"pingTimeout\":$timeout,\"maxPayload\":$max}}
/// ws C text  {text}
/// "));
/// let outcome = client::play(&trace("4hello")?, Conditions::default());
/// assert_eq!(outcome.verdict, Verdict::Passed);
/// let outcome = client::play(&trace("3")?, Conditions::default());
/// assert_eq!(outcome.verdict, Verdict::NotApplicable("sends a pong that no ping asks for".to_owned()));
/// # Ok::<(), siospec::trace::ParseError>(())
/// ```
#[must_use]
pub fn play(trace: &Trace, conditions: Conditions) -> Outcome {
    let script = match reading::read(trace, &conditions) {
        Ok(script) => script,
        Err(reason) => return outcome(Verdict::NotApplicable(reason.to_string()), Timeline::default(), Duration::ZERO),
    };
    let mut played = outcome(Verdict::Passed, Timeline::default(), Duration::ZERO);
    for assembly in script.assemblies() {
        let mut world = World::new(&script, *assembly, conditions);
        let verdict =
            world.play(&script).map_or_else(|difference| Verdict::Departed(vec![difference]), |()| Verdict::Passed);
        let duration = world.now.saturating_since(Timestamp::ZERO);
        played = outcome(verdict, world.timeline, duration);
        if played.verdict != Verdict::Passed {
            break;
        }
    }
    played
}

fn outcome(verdict: Verdict, timeline: Timeline, duration: Duration) -> Outcome {
    Outcome { verdict, timeline, duration, noise: Duration::ZERO }
}

#[cfg(test)]
mod tests;
