//! Events of a client, and the values that go with them.

use alloc::string::String;
use core::time::Duration;

use crate::engineio::Sid;
use crate::socketio::args::{Args, Json};
use crate::socketio::layer::{DisconnectReason, Reply};
use crate::socketio::namespace::Namespace;
use crate::socketio::value::Value;
use crate::text::Text;

/// Events for the application.
///
/// The example of a [whole life](super#a-whole-life) has the common ones, the page of the
/// [JavaScript calls](crate::guide::javascript#a-client) says which call each stands for.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The session below is open; the namespaces are being asked for.
    Opened,
    /// The auth for a namespace is needed now: answer with [`Connection::authenticate`](super::Connection::authenticate).
    AuthWanted {
        /// The namespace, which was asked for with [`Auth::Fresh`].
        namespace: Namespace,
    },
    /// The server let the client into a namespace. What was emitted before goes out now.
    Connected {
        /// The namespace.
        namespace: Namespace,
        /// The client's id there, as the server wrote it. Servers of protocol 4 do not tell: `None`, and the id is
        /// [`Namespace::client_id`].
        sid: Option<Sid>,
        /// Whether the server restored the client's id and rooms after a loss, and sent what was missed meanwhile.
        recovered: bool,
    },
    /// The server did not let the client into a namespace, which is not asked for again by itself.
    Refused {
        /// The namespace.
        namespace: Namespace,
        /// Why.
        refusal: Refusal,
    },
    /// An event arrived.
    Received {
        /// The namespace.
        namespace: Namespace,
        /// The event's name.
        name: Text,
        /// Its arguments.
        args: Args,
        /// The right to acknowledge it, if the server asked for an acknowledgement.
        reply: Option<Reply>,
    },
    /// The server acknowledged an event.
    Acked {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returned.
        id: EmitId,
        /// What the server answered.
        args: Args,
    },
    /// The server did not acknowledge an event in time, nor after the last retry; should it still do so, that is ignored.
    AckTimedOut {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returned.
        id: EmitId,
    },
    /// The client is not in the namespace any more, so the acknowledgement of an event will not come. Whether the event
    /// itself arrived is not known.
    //= SIO5-ACK-10
    AckLost {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returned.
        id: EmitId,
    },
    /// There is room again for what is emitted, after an [`EmitError::BufferFull`](crate::socketio::EmitError::BufferFull).
    Writable,
    /// The client is no longer in a namespace; follows [`Connected`](Self::Connected), once.
    Disconnected {
        /// The namespace.
        namespace: Namespace,
        /// Why.
        reason: DisconnectReason,
    },
    /// The session below is over, or could not be opened; emitted once for each session.
    Closed(DisconnectReason),
    /// A [`Client`](super::Client) connects again, after this delay.
    Reconnecting {
        /// The number of the attempt; the first one is 1.
        attempt: u32,
        /// How long the client waits before the attempt.
        delay: Duration,
    },
    /// A [`Client`](super::Client) is connected again.
    Reconnected {
        /// How many attempts it took.
        attempts: u32,
    },
    /// A [`Client`](super::Client) gives up, after as many attempts as it may make, or because three sessions in a row ended
    /// soon and for the same fault.
    ReconnectFailed,
}

/// The client's name for an event that is to be acknowledged; unique in its namespace, and never on the wire: an event
/// that is sent again keeps it.
///
/// [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returns it, as in the example of the
/// [guide](crate::guide::javascript#a-client).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmitId(pub(in crate::socketio::client) u64);

/// The auth that a client sends to get into a namespace.
///
/// In protocol 4 there is no place for it but the query behind the namespace's name, and this is not sent.
///
/// The [guide](crate::guide::javascript#a-client) has an example of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Nothing.
    #[default]
    None,
    /// The same object each time.
    Fixed(Json),
    /// What the application answers to [`Event::AuthWanted`], each time: a token that expires, for example.
    Fresh,
}

/// Why a server refused a client, as the application of the server said it.
///
/// ```
/// use sio_codec::engineio;
/// use sio_codec::socketio::client::{Auth, Config, Connection, Event};
/// use sio_codec::socketio::Namespace;
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// let (now, root) = (Timestamp::ZERO, Namespace::root());
/// let mut connection = Connection::new(Config::default());
/// connection.connect(&root, Auth::None)?;
/// connection.handle(now, engineio::Event::Opened);
/// let refused = Frame::from(r#"4{"message":"no","data":{"code":7}}"#);
/// connection.handle(now, engineio::Event::Message(refused));
/// let refusal = loop {
///     match connection.poll_output() {
///         Some(Output::Event(Event::Refused { refusal, .. })) => break refusal,
///         output => assert!(output.is_some()),
///     }
/// };
/// assert_eq!((refusal.message.as_str(), refusal.data.unwrap().as_str()), ("no", r#"{"code":7}"#));
/// # Ok::<(), sio_codec::socketio::EmitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The message; empty if there is none.
    pub message: Text,
    /// What came with it.
    pub data: Option<Json>,
}

impl Refusal {
    /// The client's own, when a server of protocol 4 answers one of protocol 5.
    //= SIO5-CON-18
    pub(super) fn without_id() -> Self {
        Self { message: Text::from("the server gives no id: it may speak protocol 4"), data: None }
    }

    /// A server that makes the client leave instead of answering it.
    pub(super) fn made_to_leave() -> Self {
        Self { message: Text::from("the server answers with a disconnection"), data: None }
    }

    /// What a payload says: an object with message and data, a message alone, or anything else, which is data.
    //= SIO4-ERR-03
    //= SIO5-CON-19
    pub(super) fn read(payload: Option<Json>) -> Self {
        let Some(payload) = payload else { return Self { message: Text::new(), data: None } };
        match payload.decode() {
            Ok(Value::String(message)) => Self { message, data: None },
            Ok(Value::Object(object)) if object.get("message").is_some_and(|message| message.as_str().is_some()) => {
                let message = object.get("message").and_then(Value::as_str).unwrap_or_default();
                Self { message: Text::from(String::from(message)), data: payload.member("data") }
            }
            _ => Self { message: Text::new(), data: Some(payload) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> (String, Option<String>) {
        let refusal = Refusal::read(Some(Json::new(Text::from(String::from(payload))).unwrap()));
        (refusal.message.as_str().into(), refusal.data.map(|data| data.as_str().into()))
    }

    //= SIO4-ERR-03
    //= SIO5-CON-19
    #[test]
    fn refusals_of_both_protocols() {
        assert_eq!(read(r#"{"message":"no"}"#), ("no".into(), None));
        assert_eq!(
            read(r#"{"message":"no","data":{"code":[1,2.5]}}"#),
            ("no".into(), Some(r#"{"code":[1,2.5]}"#.into()))
        );
        let exact = r#"{"x":95.25897878681405,"y":1e400, "z":"\ud800"}"#;
        let payload = alloc::format!(r#"{{"data":1,"message":"no","data": {exact} }}"#);
        assert_eq!(read(&payload), ("no".into(), Some(exact.into())), "as it came");
        assert_eq!(read(r#""Invalid namespace""#), ("Invalid namespace".into(), None));
        assert_eq!(read(r#"{"c":1}"#), (String::new(), Some(r#"{"c":1}"#.into())));
        assert_eq!(read(r#"{"message":7}"#), (String::new(), Some(r#"{"message":7}"#.into())));
        assert_eq!(read("null"), (String::new(), Some("null".into())));
        assert_eq!(Refusal::read(None), Refusal { message: Text::new(), data: None });
    }
}
