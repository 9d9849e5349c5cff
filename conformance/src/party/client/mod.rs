//! A client, with the roles swapped: the trace's S lines are played, its C lines are expected. The client is one of our
//! machines in memory, or the client of a [driver](super::driver) on sockets.
//!
//! A C line is one of two things. Some are requests of an application: to open a session, send a message, join a
//! namespace, emit, acknowledge, leave. For these, the test calls the method that makes a client do so. Others a client
//! does by itself: poll, answer a ping, probe, upgrade. In both cases the client must send what the line says, at its
//! place. S lines are the server's answers; their holes are filled with the reference's defaults. The application must
//! receive their content, once, and nothing else.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`play`] |
//! | `reading/`, `script.rs` | turn a trace into calls, expectations and answers |
//! | `course.rs` | what a client may do in each state of a session |
//! | `wishes.rs` | turns packets into calls |
//! | `answers.rs` | fills holes with what a server would say |
//! | `reason.rs` | why a trace does not apply |
//! | `world/` | the network, the server and the clock |
//! | `subject/`, `live/` | the client: a machine in memory, or on sockets a driver's client or one that only echoes |
//! | `mutants/` | defects of the machine in memory, to test the cases |
//! | `own.rs` | that machine as the client of a driver |
//! | `told.rs` | what the client's application receives |
//! | `ids.rs` | the ids of acknowledgements, which a client chooses itself |
//!
//! # What the client may choose
//!
//! When it polls, as long as exactly one GET is in flight; over how many POSTs it spreads its packets; whether it closes the
//! session when it has left its last namespace, or was refused there, unless a line of the trace says so; the order of
//! query parameters and the notation of JSON; the ids of its acknowledgements; whether it acts earlier than the trace's
//! client, which sometimes waits without need; whether it sends a pong that no ping asks for. While an upgrade is probed, a GET that the trace does not mention is
//! answered with a noop. A trace for servers that goes on with polling during a probe does not apply to a client of a driver
//! that does nothing else while it probes.
//!
//! # Which traces apply
//!
//! A trace applies if a correct client can be made to send its C lines. Many traces are about clients that misbehave;
//! `reading/` finds these by their lines, and the outcome is [`Verdict::NotApplicable`] with the reason. The
//! behaviour of the machine has no influence on this. All traces that `need client` apply: they were written for clients.

mod answers;
mod course;
mod ids;
mod live;
pub mod mutants;
mod own;
mod reading;
mod reason;
mod script;
mod subject;
mod told;
mod wishes;
mod world;

use std::io;
use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::engineio::client::Transports;

use super::driver::{Driver, Fault};
use crate::replay::{Conditions, Outcome, Timeline, Verdict};
use crate::trace::{Need, Revision, Trace};
use answers::Pace;
use live::{Live, Visitor};
pub(crate) use live::{Paths, Place, switching};
use mutants::Mutant;
pub use own::{Line, Options, Own, Request};
use script::{Assembly, Script};
use subject::Memory;
use world::World;

/// Plays a trace against a client machine. The clock moves only when neither side can act.
///
/// A trace about Socket.IO is played twice: against a connection on a session, and against a client that opens its
/// session itself.
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
    play_in_memory(trace, conditions, None)
}

/// Plays a trace against a client machine with one defect, as [`play`] does.
#[must_use]
pub fn play_mutant(trace: &Trace, conditions: Conditions, mutant: &Mutant) -> Outcome {
    play_in_memory(trace, conditions, Some(mutant))
}

fn play_in_memory(trace: &Trace, conditions: Conditions, mutant: Option<&Mutant>) -> Outcome {
    let script = match reading::read(trace, &conditions, Pace::Default) {
        Ok(script) => script,
        Err(reason) => return outcome(Verdict::NotApplicable(reason.to_string()), Timeline::default(), Duration::ZERO),
    };
    let mut played = outcome(Verdict::Passed, Timeline::default(), Duration::ZERO);
    for assembly in script.assemblies() {
        played = in_memory(&script, *assembly, conditions, mutant);
        if played.verdict != Verdict::Passed {
            break;
        }
    }
    played
}

fn in_memory(script: &Script, assembly: Assembly, conditions: Conditions, mutant: Option<&Mutant>) -> Outcome {
    let mut subject = Memory::new(Timestamp::ZERO, &script.setup, assembly, script.scope(), mutant);
    finish(&mut World::new(&mut subject, assembly, conditions), script)
}

