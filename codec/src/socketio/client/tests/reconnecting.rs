//! Clients that lose their sessions.

use alloc::vec::Vec;
use core::time::Duration;

use super::script::{LOST, UNWANTED, json, namespace, s, seconds};
use crate::engineio::client::{self as sessions, Input, Transmit, Transports};
use crate::engineio::{CloseReason, Revision, Violation, WsId};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::scenario::{self, id, ms};
use crate::socketio::client::{Auth, Client, Config, Event, Reconnection, State};
use crate::socketio::{Args, DecodeErrorKind, DisconnectReason, Namespace};

const OPEN: &str = r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

/// A client over WebSockets, the newest of which is the note.
type Script = scenario::Script<Client, WsId>;

/// Delays without a random part.
fn even() -> Config {
    Config::default().with_reconnection(Some(Reconnection::default().with_jitter(0.0)))
}

fn client(config: Config) -> Script {
    let sessions = sessions::Config::default().with_transports(Transports::WebSocketOnly);
    Script::new(Client::new(sessions, config, 7), WsId(0))
}

/// A client in the main namespace.
fn joined(config: Config) -> Script {
    client(config).wants("/").expect_ws().opens().expect_opened().expect_sent("40").lets_in()
}

impl Script {
    #[track_caller]
    fn wants(self, name: &str) -> Self {
        self.does(|client, now| client.socketio(now).connect(&namespace(name), Auth::None).unwrap())
    }

    #[track_caller]
    fn emits(self, name: &str) -> Self {
        self.does(|client, now| client.socketio(now).emit(&Namespace::root(), name, Args::empty()).unwrap())
    }

    /// The WebSocket is established and brings the open packet.
    #[track_caller]
    fn opens(self) -> Self {
        let ws = self.notes;
        self.input(Input::WsOpened { ws }).frame(OPEN)
    }

    /// The server lets the client into the main namespace.
    #[track_caller]
    fn lets_in(self) -> Self {
        let connected = Event::Connected { namespace: Namespace::root(), sid: Some(id("x")), recovered: false };
        self.frame(r#"40{"sid":"x"}"#).expect_event(&connected)
    }

    #[track_caller]
    fn frame(self, text: &str) -> Self {
        let frame = Frame::Text(scenario::text(text));
        let ws = self.notes;
        self.input(Input::WsFrame { ws, frame })
    }

    #[track_caller]
    fn breaks(self) -> Self {
        let ws = self.notes;
        self.input(Input::WsClosed { ws })
    }

    /// A new WebSocket, whose request names no session.
    #[track_caller]
    fn expect_ws(mut self) -> Self {
        let transmit = self.next_transmit();
        let Transmit::WsConnect { ws, query } = transmit else { panic!("no WebSocket: {transmit:?}") };
        assert_eq!(query, "EIO=4&transport=websocket");
        assert_ne!(ws, self.notes, "a name of its own");
        self.notes = ws;
        self
    }

    #[track_caller]
    fn expect_opened(self) -> Self {
        self.expect_event(&Event::Opened)
    }

    #[track_caller]
    fn expect_sent(self, text: &str) -> Self {
        let frame = Frame::Text(scenario::text(text));
        let ws = self.notes;
        self.expect_transmit(&Transmit::WsSend { ws, frame })
    }

    #[track_caller]
    fn expect_ws_close(self) -> Self {
        let ws = self.notes;
        self.expect_transmit(&Transmit::WsClose { ws })
    }

    #[track_caller]
    fn expect_lost(self) -> Self {
        self.expect_event(&Event::Disconnected { namespace: Namespace::root(), reason: LOST })
            .expect_event(&Event::Closed(LOST))
    }

    /// The session could not be opened.
    #[track_caller]
    fn expect_failed(self) -> Self {
        self.expect_event(&Event::Closed(DisconnectReason::Engine(CloseReason::TransportError(Violation::NoAnswer))))
    }

    #[track_caller]
    fn expect_reconnecting(self, attempt: u32, millis: u64) -> Self {
        let delay = Duration::from_millis(millis);
        let due = self.now.saturating_add(delay);
        self.expect_event(&Event::Reconnecting { attempt, delay })
            .expect_deadline(Some(due))
            .expect_state(State::Waiting { until: due })
    }

    #[track_caller]
    fn expect_state(self, state: State) -> Self {
        assert_eq!(self.machine.state(), state);
        self
    }

    /// Nothing will happen any more.
    #[track_caller]
    fn expect_rest(self, state: State) -> Self {
        self.expect_nothing().expect_deadline(None).expect_state(state)
    }
}

#[test]
fn no_namespace_no_session() {
    client(even()).expect_rest(State::Idle).does(|client, now| client.open(now)).expect_rest(State::Idle);
}

//= SIO5-CLI-01
//= SIO5-CLI-02
//= SIO5-CLI-04
#[test]
fn the_delays_grow_until_a_session_opens() {
    joined(even())
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .at(ms(999))
        .at(ms(1_000))
        .expect_ws()
        .expect_state(State::Opening)
        .breaks()
        .expect_failed()
        .expect_reconnecting(2, 2_000)
        .at(ms(3_000))
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(3, 4_000)
        .at(ms(7_000))
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(4, 5_000)
        .at(ms(12_000))
        .expect_ws()
        .opens()
        .expect_opened()
        .expect_event(&Event::Reconnected { attempts: 4 })
        .expect_sent("40")
        .expect_state(State::Open)
        .lets_in()
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000);
}

