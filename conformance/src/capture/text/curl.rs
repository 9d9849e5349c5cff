//! What `curl -v` prints: heads with `> ` and `< `, notes with `* `, and bodies among them.
//!
//! curl never shows the body of a request, so that it is known only from a command line that stands before it. What it
//! receives goes to the same terminal: without a line end, its notes follow on the same line.

use std::iter::Peekable;

use super::super::payloads::target;
use super::super::recording::{Lack, Recording};
use super::super::sighting::{Body, Exchange, What};
use super::command::{self, Command, Data};
use super::seen::Seen;
use super::{Line, lines, stamp};

const FORM: &str = "the output of curl -v";

/// The longest body that is kept: 16 MiB.
const BODY: usize = 16 << 20;

/// Reads the output; `None` if the text is something else.
pub(super) fn read(text: &str) -> Option<Recording> {
    let is_head = |line: Line<'_>| {
        let text = stamp::leading(line.text).map_or(line.text, |(_, rest)| rest.trim_start());
        text.starts_with("< HTTP/") || text.strip_prefix("> ").is_some_and(|line| request_line(line).is_some())
    };
    if !lines(text).any(is_head) {
        return None;
    }
    let mut reader = Reader::default();
    let mut lines = lines(text).peekable();
    while let Some(line) = lines.next() {
        reader.line(line, &mut lines);
    }
    reader.finish();
    Some(reader.seen.recording(FORM))
}

#[derive(Debug, Default)]
struct Reader {
    seen: Seen,
    command: Option<Command>,
    stage: Stage,
    requests: u32,
}

/// The transfer that is going on.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    /// The head of the request.
    Asking(Head),
    /// The head of the answer.
    Answering(Head),
    /// The answer's body.
    Reading(Head, Received),
}

#[derive(Debug)]
struct Head {
    line: usize,
    exchange: Exchange,
    first: String,
    fields: Vec<(String, String)>,
}

/// A body as far as it was printed.
#[derive(Debug, Default)]
struct Received {
    text: String,
    /// Whether lines follow that belong to it.
    place: Place,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Body,
    /// Within the head that -i prints again.
    Repeated,
}

