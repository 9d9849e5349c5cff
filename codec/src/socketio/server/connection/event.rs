//! What comes out of a connection.

use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, Json};
use crate::socketio::layer::{DisconnectReason, Reply};
use crate::socketio::namespace::Namespace;
use crate::text::Text;

/// What the connection tells the application.
///
/// The [first page](crate#the-loop) reacts to the common ones in its example, the page of the
/// [JavaScript calls](crate::guide::javascript#a-server) says which call each stands for.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The client asks to join a namespace: answer with [`accept`](super::Connection::accept) or
    /// [`refuse`](super::Connection::refuse), now or later.
    ///
    /// Whatever decides, such as middlewares one after the other or a list of patterns, is the program's: it answers with the
    /// first verdict. [`Hub`](crate::socketio::server::hub) tells more about dynamic namespaces.
    ///
    /// Clients of protocol 4 ask for the main namespace by opening their session. What they say is the query behind the
    /// namespace's name; that of the session's first request is the program's.
    //= SIO5-CON-23: the first error refuses the connection
    //= SRV-MW-01: in registration order
    //= SRV-NSP-04: Static namespaces win
    ConnectRequested {
        /// The namespace.
        namespace: Namespace,
        /// What the client sent with it, an object; `None` means `{}`, which `Json::new("{}".into())` makes. Read it with
        /// [`Json::decode`]; to send it on, emit `(auth,)`.
        //= SRV-HS-01: `auth` from CONNECT
        auth: Option<Json>,
    },
    /// An event arrived.
    //= SRV-MW-03 exception: the program sees every event before anybody acts on it
    Received {
        /// The namespace.
        namespace: Namespace,
        /// The event's name.
        name: Text,
        /// Its arguments.
        args: Args,
        /// The right to acknowledge it, if the client asks for an acknowledgement.
        reply: Option<Reply>,
    },
    /// The client acknowledged an event.
    Acked {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returned.
        id: AckId,
        /// What the client answered.
        args: Args,
    },
    /// The client did not acknowledge an event in time; should it still do so, that is ignored.
    AckTimedOut {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`](super::Connection::emit_with_ack) returned.
        id: AckId,
    },
    /// The client answered a broadcast: tell the [`Hub`](crate::socketio::server::hub::Hub).
    BroadcastAcked {
        /// The namespace.
        namespace: Namespace,
        /// The broadcast's id.
        id: AckId,
        /// What the client answered.
        args: Args,
    },
    /// The client is no longer in a namespace.
    //= SRV-DISC-01
    Disconnected {
        /// The namespace.
        namespace: Namespace,
        /// Why.
        reason: DisconnectReason,
    },
    /// There is room again after an [`EmitError::BufferFull`](crate::socketio::EmitError::BufferFull).
    Writable,
    /// The connection is over; the last event, emitted once.
    Closed(DisconnectReason),
}
