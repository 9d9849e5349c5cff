//! A server on tokio, whole.
//!
//! It serves polling, WebSockets and the upgrade between them, slows clients down that send faster than they read, loses nothing
//! of what was sent last, and ends its sessions when it is stopped. HTTP and WebSockets are [axum]'s; the sessions are
//! [`Shared`](crate::engineio::server::Shared) by its tasks. The program has two files. `main.rs` has what the application does, in
//! `react`:
//!
//! ```
//! use sio_codec::engineio::Sid;
//! use sio_codec::socketio::{Connection, EmitError, Event};
//!
//! /// Greets who comes, and echoes what it gets in the main namespace.
//! fn react(io: &mut Connection, event: Event) -> Result<(), EmitError> {
//!     match event {
//!         Event::ConnectRequested { namespace, .. } => match namespace.as_str() {
//!             "/" | "/custom" => {
//!                 io.accept(&namespace, &fresh_sid())?;
//!                 io.emit(&namespace, "welcome", ())
//!             }
//!             _ => io.refuse_unknown(&namespace),
//!         },
//!         Event::Received { namespace, name, args, reply } if namespace == "/" => match (name.as_str(), reply) {
//!             ("message", _) => io.emit(&namespace, "message-back", &args),
//!             ("message-with-ack", Some(reply)) => io.acknowledge(reply, &args),
//!             _ => Ok(()),
//!         },
//!         _ => Ok(()),
//!     }
//! }
//!
//! /// An id that nobody can guess.
//! fn fresh_sid() -> Sid {
//!     let mut entropy = [0; 15];
//!     getrandom::fill(&mut entropy).expect("the system has random numbers");
//!     Sid::from_entropy(entropy)
//! }
//! # /*
//!
//! mod server;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     server::serve("127.0.0.1:3000", Default::default()).await
//! }
//! # */
//! # assert_ne!(fresh_sid(), fresh_sid());
//! # let _ = react;
//! ```
//!
//! # The program
//!
//! `server.rs` is that of the example [`one_lock`]. Besides `/socket.io/` it has a page of its own, from which it sends an event
//! to everybody, and it ends when it is interrupted: it lets nobody in any more, tells each client, and waits until that has
//! arrived. These are its dependencies; the feature `http` makes [`RequestHead`](crate::engineio::RequestHead) from a request, and
//! a response from [`Response`](crate::engineio::Response), and with `futures` a WebSocket
//! [runs](crate::engineio::Conversation) by itself:
//!
//! ```toml
//! axum = { version = "0.8", default-features = false, features = ["http1", "tokio", "ws"] }
//! bytes = "1"
//! getrandom = "0.4"
//! http = "1"
//! sio-codec = { version = "0.1", features = ["futures", "http"] }
//! tokio = { version = "1", features = ["macros", "net", "rt-multi-thread", "signal", "time"] }
//! ```
//!
#![cfg_attr(all(feature = "futures", feature = "http"), doc = "```no_run")]
#![cfg_attr(not(all(feature = "futures", feature = "http")), doc = "```ignore")]
#![doc = "# use sio_codec::engineio::Sid;"]
#![doc = "# use sio_codec::socketio::{Connection, EmitError, Event};"]
#![doc = "# fn react(_: &mut Connection, _: Event) -> Result<(), EmitError> { Ok(()) }"]
#![doc = "# fn fresh_sid() -> Sid { Sid::from_entropy([7; 15]) }"]
#![doc = "# fn main() {}"]
#![doc = "# mod server {"]
#![doc = include_str!("../../examples/one_lock/server.rs")]
#![doc = "# }"]
#![doc = "```"]
//!
//! It does not look at who asks: a server whose pages come from other origins adds headers of CORS, such as those of
//! `tower_http`'s `CorsLayer`, and one with cookies or logins compares origins; [security](super::security) has the list.
//! Clients of Socket.IO 2 are served with [`Config::allow_eio3`](crate::engineio::server::Config::allow_eio3).
//!
//! # Rooms
//!
//! `say` writes its event for each client anew, which is enough for a few hundred. For rooms, and for broadcasts to many, there is
//! the [`Hub`](crate::socketio::hub::Hub): [many sessions](super::many_sessions#members-and-their-sessions) has it beside a
//! `Shared`, with a function that tells a room something.
//!
//! # Other shapes
//!
//! One lock serves many thousand sessions, because it is held only while packets are read and written: about a microsecond
//! for a short message. A program that wants its sessions on all cores, or whose application takes long to react, gives each session
//! to a task of its own: the example [`axum.rs`](https://github.com/siospec/siospec/blob/main/codec/examples/axum.rs) does.
//! A program without a runtime does the same with threads: [a server on threads](super::server_on_threads). One that wants the table
//! of [`Sessions`](crate::engineio::server::Sessions) for itself keeps it behind a lock of its own:
//! [`smol.rs`](https://github.com/siospec/siospec/blob/main/codec/examples/smol.rs) does so, on hyper.
//!
//! [axum]: https://docs.rs/axum
//! [`one_lock`]: https://github.com/siospec/siospec/tree/main/codec/examples/one_lock
