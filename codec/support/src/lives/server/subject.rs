//! The machines under test, with one interface.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::server::{Carrier, Config, Input, RequestId, Route, Router, ServerSession, Transmit, WsId};
use sio_codec::engineio::{self, Encoded, RequestHead, Session as _, Sid};
use sio_codec::socketio::{self, AckId, Args, Connection, Namespace, Peer, Reply};
use sio_codec::{Frame, Limits, Machine, Text, Timestamp};

use super::dialect::Dialect;
use super::ops::{MAX_PAYLOAD, VOLATILE, Verb};
use crate::lives::player::{Draining, START};

/// The request or WebSocket that the session starts on.
pub(crate) const CARRIER: u64 = 0;

pub trait Subject: Machine<Input = Input, Transmit = Transmit, Event: Debug> + Sized {
    /// How rarely its outputs can be taken without a difference. An application that reacts to events must see them first.
    const LAZILY: &'static [Draining];

    /// How its outputs are taken in lives that go other ways for it.
    const OTHERWISE: &'static [Draining];

    fn start(carrier: Carrier, dialect: Dialect) -> Self;

    fn act(&mut self, now: Timestamp, verb: Verb, memory: &mut Memory);

    /// Stores what a later call needs, and checks the event by the rules of its layer.
    fn note(event: Self::Event, memory: &mut Memory);

    fn is_closed(event: &Self::Event) -> bool;

    /// L11: a client gets a message.
    fn arrives(_: Frame, _: &mut Memory) {}
}

/// What the application stores.
#[derive(Debug, Default)]
pub struct Memory {
    replies: Vec<Reply>,
    asking: Vec<Namespace>,
    joined: Vec<Namespace>,
    pending: Vec<(Namespace, AckId)>,
    /// What was sent, and has not arrived.
    sent: VecDeque<Frame>,
    /// How often something was sent.
    numbers: usize,
}

impl Memory {
    /// If the queue is not full, it has to arrive.
    fn sends(&mut self, session: &mut ServerSession, frame: Frame) {
        self.numbers += 1;
        let message = match &frame {
            Frame::Text(text) => Encoded::text(text),
            Frame::Binary(bytes) => Encoded::binary(bytes.clone()),
        };
        if session.send(&message).is_ok() {
            self.sent.push_back(frame);
        }
    }
}

pub(crate) fn carrier(websocket: bool) -> Carrier {
    if websocket { Carrier::WebSocket(WsId(CARRIER)) } else { Carrier::Request(RequestId(CARRIER)) }
}

fn limits() -> Limits {
    Limits::default()
        .with_max_payload(MAX_PAYLOAD)
        .with_max_queued_bytes(600)
        .with_max_buffered_bytes(400)
        .with_max_attachments(2)
        .with_max_namespaces(2)
        .with_max_pending_acks(2)
}

fn session(carrier: Carrier, dialect: Dialect) -> ServerSession {
    let config = Config::default()
        .with_heartbeat(Duration::from_millis(300), Duration::from_millis(200))
        .with_upgrade_timeout(Duration::from_millis(400))
        .with_close_timeout(Duration::from_millis(500))
        .with_allow_eio3(true)
        .with_limits(limits());
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    let query = dialect.query(websocket);
    let head =
        RequestHead { method: "GET", query: &query, content_type: None, origin: None, wants_websocket: websocket };
    match Router::new(config).expect("a valid configuration").route(&head) {
        Ok(Route::Handshake(handshake)) => handshake.accept(START, Sid::from_entropy([7; 15]), carrier),
        other => unreachable!("{other:?}"),
    }
}

impl Subject for ServerSession {
    const LAZILY: &'static [Draining] =
        &[Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7), Draining::Few(1), Draining::Until(20)];
    const OTHERWISE: &'static [Draining] = &[];

    fn start(carrier: Carrier, dialect: Dialect) -> Self {
        session(carrier, dialect)
    }

    fn act(&mut self, now: Timestamp, verb: Verb, memory: &mut Memory) {
        match verb {
            Verb::Send("") => memory.sends(self, Frame::from("")),
            Verb::Send(text) => {
                let numbered = format!("{text}{}", memory.numbers);
                memory.sends(self, Frame::Text(Text::from(numbered)));
            }
            Verb::SendVolatile(text) => {
                self.send_volatile(&Encoded::text(text));
            }
            Verb::SendBinary => memory.sends(self, Frame::Binary(Bytes::from_static(&[1, 2]))),
            Verb::Close => self.close(now),
            _ => {}
        }
    }

    fn note(_: engineio::Event, _: &mut Memory) {}

    fn arrives(frame: Frame, memory: &mut Memory) {
        if frame != Frame::from(VOLATILE) {
            assert_eq!(memory.sent.pop_front(), Some(frame), "L11: something else was sent");
        }
    }

    fn is_closed(event: &engineio::Event) -> bool {
        matches!(event, engineio::Event::Closed(_))
    }
}

