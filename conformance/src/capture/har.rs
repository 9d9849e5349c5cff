//! Recordings of browsers and proxies: HAR 1.2.
//!
//! | part of the file | what it becomes |
//! |---|---|
//! | an entry of polling | a request, and its answer if there was one |
//! | an entry of a WebSocket | the opening, and each of `_webSocketMessages` |
//! | any other entry | nothing: pages and scripts are recorded as well |
//!
//! The tools differ. The times of messages are seconds since 1970 in DevTools and mitmproxy, and milliseconds in
//! Playwright. Entries are in the order in which they began, or in that in which they ended. mitmproxy writes a binary
//! request as one character per byte. Status 0 means that there was no answer.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::payloads::target;
use super::sighting::{Body, Exchange, Sighting, What};
use crate::trace::Side;

/// Seconds since 1970 are less than this until the year 5138, and milliseconds are more since 1973.
const FIRST_MILLIS: f64 = 1e11;

/// Why a file cannot be read as a recording.
#[derive(Debug)]
#[non_exhaustive]
pub enum HarError {
    /// It is not JSON, or not of this form.
    Form(serde_json::Error),
    /// None of its entries, of which there are this many, is a request of Engine.IO.
    NoEngine(usize),
}

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => {
                let fault = match error.classify() {
                    Category::Eof => "it ends in the middle of a HAR file",
                    Category::Data => "it is JSON, but not a HAR file",
                    Category::Syntax | Category::Io => "it is not JSON, and so not a HAR file",
                };
                write!(f, "{fault}: line {}, column {}", error.line(), error.column())
            }
            Self::NoEngine(entries) => {
                write!(f, "none of its {entries} entries is a request of Engine.IO, which has EIO= in its query")
            }
        }
    }
}

impl std::error::Error for HarError {}

/// What a HAR file shows of Engine.IO, in the order of time. Each entry is an exchange on a connection of its own.
///
/// # Errors
///
/// [`HarError`] if the file is not a recording, or has nothing of Engine.IO.
///
/// ```
/// use siospec::capture::{har, What};
///
/// let file = br#"{"log":{"entries":[{
///   "startedDateTime":"2026-11-27T11:29:23.930Z","time":4,
///   "request":{"method":"GET","url":"ws://localhost/socket.io/?EIO=4&transport=websocket","headers":[]},
///   "response":{"status":101,"content":{}},
///   "_webSocketMessages":[{"type":"receive","time":1795778963.94,"opcode":1,"data":"2"}]
/// }]}}"#;
/// let seen = har(file)?;
/// assert!(matches!(&seen[2].what, What::Text(_, text) if text == "2"));
/// # Ok::<(), siospec::capture::HarError>(())
/// ```
pub fn har(file: &[u8]) -> Result<Vec<Sighting>, HarError> {
    let file: File<'_> = serde_json::from_slice(file).map_err(HarError::Form)?;
    let all = file.log.entries.len();
    let entries: Vec<_> = file.log.entries.into_iter().filter(|entry| entry.request.url.contains("EIO=")).collect();
    let Some(start) = entries.iter().map(|entry| entry.start).min_by(f64::total_cmp) else {
        return Err(HarError::NoEngine(all));
    };
    let mut sightings: Vec<_> = (0..).zip(entries).flat_map(|(number, entry)| entry.sightings(number, start)).collect();
    sightings.sort_by_key(|sighting| sighting.at);
    Ok(sightings)
}

#[derive(Deserialize)]
struct File<'f> {
    #[serde(borrow)]
    log: Content<'f>,
}

#[derive(Deserialize)]
struct Content<'f> {
    #[serde(borrow)]
    entries: Vec<Entry<'f>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'f> {
    /// Seconds since 1970.
    #[serde(rename = "startedDateTime", deserialize_with = "seconds")]
    start: f64,
    /// Milliseconds; -1 if it is not known.
    #[serde(default)]
    time: f64,
    #[serde(borrow)]
    request: Request<'f>,
    #[serde(borrow)]
    response: Response<'f>,
    #[serde(borrow, default, rename = "_webSocketMessages")]
    messages: Option<Vec<Message<'f>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'f> {
    #[serde(borrow)]
    method: Cow<'f, str>,
    #[serde(borrow)]
    url: Cow<'f, str>,
    #[serde(borrow, default)]
    headers: Vec<Header<'f>>,
    #[serde(borrow, default)]
    post_data: Option<Data<'f>>,
}

#[derive(Deserialize)]
struct Header<'f> {
    #[serde(borrow)]
    name: Cow<'f, str>,
    #[serde(borrow)]
    value: Cow<'f, str>,
}

#[derive(Deserialize)]
struct Response<'f> {
    /// 0 if there was no answer.
    status: u16,
    #[serde(borrow, default)]
    headers: Vec<Header<'f>>,
    #[serde(borrow, default)]
    content: Data<'f>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'f> {
    #[serde(borrow, default)]
    mime_type: Option<Cow<'f, str>>,
    #[serde(borrow, default)]
    text: Option<Cow<'f, str>>,
    #[serde(borrow, default)]
    encoding: Option<Cow<'f, str>>,
}

#[derive(Deserialize)]
struct Message<'f> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'f, str>,
    time: f64,
    opcode: u8,
    #[serde(borrow)]
    data: Cow<'f, str>,
}

