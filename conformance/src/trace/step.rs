//! The steps of a conversation.

use std::num::NonZeroU32;

use super::bindings::{Bindings, UnboundHole};
use super::expr::{Expr, Window};
use super::names::{Channel, Comment, FieldName, MediaType, Requirement};
use super::node::Node;
use super::pattern::{Comparison, Mismatch, Pattern};

/// One line of the conversation.
#[derive(Debug, Clone)]
pub struct Step {
    /// The line of the file, from 1; 0 for a step that was never in one. Not part of the comparison of two steps.
    pub line: u32,
    /// The action, with its side and channel.
    pub action: Action,
    /// How often, when, and with what weight.
    pub notes: Notes,
}

impl Step {
    /// A step without notes that comes from no file.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self { line: 0, action, notes: Notes::default() }
    }

    /// The channel it happens on, or `None` if it concerns the whole session.
    #[must_use]
    pub const fn channel(&self) -> Option<&Channel> {
        match &self.action {
            Action::Client(channel, _) | Action::Server(channel, _) => Some(channel),
            Action::Session(_) => None,
        }
    }

    /// Whether it makes a connection.
    #[must_use]
    pub const fn connects(&self) -> bool {
        matches!(self.action, Action::Client(_, Client::Request(_) | Client::Open(_) | Client::Raw(_)))
    }

    /// The side that does it.
    #[must_use]
    pub const fn side(&self) -> Side {
        match &self.action {
            Action::Client(..) | Action::Session(Session::Wait(_) | Session::Call(_) | Session::Event(_)) => {
                Side::Client
            }
            Action::Server(..) | Action::Session(Session::Gone(_) | Session::Alive | Session::Quiet(_)) => Side::Server,
        }
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.action == other.action && self.notes == other.notes
    }
}

impl Eq for Step {}

/// One of the two ends of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `C`.
    Client,
    /// `S`.
    Server,
}

impl Side {
    /// Its letter in the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "C",
            Self::Server => "S",
        }
    }
}

/// An action of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The client does something on a channel.
    Client(Channel, Client),
    /// The server does something on a channel.
    Server(Channel, Server),
    /// Something about the whole session.
    Session(Session),
}

/// What a client does on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Client {
    /// `get QUERY` and the other methods: starts an HTTP request.
    Request(Request),
    /// `header Name: value`: a header field of the request.
    Header(Field),
    /// `packet PATTERN`: one packet of the request's payload; several are joined as the revision in the query says.
    Packet(Content),
    /// `body PATTERN`: the exact body of the request.
    Body(Content),
    /// `bytes HEX`: the exact body of the request, as bytes.
    Bytes(Data),
    /// `part PATTERN`: a piece of a body whose length was declared, which leaves the request unfinished.
    Part(Content),
    /// `abort`: drops the connection of the request.
    Abort,
    /// `open QUERY`: opens a WebSocket.
    Open(Pattern),
    /// `text PATTERN`: a text message on the WebSocket.
    Text(Content),
    /// `binary HEX`: a binary message on the WebSocket; on a request, one packet of the payload in the binary form of
    /// Engine.IO 3.
    Binary(Data),
    /// `frame HH HEX`: one WebSocket frame, which need not be a whole message.
    Frame(Frame),
    /// `close [CODE]`: a Close frame, with a code if one is given.
    Close(Option<u16>),
    /// `raw PATTERN`: bytes on a new TCP connection.
    Raw(Content),
}

