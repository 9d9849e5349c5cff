//! Where a client's session and its connection meet.

use alloc::string::String;
use alloc::vec::Vec;

use super::script::{LOST, namespace, s};
use crate::engineio::client::{self as sessions, ClientSession, Input, Transmit, Transports};
use crate::engineio::{CloseReason, SendError, WsId};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};
use crate::scenario::id;
use crate::socketio::client::{Auth, Config, Connection, Event};
use crate::socketio::{Args, DisconnectReason, Namespace, Peer, Violation};

const WS: WsId = WsId(1);

type ClientPeer = Peer<ClientSession, Connection>;

/// A peer in the main namespace, of a server that takes a hundred bytes.
fn joined(limits: Limits) -> ClientPeer {
    let config = sessions::Config::default().with_transports(Transports::WebSocketOnly).with_limits(limits);
    let mut peer = Peer::new(ClientSession::connect(s(0), config), Connection::new(Config::default()));
    peer.socketio().connect(&Namespace::root(), Auth::None).unwrap();
    peer.handle(s(0), Input::WsOpened { ws: WS });
    let open = r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#;
    peer.handle(s(0), frame(open));
    let mut outputs = drain(&mut peer);
    peer.handle(s(0), frame(r#"40{"sid":"x"}"#));
    outputs.extend(drain(&mut peer));
    let connected = Event::Connected { namespace: namespace("/"), sid: Some(id("x")), recovered: false };
    let expected = [
        Output::Transmit(Transmit::WsConnect { ws: WS, query: String::from("EIO=4&transport=websocket") }),
        Output::Event(Event::Opened),
        sent("40"),
        Output::Event(connected),
    ];
    assert_eq!(outputs, expected);
    peer
}

fn frame(text: &'static str) -> Input {
    Input::WsFrame { ws: WS, frame: Frame::from(text) }
}

fn sent(text: &'static str) -> Output<Transmit, Event> {
    Output::Transmit(Transmit::WsSend { ws: WS, frame: Frame::from(text) })
}

fn drain(peer: &mut ClientPeer) -> Vec<Output<Transmit, Event>> {
    core::iter::from_fn(|| peer.poll_output()).collect()
}

#[test]
fn one_session() {
    let mut peer = joined(Limits::default());
    peer.handle(s(1), Input::WsClosed { ws: WS });
    let disconnected = Event::Disconnected { namespace: namespace("/"), reason: LOST };
    assert_eq!(drain(&mut peer), [Output::Event(disconnected), Output::Event(Event::Closed(LOST))]);
    assert_eq!(peer.next_deadline(), None);
}

//= SIO5-EVT-01
#[test]
fn more_than_the_session_has_room_for() {
    let mut peer = joined(Limits::default().with_max_queued_bytes(512));
    for name in ["a", "b", "c", "d", "e"] {
        peer.socketio().emit(&Namespace::root(), name, Args::empty()).unwrap();
    }
    let sent = [r#"42["a"]"#, r#"42["b"]"#, r#"42["c"]"#, r#"42["d"]"#, r#"42["e"]"#].map(sent);
    let sends = drain(&mut peer).into_iter().filter(|output| *output != Output::Event(Event::Writable));
    assert_eq!(sends.collect::<Vec<_>>(), sent);
}

/// The session knows what the server takes.
#[test]
fn more_than_the_server_takes() {
    let mut peer = joined(Limits::default());
    let args = Args::encode(&("x".repeat(100),)).unwrap();
    peer.socketio().emit(&Namespace::root(), "large", &args).unwrap();
    let reason = DisconnectReason::Violation(Violation::Unsendable(SendError::TooLarge));
    let expected = [
        Output::Event(Event::Disconnected { namespace: namespace("/"), reason }),
        Output::Transmit(Transmit::WsClose { ws: WS }),
        Output::Event(Event::Closed(reason)),
    ];
    assert_eq!(drain(&mut peer), expected);
}

/// What the default server sends, the default client takes: its own limits are those of its sessions.
#[test]
fn a_large_event_for_a_client_by_default() {
    let sessions = sessions::Config::default().with_transports(Transports::WebSocketOnly);
    let connection = Connection::new(Config::default());
    let mut peer = Peer::new(ClientSession::connect(s(0), sessions), connection);
    peer.socketio().connect(&Namespace::root(), Auth::None).unwrap();
    let large = alloc::format!(r#"42["large","{}"]"#, "x".repeat(2_000_000));
    let open = r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    peer.handle(s(0), Input::WsOpened { ws: WS });
    for text in [open, r#"40{"sid":"x"}"#, &large] {
        peer.handle(s(0), Input::WsFrame { ws: WS, frame: Frame::Text(String::from(text).into()) });
        let last = drain(&mut peer).pop();
        if text.len() > 1_000_000 {
            assert!(matches!(last, Some(Output::Event(Event::Received { .. }))));
        }
    }
}

/// There is nothing to open it for.
#[test]
fn a_peer_that_is_not_wanted_before_it_opens() {
    let config = sessions::Config::default().with_transports(Transports::WebSocketOnly);
    let mut peer = Peer::new(ClientSession::connect(s(0), config), Connection::new(Config::default()));
    peer.socketio().connect(&Namespace::root(), Auth::None).unwrap();
    drain(&mut peer);
    peer.socketio().disconnect(&Namespace::root()).unwrap();
    let reason = DisconnectReason::Engine(CloseReason::ForcedClose);
    let expected = [Output::Transmit(Transmit::WsClose { ws: WS }), Output::Event(Event::Closed(reason))];
    assert_eq!(drain(&mut peer), expected);
}
