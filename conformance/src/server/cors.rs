//! The CORS headers, which allow browser pages of another origin to use the server.

use std::fmt;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderValue, VARY,
};
use hyper::{StatusCode, Uri};

use super::answer::Answer;

/// The methods that a preflight allows, as the reference writes them.
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");

/// The pages that may use the server: those of any origin, or of one.
///
/// Every answer has the headers, including refusals and the 101 of a WebSocket. A preflight (`OPTIONS`) is answered
/// with status 204 and starts no session. The headers are those of the reference with its options `cors: {origin,
/// credentials}`. A server without a `Cors` sends none of them, and browsers block pages of other origins.
///
/// ```
/// use siospec::server::{Cors, CorsError};
///
/// assert!(Cors::new("*").is_ok());
/// assert!(Cors::new("http://localhost:5173")?.with_credentials().is_ok());
/// assert_eq!(Cors::new("http://localhost:5173/").unwrap_err(), CorsError::NotAnOrigin);
/// # Ok::<(), CorsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    origin: Origin,
    credentials: Credentials,
}

#[derive(Clone, Debug)]
enum Origin {
    Any,
    One(HeaderValue),
}

/// Whether pages may send cookies.
#[derive(Clone, Copy, Debug)]
enum Credentials {
    Refused,
    Allowed,
}

/// Why a [`Cors`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsError {
    /// The text is not an origin in the form of browsers: scheme and host, the port if it is not the scheme's default,
    /// and nothing after that, not even a slash.
    NotAnOrigin,
    /// Credentials need one origin: browsers reject an answer that allows them for all origins.
    CredentialsForAny,
}

impl Cors {
    /// Allows the pages of one origin, of all origins if it is `*`, or of local files and sandboxes if it is `null`.
    ///
    /// # Errors
    ///
    /// [`CorsError::NotAnOrigin`].
    pub fn new(origin: &str) -> Result<Self, CorsError> {
        let origin = match origin {
            "*" => Origin::Any,
            _ if origin == "null" || is_origin(origin) => {
                Origin::One(HeaderValue::from_str(origin).map_err(|_| CorsError::NotAnOrigin)?)
            }
            _ => return Err(CorsError::NotAnOrigin),
        };
        Ok(Self { origin, credentials: Credentials::Refused })
    }

    /// Allows these pages to send cookies.
    ///
    /// # Errors
    ///
    /// [`CorsError::CredentialsForAny`].
    pub fn with_credentials(self) -> Result<Self, CorsError> {
        match self.origin {
            Origin::Any => Err(CorsError::CredentialsForAny),
            Origin::One(_) => Ok(Self { credentials: Credentials::Allowed, ..self }),
        }
    }

    /// Adds the headers to an answer.
    //= EIO4-HDR-01
    pub(super) fn allow(&self, headers: &mut HeaderMap) {
        match &self.origin {
            Origin::Any => drop(headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))),
            Origin::One(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(VARY, HeaderValue::from_static("Origin"));
            }
        }
        if let Credentials::Allowed = self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }

    /// The answer to the preflight of a browser.
    pub(super) fn preflight(&self, request: &HeaderMap) -> Answer {
        let mut answer = Answer::default();
        *answer.status_mut() = StatusCode::NO_CONTENT;
        let headers = answer.headers_mut();
        self.allow(headers);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(
            VARY,
            HeaderValue::from_static(match self.origin {
                Origin::Any => "Access-Control-Request-Headers",
                Origin::One(_) => "Origin, Access-Control-Request-Headers",
            }),
        );
        if let Some(asked) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        answer
    }
}

fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => text == format!("{scheme}://{authority}") && !text.contains('@'),
        _ => false,
    }
}

impl fmt::Display for CorsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnOrigin => {
                "it is not `*` and not of the form scheme://host[:port], as in http://localhost:5173, without a path or a \
                 slash at the end"
            }
            Self::CredentialsForAny => "browsers refuse credentials if any origin is allowed: name the one",
        })
    }
}

impl std::error::Error for CorsError {}
