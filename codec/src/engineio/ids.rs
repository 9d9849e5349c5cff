//! Names of requests and WebSockets.

/// The name of one HTTP request; unique among those that are not answered yet.
///
/// The side that learns of a request first names it: on a server the program, on a client the session.
///
/// The examples of the [server](crate::engineio::server#a-whole-session) and of the
/// [client](crate::engineio::client#a-whole-session) show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number of the program's choice")]
pub struct RequestId(pub u64);

/// The name of one WebSocket; unique among those of one session.
///
/// On a server the program names it, on a client the session.
///
/// The examples of the [server](crate::engineio::server#a-whole-session) and of the
/// [client](crate::engineio::client#a-whole-session) show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number of the program's choice")]
pub struct WsId(pub u64);
