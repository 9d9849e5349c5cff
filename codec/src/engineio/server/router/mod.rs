//! What a request is for: a pure check of its head.
//!
//! Each refusal is an [`HttpError`]; `http/refusal.rs` lists them with their statuses. What a session refuses depends
//! on its state, and is in `server/polling.rs` and `server/websocket.rs`.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use super::config::{Config, Transports};
use super::dialect::Dialect;
use super::io::Input;
use super::session::{Carrier, ServerSession};
use crate::engineio::error::ConfigError;
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::payload::format::BodyFormat;
use crate::engineio::request::{Query, RequestHead};
use crate::engineio::revision::{BinaryForm, Revision, Transport};
use crate::engineio::sid::Sid;
use crate::time::Timestamp;

/// Decides from the head of a request what to do with it.
///
/// It holds no sessions: the program keeps them wherever it likes, one per task, thread or slab entry, and looks
/// them up by the sid in the [`Route`]. A session is found by the `sid` parameter and by nothing else.
///
/// # What is left to the program
///
/// | | what clients expect | the reference |
/// |---|---|---|
/// | path | exactly `/engine.io/`, with Socket.IO `/socket.io/`; compared before the router is asked | takes everything that starts so |
/// | CORS | if it is on: its headers on every answer, refusals included; a preflight (`OPTIONS`) is answered, with 204 and no body, before the router is asked | off by default |
/// | cookie | on the answer to a handshake, for a balancer that sends a client to the same server each time: `Set-Cookie: io=<sid>; Path=/; HttpOnly; SameSite=Lax`. Never to find a session | off by default |
/// | compression | of an answer, as the request's `Accept-Encoding` allows | from 1,024 bytes on |
/// | application's refusal | [`Handshake::forbid`] in place of [`Handshake::accept`] | `allowRequest` |
/// | size of a body | reading stops at [`Limits::max_payload`](crate::Limits::max_payload), and [`Input::BodyTooLarge`] says so | the same |
/// | WebSocket | key, version and subprotocol of the request, after the router and before the session is told; fragments put together, the same limit (close code 1009), UTF-8 checked (1007): see [there](super#what-is-left-to-the-program) | the same |
///
/// ```
/// use sio_codec::engineio::{HttpError, RequestHead};
/// use sio_codec::engineio::server::{Config, Route, Router};
///
/// let router = Router::new(Config::default())?;
/// let mut head = RequestHead {
///     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
/// };
/// assert!(matches!(router.route(&head), Ok(Route::Handshake(_))));
///
/// head.query = "EIO=4&transport=pigeon";
/// assert_eq!(router.route(&head).unwrap_err(), HttpError::UnknownTransport);
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
//= EIO4-HDR-01 exception: CORS is the program's, which sees every answer
//= EIO4-HDR-02
#[derive(Clone, Debug)]
pub struct Router {
    config: Arc<Config>,
}

/// What a request is for.
///
/// [`Router::route`] makes it; the example of [`SessionRequest::into_input`] has a request of a session, and that of a [whole
/// session](super#a-whole-session) a handshake.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of request is broken")]
pub enum Route {
    /// It starts a session.
    Handshake(Handshake),
    /// It belongs to a session, if that is alive; else the answer is [`HttpError::UnknownSid`].
    Session(SessionRequest),
}

/// A request of an existing session. If it is a POST, which [`action`](Self#structfield.action) says, its body follows.
///
/// [`Router::route`] makes it; the example of [`into_input`](Self::into_input) shows what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionRequest {
    /// The session that it names.
    pub sid: Sid,
    /// The revision that it names, for the session to compare with its own; see [`Config::allow_eio3`].
    pub revision: Option<Revision>,
    /// How its client takes binary messages, should it become a WebSocket.
    pub binary: BinaryForm,
    /// What it asks of the session.
    pub action: Action,
    /// The form of a refusal.
    wants_websocket: bool,
}

/// What a request asks of its session.
///
/// A part of [`SessionRequest`]; the example of [`SessionRequest::into_input`] shows what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of request is broken")]
pub enum Action {
    /// To be answered when there are packets: [`Input::Poll`].
    Poll,
    /// To take packets: [`Input::Post`], then [`Input::Body`].
    Post(BodyFormat),
    /// To let a WebSocket take over: [`Input::Upgrade`].
    Upgrade,
    /// Nothing that can be served, though the session goes on: answer with this.
    Refuse(HttpError),
}

