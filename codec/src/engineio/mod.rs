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
//!
//! # Floors
//!
//! What a folder, or a file that stands alone, may import from; every arrow points down. `tests/floors` holds the code to it.
//!
//! ```text
//! server       → conversation error handshake http ids jsonp line packet payload request revision session sid   sessions of a server, and its router
//! client       → conversation error handshake ids line packet payload request revision session sid              sessions of a client
//! conversation → ids line                                        a WebSocket, as its task sees it
//! session      → error packet payload revision                   what the sessions of both roles share
//! http         → payload request                                 answers to requests
//! request      → jsonp revision sid                              what a request says
//! jsonp        → error                                           scripts and forms around payloads
//! webtransport → error packet revision                           packets in frames of a stream
//! payload      → error packet revision                           packets in a polling body
//! handshake    → error packet revision sid                       the open packet
//! packet       → base64 error revision                           one packet: read and written
//! base64       → error
//! error        →                                                 what can go wrong
//! revision     →                                                 revisions and transports
//! sid          →
//! line         → ids                                             the WebSocket of a session, as a driver keeps it
//! ids          →
//! decisions    →
//! ```

mod base64;
pub mod client;
#[cfg(feature = "std")]
mod conversation;
pub mod decisions;
mod error;
mod handshake;
mod http;
mod ids;
pub mod jsonp;
mod line;
mod packet;
pub mod payload;
mod request;
mod revision;
pub mod server;
mod session;
mod sid;
pub mod webtransport;

pub use base64::Base64;
#[cfg(feature = "futures")]
pub use conversation::ConversationError;
#[cfg(feature = "std")]
pub use conversation::{Conversation, Outbox, Reader, Writer};
pub use error::{
    CloseReason, ConfigError, EncodeError, PacketError, PacketErrorKind, PayloadError, SendError, Violation,
};
pub use handshake::Open;
pub use http::{ContentType, HttpError, Response};
pub use ids::{RequestId, WsId};
pub use line::Outlet;
pub use packet::{Packet, PacketRef, Parts};
pub use payload::format::BodyFormat;
pub use request::{Query, RequestHead, RequestQuery};
pub use revision::{BinaryForm, Revision, Transport};
pub(crate) use session::Intake;
pub use session::encoded::Encoded;
pub use session::{Event, Session};
pub use sid::Sid;
