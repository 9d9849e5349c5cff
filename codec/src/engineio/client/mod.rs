//! The client's side of a session.
//!
//! # One session's life
//!
//! ```text
//!        connect                                   connect (WebSocket first)
//!           │ GET                                       │ WebSocket
//!           ▼                                           ▼
//!   ┌── Connecting ◀────────── it fails ─────────── Connecting ──┐
//!   │       │ open packet: Event::Opened                │        │
//!   │       ▼                                           │        │
//!   │    Polling ◀─────────────────────┐                │        │
//!   │       │ upgrade offered          │ WebSocket gone,│        │
//!   │       ▼                          │ wrong answer   │        │
//!   │    Probing   "2probe"  ──────────┤                │        │
//!   │       │ "3probe"                 │                │        │
//!   │       ▼                          │                │        │
//!   │    Pausing   no new requests  ───┘                │        │
//!   │       │ "5": Event::Upgraded                      │        │
//!   │       ▼                                           │        │
//!   │    WebSocket ◀────────────────────────────────────┘        │
//!   │       │ close (from polling too)                           │
//!   │       ▼                                                    │
//!   │    Closing    what is queued goes out, then the farewell   │
//!   │       │                                                    │
//!   └───────┴──▶ Closed ◀────────────────────────────────────────┘
//!                Event::Closed, once
//! ```
//!
//! While a session is on polling there is one GET in flight, unless messages of the last answer wait to be handed on, and at
//! most one POST. When it is closed there is none: every request was answered or cancelled, and every WebSocket closed. A
//! session that leaves goes on polling and answering pings until everything was said.
//!
//! # Timers
//!
//! | timer | armed | duration | on expiry |
//! |---|---|---|---|
//! | connect | each transport that is tried | 20 s by default | close, `timeout`; or try polling |
//! | idle, revision 4 | open; each ping | the server's ping interval and ping timeout | close, `ping timeout` |
//! | ping, revision 3 | open; each pong | the server's ping interval | send `2`, arm idle |
//! | idle, revision 3 | a ping was queued | the server's ping timeout | close, `ping timeout` |
//! | | open; each packet | ping interval and ping timeout | the same |
//! | stall | the server is not listened to; anew with whatever leaves | the server's ping timeout | close, `SlowReader` |
//! | close | closing on polling, or on a WebSocket that is full | 30 s by default | closed |
//!
//! Messages are handed on one by one, and only while there is room for what they may cause ([`Limits`](crate::Limits) says
//! how much that is); the next GET is sent when the last message of an answer was handed on. While the server is not listened
//! to, its silence is not held against it.
//!
//! The heartbeat runs on across an upgrade. Timers fire before anything else is looked at, so a program that slept too long
//! finds its session closed rather than writing to one that the server has forgotten.
//!
//! # Faults
//!
//! | what the server does | what the session does | reason of [`Event::Closed`](super::Event::Closed) |
//! |---|---|---|
//! | no open packet in time | gives up, or tries polling | `ConnectTimeout` |
//! | open packet that cannot be used | gives up | `ParseError`, of a kind that names the key: [`Open::parse`](super::Open::parse) |
//! | another packet before it | gives up | `TransportError(NotOpen)` |
//! | answer with a status other than 200 | gives up | `TransportError(Status)` |
//! | no answer; no WebSocket | gives up, or tries polling | `TransportError(NoAnswer)` |
//! | answer or message above the limit | gives up | `TransportError(PayloadTooLarge)` |
//! | undecodable packet | gives up; those before it count | `ParseError` |
//! | close packet, lost WebSocket | gives up | `TransportClose` |
//! | close packet while polling pauses | finishes the upgrade | |
//! | fails the probe, loses the candidate | goes on with polling | |
//! | no ping, or in revision 3 no pong | gives up | `PingTimeout` |
//! | causes more than it takes | it is not listened to until it takes some | |
//! | takes nothing of that for a ping timeout | gives up | `TransportError(SlowReader)` |
//! | second open packet; upgrade, noop, heartbeat of the other role | nothing | |
//!
//! *Gives up*: cancels its requests, closes its WebSocket, and is closed.
//!
//! # What is left to the program
//!
//! The path (with the feature `http`, an `Endpoint` knows it); cookies and other headers; content codings that it offered; the size of what it reads
//! ([`Limits::max_payload`](crate::Limits::max_payload)), of which the session learns too late to save memory; fragments and
//! invalid text of WebSocket messages.
//!
//! # A whole session
//!
//! ```
//! use core::time::Duration;
//! use bytes::Bytes;
//! use sio_codec::engineio::client::{ClientSession, Config, Input, Transmit};
//! use sio_codec::engineio::{BodyFormat, CloseReason, Encoded, Event, RequestId, Session, WsId};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! let now = Timestamp::ZERO;
//! let mut session = ClientSession::connect(now, Config::default());
//! let get = |id, query: &str| {
//!     Some(Output::Transmit(Transmit::Request { id: RequestId(id), query: query.into(), body: None }))
//! };
//! let answer = |id, body: &'static str| Input::Response {
//!     id: RequestId(id), status: 200, format: BodyFormat::Text, body: Bytes::from_static(body.as_bytes()),
//! };
//!
//! // The session names its requests; the program carries them out and reports the answers.
//! assert_eq!(session.poll_output(), get(1, "EIO=4&transport=polling"));
//! let open = r#"0{"sid":"S","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
//! session.handle(now, answer(1, open));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Opened)));
//! assert_eq!(session.sid().unwrap().as_str(), "S");
//!
//! // The server offers a WebSocket, which is tried while polling goes on.
//! let (ws, query) = (WsId(2), "EIO=4&transport=websocket&sid=S".into());
//! assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsConnect { ws, query })));
//! assert_eq!(session.poll_output(), get(3, "EIO=4&transport=polling&sid=S"));
//! session.send(&Encoded::text("hello"))?;
//! session.send(&Encoded::binary(Bytes::from_static(&[1, 2, 3, 4])))?;
//! let Some(Output::Transmit(Transmit::Request { id, body: Some(body), .. })) = session.poll_output() else {
//!     unreachable!()
//! };
//! assert_eq!(body.format.request_type(), "text/plain;charset=UTF-8");
//! assert_eq!((id, body.bytes), (RequestId(4), Bytes::from("4hello\x1ebAQIDBA==")));
//!
//! // The WebSocket is there and answers the probe. Polling pauses, and the last requests come to their end.
//! session.handle(now, Input::WsOpened { ws });
//! let probe = Transmit::WsSend { ws, frame: Frame::from("2probe") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(probe)));
//! session.handle(now, Input::WsFrame { ws, frame: Frame::from("3probe") });
//! session.handle(now, answer(4, "ok"));
//! session.handle(now, answer(3, "4welcome"));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Message(Frame::from("welcome")))));
//! let upgrade = Transmit::WsSend { ws, frame: Frame::from("5") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(upgrade)));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Upgraded)));
//!
//! // A ping is answered. The next one does not come.
//! let later = now.saturating_add(Duration::from_secs(25));
//! session.handle(later, Input::WsFrame { ws, frame: Frame::from("2") });
//! let pong = Transmit::WsSend { ws, frame: Frame::from("3") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(pong)));
//! let due = session.next_deadline().unwrap();
//! assert_eq!(due, later.saturating_add(Duration::from_secs(45)));
//! session.handle_timeout(due);
//! assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsClose { ws })));
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Closed(CloseReason::PingTimeout))));
//! assert_eq!((session.poll_output(), session.next_deadline()), (None, None));
//! # Ok::<(), sio_codec::engineio::SendError>(())
//! ```

mod closing;
mod config;
mod driver;
#[cfg(feature = "http")]
mod endpoint;
mod heartbeat;
mod io;
mod lanes;
mod outgoing;
mod polling;
mod role;
mod session;
#[cfg(feature = "std")]
mod shared;
mod state;
mod websocket;

pub use config::{Config, Transports};
pub use driver::{Connector, Driver};
#[cfg(feature = "http")]
pub use endpoint::{Endpoint, EndpointError};
pub use io::{Body, Input, Transmit};
pub use session::ClientSession;
#[cfg(feature = "std")]
pub use shared::{Request, Shared, Step};

#[cfg(test)]
mod tests;
