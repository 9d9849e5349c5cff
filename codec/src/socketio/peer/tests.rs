//! Where a session and its connection meet.

use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::engineio::server::{self, Carrier, Input, Route, Router, ServerSession, Transmit as ServerTransmit, WsId};
use crate::engineio::{CloseReason, RequestHead, Sid};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::socketio::{Args, Config, DecodeErrorKind, Event, Namespace};
use crate::text::Text;

const WS: WsId = WsId(0);

type PeerOutput = Output<ServerTransmit, Event>;

const fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// A peer whose session starts at `now`, on a WebSocket; nothing was taken out of it.
fn websocket(now: Timestamp, config: server::Config) -> Peer<ServerSession> {
    start(now, config, Carrier::WebSocket(WS))
}

fn start(now: Timestamp, config: server::Config, carrier: Carrier) -> Peer<ServerSession> {
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    let query = if websocket { "EIO=4&transport=websocket" } else { "EIO=4&transport=polling" };
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: websocket };
    let Ok(Route::Handshake(handshake)) = Router::new(config).unwrap().route(&head) else { panic!("no handshake") };
    let session = handshake.accept(now, Sid::from_entropy([7; 15]), carrier);
    Peer::new(session, Connection::new(Config::default()))
}

fn drain(peer: &mut Peer<ServerSession>) -> Vec<PeerOutput> {
    core::iter::from_fn(|| peer.poll_output()).collect()
}

fn frame(text: &'static str) -> Input {
    Input::WsFrame { ws: WS, frame: Frame::Text(Text::from(text)) }
}

//= SIO5-CON-13
#[test]
fn the_time_to_join_runs_from_the_opening_of_the_session() {
    let mut peer =
        websocket(s(1_000), server::Config::default().with_heartbeat(Duration::from_secs(60), Duration::from_secs(60)));
    drain(&mut peer);
    assert_eq!(peer.next_deadline(), Some(s(1_045)));
    peer.handle_timeout(s(1_044));
    assert_eq!(drain(&mut peer), []);
    peer.handle_timeout(s(1_045));
    let reason = DisconnectReason::Violation(Violation::ConnectTimeout);
    let closed = [Output::Transmit(ServerTransmit::WsClose { ws: WS }), Output::Event(Event::Closed(reason))];
    assert_eq!(drain(&mut peer), closed);
}

/// A peer whose client is in the main namespace.
fn joined(config: server::Config) -> Peer<ServerSession> {
    let mut peer = websocket(s(0), config);
    peer.handle(s(0), frame("40"));
    drain(&mut peer);
    peer.socketio().accept(&Namespace::root(), &Sid::from_entropy([9; 15])).unwrap();
    drain(&mut peer);
    peer
}

//= SIO5-DIS-09
#[test]
fn a_reply_to_who_is_gone_does_not_change_the_reason() {
    let mut peer = joined(server::Config::default());
    peer.handle(s(1), frame(r#"42["question"]"#));
    peer.handle(s(1), Input::WsClosed { ws: WS });
    let Some(Output::Event(Event::Received { namespace, .. })) = peer.poll_output() else { panic!("no event") };
    peer.socketio().emit(&namespace, "answer", &Args::empty()).unwrap();
    let reason = DisconnectReason::Engine(CloseReason::TransportClose);
    let gone = [Output::Event(Event::Disconnected { namespace, reason }), Output::Event(Event::Closed(reason))];
    assert_eq!(drain(&mut peer), gone);
}

//= SRV-LIM-01
#[test]
fn who_does_not_read_is_cut_off() {
    let limits = Limits::default().with_max_queued_packets(2);
    let mut peer = joined(server::Config::default().with_limits(limits));
    let emit = |peer: &mut Peer<ServerSession>| peer.socketio().emit(&Namespace::root(), "x", &Args::empty()).unwrap();
    for _ in 0..3 {
        emit(&mut peer);
    }
    let sent = || Output::Transmit(ServerTransmit::WsSend { ws: WS, frame: Frame::from(r#"42["x"]"#) });
    let reason = DisconnectReason::Violation(Violation::SlowReader);
    let outputs = [
        Output::Event(Event::Disconnected { namespace: Namespace::root(), reason }),
        sent(),
        sent(),
        Output::Transmit(ServerTransmit::WsClose { ws: WS }),
        Output::Event(Event::Closed(reason)),
    ];
    assert!(drain(&mut peer).into_iter().eq(outputs));
}

/// L7: what a message led to happened when the message arrived, whenever the program asks.
//= SIO5-ERR-01
#[test]
fn inputs_that_are_fed_back_to_back() {
    let mut peer = websocket(s(0), server::Config::default());
    drain(&mut peer);
    peer.handle(s(1), frame("4undecodable"));
    peer.handle_timeout(s(50));
    let last = drain(&mut peer).pop();
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType);
    assert_eq!(last, Some(Output::Event(Event::Closed(reason))), "not a connect timeout");

    let mut peer = joined(server::Config::default());
    let root = Namespace::root();
    let id = peer.socketio().emit_with_ack(s(1), &root, "ask", &Args::empty(), Duration::from_secs(1)).unwrap();
    drain(&mut peer);
    peer.handle(s(1), frame("430[]"));
    peer.handle_timeout(s(2));
    assert_eq!(drain(&mut peer), [Output::Event(Event::Acked { namespace: root, id, args: Args::empty() })]);
}
