//! Where a session and its connection meet.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::*;
use crate::engineio::server::{
    self, BodyFormat, Carrier, Input, RequestId, Route, Router, ServerSession, Transmit as ServerTransmit, WsId,
};
use crate::engineio::{CloseReason, RequestHead, Revision, Sid};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::socketio::server::hub::{self, Hub, Target};
use crate::socketio::{Args, Config, DecodeErrorKind, DisconnectReason, EmitError, Event, Namespace, Violation};
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
    peer.socketio().emit(&namespace, "answer", Args::empty()).unwrap();
    let reason = DisconnectReason::Engine(CloseReason::TransportClose);
    let gone = [Output::Event(Event::Disconnected { namespace, reason }), Output::Event(Event::Closed(reason))];
    assert_eq!(drain(&mut peer), gone);
}

/// L11, L12: what the session has no room for waits on the connection, and leaves in its order.
//= SRV-LIM-01
#[test]
fn who_reads_slowly_gets_everything() {
    let limits = Limits::default().with_max_queued_bytes(512).with_max_buffered_bytes(256);
    let mut peer = joined(server::Config::default().with_limits(limits));
    let (root, none) = (Namespace::root(), Args::empty());
    let mut refused = 0;
    let mut expected = Vec::new();
    let mut seen = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        match peer.socketio().emit(&root, name, &none) {
            Ok(()) => expected.push(format!(r#"42["{name}"]"#)),
            Err(error) => {
                assert_eq!(error, EmitError::BufferFull);
                refused += 1;
            }
        }
        // The first wish of the session is heard, the rest of its outputs stays where it is.
        if name == "b" {
            seen.extend(peer.poll_output());
        }
    }
    seen.extend(drain(&mut peer));
    let writable = seen.iter().filter(|output| **output == Output::Event(Event::Writable)).count();
    let sent = seen.into_iter().filter_map(|output| match output {
        Output::Transmit(ServerTransmit::WsSend { frame: Frame::Text(text), .. }) => Some(String::from(text.as_str())),
        _ => None,
    });
    assert_eq!(sent.collect::<Vec<_>>(), expected);
    assert!(expected.len() > 3 && refused > 0 && writable == 1, "{expected:?}, {refused} refused");
}

/// L12: a client whose messages cause more than it reads is not listened to, until it reads.
//= SRV-LIM-01
#[test]
fn who_does_not_read_is_not_listened_to() {
    let limits = Limits::default().with_max_queued_bytes(1_024).with_max_buffered_bytes(1_024);
    let mut peer = joined(server::Config::default().with_limits(limits));
    let mut asked = 0;
    while peer.wants_input() {
        peer.handle(s(1), frame(r#"420["ask"]"#));
        // The program cannot write: it takes events out, and stops at the first message.
        let Some(Output::Event(Event::Received { reply: Some(reply), .. })) = peer.poll_output() else { break };
        peer.socketio().acknowledge(reply, Args::empty()).unwrap();
        asked += 1;
        assert!(asked < 100, "without end");
    }
    let sent = drain(&mut peer);
    assert!(peer.wants_input(), "it reads again");
    let sent = sent.iter().filter(|output| matches!(output, Output::Transmit(ServerTransmit::WsSend { .. }))).count();
    assert_eq!(sent, asked);
}

/// A client's POST of more events than a session once had room for, each of which wants an answer.
//= SIO5-ACK-01
#[test]
fn a_body_of_many_questions() {
    for (count, limits) in [(5_000, Limits::default()), (300, Limits::default().with_max_queued_bytes(2_000))] {
        let config = server::Config::default().with_limits(limits);
        let mut peer = start(s(0), config, Carrier::Request(RequestId(0)));
        let (root, revision) = (Namespace::root(), Some(Revision::V4));
        let mut acked = Vec::new();
        let mut take = |peer: &mut Peer<ServerSession>| {
            while let Some(output) = peer.poll_output() {
                match output {
                    Output::Event(Event::ConnectRequested { .. }) => {
                        peer.socketio().accept(&root, &Sid::from_entropy([9; 15])).unwrap();
                    }
                    Output::Event(Event::Received { reply, .. }) => {
                        peer.socketio().acknowledge(reply.unwrap(), Args::empty()).unwrap();
                    }
                    Output::Transmit(ServerTransmit::Respond { response, .. }) => {
                        let body = String::from_utf8(response.body.to_vec()).unwrap();
                        let ids = body.split('\x1e').filter_map(|packet| packet.strip_prefix("43")?.strip_suffix("[]"));
                        acked.extend(ids.map(|id| id.parse::<usize>().unwrap()));
                    }
                    Output::Event(Event::Closed(reason)) => panic!("{reason}"),
                    _ => {}
                }
            }
            acked.len()
        };
        let post = |peer: &mut Peer<ServerSession>, id, body: String| {
            let id = RequestId(id);
            peer.handle(s(0), Input::Post { id, revision, format: BodyFormat::Text });
            peer.handle(s(0), Input::Body { id, body: body.into() });
        };
        post(&mut peer, 1, String::from("40"));
        take(&mut peer);
        post(&mut peer, 2, (0..count).map(|id| format!(r#"42{id}["ask"]"#)).collect::<Vec<_>>().join("\x1e"));
        let (mut last, mut id) = (take(&mut peer), 2);
        while last < count {
            id += 1;
            peer.handle(s(0), Input::Poll { id: RequestId(id), revision });
            last = take(&mut peer);
            assert!(id < 1_000, "{last} answers");
        }
        assert!(acked.into_iter().eq(0..count));
    }
}

/// Refusals of a burst, although the program takes nothing out until the machine wants no more.
//= SIO5-CON-05
#[test]
fn a_burst_of_questions_for_unknown_namespaces() {
    let mut peer = websocket(s(0), server::Config::default());
    drain(&mut peer);
    let mut refused = 0;
    let mut take = |peer: &mut Peer<ServerSession>| {
        while let Some(output) = peer.poll_output() {
            match output {
                Output::Event(Event::ConnectRequested { namespace, .. }) => {
                    peer.socketio().refuse_unknown(&namespace).unwrap();
                }
                Output::Transmit(ServerTransmit::WsSend { frame: Frame::Text(text), .. }) => {
                    assert!(text.as_str().starts_with("44/"), "{text:?}");
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    };
    for number in 0..200 {
        if !peer.wants_input() {
            take(&mut peer);
        }
        let frame = Frame::Text(Text::from(format!("40/{number},")));
        peer.handle(s(1), Input::WsFrame { ws: WS, frame });
    }
    take(&mut peer);
    assert_eq!(refused, 200);
}

/// What a server takes is said once, to its sessions.
//= EIO4-LIM-05
#[test]
fn a_limit_that_is_raised_in_one_place() {
    let config = server::Config::default().with_limits(Limits::default().with_max_payload(4_000_000));
    let mut peer = joined(config);
    let large = format!(r#"42["large","{}"]"#, "x".repeat(3_000_000));
    peer.handle(s(1), Input::WsFrame { ws: WS, frame: Frame::Text(Text::from(large)) });
    assert!(matches!(drain(&mut peer)[..], [Output::Event(Event::Received { .. })]));
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
    let id = peer.socketio().emit_with_ack(s(1), &root, "ask", Args::empty(), Duration::from_secs(1)).unwrap();
    drain(&mut peer);
    peer.handle(s(1), frame("430[]"));
    peer.handle_timeout(s(2));
    assert_eq!(drain(&mut peer), [Output::Event(Event::Acked { namespace: root, id, args: Args::empty() })]);
}

//= SRV-BC-02
#[test]
fn what_is_volatile_leaves_at_once_or_not_at_all() {
    let mut peer = joined(server::Config::default());
    let (root, none) = (Namespace::root(), Args::empty());
    let sent = |text: &'static str| Output::Transmit(ServerTransmit::WsSend { ws: WS, frame: Frame::from(text) });
    for name in ["a", "b"] {
        peer.socketio().emit_volatile(&root, name, &none).unwrap();
    }
    assert_eq!(drain(&mut peer), [sent(r#"42["a"]"#)], "the first is being sent when the second wants to be");
    peer.socketio().emit_volatile(&root, "c", &none).unwrap();
    assert_eq!(drain(&mut peer), [sent(r#"42["c"]"#)]);

    let mut polling = start(s(0), server::Config::default(), Carrier::Request(RequestId(1)));
    drain(&mut polling);
    let (id, revision) = (RequestId(2), Some(Revision::V4));
    polling.handle(s(0), Input::Post { id, revision, format: BodyFormat::Text });
    polling.handle(s(0), Input::Body { id, body: "40".into() });
    drain(&mut polling);
    polling.socketio().accept(&root, &Sid::from_entropy([9; 15])).unwrap();
    polling.socketio().emit_volatile(&root, "dropped", &none).unwrap();
    assert_eq!(drain(&mut polling), []);
    polling.handle(s(0), Input::Poll { id: RequestId(3), revision: Some(Revision::V4) });
    let Some(Output::Transmit(ServerTransmit::Respond { response, .. })) = drain(&mut polling).pop() else {
        panic!("no answer")
    };
    assert_eq!(response.body, r#"40{"sid":"CQkJCQkJCQkJCQkJCQkJ"}"#);
}

/// An answer may come when the client is long gone, or has said more.
//= SIO5-CON-24
#[test]
fn an_answer_that_comes_later() {
    let root = Namespace::root();
    let mut peer = websocket(s(0), server::Config::default());
    drain(&mut peer);
    peer.handle(s(1), frame("40"));
    let asks = Output::Event(Event::ConnectRequested { namespace: root.clone(), auth: None });
    assert_eq!(drain(&mut peer), [asks]);
    peer.handle(s(2), frame("40/a,"));
    peer.handle(s(3), Input::WsClosed { ws: WS });
    let reason = DisconnectReason::Engine(CloseReason::TransportClose);
    assert_eq!(drain(&mut peer).pop(), Some(Output::Event(Event::Closed(reason))), "and nobody was disconnected");
    assert_eq!(peer.socketio().accept(&root, &Sid::from_entropy([9; 15])), Err(EmitError::Closed));
    assert_eq!(drain(&mut peer), []);
}

/// One broadcast, to a client of each revision, over a WebSocket and in polling; and back.
//= HYB-02
//= HYB-03
#[test]
fn clients_of_both_revisions() {
    let router = Router::new(server::Config::default().with_allow_eio3(true)).unwrap();
    let start = |query, carrier| {
        let websocket = matches!(carrier, Carrier::WebSocket(_));
        let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: websocket };
        let Ok(Route::Handshake(handshake)) = router.route(&head) else { panic!("no handshake") };
        let revision = handshake.revision();
        let session = handshake.accept(s(0), Sid::from_entropy([7; 15]), carrier);
        let mut peer = Peer::new(session, Connection::new(Config::default()));
        if revision == Revision::V4 {
            drain(&mut peer);
            peer.handle(s(0), frame("40"));
        }
        let asks = Output::Event(Event::ConnectRequested { namespace: Namespace::root(), auth: None });
        assert_eq!(peer.poll_output(), Some(asks));
        peer.socketio().accept(&Namespace::root(), &Sid::from_entropy([9; 15])).unwrap();
        peer
    };
    let ws = Carrier::WebSocket(WS);
    let mut new = start("EIO=4&transport=websocket", ws);
    drain(&mut new);
    let mut old = start("EIO=3&transport=websocket", ws);
    assert_eq!(drain(&mut old).pop(), Some(sent(Frame::from("40"))));
    let mut polling = start("EIO=3&transport=polling&b64=1", Carrier::Request(RequestId(1)));
    let Some(Output::Transmit(ServerTransmit::Respond { response, .. })) = drain(&mut polling).pop() else {
        panic!("no answer")
    };
    //= SIO4-CON-02
    assert!(response.body.ends_with(b"2:40"), "with the open packet: {response:?}");

    let mut hub = Hub::new(hub::Config::default());
    for sid in ["new", "old", "polling"] {
        hub.add(&Namespace::root(), &Sid::as_given(sid));
    }
    while hub.poll_output().is_some() {}
    let args = Args::builder().binary(Bytes::from_static(&[1, 2])).build().unwrap();
    hub.broadcast(s(0), &Target::everyone(&Namespace::root()), "b", &args).unwrap();
    for peer in [&mut new, &mut old, &mut polling] {
        let Some(Output::Transmit(hub::Transmit::Deliver { broadcast, .. })) = hub.poll_output() else {
            panic!("nothing")
        };
        peer.socketio().deliver(s(0), &broadcast).unwrap();
    }
    let header = || sent(Frame::from(r#"451-["b",{"_placeholder":true,"num":0}]"#));
    let attachment = |bytes: &'static [u8]| sent(Frame::Binary(Bytes::from_static(bytes)));
    //= SRV-ROOM-10
    assert_eq!(drain(&mut new), [header(), attachment(&[1, 2])]);
    //= HYB-05
    assert_eq!(drain(&mut old), [header(), attachment(&[4, 1, 2])]);
    polling.handle(s(0), Input::Poll { id: RequestId(2), revision: Some(Revision::V3) });
    let Some(Output::Transmit(ServerTransmit::Respond { response, .. })) = drain(&mut polling).pop() else {
        panic!("no answer")
    };
    assert_eq!(response.body, r#"39:451-["b",{"_placeholder":true,"num":0}]6:b4AQI="#);

    old.handle(s(0), frame(r#"451-["b",{"_placeholder":true,"num":0}]"#));
    old.handle(s(0), Input::WsFrame { ws: WS, frame: Frame::Binary(Bytes::from_static(&[4, 1, 2])) });
    let Some(Output::Event(Event::Received { args: received, .. })) = old.poll_output() else { panic!("no event") };
    assert_eq!(received, args);
}

fn sent(frame: Frame) -> PeerOutput {
    Output::Transmit(ServerTransmit::WsSend { ws: WS, frame })
}

/// What came before the fault is told, whether both came in one body or not.
//= SIO5-ERR-05
#[test]
fn what_came_before_a_fault() {
    let root = Namespace::root();
    let mut polling = start(s(0), server::Config::default(), Carrier::Request(RequestId(1)));
    drain(&mut polling);
    let post = |peer: &mut Peer<ServerSession>, id, body: &'static str| {
        let (id, revision) = (RequestId(id), Some(Revision::V4));
        peer.handle(s(0), Input::Post { id, revision, format: BodyFormat::Text });
        peer.handle(s(0), Input::Body { id, body: body.into() });
    };
    post(&mut polling, 2, "40");
    drain(&mut polling);
    polling.socketio().accept(&root, &Sid::from_entropy([9; 15])).unwrap();
    post(&mut polling, 3, "42[\"a\"]\x1e42{}\x1e42[\"b\"]");
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    let events = drain(&mut polling).into_iter().filter_map(|output| match output {
        Output::Event(Event::Received { name, .. }) => Some(String::from(name.as_str())),
        Output::Event(Event::Disconnected { reason, .. }) => Some(format!("{reason}")),
        _ => None,
    });
    assert_eq!(events.collect::<Vec<_>>(), [String::from("a"), format!("{reason}")]);
}