impl Entry<'_> {
    fn sightings(self, number: u32, origin: f64) -> Vec<Sighting> {
        let exchange = Exchange { connection: number, request: 0 };
        let start = self.start;
        let sighting = |at: f64, what| Sighting { at: since(at, origin), exchange, what };
        let end = start + self.time.max(0.0) / 1000.0;
        let agent = self.request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("user-agent"));
        let agent = agent.map(|header| header.value.clone().into_owned());
        let target = target(&self.request.url).to_owned();
        if self.messages.is_none() && !target.contains("transport=websocket") {
            let content_type =
                self.request.post_data.as_ref().and_then(|data| data.mime_type.as_deref()).map(str::to_owned);
            let body = self.request.post_data.as_ref().map_or_else(Body::empty, Data::body);
            let is_version_4 = target.contains("EIO=4");
            let method = self.request.method.into_owned();
            let request = sighting(start, What::Request { method, target, agent, content_type, body });
            let (status, content) = (self.response.status, &self.response.content);
            let content_type = self.response.content_type(is_version_4).map(str::to_owned);
            let answer = || sighting(end, What::Answer { status, content_type, body: content.body() });
            return [Some(request), (status != 0).then(answer)].into_iter().flatten().collect();
        }
        let opened = match self.response.status {
            101 => Some(sighting(start, What::Opened)),
            0 => None,
            status => {
                let content_type = self.response.content_type(target.contains("EIO=4")).map(str::to_owned);
                let body = self.response.content.body();
                Some(sighting(end, What::Answer { status, content_type, body }))
            }
        };
        let messages = self.messages.unwrap_or_default();
        let messages = messages.into_iter().map(|message| sighting(message.at(), message.what()));
        [Some(sighting(start, What::Open { target, agent })), opened].into_iter().flatten().chain(messages).collect()
    }
}

impl Response<'_> {
    /// The type that the server named. Browsers guess the type of the content, and take plain text with control characters
    /// for binary data, which Engine.IO 4 never sends.
    fn content_type(&self, is_version_4: bool) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"));
        header.map(|header| &*header.value).or_else(|| {
            let is_guess = |kind: &&str| is_version_4 && kind.starts_with("application/octet-stream");
            self.content.mime_type.as_deref().filter(|kind| !is_guess(kind))
        })
    }
}

impl Data<'_> {
    fn body(&self) -> Body {
        let text = self.text.as_deref().unwrap_or_default();
        let is_binary = self.mime_type.as_deref().is_some_and(|label| label.starts_with("application/octet-stream"));
        match self.encoding.as_deref() {
            Some("base64") => match STANDARD.decode(text) {
                Ok(bytes) => Body::Whole(bytes),
                Err(error) => Body::Unreadable(format!("its base64 cannot be read: {error}")),
            },
            // A character for each byte.
            _ if is_binary => {
                let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
                Body::Whole(bytes.unwrap_or_else(|_| text.as_bytes().to_vec()))
            }
            _ => Body::Whole(text.as_bytes().to_vec()),
        }
    }
}

impl Message<'_> {
    /// Seconds since 1970.
    fn at(&self) -> f64 {
        if self.time > FIRST_MILLIS { self.time / 1000.0 } else { self.time }
    }

    fn what(self) -> What {
        let side = if self.kind == "send" { Side::Client } else { Side::Server };
        match self.opcode {
            1 => What::Text(side, self.data.into_owned()),
            2 => match STANDARD.decode(self.data.as_bytes()) {
                Ok(bytes) => What::Binary(side, bytes),
                Err(error) => What::Unreadable(side, format!("the base64 of a message cannot be read: {error}")),
            },
            // The code stands there as siospec writes it; browsers have no such messages.
            8 => What::Close(side, self.data.parse().ok()),
            opcode => What::Unreadable(side, format!("a message has opcode {opcode}")),
        }
    }
}

/// A date as seconds since 1970, to the microsecond.
fn seconds<'d, D: Deserializer<'d>>(field: D) -> Result<f64, D::Error> {
    let text = Cow::<str>::deserialize(field)?;
    let date = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
    Ok((date - OffsetDateTime::UNIX_EPOCH).as_seconds_f64())
}

fn since(at: f64, origin: f64) -> Duration {
    Duration::try_from_secs_f64((at - origin).max(0.0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The type of the answer to a poll, as a browser records it.
    fn content_type(headers: &str, guess: &str) -> Option<String> {
        let file = format!(
            r#"{{"log":{{"entries":[{{"startedDateTime":"2026-11-27T11:29:23.930Z",
            "request":{{"method":"GET","url":"http://localhost/socket.io/?EIO=4&transport=polling"}},
            "response":{{"status":200,"headers":[{headers}],"content":{{"mimeType":"{guess}","text":"6"}}}}}}]}}}}"#
        );
        har(file.as_bytes()).unwrap().into_iter().find_map(|sighting| match sighting.what {
            What::Answer { content_type, .. } => content_type,
            _ => None,
        })
    }

    #[test]
    fn the_type_of_an_answer_is_the_one_that_the_server_named() {
        let header = r#"{"name":"content-type","value":"text/plain; charset=UTF-8"}"#;
        assert_eq!(content_type(header, "application/octet-stream").as_deref(), Some("text/plain; charset=UTF-8"));
        assert_eq!(content_type("", "text/html").as_deref(), Some("text/html"));
        assert_eq!(content_type("", "application/octet-stream"), None, "a guess");
    }
}
