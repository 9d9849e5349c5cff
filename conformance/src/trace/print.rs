//! Writes a trace, with the columns of each block aligned.

use std::borrow::Cow;
use std::fmt;

use super::parse::is_note;
use super::step::{
    Action, Answer, Client, Content, Data, Extent, Field, Frame, Notes, Server, Session, Side, Statuses, Step, Weight,
};
use super::{Comparison, Expr, Header, Line, Node, Revision, Setup, Trace, Word};

/// The file in its canonical form: reading it gives the same trace, and writing that gives the same file.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header.fmt(f)?;
        if !self.lines.is_empty() {
            writeln!(f)?;
        }
        self.lines
            .chunk_by(|before, line| *before != Line::Blank && *line != Line::Blank)
            .try_for_each(|lines| block(f, lines))
    }
}

/// The lines of the header, each with its line end.
impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "title     {}", self.title)?;
        writeln!(f, "covers    {}", join(&self.covers, " "))?;
        writeln!(f, "level     {}", self.level.as_str())?;
        if !self.needs.is_empty() {
            writeln!(f, "needs     {}", join(&self.needs, " "))?;
        }
        if !self.seen.is_empty() {
            writeln!(f, "seen      {}", join(&self.seen, " "))?;
        }
        self.since.iter().try_for_each(|since| writeln!(f, "since     {since}"))?;
        self.recorded.iter().try_for_each(|recorded| writeln!(f, "recorded  {recorded}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note      {note}"))
    }
}

/// The step as a single line, without alignment and without a line end.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = Row::new(self);
        row.write(f, &Columns { channel: row.channel.len(), verb: row.verb.len().saturating_sub(1), notes: 0 })
    }
}

/// The parts of a step as text.
struct Row<'a> {
    channel: &'a str,
    side: &'static str,
    verb: Cow<'static, str>,
    payload: String,
    notes: String,
}

/// The widths of the columns of a block.
struct Columns {
    channel: usize,
    verb: usize,
    notes: usize,
}

impl<'a> Row<'a> {
    /// `None` for a line without columns.
    fn of(line: &'a Line) -> Option<Self> {
        match line {
            Line::Step(step) => Some(Self::new(step)),
            Line::Setup(setup) => Some(Self::opening(setup)),
            Line::Comment(_) | Line::Blank => None,
        }
    }

    fn opening(setup: &'a Setup) -> Self {
        let words = std::iter::once(setup.transport().as_str()).chain(setup.namespaces().iter().map(Word::as_str));
        let revision = (setup.revision() == Revision::Three).then(|| "eio3".to_owned());
        let name = setup.name().map(|name| format!("as {name}"));
        let node = on(setup.node());
        let comment = setup.comment().map(|comment| hash(comment.as_str()));
        Self {
            channel: setup.channel().as_str(),
            side: Side::Client.as_str(),
            verb: Cow::Borrowed("session"),
            payload: join(words, " "),
            notes: join([revision, name, node, comment].into_iter().flatten(), "  "),
        }
    }

    fn new(step: &'a Step) -> Self {
        let channel = step.channel().map_or("", |channel| channel.as_str());
        let Spoken { verb, payload, notes } = Spoken::new(&step.action);
        let notes: Vec<_> = notes.into_iter().chain(general(&step.notes)).collect();
        let payload = if is_note(&payload) { disguised(&payload) } else { payload };
        Self { channel, side: step.side().as_str(), verb, payload, notes: notes.join("  ") }
    }

