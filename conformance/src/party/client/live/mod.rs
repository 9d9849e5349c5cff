//! A client of a driver, on sockets and with a real clock.

mod desk;
mod echo;
mod listener;
mod visitor;
mod watch;

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{Value, json};
use sio_codec::engineio::client::Input;
use sio_codec::socketio::Namespace;
use sio_codec::{Frame, Timestamp};

use super::script::{Ack, Act, Body, Expected, Say, Saying, Script, Setup, Wish};
use super::subject::{Patience, Subject};
use super::told::{self, Scope};
use crate::contract::Kind;
use crate::party::driver::words::{array, encoded, quoted};
use crate::party::driver::{Answer, Doing, Driver, Fault, News, garbage};
use crate::replay::Packet;
use crate::trace::{Need, Revision, Trace};
pub(crate) use desk::switching;
pub(super) use echo::without_driver;
use listener::Listener;
pub(crate) use listener::{Paths, Place};
pub(super) use visitor::Visitor;
use watch::{REACTION, Watch};

/// The largest number of events and requests of one case.
const MAX_NEWS: usize = 10_000;

/// The client of a driver during one case.
#[derive(Debug)]
pub(super) struct Live<'a> {
    driver: &'a mut Driver,
    listener: Listener,
    watch: Watch,
    /// The layer is Engine.IO, and the driver has not said yet that its connection is open.
    is_opening: bool,
    scope: Scope,
    doings: VecDeque<Doing>,
    told: VecDeque<String>,
    closed: Option<String>,
    seen: usize,
    unsupported: Option<String>,
    fault: Option<Fault>,
}

