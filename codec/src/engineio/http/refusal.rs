//! The answers to requests that are refused.

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use super::{ContentType, Response};
use crate::engineio::request::RequestHead;
use crate::names::names;

/// Declares the refusals with code, status and message in one table.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:expr, $message:literal;)+) => {
        /// A request that is refused without a session being touched.
        ///
        /// Declared in the order in which the reference checks them.
        ///
        /// ```
        /// use sio_codec::engineio::HttpError;
        ///
        /// let refusal = HttpError::UnknownTransport;
        /// assert_eq!((refusal.status(), refusal.code(), refusal.message()), (400, Some(0), "Transport unknown"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum HttpError { $($(#[$doc])* $name),+ }

        impl HttpError {
            /// Every refusal.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The HTTP status of a polling request's answer.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// The number in the answer's JSON body; `None` if the body is empty.
            #[must_use]
            pub const fn code(self) -> Option<u8> {
                match self { $(Self::$name => $code),+ }
            }

            /// The text in the answer's body.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }
        }

        names!(HttpError: $($name)+);
    };
}

refusals! {
    /// `transport` is missing or names none that is enabled.
    //= EIO4-ERR-01
    UnknownTransport = 400, Some(0), "Transport unknown";
    /// The `Origin` header holds control characters.
    //= EIO4-HDR-07
    InvalidOrigin = 400, Some(3), "Bad request";
    /// `sid` is given but names no live session.
    //= EIO4-ERR-02
    UnknownSid = 400, Some(1), "Session ID unknown";
    /// `transport` or `EIO` is not that of the session, or the session takes no further WebSocket.
    //= EIO4-ERR-12: whose current transport is websocket
    //= EIO4-ERR-13: differs from the session's
    Mismatch = 400, Some(3), "Bad request";
    /// No `sid`, and the method is not GET.
    //= EIO4-ERR-03
    BadHandshakeMethod = 400, Some(2), "Bad handshake method";
    /// `transport=websocket` without a WebSocket upgrade, or the reverse.
    //= EIO4-ERR-04
    NotAnUpgrade = 400, Some(3), "Bad request";
    /// The application does not want this client.
    //= EIO4-ERR-05
    Forbidden = 403, Some(4), "Forbidden";
    /// `EIO` is missing or names no supported revision.
    //= EIO4-ERR-06
    UnsupportedRevision = 400, Some(5), "Unsupported protocol version";
    /// A second GET or POST while one is pending.
    Overlap = 400, None, "";
    /// A POST labelled `application/octet-stream`.
    BinaryBody = 400, None, "";
    /// A POST whose body is no payload.
    Undecodable = 400, None, "";
    /// A body larger than the limit.
    PayloadTooLarge = 413, None, "";
    /// Neither GET nor POST, for a live session.
    //= EIO4-ERR-15
    UnsupportedMethod = 400, None, "";
}

impl HttpError {
    /// The answer to the request with this head, in the form that its client reads: [`response`](Self::response), or
    /// [`upgrade_response`](Self::upgrade_response) if it asked for a WebSocket. Then the connection should be closed after
    /// the answer, because the client would send frames next.
    ///
    /// ```
    /// use sio_codec::engineio::{HttpError, RequestHead};
    ///
    /// let mut head = RequestHead {
    ///     method: "GET", query: "EIO=4&transport=polling&sid=x", content_type: None, origin: None, wants_websocket: false,
    /// };
    /// assert_eq!(HttpError::UnknownSid.response_to(&head).body, r#"{"code":1,"message":"Session ID unknown"}"#);
    /// head.wants_websocket = true;
    /// assert_eq!(HttpError::UnknownSid.response_to(&head).body, "Session ID unknown");
    /// ```
    //= EIO4-ERR-10
    #[must_use]
    pub fn response_to(self, head: &RequestHead<'_>) -> Response {
        if head.wants_websocket { self.upgrade_response() } else { self.response() }
    }

    /// The answer to a polling request.
    #[must_use]
    pub fn response(self) -> Response {
        self.response_with(self.message())
    }

    /// The answer to a refused WebSocket upgrade: plain words, status 400.
    //= EIO4-ERR-10
    #[must_use]
    pub fn upgrade_response(self) -> Response {
        Self::upgrade_response_with(self.message())
    }

    pub(in crate::engineio) fn upgrade_response_with(words: &str) -> Response {
        Response::refusal(400, ContentType::Words, words.into())
    }

    /// The answer to a polling request with the application's own words in place of [`message`](Self::message).
    #[must_use]
    pub fn response_with(self, message: &str) -> Response {
        match self.code() {
            None => Response::refusal(self.status(), ContentType::Empty, Vec::new()),
            Some(code) => {
                let message = serde_json::to_string(message).unwrap_or_default();
                let body = format!(r#"{{"code":{code},"message":{message}}}"#);
                Response::refusal(self.status(), ContentType::Json, body.into_bytes())
            }
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            "" => write!(f, "status {}", self.status()),
            message => f.write_str(message),
        }
    }
}

impl core::error::Error for HttpError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    //= shown by rows of a table:
    //= EIO4-ERR-01
    //= EIO4-ERR-02
    //= EIO4-ERR-03
    //= EIO4-ERR-04
    //= EIO4-ERR-05
    //= EIO4-ERR-06
    //= EIO4-ERR-07
    #[test]
    fn the_table_of_refusals() {
        let rows = HttpError::ALL.iter().map(|error| {
            let response = error.response();
            let content_type = response.content_type.as_str().unwrap_or("-");
            let body = String::from_utf8(response.body.to_vec()).unwrap();
            format!("{error:?}: {} {content_type} {body}\n", response.status)
        });
        insta::assert_snapshot!(rows.collect::<String>(), @r#"
        UnknownTransport: 400 application/json {"code":0,"message":"Transport unknown"}
        InvalidOrigin: 400 application/json {"code":3,"message":"Bad request"}
        UnknownSid: 400 application/json {"code":1,"message":"Session ID unknown"}
        Mismatch: 400 application/json {"code":3,"message":"Bad request"}
        BadHandshakeMethod: 400 application/json {"code":2,"message":"Bad handshake method"}
        NotAnUpgrade: 400 application/json {"code":3,"message":"Bad request"}
        Forbidden: 403 application/json {"code":4,"message":"Forbidden"}
        UnsupportedRevision: 400 application/json {"code":5,"message":"Unsupported protocol version"}
        Overlap: 400 - 
        BinaryBody: 400 - 
        Undecodable: 400 - 
        PayloadTooLarge: 413 - 
        UnsupportedMethod: 400 - 
        "#);
    }

    //= EIO4-ERR-10
    #[test]
    fn a_refused_upgrade_gets_plain_words() {
        let response = HttpError::UnknownSid.upgrade_response();
        assert_eq!((response.status, &response.body[..]), (400, b"Session ID unknown".as_slice()));
    }
}
