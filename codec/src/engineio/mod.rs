//! Engine.IO: a session of messages over HTTP polling, a WebSocket, or the first and then the second.
//!
//! ```text
//!  GET ──> Router ──> Handshake::accept ──> ServerSession
//!                                             │
//!   polling ─────────────────────────────────▶│ open packet, messages, heartbeat
//!      │  2probe / 3probe on a WebSocket      │
//!   probing ─────────────────────────────────▶│ packets still go out on polling
//!      │  5                                   │
//!   websocket ───────────────────────────────▶│ everything on the WebSocket
//!      │  close packet, close, fault, timeout │
//!   closed                                    ▼ Event::Closed, once
//! ```
//!
//! [`client::ClientSession`] is the other side of the same picture.

mod base64;
pub mod client;
pub mod decisions;
mod error;
mod handshake;
mod http;
mod ids;
pub mod jsonp;
mod packet;
pub mod payload;
mod request;
mod revision;
pub mod server;
mod session;
mod sid;
pub mod webtransport;

pub use base64::Base64;
pub use error::{
    CloseReason, ConfigError, EncodeError, PacketError, PacketErrorKind, PayloadError, SendError, Violation,
};
pub use handshake::Open;
pub use http::{ContentType, HttpError, Response};
pub use ids::{RequestId, WsId};
pub use packet::{Packet, PacketRef, Parts};
pub use payload::format::BodyFormat;
pub use request::{Query, RequestHead, RequestQuery};
pub use revision::{BinaryForm, Revision, Transport};
pub(crate) use session::Intake;
pub use session::encoded::Encoded;
pub use session::{Event, Session};
pub use sid::Sid;