impl SessionRequest {
    /// What to tell the session: [`Input::Poll`], [`Input::Post`] or [`Input::Upgrade`]. `id` is the program's number for
    /// the request, by which it finds the answer; a WebSocket gets the same number.
    ///
    /// First look the session up: without one, the refusal is [`HttpError::UnknownSid`], whatever the request asks.
    ///
    /// ```
    /// use sio_codec::engineio::server::{Config, Input, RequestId, Route, Router};
    /// use sio_codec::engineio::{HttpError, RequestHead, Revision};
    ///
    /// let router = Router::new(Config::default())?;
    /// let sid = "lv_VI97HAXpY6yYWAAAC";
    /// let query = format!("EIO=4&transport=polling&sid={sid}");
    /// let mut head =
    ///     RequestHead { method: "GET", query: &query, content_type: None, origin: None, wants_websocket: false };
    /// let Ok(Route::Session(request)) = router.route(&head) else { unreachable!() };
    /// let poll = Input::Poll { id: RequestId(7), revision: Some(Revision::V4) };
    /// assert_eq!(request.into_input(RequestId(7)), Ok(poll));
    ///
    /// head.method = "DELETE";
    /// let Ok(Route::Session(request)) = router.route(&head) else { unreachable!() };
    /// assert_eq!(request.into_input(RequestId(8)), Err(HttpError::UnsupportedMethod));
    /// # Ok::<(), sio_codec::engineio::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The refusal, if the session cannot serve the request. The session goes on, and is told nothing.
    pub fn into_input(self, id: RequestId) -> Result<Input, HttpError> {
        let Self { revision, binary, .. } = self;
        match self.action {
            Action::Poll => Ok(Input::Poll { id, revision }),
            Action::Post(format) => Ok(Input::Post { id, revision, format }),
            Action::Upgrade => Ok(Input::Upgrade { ws: WsId(id.0), revision, binary }),
            Action::Refuse(error) => Err(error),
        }
    }

    /// The same, with the answer in place of the refusal.
    pub(super) fn into_input_or_refusal(self, id: RequestId) -> Result<Input, Response> {
        let wants_websocket = self.wants_websocket;
        self.into_input(id).map_err(|error| if wants_websocket { error.upgrade_response() } else { error.response() })
    }
}

impl Router {
    /// A router for one path's sessions.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { config: Arc::new(config) })
    }

    /// The configuration that sessions get.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Checks a request's head in the reference's order.
    ///
    /// # Errors
    ///
    /// [`HttpError`], to be answered with its [`response_to`](HttpError::response_to) the head.
    //= EIO4-ERR-08
    //= EIO4-ERR-09
    pub fn route(&self, head: &RequestHead<'_>) -> Result<Route, HttpError> {
        //= EIO4-URL-05
        let query = Query::new(head.query);
        let Parameters { transport, revision, sid, binary } = Parameters::of(&query);
        //= EIO4-HS-09
        //= EIO4-WT-09
        let transport = transport
            .and_then(|name| Transport::from_query(&name))
            .filter(|transport| self.serves(*transport))
            .ok_or(HttpError::UnknownTransport)?;
        //= EIO4-HDR-07
        if head.origin.is_some_and(|origin| origin.iter().any(u8::is_ascii_control)) {
            return Err(HttpError::InvalidOrigin);
        }
        let revision = self.revision(revision.as_deref());
        match sid {
            //= EIO4-URL-03
            None => self.handshake(head, transport, revision, &query),
            Some(sid) if sid.is_empty() => self.handshake(head, transport, revision, &query),
            Some(sid) => {
                //= EIO4-URL-08
                let sid = Sid::from_wire(&sid).ok_or(HttpError::UnknownSid)?;
                let binary = BinaryForm::from_query(binary.as_deref());
                let (action, wants_websocket) = (action(head, transport), head.wants_websocket);
                Ok(Route::Session(SessionRequest { sid, revision, binary, action, wants_websocket }))
            }
        }
    }

    fn handshake(
        &self,
        head: &RequestHead<'_>,
        transport: Transport,
        revision: Option<Revision>,
        query: &Query<'_>,
    ) -> Result<Route, HttpError> {
        //= EIO4-HS-07
        if head.method != "GET" {
            return Err(HttpError::BadHandshakeMethod);
        }
        //= EIO4-HS-10
        //= EIO4-WS-13
        if head.wants_websocket != (transport == Transport::WebSocket) {
            return Err(HttpError::NotAnUpgrade);
        }
        //= EIO4-HS-08: missing or not supported
        //= EIO4-ERR-11: refuse the upgrade with 400
        //= EIO3-HS-04: On a v4 server without EIO3 support
        let revision = revision.filter(|revision| self.speaks(*revision)).ok_or(HttpError::UnsupportedRevision)?;
        let dialect = Dialect::from_query(revision, transport, query);
        Ok(Route::Handshake(Handshake { config: Arc::clone(&self.config), transport, dialect }))
    }

    /// The revision that a request names; where revision 3 is served too, all that is not 4 is 3.
    //= EIO3-HS-05
    fn revision(&self, named: Option<&str>) -> Option<Revision> {
        let named = named.and_then(Revision::from_query);
        named.or_else(|| self.config.allow_eio3.then_some(Revision::V3))
    }

    fn speaks(&self, revision: Revision) -> bool {
        match revision {
            Revision::V3 => self.config.allow_eio3,
            Revision::V4 => true,
        }
    }

    fn serves(&self, transport: Transport) -> bool {
        match self.config.transports {
            Transports::Both | Transports::BothWithoutUpgrade => true,
            Transports::PollingOnly => transport == Transport::Polling,
            Transports::WebSocketOnly => transport == Transport::WebSocket,
        }
    }
}

