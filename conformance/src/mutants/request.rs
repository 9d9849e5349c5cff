//! The head of a request, as a mutant can change it.

use form_urlencoded::{Serializer, parse};
use sio_codec::engineio::RequestHead;

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: String,
    pub(super) content_type: Option<String>,
    pub(super) wants_websocket: bool,
    parameters: Vec<(String, String)>,
    query: String,
    origin: Option<Vec<u8>>,
}

impl Request {
    /// Copies a head.
    #[must_use]
    pub fn new(head: &RequestHead<'_>) -> Self {
        Self {
            method: head.method.to_owned(),
            content_type: head.content_type.map(str::to_owned),
            wants_websocket: head.wants_websocket,
            parameters: parse(head.query.as_bytes()).into_owned().collect(),
            query: head.query.to_owned(),
            origin: head.origin.map(<[u8]>::to_vec),
        }
    }

    /// The head, for the router.
    #[must_use]
    pub fn head(&self) -> RequestHead<'_> {
        RequestHead {
            method: &self.method,
            query: &self.query,
            content_type: self.content_type.as_deref(),
            origin: self.origin.as_deref(),
            wants_websocket: self.wants_websocket,
        }
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().filter(|(key, _)| *key == name).map(|(_, value)| value).last()
    }

    /// Whether it names a session.
    pub(super) fn has_sid(&self) -> bool {
        self.parameter("sid").is_some_and(|sid| !sid.is_empty())
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self.write();
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.parameters.retain(|(key, _)| key != name);
        self.write();
    }

    fn write(&mut self) {
        self.query = Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
    }
}
