//! How a session moves from polling to a WebSocket.
//!
//! Most clients begin with HTTP requests, which pass everywhere, and try a WebSocket as soon as the session is open. Nothing
//! is lost and nothing comes twice on the way: at each moment one transport carries the packets of each direction. The
//! machines do all of it; a program establishes the WebSocket and hands in what arrives.
//!
//! # The picture
//!
//! ```text
//!   client                                      server   what the server's program sees
//!     │ GET   polling ─────────────────────────▶ │   Handshake::accept, with Carrier::Request
//!     │ ◀───────────────── 200  0{"sid":"S",...} │   Transmit::Respond, Event::Opened
//!     │                                          │
//!     │ GET   polling    sid=S ────────────────▶ │   Input::Poll: it waits
//!     │ POST  polling    sid=S   4hello ───────▶ │   Input::Post, Input::Body
//!     │ ◀─────────────────────────────── 200  ok │   Event::Message, Transmit::Respond
//!     │                                          │
//!     │ GET   websocket  sid=S   Upgrade ──────▶ │   Input::Upgrade
//!     │ ◀─────────────────────────────────── 101 │   Transmit::WsAccept
//!     │ 2probe ════════════════════════════════▶ │   Input::WsFrame
//!     │ ◀════════════════════════════════ 3probe │   Transmit::WsSend
//!     │ ◀──────────────────────────────── 200  6 │   Transmit::Respond, after 100 ms
//!     │ 5 ═════════════════════════════════════▶ │   Input::WsFrame, Event::Upgraded
//!     │ ◀════════════════════════════════ 4world │   Transmit::WsSend
//!
//!     ─── HTTP     ═══ WebSocket
//! ```
//!
//! The words behind GET and POST are those of the query: `EIO=4&transport=polling&sid=S`. The `200  6` answers the GET that waits
//! with a noop.
//!
//! # Who says what, and where
//!
//! | while | the client sends | the server sends |
//! |---|---|---|
//! | polling | in POSTs | in the answers to GETs |
//! | the WebSocket is probed | in POSTs, until `3probe` is there | in the answers to GETs |
//! | the client pauses | nothing: the last requests come to their end | in the answer to the GET that waits |
//! | behind `5` | on the WebSocket | on the WebSocket, also what waited until now |
//!
//! The noop is there for the third row: without it a GET would wait until there is a message, and the client does not send `5`
//! before its last GET is answered. The heartbeat runs through all rows, on whatever carries packets.
//!
//! # What a program does
//!
//! *On a server*, [`Driver`](crate::engineio::server::Driver) does all of this but establish the WebSocket.
//!
//! 1. A request for a WebSocket with a `sid` arrives. Check its key and version first: a request that cannot become a WebSocket
//!    would take the place of one that can.
//! 2. Hand in [`Input::Upgrade`](crate::engineio::server::Input::Upgrade), with a number of your choice for the WebSocket.
//! 3. [`WsAccept`](crate::engineio::server::Transmit::WsAccept) comes out: answer 101. Or
//!    [`WsRefuse`](crate::engineio::server::Transmit::WsRefuse): send its answer, and close. A session takes one WebSocket at a
//!    time, and none if it is on one already.
//! 4. Hand in what the WebSocket delivers. Its messages may come in before [`Event::Upgraded`](crate::engineio::Event::Upgraded):
//!    the machine knows which transport counts.
//! 5. If the WebSocket breaks, or is never there, report [`WsClosed`](crate::engineio::server::Input::WsClosed).
//!
//! *On a client*, [`WsConnect`](crate::engineio::client::Transmit::WsConnect) asks for a WebSocket; report
//! [`WsOpened`](crate::engineio::client::Input::WsOpened) or [`WsClosed`](crate::engineio::client::Input::WsClosed).
//!
//! # When it fails
//!
//! A WebSocket that breaks, says anything but the probe and `5`, or does not take over within
//! [`upgrade_timeout`](crate::engineio::server::Config::upgrade_timeout) is closed, and the session goes on polling as if
//! nothing had been. There is no event for that, and nothing to do. After `5` there is no way back: if the WebSocket breaks
//! then, the session is over.
//!
//! # In code
//!
//! ```
//! use core::time::Duration;
//! use sio_codec::engineio::server::{Carrier, Config, Input, RequestId, Route, Router, Transmit, WsId};
//! use sio_codec::engineio::{BinaryForm, Encoded, Event, RequestHead, Revision, Session, Sid, Transport};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! # let router = Router::new(Config::default())?;
//! # let head = RequestHead {
//! #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
//! # };
//! # let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
//! # let now = Timestamp::ZERO;
//! let mut session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::Request(RequestId(1)));
//! # while session.poll_output().is_some() {}
//!
//! // A GET waits, and a WebSocket asks for the session.
//! let (ws, revision) = (WsId(3), Some(Revision::V4));
//! session.handle(now, Input::Poll { id: RequestId(2), revision });
//! session.handle(now, Input::Upgrade { ws, revision, binary: BinaryForm::Native });
//! assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsAccept { ws })));
//!
//! // It is probed. The GET is answered if nothing comes for 100 ms.
//! session.handle(now, Input::WsFrame { ws, frame: Frame::from("2probe") });
//! let probed = Transmit::WsSend { ws, frame: Frame::from("3probe") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(probed)));
//! let soon = now.saturating_add(Duration::from_millis(100));
//! assert_eq!(session.next_deadline(), Some(soon));
//! session.handle_timeout(soon);
//! let Some(Output::Transmit(Transmit::Respond { id, response })) = session.poll_output() else { unreachable!() };
//! assert_eq!((id, &response.body[..]), (RequestId(2), &b"6"[..]));
//!
//! // What is sent now waits: there is no GET, and the WebSocket is not the session's yet.
//! session.send(&Encoded::text("world"))?;
//! assert_eq!((session.poll_output(), session.transport()), (None, Some(Transport::Polling)));
//!
//! // The client takes over.
//! session.handle(soon, Input::WsFrame { ws, frame: Frame::from("5") });
//! assert_eq!(session.poll_output(), Some(Output::Event(Event::Upgraded)));
//! let message = Transmit::WsSend { ws, frame: Frame::from("4world") };
//! assert_eq!(session.poll_output(), Some(Output::Transmit(message)));
//! assert_eq!(session.transport(), Some(Transport::WebSocket));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Several processes behind a balancer share no sessions: all requests of one have to reach the same.
//! [There](super::several_nodes) is more about that.
