//! The client's requests as the types of the crate `http`, which hyper, reqwest and others share.

use alloc::format;
use core::fmt;

use ::http::header::{ACCEPT, CONTENT_TYPE};
use ::http::uri::{Authority, PathAndQuery, Scheme};
use ::http::{Request, Response, Uri};
use bytes::Bytes;

use super::io::{Body, Input};
use crate::engineio::ids::RequestId;
use crate::engineio::payload::format::BodyFormat;

/// Where a server is: turns what a session wants sent into requests.
///
/// The path is the one that the server serves: `/engine.io/`, with Socket.IO `/socket.io/`.
///
/// ```
/// use sio_codec::engineio::client::{Endpoint, Input};
/// use sio_codec::engineio::RequestId;
///
/// let endpoint = Endpoint::new(&"https://example.com/socket.io/".parse()?)?;
/// let get = endpoint.request("EIO=4&transport=polling", None)?;
/// assert_eq!(get.uri(), "https://example.com/socket.io/?EIO=4&transport=polling");
/// let uri = endpoint.websocket("EIO=4&transport=websocket")?;
/// assert_eq!(uri, "wss://example.com/socket.io/?EIO=4&transport=websocket");
///
/// let answer = http::Response::new(bytes::Bytes::from("6"));
/// assert!(matches!(Input::response(RequestId(1), answer), Input::Response { status: 200, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    security: Security,
    authority: Authority,
    path: PathAndQuery,
}

/// Why an address is not that of a server.
///
/// ```
/// use sio_codec::engineio::client::{Endpoint, EndpointError};
///
/// let refused = Endpoint::new(&"ftp://example.com/".parse()?);
/// assert_eq!(refused, Err(EndpointError::Scheme));
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointError {
    /// The scheme is missing, or is none of `http`, `https`, `ws` and `wss`.
    Scheme,
    /// The host is missing.
    Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    Plain,
    Tls,
}

impl Endpoint {
    /// The endpoint at this address. A query in it is left out: parameters are
    /// [`Config::with_parameter`](super::Config::with_parameter)'s.
    ///
    /// # Errors
    ///
    /// If the address does not name a host and a scheme: `http` or `ws`, or with TLS `https` or `wss`.
    pub fn new(address: &Uri) -> Result<Self, EndpointError> {
        let security = match address.scheme_str() {
            Some("http" | "ws") => Security::Plain,
            Some("https" | "wss") => Security::Tls,
            _ => return Err(EndpointError::Scheme),
        };
        let authority = address.authority().cloned().ok_or(EndpointError::Host)?;
        let path = PathAndQuery::try_from(address.path()).unwrap_or_else(|_| PathAndQuery::from_static("/"));
        Ok(Self { security, authority, path })
    }

    /// The request of [`Transmit::Request`](super::Transmit::Request): a POST if there is a body, else a GET. For
    /// HTTP/1.1, the program's client adds `Host`.
    ///
    /// # Errors
    ///
    /// If the query is longer than an address may be: some 65,000 bytes.
    pub fn request(&self, query: &str, body: Option<Body>) -> Result<Request<Bytes>, ::http::Error> {
        let scheme = match self.security {
            Security::Plain => Scheme::HTTP,
            Security::Tls => Scheme::HTTPS,
        };
        let request = Request::builder().uri(self.address(scheme, query)?).header(ACCEPT, "*/*");
        match body {
            None => request.method("GET").body(Bytes::new()),
            Some(Body { format, bytes }) => {
                request.method("POST").header(CONTENT_TYPE, format.request_type()).body(bytes)
            }
        }
    }

    /// The address of [`Transmit::WsConnect`](super::Transmit::WsConnect), with the scheme `ws` or `wss`.
    ///
    /// # Errors
    ///
    /// If the query is longer than an address may be: some 65,000 bytes.
    pub fn websocket(&self, query: &str) -> Result<Uri, ::http::Error> {
        let scheme = match self.security {
            Security::Plain => "ws",
            Security::Tls => "wss",
        };
        self.address(Scheme::try_from(scheme)?, query)
    }

    fn address(&self, scheme: Scheme, query: &str) -> Result<Uri, ::http::Error> {
        let path = format!("{}?{query}", self.path);
        Uri::builder().scheme(scheme).authority(self.authority.clone()).path_and_query(path).build()
    }
}

impl Input {
    /// The answer to a request, whose content coding is undone already.
    #[must_use]
    pub fn response(id: RequestId, response: Response<Bytes>) -> Self {
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let format = BodyFormat::of_response(content_type);
        Self::Response { id, status: response.status().as_u16(), format, body: response.into_body() }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the scheme is none of http, https, ws and wss",
            Self::Host => "the address names no host",
        })
    }
}

impl core::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engineio::payload::Format;
    use alloc::string::ToString as _;

    fn endpoint(address: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(&address.parse().unwrap())
    }

    #[test]
    fn addresses() {
        for (address, http, ws) in [
            ("http://a", "http://a/?q", "ws://a/?q"),
            ("ws://a:81/x/", "http://a:81/x/?q", "ws://a:81/x/?q"),
            ("https://[::1]:8/x?y=1", "https://[::1]:8/x?q", "wss://[::1]:8/x?q"),
            ("wss://a/", "https://a/?q", "wss://a/?q"),
        ] {
            let endpoint = endpoint(address).unwrap();
            assert_eq!(endpoint.request("q", None).unwrap().uri().to_string(), http);
            assert_eq!(endpoint.websocket("q").unwrap().to_string(), ws);
        }
        assert_eq!(endpoint("ftp://a/"), Err(EndpointError::Scheme));
        assert_eq!(endpoint("/x"), Err(EndpointError::Scheme));
        assert_eq!(endpoint("a:80"), Err(EndpointError::Scheme));
        assert!(endpoint("http://a").unwrap().websocket(&"x".repeat(70_000)).is_err());
    }

    #[test]
    fn bodies() {
        let body = Body { format: Format::V3Binary, bytes: Bytes::from_static(b"\x00\x01") };
        let request = endpoint("http://a").unwrap().request("q", Some(body)).unwrap();
        assert_eq!((request.method().as_str(), &request.body()[..]), ("POST", &b"\x00\x01"[..]));
        assert_eq!(request.headers()[CONTENT_TYPE], "application/octet-stream");
    }

    #[test]
    fn answers() {
        let answer =
            Response::builder().status(413).header(CONTENT_TYPE, "Application/Octet-Stream; x").body("a".into());
        let input = Input::response(RequestId(4), answer.unwrap());
        let (format, body) = (BodyFormat::Binary, Bytes::from_static(b"a"));
        assert_eq!(input, Input::Response { id: RequestId(4), status: 413, format, body });
    }
}
