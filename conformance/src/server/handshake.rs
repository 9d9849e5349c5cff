//! The opening handshake of a WebSocket (RFC 6455, section 4.2): checks the request, and builds the answer 101.

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::answer::{Answer, close_after, plain};

/// A request that can become a WebSocket, with the values for its answer.
#[derive(Debug)]
pub(super) struct Handshake {
    accept: HeaderValue,
    protocol: Option<HeaderValue>,
}

/// Why a request cannot become a WebSocket, in the order of the reference's checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Key,
    Version,
    Protocol,
}

impl Handshake {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Fault> {
        let key = only(headers, SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())).ok_or(Fault::Key)?;
        let version = only(headers, SEC_WEBSOCKET_VERSION);
        if version.is_none_or(|version| version != "13") {
            return Err(Fault::Version);
        }
        let protocol = first_protocol(headers)?;
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| Fault::Key)?;
        Ok(Self { accept, protocol })
    }

    /// The answer with status 101; after it, frames follow.
    pub(super) fn answer(self) -> Answer {
        let mut answer = Answer::new(Full::new(Bytes::new()));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(protocol) = self.protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        answer
    }
}

impl Fault {
    /// The texts are those of the reference. Its status for a wrong version is 400; RFC 6455 and RFC 9110 have 426 for
    /// it.
    pub(super) fn answer(self) -> Answer {
        let (status, words) = match self {
            Self::Key => (StatusCode::BAD_REQUEST, "Missing or invalid Sec-WebSocket-Key header"),
            Self::Version => (StatusCode::UPGRADE_REQUIRED, "Missing or invalid Sec-WebSocket-Version header"),
            Self::Protocol => (StatusCode::BAD_REQUEST, "Invalid Sec-WebSocket-Protocol header"),
        };
        let mut answer = close_after(plain(status, words));
        if self == Self::Version {
            let headers = answer.headers_mut();
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.append(CONNECTION, HeaderValue::from_static("Upgrade"));
        }
        answer
    }
}

/// 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    let Some(digits) = key.strip_suffix(b"==") else { return false };
    digits.len() == 22 && digits.iter().all(|digit| digit.is_ascii_alphanumeric() || matches!(digit, b'+' | b'/'))
}

/// The first of the offered subprotocols. Engine.IO does not use them, but a client that offers some may require one.
//= EIO4-WS-14
fn first_protocol(headers: &HeaderMap) -> Result<Option<HeaderValue>, Fault> {
    let offered: Vec<_> = values(headers, SEC_WEBSOCKET_PROTOCOL).collect();
    let is_fine = |(at, name): (usize, &&str)| is_token(name) && !offered[..at].contains(name);
    if !offered.iter().enumerate().all(is_fine) {
        return Err(Fault::Protocol);
    }
    offered.first().map(|name| HeaderValue::from_str(name).map_err(|_| Fault::Protocol)).transpose()
}

/// A token of HTTP; the names of header fields are tokens too.
fn is_token(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

/// The value of a field that must occur only once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut all = headers.get_all(name).into_iter();
    all.next().filter(|_| all.next().is_none())
}

/// The members of a field that is a list, over all of its lines.
fn values(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter();
    lines.flat_map(|line| line.to_str().unwrap_or_default().split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(HeaderName, &'static str)]) -> Result<Option<HeaderValue>, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        for (name, _) in fields {
            headers.remove(name);
        }
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_static(value));
        }
        Handshake::read(&headers).map(|handshake| handshake.protocol)
    }

    /// The answers of `ws` 8.21.3 to the same fields, except for version 8, which it still accepts.
    #[test]
    fn keys_and_versions_are_checked() {
        assert_eq!(read(&[]), Ok(None));
        for key in [
            "",
            "A",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZQ=",
            "dGhlIHNhbXBsZSBub25jZQ=a",
            "dGhlIHNhbXBsZSBub25j_Q==",
        ] {
            assert_eq!(read(&[(SEC_WEBSOCKET_KEY, key)]), Err(Fault::Key), "{key:?}");
        }
        for version in ["", "7", "13, 8", "14"] {
            assert_eq!(read(&[(SEC_WEBSOCKET_VERSION, version)]), Err(Fault::Version), "{version:?}");
        }
    }

    /// The answers of `ws` 8.21.3 to the same fields.
    //= EIO4-WS-14
    #[test]
    fn the_first_subprotocol_that_is_offered_is_taken() {
        let offer = |lines: &[&'static str]| {
            read(&lines.iter().map(|line| (SEC_WEBSOCKET_PROTOCOL, *line)).collect::<Vec<_>>())
        };
        for lines in [&["engine.io, x"][..], &["engine.io"], &["engine.io,x"], &["engine.io", "x"], &["engine.io ,\tx"]]
        {
            assert_eq!(offer(lines), Ok(Some(HeaderValue::from_static("engine.io"))), "{lines:?}");
        }
        for lines in [&[""][..], &["a,,b"], &["a,"], &["a b"], &["a, a"], &["a", "a"], &["a/b"]] {
            assert_eq!(offer(lines), Err(Fault::Protocol), "{lines:?}");
        }
    }
}
