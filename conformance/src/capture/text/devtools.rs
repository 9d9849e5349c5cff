//! Events of the DevTools protocol, one per line: what Puppeteer, Playwright and chromedriver log.
//!
//! The bodies of answers are no events. They are known only if the log has the answers to `Network.getResponseBody`.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::payloads::target;
use super::super::recording::{Lack, Recording};
use super::super::sighting::{Body, Exchange, What};
use super::lines;
use super::seen::{Count, Seen};
use crate::trace::Side;

const FORM: &str = "events of the DevTools protocol";

/// Reads events; `None` if the first lines have none.
pub(super) fn read(text: &str) -> Option<Recording> {
    /// How many lines may stand before the first event.
    const BEFORE: usize = 50;
    let is_event = |line: &str| event(line).is_some_and(|event| event.get("method").is_some_and(Value::is_string));
    if !lines(text).take(BEFORE).any(|line| is_event(line.text)) {
        return None;
    }
    let (mut reader, mut unread) = (Reader::default(), Count::default());
    let mut last = None;
    for line in lines(text).filter(|line| !line.text.trim().is_empty()) {
        last = Some(line.number);
        match event(line.text) {
            Some(event) => reader.event(line.number, &event),
            None => unread.add(line.number),
        }
    }
    let mut seen = reader.finish();
    if let Some(words) = unread.words("is no event", "are no events") {
        let is_end = unread.lines() == 1 && unread.first() == last;
        seen.lack(if is_end { Lack::End(format!("what follows: {words}")) } else { Lack::Part(words) });
    }
    Some(seen.recording(FORM))
}

/// The event of a line, which other words may precede and which chromedriver wraps.
fn event(line: &str) -> Option<Value> {
    let json = line.get(line.find('{')?..)?;
    let value: Value = serde_json::Deserializer::from_str(json).into_iter().next()?.ok()?;
    let inner = match value.get("message") {
        Some(Value::String(message)) => serde_json::from_str::<Value>(message).ok()?,
        Some(message @ Value::Object(_)) => message.clone(),
        _ => return Some(value),
    };
    match inner.get("message") {
        Some(message @ Value::Object(_)) => Some(message.clone()),
        _ => Some(inner),
    }
}

#[derive(Debug, Default)]
struct Reader {
    /// What was seen, with its time in seconds and its line.
    seen: Vec<(f64, usize, Exchange, What)>,
    exchanges: BTreeMap<String, Exchange>,
    /// The answers that wait for their bodies.
    answers: BTreeMap<String, Answer>,
    /// The commands that ask for bodies, and for which request.
    asked: BTreeMap<u64, String>,
    bodies: BTreeMap<String, Body>,
    last: f64,
}

#[derive(Debug)]
struct Answer {
    at: f64,
    line: usize,
    status: u16,
    content_type: Option<String>,
}

