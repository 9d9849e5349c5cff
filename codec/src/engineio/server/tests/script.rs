//! The [language of the scenarios](crate::scenario), as far as only a server's session speaks it.

use alloc::format;
use alloc::string::String;

use bytes::Bytes;

use crate::engineio::BinaryForm;
use crate::engineio::server::{
    BodyFormat, Carrier, Config, Input, RequestId, Route, Router, ServerSession, Transmit, WsId,
};
use crate::engineio::{CloseReason, Event, RequestHead, Response, Revision, Sid, Transport};
use crate::limits::Limits;
use crate::machine::Machine as _;
use crate::scenario;
pub(super) use crate::scenario::{ms, s, seconds};

/// The request and the WebSocket that scenarios start on.
pub(super) const HANDSHAKE: u64 = 0;

pub(super) type Script = scenario::Script<ServerSession>;

/// The reference's timings: ping after 25 s, 20 s for the pong, 10 s for an upgrade, 30 s for a close. Small limits.
pub(super) fn config() -> Config {
    Config::default().with_limits(Limits::default().with_max_payload(1_000))
}

pub(super) fn open(config: Config, carrier: Carrier) -> Script {
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    open_with(config, if websocket { "EIO=4&transport=websocket" } else { "EIO=4&transport=polling" }, carrier)
}

pub(super) fn open_with(config: Config, query: &str, carrier: Carrier) -> Script {
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: websocket };
    let Ok(Route::Handshake(handshake)) = Router::new(config).unwrap().route(&head) else {
        panic!("{query} is no handshake")
    };
    let session = handshake.accept(ms(0), Sid::from_entropy([7; 15]), carrier);
    Script::new(session, ())
}

/// A session on polling whose handshake was answered.
pub(super) fn polling() -> Script {
    polling_with(config())
}

pub(super) fn polling_with(config: Config) -> Script {
    let mut script = open(config, Carrier::Request(RequestId(HANDSHAKE))).expect_event(&Event::Opened);
    let (id, response) = script.next_response();
    assert_eq!((id, response.status), (HANDSHAKE, 200));
    script
}

/// A session on polling that asked for something in its handshake.
pub(super) fn polling_as(query: &str) -> Script {
    let config = config().with_allow_eio3(true);
    let mut script = open_with(config, query, Carrier::Request(RequestId(HANDSHAKE))).expect_event(&Event::Opened);
    let _ = script.next_response();
    script
}

/// A session on a WebSocket.
pub(super) fn websocket() -> Script {
    websocket_as("EIO=4&transport=websocket")
}

/// A session on a WebSocket that asked for something in its handshake.
pub(super) fn websocket_as(query: &str) -> Script {
    let config = config().with_allow_eio3(true);
    let mut script = open_with(config, query, Carrier::WebSocket(WsId(HANDSHAKE))).expect_event(&Event::Opened);
    let open = script.next_transmit();
    assert!(matches!(open, Transmit::WsSend { ws: WsId(HANDSHAKE), .. }), "{open:?}");
    script
}

/// A polling session with a WebSocket, 1, that was accepted as a candidate.
pub(super) fn candidate() -> Script {
    polling().upgrade(1).expect_accept(1)
}

/// A polling session whose candidate was probed.
pub(super) fn probed() -> Script {
    candidate().frame(1, "2probe").expect_send(1, "3probe")
}

/// A session that moved to WebSocket 1.
pub(super) fn upgraded() -> Script {
    probed().frame(1, "5").expect_event(&Event::Upgraded)
}

/// What happens.
impl Script {
    #[track_caller]
    pub(super) fn get(self, id: u64) -> Self {
        let revision = Some(self.machine.revision());
        self.get_with(id, revision)
    }

    #[track_caller]
    pub(super) fn get_with(self, id: u64, revision: Option<Revision>) -> Self {
        self.input(Input::Poll { id: RequestId(id), revision })
    }

    /// The head of a POST.
    #[track_caller]
    pub(super) fn post(self, id: u64) -> Self {
        self.post_with(id, BodyFormat::Text)
    }

    #[track_caller]
    pub(super) fn post_with(self, id: u64, format: BodyFormat) -> Self {
        let revision = Some(self.machine.revision());
        self.input(Input::Post { id: RequestId(id), revision, format })
    }

    #[track_caller]
    pub(super) fn body(self, id: u64, body: impl Into<Bytes>) -> Self {
        self.input(Input::Body { id: RequestId(id), body: body.into() })
    }

    #[track_caller]
    pub(super) fn body_too_large(self, id: u64) -> Self {
        self.input(Input::BodyTooLarge { id: RequestId(id) })
    }

    #[track_caller]
    pub(super) fn abort(self, id: u64) -> Self {
        self.input(Input::Aborted { id: RequestId(id) })
    }

    #[track_caller]
    pub(super) fn upgrade(self, ws: u64) -> Self {
        self.upgrade_with(ws, BinaryForm::Native)
    }

    #[track_caller]
    pub(super) fn upgrade_with(self, ws: u64, binary: BinaryForm) -> Self {
        let revision = Some(self.machine.revision());
        self.input(Input::Upgrade { ws: WsId(ws), revision, binary })
    }

    /// What the program does without taking anything out.
    pub(super) fn without_draining(mut self, act: impl FnOnce(&mut ServerSession)) -> Self {
        act(&mut self.machine);
        self
    }
}

/// What the session makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_respond(mut self, id: u64, status: u16, body: &str) -> Self {
        let (found, response) = self.next_response();
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        assert_eq!((found, response.status, text.as_str()), (id, status, body));
        self
    }

    /// An answer with a binary payload.
    #[track_caller]
    pub(super) fn expect_respond_binary(mut self, id: u64, body: &[u8]) -> Self {
        let (found, response) = self.next_response();
        assert_eq!((found, response.status, &response.body[..]), (id, 200, body));
        assert_eq!(response.content_type.as_str(), Some("application/octet-stream"));
        self
    }

    /// A refusal with the JSON body of its code.
    #[track_caller]
    pub(super) fn expect_refusal(self, id: u64, code: u8, message: &str) -> Self {
        self.expect_respond(id, 400, &format!(r#"{{"code":{code},"message":"{message}"}}"#))
    }

    #[track_caller]
    pub(super) fn expect_accept(self, ws: u64) -> Self {
        self.expect_transmit(&Transmit::WsAccept { ws: WsId(ws) })
    }

    #[track_caller]
    pub(super) fn expect_refuse(mut self, ws: u64, words: &str) -> Self {
        let transmit = self.next_transmit();
        let Transmit::WsRefuse { ws: WsId(found), response } = transmit else {
            panic!("no refused WebSocket: {transmit:?}")
        };
        assert_eq!((found, response.status, &response.body[..]), (ws, 400, words.as_bytes()));
        self
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: CloseReason) -> Self {
        let script = self.expect_event(&Event::Closed(reason));
        assert!(script.machine.is_closed());
        assert_eq!(script.machine.next_deadline(), None);
        script
    }

    #[track_caller]
    pub(super) fn expect_transport(self, transport: Transport) -> Self {
        assert_eq!(self.machine.transport(), Some(transport));
        self
    }

    #[track_caller]
    pub(super) fn next_response(&mut self) -> (u64, Response) {
        match self.next_transmit() {
            Transmit::Respond { id, response } => (id.0, response),
            other => panic!("no response: {other:?}"),
        }
    }
}
