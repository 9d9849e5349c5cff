//! The language of the scenarios: what happens, and what the connection makes of it.
//!
//! Every step takes all outputs out; every expectation names the next one. A step, or the end of the scenario, with
//! an output that nothing expected is a failure.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::engineio::{self, CloseReason, Sid};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::{
    AckId, Args, Config, Connection, DisconnectReason, EmitError, Event, Json, Namespace, Reply, Transmit,
};
use crate::text::Text;
use crate::time::Timestamp;

pub(super) struct Script {
    connection: Connection,
    now: Timestamp,
    seen: VecDeque<Output<Transmit, Event>>,
    reply: Option<Reply>,
}

pub(super) const fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn args(json: &str) -> Args {
    Args::from_json(json, Vec::new()).unwrap()
}

pub(super) fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}

/// A connection whose session opened at 0.
pub(super) fn opened() -> Script {
    opened_with(Config::default())
}

pub(super) fn opened_with(config: Config) -> Script {
    opened_by(Connection::new(config))
}

pub(super) fn opened_by(mut connection: Connection) -> Script {
    connection.handle(s(0), engineio::Event::Opened);
    Script { connection, now: s(0), seen: VecDeque::new(), reply: None }.drain()
}

/// A connection that joined these namespaces, in this order.
pub(super) fn joined(names: &[&str]) -> Script {
    names.iter().fold(opened(), |script, name| script.join(name))
}

/// What happens.
impl Script {
    #[track_caller]
    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.assert_seen_all();
        self.now = now;
        self.connection.handle_timeout(now);
        self.drain()
    }

    /// A text message: a packet as it is on the wire, without the digit of Engine.IO.
    #[track_caller]
    pub(super) fn message(self, text: &str) -> Self {
        self.hear(engineio::Event::Message(Frame::Text(Text::from(String::from(text)))))
    }

    #[track_caller]
    pub(super) fn attachment(self, bytes: &'static [u8]) -> Self {
        self.hear(engineio::Event::Message(Frame::Binary(Bytes::from_static(bytes))))
    }

    #[track_caller]
    pub(super) fn session_closed(self, reason: CloseReason) -> Self {
        self.hear(engineio::Event::Closed(reason))
    }

    /// The application lets the client in, under the id `s`.
    #[track_caller]
    pub(super) fn accept(self, name: &str) -> Self {
        self.does(|connection, _| connection.accept(&namespace(name), &Sid::from_wire("s").unwrap()))
    }

    #[track_caller]
    pub(super) fn refuse(self, name: &str, message: &str, data: Option<&'static str>) -> Self {
        let data = data.map(|data| Json::new(Text::from(data)).unwrap());
        self.does(|connection, _| connection.refuse(&namespace(name), message, data.as_ref()))
    }

    #[track_caller]
    pub(super) fn emit(self, name: &str, event: &str, json: &str) -> Self {
        self.does(|connection, _| connection.emit(&namespace(name), event, &args(json)))
    }

    /// Emits `ask`, to be acknowledged within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, name: &str, id: u64) -> Self {
        self.does(|connection, now| {
            let found = connection.emit_with_ack(now, &namespace(name), "ask", &Args::empty(), seconds(10))?;
            assert_eq!(found.value(), id);
            Ok(())
        })
    }

    /// Acknowledges the event that was expected last.
    #[track_caller]
    pub(super) fn acknowledge(mut self, args: &Args) -> Self {
        let reply = self.reply.take().expect("an event that wants an acknowledgement");
        self.does(|connection, _| connection.acknowledge(reply, args))
    }

    pub(super) fn take_reply(mut self, reply: &mut Option<Reply>) -> Self {
        *reply = self.reply.take();
        self
    }

    #[track_caller]
    pub(super) fn disconnect(self, name: &str) -> Self {
        self.does(|connection, _| connection.disconnect(&namespace(name)))
    }

    #[track_caller]
    pub(super) fn close(self) -> Self {
        self.does(|connection, _| {
            connection.close();
            Ok(())
        })
    }

    #[track_caller]
    pub(super) fn cannot(
        mut self,
        error: EmitError,
        verb: impl FnOnce(&mut Connection, Timestamp) -> Result<(), EmitError>,
    ) -> Self {
        self.assert_seen_all();
        assert_eq!(verb(&mut self.connection, self.now), Err(error));
        self.drain()
    }

    #[track_caller]
    pub(super) fn does(mut self, verb: impl FnOnce(&mut Connection, Timestamp) -> Result<(), EmitError>) -> Self {
        self.assert_seen_all();
        verb(&mut self.connection, self.now).unwrap();
        self.drain()
    }

    #[track_caller]
    fn hear(mut self, event: engineio::Event) -> Self {
        self.assert_seen_all();
        self.connection.handle(self.now, event);
        self.drain()
    }

    #[track_caller]
    fn join(self, name: &str) -> Self {
        let mut script = self.message(&alloc::format!("0{name},"));
        script.seen.clear();
        let mut script = script.accept(name);
        script.seen.clear();
        script
    }
}