/// A capability that a trace needs and a client lacks.
pub(super) fn missing(trace: &Trace, script: &Script, driver: &Driver) -> Option<String> {
    let revision = script.setup.revision.number();
    if !driver.hello.eio.contains(&revision) {
        return Some(format!("Engine.IO {revision}"));
    }
    let needs = trace
        .header
        .needs
        .iter()
        .filter(|need| matches!(need, Need::Polling | Need::Websocket | Need::Upgrade | Need::Recovery));
    let mut needed: Vec<String> = needs.map(ToString::to_string).collect();
    let mut need = |name: &str, is_needed: bool| needed.extend(is_needed.then(|| name.to_owned()));
    let setup = &script.setup;
    need("engineio", setup.kind == Kind::Engine);
    need("reconnection", setup.options.reconnection.is_some());
    need("base64", setup.options.base64 || setup.binary == sio_codec::engineio::BinaryForm::Base64);
    need("binary-polling", script.moves.iter().any(|step| is_binary_payload(&step.act)));
    let has_timeout = |act: &Act| matches!(act, Act::Wish(Wish::Emit { ack: Ack::Wanted { timeout: Some(_) }, .. }));
    need("ack-timeout", script.moves.iter().any(|step| has_timeout(&step.act)));
    need("volatile", script.moves.iter().any(|step| matches!(&step.act, Act::Wish(Wish::EmitVolatile { .. }))));
    let has_query =
        |act: &Act| matches!(act, Act::Wish(Wish::Connect(namespace, _)) if namespace.split_query().1.is_some());
    need("url-query", script.moves.iter().any(|step| has_query(&step.act)));
    let mut hears = |name: &str, words: &str| {
        let is_it = |act: &Act| matches!(act, Act::Hear(hear) if hear.content.pattern.to_string().contains(words));
        need(name, script.moves.iter().any(|step| is_it(&step.act)));
    };
    hears("ack-loss", r#""why":"disconnect""#);
    hears("gave-up", r#""event":"gave-up""#);
    needed.into_iter().find(|name| !driver.hello.capabilities.contains(name))
}

/// Whether a line has a payload in the binary form of Engine.IO 3.
fn is_binary_payload(act: &Act) -> bool {
    let packets = match act {
        Act::Expect(_, Expected::Post { packets, .. }, _) => packets,
        Act::Say(Say { saying: Saying::Answer { body: Body::Payload(packets), .. }, .. }) => packets,
        _ => return false,
    };
    packets.iter().any(|packet| matches!(packet, Packet::Binary(_)))
}

impl<'a> Live<'a> {
    /// Opens the server of a case, and makes a client for it.
    ///
    /// # Errors
    ///
    /// [`Fault`] of the driver.
    pub(super) fn open(script: &'a Script, driver: &'a mut Driver, place: &Place) -> Result<Self, Fault> {
        let kind = script.setup.kind;
        let listener = Listener::start(place, kind.default_path(), driver.sender())
            .map_err(|error| Fault::Unstartable(format!("its case cannot listen{place}: {error}")))?;
        let call = open_call(&script.setup, &[("url", &listener.url), ("path", &listener.path)]);
        let mut live = Self {
            driver,
            listener,
            watch: Watch::start(),
            is_opening: kind == Kind::Engine,
            scope: script.scope(),
            doings: VecDeque::new(),
            told: VecDeque::new(),
            closed: None,
            seen: 0,
            unsupported: None,
            fault: None,
        };
        // What is left of the case before.
        live.call(&call, true).map_err(|why| live.fault.take().unwrap_or(Fault::Garbage(why)))?;
        if kind == Kind::Engine {
            live.call(CONNECT, false).map_err(|why| live.fault.take().unwrap_or(Fault::Garbage(why)))?;
        }
        live.watch = Watch::start();
        Ok(live)
    }

    /// Ends the case. Returns a call that the client does not have, if there was one.
    ///
    /// # Errors
    ///
    /// [`Fault`] of the driver during the case.
    pub(super) fn end(mut self) -> Result<Option<String>, Fault> {
        if self.fault.is_none() {
            let _ = self.call(r#""call":"end""#, false);
        }
        self.fault.map_or(Ok(self.unsupported), Err)
    }

    fn call(&mut self, members: &str, is_first: bool) -> Result<(), String> {
        if let Some(fault) = &self.fault {
            return Err(fault.to_string());
        }
        let mut news = Vec::new();
        let answer = self.driver.call(members, |one| news.push(one));
        if !is_first {
            news.into_iter().for_each(|one| self.take(one));
        }
        match answer {
            Ok(Answer::Done) => Ok(()),
            Ok(Answer::Refused(why)) => Err(why),
            Ok(Answer::Unsupported) => {
                self.unsupported = Some(members.to_owned());
                Err("the client has no such call".to_owned())
            }
            Err(fault) => {
                let words = fault.to_string();
                self.fault = Some(fault);
                Err(words)
            }
        }
    }

    fn take(&mut self, news: News) {
        self.seen += 1;
        if self.seen > MAX_NEWS {
            let many = || Fault::Garbage(format!("more than {MAX_NEWS} events and requests in one case"));
            self.fault.get_or_insert_with(many);
            return;
        }
        match news {
            News::Doing(case, doing) if case == self.listener.case => self.doings.push_back(doing),
            News::Line(line) => match serde_json::from_str::<Value>(&line) {
                Ok(event) if event.get("event").is_some() => self.hear(event),
                // A late answer.
                Ok(answer) if answer.get("id").is_some() => {}
                Ok(_) | Err(_) => {
                    self.fault.get_or_insert_with(|| garbage(&line));
                }
            },
            _ => {}
        }
    }

    fn hear(&mut self, event: Value) {
        match event.get("event").and_then(Value::as_str) {
            Some("closed") => self.closed = Some("the driver says so".to_owned()),
            Some("opened") => self.is_opening = false,
            _ => {}
        }
        self.told.extend(told::by_driver(event, self.scope));
    }

    /// Waits for one piece of news; `false` at the deadline, or if the driver has a fault.
    fn wait(&mut self, deadline: Instant) -> bool {
        if self.fault.is_some() {
            return false;
        }
        match self.driver.next(deadline) {
            Ok(Some(news)) => {
                self.take(news);
                true
            }
            Ok(None) => false,
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }
}

impl Subject for Live<'_> {
    fn wish(&mut self, _: Timestamp, wish: &Wish) -> Result<(), String> {
        // The open packet and the call travel on different ways.
        let deadline = Instant::now() + REACTION;
        while self.is_opening && self.wait(deadline) {}
        self.call(&words(wish), false)
    }

    fn handle(&mut self, _: Timestamp, input: Input) {
        self.listener.handle(input);
    }

    fn poll_doing(&mut self) -> Option<Doing> {
        self.doings.pop_front()
    }

    fn told(&mut self) -> &mut VecDeque<String> {
        &mut self.told
    }

    fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    fn now(&self, last: Timestamp) -> Timestamp {
        self.watch.now().max(last)
    }

    fn pass(&mut self, _: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let deadline = self.watch.moment(until);
        self.wait(deadline).then(|| self.watch.now())
    }

    fn catch_up(&mut self, patience: Patience) -> bool {
        let deadline = self.watch.deadline(patience);
        self.wait(deadline)
    }
}

/// The calls of a script in the words of the protocol, without their ids and without the server's URL and path.
pub(super) fn calls(script: &Script) -> Vec<String> {
    let wishes = script.moves.iter().filter_map(|step| match &step.act {
        Act::Wish(wish) => Some(words(wish)),
        _ => None,
    });
    let opened = script.setup.kind == Kind::Engine;
    let connect = opened.then(|| CONNECT.to_owned());
    [open_call(&script.setup, &[])].into_iter().chain(connect).chain(wishes).map(|call| format!("{{{call}}}")).collect()
}

/// The call that opens a connection of Engine.IO.
const CONNECT: &str = r#""call":"connect""#;

/// The call `open`, where the server is at these members.
fn open_call(setup: &Setup, at: &[(&str, &str)]) -> String {
    let layer = match setup.kind {
        Kind::Engine => "engineio",
        Kind::Socket => "socketio",
    };
    let mut options = serde_json::to_value(&setup.options).unwrap_or_default();
    if let Some(members) = options.as_object_mut() {
        use sio_codec::engineio::client::Transports;
        let transports = match setup.transports {
            Transports::PollingOnly => Some(json!(["polling"])),
            Transports::WebSocketOnly => Some(json!(["websocket"])),
            Transports::WebSocketThenPolling => Some(json!(["websocket", "polling"])),
            _ => None,
        };
        members.extend(transports.map(|transports| ("transports".to_owned(), transports)));
        if !setup.parameters.is_empty() {
            let query: serde_json::Map<_, _> =
                setup.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            members.insert("query".to_owned(), Value::Object(query));
        }
        if setup.binary == sio_codec::engineio::BinaryForm::Base64 {
            members.insert("base64".to_owned(), json!(true));
        }
        if setup.revision == Revision::Three {
            members.insert("eio".to_owned(), json!(setup.revision.number()));
        }
        for (name, value) in at.iter().chain(&[("layer", layer)]) {
            members.insert((*name).to_owned(), json!(value));
        }
    }
    let text = options.to_string();
    let members = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    format!(r#""call":"open",{members}"#)
}

/// A call in the words of the protocol, without its id and its braces.
fn words(wish: &Wish) -> String {
    let of = |namespace: &Namespace| quoted(namespace.as_str());
    match wish {
        Wish::Send(Frame::Text(text)) => format!(r#""call":"send","data":{}"#, quoted(text.as_str())),
        Wish::Send(Frame::Binary(bytes)) => format!(r#""call":"send","data":{}"#, encoded(bytes)),
        Wish::Connect(namespace, None) => format!(r#""call":"connect","namespace":{}"#, of(namespace)),
        Wish::Connect(namespace, Some(auth)) => {
            format!(r#""call":"connect","namespace":{},"auth":{}"#, of(namespace), auth.as_str())
        }
        Wish::Emit { namespace, name, args, ack } => {
            let ack = match ack {
                Ack::Unwanted => String::new(),
                Ack::Wanted { timeout: None } => r#","ack":true"#.to_owned(),
                Ack::Wanted { timeout: Some(timeout) } => {
                    format!(r#","ack":true,"timeout":{}"#, timeout.as_millis())
                }
            };
            let (namespace, name, args) = (of(namespace), quoted(name), array(args));
            format!(r#""call":"emit","namespace":{namespace},"name":{name},"args":{args}{ack}"#)
        }
        Wish::EmitVolatile { namespace, name, args } => {
            let (namespace, name, args) = (of(namespace), quoted(name), array(args));
            format!(r#""call":"emit","namespace":{namespace},"name":{name},"args":{args},"volatile":true"#)
        }
        Wish::Acknowledge(event, args) => format!(r#""call":"ack","event":{event},"args":{}"#, array(args)),
        Wish::Leave(namespace) => format!(r#""call":"disconnect","namespace":{}"#, of(namespace)),
        Wish::Close => r#""call":"close""#.to_owned(),
    }
}