/// What a server does on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// `200 [content type]`: the answer to the request begins.
    Status(Answer),
    /// `header Name: value`: a header field of the answer.
    Header(Field),
    /// `script PATTERN`: the body is a script of JSONP, which calls the function with this index. Its packets follow.
    Script(Pattern),
    /// `packet PATTERN`: one packet of the answer's payload.
    Packet(Content),
    /// `body [PATTERN]`: the whole body of the answer.
    Body(Content),
    /// `end`: the request is over: any error status, or a reset.
    End,
    /// `over`: the request is over: it was answered, whatever the answer is, or reset.
    Over,
    /// `text PATTERN`: a text message on the WebSocket.
    Text(Content),
    /// `binary HEX`: a binary message on the WebSocket, or one packet of a payload in the binary form of Engine.IO 3.
    Binary(Data),
    /// `pong HEX`: a Pong frame with these bytes. Pong frames that no line waits for are ignored.
    Pong(Data),
    /// `closed [CODE|CODE...]`: the WebSocket is over: refused, closed by a Close frame, or its connection ended. With
    /// codes, it must be a Close frame with one of them.
    Closed(Vec<u16>),
    /// `refused STATUS [content type]`: the WebSocket was not opened, and this is the answer.
    Refused(Answer),
    /// `quiet DURATION`: nothing arrives on this channel for this time.
    Quiet(Expr),
}

/// A step of the whole session, without a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// `C wait DURATION`: the client lets time pass.
    Wait(Expr),
    /// `S gone PATTERN`: the session with this id, which is not empty, is gone.
    Gone(Pattern),
    /// `S alive`: a second client is served.
    Alive,
    /// `S quiet DURATION`: nothing arrives on any channel for this time.
    Quiet(Expr),
    /// `C call JSON`: the application of a client under test calls a method, in the words of
    /// [the driver protocol](crate::party::driver).
    Call(Pattern),
    /// `C event JSON`: the application of a client under test receives this event, in the same words.
    Event(Content),
}

/// The start of an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its query string, without the question mark.
    pub query: Pattern,
    /// How it is carried out.
    pub extent: Extent,
}

/// The method of an HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
    /// PATCH.
    Patch,
    /// OPTIONS.
    Options,
    /// HEAD.
    Head,
}

impl Method {
    /// Every method of the language.
    pub const ALL: [Self; 7] = [Self::Get, Self::Post, Self::Put, Self::Delete, Self::Patch, Self::Options, Self::Head];

    /// The verb in the language, which is the method in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Patch => "patch",
            Self::Options => "options",
            Self::Head => "head",
        }
    }
}

/// How a request is carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Extent {
    /// Once, with the body that follows.
    #[default]
    Whole,
    /// `length EXPR`: once, with a declared length that may differ from the body's.
    Declared(Expr),
    /// `until N packets`: again and again, until its answers have carried N packets.
    Until(NonZeroU32),
}

/// A header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name, in any case.
    pub name: FieldName,
    /// The value, perhaps empty.
    pub value: Pattern,
}

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The accepted statuses.
    pub statuses: Statuses,
    /// The content type, if it matters.
    pub content_type: Option<MediaType>,
}

/// One or more HTTP statuses of three digits, that of the reference first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(Vec<u16>);

impl Statuses {
    /// The set, or `None` if it is empty or has a number outside 100 to 999.
    #[must_use]
    pub fn new(statuses: impl Into<Vec<u16>>) -> Option<Self> {
        let statuses = statuses.into();
        let is_valid = !statuses.is_empty() && statuses.iter().all(|status| (100..=999).contains(status));
        is_valid.then_some(Self(statuses))
    }

    /// Whether `status` is one of them.
    #[must_use]
    pub fn accepts(&self, status: u16) -> bool {
        self.0.contains(&status)
    }

    /// The statuses as written, at least one.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        &self.0
    }
}

/// A text payload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The pattern on the line.
    pub pattern: Pattern,
    /// How it is compared with what arrives.
    pub comparison: Comparison,
    /// `fill EXPR`: `x` is added at the end until the payload has this many bytes.
    pub fill: Option<Expr>,
}

impl Content {
    /// The payload to send, filled up if the line has `fill`; never longer than [`MAX_FILL`] bytes.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet.
    pub fn render(&self, bindings: &Bindings) -> Result<String, UnboundHole> {
        self.fill_up(self.pattern.render(bindings)?, bindings)
    }

    /// Like [`Content::render`], with the values of the holes percent-encoded, as in the query of a request.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet.
    pub fn render_request(&self, bindings: &Bindings) -> Result<String, UnboundHole> {
        self.fill_up(self.pattern.render_query(bindings)?, bindings)
    }

