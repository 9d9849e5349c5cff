//! What an idle session costs, what a client can make it cost, and what a broadcast costs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::server::{
    BodyFormat, Carrier, Config, Input, RequestId, Route, Router, ServerSession, Transmit, WsId,
};
use sio_codec::engineio::{RequestHead, Revision, Sid};
use sio_codec::socketio::hub::{self, Hub, Target};
use sio_codec::socketio::{
    self, Args, Connection, DecodeErrorKind, DisconnectReason, EmitError, Event, Namespace, Peer, Violation,
};
use sio_codec::{Frame, Limits, Machine as _, Output, Text, Timestamp};
use sio_support::allocator::{self, Counting, change, count, held};
use sio_support::crowd::{Crowd, Transport};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

const NOW: Timestamp = Timestamp::ZERO;
const WS: WsId = WsId(0);

fn main() {
    a_new_session_costs_a_little_more();
    an_idle_session_costs_about_a_kibibyte();
    a_broadcast_costs_the_same_for_any_number_of_receivers();
    a_receiver_costs_three_queues_of_one_and_the_next_time_nothing();
    withheld_attachments_are_bounded();
    an_unread_queue_is_bounded();
    volatile_events_of_a_program_that_cannot_write_are_bounded();
    unread_answers_are_bounded();
    open_questions_are_bounded();
    namespaces_are_bounded();
    unsolicited_pongs_are_bounded();
    unread_pongs_are_bounded();
    placeholders_are_bounded();
    packets_of_one_body_are_bounded();
    questions_to_the_client_are_bounded();
}

/// Session, connection with one namespace, and member in two rooms, its own and one more.
fn a_new_session_costs_a_little_more() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        let (crowd, held) = held(|| Crowd::open(1_000, transport));
        let each = held / crowd.peers.len();
        assert!(each <= 1_400, "{transport:?}: {each} bytes with room for what is said at first");
    }
}

/// After its first heartbeat.
fn an_idle_session_costs_about_a_kibibyte() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        let (crowd, held) = held(|| Crowd::open(1_000, transport).after_a_heartbeat());
        let each = held / crowd.peers.len();
        assert!(each <= 1_100, "{transport:?}: {each} bytes");
    }
}

/// O(1) buffers: the text, what its receivers share, and their list; the list again and three trees to collect answers.
fn a_broadcast_costs_the_same_for_any_number_of_receivers() {
    let none = Args::empty();
    let lobby = Target::everyone(&Namespace::root()).to("lobby").except("nobody");
    for members in [1, 100, 10_000] {
        let mut hub = Hub::new(hub::Config::default());
        for number in 0..members {
            let member = hub.add(&Namespace::root(), &Sid::from_wire(&format!("sid-{number}")).expect("no spaces"));
            hub.join(member, "lobby").expect("few rooms");
            while hub.poll_output().is_some() {}
        }
        let mut receivers = 0;
        let sent = count(|| {
            hub.broadcast(NOW, &lobby, "message", &none).expect("a name");
            while hub.poll_output().is_some() {
                receivers += 1;
            }
        });
        assert_eq!(receivers, members);
        assert!(sent <= 5, "{sent} allocations for {members}");
        let asked = count(|| {
            hub.broadcast_with_ack(NOW, &lobby, "message", &none, Duration::from_secs(1)).expect("a name");
            while hub.poll_output().is_some() {}
        });
        assert!(asked <= 9, "{asked} allocations for {members}");
    }
}