impl Reader {
    fn event(&mut self, line: usize, event: &Value) {
        let empty = Value::Null;
        let params = event.get("params").unwrap_or(&empty);
        let text = |path: &str| params.pointer(path).and_then(Value::as_str);
        let at = params.get("timestamp").and_then(Value::as_f64).unwrap_or(self.last);
        self.last = at;
        let id = text("/requestId").unwrap_or_default().to_owned();
        match event.get("method").and_then(Value::as_str) {
            None => self.result(event),
            Some("Network.getResponseBody") => {
                event.get("id").and_then(Value::as_u64).into_iter().for_each(|number| {
                    self.asked.insert(number, id.clone());
                });
            }
            Some("Network.requestWillBeSent") => {
                let Some(url) = text("/request/url").filter(|url| url.contains("EIO=")) else { return };
                // A redirection keeps the id.
                let exchange = self.enter(&id);
                let method = text("/request/method").unwrap_or("GET").to_owned();
                let headers = params.pointer("/request/headers");
                let (agent, content_type) = (field(headers, "user-agent"), field(headers, "content-type"));
                let body = posted(params.get("request").unwrap_or(&empty));
                let what = What::Request { method, target: target(url).to_owned(), agent, content_type, body };
                self.seen.push((at, line, exchange, what));
            }
            Some("Network.responseReceived") if self.exchanges.contains_key(&id) => {
                let status = params.pointer("/response/status").and_then(Value::as_u64).unwrap_or_default();
                let content_type = field(params.pointer("/response/headers"), "content-type");
                let status = u16::try_from(status).unwrap_or_default();
                self.answers.insert(id, Answer { at, line, status, content_type });
            }
            Some("Network.loadingFinished") => {
                if let Some(answer) = self.answers.get_mut(&id) {
                    answer.at = at;
                }
            }
            Some("Network.webSocketCreated") => {
                let Some(url) = text("/url").filter(|url| url.contains("EIO=")) else { return };
                let exchange = self.enter(&id);
                self.seen.push((at, line, exchange, What::Open { target: target(url).to_owned(), agent: None }));
            }
            Some(method) => {
                if let Some(exchange) = self.exchanges.get(&id).copied() {
                    self.seen.extend(socket(method, params).map(|what| (at, line, exchange, what)));
                }
            }
        }
    }

    fn enter(&mut self, id: &str) -> Exchange {
        let connection = u32::try_from(self.exchanges.len()).unwrap_or(u32::MAX);
        *self.exchanges.entry(id.to_owned()).or_insert(Exchange { connection, request: 0 })
    }

    /// The answer to a command: a body, if one was asked for.
    fn result(&mut self, event: &Value) {
        let id = event.get("id").and_then(Value::as_u64).and_then(|number| self.asked.remove(&number));
        let (Some(id), Some(body)) = (id, event.pointer("/result/body").and_then(Value::as_str)) else { return };
        let is_coded = event.pointer("/result/base64Encoded").and_then(Value::as_bool) == Some(true);
        let body = if is_coded { STANDARD.decode(body).unwrap_or_default() } else { body.as_bytes().to_vec() };
        self.bodies.insert(id, Body::Whole(body));
    }

    fn finish(mut self) -> Seen {
        for (id, Answer { at, line, status, content_type }) in std::mem::take(&mut self.answers) {
            let missing =
                || Body::Unreadable("events of the DevTools protocol do not hold the bodies of answers".to_owned());
            let body = self.bodies.remove(&id).unwrap_or_else(missing);
            if let Some(exchange) = self.exchanges.get(&id) {
                self.seen.push((at, line, *exchange, What::Answer { status, content_type, body }));
            }
        }
        self.seen.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
        let origin = self.seen.first().map_or(0.0, |(at, ..)| *at);
        let mut seen = Seen::default();
        for (at, line, exchange, what) in self.seen {
            seen.at(Duration::try_from_secs_f64((at - origin).max(0.0)).unwrap_or_default());
            seen.see(line, exchange, what);
        }
        seen
    }
}

/// What an event says of a WebSocket.
fn socket(method: &str, params: &Value) -> Option<What> {
    let side = match method {
        "Network.webSocketFrameSent" => Side::Client,
        "Network.webSocketFrameReceived" => Side::Server,
        "Network.webSocketHandshakeResponseReceived" => {
            let status = params.pointer("/response/status").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
            let body = Body::empty();
            return Some(if status == 101 { What::Opened } else { What::Answer { status, content_type: None, body } });
        }
        _ => return None,
    };
    let data = params.pointer("/response/payloadData").and_then(Value::as_str)?;
    Some(match params.pointer("/response/opcode").and_then(Value::as_f64).map(|opcode| opcode.to_string()).as_deref() {
        Some("1") => What::Text(side, data.to_owned()),
        Some("2") => match STANDARD.decode(data) {
            Ok(bytes) => What::Binary(side, bytes),
            Err(error) => What::Unreadable(side, format!("the base64 of a message cannot be read: {error}")),
        },
        Some("8") => What::Close(side, None),
        Some("9" | "10") => return None,
        _ => What::Unreadable(side, "a message whose opcode is not known".to_owned()),
    })
}

