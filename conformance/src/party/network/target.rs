//! The address of a server, and what requests need to be accepted by it.

use std::fmt;
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::http::uri::PathAndQuery;
use sio_codec::socketio::Parser;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use url::Url;
use url::form_urlencoded::Serializer;

use super::jar::Jar;
use super::{foreign, http, tls};
use crate::replay::{Answer, Outgoing, Seen};
use crate::trace::Node;

/// How long a server may take to answer a request outside any case.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The address of a server: its URL, and the path of the protocol; and those of the other servers of its cluster, if there are
/// any. Clones are cheap, and share the cookies that the servers set.
#[derive(Clone)]
pub struct Target {
    pub(super) server: Arc<Server>,
    path: Arc<str>,
    parser: Parser,
    pub(super) jar: Jar,
    /// The other servers of its cluster, from the second on.
    peers: Arc<[Self]>,
}

/// A server, without the path.
pub(super) struct Server {
    /// Only scheme, host and port; `ws` is `http` here.
    pub(super) origin: Url,
    pub(super) headers: Vec<(String, String)>,
    /// Added to the end of every query.
    query: String,
    pub(super) tls: Option<TlsConnector>,
}

/// What is added to every request, and which certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Parameters of the query; names and values are not encoded yet.
    pub query: Vec<(String, String)>,
    /// Header fields. A field of a trace replaces the one of the same name.
    pub headers: Vec<(String, String)>,
    /// Initial cookies, as `name=value`.
    pub cookies: Vec<String>,
    /// Which certificates are trusted.
    pub trust: Trust,
}

/// Which certificates of a server are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those of the authorities that the operating system trusts.
    #[default]
    System,
    /// Those of the certificates in this file, in PEM format.
    Authority(PathBuf),
    /// Every certificate.
    Anyone,
}

/// Why there is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// The text is not a URL with a host.
    NotAUrl,
    /// Its scheme is not supported.
    Scheme(String),
    /// Its port is invalid.
    Port(String),
    /// It has a user.
    User,
    /// It has a path, for which there is an option.
    Path(String),
    /// It has a query, for which there is an option.
    Query(String),
    /// The path of the protocol is empty.
    NoPath,
    /// The path of the protocol is not valid in a request.
    BadPath,
    /// An initial cookie is not of the form `name=value`.
    BadCookie(String),
    /// The file with the trusted certificates cannot be used, for this reason.
    Authority(PathBuf, String),
}

impl Target {
    /// Reads `http://host[:port]`, or with `https`, `ws` or `wss`, and takes the path of the protocol. A slash is added
    /// at the beginning and at the end of the path if it is missing: see [`without_slash`](Self::without_slash).
    ///
    /// # Errors
    ///
    /// [`TargetError`], which says what is wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// use siospec::party::network::{Target, TargetError};
    ///
    /// let target = Target::new("http://[::1]:3000", "/chat")?;
    /// assert_eq!(target.to_string(), "http://[::1]:3000/chat/");
    /// assert_eq!(Target::new("http://localhost:99999", "/"), Err(TargetError::Port("99999".to_owned())));
    /// # Ok::<(), TargetError>(())
    /// ```
    pub fn new(url: &str, path: &str) -> Result<Self, TargetError> {
        Self::with(url, path, &Access::default())
    }

