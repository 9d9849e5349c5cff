//! Our own client as the client of a driver: it is told what to do by lines of the driver protocol, and reports what its
//! application receives as such lines. Sockets and the clock are the driver's; the example `drive` is one.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::socketio::{Args, Namespace};
use sio_codec::{Machine, Output, Timestamp};

use super::mutants::Mutant;
use super::reading::direct;
use super::script::{Ack, Assembly, Setup, Wish};
use super::subject::{Memory, Subject as _};
use super::told::Scope;
use crate::contract::Kind;
use crate::party::driver::words::Call;
use crate::trace::Revision;

/// A line that a driver reads.
///
/// ```
/// use siospec::party::client::Line;
///
/// assert!(matches!(Line::read(r#"{"hello":1}"#), Ok(Line::Hello)));
/// let line = r#"{"id":1,"call":"open","url":"http://127.0.0.1:4242","path":"/socket.io/","layer":"socketio"}"#;
/// assert!(matches!(Line::read(line), Ok(Line::Open { id: 1, .. })));
/// assert!(matches!(Line::read(r#"{"id":2,"call":"connect","namespace":"/"}"#), Ok(Line::Call { id: 2, .. })));
/// assert!(matches!(Line::read(r#"{"id":3,"call":"fly"}"#), Ok(Line::Unknown { id: 3 })));
/// ```
#[derive(Debug)]
pub enum Line {
    /// The first line, which [`Own::hello`] answers.
    Hello,
    /// Makes a client. [`Own::new`] is called when it is needed, because a client of Engine.IO connects at once.
    Open {
        /// The number of the call.
        id: u64,
        /// `http://host:port` of the server.
        url: String,
        /// The path of Engine.IO on the server.
        path: String,
        /// How the client is set up.
        setup: Options,
    },
    /// A client of Engine.IO alone opens its connection.
    Connect {
        /// The number of the call.
        id: u64,
    },
    /// Another call, for [`Own::call`].
    Call {
        /// The number of the call.
        id: u64,
        /// The call.
        call: Request,
    },
    /// The client is no longer needed.
    End {
        /// The number of the call.
        id: u64,
    },
    /// A call that this client does not have.
    Unknown {
        /// The number of the call.
        id: u64,
    },
}

/// How a client is set up: the options of `open`.
#[derive(Debug)]
pub struct Options(Setup);

/// A call of the client's application.
#[derive(Debug)]
pub struct Request(Wish);

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with a line that is not of the protocol.
    pub fn read(line: &str) -> Result<Self, String> {
        let mut value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => return Emit::read(line).ok_or_else(|| format!("a line is not JSON: {error}")),
        };
        let members = value.as_object_mut().ok_or("a line is not an object")?;
        if members.contains_key("hello") {
            return Ok(Self::Hello);
        }
        let id = members.remove("id").and_then(|id| id.as_u64()).ok_or("a call has no id")?;
        let mut text = |key: &str| members.remove(key).and_then(|value| value.as_str().map(str::to_owned));
        let (url, path) = (text("url"), text("path"));
        let revision = match members.remove("eio").and_then(|eio| eio.as_u64()) {
            Some(3) => Revision::Three,
            _ => Revision::Four,
        };
        match (members.get("call").and_then(Value::as_str), members.contains_key("namespace")) {
            (Some("end"), _) => return Ok(Self::End { id }),
            (Some("connect"), false) => return Ok(Self::Connect { id }),
            _ => {}
        }
        match (serde_json::from_value(value), url, path) {
            (Ok(Call::Open(options)), Some(url), Some(path)) => {
                Ok(Self::Open { id, url, path, setup: Options(direct::setup(revision, options)) })
            }
            (Ok(Call::Open(_)), ..) => Err("the call open has no url or no path".to_owned()),
            (Ok(call), ..) => {
                Ok(Self::Call { id, call: Request(direct::wish(call).map_err(|reason| reason.to_string())?) })
            }
            (Err(_), ..) => Ok(Self::Unknown { id }),
        }
    }

    /// The answer to a call that was made.
    #[must_use]
    pub fn done(id: u64) -> String {
        json!({ "id": id }).to_string()
    }

    /// The answer to a call that the client refuses.
    #[must_use]
    pub fn refused(id: u64, why: &str) -> String {
        json!({ "id": id, "error": why }).to_string()
    }

    /// The answer to a call that the client does not have.
    #[must_use]
    pub fn unsupported(id: u64) -> String {
        json!({ "id": id, "unsupported": true }).to_string()
    }
}

