//! What a client's application receives, as events of the driver protocol: from the machine, and according to a trace.

use std::borrow::Cow;

use serde_json::{Value, json};
use sio_codec::Frame;
use sio_codec::engineio;
use sio_codec::socketio::client::Event;
use sio_codec::socketio::{Args, DisconnectReason, Namespace, Packet, PacketKind};

use crate::party::driver::words::{array, encoded, quoted};

/// Which events are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that follow from the packets of a trace for servers.
    Derived,
    /// All of them.
    Whole,
    /// All of them, and those about the connection, which a driver reports too.
    Reported,
}

/// A message of Engine.IO.
pub(super) fn message(frame: &Frame) -> String {
    let data = match frame {
        Frame::Text(text) => quoted(text.as_str()),
        Frame::Binary(bytes) => encoded(bytes),
    };
    format!(r#"{{"event":"data","data":{data}}}"#)
}

/// An event of a session, if traces can express it.
pub(super) fn by_session(event: &engineio::Event, scope: Scope) -> Option<String> {
    match event {
        engineio::Event::Message(frame) => Some(message(frame)),
        engineio::Event::Opened if scope == Scope::Reported => Some(opened()),
        engineio::Event::Closed(_) if scope == Scope::Reported => Some(closed()),
        _ => None,
    }
}

/// An event of a connection, if traces can express it.
pub(super) fn by_connection(event: &Event, scope: Scope) -> Option<String> {
    let is_whole = scope != Scope::Derived;
    Some(match event {
        Event::Opened if scope == Scope::Reported => opened(),
        Event::Closed(_) if scope == Scope::Reported => closed(),
        Event::Connected { namespace, sid, recovered } => {
            connected(namespace, sid.as_ref().map(|sid| sid.as_str()), *recovered && is_whole)
        }
        Event::Refused { namespace, refusal } if is_whole => {
            let data = refusal.data.as_ref().and_then(|data| serde_json::from_str::<Value>(data.as_str()).ok());
            let mut event =
                json!({ "event": "refused", "namespace": namespace.as_str(), "message": refusal.message.as_str() });
            if let Some(data) = data {
                event["data"] = data;
            }
            event.to_string()
        }
        Event::Refused { namespace, .. } => refused(namespace),
        Event::Received { namespace, name, args, reply } => received(namespace, name.as_str(), args, reply.is_some()),
        Event::Acked { namespace, args, .. } => acked(namespace, args),
        Event::AckTimedOut { namespace, .. } if is_whole => unanswered(namespace, "timeout"),
        Event::AckLost { namespace, .. } if is_whole => unanswered(namespace, "disconnect"),
        Event::Disconnected { namespace, reason } if is_whole => {
            let by = match reason {
                DisconnectReason::ServerNamespace => "server",
                DisconnectReason::ClientNamespace => "client",
                _ => "loss",
            };
            json!({ "event": "disconnect", "namespace": namespace.as_str(), "by": by }).to_string()
        }
        Event::ReconnectFailed if is_whole => json!({ "event": "gave-up" }).to_string(),
        _ => return None,
    })
}

/// An event of a driver, if it is compared.
pub(super) fn by_driver(mut event: Value, scope: Scope) -> Option<String> {
    let name = event.get("event")?.as_str()?.to_owned();
    match (name.as_str(), scope) {
        // These depend on how a client tells them apart.
        ("opened" | "failed" | "closed", _) => return None,
        ("disconnect" | "unanswered" | "gave-up", Scope::Derived) => return None,
        ("refused", Scope::Derived) => {
            let members = event.as_object_mut()?;
            members.retain(|key, _| key == "event" || key == "namespace");
        }
        ("connect", Scope::Derived) => {
            event.as_object_mut()?.remove("recovered");
        }
        _ => {}
    }
    Some(event.to_string())
}

/// An event with the sid that another has, if it is a `connect` of a client that does not tell its application the sid.
pub(super) fn with_sid<'a>(event: &'a str, other: &str) -> Cow<'a, str> {
    let Ok(mut value) = serde_json::from_str::<Value>(event) else { return Cow::Borrowed(event) };
    match value.as_object_mut() {
        Some(members)
            if members.get("event") == Some(&Value::from("connect")) && members.get("sid") == Some(&Value::Null) =>
        {
            members.remove("sid");
            let other: Option<Value> = serde_json::from_str(other).ok();
            let sid = other.and_then(|other| Some(("sid".to_owned(), other.get("sid")?.clone())));
            members.extend(sid);
            Cow::Owned(value.to_string())
        }
        _ => Cow::Borrowed(event),
    }
}

/// The event for a packet of the server, for a client that waits for it.
pub(super) fn by_packet(Packet { namespace, kind }: &Packet) -> Option<String> {
    Some(match kind {
        PacketKind::Connect { payload } => {
            let welcome: Option<Value> = payload.as_ref().and_then(|payload| payload.decode().ok());
            let sid = welcome.as_ref().and_then(|welcome| welcome.get("sid")?.as_str());
            connected(namespace, Some(sid.unwrap_or_default()), false)
        }
        PacketKind::ConnectError { .. } => refused(namespace),
        PacketKind::Event { name, args, ack } => received(namespace, name.as_str(), args, ack.is_some()),
        PacketKind::Ack { args, .. } => acked(namespace, args),
        PacketKind::Disconnect => return None,
    })
}

fn opened() -> String {
    json!({ "event": "opened" }).to_string()
}

fn closed() -> String {
    json!({ "event": "closed" }).to_string()
}

/// In protocol 4, the server sends no sid.
fn connected(namespace: &Namespace, sid: Option<&str>, recovered: bool) -> String {
    let mut event = json!({ "event": "connect", "namespace": namespace.as_str() });
    if let Some(sid) = sid {
        event["sid"] = Value::from(sid);
    }
    if recovered {
        event["recovered"] = Value::from(true);
    }
    event.to_string()
}

fn refused(namespace: &Namespace) -> String {
    json!({ "event": "refused", "namespace": namespace.as_str() }).to_string()
}

fn received(namespace: &Namespace, name: &str, args: &Args, wants_ack: bool) -> String {
    let (namespace, name, args) = (quoted(namespace.as_str()), quoted(name), array(args));
    let ack = if wants_ack { r#","ack":true"# } else { "" };
    format!(r#"{{"event":"message","namespace":{namespace},"name":{name},"args":{args}{ack}}}"#)
}

fn acked(namespace: &Namespace, args: &Args) -> String {
    format!(r#"{{"event":"acked","namespace":{},"args":{}}}"#, quoted(namespace.as_str()), array(args))
}

fn unanswered(namespace: &Namespace, why: &str) -> String {
    json!({ "event": "unanswered", "namespace": namespace.as_str(), "why": why }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_that_is_not_told_is_not_compared() {
        let connect = |sid: &str| format!(r#"{{"event":"connect","namespace":"/"{sid}}}"#);
        let [untold, one, none] = [r#","sid":null"#, r#","sid":"x""#, ""].map(connect);
        assert_eq!(with_sid(&untold, &one), one);
        assert_eq!(with_sid(&untold, &none), none);
        assert_eq!(with_sid(&one, &connect(r#","sid":"y""#)), one);
        assert_eq!(with_sid(&none, &one), none, "a client that tells it at other times");
    }
}