impl Reader {
    fn line<'t>(&mut self, line: Line<'t>, rest: &mut Peekable<impl Iterator<Item = Line<'t>>>) {
        let (stamp, text) = match stamp::leading(line.text) {
            Some((stamp, rest)) if rest.trim_start().starts_with(['*', '<', '>', '{', '}']) => {
                (Some(stamp), rest.trim_start())
            }
            _ => (None, line.text),
        };
        stamp.into_iter().for_each(|stamp| self.seen.time(stamp));
        // The meter of the progress overwrites its line.
        let text = text.rsplit('\r').next().unwrap_or(text);
        let line = Line { text, ..line };
        if let Some(text) = text.strip_prefix("> ").or_else(|| (text == ">").then_some("")) {
            self.asks(line.number, text);
        } else if let Some(text) = text.strip_prefix("< ").or_else(|| (text == "<").then_some("")) {
            self.answers(line.number, text);
        } else if self.ends_in(text) {
            self.printed(line);
        } else if let Some(command) = command::of(line, rest) {
            self.end();
            self.command = Some(command);
        } else if !is_note(text) {
            self.printed(line);
        }
    }

    fn asks(&mut self, line: usize, text: &str) {
        if request_line(text).is_some() {
            self.end();
            let exchange = Exchange { connection: self.requests, request: 0 };
            self.requests = self.requests.saturating_add(1);
            self.stage = Stage::Asking(Head { line, exchange, first: text.to_owned(), fields: Vec::new() });
        } else if let Stage::Asking(head) = &mut self.stage {
            head.push(text);
        }
    }

    fn answers(&mut self, line: usize, text: &str) {
        if text.starts_with("HTTP/") {
            let exchange = match &self.stage {
                Stage::Asking(head) => {
                    let (exchange, what) = (head.exchange, asked(head, self.command.take()));
                    if let Some(what) = what {
                        self.seen.see(line, exchange, what);
                    }
                    exchange
                }
                // An interim answer, or one without its request.
                Stage::Answering(head) | Stage::Reading(head, _) => head.exchange,
                Stage::Idle => return,
            };
            self.stage = Stage::Answering(Head { line, exchange, first: text.to_owned(), fields: Vec::new() });
            return;
        }
        let Stage::Answering(head) = &mut self.stage else { return };
        if !text.is_empty() {
            return head.push(text);
        }
        let stage = std::mem::take(&mut self.stage);
        if let Stage::Answering(head) = stage {
            self.stage = if matches!(head.status(), Some(100 | 102..200)) {
                Stage::Answering(head)
            } else {
                Stage::Reading(head, Received::default())
            };
        }
    }

    /// Whether a body ends within this line, and a command follows it.
    fn ends_in(&self, text: &str) -> bool {
        let Stage::Reading(head, received) = &self.stage else { return false };
        let left = head.length().map(|length| length.saturating_sub(received.text.len()));
        left.filter(|left| *left > 0).and_then(|left| text.get(left..)).is_some_and(command::begins)
    }

    /// A line of a body, or what stands behind it.
    fn printed(&mut self, Line { number, text }: Line<'_>) {
        let Stage::Reading(head, received) = &mut self.stage else { return };
        if received.text.is_empty() && text.starts_with("HTTP/") {
            received.place = Place::Repeated;
        }
        if received.place == Place::Repeated {
            if text.is_empty() {
                received.place = Place::Body;
            }
            return;
        }
        if received.text.len() > BODY || head.length().is_some_and(|length| received.text.len() >= length) {
            return;
        }
        if !received.text.is_empty() {
            received.text.push('\n');
        }
        let left = head.length().map(|length| length.saturating_sub(received.text.len()));
        // Without a line end, a note of curl follows on the same line.
        let note =
            ["* Connection #", "* Closing connection", "* shutting down"].iter().find_map(|note| text.find(note));
        let end = match left {
            Some(left) if text.len() > left && text.is_char_boundary(left) && !text.contains("^^") => left,
            _ => note.unwrap_or(text.len()),
        };
        received.text.push_str(text.get(..end).unwrap_or(text));
        let behind = text.get(end..).unwrap_or_default().to_owned();
        if let Some(command) = command::of(Line { number, text: &behind }, &mut std::iter::empty().peekable()) {
            self.end();
            self.command = Some(command);
        }
    }

    /// The end of a transfer.
    fn end(&mut self) {
        match std::mem::take(&mut self.stage) {
            Stage::Idle => {}
            Stage::Asking(head) => {
                if let Some(what) = asked(&head, self.command.take()) {
                    self.seen.see(head.line, head.exchange, what);
                }
            }
            Stage::Answering(head) => {
                self.seen.lack(Lack::End(format!("what follows the answer that begins in line {}", head.line)));
            }
            Stage::Reading(head, received) => {
                if let Some(status) = head.status() {
                    let what = match (status, head.field("upgrade")) {
                        (101, Some(_)) => What::Opened,
                        _ => What::Answer {
                            status,
                            content_type: head.field("content-type").map(str::to_owned),
                            body: received.body(&head),
                        },
                    };
                    self.seen.see(head.line, head.exchange, what);
                }
            }
        }
    }

    fn finish(&mut self) {
        self.end();
    }
}

/// What a request asks for, if it is one of Engine.IO.
fn asked(head: &Head, command: Option<Command>) -> Option<What> {
    let (method, at) = request_line(&head.first)?;
    let target = if at.starts_with('/') { at.to_owned() } else { target(at).to_owned() };
    let agent = head.field("user-agent").map(str::to_owned);
    if !target.contains("EIO=") {
        return None;
    }
    if head.field("upgrade").is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
        return Some(What::Open { target, agent });
    }
    let content_type = head.field("content-type").map(str::to_owned);
    let length = head.field("content-length").and_then(|length| length.parse::<usize>().ok());
    let is_chunked = head.field("transfer-encoding").is_some();
    let data = command.filter(|command| command.url_fits(&target)).map(|command| command.data);
    let body = match data {
        _ if length.unwrap_or(0) == 0 && !is_chunked => Body::empty(),
        Some(Data::Text(text)) if length.is_none_or(|length| length == text.len()) => Body::Whole(text.into_bytes()),
        Some(Data::File(name)) => Body::Unreadable(format!("the body is the file {name}, and curl does not show it")),
        _ => Body::Unreadable("curl does not show the bodies of requests".to_owned()),
    };
    Some(What::Request { method: method.to_owned(), target, agent, content_type, body })
}

/// The method and the target of a request line.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && version.starts_with("HTTP/")).then_some((method, target))
}

/// Whether curl says this about a transfer.
fn is_note(text: &str) -> bool {
    let is_data = |text: &str| text.ends_with("bytes data]") && text.starts_with(['{', '}']);
    let is_meter = || text.contains("% Total") || text.contains("Dload  Upload") || text.contains("--:--:--");
    text.starts_with("* ")
        || is_data(text)
        || is_meter()
        || ["Note: ", "Warning: ", "curl: ("].iter().any(|note| text.starts_with(note))
}

