//! A driver: a process that was started, or a program that opened a WebSocket. Lines to it, and lines from it.

use std::fmt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::News;
use super::link::{Link, MAX_WAITING, Order};
use crate::launch::lines::{self, Said};
use crate::launch::{Group, Groups};

/// The version of the protocol.
pub(super) const VERSION: u64 = 1;

/// How long a driver may take to start.
const START: Duration = Duration::from_secs(60);

/// How long a driver may take to answer a call.
const CALL: Duration = Duration::from_secs(5);

/// A driver that was started and has introduced itself.
#[derive(Debug)]
pub(crate) struct Driver {
    peer: Peer,
    news: Receiver<News>,
    sender: SyncSender<News>,
    last_call: u64,
    /// What it said about itself.
    pub(crate) hello: Hello,
}

/// The program on the other side.
#[derive(Debug)]
enum Peer {
    /// A process that was started, its group, and the lines to it.
    Process(Child, Group, mpsc::Sender<String>),
    /// A program that opened a WebSocket.
    Socket(UnboundedSender<Order>),
}

/// What a driver says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Hello {
    hello: u64,
    /// The name of the client.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// What the client can do.
    pub(crate) capabilities: Vec<String>,
    /// The revisions of Engine.IO that it speaks.
    #[serde(default = "latest")]
    pub(crate) eio: Vec<u8>,
}

fn latest() -> Vec<u8> {
    vec![4]
}

/// How a driver fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It cannot be started.
    Unstartable(String),
    /// It has ended.
    Crashed(String),
    /// It does not answer.
    Hung(String),
    /// It writes what is no line of the protocol.
    Garbage(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstartable(why) => write!(f, "the driver cannot be started: {why}"),
            Self::Crashed(how) => write!(f, "the driver ended: {how}"),
            Self::Hung(what) => write!(f, "the driver does not answer {what}"),
            Self::Garbage(line) => write!(f, "the driver wrote what is no line of the protocol: {line}"),
        }
    }
}

/// The answer to a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Refused(String),
    Unsupported,
}