/// The body of a request.
fn posted(request: &Value) -> Body {
    let text = request.get("postData").and_then(Value::as_str);
    let entries = request.get("postDataEntries").and_then(Value::as_array);
    let decoded = |entries: &Vec<Value>| -> Option<Vec<u8>> {
        let parts = entries.iter().map(|entry| STANDARD.decode(entry.get("bytes")?.as_str()?).ok());
        Some(parts.collect::<Option<Vec<_>>>()?.concat())
    };
    match (entries.and_then(decoded).filter(|bytes| !bytes.is_empty()), text) {
        (Some(bytes), _) => Body::Whole(bytes),
        (None, Some(text)) => Body::Whole(text.into()),
        (None, None) if request.get("hasPostData").and_then(Value::as_bool) == Some(true) => {
            Body::Unreadable("the event does not hold the body".to_owned())
        }
        (None, None) => Body::empty(),
    }
}

fn field(headers: Option<&Value>, name: &str) -> Option<String> {
    let (_, value) = headers?.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [&str; 4] = [
        r#"{"method":"Network.webSocketCreated","params":{"requestId":"1","url":"ws://h/socket.io/?EIO=4&transport=websocket"}}"#,
        r#"{"method":"Network.webSocketHandshakeResponseReceived","params":{"requestId":"1","timestamp":2.5,"response":{"status":101}}}"#,
        r#"{"method":"Network.webSocketFrameReceived","params":{"requestId":"1","timestamp":2.6,"response":{"opcode":1,"payloadData":"0{\"sid\":\"a\"}"}}}"#,
        r#"{"method":"Network.webSocketFrameSent","params":{"requestId":"1","timestamp":2.7,"response":{"opcode":2,"payloadData":"AQI="}}}"#,
    ];

    #[test]
    fn events_are_read_however_they_are_logged() {
        let layouts: [fn(&str) -> String; 4] = [
            |event| format!("{event}\n"),
            |event| format!("pw:protocol ◀ RECV {event} +1ms\r\n"),
            |event| {
                format!("{}\n", serde_json::json!({"level": "INFO", "message": format!("{{\"message\":{event}}}")}))
            },
            |event| format!("{{\"message\":{event}}}\n"),
        ];
        for layout in layouts {
            let text: String = EVENTS.iter().map(|event| layout(event)).collect();
            let seen = read(&text).unwrap().sightings;
            assert_eq!(seen.len(), 4, "{text}");
            assert_eq!(seen[3].what, What::Binary(Side::Client, vec![1, 2]));
        }
    }

    #[test]
    fn a_body_is_known_if_it_was_asked_for() {
        let text = r#"{"method":"Network.requestWillBeSent","params":{"requestId":"7","timestamp":1,"request":{"method":"GET","url":"http://h/?EIO=4"}}}
{"method":"Network.responseReceived","params":{"requestId":"7","timestamp":2,"response":{"status":200,"headers":{}}}}
"#;
        let asked = "{\"id\":3,\"method\":\"Network.getResponseBody\",\"params\":{\"requestId\":\"7\"}}\n{\"id\":3,\"result\":{\"body\":\"2\"}}\n{\"cut";
        let body = |text: &str| match read(text).unwrap().sightings.pop().unwrap().what {
            What::Answer { body, .. } => body,
            other => panic!("{other:?}"),
        };
        assert!(matches!(body(text), Body::Unreadable(_)));
        let whole = text.to_owned() + asked;
        assert_eq!(body(&whole), Body::Whole(b"2".to_vec()));
        assert!(matches!(&read(&whole).unwrap().lacks[..], [Lack::End(words)] if words.contains("line 5")));
    }
}
