//! Requests, reduced to what the protocol gives a meaning to: what a server reads, and what a client writes.

use alloc::borrow::Cow;
use alloc::string::String;
use core::{fmt, iter};

use form_urlencoded::Serializer;
use memchr::{memchr, memchr2};

use super::jsonp::Index;
use super::revision::{Revision, Transport};
use super::sid::Sid;

/// The parts of a request's head that decide how it is answered.
///
/// The path is not among them: the program compares it with the configured one before it asks the
/// [`Router`](crate::engineio::server::Router).
///
/// The example of the [`Router`](crate::engineio::server::Router) makes one. With the feature `http` it is made from a request's
/// `Parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "programs build it from their HTTP library's request")]
pub struct RequestHead<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The query string without its `?`; empty if there is none.
    pub query: &'a str,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Origin` header.
    pub origin: Option<&'a [u8]>,
    /// Whether the request asks to be upgraded to a WebSocket.
    pub wants_websocket: bool,
}

/// The parameters of a query string.
///
/// ```
/// use sio_codec::engineio::Query;
///
/// let query = Query::new("EIO=3&transport=polling&EIO=4&token=a%20b");
/// assert_eq!(query.value("EIO").as_deref(), Some("4"), "the last one wins");
/// assert_eq!(query.value("token").as_deref(), Some("a b"));
/// ```
//= EIO4-URL-04
#[derive(Clone, Copy, Debug)]
pub struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Reads a query string, given without its `?`.
    #[must_use]
    pub const fn new(query: &'a str) -> Self {
        Self(query)
    }

    /// The decoded value of a parameter; the last one if it is repeated.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        self.pairs().filter(|(key, _)| key == name).map(|(_, value)| value).last()
    }

    /// All parameters in order, decoded.
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        let mut rest = Some(self.0);
        let pairs = iter::from_fn(move || {
            let (pair, more) = split(rest?, b'&');
            rest = more;
            Some(pair)
        });
        pairs.filter_map(decoded)
    }
}

/// Most pairs are written as they are.
fn decoded(pair: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    match memchr2(b'%', b'+', pair.as_bytes()) {
        Some(_) => form_urlencoded::parse(pair.as_bytes()).next(),
        None if pair.is_empty() => None,
        None => {
            let (key, value) = split(pair, b'=');
            Some((key.into(), value.unwrap_or_default().into()))
        }
    }
}

/// What is before the first such character, and what is after it. Several times as fast as the standard library's.
fn split(text: &str, at: u8) -> (&str, Option<&str>) {
    let Some(at) = memchr(at, text.as_bytes()) else { return (text, None) };
    (text.get(..at).unwrap_or_default(), text.get(at.saturating_add(1)..))
}

/// The query of a client's request, in the order in which the reference's client writes it.
///
/// ```
/// use sio_codec::engineio::{RequestQuery, Revision, Sid, Transport};
///
/// let handshake = RequestQuery::new(Revision::V4, Transport::Polling).with_parameter("token", "a&b");
/// assert_eq!(handshake.to_string(), "token=a%26b&EIO=4&transport=polling");
///
/// let sid = Sid::from_wire("lv_VI97HAXpY6yYWAAAC").unwrap();
/// let upgrade = RequestQuery::new(Revision::V4, Transport::WebSocket).with_sid(&sid);
/// assert_eq!(upgrade.to_string(), "EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAC");
/// ```
//= EIO4-URL-01
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestQuery<'a> {
    revision: Revision,
    transport: Transport,
    /// The application's own parameters, encoded.
    parameters: String,
    timestamp: Option<&'a str>,
    without_binary: bool,
    sid: Option<&'a Sid>,
    jsonp: Option<&'a Index>,
}

impl<'a> RequestQuery<'a> {
    /// The query of a handshake.
    #[must_use]
    pub const fn new(revision: Revision, transport: Transport) -> Self {
        let parameters = String::new();
        Self { revision, transport, parameters, timestamp: None, without_binary: false, sid: None, jsonp: None }
    }

    /// Adds a parameter of the application's own, in front of the protocol's.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters = Serializer::new(self.parameters).append_pair(name, value).finish();
        self
    }

    /// Names the session; every request but the handshake does.
    //= EIO4-URL-02
    #[must_use]
    pub const fn with_sid(mut self, sid: &'a Sid) -> Self {
        self.sid = Some(sid);
        self
    }

    /// Adds `t`, which makes the request differ from all others and keeps caches out; servers ignore it.
    #[must_use]
    pub const fn with_timestamp(mut self, timestamp: &'a str) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// Adds `b64`: the client cannot take binary messages, or answers.
    //= EIO3-CLI-01
    #[must_use]
    pub const fn without_binary(mut self) -> Self {
        self.without_binary = true;
        self
    }

    /// Adds `j`: the client reads answers as scripts. Clients of revision 4 do not.
    //= EIO4-JSONP-03
    #[must_use]
    pub fn with_jsonp(mut self, index: &'a Index) -> Self {
        self.jsonp = (self.revision == Revision::V3).then_some(index);
        self
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("EIO", Some(self.revision.as_str())),
            ("transport", Some(self.transport.as_str())),
            ("t", self.timestamp),
            ("b64", self.without_binary.then_some("1")),
            ("sid", self.sid.map(Sid::as_str)),
            ("j", self.jsonp.map(Index::as_str)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl fmt::Display for RequestQuery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Serializer::new(self.parameters.clone()).extend_pairs(self.pairs()).finish())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_come_in_the_references_order() {
        let (sid, index) = (Sid::from_wire("a").unwrap(), Index::from_query("7"));
        let query = |revision| {
            RequestQuery::new(revision, Transport::Polling)
                .with_jsonp(&index)
                .with_sid(&sid)
                .without_binary()
                .with_timestamp("PcGXSAWl")
                .to_string()
        };
        //= EIO3-CLI-01: Send `b64=1`
        assert_eq!(query(Revision::V3), "EIO=3&transport=polling&t=PcGXSAWl&b64=1&sid=a&j=7");
        //= EIO4-URL-01
        //= EIO4-URL-02
        //= EIO4-JSONP-03
        assert_eq!(query(Revision::V4), "EIO=4&transport=polling&t=PcGXSAWl&b64=1&sid=a", "no JSONP in revision 4");
    }

    #[test]
    fn pairs_are_those_of_a_form() {
        let pieces =
            ["", "=", "a", "a=", "=1", "a=1", "%61=2", "a=%62", "a+b=5", "a=+%", "%ff=6", "a=b=c", "\u{e9}=\u{e9}"];
        for first in pieces {
            for second in pieces {
                let query = alloc::format!("{first}&{second}");
                let of_a_form = form_urlencoded::parse(query.as_bytes());
                assert!(Query::new(&query).pairs().eq(of_a_form), "{query:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn l8_what_is_written_is_read(parameters in prop::collection::vec(any::<(String, String)>(), 0..4)) {
            let query = parameters.iter().fold(
                RequestQuery::new(Revision::V4, Transport::WebSocket),
                |query, (name, value)| query.with_parameter(name, value),
            );
            let written = query.to_string();
            let read: Vec<_> = Query::new(&written).pairs().map(|(name, value)| (name.into(), value.into())).collect();
            let mut expected = parameters;
            expected.extend([("EIO", "4"), ("transport", "websocket")].map(|(name, value)| (name.into(), value.into())));
            prop_assert_eq!(read, expected);
            prop_assert!(written.is_ascii());
        }
    }
}