impl Driver {
    /// Starts a driver, and waits until it has introduced itself.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not.
    pub(crate) fn start(command: &[String], groups: &Groups) -> Result<Self, Fault> {
        let (program, arguments) = command.split_first().ok_or_else(|| Fault::Unstartable("no command".to_owned()))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| Fault::Unstartable(format!("{program}: {error}")))?;
        let group = groups.enter(child.id());
        let (sender, news) = mpsc::sync_channel(MAX_WAITING);
        let (lines, to_write) = mpsc::channel();
        if let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
            thread::spawn(move || lines::write(input, &to_write));
            let sender = sender.clone();
            thread::spawn(move || lines::read(output, |said| sender.send(said.into()).is_ok()));
        }
        Self::meet(Peer::Process(child, group, lines), news, sender, || {})
    }

    /// Waits until the program on a WebSocket has introduced itself. If it does not, it is told why it is turned away, after
    /// `forget`: it may come back at once.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not.
    pub(crate) fn from_link(link: Link, forget: impl FnOnce()) -> Result<Self, Fault> {
        let Link { orders, news, sender } = link;
        Self::meet(Peer::Socket(orders), news, sender, forget)
    }

    fn meet(peer: Peer, news: Receiver<News>, sender: SyncSender<News>, forget: impl FnOnce()) -> Result<Self, Fault> {
        let mut driver = Self { peer, news, sender, last_call: 0, hello: Hello::default() };
        driver.peer.say(json!({ "hello": VERSION }).to_string());
        match driver.introduction() {
            Ok(hello) => {
                driver.hello = hello;
                Ok(driver)
            }
            Err(fault) => {
                forget();
                driver.dismiss(&fault);
                Err(fault)
            }
        }
    }

    /// Ends a driver with a fault.
    pub(crate) fn dismiss(self, fault: &Fault) {
        if let Peer::Socket(orders) = &self.peer {
            let _ = orders.send(Order::Close(Some(fault.to_string())));
        }
    }

    fn introduction(&mut self) -> Result<Hello, Fault> {
        let deadline = Instant::now() + START;
        loop {
            let line = match self.next(deadline)? {
                None => return Err(Fault::Hung(format!("the hello within {} s", START.as_secs()))),
                Some(News::Line(line)) => line,
                Some(_) => continue,
            };
            let hello: Hello = serde_json::from_str(&line).map_err(|_| garbage(&line))?;
            if hello.hello != VERSION {
                return Err(Fault::Garbage(format!("version {} of the protocol, not {VERSION}", hello.hello)));
            }
            return Ok(hello);
        }
    }

    /// Where requests and WebSockets of the client are reported.
    pub(crate) fn sender(&self) -> SyncSender<News> {
        self.sender.clone()
    }

    /// The next thing that happens; `None` at the deadline.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the driver has ended, or writes lines that are too long.
    pub(crate) fn next(&mut self, deadline: Instant) -> Result<Option<News>, Fault> {
        match self.news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(News::Ended) | Err(RecvTimeoutError::Disconnected) => Err(self.crashed()),
            Ok(News::Unreadable(why)) => Err(Fault::Garbage(why)),
            Ok(news) => Ok(Some(news)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
        }
    }

    fn crashed(&mut self) -> Fault {
        let Peer::Process(child, ..) = &mut self.peer else {
            return Fault::Crashed("it closed its WebSocket".to_owned());
        };
        // Its output is closed; the process itself may need a moment.
        for _ in 0..20 {
            if let Ok(Some(status)) = child.try_wait() {
                return Fault::Crashed(status.to_string());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Fault::Crashed("it closed its output".to_owned())
    }

    /// Makes a call, and waits for its answer. What happens meanwhile is passed to `other`.
    ///
    /// # Errors
    ///
    /// [`Fault`] if no answer comes.
    pub(crate) fn call(&mut self, members: &str, mut other: impl FnMut(News)) -> Result<Answer, Fault> {
        self.last_call += 1;
        let id = self.last_call;
        // The writer only ends with the process, which the wait below notices.
        // JSON may have line ends between its values, and a line may not.
        let members = members.replace(['\r', '\n'], " ");
        self.peer.say(format!("{{\"id\":{id},{members}}}"));
        let deadline = Instant::now() + CALL;
        loop {
            let news = self.next(deadline)?.ok_or_else(|| Fault::Hung(format!("a call: {members}")))?;
            let News::Line(line) = &news else {
                other(news);
                continue;
            };
            let value: Value = serde_json::from_str(line).map_err(|_| garbage(line))?;
            match value.get("id").and_then(Value::as_u64) {
                None => other(news),
                Some(answered) if answered == id => return Ok(answer(&value)),
                // The answer to a call of a case that was given up.
                Some(_) => {}
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        match &mut self.peer {
            Peer::Process(child, group, _) => {
                // Its group has what it started, too.
                group.kill();
                group.leave();
                let _ = child.kill();
                let _ = child.wait();
            }
            Peer::Socket(orders) => {
                let _ = orders.send(Order::Close(None));
            }
        }
    }
}

impl Peer {
    /// Sends a line, if there is still somebody to read it.
    fn say(&self, line: String) {
        match self {
            Self::Process(_, _, lines) => drop(lines.send(line)),
            Self::Socket(orders) => drop(orders.send(Order::Line(line))),
        }
    }
}

impl From<Said> for News {
    fn from(said: Said) -> Self {
        match said {
            Said::Line(line) => Self::Line(line),
            Said::Unreadable(why) => Self::Unreadable(why),
            Said::Ended => Self::Ended,
        }
    }
}

fn answer(value: &Value) -> Answer {
    match value.get("error") {
        Some(error) => Answer::Refused(error.as_str().unwrap_or("an error").to_owned()),
        None if value.get("unsupported").is_some() => Answer::Unsupported,
        None => Answer::Done,
    }
}

/// A line that does not belong to the protocol.
pub(crate) fn garbage(line: &str) -> Fault {
    Fault::Garbage(crate::replay::shorten(line))
}