/// Also when nothing but the session came to be.
//= SIO5-CLI-02
#[test]
fn a_session_that_opened_begins_the_count_anew() {
    joined(even())
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .at(s(1))
        .expect_ws()
        .opens()
        .expect_opened()
        .expect_event(&Event::Reconnected { attempts: 1 })
        .expect_sent("40")
        .breaks()
        .expect_event(&Event::Closed(LOST))
        .expect_reconnecting(1, 1_000);
}

//= SIO5-CLI-01
#[test]
fn the_first_session_is_tried_again_like_the_others() {
    client(even())
        .wants("/")
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(1, 1_000)
        .at(s(1))
        .expect_ws()
        .opens()
        .expect_opened()
        .expect_event(&Event::Reconnected { attempts: 1 })
        .expect_sent("40");
}

//= SIO5-CLI-01
#[test]
fn a_session_that_does_not_open_in_time() {
    let reason = DisconnectReason::Engine(CloseReason::ConnectTimeout);
    client(even())
        .wants("/")
        .expect_ws()
        .expect_deadline(Some(s(20)))
        .at(s(20))
        .expect_ws_close()
        .expect_event(&Event::Closed(reason))
        .expect_reconnecting(1, 1_000);
    assert_eq!(reason.as_client_str(), "timeout");
}

//= SIO5-CLI-03
#[test]
fn enough_attempts() {
    let reconnection = Reconnection::default().with_jitter(0.0).with_attempts(Some(2));
    client(Config::default().with_reconnection(Some(reconnection)))
        .wants("/")
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(1, 1_000)
        .at(s(1))
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(2, 2_000)
        .at(s(3))
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_event(&Event::ReconnectFailed)
        .expect_rest(State::Stopped)
        // As many again, when the program wishes.
        .does(|client, now| client.open(now))
        .expect_ws()
        .breaks()
        .expect_failed()
        .expect_reconnecting(1, 1_000);
}

