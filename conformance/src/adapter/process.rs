//! The process of an adapter.

use std::fmt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::lines::{Answer, Hello, Reply, Request, VERSION, object};
use crate::launch::Group;
use crate::launch::lines::{self, Said};
use crate::replay::shorten;

/// How long an adapter may take to introduce itself: interpreters and compilers start slowly.
const START: Duration = Duration::from_secs(60);

/// How many lines are read ahead. Then the adapter waits.
const MAX_WAITING: usize = 64;

/// How many requests are sent at once to see whether the answers keep their order.
const AT_ONCE: u64 = 8;

/// An adapter that was started and has introduced itself.
#[derive(Debug)]
pub(super) struct Adapter {
    child: Child,
    group: Group,
    patience: Duration,
    requests: mpsc::Sender<String>,
    said: Receiver<Said>,
    last: u64,
    pub(super) hello: Hello,
}

/// How an adapter fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be started.
    Unstartable(String),
    /// It ended, or closed its output.
    Crashed(String),
    /// It does not answer.
    Hung(String),
    /// It writes what is no line of the protocol.
    Garbage(String),
    /// It answers another request than the oldest that waits.
    Order {
        /// The id that the answer should have.
        expected: u64,
        /// The id that it has.
        actual: u64,
    },
}

impl Fault {
    /// The word for it in a report.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unstartable(_) => "NO ADAPTER",
            Self::Crashed(_) => "CRASH",
            Self::Hung(_) => "HANG",
            Self::Garbage(_) => "GARBAGE",
            Self::Order { .. } => "ORDER",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstartable(why) => write!(f, "the adapter cannot be started: {why}"),
            Self::Crashed(how) => write!(f, "the adapter ended: {how}"),
            Self::Hung(what) => write!(f, "the adapter did not answer {what}"),
            Self::Garbage(line) => write!(f, "the adapter wrote what is no line of the protocol: {line}"),
            Self::Order { expected, actual } => {
                write!(f, "the adapter answered request {actual}, where the answer to request {expected} was expected")
            }
        }
    }
}

impl std::error::Error for Fault {}

impl Adapter {
    /// Starts an adapter, and waits until it has introduced itself.
    pub(super) fn start(command: &[String], patience: Duration, group: &Group) -> Result<Self, Fault> {
        let (program, arguments) = command.split_first().ok_or_else(|| Fault::Unstartable("no command".to_owned()))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| Fault::Unstartable(format!("{program}: {error}")))?;
        group.enter(Some(child.id()));
        let (sender, said) = mpsc::sync_channel(MAX_WAITING);
        let (requests, to_write) = mpsc::channel();
        if let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
            thread::spawn(move || lines::write(input, &to_write));
            thread::spawn(move || lines::read(output, |said| sender.send(said).is_ok()));
        }
        let _ = requests.send(json!({"op": "hello", "v": VERSION}).to_string());
        let hello = Hello::default();
        let mut adapter = Self { child, group: group.clone(), patience, requests, said, last: 0, hello };
        adapter.hello = adapter.introduction()?;
        Ok(adapter)
    }

    fn introduction(&mut self) -> Result<Hello, Fault> {
        let line = self.line(START, || format!("the hello within {} s", START.as_secs()))?;
        let hello: Hello = read(&line)?;
        if hello.op != "hello" {
            return Err(garbage(&line));
        }
        if hello.v != VERSION {
            return Err(Fault::Garbage(format!("version {} of the protocol, not {VERSION}", hello.v)));
        }
        Ok(hello)
    }

    /// Sends a request, and waits for its answer.
    pub(super) fn ask(&mut self, request: Request<'_>) -> Result<Answer, Fault> {
        let id = self.send(request);
        self.answer(id)
    }

    /// Sends an operation that nobody knows. Returns what is wrong with the answer.
    pub(super) fn refuses_the_unknown(&mut self) -> Result<Option<String>, Fault> {
        let op = format!("x-{:08x}", getrandom::u32().unwrap_or_default());
        let answer = self.ask(Request::bare(&op))?;
        let expected = "expected \"unsupported\":true as the answer to an unknown operation";
        Ok((answer != Answer::Unsupported).then(|| expected.to_owned()))
    }

    /// Sends several requests at once. Answers out of order are a fault.
    pub(super) fn keeps_order(&mut self) -> Result<Option<String>, Fault> {
        let ids: Vec<u64> = (0..AT_ONCE).map(|_| self.send(Request::bare("x-order"))).collect();
        for id in ids {
            self.answer(id)?;
        }
        Ok(None)
    }

    fn send(&mut self, request: Request<'_>) -> u64 {
        self.last += 1;
        let numbered = Numbered { id: self.last, request };
        // What cannot be written is never answered. The writer only ends with the process, which `answer` notices.
        let _ = self.requests.send(serde_json::to_string(&numbered).unwrap_or_default().replace(['\r', '\n'], " "));
        self.last
    }

    fn answer(&mut self, id: u64) -> Result<Answer, Fault> {
        let patience = self.patience;
        let line = self.line(patience, || format!("within {} s", patience.as_secs_f64()))?;
        let reply: Reply = read(&line)?;
        if reply.id != id {
            return Err(Fault::Order { expected: id, actual: reply.id });
        }
        reply.answer().ok_or_else(|| garbage(&line))
    }

    fn line(&mut self, patience: Duration, what: impl Fn() -> String) -> Result<String, Fault> {
        match self.said.recv_timeout(patience) {
            Ok(Said::Line(line)) => Ok(line),
            Ok(Said::Unreadable(why)) => Err(Fault::Garbage(why)),
            Ok(Said::Ended) | Err(RecvTimeoutError::Disconnected) => Err(self.crashed()),
            Err(RecvTimeoutError::Timeout) => Err(Fault::Hung(what())),
        }
    }

    fn crashed(&mut self) -> Fault {
        // Its output is closed; the process itself may need a moment.
        let deadline = Instant::now() + Duration::from_millis(200);
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Fault::Crashed(status.to_string());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Fault::Crashed("it closed its output".to_owned())
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        // Its group has what it started, too.
        self.group.kill();
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.group.leave();
    }
}

/// A request with its id.
#[derive(serde::Serialize)]
struct Numbered<'a> {
    id: u64,
    #[serde(flatten)]
    request: Request<'a>,
}

/// Reads a line. One that is JSON, but not what it should be, is told apart by the words of the error.
fn read<'l, T: Deserialize<'l>>(line: &'l str) -> Result<T, Fault> {
    object(line).map_err(|error| match serde_json::from_str::<Value>(line) {
        Ok(_) => Fault::Garbage(format!("{error}: {}", shorten(line))),
        Err(_) => garbage(line),
    })
}

fn garbage(line: &str) -> Fault {
    Fault::Garbage(shorten(line))
}
