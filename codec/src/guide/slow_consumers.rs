//! What happens when a peer reads more slowly than it is sent to.
//!
//! Memory is finite, so somebody has to wait or something has to go. The crate decides it in one way: what it took is sent in
//! its order, or the session ends with a reason; who has too much to say is told to wait; and who reads nothing at all is cut off.
//!
//! # Where messages wait
//!
//! ```text
//!   program ──▶ connection ──────────▶ session ──────────▶ writer ──▶ network ──▶ peer
//!               max_buffered_bytes     max_queued_bytes,   yours: a few messages
//!           ◀── BufferFull             half of it for  ◀── WsFull
//!               Event::Writable        what you send       WsWritable
//!                                      unasked
//! ```
//!
//! Each place is full before the one to its left fills. The bounds are fields of [`Limits`](crate::Limits), in bytes, and each
//! message counts with 128 more.
//!
//! | place | when it is full | when there is room again |
//! |---|---|---|
//! | the writer of a WebSocket, which the program keeps | the program says [`WsFull`](crate::engineio::server::Input::WsFull), and no message comes out any more | it says [`WsWritable`](crate::engineio::server::Input::WsWritable) |
//! | the session | a program without Socket.IO gets [`SendError::QueueFull`](crate::engineio::SendError::QueueFull); the connection keeps what it has | [`engineio::Event::Writable`](crate::engineio::Event::Writable) |
//! | the connection | `emit` and `deliver` return [`EmitError::BufferFull`](crate::socketio::EmitError::BufferFull), and nothing of that event is kept | [`Event::Writable`](crate::socketio::Event::Writable) |
//!
//! With polling the writer is the GET that waits: without one, messages stay in the session.
//!
//! # The way in
//!
//! A peer that asks much and reads nothing makes the program answer, and the answers pile up. So a machine listens only while
//! there is room for what it may hear: [`wants_input`](crate::Machine::wants_input) is `false` while three quarters of the
//! session's queue are full. Then leave the WebSocket unread. The network slows the peer down, and nothing is lost. A program
//! that reads on all the same ends the session when a whole payload waits unread: `Violation::Overrun`.
//!
//! # A peer that does not read
//!
//! | the peer | what happens |
//! |---|---|
//! | reads slowly, however slowly | everything arrives; the program waits |
//! | reads nothing, while it is not listened to | after a ping timeout (20 s by default) the session ends: [`SlowReader`](crate::engineio::Violation::SlowReader), on polling `ping timeout` |
//! | reads nothing, and has nothing to say | the ping is not answered: `ping timeout` |
//! | reads, but does not answer pings | `ping timeout`; the heartbeat overtakes waiting messages, so a full queue alone does not cause it |
//!
//! # What to do when it is full
//!
//! | policy | for | how |
//! |---|---|---|
//! | drop | positions, progress, whatever is stale soon | [`emit_volatile`](crate::socketio::Connection::emit_volatile), [`Target::volatile`](crate::socketio::hub::Target::volatile): it leaves at once or not at all |
//! | wait | files, history, one peer alone | stop at `BufferFull`, go on at `Writable` |
//! | cut off | broadcasts to many, where one may not hold up the others | [`close`](crate::socketio::Connection::close) at `BufferFull`; the client comes back, and with [recovery](crate::socketio::hub::Recovery) gets what it missed |
//!
//! A [`Hub`](crate::socketio::hub::Hub) waits for nobody: it hands out a delivery for each member, and the program decides about
//! each that is refused. Answers to a peer's own questions are taken even when events are refused, so a program that only
//! answers needs none of this.
//!
//! # In code
//!
//! ```
//! use sio_codec::engineio::server::{Input, Transmit};
//! use sio_codec::socketio::{EmitError, Event, Namespace};
//! use sio_codec::{Machine, Output};
//!
//! # use sio_codec::engineio::server::{Carrier, Config, Route, Router, WsId};
//! # use sio_codec::engineio::{RequestHead, Sid};
//! # use sio_codec::socketio::{self, Connection, Peer};
//! # use sio_codec::{Frame, Limits, Timestamp};
//! # let limits = Limits::default().with_max_queued_bytes(4_000).with_max_buffered_bytes(2_000);
//! # let router = Router::new(Config::default().with_limits(limits))?;
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
//! # let (now, ws, root) = (Timestamp::ZERO, WsId(1), Namespace::root());
//! # let session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::WebSocket(ws));
//! # let mut peer = Peer::new(session, Connection::new(socketio::Config::default()));
//! # peer.handle(now, Input::WsFrame { ws, frame: Frame::from("40") });
//! # while let Some(output) = peer.poll_output() {
//! #     if let Output::Event(Event::ConnectRequested { namespace, .. }) = output {
//! #         peer.socketio().accept(&namespace, &Sid::from_entropy([9; 15]))?;
//! #     }
//! # }
//! // The writer's buffer is full, and the program has much to say.
//! peer.handle(now, Input::WsFull { ws });
//! let mut taken = 0;
//! loop {
//!     match peer.socketio().emit(&root, "line", (taken, "of many")) {
//!         Ok(()) => taken += 1,
//!         Err(EmitError::BufferFull) => break,
//!         Err(error) => return Err(error.into()),
//!     }
//!     assert_eq!(peer.poll_output(), None, "there is nothing to send it on");
//! }
//!
//! // The peer has read. All that was taken leaves, in order, and then there is room.
//! peer.handle(now, Input::WsWritable { ws });
//! let mut sent = 0;
//! while let Some(output) = peer.poll_output() {
//!     match output {
//!         Output::Transmit(Transmit::WsSend { frame, .. }) => {
//!             assert_eq!(frame, format!(r#"42["line",{sent},"of many"]"#).into());
//!             sent += 1;
//!         }
//!         Output::Event(Event::Writable) => println!("go on with line {taken}"),
//!         _ => {}
//!     }
//! }
//! assert_eq!(sent, taken);
//! # assert!(taken > 10 && taken < 40, "{taken}");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