/// What the connection makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_requested(self, name: &str, auth: Option<&str>) -> Self {
        let auth = auth.map(|auth| Json::new(Text::from(String::from(auth))).unwrap());
        self.expect_event(&Event::ConnectRequested { namespace: namespace(name), auth })
    }

    /// One packet: its text with the digit of Engine.IO.
    #[track_caller]
    pub(super) fn expect_sent(self, text: &str) -> Self {
        self.expect_sent_with(text, &[])
    }

    #[track_caller]
    pub(super) fn expect_sent_with(mut self, text: &str, attachments: &[&'static [u8]]) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::Send(messages)) = output else { panic!("nothing sent: {output:?}") };
        let text = Frame::Text(Text::from(String::from(text)));
        let attachments = attachments.iter().map(|bytes| Frame::Binary(Bytes::from_static(bytes)));
        let expected: Vec<_> = [text].into_iter().chain(attachments).collect();
        assert_eq!(messages.frames().collect::<Vec<_>>(), expected);
        self
    }

    /// One packet of the msgpack parser.
    #[cfg(feature = "msgpack")]
    #[track_caller]
    pub(super) fn expect_sent_bytes(mut self, bytes: &'static [u8]) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::Send(messages)) = output else { panic!("nothing sent: {output:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::Binary(Bytes::from_static(bytes))]);
        self
    }

    #[track_caller]
    pub(super) fn expect_received(mut self, name: &str, event: &str, items: &str, ack: Option<u64>) -> Self {
        let output = self.next();
        let Output::Event(Event::Received { namespace: found, name: event_name, args, reply }) = output else {
            panic!("no event: {output:?}")
        };
        assert_eq!((found.as_str(), event_name.as_str(), args.items()), (name, event, items));
        assert_eq!(reply.as_ref().map(|reply| reply.id().value()), ack);
        self.reply = reply;
        self
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

    /// One packet that is dropped if it cannot leave at once.
    #[track_caller]
    pub(super) fn expect_sent_volatile(mut self, text: &'static str) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::SendVolatile(messages)) = output else { panic!("not volatile: {output:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::from(text)]);
        self
    }

    #[track_caller]
    pub(super) fn expect_disconnected(self, name: &str, reason: DisconnectReason) -> Self {
        self.expect_event(&Event::Disconnected { namespace: namespace(name), reason })
    }

    #[track_caller]
    pub(super) fn expect_close(mut self) -> Self {
        assert_eq!(self.next(), Output::Transmit(Transmit::Close));
        self
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: DisconnectReason) -> Self {
        self.expect_event(&Event::Closed(reason)).expect_deadline(None)
    }

    #[track_caller]
    pub(super) fn expect_nothing(self) -> Self {
        self.assert_seen_all();
        self
    }

    #[track_caller]
    pub(super) fn expect_deadline(self, at: Option<Timestamp>) -> Self {
        assert_eq!(self.connection.next_deadline(), at);
        self
    }

    #[track_caller]
    pub(super) fn expect_namespaces(self, names: &[&str]) -> Self {
        assert_eq!(self.connection.namespaces().map(Namespace::as_str).collect::<Vec<_>>(), names);
        self
    }

    #[track_caller]
    fn expect_event(mut self, event: &Event) -> Self {
        let output = self.next();
        let Output::Event(found) = output else { panic!("no event: {output:?}") };
        assert_eq!(found, *event);
        self
    }

    #[track_caller]
    fn next(&mut self) -> Output<Transmit, Event> {
        self.seen.pop_front().expect("another output")
    }

    fn drain(mut self) -> Self {
        while let Some(output) = self.connection.poll_output() {
            self.seen.push_back(output);
        }
        self
    }

    #[track_caller]
    fn assert_seen_all(&self) {
        assert!(self.seen.is_empty(), "nobody expected {:?}", self.seen);
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // The first failure is the one to report.
        if !std::thread::panicking() {
            self.assert_seen_all();
        }
    }
}
