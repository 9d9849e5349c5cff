//! Traces, the language of the cases: a conversation that fits the lines of one.
//!
//! What a line says literally stands as it is. A hole gets one value that fits its place, the same on every line. Of
//! several accepted answers, the first is taken, which is that of the reference. Traces leave heartbeats out unless they
//! are their subject; so there are times only if each ping has a window that says when it comes.
//!
//! A line that leaves open what is said becomes something that cannot be read, so that nobody is accused for it.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | tells a trace from other texts |
//! | `player.rs` | plays the lines in their order |
//! | `client.rs`, `server.rs` | what each side does |
//! | `socket.rs` | a WebSocket |
//! | `exchange.rs` | a request and its answer, line by line |
//! | `examples.rs` | the values of holes |
//!
//! # Floors
//!
//! ```text
//! client  server
//! player
//! socket  exchange
//! examples
//! ```

mod client;
mod examples;
mod exchange;
mod player;
mod server;
mod socket;

#[cfg(test)]
mod tests;

use super::super::recording::{Lack, Recording};
use crate::trace::{Action, Need, Server, Side, Span, Step, Trace};
use player::Player;

const FORM: &str = "a trace";

/// The first words of the lines of a header.
const KEYS: [&str; 8] = ["title", "covers", "level", "needs", "seen", "since", "recorded", "note"];

/// Those that every trace has.
const REQUIRED: [&str; 3] = ["title", "covers", "level"];

/// Reads a trace; `None` if the text is something else.
pub(super) fn read(text: &str) -> Option<Recording> {
    if !is_trace(text) {
        return None;
    }
    let trace = match Trace::parse("the trace", text) {
        Ok(trace) => trace,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let fault = format!("line {line}, column {column}: expected {}, found {}", error.expected(), error.found());
            return Some(Recording { form: FORM, lacks: vec![Lack::End(fault)], ..Recording::default() });
        }
    };
    let mut player = Player::new(&trace, has_times(&trace));
    trace.steps().try_for_each(|step| player.play(step)).unwrap_or_else(|full| player.cut(full));
    let mut recording = player.finish(FORM);
    let needs = &trace.header.needs;
    let mut lack = |words: &str| recording.lacks.push(Lack::Detail(words.to_owned()));
    if needs.contains(&Need::Client) {
        lack("a server of its own: its lines are those of a test of clients, and are not judged");
        recording.unjudged = Some(Side::Server);
    }
    if needs.contains(&Need::Msgpack) {
        lack("the form of MessagePack: packets are read as the trace writes them, and those in that form are left out");
    }
    Some(recording)
}

/// Whether the text begins with a header: nothing but its keys, and most of those that are required.
fn is_trace(text: &str) -> bool {
    let header = text.lines().skip_while(|line| line.trim().is_empty()).take_while(|line| !line.trim().is_empty());
    let mut required = 0_usize;
    for line in header {
        let word = line.split_whitespace().next().unwrap_or_default();
        if !KEYS.contains(&word) {
            break;
        }
        required = required.saturating_add(usize::from(REQUIRED.contains(&word)));
    }
    required >= 2
}

/// Whether the lines say when everything happens. A ping that they do not mention can have come at any time.
fn has_times(trace: &Trace) -> bool {
    let is_ping = |step: &&Step| match &step.action {
        Action::Server(_, Server::Text(content) | Server::Packet(content)) => content.pattern.is("2"),
        _ => false,
    };
    let is_timed =
        |step: &Step| step.notes.window.as_ref().is_some_and(|window| matches!(window.span, Span::About { .. }));
    let pings: Vec<&Step> = trace.steps().filter(is_ping).collect();
    !pings.is_empty() && pings.into_iter().all(is_timed)
}
