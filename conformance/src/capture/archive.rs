//! Writes what was seen as entries of HAR 1.2, as [`har`](super::har) reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::log::Conversation;
use super::payloads::query;
use super::sighting::{Body, Exchange, Sighting, What};
use crate::trace::Side;

/// The entries of a session, one per request and one per WebSocket, in the order in which they began. The messages of a
/// WebSocket are in `_webSocketMessages`, as browsers write them.
///
/// `base` is the server's URL without a path, and `began` is when the recording began. Of the header fields, only `User-Agent`
/// and `Content-Type` are written: others may hold secrets.
///
/// ```
/// use std::time::Duration;
/// use siospec::capture::{archive, Clock, Conversation, Exchange, Sighting, What};
/// use time::OffsetDateTime;
///
/// let target = "/socket.io/?EIO=4&transport=websocket".to_owned();
/// let exchange = Exchange { connection: 0, request: 0 };
/// let open = Sighting { at: Duration::from_millis(5), exchange, what: What::Open { target, agent: None } };
/// let session = Conversation { sid: String::new(), clock: Clock::default(), sightings: vec![open] };
/// let entries = archive(&session, "http://localhost:3000", OffsetDateTime::UNIX_EPOCH);
/// assert_eq!(entries[0]["request"]["url"], "ws://localhost:3000/socket.io/?EIO=4&transport=websocket");
/// assert_eq!(entries[0]["startedDateTime"], "1970-01-01T00:00:00.005Z");
/// ```
#[must_use]
pub fn archive(conversation: &Conversation, base: &str, began: OffsetDateTime) -> Vec<Value> {
    let mut order: Vec<Exchange> = Vec::new();
    let mut exchanges: BTreeMap<Exchange, Vec<&Sighting>> = BTreeMap::new();
    for sighting in &conversation.sightings {
        let of_exchange = exchanges.entry(sighting.exchange).or_default();
        if of_exchange.is_empty() {
            order.push(sighting.exchange);
        }
        of_exchange.push(sighting);
    }
    let of = |exchange: &Exchange| entry(exchanges.get(exchange)?, base, began);
    order.iter().filter_map(of).collect()
}

/// The entry of a request or of a WebSocket; `None` for what is neither.
fn entry(sightings: &[&Sighting], base: &str, began: OffsetDateTime) -> Option<Value> {
    let (first, rest) = sightings.split_first()?;
    let last = rest.last().unwrap_or(first);
    let mut entry = json!({
        "startedDateTime": date(began, first.at),
        "time": millis(last.at.saturating_sub(first.at)),
        "cache": {},
        "timings": { "send": 0, "wait": millis(last.at.saturating_sub(first.at)), "receive": 0 },
        "connection": first.exchange.connection.to_string(),
    });
    let response = rest.iter().find_map(|sighting| response(&sighting.what));
    match &first.what {
        What::Request { method, target, agent, content_type, body } => {
            let fields = [("User-Agent", agent), ("Content-Type", content_type)];
            entry["request"] = request(method, &format!("{base}{target}"), &fields);
            if !matches!(body, Body::Whole(bytes) if bytes.is_empty()) {
                entry["request"]["postData"] = content(content_type.as_deref(), body);
            }
            entry["response"] = response.unwrap_or_else(none);
            entry["_resourceType"] = json!("xhr");
        }
        What::Open { target, agent } => {
            let base = base.replacen("http", "ws", 1);
            entry["request"] = request("GET", &format!("{base}{target}"), &[("User-Agent", agent)]);
            let messages: Vec<Value> = rest.iter().filter_map(|sighting| message(sighting, began)).collect();
            // The beginning of a session that was cut may have been written before.
            let opened = || if messages.is_empty() { none() } else { answer(101, None, json!({ "size": 0 })) };
            entry["response"] = response.unwrap_or_else(opened);
            entry["_webSocketMessages"] = json!(messages);
            entry["_resourceType"] = json!("websocket");
        }
        _ => return None,
    }
    let unreadable: Vec<&str> = rest.iter().filter_map(|sighting| unreadable(&sighting.what)).collect();
    if !unreadable.is_empty() {
        entry["comment"] = json!(unreadable.join("; "));
    }
    Some(entry)
}

