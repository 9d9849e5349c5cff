//! The [language of the scenarios](crate::scenario), as far as only a server's connection speaks it.

use crate::engineio::{self, Sid};
use crate::limits::Limits;
use crate::machine::Machine as _;
use crate::scenario::{self, json};
pub(super) use crate::scenario::{args, namespace, s, seconds};
use crate::socketio::{AckId, Args, Config, Connection, DisconnectReason, Event, Reply};

pub(super) type Script = scenario::Script<Connection, Option<Reply>>;

/// A connection whose session opened at 0.
pub(super) fn opened() -> Script {
    opened_with(Config::default())
}

pub(super) fn opened_with(config: Config) -> Script {
    opened_by(Connection::new(config))
}

pub(super) fn opened_within(limits: Limits) -> Script {
    opened_by(Connection::new(Config::default()).with_limits(limits))
}

pub(super) fn opened_by(mut connection: Connection) -> Script {
    connection.handle(s(0), engineio::Event::Opened);
    Script::new(connection, None)
}

/// A connection that joined these namespaces, in this order.
pub(super) fn joined(names: &[&str]) -> Script {
    names.iter().fold(opened(), |script, name| script.join(name))
}

/// What happens.
impl Script {
    /// The application lets the client in, under the id `s`.
    #[track_caller]
    pub(super) fn accept(self, name: &str) -> Self {
        self.does(|connection, _| connection.accept(&namespace(name), &Sid::from_wire("s").unwrap()))
    }

    #[track_caller]
    pub(super) fn refuse(self, name: &str, message: &str, data: Option<&'static str>) -> Self {
        let data = data.map(json);
        self.does(|connection, _| connection.refuse(&namespace(name), message, data.as_ref()))
    }

    /// Emits `ask`, to be acknowledged within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, name: &str, id: u64) -> Self {
        self.does(|connection, now| {
            let found = connection.emit_with_ack(now, &namespace(name), "ask", Args::empty(), seconds(10));
            assert_eq!(found.map(AckId::value), Ok(id));
        })
    }

    #[track_caller]
    fn join(self, name: &str) -> Self {
        self.message(&alloc::format!("0{name},")).whatever().accept(name).whatever()
    }
}

/// What the connection makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_requested(self, name: &str, auth: Option<&str>) -> Self {
        let auth = auth.map(json);
        self.expect_event(&Event::ConnectRequested { namespace: namespace(name), auth })
    }

    #[track_caller]
    pub(super) fn expect_acked(self, name: &str, id: u64, json: &str) -> Self {
        let id = AckId::new(id).unwrap();
        self.expect_event(&Event::Acked { namespace: namespace(name), id, args: args(json) })
    }

    #[track_caller]
    pub(super) fn expect_timed_out(self, name: &str, id: u64) -> Self {
        self.expect_event(&Event::AckTimedOut { namespace: namespace(name), id: AckId::new(id).unwrap() })
    }

    #[track_caller]
    pub(super) fn expect_broadcast_acked(self, name: &str, id: u64, json: &str) -> Self {
        let id = AckId::new(id).unwrap();
        self.expect_event(&Event::BroadcastAcked { namespace: namespace(name), id, args: args(json) })
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: DisconnectReason) -> Self {
        self.expect_event(&Event::Closed(reason)).expect_deadline(None)
    }
}