impl Subject for Peer<ServerSession> {
    const LAZILY: &'static [Draining] = &[Draining::Heedless];
    const OTHERWISE: &'static [Draining] =
        &[Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7), Draining::Few(1), Draining::Until(20)];

    fn start(carrier: Carrier, dialect: Dialect) -> Self {
        let config = socketio::Config::default().with_connect_timeout(Duration::from_millis(450));
        Self::new(session(carrier, dialect), Connection::new(config).with_dialect(dialect.socketio()))
    }

    fn act(&mut self, now: Timestamp, verb: Verb, memory: &mut Memory) {
        let connection = self.socketio();
        let namespace = |name| Namespace::new(name).expect("a name without a comma");
        // The application must notice calls that are not possible now.
        let _ = match verb {
            // Nobody answers a question that is still to be taken out.
            Verb::Accept(name) | Verb::Refuse(name) if !memory.asking.contains(&namespace(name)) => Ok(()),
            Verb::Accept(name) => accept(connection, namespace(name), memory),
            Verb::Refuse(name) => connection.refuse(&namespace(name), "no", None).map(|()| {
                memory.asking.retain(|asking| asking.as_str() != name);
            }),
            Verb::Emit(name) => connection.emit(&namespace(name), "e", Args::empty()),
            Verb::EmitVolatile(name) => connection.emit_volatile(&namespace(name), "v", Args::empty()),
            Verb::EmitBinary(name) => {
                let args = Args::builder().binary(Bytes::from_static(&[1])).build().expect("one attachment");
                connection.emit(&namespace(name), "b", &args)
            }
            Verb::EmitWithAck(name, timeout) => {
                let id = connection.emit_with_ack(now, &namespace(name), "q", Args::empty(), timeout);
                id.map(|id| memory.pending.push((namespace(name), id)))
            }
            Verb::Acknowledge => {
                memory.replies.pop().map_or(Ok(()), |reply| connection.acknowledge(reply, Args::empty()))
            }
            Verb::Disconnect(name) => connection.disconnect(&namespace(name)),
            Verb::CloseConnection => {
                connection.close();
                Ok(())
            }
            Verb::ShutDown => {
                connection.shut_down();
                Ok(())
            }
            Verb::Send(_) | Verb::SendVolatile(_) | Verb::SendBinary | Verb::Close => Ok(()),
        };
    }

    fn note(event: socketio::Event, memory: &mut Memory) {
        use socketio::Event;
        match event {
            Event::ConnectRequested { namespace, .. } => {
                let known = memory.asking.contains(&namespace) || memory.joined.contains(&namespace);
                assert!(!known, "asked twice for {namespace}");
                memory.asking.push(namespace);
            }
            Event::Received { namespace, reply, .. } => {
                assert!(memory.joined.contains(&namespace), "an event in {namespace}, which is not joined");
                memory.replies.extend(reply);
            }
            Event::Acked { namespace, id, .. } | Event::AckTimedOut { namespace, id } => {
                let key = (namespace, id);
                let at = memory.pending.iter().position(|pending| *pending == key);
                memory.pending.remove(at.expect("an acknowledgement that is waited for"));
            }
            Event::Disconnected { namespace, .. } => {
                let at = memory.joined.iter().position(|joined| *joined == namespace);
                memory.joined.remove(at.expect("a namespace that was joined"));
                memory.pending.retain(|(of, _)| *of != namespace);
            }
            Event::Closed(_) => assert!(memory.joined.is_empty(), "closed while in {:?}", memory.joined),
            _ => {}
        }
    }

    fn is_closed(event: &socketio::Event) -> bool {
        matches!(event, socketio::Event::Closed(_))
    }
}

fn accept(connection: &mut Connection, namespace: Namespace, memory: &mut Memory) -> Result<(), socketio::EmitError> {
    connection.accept(&namespace, &Sid::from_entropy([9; 15]))?;
    memory.asking.retain(|asking| *asking != namespace);
    memory.joined.push(namespace);
    Ok(())
}
