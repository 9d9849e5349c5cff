//! A server on threads, whole: without a runtime.
//!
//! It serves what [the server on tokio](super::whole_server) serves, in the same way, and also ends when it is interrupted. The
//! sessions are [`Shared`](crate::engineio::server::Shared), by threads in place of tasks. A thread waits for a future with
//! `block_on`, and that, with a `sleep`, is all that is needed of a runtime: fifty lines on the standard library.
//!
//! | thread | how many | what it does |
//! |---|---|---|
//! | of a connection | one for each | reads a request, waits for its answer, writes it, and so on; when a request has become a WebSocket, it reads that |
//! | of a writer | one for each WebSocket | waits for messages, and writes them |
//! | of the clock | one | [`keep_deadlines`](crate::engineio::server::Shared::keep_deadlines) |
//! | of ctrlc | one | waits for a signal, and ends the program |
//!
//! The program has four files. `main.rs` is that of [the server on tokio](super::whole_server): `react`, `fresh_sid`, the
//! names of the other three as `mod`, and a `main` that calls `server::serve("127.0.0.1:3000", Default::default())`, without `async`.
//! `server.rs`, `http1.rs` and `wait.rs` are those of the example [`threads`]. These are the dependencies:
//!
//! ```toml
//! bytes = "1"
//! ctrlc = { version = "3", features = ["termination"] }
//! getrandom = "0.4"
//! http = "1"
//! httparse = "1"
//! sio-codec = { version = "0.1", features = ["http"] }
//! tungstenite = { version = "0.30", default-features = false, features = ["handshake"] }
//! ```
//!
//! # `server.rs`, `http1.rs` and `wait.rs`
//!
#![cfg_attr(feature = "http", doc = "```no_run")]
#![cfg_attr(not(feature = "http"), doc = "```ignore")]
#![doc = "# use sio_codec::engineio::Sid;"]
#![doc = "# use sio_codec::socketio::{Connection, EmitError, Event};"]
#![doc = "# fn react(_: &mut Connection, _: Event) -> Result<(), EmitError> { Ok(()) }"]
#![doc = "# fn fresh_sid() -> Sid { Sid::from_entropy([7; 15]) }"]
#![doc = "# fn main() {}"]
#![doc = "# mod server {"]
#![doc = "// ---- server.rs ----"]
#![doc = include_str!("../../examples/threads/server.rs")]
#![doc = "# }"]
#![doc = "# mod http1 {"]
#![doc = "// ---- http1.rs ----"]
#![doc = include_str!("../../examples/threads/http1.rs")]
#![doc = "# }"]
#![doc = "# mod wait {"]
#![doc = "// ---- wait.rs ----"]
#![doc = include_str!("../../examples/threads/wait.rs")]
#![doc = "# }"]
#![doc = "```"]
//!
//! # A client that goes away
//!
//! A WebSocket's thread notices it: reading or writing fails, and the session hears of that when the
//! [`Reader`](crate::engineio::Reader) or the [`Writer`](crate::engineio::Writer) is dropped. A thread that waits for the answer to a
//! GET reads nothing meanwhile, and does not. It need not: the next ping answers the request, after 25 s at most, and the thread
//! is free. No pong comes for that ping, and 20 s later the session ends ([`Config`](crate::engineio::server::Config) has both
//! times). On a runtime with tasks such a wait can be dropped, and the session ends at once.
//!
//! # A WebSocket in both directions
//!
//! A `WebSocket` of tungstenite that waits for a message cannot write one meanwhile. So there are two of them over one connection:
//! one thread reads from its own, and the other one writes to its own. tungstenite also writes while it reads, the pongs and the
//! answer to a Close frame; so both write through one lock, whole frames at a time. When the client closes, the reading thread
//! leaves the answer to the writer, which has the last messages to write before. A client that reads nothing holds its writer up
//! for 30 s; the session counts what waits meanwhile, as [slow consumers](super::slow_consumers) says.
//!
//! # Rooms, and other threads
//!
//! Any thread may say something to any session, with [`act`](crate::engineio::server::Shared::act): what it says leaves at once. So
//! does the route `/say/`, from its connection's thread, in place of a route of your own. `react` runs under the lock, so it must not
//! call `act`. [Many sessions](super::many_sessions#members-and-their-sessions) has rooms beside a `Shared`, and says what they change
//! in `server.rs`.
//!
//! # The end
//!
//! When the program is interrupted, it goes on accepting connections for up to `GRACE`, and refuses what they ask for. Until then
//! its port is not free for the next one. A second signal changes nothing.
//!
//! # What it leaves out
//!
//! `http1.rs` is as much of HTTP as the clients of this protocol use. A body in chunks is refused with status 411, `Expect:
//! 100-continue` is not answered before the body has come, and words in a path are not decoded. Another version of WebSocket than 13
//! gets status 400, and not 426. A connection beyond `MAX_CONNECTIONS` is closed without an answer. Of
//! [what is left to a program](crate::engineio::server#what-is-left-to-the-program) it does the rest; what a server on the internet
//! needs is on the page on [security](super::security).
//!
//! # Without `block_on`
//!
//! A program that wants no futures at all keeps the table of [`Sessions`](crate::engineio::server::Sessions) itself: its page has what
//! is asked of it then.
//!
//! [`threads`]: https://github.com/siospec/siospec/tree/main/codec/examples/threads
