//! Socket.IO: namespaces, events and acknowledgements over an Engine.IO session.
//!
//! This page is about the server's side; the client's is [`client`].
//!
//! # One namespace's life, on the server
//!
//! ```text
//!   CONNECT, or the opening of a session of protocol 4
//!      │
//!      ▼
//!   Asking ── refuse ──▶ CONNECT_ERROR, the connection stays open
//!      │ accept
//!      ▼
//!   Joined ◀──▶ events and acknowledgements
//!      │
//!      ├─ DISCONNECT of the client, or the end of the session ──▶ Event::Disconnected, once
//!      │
//!      └─ DISCONNECT of the server ──▶ Event::Disconnected, once
//!                                      what the client said before it learned of it is ignored
//! ```
//!
//! Rooms and broadcasts are the [`hub`]'s.
//!
//! # Timers
//!
//! | timer | armed | default | on expiry |
//! |---|---|---|---|
//! | connect | the session opened; until the first namespace is joined | 45 s | close |
//! | acknowledgement | [`Connection::emit_with_ack`] | the caller's | [`Event::AckTimedOut`] |
//!
//! # Faults
//!
//! Each closes the connection, for all its namespaces, without an error packet. The first of them is the reason that
//! [`Event::Disconnected`] and [`Event::Closed`] carry.
//!
//! | what the client does | reason |
//! |---|---|
//! | sends something undecodable ([`DecodeErrorKind`]) | `InvalidPacket` |
//! | sends a packet for a namespace that it has not joined | `Violation(NotJoined)` |
//! | asks for a namespace twice | `Violation(ConnectTwice)` |
//! | sends a CONNECT_ERROR | `Violation(ConnectError)` |
//! | joins no namespace in time | `Violation(ConnectTimeout)` |
//!
//! That is protocol 5. What servers of protocol 4 put up with is in the table of [`Dialect`].
//!
//! # Clients that read slowly
//!
//! What is sent waits in the session until the client takes it, and what the session has no room for waits on the
//! connection, in its order:
//!
//! | what the program does | when much waits |
//! |---|---|
//! | emits, or delivers a broadcast | refused with [`EmitError::BufferFull`] when [`Limits::max_buffered_bytes`] wait on the connection; [`Event::Writable`] tells when there is room |
//! | the same in direct reaction to an event, before it asks for the next output | taken: no event comes out while there is no room for that |
//! | acknowledges, accepts, refuses, disconnects | taken; when half as much again waits, nothing more is taken from the client |
//! | [`emit_volatile`](Connection::emit_volatile), [`hub::Target::volatile`] | dropped, unless it can leave at once |
//!
//! Nothing that was taken disappears: it leaves in its order, or the session ends with a reason. A client that reads, however
//! slowly, is never cut off for it; one that reads nothing for a ping timeout is, by the session. A program that would rather
//! lose clients than wait for them [closes](Connection::close) those that it cannot deliver to.
//!
//! [`Limits::max_buffered_bytes`]: crate::Limits::max_buffered_bytes
//!
//! # Floors
//!
//! What a folder, or a file that stands alone, may import from; every arrow points down. `tests/floors` holds the code to it.
//! All may use [`engineio`](crate::engineio), and the crate's own types, such as [`Frame`](crate::Frame).
//!
//! ```text
//! peer      → layer server                                      a session and a connection as one machine
//! client    → ack_id args layer namespace packet value          the client's connections, reconnecting included
//! server    → ack_id args layer namespace packet                the server's connections, and their hub
//! layer     → ack_id args namespace packet                      what the connections of both roles share
//! packet    → ack_id args bridge json msgpack namespace value   packets, as text and as MessagePack
//! args      → bridge json msgpack value                         what a program gets of a packet, and puts into it
//! json      → bridge value                                      JSON: read, written, checked
//! msgpack   → bridge value                                      MessagePack: read, written, checked
//! bridge    →                                                   what both need of serde
//! value     →                                                   values of any shape, dates, binary values
//! namespace →
//! ack_id    →
//! decisions →
//! ```
//!
//! # Packets without a connection
//!
//! | to | use |
//! |---|---|
//! | look at a packet in a `&str`: route, filter, count, read what it holds | [`PacketRef`]; allocates nothing |
//! | choose by the head of a packet who reads its arguments, or whether anybody does | [`Decoder::route`], [`Unread`]; the arguments are checked when they are read |
//! | the same with MessagePack in a `&[u8]`, feature `msgpack` | `MsgPackPacketRef` |
//! | take packets with their attachments from the messages of a session | [`Decoder`] |
//! | send values of the program's | [`Outgoing`], into a buffer of the caller's or shared by any number of receivers |
//! | send a packet that is there already | [`Packet::encode`], [`Packet::encode_into`] |
//! | keep or pass on a payload as text: read the array behind the head, write a head in front | [`PacketRef::payload`], [`Args::payload`], [`ArgsRef::from_json`], [`Head`] |
//! | read or write arguments of unknown shape | [`Value`] |
//!
//! The revision of the protocol ([`Protocol`], [`Dialect`]) and the form of packets ([`Parser`]) are chosen per
//! connection.
//!
//! # What JSON may hold
//!
//! | input | the packet | typed reading, [`Args::decode`] and [`Json::decode`] | [`Value`], however it is read |
//! |---|---|---|---|
//! | whole numbers beyond 2^53 | taken | exact up to 64 bits; in a float, the nearest | exact up to 64 bits, then the nearest float |
//! | `-0` | taken | a float | a float |
//! | `1e400` | taken | a float, infinite as in JavaScript | the same |
//! | a key that comes twice | taken | the last, in maps; a `struct` of serde's refuses it | the last |
//! | a lone surrogate (`"\ud800"`) | taken; as an event's name refused | [`ArgsError::Mismatch`] | U+FFFD |
//! | an event's name with escapes | taken, and compared without them | | |
//! | an event's name that is a number | the text that JavaScript makes of it: `1` for `1.0`, `1e+21` | | |
//! | more than 127 levels of arrays and objects | refused: [`DecodeErrorKind::TooDeep`] | | |
//! | control characters in a string, not escaped | refused: [`DecodeErrorKind::InvalidJson`] | | |
//!
//! What is taken beyond the grammar, and what is refused although the reference takes it, is the page of [`decisions`].
//!
//! # A whole connection
//!
//! ```
//! use core::time::Duration;
//! use sio_codec::engineio::server::{Carrier, Config, Input, Route, Router, Transmit, WsId};
//! use sio_codec::engineio::{CloseReason, RequestHead, Sid};
//! use sio_codec::socketio::{self, Connection, DisconnectReason, Event, Namespace, Peer};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! let router = Router::new(Config::default())?;
//! let head = RequestHead {
//!     method: "GET", query: "EIO=4&transport=websocket", content_type: None, origin: None, wants_websocket: true,
//! };
//! let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
//! let (now, ws) = (Timestamp::ZERO, WsId(1));
//! let session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::WebSocket(ws));
//! let mut peer = Peer::new(session, Connection::new(socketio::Config::default()));
//! let Some(Output::Transmit(Transmit::WsSend { frame: Frame::Text(open), .. })) = peer.poll_output() else {
//!     unreachable!()
//! };
//! assert!(open.as_str().starts_with(r#"0{"sid":"BwcHBwcHBwcHBwcHBwcH","upgrades":[],"#));
//!
//! // The client asks for a namespace, and the application accepts it.
//! peer.handle(now, Input::WsFrame { ws, frame: Frame::from(r#"40/chat,{"token":"123"}"#) });
//! let chat = Namespace::new("/chat")?;
//! let Some(Output::Event(Event::ConnectRequested { namespace, auth })) = peer.poll_output() else { unreachable!() };
//! assert_eq!((namespace, auth.unwrap().as_str()), (chat.clone(), r#"{"token":"123"}"#));
//! peer.socketio().accept(&chat, &Sid::from_entropy([9; 15]))?;
//! let welcome = Frame::from(r#"40/chat,{"sid":"CQkJCQkJCQkJCQkJCQkJ"}"#);
//! assert_eq!(peer.poll_output(), Some(Output::Transmit(Transmit::WsSend { ws, frame: welcome })));
//!
//! // An event that asks for an acknowledgement gets one.
//! peer.handle(now, Input::WsFrame { ws, frame: Frame::from(r#"42/chat,7["add",1,2]"#) });
//! let Some(Output::Event(Event::Received { name, args, reply, .. })) = peer.poll_output() else { unreachable!() };
//! let (a, b): (u32, u32) = args.decode()?;
//! assert_eq!((name.as_str(), a + b), ("add", 3));
//! peer.socketio().acknowledge(reply.unwrap(), (a + b,))?;
//! let answer = Frame::from("43/chat,7[3]");
//! assert_eq!(peer.poll_output(), Some(Output::Transmit(Transmit::WsSend { ws, frame: answer })));
//!
//! // The server asks in its turn. The client is silent, and what it says too late is ignored.
//! let asked = peer.socketio().emit_with_ack(now, &chat, "ready?", (), Duration::from_secs(5))?;
//! let question = Frame::from(r#"42/chat,0["ready?"]"#);
//! assert_eq!(peer.poll_output(), Some(Output::Transmit(Transmit::WsSend { ws, frame: question })));
//! let due = peer.next_deadline().unwrap();
//! assert_eq!(due, now.saturating_add(Duration::from_secs(5)));
//! peer.handle_timeout(due);
//! let silence = Event::AckTimedOut { namespace: chat.clone(), id: asked };
//! assert_eq!(peer.poll_output(), Some(Output::Event(silence)));
//! peer.handle(due, Input::WsFrame { ws, frame: Frame::from("43/chat,0[true]") });
//! assert_eq!(peer.poll_output(), None);
//!
//! // A second namespace, which the server makes the client leave.
//! let news = Namespace::new("/news")?;
//! peer.handle(due, Input::WsFrame { ws, frame: Frame::from("40/news,") });
//! assert!(matches!(peer.poll_output(), Some(Output::Event(Event::ConnectRequested { .. }))));
//! peer.socketio().accept(&news, &Sid::from_entropy([8; 15]))?;
//! peer.socketio().disconnect(&news)?;
//! let reason = DisconnectReason::ServerNamespace;
//! assert_eq!(peer.poll_output(), Some(Output::Event(Event::Disconnected { namespace: news, reason })));
//! for text in [r#"40/news,{"sid":"CAgICAgICAgICAgICAgI"}"#, "41/news,"] {
//!     assert_eq!(peer.poll_output(), Some(Output::Transmit(Transmit::WsSend { ws, frame: Frame::from(text) })));
//! }
//!
//! // The WebSocket goes away.
//! peer.handle(due, Input::WsClosed { ws });
//! let reason = DisconnectReason::Engine(CloseReason::TransportClose);
//! assert_eq!(peer.poll_output(), Some(Output::Event(Event::Disconnected { namespace: chat, reason })));
//! assert_eq!(peer.poll_output(), Some(Output::Event(Event::Closed(reason))));
//! assert_eq!((peer.poll_output(), peer.next_deadline()), (None, None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ack_id;
mod args;
mod bridge;
pub mod client;
pub mod decisions;
pub(crate) mod json;
mod layer;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
mod namespace;
mod packet;
mod peer;
mod server;
pub(crate) mod value;

pub use ack_id::AckId;
pub use args::{Args, ArgsBuilder, ArgsError, Json, Mismatch, Parser, Unrepresentable};
pub use layer::{Dialect, DisconnectReason, EmitError, Layer, Reply, Transmit, Violation};
pub use namespace::{InvalidNamespace, Namespace};
pub use packet::{
    ArgsRef, DecodeError, DecodeErrorKind, Decoder, DecoderState, Head, KindRef, Outgoing, Packet, PacketKind,
    PacketRef, Protocol, ToArgs, Unread, UnreadKind,
};
#[cfg(feature = "msgpack")]
pub use packet::{MsgPackArgsRef, MsgPackKindRef, MsgPackPacketRef};
pub use peer::Peer;
pub use server::connection::{Config, Connection, Event};
pub use server::hub;
pub use value::{Binary, Date, Object, Undefined, Value};