    /// Like [`new`](Self::new), for a server that does not accept all clients.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with(url: &str, path: &str, access: &Access) -> Result<Self, TargetError> {
        let origin = origin(url)?;
        let tls = match origin.scheme() {
            "https" => Some(tls::connector(&access.trust)?),
            _ => None,
        };
        let query = Serializer::new(String::new()).extend_pairs(&access.query).finish();
        let jar = Jar::default();
        let is_cookie = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("cookie");
        let headers = access.headers.iter().filter(|field| !is_cookie(field)).cloned().collect();
        let in_headers = access.headers.iter().filter(is_cookie).flat_map(|(_, value)| value.split(';'));
        for cookie in access.cookies.iter().map(String::as_str).chain(in_headers) {
            jar.put(&origin, cookie.trim()).map_err(|()| TargetError::BadCookie(cookie.to_owned()))?;
        }
        let server = Server { origin, headers, query, tls };
        Ok(Self { server: Arc::new(server), path: slashed(path)?, parser: Parser::Json, jar, peers: Arc::default() })
    }

    /// The same server at another path, with the same cookies.
    ///
    /// # Errors
    ///
    /// [`TargetError::NoPath`], [`TargetError::BadPath`].
    pub fn at(&self, path: &str) -> Result<Self, TargetError> {
        Ok(Self { path: slashed(path)?, ..self.clone() })
    }

    /// The same server at the same path without the slash at its end. Some servers serve only this form; the JavaScript
    /// clients request the other one. `None` if the path is the root.
    #[must_use]
    pub fn without_slash(&self) -> Option<Self> {
        let path = self.path.strip_suffix('/').filter(|path| !path.is_empty())?;
        Some(Self { path: path.into(), ..self.clone() })
    }

    /// The same server, with the cookies that it has set so far; later ones are not shared.
    #[must_use]
    pub(crate) fn apart(&self) -> Self {
        Self { jar: self.jar.copy(), peers: self.peers.iter().map(Self::apart).collect(), ..self.clone() }
    }

    /// The same server, as the first of a cluster with these others.
    #[must_use]
    pub fn beside(self, peers: impl IntoIterator<Item = Self>) -> Self {
        Self { peers: peers.into_iter().collect(), ..self }
    }

    /// The servers of the cluster: this one, and then the others.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Self> {
        iter::once(self).chain(self.peers.iter())
    }

    /// A server of the cluster; the first, if there is none of this number.
    pub(super) fn node(&self, node: Node) -> &Self {
        node.index().checked_sub(1).and_then(|at| self.peers.get(at)).unwrap_or(self)
    }

    /// The same server, which takes Socket.IO packets in this form.
    #[must_use]
    pub fn with_parser(self, parser: Parser) -> Self {
        Self { parser, ..self }
    }

    /// The form in which the server takes Socket.IO packets.
    #[must_use]
    pub const fn parser(&self) -> Parser {
        self.parser
    }

    /// The path of the protocol.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sends one GET with this query.
    ///
    /// # Errors
    ///
    /// Why there is no answer; for another protocol than HTTP, which one it seems to be.
    pub async fn ask(&self, query: &str) -> Result<Answer, String> {
        let request = Outgoing {
            method: "GET".to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            length: None,
        };
        let (_, orders) = mpsc::unbounded_channel();
        match tokio::time::timeout(PATIENCE, http::exchange(self.clone(), request, orders)).await {
            Ok(Ok(Seen::Answer(answer))) if self.server.tls.is_none() && foreign::asks_for_tls(&answer) => {
                Err(foreign::TLS.to_owned())
            }
            Ok(Ok(Seen::Answer(answer))) => Ok(answer),
            Ok(Ok(_)) => Err("there is no answer".to_owned()),
            Ok(Err(http::Fault::Ended(_))) if self.speaks_tls().await => Err(foreign::TLS.to_owned()),
            Ok(Err(fault)) => Err(fault.into_words()),
            Err(_) => Err(format!("there is no answer within {} s", PATIENCE.as_secs())),
        }
    }

    /// Checks that the server accepts connections.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub async fn reach(&self) -> Result<(), String> {
        self.connect().await.map(drop)
    }

    /// The value of the Host header: the host, and the port unless it is the scheme's default.
    pub(super) fn authority(&self) -> &str {
        self.server.origin.authority()
    }

    pub(super) fn uri(&self, query: &str) -> String {
        let own = &self.server.query;
        let and = if query.is_empty() || own.is_empty() { "" } else { "&" };
        format!("{}?{query}{and}{own}", self.path)
    }

    /// The URL for setting and reading cookies.
    pub(super) fn url(&self) -> Url {
        let mut url = self.server.origin.clone();
        url.set_path(&self.path);
        url
    }

    /// The header fields of a request: the host, those of the access, and the cookies. Fields of the request itself
    /// replace them.
    pub(super) fn headers(&self, own: Vec<(String, String)>) -> Vec<(String, String)> {
        let has =
            |fields: &[(String, String)], name: &str| fields.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let mut headers: Vec<_> = self.server.headers.iter().filter(|(name, _)| !has(&own, name)).cloned().collect();
        if !has(&own, "host") && !has(&headers, "host") {
            headers.insert(0, ("Host".to_owned(), self.authority().to_owned()));
        }
        if !has(&own, "cookie") {
            headers.extend(self.jar.header(&self.url()).map(|value| ("Cookie".to_owned(), value)));
        }
        headers.extend(own);
        headers
    }
}