/// An event whose arguments have a lone surrogate, which JSON can write and no string of Rust can hold.
#[derive(Deserialize)]
struct Emit<'a> {
    id: u64,
    namespace: String,
    name: String,
    #[serde(borrow)]
    args: &'a RawValue,
}

impl Emit<'_> {
    fn read(line: &str) -> Option<Line> {
        let Emit { id, namespace, name, args } = serde_json::from_str(line).ok()?;
        let namespace = Namespace::new(&namespace).ok()?;
        let args = Args::from_json(args.get(), Vec::new()).ok()?;
        Some(Line::Call { id, call: Request(Wish::Emit { namespace, name, args, ack: Ack::Unwanted }) })
    }
}

/// Our own client. Its events are lines of the driver protocol.
#[derive(Debug)]
pub struct Own(Memory);

impl Own {
    /// The line by which a driver of this client introduces itself.
    #[must_use]
    pub fn hello() -> String {
        let capabilities = [
            "polling",
            "websocket",
            "upgrade",
            "engineio",
            "reconnection",
            "recovery",
            "ack-timeout",
            "ack-loss",
            "gave-up",
            "base64",
            "binary-polling",
            "volatile",
            "url-query",
        ];
        let version = env!("CARGO_PKG_VERSION");
        json!({ "hello": 1, "name": "sio-codec", "version": version, "capabilities": capabilities, "eio": [3, 4] })
            .to_string()
    }

    /// A client, or one with a defect. One of Engine.IO alone connects at once, another when a namespace is joined.
    #[must_use]
    pub fn new(now: Timestamp, Options(setup): &Options, mutant: Option<&Mutant>) -> Self {
        let assembly = match setup.kind {
            Kind::Engine => Assembly::Session,
            Kind::Socket => Assembly::Client,
        };
        Self(Memory::new(now, setup, assembly, Scope::Reported, mutant))
    }

    /// Makes a call of the application.
    ///
    /// # Errors
    ///
    /// Why the client refused the call.
    pub fn call(&mut self, now: Timestamp, Request(wish): &Request) -> Result<(), String> {
        self.0.wish(now, wish)
    }
}

impl Machine for Own {
    type Input = Input;
    type Transmit = Transmit;
    type Event = String;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.0.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.0.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, String>> {
        if let Some(event) = self.0.told().pop_front() {
            return Some(Output::Event(event));
        }
        // Events that come with it are taken out after it.
        let transmit = self.0.next_transmit().map(Output::Transmit);
        transmit.or_else(|| self.0.told().pop_front().map(Output::Event))
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.0.next_deadline()
    }

    fn wants_input(&self) -> bool {
        self.0.wants_input()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_reaches_the_client_as_it_was_written() {
        let line = r#"{"id":4,"call":"emit","namespace":"/","name":"a","args":["\ud800",1]}"#;
        let Ok(Line::Call { id: 4, call: Request(Wish::Emit { args, .. }) }) = Line::read(line) else { unreachable!() };
        assert_eq!(args.items(), r#""\ud800",1"#);
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for line in ["", "[]", "{}", r#"{"call":"end"}"#, r#"{"id":1,"call":"open"}"#] {
            assert!(Line::read(line).is_err(), "{line}");
        }
    }
}
