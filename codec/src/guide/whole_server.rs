//! A server on tokio, whole.
//!
//! It serves polling, WebSockets and the upgrade between them, slows clients down that send faster than they read, loses nothing
//! of what was sent last, and ends its sessions when it is stopped. HTTP and WebSockets are [axum]'s; the sessions are in a
//! table of [`Sessions`](crate::engineio::server::Sessions) behind one lock. What the application does is in `react`:
//!
//! ```
//! use sio_codec::engineio::Sid;
//! use sio_codec::socketio::{Connection, EmitError, Event};
//!
//! /// Echoes what it gets.
//! fn react(io: &mut Connection, event: Event) -> Result<(), EmitError> {
//!     match event {
//!         Event::ConnectRequested { namespace, .. } if namespace == "/" => io.accept(&namespace, &fresh_sid()),
//!         Event::ConnectRequested { namespace, .. } => io.refuse_unknown(&namespace),
//!         Event::Received { args, reply: Some(reply), .. } => io.acknowledge(reply, &args),
//!         Event::Received { namespace, args, .. } => io.emit(&namespace, "message-back", &args),
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
//! # assert_ne!(fresh_sid(), fresh_sid());
//! # let _ = react;
//! ```
//!
//! # The program
//!
//! It is the example [`one_lock`]; the feature `http` makes [`RequestHead`](crate::engineio::RequestHead) from its requests, and
//! its responses from [`Response`](crate::engineio::Response).
//!
//! To send something from elsewhere, say from another request or for all sessions, call `app.act` with what is to be done to
//! [`machine`](crate::engineio::server::Sessions::machine) or [`machines`](crate::engineio::server::Sessions::machines).
//!
#![cfg_attr(feature = "http", doc = "```no_run")]
#![cfg_attr(not(feature = "http"), doc = "```ignore")]
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
//! And this starts it:
//!
//! ```text
//! let app = App::start(Config::default())?;
//! let routes = axum::Router::new().route("/socket.io/", any(endpoint)).with_state(Arc::clone(&app));
//! axum::serve(listener, routes).with_graceful_shutdown(async move { app.shut_down().await }).await?;
//! ```
//!
//! # Other shapes
//!
//! One lock serves many thousand sessions, because it is held only while packets are read and written: about a microsecond
//! for a short message. A program that wants its sessions on all cores, or whose application takes long to react, gives each session
//! to a task of its own: the example [`axum.rs`](https://github.com/siospec/siospec/blob/main/codec/examples/axum.rs) does.
//! [`smol.rs`](https://github.com/siospec/siospec/blob/main/codec/examples/smol.rs) and
//! [`threads.rs`](https://github.com/siospec/siospec/blob/main/codec/examples/threads.rs) are this program on another runtime, and
//! on none.
//!
//! [axum]: https://docs.rs/axum
//! [`one_lock`]: https://github.com/siospec/siospec/tree/main/codec/examples/one_lock
