//! The extended contract: what its namespaces are, what a client says to join one, and what its events ask for.
//!
//! `fixtures/contract/README.md` describes it for servers in any language.

use std::time::Duration;

use sio_codec::socketio::hub::Target;
use sio_codec::socketio::{Args, Json, Namespace, Value};

/// The longest time that a client can make the server think about its CONNECT.
const LONGEST_DELAY: u64 = 10_000;

/// The application of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It only emits `auth`.
    Greeting,
    /// Every client is refused.
    Refused,
    /// The extended contract, under its own name.
    Extended,
    /// The extended contract, in a namespace that exists since somebody asked for it.
    Dynamic,
    /// It does not exist.
    Unknown,
}

impl Place {
    /// Those that exist before anybody asks for them.
    pub(super) const STATIC: [&str; 4] = ["/", "/custom", "/siospec-0", "/siospec"];

    //= SRV-NSP-04: Static namespaces win
    pub(super) fn of(namespace: &str) -> Self {
        match namespace {
            "/" | "/custom" | "/siospec-0" => Self::Greeting,
            "/refused" => Self::Refused,
            "/siospec" => Self::Extended,
            other => match other.strip_prefix("/siospec-") {
                Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => Self::Dynamic,
                _ => Self::Unknown,
            },
        }
    }
}

/// What the auth payload makes the extended contract do with a client.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    /// The client is accepted after this time.
    Accepted(Duration),
    /// A middleware refuses it, with this message and these data.
    Refused(String, Option<Json>),
    /// The predicate of the dynamic namespaces refuses it.
    Unknown,
}

impl Admission {
    //= SRV-NSP-02: by an async predicate (name, auth)
    //= SRV-MW-01: in registration order
    //= SRV-MW-02
    pub(super) fn of(place: Place, auth: Option<&Json>) -> Self {
        let auth: Value = auth.and_then(|auth| auth.decode().ok()).unwrap_or(Value::Null);
        if place == Place::Dynamic && auth.get("closed") == Some(&Value::Bool(true)) {
            return Self::Unknown;
        }
        if let Some(refusal) = ["first", "second"].iter().find_map(|middleware| auth.get(middleware)) {
            let message = refusal.get("message").and_then(Value::as_str).unwrap_or_default();
            return Self::Refused(message.to_owned(), refusal.get("data").and_then(|data| Json::encode(data).ok()));
        }
        let delay = auth.get("delay").and_then(Value::as_i64).map_or(0, |delay| delay.max(0).unsigned_abs());
        Self::Accepted(Duration::from_millis(delay.min(LONGEST_DELAY)))
    }
}

/// What an event asks for.
#[derive(Debug)]
pub(super) enum Verb {
    Join(Vec<String>),
    Leave(String),
    /// A broadcast, and whether the client that asks is among the receivers.
    Broadcast(Whom, Sender, Said),
    Ask(Whom, Duration, Said),
    Gather(Whom, String),
    Scatter(Whom, String),
    Count(Whom),
    Expel(Whom, bool),
}

/// Whether a broadcast also reaches the client that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Excluded,
    Included,
}

/// The event that is broadcast.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) args: Args,
}

/// The receivers of a broadcast.
#[derive(Debug, Default)]
pub(super) struct Whom {
    to: Vec<String>,
    except: Vec<String>,
    volatile: bool,
}

impl Verb {
    /// Reads an event; `None` if it is none of the extended contract's.
    pub(super) fn read(name: &str, args: &Args) -> Option<Self> {
        let args = args.values().ok()?;
        let text = |at: usize| args.get(at).and_then(Value::as_str).map(str::to_owned);
        let whom = || args.first().map(Whom::read);
        let said = || {
            let name = text(1)?;
            Some(Said { name, args: Args::from_values(args.get(2..)?).ok()? })
        };
        Some(match name {
            "join" => Self::Join(args.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            "leave" => Self::Leave(text(0)?),
            "say" => Self::Broadcast(whom()?, Sender::Excluded, said()?),
            "tell" => Self::Broadcast(whom()?, Sender::Included, said()?),
            "ask" => {
                let timeout = args.first()?.get("timeout").and_then(Value::as_i64)?;
                Self::Ask(whom()?, Duration::from_millis(timeout.max(0).unsigned_abs()), said()?)
            }
            "gather" => Self::Gather(whom()?, text(1)?),
            "scatter" => Self::Scatter(whom()?, text(1)?),
            "count" => Self::Count(whom()?),
            "expel" => Self::Expel(whom()?, args.get(1) == Some(&Value::Bool(true))),
            _ => return None,
        })
    }
}

impl Whom {
    fn read(value: &Value) -> Self {
        let names = |key: &str| {
            let list = value.get(key);
            let items = (0..).map_while(|at| list.and_then(|list| list.at(at)));
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self { to: names("to"), except: names("except"), volatile: value.get("volatile") == Some(&Value::Bool(true)) }
    }

    pub(super) fn target(&self, namespace: &Namespace) -> Target {
        let target = Target::everyone(namespace);
        let target = self.to.iter().fold(target, |target, room| target.to(room.as_str()));
        let target = self.except.iter().fold(target, |target, room| target.except(room.as_str()));
        if self.volatile { target.volatile() } else { target }
    }
}