    /// The column where the payload ends.
    fn end(&self, columns: &Columns) -> usize {
        let channel = if columns.channel == 0 { 0 } else { columns.channel.saturating_add(1) };
        let verb = if self.payload.is_empty() { self.verb.len() } else { columns.verb.saturating_add(2) };
        [channel, 2, verb, self.payload.chars().count()].into_iter().fold(0, usize::saturating_add)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, columns: &Columns) -> fmt::Result {
        let Self { channel, side, verb, payload, notes } = self;
        if columns.channel > 0 {
            write!(f, "{channel:width$} ", width = columns.channel)?;
        }
        if payload.is_empty() {
            write!(f, "{side} {verb}")?;
        } else {
            write!(f, "{side} {verb:width$}{payload}", width = columns.verb.saturating_add(2))?;
        }
        if notes.is_empty() {
            return Ok(());
        }
        let gap = columns.notes.saturating_sub(self.end(columns)).max(2);
        write!(f, "{:gap$}{notes}", "")
    }
}

/// Writes the lines between two blank lines.
fn block(f: &mut fmt::Formatter<'_>, lines: &[Line]) -> fmt::Result {
    /// The minimal width of the column of verbs; most verbs are shorter, so most blocks have the same columns.
    const USUAL_VERB: usize = 6;
    /// A longer payload does not move the notes of other lines.
    const LAST_COLUMN: usize = 64;

    let rows = || lines.iter().filter_map(Row::of);
    let channel = rows().map(|row| row.channel.len()).max().unwrap_or_default();
    let verb = rows().map(|row| row.verb.len()).fold(USUAL_VERB, usize::max);
    let mut columns = Columns { channel, verb, notes: 0 };
    let ends = rows().filter(|row| !row.notes.is_empty()).map(|row| row.end(&columns).saturating_add(2));
    columns.notes = ends.filter(|end| *end <= LAST_COLUMN).max().unwrap_or_default();

    for line in lines {
        match (line, Row::of(line)) {
            (Line::Comment(comment), _) => f.write_str(&hash(comment.as_str()))?,
            (_, Some(row)) => row.write(f, &columns)?,
            (_, None) => {}
        }
        writeln!(f)?;
    }
    Ok(())
}

/// A verb with its payload, and the notes that only some verbs have.
struct Spoken {
    verb: Cow<'static, str>,
    payload: String,
    notes: Vec<String>,
}

impl Spoken {
    fn new(action: &Action) -> Self {
        match action {
            Action::Client(_, client) => Self::client(client),
            Action::Server(_, server) => Self::server(server),
            Action::Session(Session::Wait(duration)) => Self::plain("wait", duration),
            Action::Session(Session::Gone(sid)) => Self::plain("gone", sid),
            Action::Session(Session::Alive) => Self::plain("alive", ""),
            Action::Session(Session::Quiet(duration)) => Self::plain("quiet", duration),
            Action::Session(Session::Call(call)) => Self::plain("call", call),
            Action::Session(Session::Event(event)) => Self::content("event", event),
        }
    }

    fn client(client: &Client) -> Self {
        match client {
            Client::Request(request) => {
                let extent = match &request.extent {
                    Extent::Whole => None,
                    Extent::Declared(length) => Some(format!("length {length}")),
                    Extent::Until(packets) => Some(format!("until {packets} packets")),
                };
                Self::plain(request.method.as_str(), &request.query).noted(extent)
            }
            Client::Header(field) => Self::header(field),
            Client::Packet(content) => Self::content("packet", content),
            Client::Body(content) => Self::content("body", content),
            Client::Bytes(data) => Self::data("bytes", data),
            Client::Part(content) => Self::content("part", content),
            Client::Abort => Self::plain("abort", ""),
            Client::Open(query) => Self::plain("open", query),
            Client::Text(content) => Self::content("text", content),
            Client::Binary(data) => Self::data("binary", data),
            Client::Frame(frame) => {
                let Frame { head, payload, cut } = frame;
                let Data { bytes, fill } = payload;
                let bytes = if bytes.is_empty() { String::new() } else { format!(" {}", hex(bytes)) };
                let line = Self::plain("frame", format_args!("{head:02x}{bytes}")).filled(fill.as_ref());
                line.noted(cut.map(|cut| format!("cut {cut}")))
            }
            Client::Close(code) => Self::plain("close", join(code, "")),
            Client::Raw(content) => Self::content("raw", content),
        }
    }

