//! A client on tokio, whole.
//!
//! It connects over polling, moves to a WebSocket, connects again when the connection is lost, and ends after its last message
//! was sent. HTTP is [hyper]'s, WebSockets are [tokio-tungstenite]'s; between them and the client's machine stands a
//! [`Driver`](crate::engineio::client::Driver) with a [`Connector`](crate::engineio::client::Connector), which starts a task for
//! each request and one for the WebSocket. It is the example [`client.rs`]; the same on threads is [`client_blocking.rs`].
//!
#![cfg_attr(feature = "http", doc = "```no_run")]
#![cfg_attr(not(feature = "http"), doc = "```ignore")]
#![doc = "# fn main() {}"]
#![doc = "# mod client {"]
#![doc = include_str!("../../examples/client.rs")]
#![doc = "# }"]
#![doc = "```"]
//!
//! What a client does between its connections, and what becomes of the events that it emits meanwhile, is on the page of the
//! [client](crate::socketio::client).
//!
//! [hyper]: https://docs.rs/hyper
//! [tokio-tungstenite]: https://docs.rs/tokio-tungstenite
//! [`client.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/client.rs
//! [`client_blocking.rs`]: https://github.com/siospec/siospec/blob/main/codec/examples/client_blocking.rs