impl Head {
    fn push(&mut self, line: &str) {
        /// More fields than a server takes.
        const FIELDS: usize = 200;
        if let Some((name, value)) = line.split_once(':').filter(|_| self.fields.len() < FIELDS) {
            self.fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn status(&self) -> Option<u16> {
        self.first.split(' ').nth(1)?.parse().ok()
    }

    fn length(&self) -> Option<usize> {
        self.field("content-length")?.parse().ok()
    }
}

impl Received {
    fn body(self, head: &Head) -> Body {
        let unreadable = |why: &str| Body::Unreadable(why.to_owned());
        let is_text = || !self.text.contains(char::REPLACEMENT_CHARACTER);
        match head.length() {
            Some(0) => Body::empty(),
            _ if self.text.is_empty() => unreadable("the body was not printed"),
            _ if !is_text() => unreadable("the body is binary or compressed"),
            None => Body::Whole(self.text.trim_end_matches('\n').into()),
            Some(length) if self.text.len() == length => Body::Whole(self.text.into_bytes()),
            Some(length) => {
                // A terminal or an editor can show the separator of packets in other ways.
                let shown = ["^^", "␞", "\\u001e", "\\x1e"].iter().map(|mark| self.text.replace(mark, "\u{1e}"));
                let whole = shown.filter(|text| text.len() == length).map(|text| Body::Whole(text.into_bytes())).next();
                whole.unwrap_or_else(|| {
                    Body::Unreadable(format!("{} of the body's {length} bytes were printed", self.text.len()))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://localhost/socket.io/?EIO=4&transport=polling&sid=a";

    fn transfer(command: &str, length: usize, answer: &str) -> String {
        format!(
            "$ {command}\n*   Trying 127.0.0.1:80...\n> POST /socket.io/?EIO=4&transport=polling&sid=a HTTP/1.1\r\n\
             > Host: localhost\r\n> Content-Length: {length}\r\n> \r\n}} [{length} bytes data]\n< HTTP/1.1 200 OK\r\n\
             < Content-Length: {}\r\n< \r\n{{ [2 bytes data]\n\r  0  2    0  0    0  0      0  0 --:--:-- --:--:--     0\r100  2  100  2    0  0  2297  0 --:--:-- --:--:-- --:--:-- 2360\n{answer}",
            2
        )
    }

    fn bodies(text: &str) -> Vec<Body> {
        let body = |what| match what {
            What::Request { body, .. } | What::Answer { body, .. } => body,
            _ => Body::empty(),
        };
        read(text).unwrap().sightings.into_iter().map(|sighting| body(sighting.what)).collect()
    }

    fn whole(text: &str) -> Body {
        Body::Whole(text.into())
    }

    #[test]
    fn the_body_of_a_request_is_that_of_the_command() {
        for command in [
            format!("curl -v --data-binary '42[\"a\"]' '{URL}'"),
            format!("curl -v -d \"42[\\\"a\\\"]\" \"{URL}\""),
            format!("curl -v \\\n  --data-raw=$'42[\"\\x61\"]' \\\n  '{URL}'"),
        ] {
            assert_eq!(bodies(&transfer(&command, 7, "ok\n")), [whole("42[\"a\"]"), whole("ok")], "{command}");
        }
        let unknown = [format!("curl -v -d @body '{URL}'"), format!("curl -v -d x '{URL}'"), "ls".to_owned()];
        for command in unknown {
            assert!(matches!(&bodies(&transfer(&command, 7, "ok\n"))[..], [Body::Unreadable(_), _]), "{command}");
        }
    }

    #[test]
    fn an_answer_ends_where_it_ends() {
        let command = format!("curl -v -d 1 '{URL}'");
        for answer in
            ["ok", "ok\n", "ok* Connection #0 to host localhost left intact\n", "HTTP/1.1 200 OK\nA: b\n\nok\n"]
        {
            let twice = transfer(&command, 1, answer) + &transfer(&command, 1, answer);
            assert_eq!(bodies(&twice), [whole("1"), whole("ok"), whole("1"), whole("ok")], "{answer}");
        }
        assert!(matches!(&bodies(&transfer(&command, 1, ""))[..], [_, Body::Unreadable(_)]));
        let separated = transfer(&command, 1, "2^^2\n").replace("< Content-Length: 2", "< Content-Length: 3");
        assert_eq!(bodies(&separated)[1], whole("2\u{1e}2"));
    }

    #[test]
    fn other_requests_and_texts_are_left_out() {
        assert!(read("> HTTP\n< none\n").is_none());
        let other = transfer("curl", 0, "ok").replace("EIO=4", "q=4");
        assert!(bodies(&other).iter().all(|body| *body == whole("ok")));
    }
}
