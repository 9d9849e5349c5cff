//! What the connections of both roles share.

mod ack;
mod dialect;
mod door;
mod error;

pub(super) use self::ack::Pending;
pub use self::ack::Reply;
pub use self::dialect::{Dialect, Parser, Protocol};
pub(super) use self::door::Door;
pub use self::error::{DecodeError, DecodeErrorKind, DisconnectReason, EmitError, Violation};
pub use super::peer::Layer;
pub(super) use super::peer::sealed;
pub use super::server::connection::Transmit;
