//! Engine.IO and Socket.IO without I/O.
//!
//! It turns received bytes into events, and your calls into bytes to send. It opens no socket, reads no clock, draws no random number and
//! knows no runtime, so it can be embedded in any: threads, tokio, a browser, a microcontroller, a test on a virtual clock.
//!
//! # The loop
//!
//! Every state machine here has the same four functions, the trait [`Machine`], and is driven in the same way:
//!
//! 1. wait until something happens: bytes arrive, a connection breaks, a deadline passes, the application calls a function;
//! 2. tell the machine, once: [`handle`](Machine::handle), [`handle_timeout`](Machine::handle_timeout), or a verb;
//! 3. take everything out with [`poll_output`](Machine::poll_output) until there is nothing left;
//! 4. do what the outputs say, look at [`next_deadline`](Machine::next_deadline) and
//!    [`wants_input`](Machine::wants_input), and start again at 1.
//!
//! In full, for one session on a server whose requests and WebSockets report to a channel:
//!
//! ```
//! # #[cfg(feature = "std")] {
//! # use std::sync::mpsc::channel;
//! use std::sync::mpsc::{Receiver, RecvTimeoutError};
//! use sio_codec::engineio::server::{Input, ServerSession, Transmit};
//! use sio_codec::engineio::Sid;
//! use sio_codec::socketio::{Event, Peer};
//! use sio_codec::{Clock, Machine, Output};
//!
//! fn run(
//!     mut peer: Peer<ServerSession>,
//!     clock: Clock,
//!     inputs: &Receiver<Input>,
//!     mut perform: impl FnMut(Transmit),
//! ) {
//!     loop {
//!         while let Some(output) = peer.poll_output() {
//!             match output {
//!                 Output::Transmit(transmit) => perform(transmit),
//!                 Output::Event(Event::ConnectRequested { namespace, .. }) => {
//!                     let _ = peer.socketio().accept(&namespace, &Sid::from_entropy(random()));
//!                 }
//!                 Output::Event(Event::Received { namespace, name, args, .. }) => {
//!                     if peer.socketio().emit(&namespace, name.as_str(), &args).is_err() {
//!                         peer.socketio().close();
//!                     }
//!                 }
//!                 Output::Event(Event::Closed(_)) => return,
//!                 Output::Event(_) => {}
//!             }
//!         }
//!         match inputs.recv_timeout(clock.until(peer.next_deadline())) {
//!             Ok(input) => peer.handle(clock.now(), input),
//!             Err(RecvTimeoutError::Timeout) => peer.handle_timeout(clock.now()),
//!             Err(RecvTimeoutError::Disconnected) => return,
//!         }
//!     }
//! }
//! # fn random() -> [u8; 15] { [9; 15] }
//! # use sio_codec::engineio::server::{self, Carrier, Route, Router, WsId};
//! # use sio_codec::socketio::{Config, Connection};
//! # use sio_codec::engineio::RequestHead;
//! # use sio_codec::Frame;
//! # let query = "EIO=4&transport=websocket";
//! # let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
//! # let Ok(Route::Handshake(handshake)) = Router::new(server::Config::default()).unwrap().route(&head) else { unreachable!() };
//! # let (clock, ws) = (Clock::start(), WsId(1));
//! # let session = handshake.accept(clock.now(), Sid::from_entropy(random()), Carrier::WebSocket(ws));
//! # let peer = Peer::new(session, Connection::new(Config::default()));
//! # let (sender, inputs) = channel();
//! # for text in ["40", r#"42["hello",1]"#, "1"] {
//! #     sender.send(Input::WsFrame { ws, frame: Frame::from(text) }).unwrap();
//! # }
//! # let mut sent = Vec::new();
//! # run(peer, clock, &inputs, |transmit| sent.push(transmit));
//! # assert_eq!(sent[2], Transmit::WsSend { ws, frame: Frame::from(r#"42["hello",1]"#) });
//! # }
//! ```
//!
//! A real program keeps a request until it is answered, and a WebSocket until it closes. With tasks or threads that is done by
//! `Shared`, for [servers](engineio::server::Shared) and for [clients](engineio::client::Shared); elsewhere by a driver, of
//! [servers](engineio::server::Driver) and of [clients](engineio::client::Driver), and a table of
//! [`Sessions`](engineio::server::Sessions). The guide has [a whole server](guide::whole_server) and [a whole
//! client](guide::whole_client) on tokio, and [a whole server on threads](guide::server_on_threads); [`axum.rs`] and [`smol.rs`]
//! are servers of other shapes, and [`websocket.rs`] is the smallest one, without polling; [`client_blocking.rs`] is a client on
//! threads. [`chat`] is a server with rooms and logins, and a page for browsers.
//!
//! [`axum.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/axum.rs
//! [`chat`]: https://github.com/siospec/siospec/tree/main/codec/examples/chat
//! [`smol.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/smol.rs
//! [`websocket.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/websocket.rs
//! [`client_blocking.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/client_blocking.rs
//!
//! Four rules keep an embedding right. *Register before you feed*: put a request where its answer will be looked for
//! before telling the machine about it, because the answer may be the very next output. *Drain after every feed*.
//! *Someone must call `handle_timeout`* when the deadline passes. *Read from WebSockets only while the machine wants
//! input*: otherwise a peer that sends without reading ends its session.
//!
//! `now` is a [`Timestamp`], any clock's that never runs backwards. A verb takes it if it may start or stop a timer, and only
//! then: `emit` does not, `emit_with_ack` does.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `std`, on by default | `Clock`; base64 uses the vector instructions of the processor |
//! | `msgpack` | `Parser::MsgPack`: Socket.IO packets as MessagePack. No dependency |
//! | `cluster` | the module `cluster`: one server among others, what they say to each other through Socket.IO's Redis adapters. Brings `msgpack`, and no dependency |
//! | `futures` | `run` of a [`Conversation`](engineio::Conversation), for a WebSocket that is a `Stream` and a `Sink`; needs `std` |
//! | `http` | conversions from and into the types of the crate `http`, which needs `std`: of `&http::request::Parts` into a [`RequestHead`](engineio::RequestHead), of a [`Response`](engineio::Response) into that of `http`, and for clients `client::Endpoint` and `client::Input::response` |
//!
//! The crate needs Rust 1.88 or later, of any edition.
//!
//! # The guide
//!
//! [Each call of socket.io](guide::javascript) and the same here; [polling and upgrade](guide::polling_and_upgrade) with a
//! picture; [slow consumers](guide::slow_consumers); every [limit](guide::limits) with the formula for memory;
//! [many sessions](guide::many_sessions) and [several nodes](guide::several_nodes); [security](guide::security) on the internet;
//! [replacing a parser](guide::replacing_a_parser) of another library; and the [vocabulary](guide::vocabulary).
//!
//! # The layers
//!
//! | layer | turns | into |
//! |---|---|---|
//! | [`engineio::server::Router`] | the head of a request | a refusal, a handshake, or a request of a session |
//! | [`engineio::Packet`], [`engineio::payload`] | frames, polling bodies | Engine.IO packets |
//! | [`engineio::server::ServerSession`] | requests and frames | messages, in order, over polling, WebSocket, or both |
//! | [`engineio::client::ClientSession`] | answers and frames | the same on the other side |
//! | [`socketio::Decoder`], [`socketio::Packet`] | messages | Socket.IO packets with their attachments |
//! | [`socketio::Connection`] | packets | namespaces, events and acknowledgements |
//! | [`socketio::client::Connection`] | packets | the same, on the client's side |
//! | [`socketio::Peer`] | requests and frames | the same, as one machine |
//! | [`socketio::client::Client`] | requests and frames | the same, for one session after the other |
//! | [`socketio::hub::Hub`] | memberships and broadcasts | deliveries, one for each connection |
//!
//! The machines have the same four words for what goes in and comes out, each in its own module: `Config`, `Input`, `Transmit`
//! and `Event`. A program that deals with several names them by the module, as in `hub::Event`, like `io::Result` and
//! `fmt::Result`; longer names would say the module twice. What is not of one machine has a name of its own: a session is known by
//! its [`Sid`](engineio::Sid), a request by a [`RequestId`](engineio::RequestId), a WebSocket by a [`WsId`](engineio::WsId), a member
//! of a namespace by a [`MemberId`](socketio::hub::MemberId), and the names of rooms are [`Room`](socketio::hub::Room)s.
//!
//! Each can be used alone. The event of a layer is the input of the one above it, and what that one wants to transmit is a
//! verb of the one below.
//!
//! # The formats
//!
//! To replace only a parser you do not need the machines. What reads comes in two forms: one borrows from a
//! `&str` or `&[u8]` and hands out views, the other takes [`Text`] or `Bytes` and hands out slices that share them. What
//! writes does so into a buffer of the caller's, or makes a message that any number of receivers share.
//!
//! | format | read | write |
//! |---|---|---|
//! | Engine.IO packet, 3 and 4: text, binary, base64 | [`engineio::PacketRef`], [`engineio::Packet`] | [`engineio::Parts`], [`Packet::to_frame`](engineio::Packet::to_frame) |
//! | polling body: `\x1e`, lengths in text, lengths in binary | [`PacketsRef`](engineio::payload::PacketsRef), [`Packets`](engineio::payload::Packets) | [`Encoder`](engineio::payload::Encoder), [`Bodies`](engineio::payload::Bodies) up to `maxPayload` |
//! | JSONP: scripts and form fields | [`unwrap`](engineio::jsonp::unwrap), [`decode_form`](engineio::jsonp::decode_form) | [`wrap`](engineio::jsonp::wrap), [`encode_form`](engineio::jsonp::encode_form) |
//! | WebTransport frames | [`Decoder`](engineio::webtransport::Decoder), over any cuts | [`write`](engineio::webtransport::write) |
//! | open packet | [`Open::parse`](engineio::Open::parse) | [`Open::to_packet`](engineio::Open::to_packet) |
//! | query of a request | [`engineio::Query`] | [`engineio::RequestQuery`] |
//! | answers to a request that is refused | | [`HttpError::response`](engineio::HttpError::response) |
//! | Socket.IO packet, 4 and 5, with attachments | [`socketio::PacketRef`], [`socketio::Decoder`] | [`socketio::Outgoing`], [`Packet::encode`](socketio::Packet::encode) |
//! | its arguments: typed, of any shape, or as text | [`Args::decode`](socketio::Args::decode), [`Args::values`](socketio::Args::values), [`Args::items`](socketio::Args::items) | [`Args::encode`](socketio::Args::encode), [`Args::from_values`](socketio::Args::from_values), [`Args::from_json`](socketio::Args::from_json) |
//! | the same as MessagePack, feature `msgpack` | `socketio::MsgPackPacketRef`, [`Decoder::with_parser`](socketio::Decoder::with_parser) | [`Outgoing::encode_with`](socketio::Outgoing::encode_with) |
//! | messages between servers, feature `cluster` | `cluster::classic`, `sharded`, `streams` | the same codecs |
//!
//! ```
//! use bytes::Bytes;
//! use sio_codec::engineio::payload::{Encoder, Format, PacketsRef};
//! use sio_codec::engineio::{HttpError, Open, PacketRef, Query, Revision, jsonp, webtransport};
//! use sio_codec::socketio::{Args, Decoder, KindRef, Namespace, Outgoing, PacketRef as SioRef, Protocol};
//! use sio_codec::{Frame, FrameRef, Limits};
//!
//! // A packet: text, or bytes, which revision 3 puts behind the number of their type.
//! let hello = PacketRef::Message(FrameRef::Text("hello"));
//! assert_eq!(PacketRef::parse(Revision::V4, "4hello")?, hello);
//! let bytes = PacketRef::Message(FrameRef::Binary(&[1, 2]));
//! assert_eq!(PacketRef::parse(Revision::V3, &[4, 1, 2][..])?, bytes);
//!
//! // A polling body in each of its forms.
//! for (format, body) in [
//!     (Format::V4, &b"4hello\x1ebAQI="[..]),
//!     (Format::V3Text, b"6:4hello6:b4AQI="),
//!     (Format::V3Binary, b"\x00\x06\xff4hello\x01\x03\xff\x04\x01\x02"),
//! ] {
//!     let mut payload = Encoder::new(format);
//!     for packet in [hello.parts().unwrap(), bytes.parts().unwrap()] {
//!         payload.push(packet)?;
//!     }
//!     assert_eq!(payload.finish().as_deref(), Some(body));
//!     assert_eq!(PacketsRef::new(format, body)?.next(), Some(Ok(hello.clone())));
//! }
//!
//! // Scripts, forms, streams.
//! let script = jsonp::wrap(&jsonp::Index::from_query("0"), "6:4hello");
//! assert_eq!(script, r#"___eio[0]("6:4hello");"#);
//! assert_eq!(jsonp::decode_form(b"d=6%3A4hello").as_deref(), Some("6:4hello"));
//! let mut stream = Vec::new();
//! webtransport::write(hello.parts().unwrap(), &mut stream)?;
//! assert_eq!(stream, b"\x064hello");
//!
//! // Around a session: its open packet, the query of a request, a refusal.
//! let open = Open::parse(r#"{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#)?;
//! assert_eq!((open.sid.as_str(), open.max_payload), ("x", None));
//! assert_eq!(Query::new("EIO=3&EIO=4").value("EIO").as_deref(), Some("4"));
//! assert_eq!(HttpError::UnknownSid.response().body, r#"{"code":1,"message":"Session ID unknown"}"#);
//!
//! // A Socket.IO packet: looked at, and with its attachment.
//! let event = SioRef::parse(r#"2/chat,["message","hello"]"#, Protocol::V5, &Limits::default())?;
//! let KindRef::Event { name, args, .. } = event.kind() else { unreachable!() };
//! assert_eq!((&*name, args.decode::<(&str,)>(&[])?), ("message", ("hello",)));
//! let mut decoder = Decoder::new(&Limits::default());
//! assert_eq!(decoder.push(r#"51-["photo",{"_placeholder":true,"num":0}]"#.into())?, None);
//! assert!(decoder.push(Frame::Binary(Bytes::from_static(&[1, 2])))?.is_some());
//! let frame = Outgoing::event(&Namespace::root(), "message").encode(&("hello", 7))?.frames().next();
//! assert_eq!(frame, Some(r#"42["message","hello",7]"#.into()));
//! assert_eq!(Args::from_json("[1,2]", vec![])?.decode::<(u8, u8)>()?, (1, 2));
//!
//! // The same as MessagePack, with the feature `msgpack`.
//! # #[cfg(feature = "msgpack")] {
//! use sio_codec::socketio::Parser;
//! let packet = Outgoing::event(&Namespace::root(), "hi").encode_with(Parser::MsgPack, &(7,))?;
//! let Some(Frame::Binary(message)) = packet.frames().next() else { unreachable!() };
//! assert_eq!(message[..], *b"\x83\xa4type\x02\xa4data\x92\xa2hi\x07\xa3nsp\xa1/");
//! assert!(Decoder::new(&Limits::default()).with_parser(Parser::MsgPack).push(Frame::Binary(message))?.is_some());
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is accepted beyond the grammar, and what is refused although the reference accepts it, is listed with its reasons:
//! [`engineio::decisions`], [`socketio::decisions`].
//!
//! # Faults
//!
//! What a peer does is never an `Err` of a machine: it becomes an answer or a close frame, and an event that carries the
//! reason. A `Result` is for the caller's own mistakes, and for bytes that are decoded without a machine. All errors say
//! what is wrong, those of bytes also where; they can be compared. They are `Copy` and allocate nothing, except where a
//! program's type has something to say: why an argument does not fit it ([`Mismatch`](socketio::Mismatch)), or why a value
//! cannot be written ([`Unrepresentable`](socketio::Unrepresentable)).
//!
//! Each has a short `name` for logs and metrics, which stays as it is when the words change: the kind of [`PacketError`],
//! [`PayloadError`] and [`DecodeError`] has it, and of [`CloseReason`] and [`DisconnectReason`] the `as_str` of the reference.
//!
//! | error | by whom | what a server does on the wire |
//! |---|---|---|
//! | [`HttpError`](engineio::HttpError) | the client | answers 400, 403 or 413 with a code and a message; no session is touched |
//! | [`PacketError`], [`PayloadError`] | the peer: undecodable | answers the POST with 400 or closes the WebSocket; ends the session, `parse error` |
//! | [`engineio::Violation`] | the peer: forbidden | the same, `transport error` |
//! | [`socketio::DecodeError`] | the peer: undecodable | closes the session without a packet; every namespace ends, `parse error` |
//! | [`socketio::Violation`] | the peer: forbidden | closes the session without a packet |
//! | [`SendError`](engineio::SendError), [`EmitError`](socketio::EmitError) | the caller | nothing is sent |
//! | [`EncodeError`](engineio::EncodeError), [`ArgsError`](socketio::ArgsError) | the caller, or a type that the arguments do not fit | nothing is sent |
//! | [`ConfigError`](engineio::ConfigError) | the caller | the configuration is rejected |
//! | `cluster::DecodeError` | another server, or whoever writes to the same Redis | drops the message |
//! | `cluster::EncodeError` | the caller | nothing is sent |
//!
//! ```
//! use sio_codec::engineio::{PacketRef, Revision};
//!
//! let fault = PacketRef::parse(Revision::V4, "9").unwrap_err();
//! assert_eq!((fault.kind.name(), fault.to_string()), ("UnknownType", "unknown packet type at byte 0".into()));
//! ```
//!
//! [`CloseReason`]: engineio::CloseReason
//! [`DecodeError`]: socketio::DecodeError
//! [`DisconnectReason`]: socketio::DisconnectReason
//! [`PacketError`]: engineio::PacketError
//! [`PayloadError`]: engineio::PayloadError
//!
//! # Limits
//!
//! [`Limits`] bounds everything that a peer or the application can make grow, and gives the formula for the memory of a session;
//! the [guide](guide::limits) has all limits on one page. Two bounds cannot be set: JSON and MessagePack may be 127 levels deep, and an acknowledgement's id is at most
//! 2^53 - 1.
#![no_std]
#![warn(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    reason = "a type that may grow says so, or why it cannot"
)]
#![warn(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::alloc_instead_of_core,
    reason = "the standard library is a feature"
)]
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::string_slice,
        reason = "nothing that a peer sends makes the crate panic; a file that calculates says why it cannot overflow"
    )
)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(feature = "cluster")]
pub mod cluster;
pub mod engineio;
mod frame;
pub mod guide;
mod limits;
mod machine;
mod names;
mod outputs;
#[cfg(test)]
mod scenario;
pub mod socketio;
mod text;
mod time;
mod timers;
#[cfg(test)]
mod vectors;

pub use frame::{Frame, FrameRef};
pub use limits::Limits;
pub use machine::{Machine, Output};
pub use text::{InvalidUtf8, Text};
#[cfg(feature = "std")]
pub use time::Clock;
pub use time::Timestamp;

/// The example of the package's page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
