//! What a client's application receives, in words: from the machine, and according to a trace.

use sio_codec::Frame;
use sio_codec::engineio;
use sio_codec::socketio::client::Event;
use sio_codec::socketio::{Args, Namespace, Packet, PacketKind};

use crate::replay::hex;

/// A message of Engine.IO.
pub(super) fn message(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => format!("message {}", text.as_str()),
        Frame::Binary(bytes) => format!("binary message {}", hex(bytes)),
    }
}

/// An event of a session, if traces can express it.
pub(super) fn by_session(event: &engineio::Event) -> Option<String> {
    match event {
        engineio::Event::Message(frame) => Some(message(frame)),
        _ => None,
    }
}

/// An event of a connection, if traces can express it.
pub(super) fn by_connection(event: &Event) -> Option<String> {
    Some(match event {
        Event::Connected { namespace, sid, .. } => connected(namespace, sid.as_ref().map_or("", |sid| sid.as_str())),
        Event::Refused { namespace, .. } => refused(namespace),
        Event::Received { namespace, name, args, .. } => received(namespace, name.as_str(), args),
        Event::Acked { namespace, args, .. } => acked(namespace, args),
        _ => return None,
    })
}

/// The event for a packet of the server, for a client that waits for it.
pub(super) fn by_packet(Packet { namespace, kind }: &Packet) -> Option<String> {
    Some(match kind {
        PacketKind::Connect { payload } => {
            let welcome: Option<serde_json::Value> = payload.as_ref().and_then(|payload| payload.decode().ok());
            let sid = welcome.as_ref().and_then(|welcome| welcome.get("sid")?.as_str());
            connected(namespace, sid.unwrap_or_default())
        }
        PacketKind::ConnectError { .. } => refused(namespace),
        PacketKind::Event { name, args, .. } => received(namespace, name.as_str(), args),
        PacketKind::Ack { args, .. } => acked(namespace, args),
        PacketKind::Disconnect => return None,
    })
}

fn connected(namespace: &Namespace, sid: &str) -> String {
    format!("connected to {} as {sid}", namespace.as_str())
}

fn refused(namespace: &Namespace) -> String {
    format!("refused by {}", namespace.as_str())
}

fn received(namespace: &Namespace, name: &str, args: &Args) -> String {
    format!("event {name:?} in {}: {}", namespace.as_str(), shown(args))
}

fn acked(namespace: &Namespace, args: &Args) -> String {
    format!("acknowledgement in {}: {}", namespace.as_str(), shown(args))
}

fn shown(args: &Args) -> String {
    let attachments: Vec<_> = args.attachments().iter().map(|bytes| hex(bytes)).collect();
    format!("{} {attachments:?}", args.items())
}