    fn fill_up(&self, mut text: String, bindings: &Bindings) -> Result<String, UnboundHole> {
        let missing = missing(text.len(), self.fill.as_ref(), bindings)?;
        text.push_str(&"x".repeat(missing));
        Ok(text)
    }

    /// Compares the payload with one that arrived; if it matches, `bindings` gets the values of the holes. A payload
    /// that is filled up captures nothing.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn matches(&self, actual: &str, bindings: &mut Bindings) -> Result<(), Mismatch> {
        if self.fill.is_none() {
            return self.pattern.matches(actual, self.comparison, bindings);
        }
        match self.render(bindings) {
            Ok(expected) => Pattern::literal(expected).matches(actual, self.comparison, bindings),
            Err(unbound) => Err(Mismatch::unbound(&unbound, actual)),
        }
    }
}

impl Content {
    /// Compares the payload with one that arrived, as [`Pattern::matches_loosely`] does.
    ///
    /// # Errors
    ///
    /// The first difference that matters.
    pub fn matches_loosely(&self, actual: &str, bindings: &mut Bindings) -> Result<(), Mismatch> {
        self.pattern.matches_loosely(actual, bindings)
    }
}

impl From<Pattern> for Content {
    fn from(pattern: Pattern) -> Self {
        Self { pattern, ..Self::default() }
    }
}

/// A payload of bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    /// The bytes written on the line.
    pub bytes: Vec<u8>,
    /// `fill EXPR`: `x` is added at the end until the payload has this many bytes.
    pub fill: Option<Expr>,
}

impl Data {
    /// The payload, filled up if the line has `fill`; never longer than [`MAX_FILL`] bytes.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet.
    pub fn render(&self, bindings: &Bindings) -> Result<Vec<u8>, UnboundHole> {
        let mut bytes = self.bytes.clone();
        let missing = missing(bytes.len(), self.fill.as_ref(), bindings)?;
        bytes.extend(std::iter::repeat_n(b'x', missing));
        Ok(bytes)
    }
}

/// A raw WebSocket frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its first byte: FIN, the reserved bits, the opcode.
    pub head: u8,
    /// Its payload, before it is masked.
    pub payload: Data,
    /// `cut N`: the frame is cut after N bytes, including its header; the rest travels in another segment.
    pub cut: Option<NonZeroU32>,
}

impl Frame {
    /// Whether it is a control frame, which may come between the fragments of a message.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.head & 0x08 != 0
    }

    /// Whether it ends a message.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.head & 0x80 != 0
    }
}

/// The largest payload that `fill` makes, so that a trace cannot exhaust the memory: 64 MiB.
pub const MAX_FILL: usize = 64 << 20;

/// How often and when a line happens, and its weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// `repeat N`: N times, with `$i` counting from 0; once if absent.
    pub repeat: Option<NonZeroU32>,
    /// `on N`: the server that the connection goes to; the first if absent.
    pub node: Node,
    /// `setup`, `should` or `lenient`.
    pub weight: Weight,
    /// `for REQUIREMENT`: the rule of the line, if that is not the first one that the trace covers.
    pub rule: Option<Requirement>,
    /// `@ WINDOW`: when. In a box, because few lines have one.
    pub window: Option<Box<Window>>,
    /// `# comment`.
    pub comment: Option<Comment>,
}

/// The weight of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weight {
    /// The case fails if the line fails.
    #[default]
    Required,
    /// `setup`: the line only leads up to the subject of the trace. Its payload is compared loosely: keys may be
    /// missing or added, and only the values of holes matter. If it fails, the server is not judged.
    Setup,
    /// `should`: a difference is reported, and the case goes on.
    Should,
    /// `lenient`: every listed answer is accepted, and all except the first are reported as different from the
    /// reference. A packet may be missing at the end of its payload.
    Lenient,
}

fn missing(length: usize, fill: Option<&Expr>, bindings: &Bindings) -> Result<usize, UnboundHole> {
    let Some(fill) = fill else {
        return Ok(0);
    };
    let total = usize::try_from(fill.eval(bindings)?.max(0)).unwrap_or(MAX_FILL);
    Ok(total.min(MAX_FILL).saturating_sub(length))
}
