//! The recorded sessions over a WebSocket, played to a peer with the recorded application.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use serde_json::{Value, json};

use crate::engineio::server::{Carrier, Config, Input, Route, Router, ServerSession, Transmit, WsId};
use crate::engineio::{RequestHead, Sid};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::{self, Connection, Event, Namespace, Peer};
use crate::time::Timestamp;
use crate::vectors::{self, frame, frame_value, list, text};

const WS: WsId = WsId(1);

/// How this server departs from the reference.
#[derive(Clone, Copy)]
enum Decision {
    /// It closes after the CONNECT was answered; the reference goes on.
    ClosesLater,
    /// It closes before it answers anything.
    ClosesAtOnce,
}
use Decision::{ClosesAtOnce, ClosesLater};

/// Every session that goes otherwise, and why it may.
const DIFFERENCES: &[(Decision, &str, &[u16])] = &[
    (ClosesAtOnce, "white space is no packet type: SIO5-PKT-06, DIV-17", &[24]),
    (ClosesAtOnce, "white space is no id: SIO5-PKT-17, DIV-17", &[25]),
    (ClosesAtOnce, "a second CONNECT while the first is pending: SIO5-CON-22, DIV-20", &[39]),
    (ClosesLater, "events and acknowledgements have a payload: SIO5-PKT-14, DIV-18", &[45, 80, 81, 145]),
    (ClosesLater, "an id above 2^53 - 1 would not come back as it was sent: SIO5-PKT-17", &[66]),
    (ClosesLater, "white space is no digit of an id: SIO5-PKT-17, DIV-17, DIV-36", &[67, 68, 69]),
    (ClosesLater, "an acknowledgement without an id acknowledges nothing: `lenient` in S5-103 and S5-104", &[84, 86]),
    (ClosesLater, "a client may close: EIO4-WS-12, DIV-01", &[108, 160]),
    (ClosesLater, "half an attachment does not exist: SIO5-ATT-11", &[123]),
    (ClosesLater, "a count is plain digits: `lenient` in S5-110 to S5-115, DIV-17", &[138, 139, 140, 141, 143]),
];

//= shown by rows of a table:
//= SIO5-ACK-01
//= SIO5-ACK-03
//= SIO5-ACK-12
//= SIO5-ATT-15
//= SIO5-CON-02
//= SIO5-CON-05
//= SIO5-CON-06
//= SIO5-CON-09
//= SIO5-CON-10
//= SIO5-CON-11
//= SIO5-CON-12
//= SIO5-CON-13
//= SIO5-CON-14
//= SIO5-DIS-02
//= SIO5-DIS-03
//= SIO5-ERR-01
#[test]
fn recorded_sessions() {
    for vector in vectors::sio5_server_sessions() {
        let id: u16 = text(&vector, "id").trim_start_matches("S5W-").parse().unwrap();
        let answered: Vec<Value> = list(&vector, "server_frames").to_vec();
        let closed = !vector["ws_close_code"].is_null();
        let expected = match DIFFERENCES.iter().find(|(_, _, ids)| ids.contains(&id)) {
            None => (answered, closed),
            Some((decision, _, _)) => {
                assert!(!closed, "no difference: {vector}");
                let answers = if matches!(decision, ClosesAtOnce) { 0 } else { 1 };
                (answered.into_iter().take(answers).collect(), true)
            }
        };
        let mut client = Client::new();
        client.play(&vector);
        assert_eq!((client.frames, client.closed), expected, "{vector}");
    }
}

/// The client's end of the WebSocket, and the application at the other.
struct Client {
    peer: Peer<ServerSession>,
    now: Timestamp,
    /// Namespaces that the application has yet to answer: it does so when the client pauses, like the reference.
    asking: Vec<Namespace>,
    frames: Vec<Value>,
    closed: bool,
}

impl Client {
    fn new() -> Self {
        let query = "EIO=4&transport=websocket";
        let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
        let Ok(Route::Handshake(handshake)) = Router::new(Config::default()).unwrap().route(&head) else {
            panic!("no handshake")
        };
        let now = Timestamp::ZERO;
        let session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::WebSocket(WS));
        let config = socketio::Config::default().with_connect_timeout(Duration::from_millis(500));
        let peer = Peer::new(session, Connection::new(config));
        let mut client = Self { peer, now, asking: Vec::new(), frames: Vec::new(), closed: false };
        client.carry_out();
        // The open packet is not part of the recordings.
        client.frames.clear();
        client
    }

    fn play(&mut self, vector: &Value) {
        for step in list(vector, "client_frames") {
            match step["wait_ms"].as_u64() {
                Some(pause) => self.pause(pause),
                None => self.send(frame(step)),
            }
        }
        // The recordings end soon after the last frame, except for those that wait for the connect timeout.
        let waits = matches!(text(vector, "name"), "no connect" | "invalid ns then wait");
        self.pause(if waits { 700 } else { 150 });
    }

    fn send(&mut self, frame: Frame) {
        self.peer.handle(self.now, Input::WsFrame { ws: WS, frame });
        self.carry_out();
    }

    fn pause(&mut self, millis: u64) {
        for namespace in core::mem::take(&mut self.asking) {
            self.answer(&namespace);
        }
        self.carry_out();
        self.now = self.now.saturating_add(Duration::from_millis(millis));
        self.peer.handle_timeout(self.now);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.peer.poll_output() {
            match output {
                Output::Transmit(Transmit::WsSend { ws: WS, frame }) => self.frames.push(anonymous(&frame)),
                Output::Transmit(Transmit::WsClose { ws: WS }) => self.closed = true,
                Output::Event(Event::ConnectRequested { namespace, .. }) => self.asking.push(namespace),
                Output::Event(Event::Received { name, args, reply: Some(reply), .. }) if name == "ack" => {
                    self.peer.socketio().acknowledge(reply, &args).unwrap();
                }
                Output::Event(_) => {}
                Output::Transmit(other) => panic!("{other:?}"),
            }
        }
    }

    fn answer(&mut self, namespace: &Namespace) {
        let connection = self.peer.socketio();
        // A connection that was closed meanwhile needs no answer.
        let _ = match namespace.as_str() {
            "/" | "/admin" => connection.accept(namespace, &Sid::from_entropy([9; 15])),
            _ => connection.refuse_unknown(namespace),
        };
    }
}

fn anonymous(frame: &Frame) -> Value {
    let sid = Sid::from_entropy([9; 15]);
    match frame {
        Frame::Text(text) => json!({"text": String::from(text.as_str()).replace(&sid.to_string(), "<sid>")}),
        Frame::Binary(_) => frame_value(frame),
    }
}
