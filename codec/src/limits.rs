//! What one peer may cost.

/// What a waiting packet costs besides its bytes: its handle, the allocation behind it, its place in a queue.
pub(crate) const HANDLE: usize = 128;

/// Bounds on everything that a peer or the application can make grow.
///
/// One value serves all layers: a server's or a client's [configuration of sessions](crate::engineio::server::Config::limits)
/// holds it, a [`Peer`](crate::socketio::Peer) and a [`Client`](crate::socketio::client::Client) give it to their connections,
/// and a [hub](crate::socketio::hub::Config::limits) takes the same `Arc`. Each field says which layer reads it.
///
/// ```
/// use sio_codec::Limits;
///
/// let limits = Limits::default().with_max_payload(64 << 10).with_max_attachments(2);
/// assert_eq!(limits.max_payload, 65_536);
/// ```
///
/// # Memory of one session
///
/// At most about
///
/// ```text
///   1,100                                                an idle session: Engine.IO, Socket.IO, one namespace, two rooms
/// + 1,200                                                room for the next things it says, until a heartbeat
/// + max_queued_bytes + max_payload                       outgoing: the queue, plus the one group that fills it
/// + max_buffered_bytes * 2 + max_payload                 outgoing: what the queue has no room for, on the connection
/// + max_payload * 2                                      incoming: one body or some frames, handed on one by one
/// + max_payload * (max_attachments + 1)                  a packet that waits for its attachments
/// + max_namespaces * (max_namespace_len + 200)           memberships
/// + max_pending_acks * 250                               acknowledgements that are waited for
/// ```
///
/// and on a client, besides,
///
/// ```text
///   max_buffered_bytes + max_payload                     what is emitted before its turn, plus the one that fills it
/// + max_buffered_bytes + max_payload                     what arrives before its namespace is joined
/// + max_namespaces * 2 * max_payload                     pid and offset of the last session
/// ```
///
/// bytes, whatever the peer sends and however slowly it reads, if the program hands WebSocket messages in only while
/// [`wants_input`](crate::Machine::wants_input) says so.
///
/// A waiting packet counts with its bytes and 128 more, which is what its handle and its place in a queue cost. So a
/// million tiny packets are as expensive as they are, and a bound in bytes is enough.
///
/// # The outgoing queue
///
/// What one session has to send, [`max_queued_bytes`](Self#structfield.max_queued_bytes), is divided, so that neither a
/// slow reader nor a program in a hurry makes anything disappear:
///
/// ```text
/// 0                          1/2                    3/4                         1
/// ├── what the program sends ──┤
/// ├── incoming messages are handed on, one by one ───┤
/// ├── direct reactions to such a message ─────────────────────────────────────┤
/// ```
///
/// The program is refused in time, and told when there is room again. A client whose messages cause more than it reads is
/// not listened to until it has read some of it. A direct reaction is what a program sends before it asks for the next output
/// after a message: one packet of any size, and another sixteenth of the whole. Since a program that has much to say stops
/// in the middle, there is room left to listen: two sides with much to say do not wait for each other. Two sides that both
/// ask much and read nothing before they have answered do; that ends after a ping timeout, as with two that only write.
//= SRV-LIM-01
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one polling body and of one WebSocket message, announced to clients as `maxPayload`.
    ///
    /// Default 1,000,000, the reference's `maxHttpBufferSize`. The embedding program enforces it while it reads
    /// (HTTP status 413, WebSocket close code 1009). A body that arrives all the same is answered with 413 as well; a
    /// message closes the session. Read by the sessions of both roles, and by the Socket.IO decoder. A client's is 16 MiB by
    /// default: a server may send more than it takes.
    pub max_payload: usize,
    /// Bytes waiting to be sent on one session, each packet counted with 128 more for its handle.
    ///
    /// Default 4 MiB; the reference has no such bound. Read by the sessions of both roles; how it is divided is said
    /// [above](Self#the-outgoing-queue). A packet for which there is no room is refused with
    /// [`SendError::QueueFull`](crate::engineio::SendError::QueueFull), unless nothing else waits: alone a packet is taken
    /// whatever its size.
    pub max_queued_bytes: usize,
    /// Attachments of one Socket.IO packet.
    ///
    /// Default 10, as in the reference. A header that announces more is undecodable and closes the connection
    /// before anything is kept. Read by the Socket.IO decoder.
    pub max_attachments: usize,
    /// Namespaces of one connection, joined or asking to be.
    ///
    /// Default 64; the reference has no such bound. A CONNECT beyond it closes the connection. Read by the Socket.IO
    /// connections of both roles.
    pub max_namespaces: usize,
    /// Bytes of a namespace's name.
    ///
    /// Default 256; the reference has no such bound. A longer one is undecodable. Read by the Socket.IO decoder. The query
    /// that a client of protocol 4 puts behind the name does not count: `max_payload` bounds it.
    pub max_namespace_len: usize,
    /// Acknowledgements that one connection may wait for.
    ///
    /// Default 1,024; the reference has no such bound. The caller's next one is refused. Read by the Socket.IO connections of
    /// both roles; a [`Hub`](crate::socketio::hub::Hub) may have as many broadcasts that wait for answers.
    pub max_pending_acks: usize,
    /// Bytes that wait on a Socket.IO connection, each packet counted with 128 more for its handle: what is emitted until
    /// the session below has room for it, and on a client until it is in its namespace, or until it is its turn to be sent
    /// again. On a client, as many may arrive before the server says that it is in.
    ///
    /// Default 2 MiB; the reference has no such bound. An event beyond it is refused to the caller with
    /// [`EmitError::BufferFull`](crate::socketio::EmitError::BufferFull), unless nothing else waits. Acknowledgements and
    /// answers to a CONNECT are always taken, and in direct reaction to an event an eighth more than waits already; with half
    /// as many bytes again the connection takes no input until some have left. A client closes its connection when more than this arrives too early.
    pub max_buffered_bytes: usize,
    /// Rooms that one member of a [`Hub`](crate::socketio::hub::Hub) may be in.
    ///
    /// Default 1,024; the reference has no such bound. The caller's next one is refused. Read by the hub alone.
    pub max_rooms_per_member: usize,
    /// Bytes of one message between the servers of a cluster.
    ///
    /// Default 16 MiB; the reference has no such bound. A longer one is undecodable. Read, a message takes some 15 times its
    /// size if it says something, and up to 100 times if it only wants to be large. Read by the codecs of the feature `cluster`
    /// alone. Servers of a cluster trust each other; this is for what else writes to the same Redis by mistake.
    pub max_bus_message: usize,
    /// Rooms that one message between the servers of a cluster may name for its recipients, and rooms that it may make them
    /// join or leave.
    ///
    /// Default 10,000; the reference has no such bound. Read by the codecs of the feature `cluster` alone.
    pub max_bus_rooms: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_payload: 1_000_000,
            max_queued_bytes: 4 << 20,
            max_attachments: 10,
            max_namespaces: 64,
            max_namespace_len: 256,
            max_pending_acks: 1_024,
            max_buffered_bytes: 2 << 20,
            max_rooms_per_member: 1_024,
            max_bus_message: 16 << 20,
            max_bus_rooms: 10_000,
        }
    }
}

macro_rules! setters {
    ($($setter:ident => $field:ident),+ $(,)?) => {
        impl Limits {
            $(
                #[doc = concat!("Replaces [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
                #[must_use]
                pub const fn $setter(mut self, $field: usize) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}

setters! {
    with_max_payload => max_payload,
    with_max_queued_bytes => max_queued_bytes,
    with_max_attachments => max_attachments,
    with_max_namespaces => max_namespaces,
    with_max_namespace_len => max_namespace_len,
    with_max_pending_acks => max_pending_acks,
    with_max_buffered_bytes => max_buffered_bytes,
    with_max_rooms_per_member => max_rooms_per_member,
    with_max_bus_message => max_bus_message,
    with_max_bus_rooms => max_bus_rooms,
}
