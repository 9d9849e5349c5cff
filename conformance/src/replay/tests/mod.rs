//! Conversations that the tests give to the engine step by step, with a manual clock.

mod aside;
mod eio3;
mod posts;
mod probes;
mod raw;
mod rules;
mod timers;
mod windows;

use std::time::Duration;

use bytes::Bytes;
use sio_codec::{Machine as _, Output, Timestamp};

use super::{Answer, Command, Conditions, Happening, Id, Outcome, Replay, Seen, Unjoined, Verdict};
use crate::trace::Trace;

/// The times of the contract.
const OPEN: &str = r#"0{"sid":"A","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#;

/// A replay whose server is the test.
struct Told {
    replay: Replay,
    now: Timestamp,
    commands: Vec<Command>,
    outcome: Option<Box<Outcome>>,
}

impl Told {
    /// Starts a trace that covers a must of the specification.
    fn new(body: &str) -> Self {
        Self::with(body, Conditions::default())
    }

    fn with(body: &str, conditions: Conditions) -> Self {
        Self::of(&format!("title     A test\ncovers    EIO4-WS-01\nlevel     must\n\n{body}"), conditions)
    }

    fn of(source: &str, conditions: Conditions) -> Self {
        let trace = Trace::parse("test", source).unwrap();
        let replay = Replay::judge(&trace, Timestamp::ZERO, conditions);
        let mut told = Self { replay, now: Timestamp::ZERO, commands: Vec::new(), outcome: None };
        told.drain();
        told
    }

    /// A WebSocket session that is open, after `body`'s own first line, which is `ws C session websocket`.
    fn opened(body: &str, conditions: Conditions) -> Self {
        let mut told = Self::with(&format!("ws C session  websocket\n{body}"), conditions);
        told.see(0, Seen::Opened);
        told.text(0, OPEN);
        told
    }

    /// Reports an event on the request or connection that was started as the `id`th.
    fn see(&mut self, id: u32, seen: Seen) {
        self.replay.handle(self.now, Happening { id: Id(id), seen });
        self.drain();
    }

    fn text(&mut self, id: u32, text: &str) {
        self.see(id, Seen::Text(text.to_owned()));
    }

    fn answer(&mut self, id: u32, status: u16, body: &str) {
        let headers = vec![("content-type".to_owned(), "text/plain; charset=UTF-8".to_owned())];
        self.see(id, Seen::Answer(Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }));
    }

    /// Moves the clock, and handles every deadline before the new time.
    fn pass(&mut self, millis: u64) {
        let end = self.now.saturating_add(Duration::from_millis(millis));
        while let Some(deadline) = self.replay.next_deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.replay.handle_timeout(self.now);
            self.drain();
            if self.outcome.is_some() {
                return;
            }
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.replay.poll_output() {
            match output {
                Output::Transmit(command) => self.commands.push(command),
                Output::Event(outcome) => self.outcome = Some(outcome),
            }
        }
    }

    /// The query strings of the requests and WebSockets that were started, in order.
    fn queries(&self) -> Vec<&str> {
        fn query(command: &Command) -> Option<&str> {
            match command {
                Command::Request { request, .. } => Some(&request.query),
                Command::Open { query, .. } => Some(query),
                _ => None,
            }
        }
        self.commands.iter().filter_map(query).collect()
    }

    fn verdict(&self) -> &Verdict {
        &self.outcome.as_ref().expect("the replay is over").verdict
    }

    fn passes(&self) {
        assert_eq!(self.verdict(), &Verdict::Passed);
    }

    /// What happened instead, when a must is broken.
    fn fails(&self) -> &str {
        &self.verdict().decisive().expect("a rule is broken").actual
    }
}

/// A path where a session that joins no namespace is closed after a second.
fn socket_path() -> Conditions {
    Conditions { unjoined: Unjoined::Closed(Duration::from_secs(1)), ..Conditions::default() }
}