//= SIO5-CLI-03
#[test]
fn no_attempts() {
    joined(Config::default().with_reconnection(None))
        .breaks()
        .expect_lost()
        .expect_rest(State::Stopped)
        .emits("kept")
        .does(|client, now| client.open(now))
        .expect_ws()
        .opens()
        .expect_opened()
        .expect_sent("40")
        .lets_in()
        .expect_sent(r#"42["kept"]"#);
}

//= SIO5-CLI-05
//= SIO5-DIS-06
#[test]
fn what_the_server_ends_is_not_begun_again() {
    let root = Namespace::root;
    joined(even())
        .frame("41")
        .expect_event(&Event::Disconnected { namespace: root(), reason: DisconnectReason::ServerNamespace })
        .expect_ws_close()
        .expect_event(&Event::Closed(UNWANTED))
        .expect_rest(State::Idle)
        .wants("/")
        .expect_ws();
}

//= SIO5-CLI-05
//= SIO5-DIS-05
#[test]
fn what_the_client_ends_is_not_begun_again() {
    joined(even())
        .does(|client, now| client.socketio(now).disconnect(&Namespace::root()).unwrap())
        .expect_event(&Event::Disconnected { namespace: Namespace::root(), reason: DisconnectReason::ClientNamespace })
        .expect_sent("41")
        .expect_ws_close()
        .expect_event(&Event::Closed(UNWANTED))
        .expect_rest(State::Idle);
}

//= SIO5-CLI-05
#[test]
fn a_client_that_closes_while_it_waits_or_connects() {
    joined(even())
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .does(|client, now| client.socketio(now).close())
        .expect_rest(State::Idle);
    client(even())
        .wants("/")
        .expect_ws()
        .does(|client, now| client.socketio(now).close())
        .expect_ws_close()
        .expect_event(&Event::Closed(UNWANTED))
        .expect_rest(State::Idle);
}

/// That was no loss, so there is no delay.
#[test]
fn a_new_wish_while_the_session_closes() {
    let root = Namespace::root();
    joined(even())
        .does(|client, now| {
            client.socketio(now).disconnect(&root).unwrap();
            client.socketio(now).connect(&root, Auth::None).unwrap();
        })
        .expect_event(&Event::Disconnected { namespace: root.clone(), reason: DisconnectReason::ClientNamespace })
        .expect_sent("41")
        .expect_ws_close()
        .expect_event(&Event::Closed(UNWANTED))
        .expect_ws();
}

//= SIO5-ERR-03
#[test]
fn a_server_that_cannot_be_understood() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType);
    joined(even())
        .frame("49")
        .expect_event(&Event::Disconnected { namespace: Namespace::root(), reason })
        .expect_ws_close()
        .expect_event(&Event::Closed(reason))
        .expect_reconnecting(1, 1_000);
}