/// What every request is asked for, in one pass over its query.
#[derive(Default)]
struct Parameters<'a> {
    transport: Option<Cow<'a, str>>,
    revision: Option<Cow<'a, str>>,
    sid: Option<Cow<'a, str>>,
    binary: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    fn of(query: &Query<'a>) -> Self {
        let mut all = Self::default();
        for (name, value) in query.pairs() {
            let place = match &*name {
                "transport" => &mut all.transport,
                "EIO" => &mut all.revision,
                "sid" => &mut all.sid,
                "b64" => &mut all.binary,
                _ => continue,
            };
            *place = Some(value);
        }
        all
    }
}

fn action(head: &RequestHead<'_>, transport: Transport) -> Action {
    match (head.method, head.wants_websocket, transport) {
        ("GET", true, Transport::WebSocket) => Action::Upgrade,
        (_, true, _) | (_, false, Transport::WebSocket) => Action::Refuse(HttpError::Mismatch),
        ("GET", false, Transport::Polling) => Action::Poll,
        ("POST", false, Transport::Polling) => Action::Post(BodyFormat::of_request(head.content_type)),
        //= EIO4-ERR-15
        (_, false, Transport::Polling) => Action::Refuse(HttpError::UnsupportedMethod),
    }
}

/// A request that may start a session.
///
/// On [polling](Self::transport), [`accept`](Self::accept) it on [`Carrier::Request`], whose answer will be the open packet.
/// With a WebSocket, answer 101 first; when the WebSocket is there, accept it on [`Carrier::WebSocket`]. With a
/// [`Driver`](super::Driver), accept it on its [`carrier`](Self::carrier) at once.
///
/// ```
/// use sio_codec::engineio::server::{Carrier, Config, RequestId, Route, Router};
/// use sio_codec::engineio::{Revision, Sid, Transport};
/// use sio_codec::Timestamp;
///
/// let router = Router::new(Config::default())?;
/// # use sio_codec::engineio::RequestHead;
/// # let head = RequestHead {
/// #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
/// # };
/// // A GET with `EIO=4&transport=polling`
/// let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
/// assert_eq!((handshake.transport(), handshake.revision()), (Transport::Polling, Revision::V4));
/// let sid = Sid::from_entropy([7; 15]);
/// let session = handshake.accept(Timestamp::ZERO, sid.clone(), Carrier::Request(RequestId(1)));
/// assert_eq!(session.sid(), &sid);
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Handshake {
    config: Arc<Config>,
    transport: Transport,
    dialect: Dialect,
}

impl Handshake {
    /// The transport that it asks for.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// The revision that the session will speak; the Socket.IO protocol on top follows from it.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.dialect.revision()
    }

    /// What the session starts on, if this is the program's number for the request. A WebSocket that it becomes has the same
    /// number.
    #[must_use]
    pub const fn carrier(&self, id: RequestId) -> Carrier {
        match self.transport {
            Transport::Polling => Carrier::Request(id),
            Transport::WebSocket => Carrier::WebSocket(WsId(id.0)),
        }
    }

    /// Starts the session. Its first output is the open packet, on the given carrier.
    ///
    /// `sid` must be fresh: [`Sid::from_entropy`] with bytes from a secure source.
    #[must_use]
    pub fn accept(self, now: Timestamp, sid: Sid, carrier: Carrier) -> ServerSession {
        ServerSession::start(self.config, self.dialect, now, sid, carrier)
    }

    /// Refuses the client in the application's name, with its words in place of `Forbidden`: status 403, or for a
    /// WebSocket the plain words with status 400.
    //= EIO4-ERR-05
    #[must_use]
    pub fn forbid(self, message: &str) -> Response {
        match self.transport {
            Transport::Polling => HttpError::Forbidden.response_with(message),
            Transport::WebSocket => HttpError::upgrade_response_with(message),
        }
    }
}

#[cfg(test)]
mod tests;
