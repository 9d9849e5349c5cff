//! The [language of the scenarios](crate::scenario), as far as only a client's session speaks it.

use alloc::format;
use alloc::string::String;

use bytes::Bytes;

use crate::engineio::client::{Body, ClientSession, Config, Input, Transmit, Transports};
use crate::engineio::payload::Format;
use crate::engineio::{
    BinaryForm, BodyFormat, CloseReason, Encoded, Event, RequestId, Revision, SendError, Session as _, Transport, WsId,
};
use crate::machine::Machine as _;
use crate::scenario;
pub(super) use crate::scenario::{ms, s, seconds};

/// What the server of the scenarios opens sessions with: the reference's timings, and room for 100 bytes.
pub(super) const OPEN: &str =
    r#"0{"sid":"S","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;

/// The same on a WebSocket.
pub(super) const OPEN_WS: &str =
    r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;

pub(super) type Script = scenario::Script<ClientSession, Query>;

/// What is in every query.
#[derive(Clone)]
pub(super) struct Query {
    start: String,
    /// What comes after the transport.
    b64: &'static str,
}

pub(super) fn only_polling() -> Config {
    Config::default().with_transports(Transports::PollingOnly)
}

pub(super) fn only_websocket() -> Config {
    Config::default().with_transports(Transports::WebSocketOnly)
}

pub(super) fn connect(config: Config) -> Script {
    let start = format!("EIO={}", config.revision.as_str());
    let b64 = if config.binary == BinaryForm::Base64 { "&b64=1" } else { "" };
    Script::new(ClientSession::connect(ms(0), config), Query { start, b64 })
}

/// A session on polling, with GET 2 on its way.
pub(super) fn polling() -> Script {
    polling_with(only_polling())
}

/// The same, with this configuration, which asks for polling alone.
pub(super) fn polling_with(config: Config) -> Script {
    let open = framed(config.revision, &[OPEN]);
    connect(config).expect_handshake(1).answer(1, &open).expect_event(&Event::Opened).expect_get(2)
}

/// A session on WebSocket 1.
pub(super) fn websocket() -> Script {
    websocket_with(only_websocket())
}

pub(super) fn websocket_with(config: Config) -> Script {
    connect(config).expect_ws_handshake(1).ws_opened(1).frame(1, OPEN_WS).expect_event(&Event::Opened)
}

/// A session on polling with GET 3 on its way, which waits for WebSocket 2.
pub(super) fn upgradable() -> Script {
    upgradable_with(Config::default())
}

pub(super) fn upgradable_with(config: Config) -> Script {
    let open = framed(config.revision, &[OPEN]);
    connect(config).expect_handshake(1).answer(1, &open).expect_event(&Event::Opened).expect_ws_connect(2).expect_get(3)
}

/// The same, when the probe was sent.
pub(super) fn probed() -> Script {
    upgradable().ws_opened(2).expect_send(2, "2probe")
}

/// The same, when the probe was answered, and only GET 3 is waited for.
pub(super) fn pausing() -> Script {
    probed().frame(2, "3probe").expect_nothing()
}

/// A session that moved to WebSocket 2.
pub(super) fn upgraded() -> Script {
    pausing().answer(3, "6").expect_send(2, "5").expect_event(&Event::Upgraded)
}

/// Some packets as one body.
pub(super) fn framed(revision: Revision, packets: &[&str]) -> String {
    match revision {
        Revision::V4 => packets.join("\u{1e}"),
        Revision::V3 => packets.iter().map(|packet| format!("{}:{packet}", packet.encode_utf16().count())).collect(),
    }
}

/// What happens.
impl Script {
    /// Goes on with a new session in place of this one.
    #[track_caller]
    pub(super) fn reconnect(self, config: Config) -> Self {
        let script = self.expect_nothing();
        Self::new(script.machine.successor(script.now, config), script.notes.clone())
    }

    /// A request is answered with 200.
    #[track_caller]
    pub(super) fn answer(self, id: u64, body: &str) -> Self {
        self.answer_with(id, 200, body)
    }

    /// The same; its outputs are taken out by the next step.
    pub(super) fn feed_answer(self, id: u64, body: &str) -> Self {
        self.feed(response(id, 200, body))
    }

    #[track_caller]
    pub(super) fn answer_with(self, id: u64, status: u16, body: &str) -> Self {
        self.input(response(id, status, body))
    }

    #[track_caller]
    pub(super) fn answer_bytes(self, id: u64, format: BodyFormat, body: &'static [u8]) -> Self {
        let body = Bytes::from_static(body);
        self.input(Input::Response { id: RequestId(id), status: 200, format, body })
    }