//= SIO5-CLI-04
#[test]
fn reports_about_an_earlier_session_are_no_news() {
    let script = joined(even());
    let earlier = script.notes;
    script
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .input(Input::WsClosed { ws: earlier })
        .at(s(1))
        .expect_ws()
        .input(Input::WsClosed { ws: earlier })
        .input(Input::WsOpened { ws: earlier })
        .input(Input::WsFrame { ws: earlier, frame: OPEN.into() })
        .expect_state(State::Opening)
        .opens()
        .expect_opened()
        .expect_event(&Event::Reconnected { attempts: 1 })
        .expect_sent("40")
        .input(Input::WsFrame { ws: earlier, frame: r#"40{"sid":"x"}"#.into() })
        .lets_in();
}

//= SIO5-CLI-06
//= SIO5-CON-25
#[test]
fn namespaces_and_events_are_taken_along() {
    let chat = namespace("/chat");
    joined(even())
        .does(|client, now| client.socketio(now).connect(&chat, Auth::Fresh).unwrap())
        .expect_event(&Event::AuthWanted { namespace: chat.clone() })
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .emits("one")
        .at(s(1))
        .expect_ws()
        .emits("two")
        .opens()
        .expect_opened()
        .expect_event(&Event::Reconnected { attempts: 1 })
        .expect_event(&Event::AuthWanted { namespace: chat.clone() })
        .expect_sent("40")
        .does(|client, now| client.socketio(now).authenticate(&chat, Some(json(r#"{"token":2}"#))).unwrap())
        .expect_sent(r#"40/chat,{"token":2}"#)
        .lets_in()
        .expect_sent(r#"42["one"]"#)
        .expect_sent(r#"42["two"]"#);
}

/// The time to open a session runs from the wish for it, however long the client has rested.
#[test]
fn a_wish_after_a_long_rest() {
    let mut script = client(even());
    script.now = s(1_000);
    script.wants("/").expect_ws().expect_deadline(Some(s(1_020)));
}

#[test]
fn a_program_that_knows_better_need_not_wait() {
    joined(even())
        .breaks()
        .expect_lost()
        .expect_reconnecting(1, 1_000)
        .does(|client, now| client.open(now))
        .expect_ws()
        .does(|client, now| client.open(now))
        .expect_state(State::Opening);
}

/// The clients of a server that restarts do not come back all at once, and each the same way every time.
//= SIO5-CLI-01
#[test]
fn seeds_spread_the_delays() {
    let delay = |seed| {
        let sessions = sessions::Config::default().with_transports(Transports::WebSocketOnly);
        let mut client = Client::new(sessions, Config::default(), seed);
        client.socketio(s(0)).connect(&Namespace::root(), Auth::None).unwrap();
        let Some(Output::Transmit(Transmit::WsConnect { ws, .. })) = client.poll_output() else {
            panic!("no WebSocket")
        };
        client.handle(s(0), Input::WsClosed { ws });
        let events = core::iter::from_fn(|| client.poll_output()).last();
        let Some(Output::Event(Event::Reconnecting { delay, .. })) = events else { panic!("gave up: {events:?}") };
        delay
    };
    let delays = [1, 2, 3, 4].map(delay);
    assert_eq!(delays, [1, 2, 3, 4].map(delay));
    assert!(delays.iter().all(|delay| (500..=1_500).contains(&delay.as_millis())), "{delays:?}");
    assert!(delays.iter().skip(1).all(|delay| *delay != delays[0]), "{delays:?}");
}

/// Inputs mean the same whether outputs are taken out between them or not.
#[test]
fn inputs_that_are_fed_back_to_back() {
    let mut script = client(even()).wants("/").expect_ws();
    let (ws, together) = (script.notes, &mut script.machine);
    together.handle(s(0), Input::WsOpened { ws });
    together.handle(s(0), Input::WsFrame { ws, frame: OPEN.into() });
    together.handle(s(1), Input::WsFrame { ws, frame: r#"40{"sid":"x"}"#.into() });
    together.handle(s(2), Input::WsClosed { ws });
    together.handle_timeout(s(3));
    let outputs = core::iter::from_fn(|| together.poll_output());
    let events: Vec<_> =
        outputs.filter_map(|output| if let Output::Event(event) = output { Some(event) } else { None }).collect();
    let root = Namespace::root;
    let expected = [
        Event::Opened,
        Event::Connected { namespace: root(), sid: Some(id("x")), recovered: false },
        Event::Disconnected { namespace: root(), reason: LOST },
        Event::Closed(LOST),
        Event::Reconnecting { attempt: 1, delay: seconds(1) },
    ];
    assert_eq!(events, expected);
    assert_eq!(together.state(), State::Waiting { until: s(4) }, "from when the program learned of the loss");
}

/// What a server sends to everybody who connects is as wrong the next time.
#[test]
fn a_fault_that_comes_back_every_time() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    let ends = |script: Script| {
        script
            .frame("42{}")
            .expect_event(&Event::Disconnected { namespace: Namespace::root(), reason })
            .expect_ws_close()
            .expect_event(&Event::Closed(reason))
    };
    let again = |script: Script| script.opens().expect_opened().expect_event(&Event::Reconnected { attempts: 1 });
    let script = ends(joined(even())).expect_reconnecting(1, 1_000).at(s(1)).expect_ws();
    let script = ends(again(script).expect_sent("40").lets_in()).expect_reconnecting(1, 1_000).at(s(2)).expect_ws();
    // A loss in between, or a session that lasts, and it is another fault.
    let lost = again(script).expect_sent("40").lets_in().breaks().expect_lost().expect_reconnecting(1, 1_000);
    let mut script = lost.at(s(3)).expect_ws();
    for start in [3, 4] {
        script =
            ends(again(script).expect_sent("40").lets_in()).expect_reconnecting(1, 1_000).at(s(start + 1)).expect_ws();
    }
    ends(again(script).expect_sent("40").lets_in())
        .expect_event(&Event::ReconnectFailed)
        .expect_state(State::Stopped)
        .expect_deadline(None)
        .does(Client::open)
        .expect_ws();
}

#[test]
fn the_revision_of_the_sessions_decides_about_the_protocol() {
    let sessions = sessions::Config::default().with_transports(Transports::WebSocketOnly).with_revision(Revision::V3);
    let client = Client::new(sessions, Config::default(), 7);
    let mut script = Script::new(client, WsId(0));
    script.machine.socketio(s(0)).connect(&Namespace::root(), Auth::None).unwrap();
    let Some(Output::Transmit(Transmit::WsConnect { ws, query })) = script.machine.poll_output() else {
        panic!("no WebSocket")
    };
    assert_eq!(query, "EIO=3&transport=websocket");
    script.notes = ws;
    script.opens().expect_opened().frame("40").expect_event(&Event::Connected {
        namespace: Namespace::root(),
        sid: None,
        recovered: false,
    });
}