fn request(method: &str, url: &str, fields: &[(&str, &Option<String>)]) -> Value {
    let headers = fields.iter().filter_map(|(name, value)| Some(json!({ "name": name, "value": value.as_ref()? })));
    let parameters = form_urlencoded::parse(query(url).as_bytes());
    json!({
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers.collect::<Vec<_>>(),
        "queryString": parameters.map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn response(what: &What) -> Option<Value> {
    match what {
        What::Answer { status, content_type, body } => {
            Some(answer(*status, content_type.as_deref(), content(content_type.as_deref(), body)))
        }
        What::Opened => Some(answer(101, None, json!({ "size": 0, "mimeType": "" }))),
        _ => None,
    }
}

/// A request without an answer, as browsers write it.
fn none() -> Value {
    answer(0, None, json!({ "size": 0, "mimeType": "" }))
}

fn answer(status: u16, content_type: Option<&str>, content: Value) -> Value {
    // Browsers guess the type of the content, so that readers believe only this field.
    let headers = content_type.map(|value| json!({ "name": "Content-Type", "value": value }));
    json!({
        "status": status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers.into_iter().collect::<Vec<_>>(),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    })
}

fn content(content_type: Option<&str>, body: &Body) -> Value {
    let mut content = json!({ "size": body.len(), "mimeType": content_type.unwrap_or_default() });
    let is_binary = content_type.is_some_and(|label| label.starts_with("application/octet-stream"));
    match (body, body.text()) {
        (Body::Unreadable(why), _) => content["comment"] = json!(why),
        (Body::Whole(_), Some(text)) if !is_binary => content["text"] = json!(text),
        (Body::Whole(bytes), _) => {
            content["text"] = json!(STANDARD.encode(bytes));
            content["encoding"] = json!("base64");
        }
    }
    content
}

fn message(sighting: &Sighting, began: OffsetDateTime) -> Option<Value> {
    let (side, opcode, data) = match &sighting.what {
        What::Text(side, text) => (side, 1, text.clone()),
        What::Binary(side, bytes) => (side, 2, STANDARD.encode(bytes)),
        What::Close(side, code) => (side, 8, code.map_or_else(String::new, |code| code.to_string())),
        _ => return None,
    };
    let kind = match side {
        Side::Client => "send",
        Side::Server => "receive",
    };
    let time = (began + sighting.at - OffsetDateTime::UNIX_EPOCH).as_seconds_f64();
    Some(json!({ "type": kind, "time": time, "opcode": opcode, "data": data }))
}

fn unreadable(what: &What) -> Option<&str> {
    match what {
        What::Unreadable(_, why) => Some(why),
        _ => None,
    }
}

/// A time, as RFC 3339 has it, to the microsecond.
fn date(began: OffsetDateTime, at: Duration) -> String {
    let at = began + at;
    let rounded = at.replace_nanosecond(at.nanosecond() / 1000 * 1000).unwrap_or(at);
    // Only years of more than four digits cannot be written.
    rounded.format(&Rfc3339).unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Clock, har};

    fn sighting(at: u64, connection: u32, what: What) -> Sighting {
        Sighting { at: Duration::from_millis(at), exchange: Exchange { connection, request: 0 }, what }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let octets = || Some("application/octet-stream".to_owned());
        let text = || Some("text/plain; charset=UTF-8".to_owned());
        let get = |query: &str, body: Body, content_type| What::Request {
            method: if body.is_empty() { "GET" } else { "POST" }.to_owned(),
            target: format!("/socket.io/?EIO=4&transport={query}"),
            agent: Some("a client".to_owned()),
            content_type,
            body,
        };
        let answer =
            |content_type, body: &[u8]| What::Answer { status: 200, content_type, body: Body::Whole(body.to_vec()) };
        let target = "/socket.io/?EIO=4&transport=websocket&sid=A".to_owned();
        let sightings = vec![
            sighting(0, 0, get("polling", Body::empty(), None)),
            sighting(1, 0, answer(text(), "0{\"sid\":\"A\"}\u{1e}4ü\0".as_bytes())),
            sighting(2, 1, get("polling&sid=A", Body::Whole(vec![0, 255, 1]), octets())),
            sighting(3, 1, answer(Some("text/html".to_owned()), b"ok")),
            sighting(4, 2, What::Open { target, agent: None }),
            sighting(4, 2, What::Opened),
            sighting(6, 2, What::Text(Side::Client, "2probe".to_owned())),
            sighting(7, 2, What::Binary(Side::Server, vec![1, 0, 254])),
            sighting(8, 2, What::Close(Side::Server, Some(1001))),
            sighting(9, 3, get("polling&sid=A", Body::empty(), None)),
            sighting(10, 4, get("polling&sid=A", Body::empty(), None)),
            sighting(11, 4, answer(octets(), &[b'4', 255])),
            sighting(12, 5, What::Open { target: "/socket.io/?EIO=4&transport=websocket".to_owned(), agent: None }),
            sighting(13, 5, answer(Some("application/json".to_owned()), b"{}")),
        ];
        let session = Conversation { sid: "A".to_owned(), clock: Clock::default(), sightings: sightings.clone() };
        let began = OffsetDateTime::from_unix_timestamp(1_795_000_000).unwrap();
        let file = json!({ "log": { "entries": archive(&session, "https://localhost", began) } });
        let read = har(file.to_string().as_bytes()).unwrap();
        assert_eq!(read.len(), sightings.len());
        for (read, written) in read.iter().zip(&sightings) {
            assert_eq!((&read.what, read.exchange.connection), (&written.what, written.exchange.connection));
            assert!(read.at.abs_diff(written.at) < Duration::from_micros(2), "{read:?}");
        }
    }
}