/// Plays a script to its end, or to the first difference.
fn finish(world: &mut World<'_>, script: &Script) -> Outcome {
    let played = world.play(script);
    let verdict = played.map_or_else(|difference| Verdict::Departed(vec![difference]), |()| Verdict::Passed);
    let duration = world.now.saturating_since(Timestamp::ZERO);
    outcome(verdict, std::mem::take(&mut world.timeline), duration)
}

/// Plays a trace against the client of a driver, on sockets.
///
/// # Errors
///
/// [`Fault`] if the driver does not do its part.
pub(crate) fn play_live(
    trace: &Trace,
    conditions: Conditions,
    driver: &mut Driver,
    place: &Place,
) -> Result<Outcome, Fault> {
    let script = match reading::read(trace, &conditions, Pace::Short) {
        Ok(script) => script,
        Err(reason) => return Ok(not_applicable(reason.to_string())),
    };
    let Some(assembly) = script.assemblies().last().copied().filter(|assembly| *assembly != Assembly::Peer) else {
        return Ok(not_applicable("opens a session and joins no namespace".to_owned()));
    };
    if let Some(missing) = live::missing(trace, &script, driver) {
        return Ok(unsupported(format!("the client has no {missing}")));
    }
    let mut live = Live::open(&script, driver, place)?;
    let mut world = World::new(&mut live, assembly, conditions);
    let played = finish(&mut world, &script);
    let unsuited = world.unsuited;
    if let Some(call) = live.end()? {
        return Ok(unsupported(format!("the client has no call {call}")));
    }
    Ok(unsuited.map(str::to_owned).map_or(played, not_applicable))
}

/// The calls of the driver protocol that a trace makes, in order, as JSON without ids; `None` if no correct client can play it.
pub(crate) fn calls(trace: &Trace) -> Option<Vec<String>> {
    let script = reading::read(trace, &Conditions::default(), Pace::Short).ok()?;
    let has_driver = script.assemblies().last().is_some_and(|assembly| *assembly != Assembly::Peer);
    has_driver.then(|| live::calls(&script))
}

/// The client that can play a trace without a driver.
///
/// # Errors
///
/// Why none can, in the words that follow "it".
pub(crate) fn visitor(trace: &Trace) -> Result<Visiting, String> {
    let script = visit(trace, &Conditions::default()).map_err(|reason| reason.to_string())?;
    Ok(Visiting { revision: script.setup.revision, transports: script.setup.transports })
}

/// What a client must be to play a trace without a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visiting {
    pub(crate) revision: Revision,
    pub(crate) transports: Transports,
}

/// The script of a trace for a client without a driver.
fn visit(trace: &Trace, conditions: &Conditions) -> Result<Script, reason::Reason> {
    if !trace.header.needs.contains(&Need::Client) {
        return Err(reason::Reason::new("needs a driver, because its application does not only echo"));
    }
    live::without_driver(reading::read(trace, conditions, Pace::Short)?)
}

/// Plays a trace against a client without a driver, on sockets, which only echoes. `invite` is told the path of its server,
/// when the client can connect.
///
/// # Errors
///
/// If the place cannot be used.
pub(crate) fn play_visitor(
    trace: &Trace,
    conditions: Conditions,
    place: &Place,
    invite: impl FnOnce(&str),
) -> io::Result<Outcome> {
    let script = match visit(trace, &conditions) {
        Ok(script) => script,
        Err(reason) => return Ok(not_applicable(reason.to_string())),
    };
    let mut visitor = Visitor::expect(place)?;
    invite(visitor.path());
    visitor.arrive();
    Ok(finish(&mut World::new(&mut visitor, Assembly::Client, conditions), &script))
}

fn not_applicable(why: String) -> Outcome {
    outcome(Verdict::NotApplicable(why), Timeline::default(), Duration::ZERO)
}

/// What a driver says that its client does not have.
fn unsupported(what: String) -> Outcome {
    outcome(Verdict::Unsupported(what), Timeline::default(), Duration::ZERO)
}

fn outcome(verdict: Verdict, timeline: Timeline, duration: Duration) -> Outcome {
    Outcome { verdict, timeline, duration, noise: Duration::ZERO }
}

#[cfg(test)]
mod freedom;
#[cfg(test)]
mod tests;