/// From the hub to the WebSocket: the connection's queue, the session's, and what the session says, with one element each.
/// They are there already when the next broadcast comes, until a heartbeat.
fn a_receiver_costs_three_queues_of_one_and_the_next_time_nothing() {
    let Crowd { mut peers, mut hub, .. } = Crowd::open(100, Transport::WebSocket).after_a_heartbeat();
    let lobby = Target::everyone(&Namespace::root()).to("lobby");
    // One more for the broadcast: its text is shared from the second receiver on, which takes three words.
    for (most, most_bytes) in [(100 * 3 + 1, 100 * 300), (1, 24)] {
        hub.broadcast(NOW, &lobby, "message", Args::empty()).expect("a name");
        let mut broadcasts = Vec::with_capacity(100);
        while let Some(output) = hub.poll_output() {
            let Output::Transmit(hub::Transmit::Deliver { broadcast, .. }) = output else { unreachable!() };
            broadcasts.push(broadcast);
        }
        let (sent, change) = change(|| {
            peers.iter_mut().zip(&broadcasts).fold(0, |sent, (peer, broadcast)| {
                peer.socketio().deliver(NOW, broadcast).expect("there is room");
                sent + core::iter::from_fn(|| peer.poll_output()).count()
            })
        });
        assert_eq!(sent, 100);
        let (allocations, bytes) = (change.allocations + change.reallocations, change.bytes_allocated);
        assert!(allocations <= most, "{allocations} allocations");
        assert!(bytes <= most_bytes, "{bytes} bytes");
    }
}

fn limits() -> Limits {
    Limits::default()
        .with_max_payload(20_000)
        .with_max_queued_bytes(30_000)
        .with_max_buffered_bytes(20_000)
        .with_max_namespaces(16)
        .with_max_pending_acks(100)
}

/// The formula in the documentation of [`Limits`].
fn formula(limits: &Limits) -> usize {
    1_100
        + 1_200
        + limits.max_queued_bytes
        + limits.max_payload
        + limits.max_buffered_bytes * 2
        + limits.max_payload
        + limits.max_payload * 2
        + limits.max_payload * (limits.max_attachments + 1)
        + limits.max_namespaces * (limits.max_namespace_len + 200)
        + limits.max_pending_acks * 250
}

/// A session under attack, whose application lets everybody in and keeps nothing.
struct Victim {
    peer: Peer<ServerSession>,
    received: usize,
    writable: usize,
    closed: Option<DisconnectReason>,
}

impl Victim {
    fn new(query: &str, carrier: Carrier) -> Self {
        let config = Config::default().with_limits(limits()).with_allow_eio3(true);
        let wants_websocket = matches!(carrier, Carrier::WebSocket(_));
        let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket };
        let router = Router::new(config).expect("valid");
        let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
        let session = handshake.accept(NOW, Sid::from_entropy([1; 15]), carrier);
        let config = Arc::new(socketio::Config::default());
        let peer = Peer::new(session, Connection::new(config));
        let mut victim = Self { peer, received: 0, writable: 0, closed: None };
        victim.drain(true);
        victim
    }

    fn websocket() -> Self {
        Self::new("EIO=4&transport=websocket", Carrier::WebSocket(WS))
    }

    fn polling(revision: u8) -> Self {
        Self::new(&format!("EIO={revision}&transport=polling"), Carrier::Request(RequestId(0)))
    }

    fn joined(mut self) -> Self {
        self.hears("40".into());
        self
    }

    fn hears(&mut self, text: String) {
        self.frame(Frame::Text(Text::from(text)));
    }

    fn frame(&mut self, frame: Frame) {
        self.peer.handle(NOW, Input::WsFrame { ws: WS, frame });
        self.drain(true);
    }

    fn posts(&mut self, revision: Revision, body: String) {
        let (id, revision) = (RequestId(1), Some(revision));
        self.peer.handle(NOW, Input::Post { id, revision, format: BodyFormat::Text });
        self.peer.handle(NOW, Input::Body { id, body: Bytes::from(body) });
        self.drain(true);
    }

    /// Polls until there is nothing more to read, and counts what the client looks for.
    fn reads_everything(&mut self, what: &str) -> usize {
        let mut read = 0;
        for id in 10.. {
            self.peer.handle(NOW, Input::Poll { id: RequestId(id), revision: Some(Revision::V4) });
            let bodies = self.drain(true);
            if bodies.iter().all(|body| body == "ok") {
                break;
            }
            read += bodies.iter().map(|body| body.matches(what).count()).sum::<usize>();
        }
        read
    }

    /// Takes everything out, and returns the bodies of answers.
    fn drain(&mut self, accepts: bool) -> Vec<String> {
        let mut bodies = Vec::new();
        while let Some(output) = self.peer.poll_output() {
            match output {
                Output::Event(Event::ConnectRequested { namespace, .. }) if accepts => {
                    self.peer.socketio().accept(&namespace, &Sid::from_entropy([2; 15])).expect("it asks");
                }
                Output::Event(Event::Received { reply, .. }) => {
                    self.received += 1;
                    if let Some(reply) = reply {
                        self.peer.socketio().acknowledge(reply, Args::empty()).expect("joined");
                    }
                }
                Output::Event(Event::Writable) => self.writable += 1,
                Output::Event(Event::Closed(reason)) => self.closed = Some(reason),
                Output::Transmit(Transmit::Respond { response, .. }) => {
                    bodies.push(String::from_utf8_lossy(&response.body).into_owned());
                }
                _ => {}
            }
        }
        bodies
    }
}

