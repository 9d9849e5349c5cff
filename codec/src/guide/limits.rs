//! Every limit, and what a session may cost.
//!
//! Whatever a peer or the program can make grow has a bound, and each bound a default that suits a server on the internet.
//! Beyond it nothing is kept: the peer is refused or its session ends, and the caller gets an error.
//!
//! # For each session
//!
//! [`Limits`](crate::Limits), one value for all layers:
//!
//! | field | bounds | unit | default | beyond it |
//! |---|---|---|---|---|
//! | [`max_payload`](crate::Limits::max_payload) | one body, one WebSocket message, one attachment that arrives | bytes | 1,000,000; a client 16 MiB | a body is answered 413, a message ends the session |
//! | [`max_queued_bytes`](crate::Limits::max_queued_bytes) | what waits in the session for the peer | bytes, 128 more for each packet | 4 MiB | the program is refused, and the peer is not listened to: [slow consumers](super::slow_consumers) |
//! | [`max_buffered_bytes`](crate::Limits::max_buffered_bytes) | what waits on the connection for the session; on a client also what comes before its turn | bytes, 128 more for each packet | 2 MiB | the program is refused |
//! | [`max_attachments`](crate::Limits::max_attachments) | attachments of one packet | count | 10 | the connection ends |
//! | [`max_namespaces`](crate::Limits::max_namespaces) | namespaces of one connection | count | 64 | the connection ends |
//! | [`max_namespace_len`](crate::Limits::max_namespace_len) | the name of a namespace | bytes | 256 | the connection ends |
//! | [`max_pending_acks`](crate::Limits::max_pending_acks) | acknowledgements that one connection waits for, and broadcasts of a hub that do | count | 1,024 | the program is refused |
//! | [`max_rooms_per_member`](crate::Limits::max_rooms_per_member) | rooms of one member | count | 1,024 | the program is refused |
//!
//! # In time
//!
//! | field | bounds | default |
//! |---|---|---|
//! | [`ping_interval`](crate::engineio::server::Config::ping_interval), [`ping_timeout`](crate::engineio::server::Config::ping_timeout) | how long a lost client, or one that does not read, is kept: the sum | 25 s and 20 s |
//! | [`upgrade_timeout`](crate::engineio::server::Config::upgrade_timeout) | a WebSocket that asks for a session and says nothing | 10 s |
//! | [`close_timeout`](crate::engineio::server::Config::close_timeout) | a session that ends, and whose client fetches nothing | 30 s |
//! | [`connect_timeout`](crate::socketio::Config::connect_timeout) | a session whose client joins no namespace | 45 s |
//! | [`connect_timeout`](crate::engineio::client::Config::connect_timeout) of a client | a server that does not open the session | 20 s |
//! | [`ack_timeout`](crate::socketio::client::Config::ack_timeout) of a client | an acknowledgement for which no time is given | none |
//!
//! # For a whole server
//!
//! | field | bounds | unit | default |
//! |---|---|---|---|
//! | [`max_answer_bytes`](crate::socketio::hub::Config::max_answer_bytes) | answers that the broadcasts of a hub wait for | bytes | 64 MiB |
//! | [`max_bytes`](crate::socketio::hub::Recovery::max_bytes) of the recovery | events in the log | bytes | 16 MiB |
//! | [`max_packets`](crate::socketio::hub::Recovery::max_packets) of the recovery | events in the log | count | 10,000 |
//! | [`max_sessions`](crate::socketio::hub::Recovery::max_sessions) of the recovery | clients that may come back | count | 10,000 |
//! | [`max_disconnection`](crate::socketio::hub::Recovery::max_disconnection) of the recovery | how long they may be away | time | 2 min |
//!
//! How many sessions there are is bounded by [`Sessions`](crate::engineio::server::Sessions), to 100,000 by default. A program that
//! keeps its sessions itself makes each, and can refuse one with [`Handshake::forbid`](crate::engineio::server::Handshake::forbid).
//!
//! # Fixed
//!
//! | what | bound |
//! |---|---|
//! | arrays and objects inside each other | 127 |
//! | the id of an acknowledgement | 2^53 - 1 |
//! | parameters in the query of a namespace, protocol 4 | the first 1,000 count |
//! | the words of an error | 200 bytes |
//!
//! # Memory of one session
//!
//! The formula is that of [`Limits`](crate::Limits#memory-of-one-session), which says what each term is for. A test attacks a
//! session on each of them and compares what it allocates with the sum. It holds as long as the program sends no
//! packet larger than `max_payload`; for one that does, its largest takes the place of `max_payload` in what waits to be sent.
//!
//! ```
//! use sio_codec::Limits;
//!
//! /// At most so many bytes for one session of a server, whatever its client does.
//! fn most_bytes(limits: &Limits) -> usize {
//!     let idle = 1_100 + 1_200;
//!     let queue = limits.max_queued_bytes + limits.max_payload;
//!     let buffer = limits.max_buffered_bytes * 2 + limits.max_payload;
//!     let incoming = limits.max_payload * 2;
//!     let attachments = limits.max_payload * (limits.max_attachments + 1);
//!     let namespaces = limits.max_namespaces * (limits.max_namespace_len + 200);
//!     let acknowledgements = limits.max_pending_acks * 250;
//!     idle + queue + buffer + incoming + attachments + namespaces + acknowledgements
//! }
//!
//! // 24 MB, nearly half of it for a packet whose last attachment does not come.
//! assert_eq!(most_bytes(&Limits::default()), 23_676_092);
//!
//! // For clients that only exchange short texts, 336 kB.
//! let small = Limits::default()
//!     .with_max_payload(32 << 10)
//!     .with_max_queued_bytes(64 << 10)
//!     .with_max_buffered_bytes(32 << 10)
//!     .with_max_attachments(1)
//!     .with_max_namespaces(4)
//!     .with_max_pending_acks(16);
//! assert_eq!(most_bytes(&small), 335_804);
//! ```
//!
//! That is the worst that one client can do. An idle session takes 1,100 of it, about a kibibyte. In a
//! [`Hub`](crate::socketio::hub::Hub) a member takes [a part of its own](crate::socketio::hub#memory).
