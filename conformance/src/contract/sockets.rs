//! The Socket.IO application.
//!
//! | the client | the application |
//! |---|---|
//! | asks for `/` or `/custom` | accepts it and emits `auth` with the auth payload, `{}` if there is none |
//! | asks for `/refused` | refuses it: `not authorized`, with the data `{"code":7}` |
//! | asks for another namespace | refuses it: `Invalid namespace` |
//! | emits `message` on `/` | emits `message-back` with the same arguments |
//! | emits `message-with-ack` on `/` | acknowledges with the same arguments |
//! | emits `leave` on `/` | emits `bye`, and makes it leave the namespace |
//! | emits `close` on `/` | emits `bye`, and closes the connection |
//! | emits `shut-down` on `/` | emits `bye`, and ends the connection like a server that shuts down |
//!
//! An event `message` that requests an acknowledgement is answered with a `message-back` that also requests one. The
//! client's answer to it is sent back as the acknowledgement of the first event: in the reference, the callback is one
//! of the arguments that are sent back.

use std::collections::BTreeMap;
use std::time::Duration;

use sio_codec::engineio::Sid;
use sio_codec::engineio::server::{Input, ServerSession, Transmit};
use sio_codec::socketio::{AckId, Args, EmitError, Event, Json, Namespace, Peer, Reply};
use sio_codec::{Machine as _, Output, Text, Timestamp};

use super::{Ended, Entropy};

/// How long a client may take to acknowledge a `message-back`.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Sockets {
    peer: Peer<ServerSession>,
    entropy: Entropy,
    now: Timestamp,
    /// Acknowledgements that are sent when the client has acknowledged.
    forwarded: BTreeMap<AckId, Reply>,
}

impl Sockets {
    pub(super) const fn new(now: Timestamp, peer: Peer<ServerSession>, entropy: Entropy) -> Self {
        Self { peer, entropy, now, forwarded: BTreeMap::new() }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        self.peer.handle(now, input);
    }

    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.peer.handle_timeout(now);
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.peer.next_deadline()
    }

    pub(super) fn wants_input(&self) -> bool {
        self.peer.wants_input()
    }

    pub(super) fn close(&mut self) {
        self.peer.socketio().close();
    }

    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        loop {
            match self.peer.poll_output()? {
                Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
                Output::Event(Event::Closed(_)) => return Some(Output::Event(Ended)),
                Output::Event(event) => self.react(event),
            }
        }
    }

    /// Reacts to an event. If that is not possible it ends the connection, so that an error does not go unnoticed.
    fn react(&mut self, event: Event) {
        match self.reaction(event) {
            // The client has left in the meantime and needs no reaction.
            Ok(()) | Err(EmitError::NotJoined | EmitError::NotAsking | EmitError::Closed) => {}
            Err(_) => self.close(),
        }
    }

    fn reaction(&mut self, event: Event) -> Result<(), EmitError> {
        let io = self.peer.socketio();
        match event {
            Event::ConnectRequested { namespace, auth } if matches!(namespace.as_str(), "/" | "/custom") => {
                io.accept(&namespace, &Sid::from_entropy(self.entropy.draw()))?;
                io.emit(&namespace, "auth", &auth_args(auth.as_ref()))
            }
            Event::ConnectRequested { namespace, .. } if namespace.as_str() == "/refused" => {
                let data = Json::new(Text::from(r#"{"code":7}"#)).ok();
                io.refuse(&namespace, "not authorized", data.as_ref())
            }
            Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace),
            Event::Received { namespace, name, args, reply } if namespace == Namespace::root() => {
                self.on_event(name.as_str(), &args, reply)
            }
            Event::Acked { id, args, .. } => match self.forwarded.remove(&id) {
                Some(reply) => io.acknowledge(reply, &args),
                None => Ok(()),
            },
            Event::AckTimedOut { id, .. } => {
                self.forwarded.remove(&id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn on_event(&mut self, name: &str, args: &Args, reply: Option<Reply>) -> Result<(), EmitError> {
        let root = Namespace::root();
        let io = self.peer.socketio();
        if matches!(name, "leave" | "close" | "shut-down") {
            io.emit(&root, "bye", &Args::empty())?;
        }
        match (name, reply) {
            ("message", None) => io.emit(&root, "message-back", args)?,
            ("message", Some(reply)) => {
                let id = io.emit_with_ack(self.now, &root, "message-back", args, ACK_TIMEOUT)?;
                self.forwarded.insert(id, reply);
            }
            ("message-with-ack", Some(reply)) => io.acknowledge(reply, args)?,
            ("leave", _) => io.disconnect(&root)?,
            ("close", _) => io.close(),
            ("shut-down", _) => io.shut_down(),
            _ => {}
        }
        Ok(())
    }
}

fn auth_args(auth: Option<&Json>) -> Args {
    let auth = auth.map_or("{}", Json::as_str);
    // The payload was validated when it arrived.
    Args::from_json(format!("[{auth}]"), Vec::new()).unwrap_or_default()
}