/// It stays within the formula, and the attack is one: it makes the session hold at least so much.
fn attack(least: usize, run: impl FnOnce() -> Victim) -> Victim {
    let (victim, held) = held(run);
    let most = formula(&limits());
    assert!((least..=most).contains(&held), "{held} bytes, not {least} to {most}");
    victim
}

//= SRV-LIM-01
fn withheld_attachments_are_bounded() {
    let payload = limits().max_payload;
    let victim = attack(9 * payload, || {
        let mut victim = Victim::websocket().joined();
        let placeholders: String = (0..10).map(|num| format!(r#",{{"_placeholder":true,"num":{num}}}"#)).collect();
        let padding = "x".repeat(payload - 1_000);
        victim.hears(format!(r#"4510-["e","{padding}"{placeholders}]"#));
        for _ in 0..9 {
            victim.frame(Frame::Binary(Bytes::from(vec![7; payload])));
        }
        victim
    });
    assert_eq!((victim.received, victim.closed), (0, None));
}

/// The program is refused before too much waits, and all that was taken arrives when the client reads.
//= SRV-LIM-01
fn an_unread_queue_is_bounded() {
    for size in [1, 1_000] {
        let args = Args::encode(&("x".repeat(size),)).expect("a list");
        let mut taken = 0;
        let mut victim = attack(20_000, || {
            let mut victim = Victim::polling(4);
            victim.posts(Revision::V4, "40".into());
            while victim.peer.socketio().emit(&Namespace::root(), "e", &args).is_ok() {
                victim.drain(true);
                taken += 1;
            }
            victim
        });
        assert_eq!(victim.peer.socketio().emit(&Namespace::root(), "e", &args), Err(EmitError::BufferFull));
        let read = victim.reads_everything("42[");
        assert_eq!((read, victim.writable, victim.closed), (taken, 1, None));
    }
}

/// Positions, for example, which the program goes on to emit while it leaves its outputs in the machine.
//= SRV-LIM-01
//= SRV-BC-02
fn volatile_events_of_a_program_that_cannot_write_are_bounded() {
    let mut victim = attack(100, || {
        let mut victim = Victim::websocket().joined();
        for _ in 0..10_000 {
            victim.peer.socketio().emit_volatile(&Namespace::root(), "at", ("x".repeat(100),)).expect("joined");
        }
        victim
    });
    assert_eq!(core::iter::from_fn(|| victim.peer.poll_output()).count(), 1);
}

/// Each event asks for an answer, and no answer is read: what is not answered yet waits where it arrived.
//= SRV-LIM-01
fn unread_answers_are_bounded() {
    let count = limits().max_payload / 8;
    let mut polling = attack(20_000, || {
        let mut victim = Victim::polling(4);
        victim.posts(Revision::V4, "40".into());
        victim.posts(Revision::V4, ["420[\"\"]"; 2_000].join("\x1e"));
        victim
    });
    assert!(polling.received < 2_000, "all were handed on");
    assert_eq!(polling.reads_everything("430[]"), 2_000);
    assert_eq!((polling.received, polling.closed), (2_000, None));

    let websocket = attack(0, || {
        let mut victim = Victim::websocket().joined();
        // The program cannot write, and reads for as long as the machine takes input.
        for _ in 0..count {
            if victim.peer.wants_input() {
                let frame = Frame::Text(Text::from(String::from("420[\"\"]")));
                victim.peer.handle(NOW, Input::WsFrame { ws: WS, frame });
            }
        }
        victim
    });
    assert!(!websocket.peer.wants_input());
}

/// Each asks for another namespace, with all that a message can hold, and is not answered.
//= SRV-LIM-01
fn open_questions_are_bounded() {
    let mut victim = attack(1_000, || {
        let mut victim = Victim::websocket();
        for number in 0..limits().max_namespaces {
            let frame = Frame::Text(Text::from(connect(number)));
            victim.peer.handle(NOW, Input::WsFrame { ws: WS, frame });
            victim.drain(false);
        }
        victim
    });
    victim.hears(connect(99));
    assert_eq!(victim.closed, Some(DisconnectReason::Violation(Violation::TooManyNamespaces)));
}

/// The same, and is answered.
//= SRV-LIM-01
fn namespaces_are_bounded() {
    attack(1_000, || {
        let mut victim = Victim::websocket();
        for number in 0..limits().max_namespaces {
            victim.hears(connect(number));
        }
        victim
    });
}

fn connect(number: usize) -> String {
    format!(r#"40/{number},{{"a":"{}"}}"#, "x".repeat(limits().max_payload - 100))
}

//= SRV-LIM-01
fn unsolicited_pongs_are_bounded() {
    let victim = attack(0, || {
        let mut victim = Victim::websocket().joined();
        for _ in 0..10_000 {
            victim.hears(format!("3{}", "x".repeat(100)));
        }
        victim
    });
    assert_eq!(victim.closed, None);
}

/// In revision 3 clients ping, and each ping is answered.
//= SRV-LIM-01
fn unread_pongs_are_bounded() {
    attack(5_000, || {
        let mut victim = Victim::polling(3);
        for _ in 0..1_000 {
            victim.posts(Revision::V3, format!("1001:2{}", "x".repeat(1_000)));
        }
        victim
    });
}

/// As many as are allowed, again and again; and more than that, which are refused.
//= SRV-LIM-01
fn placeholders_are_bounded() {
    let placeholder = r#",{"_placeholder":true,"num":0}"#;
    let packet = |count| format!(r#"451-["e","{}"{}]"#, "x".repeat(10_000), placeholder.repeat(count));
    let mut victim = attack(10_000, || {
        let mut victim = Victim::websocket().joined();
        for _ in 0..20 {
            victim.hears(packet(10));
            victim.frame(Frame::Binary(Bytes::from(vec![7; limits().max_payload])));
        }
        victim.hears(packet(10));
        victim
    });
    assert_eq!((victim.received, victim.closed), (20, None));
    victim.frame(Frame::Binary(Bytes::new()));
    victim.hears(packet(300));
    assert_eq!(victim.closed, Some(DisconnectReason::InvalidPacket(DecodeErrorKind::TooManyPlaceholders)));
}

//= SRV-LIM-01
fn packets_of_one_body_are_bounded() {
    let (id, revision) = (RequestId(1), Some(Revision::V4));
    // Nothing is taken out: what the body says waits in it.
    attack(limits().max_payload / 2, || {
        let mut victim = Victim::polling(4);
        victim.peer.handle(NOW, Input::Post { id, revision, format: BodyFormat::Text });
        let body = Bytes::from("6\x1e".repeat(limits().max_payload / 2 - 1) + "6");
        victim.peer.handle(NOW, Input::Body { id, body });
        victim
    });
}

//= SRV-LIM-01
fn questions_to_the_client_are_bounded() {
    attack(5_000, || {
        let mut victim = Victim::websocket().joined();
        for number in 0..limits().max_pending_acks + 1 {
            let (root, none) = (Namespace::root(), Args::empty());
            let asked = victim.peer.socketio().emit_with_ack(NOW, &root, "ask", &none, Duration::from_secs(60));
            assert_eq!(asked.is_ok(), number < limits().max_pending_acks);
            victim.drain(true);
        }
        victim
    });
}
