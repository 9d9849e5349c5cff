//! The language of the scenarios: what happens, and what the connection makes of it.
//!
//! Every step takes all outputs out; every expectation names the next one. A step, or the end of the scenario, with
//! an output that nothing expected is a failure.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::engineio::{self, CloseReason, SendError};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::socketio::client::{Auth, Config, Connection, EmitId, Event, Refusal};
use crate::socketio::connection::Transmit;
use crate::socketio::peer::sealed::Sealed as _;
use crate::socketio::{Args, DisconnectReason, EmitError, Json, Namespace, Reply};
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

pub(super) fn json(text: &str) -> Json {
    Json::new(Text::from(String::from(text))).unwrap()
}

pub(super) fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}

/// Why a session ends when nobody meant it to.
pub(super) const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

/// Why a session ends that nobody wants any more.
pub(super) const UNWANTED: DisconnectReason = DisconnectReason::Engine(CloseReason::ForcedClose);

/// A connection whose session is not open yet.
pub(super) fn waiting() -> Script {
    waiting_with(Config::default())
}

pub(super) fn waiting_with(config: Config) -> Script {
    Script { connection: Connection::new(config), now: s(0), seen: VecDeque::new(), reply: None }
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
    names.iter().fold(waiting_with(config).open(), |script, name| {
        let mut script = script.connect(name, Auth::None);
        script.seen.clear();
        let mut script = script.message(&alloc::format!(r#"0{name},{{"sid":"s"}}"#));
        script.seen.clear();
        script
    })
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

    /// The session opens.
    #[track_caller]
    pub(super) fn open(self) -> Self {
        self.hear(engineio::Event::Opened).expect_event(&Event::Opened)
    }

    /// The next session opens, which asks with these packets.
    #[track_caller]
    pub(super) fn reopen(self, texts: &[&str]) -> Self {
        texts.iter().fold(self.open(), |script, text| script.expect_sent(text))
    }

    /// A text message: a packet as it is on the wire, without the digit of Engine.IO.
    #[track_caller]
    pub(super) fn message(self, packet: &str) -> Self {
        self.hear(engineio::Event::Message(Frame::Text(text(packet))))
    }

    #[track_caller]
    pub(super) fn attachment(self, bytes: &'static [u8]) -> Self {
        self.hear(engineio::Event::Message(Frame::Binary(Bytes::from_static(bytes))))
    }

    #[track_caller]
    pub(super) fn session_closed(self, reason: CloseReason) -> Self {
        self.hear(engineio::Event::Closed(reason))
    }

    /// The session has room again.
    #[track_caller]
    pub(super) fn writable(self) -> Self {
        self.hear(engineio::Event::Writable)
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
    pub(super) fn emit(self, name: &str, event: &str, json: &str) -> Self {
        self.does(|connection, _| connection.emit(&namespace(name), event, &args(json)))
    }

    #[track_caller]
    pub(super) fn emit_volatile(self, name: &str, event: &str) -> Self {
        self.does(|connection, _| connection.emit_volatile(&namespace(name), event, &Args::empty()))
    }

    /// Emits an event that is to be acknowledged within ten seconds.
    #[track_caller]
    pub(super) fn ask(self, name: &str, event: &str, id: u64) -> Self {
        self.ask_within(Some(seconds(10)), name, event, id)
    }

    #[track_caller]
    pub(super) fn ask_within(self, timeout: Option<Duration>, name: &str, event: &str, id: u64) -> Self {
        self.does(|connection, now| {
            let found = connection.emit_with_ack(now, &namespace(name), event, &Args::empty(), timeout)?;
            assert_eq!(found, EmitId(id));
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
    pub(super) fn cannot<T: core::fmt::Debug + PartialEq>(
        mut self,
        error: EmitError,
        verb: impl FnOnce(&mut Connection, Timestamp) -> Result<T, EmitError>,
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
}

/// What the connection makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_auth_wanted(self, name: &str) -> Self {
        self.expect_event(&Event::AuthWanted { namespace: namespace(name) })
    }

    #[track_caller]
    pub(super) fn expect_connected(self, name: &str, sid: &str) -> Self {
        self.expect_event(&Event::Connected { namespace: namespace(name), sid: Some(text(sid)), recovered: false })
    }

    #[track_caller]
    pub(super) fn expect_recovered(self, name: &str, sid: &str) -> Self {
        self.expect_event(&Event::Connected { namespace: namespace(name), sid: Some(text(sid)), recovered: true })
    }

    #[track_caller]
    pub(super) fn expect_refused(self, name: &str, message: &str, data: Option<&str>) -> Self {
        let refusal = Refusal { message: text(message), data: data.map(json) };
        self.expect_event(&Event::Refused { namespace: namespace(name), refusal })
    }

    /// One packet: its text with the digit of Engine.IO.
    #[track_caller]
    pub(super) fn expect_sent(self, packet: &str) -> Self {
        self.expect_sent_with(packet, &[])
    }

    #[track_caller]
    pub(super) fn expect_sent_with(self, packet: &str, attachments: &[&'static [u8]]) -> Self {
        let attachments = attachments.iter().map(|bytes| Frame::Binary(Bytes::from_static(bytes)));
        let frames: Vec<_> = [Frame::Text(text(packet))].into_iter().chain(attachments).collect();
        self.expect_frames(&frames)
    }

    /// One packet, which the session does not take.
    #[track_caller]
    pub(super) fn expect_sent_in_vain(mut self, packet: &str, error: SendError) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::Send(messages)) = output else { panic!("nothing sent: {output:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::Text(text(packet))]);
        self.connection.not_sent(messages, error);
        self.drain()
    }

    /// A packet that is dropped if it cannot leave at once.
    #[track_caller]
    pub(super) fn expect_volatile(mut self, packet: &str) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::SendVolatile(messages)) = output else { panic!("not volatile: {output:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), [Frame::Text(text(packet))]);
        self
    }

    /// A packet in MessagePack form.
    #[track_caller]
    pub(super) fn expect_binary(self, packet: &'static [u8]) -> Self {
        self.expect_frames(&[Frame::Binary(Bytes::from_static(packet))])
    }

    #[track_caller]
    fn expect_frames(mut self, frames: &[Frame]) -> Self {
        let output = self.next();
        let Output::Transmit(Transmit::Send(messages)) = output else { panic!("nothing sent: {output:?}") };
        assert_eq!(messages.frames().collect::<Vec<_>>(), frames);
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
        self.expect_event(&Event::Closed(reason))
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
    pub(super) fn expect_event(mut self, event: &Event) -> Self {
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

fn text(text: &str) -> Text {
    Text::from(String::from(text))
}

impl Drop for Script {
    fn drop(&mut self) {
        // The first failure is the one to report.
        if !std::thread::panicking() {
            self.assert_seen_all();
        }
    }
}
