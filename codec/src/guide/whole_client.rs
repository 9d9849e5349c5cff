//! A client on tokio, whole.
//!
//! It connects over polling, moves to a WebSocket, connects again when the connection is lost, and ends after its last message
//! has arrived. HTTP is [hyper]'s, WebSockets are [tokio-tungstenite]'s; its tasks share the client with
//! [`Shared`](crate::engineio::client::Shared). It is the example [`client.rs`]; the same on threads is [`client_blocking.rs`].
//! These are its dependencies:
//!
//! ```toml
//! bytes = "1"
//! futures-util = "0.3"
//! getrandom = "0.4"
//! http = "1"
//! http-body-util = "0.1"
//! hyper-util = { version = "0.1", features = ["client", "client-legacy", "http1", "tokio"] }
//! sio-codec = { version = "0.1", features = ["futures", "http"] }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
//! tokio-tungstenite = "0.30"
//! ```
//!
#![cfg_attr(all(feature = "futures", feature = "http"), doc = "```no_run")]
#![cfg_attr(not(all(feature = "futures", feature = "http")), doc = "```ignore")]
#![doc = "# fn main() {}"]
#![doc = "# mod client {"]
#![doc = include_str!("../../examples/client.rs")]
#![doc = "# }"]
#![doc = "```"]
//!
//! For `https`, the features of TLS of both libraries are needed: a connector of `hyper-rustls` or `hyper-tls` in place of
//! hyper-util's, and a feature such as `rustls-tls-webpki-roots` of tokio-tungstenite.
//!
//! What a client does between its connections, and what becomes of the events that it emits meanwhile, is on the page of the
//! [client](crate::socketio::client). What was sent just before a connection broke may be lost with it, and this program then
//! waits for ever: one that has to know asks for an acknowledgement with
//! [`emit_with_ack`](crate::socketio::client::Connection::emit_with_ack), or has events sent again until it comes with
//! [`with_retries`](crate::socketio::client::Config::with_retries).
//!
//! [hyper]: https://docs.rs/hyper
//! [tokio-tungstenite]: https://docs.rs/tokio-tungstenite
//! [`client.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/client.rs
//! [`client_blocking.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/client_blocking.rs
