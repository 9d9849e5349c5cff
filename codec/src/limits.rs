//! What one peer may cost.

/// Bounds on everything that a peer or the application can make grow.
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
/// + max_queued_bytes + max_payload                       outgoing: the queue, plus the one group that fills it
/// + max_queued_packets * 150                             the handles of what is queued
/// + max_payload                                          incoming: one body, its packets taken out one by one
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
/// + max_buffered_packets * 300                           what the program keeps of each
/// + max_namespaces * 2 * max_payload                     pid and offset of the last session
/// ```
///
/// bytes, whatever the peer sends, if the program takes out all outputs after each input.
//= SRV-LIM-01
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one polling body and of one WebSocket message, announced to clients as `maxPayload`.
    ///
    /// Default 1,000,000, the reference's `maxHttpBufferSize`. The embedding program enforces it while it reads
    /// (HTTP status 413, WebSocket close code 1009). A body that arrives all the same is answered with 413 as well; a
    /// message closes the session.
    pub max_payload: usize,
    /// Packets waiting to be sent on one session.
    ///
    /// Default 4,096; the reference has no such bound. A packet beyond it is refused to the caller with
    /// [`SendError::QueueFull`](crate::engineio::SendError::QueueFull), unless nothing else waits: a packet with more
    /// attachments than that can still be sent.
    pub max_queued_packets: usize,
    /// Bytes waiting to be sent on one session.
    ///
    /// Default 4 MiB; the reference has no such bound. A packet that arrives when so many bytes already wait is
    /// refused to the caller with [`SendError::QueueFull`](crate::engineio::SendError::QueueFull).
    pub max_queued_bytes: usize,
    /// Attachments of one Socket.IO packet.
    ///
    /// Default 10, as in the reference. A header that announces more is undecodable and closes the connection
    /// before anything is kept.
    pub max_attachments: usize,
    /// Namespaces of one connection, joined or asking to be.
    ///
    /// Default 64; the reference has no such bound. A CONNECT beyond it closes the connection.
    pub max_namespaces: usize,
    /// Bytes of a namespace's name.
    ///
    /// Default 256; the reference has no such bound. A longer one is undecodable.
    pub max_namespace_len: usize,
    /// Acknowledgements that one connection may wait for.
    ///
    /// Default 1,024; the reference has no such bound. One more is refused to the caller. A
    /// [`Hub`](crate::socketio::hub::Hub) may have as many broadcasts that wait for answers.
    pub max_pending_acks: usize,
    /// Packets, attachments counted, that wait at a client until it is in their namespace, until the session has room for
    /// them, or until it is their turn to be sent again; and as many that arrive before the server says that the client is in.
    ///
    /// Default 1,024; the reference has no such bound. One more is refused to the caller with
    /// [`EmitError::BufferFull`](crate::socketio::EmitError::BufferFull); one more that arrives closes the connection.
    pub max_buffered_packets: usize,
    /// Bytes of these packets.
    ///
    /// Default 1 MiB; the reference has no such bound. Refused like too many packets.
    pub max_buffered_bytes: usize,
    /// Rooms that one member of a [`Hub`](crate::socketio::hub::Hub) may be in.
    ///
    /// Default 1,024; the reference has no such bound. One more is refused to the caller.
    pub max_rooms_per_member: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_payload: 1_000_000,
            max_queued_packets: 4_096,
            max_queued_bytes: 4 << 20,
            max_attachments: 10,
            max_namespaces: 64,
            max_namespace_len: 256,
            max_pending_acks: 1_024,
            max_buffered_packets: 1_024,
            max_buffered_bytes: 1 << 20,
            max_rooms_per_member: 1_024,
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
    with_max_queued_packets => max_queued_packets,
    with_max_queued_bytes => max_queued_bytes,
    with_max_attachments => max_attachments,
    with_max_namespaces => max_namespaces,
    with_max_namespace_len => max_namespace_len,
    with_max_pending_acks => max_pending_acks,
    with_max_buffered_packets => max_buffered_packets,
    with_max_buffered_bytes => max_buffered_bytes,
    with_max_rooms_per_member => max_rooms_per_member,
}