/// Reads scheme, host and port, and rejects parts that have their own options.
fn origin(text: &str) -> Result<Url, TargetError> {
    let mut url = Url::parse(text).map_err(|error| match error {
        url::ParseError::InvalidPort => TargetError::Port(port(text).to_owned()),
        _ => TargetError::NotAUrl,
    })?;
    match url.scheme() {
        "http" | "https" => {}
        // Changing `ws` to `http` cannot fail.
        "ws" => drop(url.set_scheme("http")),
        "wss" => drop(url.set_scheme("https")),
        other if text.contains("://") => return Err(TargetError::Scheme(other.to_owned())),
        _ => return Err(TargetError::NotAUrl),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(TargetError::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::User);
    }
    if url.port() == Some(0) {
        return Err(TargetError::Port("0".to_owned()));
    }
    if url.path() != "/" {
        return Err(TargetError::Path(url.path().to_owned()));
    }
    if let Some(query) = url.query() {
        return Err(TargetError::Query(query.to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}

/// The text in the place of the port.
fn port(url: &str) -> &str {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.and_then(|authority| authority.rsplit(':').next()).unwrap_or_default()
}

fn slashed(path: &str) -> Result<Arc<str>, TargetError> {
    if path.is_empty() {
        return Err(TargetError::NoPath);
    }
    let inner = path.trim_matches('/');
    let path = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
    let is_path = path.parse::<PathAndQuery>().is_ok_and(|parsed| parsed.path() == path);
    if is_path { Ok(path.into()) } else { Err(TargetError::BadPath) }
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        (&self.server.origin, &self.path) == (&other.server.origin, &other.path)
    }
}

impl Eq for Target {}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Credentials must not get into reports.
        write!(f, "Target({self})")
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.server.origin.scheme(), self.authority(), self.path)
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => f.write_str("it is not of the form http://host:port"),
            Self::Scheme(scheme) => write!(f, "the scheme is {scheme}, and only http, https, ws and wss are spoken"),
            Self::Port(port) => write!(f, "its port is {port}, and ports go from 1 to 65535"),
            Self::User => f.write_str(
                "it has a user's name, which belongs in --header: 'Authorization: Basic ' and name:password in base64",
            ),
            Self::Path(path) => write!(f, "it has the path {path}, which belongs in --path or --engine-path"),
            Self::Query(query) => write!(f, "it has the query {query}, which belongs in --query, one parameter each"),
            Self::NoPath => f.write_str("the path is empty; the root is written /"),
            Self::BadPath => f.write_str("this is not a path of a URL: a query belongs in --query, and a space is %20"),
            Self::BadCookie(cookie) => write!(f, "{cookie:?} is not a cookie: it is not of the form name=value"),
            Self::Authority(path, reason) => write!(f, "cannot use the certificates in {}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str, path: &str) -> String {
        Target::new(url, path).unwrap_err().to_string()
    }

    #[test]
    fn every_form_of_a_url_leads_to_its_server() {
        for (url, shown) in [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/p/"),
            ("ws://localhost:3000/", "http://localhost:3000/p/"),
            ("https://example.com", "https://example.com/p/"),
            ("wss://example.com:443", "https://example.com/p/"),
            ("http://[::1]:3000", "http://[::1]:3000/p/"),
            ("http://[::1]", "http://[::1]/p/"),
            ("HTTP://Bücher.example:8080", "http://xn--bcher-kva.example:8080/p/"),
        ] {
            assert_eq!(Target::new(url, "p").unwrap().to_string(), shown, "{url}");
        }
    }

    #[test]
    fn what_is_no_server_is_refused_with_a_sentence() {
        let form = "it is not of the form http://host:port";
        for (url, sentence) in [
            ("localhost:3000", form),
            ("http://", form),
            ("http://[::1", form),
            ("http://a b", form),
            ("ftp://localhost", "the scheme is ftp, and only http, https, ws and wss are spoken"),
            ("http://127.0.0.1:99999", "its port is 99999, and ports go from 1 to 65535"),
            ("http://[::1]:65536/", "its port is 65536, and ports go from 1 to 65535"),
            ("http://localhost:0", "its port is 0, and ports go from 1 to 65535"),
            ("http://localhost:80a", "its port is 80a, and ports go from 1 to 65535"),
            ("http://h:1?token=abc", "it has the query token=abc, which belongs in --query, one parameter each"),
            ("http://h:1/chat", "it has the path /chat, which belongs in --path or --engine-path"),
        ] {
            assert_eq!(error(url, "/"), sentence, "{url}");
        }
        let secret = error("http://me:secret@h", "/");
        assert!(secret.contains("--header") && !secret.contains("secret"), "{secret}");
    }

    #[test]
    fn a_path_has_a_slash_at_both_ends_and_can_be_had_without_the_second() {
        let at = |path| Target::new("http://h", path).map(|target| target.path().to_owned());
        for path in ["chat", "/chat", "chat/", "/chat/", "//chat//"] {
            assert_eq!(at(path), Ok("/chat/".to_owned()), "{path}");
        }
        assert_eq!(at("/"), Ok("/".to_owned()));
        assert_eq!(at(""), Err(TargetError::NoPath));
        for path in ["/a b/", "/a?b", "/a#b", "/é\n/"] {
            assert_eq!(at(path), Err(TargetError::BadPath), "{path}");
        }
        let target = Target::new("http://h", "/a/b").unwrap();
        assert_eq!(target.without_slash().unwrap().path(), "/a/b");
        assert_eq!(target.at("/").unwrap().without_slash(), None);
    }

    #[test]
    fn what_lets_in_goes_along_unless_the_request_has_its_own() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let access = Access {
            query: vec![pair("token", "a b&c"), pair("v", "2")],
            headers: vec![pair("X-Key", "1"), pair("cookie", "c=3; d=4")],
            cookies: vec!["a=1".to_owned()],
            trust: Trust::System,
        };
        let target = Target::with("http://h", "/p", &access).unwrap();
        assert_eq!(target.uri("EIO=4"), "/p/?EIO=4&token=a+b%26c&v=2");
        assert_eq!(target.uri(""), "/p/?token=a+b%26c&v=2");
        let mut headers = target.headers(vec![pair("Accept", "*/*")]);
        let cookie = headers.remove(2);
        assert_eq!(headers, [pair("Host", "h"), pair("X-Key", "1"), pair("Accept", "*/*")]);
        let mut cookies: Vec<_> = cookie.1.split("; ").collect();
        cookies.sort_unstable();
        assert_eq!(cookies, ["a=1", "c=3", "d=4"]);
        let own = vec![pair("x-key", "2"), pair("host", "i"), pair("Cookie", "own=1")];
        assert_eq!(target.headers(own.clone()), own);
        let bad = Access { cookies: vec!["nothing".to_owned()], ..Access::default() };
        assert_eq!(Target::with("http://h", "/p", &bad), Err(TargetError::BadCookie("nothing".to_owned())));
    }
}
