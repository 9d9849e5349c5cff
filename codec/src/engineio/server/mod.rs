//! The server's side of a session.
//!
//! # One session's life
//!
//! ```text
//!                    accept(Request)                    accept(WebSocket)
//!                          │                                    │
//!                          ▼                                    │
//!   ┌───────────────── Polling ◀───────────────┐                │
//!   │                      │ Upgrade           │ candidate gone,│
//!   │                      ▼                   │ wrong, or late │
//!   │   ┌───────────── Probing ────────────────┘                │
//!   │   │                  │ "5"                                │
//!   │   │                  ▼                                    ▼
//!   │   │              WebSocket ◀──────────────────────────────┘
//!   │   │                  │
//!   ▼   ▼                  ▼
//!   └───┴── Closing ───────┘      what is queued goes out, then the farewell
//!              │
//!              ▼
//!           Closed                Event::Closed, once
//! ```
//!
//! # Revisions
//!
//! A session speaks the revision that its handshake asks for; revision 3 is served if [`Config::allow_eio3`] says so. The
//! states above are the same, and these are not:
//!
//! | | revision 4 | revision 3 |
//! |---|---|---|
//! | `EIO` | `4` | anything else, or nothing |
//! | several packets in one body | `4a` U+001E `4b` | `2:4a2:4b` |
//! | binary message in a body | `bAQID` | `6:b4AQID`, or a binary body if the client takes it |
//! | binary message on a WebSocket | the bytes, or `bAQID` | a byte 4 and the bytes, or `b4AQID` |
//! | body labelled `application/octet-stream` | refused | binary |
//! | who pings | the server; the client answers `3` | the client; it is answered with `3` and its own data |
//!
//! `b64` in the query of the request that opens a transport asks for the second form, and `j` on polling for scripts and
//! forms with textual payloads. What is refused, and with which words, is as in revision 4.
//!
//! # Timers
//!
//! | timer | armed | default | on expiry |
//! |---|---|---|---|
//! | ping | revision 4: open; each awaited pong | 25 s | send `2`, arm pong |
//! | pong | revision 4: a ping was queued; anew when it leaves, and with each message | 20 s, the ping timeout | close, `ping timeout` |
//! | silence | revision 3: open; each ping | 45 s, the sum of the two | close, `ping timeout` |
//! | stall | the client is not listened to; anew with whatever leaves | 20 s, the ping timeout | close, `ping timeout` on polling, `SlowReader` on a WebSocket |
//! | upgrade | a candidate was accepted | 10 s | close the candidate, go on polling |
//! | noop | a candidate was probed and a GET is parked | 100 ms | answer the GET with `6` |
//! | close | closing, no GET parked; or a WebSocket that is full | 30 s | closed |
//!
//! The heartbeat runs on across an upgrade, and an unrequested pong changes nothing. On a WebSocket it goes before the
//! messages that wait.
//!
//! # Clients that read slowly
//!
//! Messages are handed on one by one, and only while there is room for what they may cause ([`Limits`](crate::Limits) says
//! how much that is). Until then they wait where they are: the rest of a POST in the session, which answers the POST when its
//! last packet was handed on, and the messages of a WebSocket where [`wants_input`](crate::Machine::wants_input) leaves them,
//! in the client's own buffers. So a client that sends faster than it reads is slowed down, and loses nothing.
//!
//! While a client is not listened to, its silence is not held against it: neither pong nor silence run out. But something of
//! what waits for it must leave within each ping timeout, or it has stopped reading: that is the stall.
//!
//! # Faults
//!
//! | what the client does | answer | reason of [`Event::Closed`](super::Event::Closed) |
//! |---|---|---|
//! | second GET | 400 to it, `1` to the first | `TransportError(OverlappingPoll)` |
//! | second POST | 400 to both | `TransportError(OverlappingPost)` |
//! | POST of `application/octet-stream`, in revision 4 | 400 | `TransportError(BinaryBody)` |
//! | POST whose body is not a payload | 400; `1` to a parked GET | `ParseError` |
//! | POST above the limit | 413 | the session goes on |
//! | wrong `transport` or `EIO` | 400 | the session goes on |
//! | ping, in revision 4 | the WebSocket closes; `1` to a parked GET | `TransportError(HeartbeatDirection)` |
//! | undecodable WebSocket message | the WebSocket closes | `ParseError` |
//! | drops its GET or POST | none | `TransportError(AbortedPoll)`, `TransportError(AbortedPost)` |
//! | no pong, or in revision 3 no ping | `1` to a parked GET, or the WebSocket closes | `PingTimeout` |
//! | sends more than it reads | it is not listened to until it reads | the session goes on |
//! | reads nothing of that for a ping timeout | the WebSocket closes | `TransportError(SlowReader)`; on polling `PingTimeout` |
//! | pings without reading, in revision 3 | when the queue is full, one pong for all of them | the session goes on |
//! | anything on a candidate but the probe and `5` | the candidate closes | the session goes on |
//!
//! # What is left to the program
//!
//! The machine sees neither HTTP nor WebSocket. What clients expect of those that stand below it, beside what the
//! [`Router`](Router#what-is-left-to-the-program) leaves out (path, CORS, cookies, compression, the application's refusal):
//!
//! | | what clients expect | the reference, with `ws` |
//! |---|---|---|
//! | key and version of a WebSocket | checked before [`Input::Upgrade`] or [`Handshake::accept`], for a request that cannot become a WebSocket would take the place of one that can: `Sec-WebSocket-Key` is 16 bytes in base64, else status 400; `Sec-WebSocket-Version` is `13`, else status 426 with that header | 400 for both, takes version 8 too |
//! | subprotocol | the first of those in `Sec-WebSocket-Protocol` goes back on the 101, none if none is offered; a client that offers some may insist on one | the same |
//! | masking | a frame without a mask closes the WebSocket, with code 1002 | the same |
//! | fragments, UTF-8 | fragments are put together; a text that is no UTF-8 closes the WebSocket, with code 1007 | the same |
//! | longest message | [`Limits::max_payload`](crate::Limits::max_payload), of the whole message; a longer one closes the WebSocket, with code 1009 | the same |
//! | longest body | the same number; a longer one is not kept, [`Input::BodyTooLarge`] is reported, and the answer is 413 | the same |
//! | lingering | after the answer to a body that was not read to its end, and after a Close frame for a fault, what still comes is read and dropped for a while before the connection is closed: otherwise it is reset, and the peer, or a proxy in front of it, may not see why | reads on |
//! | peers that do not read | what was written is bounded in bytes and in time, the answers to WebSocket pings too | unbounded |
//! | the end of the server | each session is told with [`Session::close`](super::Session::close), below a [`Peer`](crate::socketio::Peer) with [`shut_down`](crate::socketio::Connection::shut_down), and there is time for the Close frames, the answers, and one more GET | the same |
//!
//! # A whole session
//!
//! ```
//! use core::time::Duration;
//! use sio_codec::engineio::server::{Carrier, Config, Input, RequestId, Route, Router, Transmit, WsId};
//! use sio_codec::engineio::{BinaryForm, CloseReason, Encoded, Event, RequestHead, Revision, Session, Sid};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! let router = Router::new(Config::default())?;
//! let head = RequestHead {
//!     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
//! };
//! let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
//!
//! // The program names the request, and the random bytes are its own.
//! let now = Timestamp::ZERO;
//! let mut session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::Request(RequestId(1)));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Opened)));
//! let Some(Output::Transmit(Transmit::Respond { id, response })) = session.poll_output() else { unreachable!() };
//! assert_eq!((id, response.status), (RequestId(1), 200));
//! assert!(response.body.starts_with(br#"0{"sid":"BwcHBwcHBwcHBwcHBwcH","upgrades":["websocket"],"#));
//!
//! // A GET waits until there is something to say.
//! let revision = Some(Revision::V4);
//! session.handle(now, Input::Poll { id: RequestId(2), revision });
//! assert_eq!(session.poll_output(), None);
//! session.send(&Encoded::text("hello"))?;
//! session.send(&Encoded::text("world"))?;
//! let Some(Output::Transmit(Transmit::Respond { response, .. })) = session.poll_output() else { unreachable!() };
//! assert_eq!(response.body, "4hello\x1e4world");
//!
//! // A WebSocket asks for the session, is probed, and takes over.
//! let ws = WsId(3);
//! session.handle(now, Input::Upgrade { ws, revision, binary: BinaryForm::Native });
//! assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsAccept { ws })));
//! session.handle(now, Input::WsFrame { ws, frame: Frame::from("2probe") });
//! let answer = Transmit::WsSend { ws, frame: Frame::from("3probe") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(answer)));
//! session.handle(now, Input::WsFrame { ws, frame: Frame::from("5") });
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Upgraded)));
//!
//! // The heartbeat is due after 25 s, and no answer comes for 20 s.
//! let due = session.next_deadline().unwrap();
//! assert_eq!(due, now.saturating_add(Duration::from_secs(25)));
//! session.handle_timeout(due);
//! let ping = Transmit::WsSend { ws, frame: Frame::from("2") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(ping)));
//! session.handle_timeout(due.saturating_add(Duration::from_secs(20)));
//! assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsClose { ws })));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Closed(CloseReason::PingTimeout))));
//! assert_eq!(session.next_deadline(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod closing;
mod config;
mod dialect;
mod driver;
mod heartbeat;
mod io;
mod lanes;
mod outgoing;
mod polling;
mod role;
mod router;
mod session;
mod sessions;
#[cfg(feature = "std")]
mod shared;
mod state;
mod websocket;

pub use config::{Config, Transports};
pub use driver::{Answer, Driver, Gone, Reply};
pub use io::{Input, Transmit};
pub use router::{Action, Handshake, Route, Router, SessionRequest};
pub use session::{Carrier, ServerSession};
pub use sessions::{ServerMachine, Sessions};
#[cfg(feature = "std")]
pub use shared::{Answered, Pending, Shared, Slot, Table};

pub use crate::engineio::ids::{RequestId, WsId};
pub use crate::engineio::line::Outlet;
pub use crate::engineio::payload::format::BodyFormat;

#[cfg(test)]
mod tests;
