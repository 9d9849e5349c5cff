//! The Socket.IO application.
//!
//! | the client | the application |
//! |---|---|
//! | asks for `/` or `/custom` | lets it in and emits `auth` with the auth payload, `{}` if there is none |
//! | asks for another namespace | refuses it: `Invalid namespace` |
//! | emits `message` on `/` | emits `message-back` with the same arguments |
//! | emits `message-with-ack` on `/` | acknowledges with the same arguments |

use sio_codec::engineio::Sid;
use sio_codec::engineio::server::{ServerSession, Transmit};
use sio_codec::socketio::{Args, Event, Json, Namespace, Peer};
use sio_codec::{Machine as _, Output};

use super::{Ended, Entropy};

#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) peer: Peer<ServerSession>,
    pub(super) entropy: Entropy,
}

impl Sockets {
    pub(super) fn poll_output(&mut self) -> Option<Output<Transmit, Ended>> {
        loop {
            match self.peer.poll_output()? {
                Output::Transmit(transmit) => return Some(Output::Transmit(transmit)),
                Output::Event(Event::Closed(_)) => return Some(Output::Event(Ended)),
                Output::Event(event) => self.react(event),
            }
        }
    }

    /// Every verb here can fail in one way only: the client has gone in the meantime, and needs no reaction.
    fn react(&mut self, event: Event) {
        let io = self.peer.socketio();
        match event {
            Event::ConnectRequested { namespace, auth } if matches!(namespace.as_str(), "/" | "/custom") => {
                let accepted = io.accept(&namespace, &Sid::from_entropy(self.entropy.draw()));
                let _ = accepted.and_then(|()| io.emit(&namespace, "auth", &auth_args(auth.as_ref())));
            }
            Event::ConnectRequested { namespace, .. } => {
                let _ = io.refuse_unknown(&namespace);
            }
            Event::Received { namespace, name, args, reply } if namespace == Namespace::root() => {
                let _ = match (name.as_str(), reply) {
                    ("message", _) => io.emit(&namespace, "message-back", &args),
                    ("message-with-ack", Some(reply)) => io.acknowledge(reply, &args),
                    _ => Ok(()),
                };
            }
            _ => {}
        }
    }
}

fn auth_args(auth: Option<&Json>) -> Args {
    let auth = auth.map_or("{}", Json::as_str);
    // The payload was validated when it arrived.
    Args::from_json(format!("[{auth}]"), Vec::new()).unwrap_or_default()
}
