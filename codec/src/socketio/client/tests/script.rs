//! The [language of the scenarios](crate::scenario), as far as only a client's connection speaks it.

use alloc::vec::Vec;
use core::time::Duration;

use crate::engineio::{self, CloseReason, SendError};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::scenario::{self, id, text};
pub(super) use crate::scenario::{args, json, namespace, s, seconds};
use crate::socketio::client::{Auth, Config, Connection, EmitId, Event, Refusal};
use crate::socketio::layer::sealed::Sealed as _;
use crate::socketio::{Args, DisconnectReason, Reply};

pub(super) type Script = scenario::Script<Connection, Option<Reply>>;

/// Why a session ends when nobody meant it to.
pub(super) const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

/// Why a session ends that nobody wants any more.
pub(super) const UNWANTED: DisconnectReason = DisconnectReason::Engine(CloseReason::ForcedClose);

/// A connection whose session is not open yet.
pub(super) fn waiting() -> Script {
    waiting_with(Config::default())
}

pub(super) fn waiting_with(config: Config) -> Script {
    Script::new(Connection::new(config), None)
}

pub(super) fn waiting_within(limits: Limits) -> Script {
    Script::new(Connection::new(Config::default()).with_limits(limits), None)
}

/// A connection whose session opened at 0.
pub(super) fn opened() -> Script {
    waiting().open()
}

/// A connection in these namespaces, in this order, under the id `s`.
pub(super) fn joined(names: &[&str]) -> Script {
    joined_with(Config::default(), names)
}

pub(super) fn joined_with(config: Config, names: &[&str]) -> Script {
    joined_within(config, Limits::default(), names)
}

pub(super) fn joined_within(config: Config, limits: Limits, names: &[&str]) -> Script {
    let waiting = Script::new(Connection::new(config).with_limits(limits), None);
    names.iter().fold(waiting.open(), |script, name| {
        let script = script.connect(name, Auth::None).whatever();
        script.message(&alloc::format!(r#"0{name},{{"sid":"s"}}"#)).whatever()
    })
}

/// What happens.
impl Script {
    /// The session opens.
    #[track_caller]
    pub(super) fn open(self) -> Self {
        self.input(engineio::Event::Opened).expect_event(&Event::Opened)
    }

    /// The next session opens, which asks with these packets.
    #[track_caller]
    pub(super) fn reopen(self, texts: &[&str]) -> Self {
        texts.iter().fold(self.open(), |script, text| script.expect_sent(text))
    }

    /// The session has room again.
    #[track_caller]
    pub(super) fn writable(self) -> Self {
        self.input(engineio::Event::Writable)
    }

    /// The session breaks, for a connection that was in these namespaces.
    #[track_caller]
    pub(super) fn lost(self, names: &[&str]) -> Self {
        let script = self.session_closed(CloseReason::TransportClose);
        names.iter().fold(script, |script, name| script.expect_disconnected(name, LOST)).expect_closed(LOST)
    }

    #[track_caller]
    pub(super) fn connect(self, name: &str, auth: Auth) -> Self {
        self.does(|connection, _| connection.connect(&namespace(name), auth))
    }

    #[track_caller]
    pub(super) fn emit_volatile(self, name: &str, event: &str) -> Self {
        self.does(|connection, _| connection.emit_volatile(&namespace(name), event, Args::empty()))
    }

    /// Emits an event that is to be acknowledged within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, name: &str, event: &str, id: u64) -> Self {
        self.ask_within(Some(seconds(10)), name, event, id)
    }

    #[track_caller]
    pub(super) fn ask_within(self, timeout: Option<Duration>, name: &str, event: &str, id: u64) -> Self {
        self.does(|connection, now| {
            let found = connection.emit_with_ack(now, &namespace(name), event, Args::empty(), timeout);
            assert_eq!(found, Ok(EmitId(id)));
        })
    }
}

/// What the connection makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_auth_wanted(self, name: &str) -> Self {
        self.expect_event(&Event::AuthWanted { namespace: namespace(name) })
    }

    #[track_caller]
    pub(super) fn expect_connected(self, name: &str, sid: &str) -> Self {
        self.expect_event(&Event::Connected { namespace: namespace(name), sid: Some(id(sid)), recovered: false })
    }

    #[track_caller]
    pub(super) fn expect_recovered(self, name: &str, sid: &str) -> Self {
        self.expect_event(&Event::Connected { namespace: namespace(name), sid: Some(id(sid)), recovered: true })
    }

    #[track_caller]
    pub(super) fn expect_refused(self, name: &str, message: &str, data: Option<&str>) -> Self {
        let refusal = Refusal { message: text(message), data: data.map(json) };
        self.expect_event(&Event::Refused { namespace: namespace(name), refusal })
    }

    /// One packet, which the session does not take.
    #[track_caller]
    pub(super) fn expect_sent_in_vain(mut self, packet: &str, error: SendError) -> Self {
        let messages = self.next_sent();
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::Text(text(packet))]);
        self.machine.not_sent(messages, error);
        self.drain()
    }

    #[track_caller]
    pub(super) fn expect_acked(self, name: &str, id: u64, json: &str) -> Self {
        self.expect_event(&Event::Acked { namespace: namespace(name), id: EmitId(id), args: args(json) })
    }

    #[track_caller]
    pub(super) fn expect_timed_out(self, name: &str, id: u64) -> Self {
        self.expect_event(&Event::AckTimedOut { namespace: namespace(name), id: EmitId(id) })
    }

    #[track_caller]
    pub(super) fn expect_ack_lost(self, name: &str, id: u64) -> Self {
        self.expect_event(&Event::AckLost { namespace: namespace(name), id: EmitId(id) })
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: DisconnectReason) -> Self {
        self.expect_event(&Event::Closed(reason))
    }
}