    #[track_caller]
    pub(super) fn fail(self, id: u64) -> Self {
        self.input(Input::Failed { id: RequestId(id) })
    }

    #[track_caller]
    pub(super) fn ws_opened(self, ws: u64) -> Self {
        self.input(Input::WsOpened { ws: WsId(ws) })
    }

    /// The application sends a text, and finds out what becomes of others before the session is asked for its outputs.
    #[track_caller]
    pub(super) fn send_more(self, text: &str, error: Option<SendError>, volatile: bool) -> Self {
        let mut script = self.expect_nothing();
        script.machine.send(&Encoded::text(text)).unwrap();
        assert_eq!(script.machine.send_volatile(&Encoded::text("volatile")), volatile);
        if error.is_some() {
            assert_eq!(script.machine.send(&Encoded::text("more")).err(), error);
        }
        script.drain()
    }

    /// The application closes, and sends before the session is asked for its outputs.
    #[track_caller]
    pub(super) fn close_and_send(self, text: &str) -> Self {
        self.does(|session, now| {
            session.close(now);
            session.send(&Encoded::text(text))
        })
    }
}

/// What the session makes of it.
impl Script {
    /// The GET that opens a session.
    #[track_caller]
    pub(super) fn expect_handshake(self, id: u64) -> Self {
        let query = self.query_of(Transport::Polling, "");
        self.expect_request(id, &query, None)
    }

    #[track_caller]
    pub(super) fn expect_get(self, id: u64) -> Self {
        let query = self.query_of(Transport::Polling, "&sid=S");
        self.expect_request(id, &query, None)
    }

    #[track_caller]
    pub(super) fn expect_post(self, id: u64, body: &str) -> Self {
        let format = if self.notes.start == "EIO=3" { Format::V3Text } else { Format::V4 };
        self.expect_post_bytes(id, format, body.as_bytes())
    }

    #[track_caller]
    pub(super) fn expect_post_bytes(self, id: u64, format: Format, body: &[u8]) -> Self {
        let query = self.query_of(Transport::Polling, "&sid=S");
        self.expect_request(id, &query, Some(Body { format, bytes: Bytes::copy_from_slice(body) }))
    }

    #[track_caller]
    pub(super) fn expect_request(self, id: u64, query: &str, body: Option<Body>) -> Self {
        self.expect_transmit(&Transmit::Request { id: RequestId(id), query: String::from(query), body })
    }

    #[track_caller]
    pub(super) fn expect_cancel(self, id: u64) -> Self {
        self.expect_transmit(&Transmit::Cancel { id: RequestId(id) })
    }

    /// The WebSocket that opens a session.
    #[track_caller]
    pub(super) fn expect_ws_handshake(self, ws: u64) -> Self {
        let query = self.query_of(Transport::WebSocket, "");
        self.expect_transmit(&Transmit::WsConnect { ws: WsId(ws), query })
    }

    /// The WebSocket that may take the session over.
    #[track_caller]
    pub(super) fn expect_ws_connect(self, ws: u64) -> Self {
        let query = self.query_of(Transport::WebSocket, "&sid=S");
        self.expect_ws_request(ws, &query)
    }

    #[track_caller]
    pub(super) fn expect_ws_request(self, ws: u64, query: &str) -> Self {
        let query = String::from(query);
        self.expect_transmit(&Transmit::WsConnect { ws: WsId(ws), query })
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: CloseReason) -> Self {
        let script = self.expect_event(&Event::Closed(reason));
        assert!(script.machine.is_closed());
        assert_eq!(script.machine.next_deadline(), None);
        assert_eq!(script.machine.sid(), None);
        script.expect_nothing()
    }

    #[track_caller]
    pub(super) fn expect_transport(self, transport: Option<Transport>) -> Self {
        assert_eq!(self.machine.transport(), transport);
        self
    }

    #[track_caller]
    pub(super) fn expect_sid(self, sid: Option<&str>) -> Self {
        assert_eq!(self.machine.sid().map(|sid| sid.as_str()), sid);
        self
    }

    fn query_of(&self, transport: Transport, sid: &str) -> String {
        format!("{}&transport={}{}{sid}", self.notes.start, transport.as_str(), self.notes.b64)
    }
}

pub(super) fn response(id: u64, status: u16, body: &str) -> Input {
    let body = Bytes::from(String::from(body));
    Input::Response { id: RequestId(id), status, format: BodyFormat::Text, body }
}