    fn server(server: &Server) -> Self {
        match server {
            Server::Status(Answer { statuses, content_type }) => {
                Self { verb: Cow::Owned(alternatives(statuses)), payload: join(content_type, ""), notes: Vec::new() }
            }
            Server::Header(field) => Self::header(field),
            Server::Script(index) => Self::plain("script", index),
            Server::Packet(content) => Self::content("packet", content),
            Server::Body(content) => Self::content("body", content),
            Server::End => Self::plain("end", ""),
            Server::Over => Self::plain("over", ""),
            Server::Text(content) => Self::content("text", content),
            Server::Binary(data) => Self::data("binary", data),
            Server::Pong(data) => Self::data("pong", data),
            Server::Closed(codes) => Self::plain("closed", join(codes, "|")),
            Server::Refused(Answer { statuses, content_type }) => {
                let parts = std::iter::once(alternatives(statuses)).chain(content_type.iter().map(ToString::to_string));
                Self::plain("refused", join(parts, " "))
            }
            Server::Quiet(duration) => Self::plain("quiet", duration),
        }
    }

    fn plain(verb: &'static str, payload: impl fmt::Display) -> Self {
        Self { verb: Cow::Borrowed(verb), payload: payload.to_string(), notes: Vec::new() }
    }

    fn header(Field { name, value }: &Field) -> Self {
        let space = if value.is_empty() { "" } else { " " };
        Self::plain("header", format_args!("{name}:{space}{value}"))
    }

    fn content(verb: &'static str, Content { pattern, comparison, fill }: &Content) -> Self {
        let comparison = match comparison {
            Comparison::Json => None,
            Comparison::More => Some("more".to_owned()),
            Comparison::Longer => Some("longer".to_owned()),
            Comparison::Exact => Some("exact".to_owned()),
        };
        Self::plain(verb, pattern).filled(fill.as_ref()).noted(comparison)
    }

    fn data(verb: &'static str, Data { bytes, fill }: &Data) -> Self {
        Self::plain(verb, hex(bytes)).filled(fill.as_ref())
    }

    fn filled(self, fill: Option<&Expr>) -> Self {
        self.noted(fill.map(|fill| format!("fill {fill}")))
    }

    fn noted(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }
}

/// The notes that every verb can have. The comment is last, since nothing can follow it.
fn general(notes: &Notes) -> impl Iterator<Item = String> {
    let weight = match notes.weight {
        Weight::Required => None,
        Weight::Setup => Some("setup".to_owned()),
        Weight::Should => Some("should".to_owned()),
        Weight::Lenient => Some("lenient".to_owned()),
    };
    let node = on(notes.node);
    let repeat = notes.repeat.map(|times| format!("repeat {times}"));
    let rule = notes.rule.as_ref().map(|rule| format!("for {rule}"));
    let window = notes.window.as_ref().map(|window| format!("@ {window}"));
    let comment = notes.comment.as_ref().map(|comment| hash(comment.as_str()));
    [node, repeat, weight, rule, window, comment].into_iter().flatten()
}

fn on(node: Node) -> Option<String> {
    (node != Node::FIRST).then(|| format!("on {node}"))
}

/// Escapes the first character of a payload that would be read as a note; the character is a letter, `#` or `@`.
fn disguised(payload: &str) -> String {
    let mut chars = payload.chars();
    let first = chars.next().map(|c| format!("\\x{:02x}", u32::from(c)));
    format!("{}{}", first.unwrap_or_default(), chars.as_str())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(comment: &str) -> String {
    if comment.is_empty() { "#".to_owned() } else { format!("# {comment}") }
}

fn alternatives(statuses: &Statuses) -> String {
    join(statuses.as_slice(), "|")
}

fn join<T: ToString>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(separator)
}
